"""A personal template: how far a repetition lies from the person's own first three good ones.

Every signal of a repetition is drawn out to the same length; the distance is the mean over signals of how far it lies
from the template's middle, in units of how much the template's own repetitions and any sensor differ.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loosen.body.catalogue import SIGNALS
from loosen.body.signals import Seen
from loosen.coach.report import Rep

POINTS = 25
OWN = 3
# What two repetitions of one person may differ by without meaning anything, by unit.
FLOOR = {"deg": 6.0, "leg": 0.05, "torso": 0.08, "share": 0.3}
# Places along the picture, and yes-or-no signals, say nothing of form.
LEFT_OUT = frozenset({"feet_forward", "hand_on_back", "left_foot_ahead", "rear_foot_lift", "hip_height"})


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """One repetition: its signals (name -> (POINTS,) float, NaN where unknown), length in s, and when it began."""

    start_s: float
    length_s: float
    signals: dict[str, NDArray[np.float64]]


def shapes_of(seen: Sequence[Seen], reps: Sequence[Rep]) -> tuple[Shape, ...]:
    """Return the shapes of repetitions, from the recording's signals."""
    times = np.array([one.t_s for one in seen])
    names = [name for name in SIGNALS if name not in LEFT_OUT]
    table = {name: np.array([one[name] for one in seen], float) for name in names}
    out = []
    for rep in reps:
        at = np.linspace(rep.start_s, rep.end_s, POINTS)
        signals = {}
        for name, values in table.items():
            known = np.isfinite(values) & (times >= rep.start_s - 0.2) & (times <= rep.end_s + 0.2)
            if known.sum() >= 5:
                signals[name] = np.interp(at, times[known], values[known])
        out.append(Shape(rep.start_s, rep.end_s - rep.start_s, signals))
    return tuple(out)


def distance(shape: Shape, template: Sequence[Shape]) -> float:
    """Return how unlike its template a repetition is; about 1 is like it, NaN where nothing can be compared."""
    parts: list[float] = []
    for name, values in shape.signals.items():
        own = [one.signals[name] for one in template if name in one.signals]
        if len(own) < len(template):
            continue
        middle = np.mean(own, axis=0)
        scatter = float(np.sqrt(np.mean([(one - middle) ** 2 for one in own])))
        unit = math.hypot(scatter, FLOOR[SIGNALS[name].unit])
        parts.append(float(np.sqrt(np.mean((values - middle) ** 2))) / unit)
    lengths = [one.length_s for one in template]
    usual = sum(lengths) / len(lengths)
    if usual > 0 and shape.length_s > 0:
        parts.append(abs(math.log(shape.length_s / usual)) / 0.25)
    if not parts:
        return math.nan
    # The root mean square lets one signal that is far off speak up.
    return float(np.sqrt(np.mean(np.square(parts))))
