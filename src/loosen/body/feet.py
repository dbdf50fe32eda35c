"""Which foot is where, seen from the side.

Pose models swap or collapse the ankles when one leg hides the other, with high confidence. A foot cannot jump: so
each is told from the other by where it was a moment ago and how fast it went, and where neither reading fits, it
stays where it was until the readings make sense again. Which of the two is the left one is voted on through a whole
stride, by the model's word for it and by the floor, which rises in the picture away from the camera: the foot that
stands lower is the nearer one.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from math import isnan

Point = tuple[float, float]
NAN = math.nan

# In leg lengths and seconds. A reading may miss the place that the last speed foretells by JUMP, by a share of the
# way at that speed, and by what a foot gathers in a brisk step (20 leg lengths a second squared).
JUMP = 0.07
OF_WAY = 0.5
GATHERS = 10.0
RELOCK_S = 0.25  # readings that agree with each other for so long are believed
COLLAPSED_RELOCK_S = 0.6  # ... when they bring the feet suddenly together, this long
TOGETHER = 0.12  # closer than this, either foot may be the left one
GAP_S = 0.6  # after a longer gap nothing is foretold
# Feet 0.2 m apart in depth, 2.7 m before a camera 0.9 m up, stand 0.9 * 0.2 / 2.7 = 0.07 m apart in the picture,
# that is 0.08 leg lengths; half of it is already as clear as can be.
FLOOR_RISE = 0.04
FLOOR_WEIGHT = 1.5  # against one for the model's word, which is often wrong through a whole stride
LIFTED = 0.08  # a foot in the air tells nothing about the floor


@dataclass(slots=True)
class _Foot:
    """One foot's place along the picture, its speed, and what has been told of it but not believed."""

    x: float = NAN
    speed: float = 0.0
    doubt: float = NAN
    doubt_s: float = 0.0
    last: deque[float] = field(default_factory=lambda: deque(maxlen=5))

    @property
    def doubted(self) -> bool:
        return not isnan(self.doubt)

    def foretold(self, dt_s: float) -> float:
        return self.x + self.speed * dt_s

    def reach(self, dt_s: float) -> float:
        return JUMP + OF_WAY * abs(self.speed) * dt_s + GATHERS * dt_s**2

    def believe(self, x: float, dt_s: float) -> None:
        if dt_s > 0 and not isnan(self.x):
            rate = max(-4.0, min(4.0, (x - self.x) / dt_s))
            self.speed += (rate - self.speed) * (1 - math.exp(-dt_s / 0.08))
        self.x, self.doubt_s, self.doubt = x, 0.0, NAN
        self.last.append(x)

    def stay(self, told: float, dt_s: float) -> None:
        if not self.doubted and self.last and abs(self.speed) < 0.6:
            # The last reading before things go astray is often half astray already.
            self.x = sorted(self.last)[len(self.last) // 2]
        self.speed *= math.exp(-dt_s / 0.1)
        away = abs(told - self.doubt) if self.doubted else 1.0
        # Readings that hardly move are a standing foot: they convince sooner than ones that wander.
        self.doubt_s = (
            self.doubt_s + dt_s * (2.5 if away < 0.02 else 1.0) if away < 0.03 + 0.6 * dt_s else 0.0
        )
        self.doubt = told


class Feet:
    """Follows both feet through a side view; lengths come out in leg lengths."""

    def __init__(self) -> None:
        self._left, self._right = _Foot(), _Foot()
        self._votes = 0.0
        self._low_left = NAN
        self._low_right = NAN
        self._floor_left = NAN
        self._floor_right = NAN

    def read(self, p: list[Point | None], ahead: float, leg: float, dt_s: float) -> dict[str, float]:
        """Return the signals of the feet, from 33 points in pixels, the facing (1 right, -1 left) and leg length."""
        a, b = p[27], p[28]
        if a is None or b is None:
            return {}
        told_left, told_right = a[0] * ahead / leg, b[0] * ahead / leg
        swapped = self._follow(told_left, told_right, dt_s)
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
        if not self._left.doubted:
            self._low_left = _eased(self._low_left, first, dt_s)
        if not self._right.doubted:
            self._low_right = _eased(self._low_right, second, dt_s)
        self._floor_left = _floor(self._floor_left, self._low_left, dt_s, leg)
        self._floor_right = _floor(self._floor_right, self._low_right, dt_s, leg)
        if left < right:
            values["rear_foot_lift"] = (self._floor_left - self._low_left) / leg
        else:
            values["rear_foot_lift"] = (self._floor_right - self._low_right) / leg
        return values

    def _vote(self, gap: float, nearer: float, leg: float, *, swapped: bool) -> None:
        """Let the readings of one stride say together whether the left foot is the left one; each may be wrong.

        `nearer`: how much lower the near side's foot stands in the picture than the far side's, in leg lengths.
        """
        if gap < TOGETHER:
            self._votes = 0.0
        elif not self._left.doubted and not self._right.doubted:
            self._votes += -1.0 if swapped else 1.0
            lifts = (self._floor_left - self._low_left) / leg, (self._floor_right - self._low_right) / leg
            if not isnan(nearer) and not max(lifts) > LIFTED:
                self._votes += FLOOR_WEIGHT * max(-1.0, min(1.0, nearer / FLOOR_RISE))

    def _follow(self, told_left: float, told_right: float, dt_s: float) -> bool:
        """Take both readings; return whether they came exchanged."""
        left, right = self._left, self._right
        if isnan(left.x) or dt_s > GAP_S:
            self._left, self._right = _Foot(told_left), _Foot(told_right)
            return False
        at_left, at_right = left.foretold(dt_s), right.foretold(dt_s)
        straight = abs(told_left - at_left) + abs(told_right - at_right)
        crossed = abs(told_right - at_left) + abs(told_left - at_right)
        swapped = crossed + 0.02 < straight
        if swapped:
            told_left, told_right = told_right, told_left
        told = ((left, told_left, at_left), (right, told_right, at_right))
        fits = [abs(x - foretold) <= foot.reach(dt_s) for foot, x, foretold in told]
        # Where one leg hides the other, both readings go astray and meet; then they are believed only late.
        together = abs(told_left - told_right) < abs(left.x - right.x) - 0.25
        patience_s = COLLAPSED_RELOCK_S if together and not any(fits) else RELOCK_S
        for (foot, x, _), fit in zip(told, fits, strict=True):
            if fit or foot.doubt_s >= patience_s:
                foot.believe(x, dt_s)
            else:
                foot.stay(x, dt_s)
        return swapped


def _lowest(p: list[Point | None], *joints: int) -> float:
    heights = [point[1] for joint in joints if (point := p[joint]) is not None]
    return max(heights) if heights else NAN


def _eased(old: float, low: float, dt_s: float) -> float:
    """Ease a height over a fifth of a second, so that noise does not count as lifting."""
    if isnan(old) or isnan(low):
        return low
    return old + (low - old) * (1 - math.exp(-dt_s / 0.2))


def _floor(old: float, low: float, dt_s: float, leg: float) -> float:
    """Follow the lowest place of a foot: down at once, up slowly (2% of a leg length a second)."""
    if isnan(low):
        return old
    if isnan(old) or low > old:
        return low
    return old - min(old - low, 0.02 * leg * dt_s)
