"""A personal template: how unlike the person's own good repetitions another one is.

Every signal of a repetition is resampled to the same length. The unlikeness is the mean over signals of the distance
from the template's mean, in units of how much the template's own repetitions, and any camera, differ.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from loosen.body.signal_catalogue import SIGNALS

if TYPE_CHECKING:
    from loosen.body.signals import SignalFrame

POINTS = 25
OWN = 3
"""How many good repetitions make a template."""
REMEMBERED = 20
"""A later repetition weighs as one among so many: a template follows the person slowly and forgives a bad day."""

# How much two repetitions of one person may differ without meaning anything, by unit; our own judgement, near the
# signals' stated errors.
_FLOOR = {"deg": 6.0, "leg": 0.05, "torso": 0.08, "share": 0.3}
_LENGTH_FLOOR = 0.25  # of the natural logarithm: a quarter longer or shorter
# Places along the picture, and signals that are only 0 or 1, say nothing of form.
_LEFT_OUT = frozenset({"feet_forward", "hand_on_back", "left_foot_ahead", "rear_foot_lift", "hip_height"})
NAMES = tuple(name for name in SIGNALS if name not in _LEFT_OUT)


class Shape(msgspec.Struct, frozen=True):
    """One repetition: its length in s, and POINTS values of each signal that was known, evenly over it."""

    length_s: float
    signals: dict[str, tuple[float, ...]]


class Template(msgspec.Struct, frozen=True):
    """What a person's good repetitions have in common.

    `n`: how many there were. `middle`: the mean of each signal at POINTS places. `scatter`: the mean square of
    their differences from it, in the signal's unit squared. `seen`: in how many of them a signal was known.
    """

    n: int = 0
    length_s: float = 0.0
    middle: dict[str, tuple[float, ...]] = {}
    scatter: dict[str, float] = {}
    seen: dict[str, int] = {}

    @property
    def known(self) -> bool:
        """Whether there were enough to compare with."""
        return self.n >= OWN

    def with_one_more(self, shape: Shape) -> Template:
        """Return the template that has learnt one more repetition; a signal that is unknown in it stays as it was."""
        middle, scatter, seen = dict(self.middle), dict(self.scatter), dict(self.seen)
        for name, new in shape.signals.items():
            seen[name] = seen.get(name, 0) + 1
            share, old = _share(seen[name]), middle.get(name, new)
            middle[name] = tuple(a + share * (b - a) for a, b in zip(old, new, strict=True))
            scatter[name] = (1 - share) * (scatter.get(name, 0.0) + share * _mean_square(new, old))
        length_s = self.length_s + _share(self.n + 1) * (shape.length_s - self.length_s)
        return Template(self.n + 1, length_s, middle, scatter, seen)

    def rounded(self) -> Template:
        """Return the template to be kept, with no more digits than mean anything."""
        middle = {
            name: tuple(round(value, 1 if name.endswith("_deg") else 3) for value in values)
            for name, values in self.middle.items()
        }
        scatter = {name: round(value, 6) for name, value in self.scatter.items()}
        return Template(self.n, round(self.length_s, 3), middle, scatter, self.seen)

    def unlikeness(self, shape: Shape) -> float:
        """Return how unlike the template a repetition is: about 1 is like it; NaN where nothing can be compared."""
        parts = [
            math.sqrt(
                _mean_square(shape.signals[name], middle) / (self.scatter[name] + _FLOOR[SIGNALS[name].unit] ** 2)
            )
            for name, middle in sorted(self.middle.items())
            if name in shape.signals and self.seen[name] >= OWN
        ]
        if self.length_s > 0 and shape.length_s > 0:
            parts.append(abs(math.log(shape.length_s / self.length_s)) / _LENGTH_FLOOR)
        return sum(parts) / len(parts) if parts else math.nan


def shape_of(frames: Sequence[SignalFrame], start_s: float, end_s: float) -> Shape:
    """Return the shape of the repetition between two times; a signal known in fewer than five frames is left out."""
    inside = [frame for frame in frames if start_s - 0.2 <= frame.t_s <= end_s + 0.2]
    signals: dict[str, tuple[float, ...]] = {}
    for name in NAMES:
        known = [(frame.t_s, value) for frame in inside if not math.isnan(value := frame[name])]
        if len(known) >= 5:
            signals[name] = _resampled(known, start_s, end_s)
    return Shape(end_s - start_s, signals)


def _resampled(known: Sequence[tuple[float, float]], start_s: float, end_s: float) -> tuple[float, ...]:
    """Return POINTS values, straight between neighbours and level beyond the ends."""
    import numpy as np  # not needed to keep a template

    times, values = zip(*known, strict=True)
    return tuple(np.interp(np.linspace(start_s, end_s, POINTS), times, values).tolist())


def _share(n: int) -> float:
    """Return the weight of the nth repetition."""
    return 1 / min(n, REMEMBERED)


def _mean_square(a: Sequence[float], b: Sequence[float]) -> float:
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) / len(a)
