"""Which foot is where, seen from the side.

Pose models swap or collapse the ankles when one leg hides the other, with high confidence. But a foot cannot jump:
each is told from the other by its last place and speed, and where neither reading fits, a foot is taken to stay until
the readings agree again. Which of the two is the left one is voted on through a whole stride, by the model's word and
by the floor, which rises in the picture away from the camera: the foot that stands lower is the nearer one.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from math import isnan

Point = tuple[float, float]
NAN = math.nan

# In leg lengths and seconds. A reading may miss the predicted place by JUMP, by a share of the way at the last speed,
# and by what a foot accelerates in a brisk step (20 leg lengths a second squared).
JUMP = 0.07
SHARE_OF_WAY = 0.5
ACCELERATION = 10.0
BELIEVED_S = 0.25  # readings that agree with each other for so long are believed
COLLAPSED_BELIEVED_S = 0.6  # ... when they bring the feet suddenly together, this long
TOGETHER = 0.12  # closer than this, either foot may be the left one
GAP_S = 0.6  # after a longer gap nothing is predicted
# Feet 0.2 m apart in depth, 2.7 m before a camera 0.9 m up, stand 0.9 * 0.2 / 2.7 = 0.07 m apart in the picture,
# that is 0.08 leg lengths; half of it is already as clear as can be.
FLOOR_RISE = 0.04
FLOOR_WEIGHT = 1.5  # against one for the model's word, which is often wrong through a whole stride
LIFTED = 0.08  # a foot in the air tells nothing about the floor


@dataclass(slots=True)
class _Foot:
    """One foot: its place along the picture, lowest point, floor and speed, and the readings that were not believed."""

    x: float = NAN
    low: float = NAN
    floor: float = NAN
    speed: float = 0.0
    doubt: float = NAN
    doubt_s: float = 0.0
    last: deque[float] = field(default_factory=lambda: deque(maxlen=5))

    @property
    def doubted(self) -> bool:
        return not isnan(self.doubt)

    def predicted(self, dt_s: float) -> float:
        return self.x + self.speed * dt_s

    def tolerance(self, dt_s: float) -> float:
        return JUMP + SHARE_OF_WAY * abs(self.speed) * dt_s + ACCELERATION * dt_s**2

    def believe(self, x: float, dt_s: float) -> None:
        if dt_s > 0 and not isnan(self.x):
            rate = max(-4.0, min(4.0, (x - self.x) / dt_s))
            self.speed += (rate - self.speed) * (1 - math.exp(-dt_s / 0.08))
        self.x, self.doubt_s, self.doubt = x, 0.0, NAN
        self.last.append(x)

    def stay(self, reading: float, dt_s: float) -> None:
        if not self.doubted and self.last and abs(self.speed) < 0.6:
            # The last reading before the model errs is often half wrong already.
            self.x = sorted(self.last)[len(self.last) // 2]
        self.speed *= math.exp(-dt_s / 0.1)
        away = abs(reading - self.doubt) if self.doubted else 1.0
        # Readings that hardly move are of a standing foot: they are believed sooner than ones that wander.
        agrees = away < 0.03 + 0.6 * dt_s
        self.doubt_s = self.doubt_s + dt_s * (2.5 if away < 0.02 else 1.0) if agrees else 0.0
        self.doubt = reading

    @property
    def lift(self) -> float:
        """How far the foot is above its floor, in pixels."""
        return self.floor - self.low

    def stand(self, low: float, leg: float, dt_s: float) -> None:
        """Follow the foot's lowest point (y in pixels), eased over a fifth of a second: noise is no lifting.

        The floor is the lowest place of all: it goes down at once and up slowly, 2% of a leg length a second.
        """
        if not self.doubted:
            known = not isnan(self.low) and not isnan(low)
            self.low = self.low + (low - self.low) * (1 - math.exp(-dt_s / 0.2)) if known else low
        if isnan(self.floor) or self.low > self.floor:
            self.floor = self.low
        elif not isnan(self.low):
            self.floor -= min(self.floor - self.low, 0.02 * leg * dt_s)


class Feet:
    """Follows both feet through a side view; lengths come out in leg lengths."""

    def __init__(self) -> None:
        self._left, self._right = _Foot(), _Foot()
        self._votes = 0.0

    def read(self, p: list[Point | None], ahead: float, leg: float, dt_s: float) -> dict[str, float]:
        """Return the signals of the feet, from 33 points in pixels, the facing (1 right, -1 left) and leg length."""
        a, b = p[27], p[28]
        if a is None or b is None:
            return {}
        left_x, right_x = a[0] * ahead / leg, b[0] * ahead / leg
        swapped = self._follow(left_x, right_x, dt_s)
        left, right = self._left.x, self._right.x
        first, second = _lowest(p, 27, 29, 31), _lowest(p, 28, 30, 32)
        if swapped:
            first, second = second, first
        self._vote(abs(left - right), (second - first) * ahead / leg, leg, swapped=swapped)
        values = {
            "foot_gap": abs(left - right),
            "left_foot_ahead": (left - right) * (1.0 if self._votes >= 0 else -1.0),
            "feet_forward": (left + right) / 2,
        }
        for foot, low in ((self._left, first), (self._right, second)):
            foot.stand(low, leg, dt_s)
        rear = self._left if left < right else self._right
        return values | {"rear_foot_lift": rear.lift / leg}

    def _vote(self, gap: float, nearer: float, leg: float, *, swapped: bool) -> None:
        """Let the readings of one stride decide together whether the left foot is the left one; each may be wrong.

        `nearer`: how much lower the near side's foot stands in the picture than the far side's, in leg lengths.
        """
        if gap < TOGETHER:
            self._votes = 0.0
        elif not self._left.doubted and not self._right.doubted:
            self._votes += -1.0 if swapped else 1.0
            if not isnan(nearer) and not max(self._left.lift / leg, self._right.lift / leg) > LIFTED:
                self._votes += FLOOR_WEIGHT * max(-1.0, min(1.0, nearer / FLOOR_RISE))

    def _follow(self, left_x: float, right_x: float, dt_s: float) -> bool:
        """Take both readings; return whether the model had exchanged the feet."""
        left, right = self._left, self._right
        if isnan(left.x) or dt_s > GAP_S:
            self._left, self._right = (_Foot(x, foot.low, foot.floor) for x, foot in ((left_x, left), (right_x, right)))
            return False
        at_left, at_right = left.predicted(dt_s), right.predicted(dt_s)
        straight = abs(left_x - at_left) + abs(right_x - at_right)
        crossed = abs(right_x - at_left) + abs(left_x - at_right)
        swapped = crossed + 0.02 < straight
        if swapped:
            left_x, right_x = right_x, left_x
        readings = ((left, left_x, at_left), (right, right_x, at_right))
        fits = [abs(x - predicted) <= foot.tolerance(dt_s) for foot, x, predicted in readings]
        # Where one leg hides the other, both readings err and meet; then they are believed only late.
        together = abs(left_x - right_x) < abs(left.x - right.x) - 0.25
        patience_s = COLLAPSED_BELIEVED_S if together and not any(fits) else BELIEVED_S
        for (foot, x, _), fit in zip(readings, fits, strict=True):
            if fit or foot.doubt_s >= patience_s:
                foot.believe(x, dt_s)
            else:
                foot.stay(x, dt_s)
        return swapped


def _lowest(p: list[Point | None], *landmarks: int) -> float:
    """Return the lowest of some landmarks, as y in pixels downward."""
    heights = [point[1] for landmark in landmarks if (point := p[landmark]) is not None]
    return max(heights) if heights else NAN
