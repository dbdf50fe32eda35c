"""Whether something changed, said only beyond the person's own scatter from session to session. Pure.

What is compared is what is shown: only once both figures and the detectable change are rounded is something called a
change. So what is said of two figures holds of those that a person reads.

The minimal detectable change at 95% is ``MDC95 = 1.96 * sqrt(2) * SEM`` (Weir, "Quantifying test-retest reliability
using the intraclass correlation coefficient and the SEM", J Strength Cond Res 2005, 19(1):231-240). SEM is the
within-person standard deviation of repeated measurements; from pairs of sessions that follow each other it is
``sqrt(sum(d**2) / (2 * n))`` (Bland and Altman, "Measurement error", BMJ 1996, 312:1654), with d the difference
within a pair: a slow change over months adds next to nothing to it.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Literal, NamedTuple

from loosen.coach.guidance.past import MATTERS

TrendFinding = Literal["improved", "worse", "same", "early"]
Better = Literal["more", "less", "even"]

MDC_PER_SEM = 1.96 * math.sqrt(2)
START_WEIGHT = 5
"""The value to start from weighs as much as this many pairs of the person's own sessions; our judgement."""
PAIR_DAYS = 14
"""Sessions further apart are no repetition of each other: what lies between may be a real change."""
SESSIONS_AT_LEAST = 4
DAYS_AT_LEAST = 7


class DayValue(NamedTuple):
    """A value on a day."""

    day: date
    value: float


@dataclass(frozen=True, slots=True)
class Scale:
    """How a measure is judged: the detectable change to start from, the least ever used, and what is better.

    `even`: nearer to 0 is better. `step`: what values are rounded to; `change_step`: what a change is rounded to.
    `window`: how many of the first and last values are compared by their medians. `noticed`: a change of so much is one
    that people notice; None where nobody knows. `noticed_share`: so is a change by this share of the first value, if it
    is a point at least; None where nobody knows.
    """

    start: float
    least: float
    better: Better
    step: float
    change_step: float
    window: int = 3
    noticed: float | None = None
    noticed_share: float | None = None


DEGREES = Scale(start=8.0, least=5.0, better="more", step=5.0, change_step=1.0)
"""8 deg to start from; never below 5, to which degrees are rounded: both are our judgement."""
SIDES = replace(DEGREES, better="even")
SCORE = Scale(start=MATTERS, least=MATTERS, better="less", step=0.5, change_step=0.1, noticed=MATTERS)
"""An answer from 0 to 10; only a change of 2 points is one that people notice."""
SORENESS = replace(SCORE, noticed_share=0.3)
"""Of pain, 30% less or more matters too (Dworkin et al., J Pain 2008, 9(2):105-121); of nothing else is that known.

That less than a point is never called such a change is our judgement: 30% of next to nothing is a slip of the answer.
"""
ABILITY = replace(SCORE, better="more")
"""How well something goes, 0 to 10; a change of 2 matters to people, too (Stratford et al. 1995: see `hindrance`)."""
SITTING_MIN = Scale(start=20.0, least=5.0, better="less", step=1.0, change_step=1.0, window=7)
"""Minutes of a day's longest sit; 20 to start from is our judgement. A week is compared with a week."""


def ratio(plus_minus: float) -> Scale:
    """Return the scale of a range that is no angle: it starts from the error of two readings of the camera."""
    error = math.sqrt(2) * plus_minus
    return Scale(start=error, least=error / 2, better="more", step=0.01, change_step=0.01)


class Detectable(NamedTuple):
    """The minimal detectable change, in the measure's unit, and how many pairs of sessions it was learnt from."""

    change: float
    pairs: int


@dataclass(frozen=True, slots=True)
class Trend:
    """What became of a measure. `first` and `last`: the medians of the first and last `window` of its `n` values.

    They are None where there is no value at all. `noticed`: the change between them is of a size that people notice,
    whether or not it is beyond the person's own scatter.
    """

    n: int
    first: float | None
    last: float | None
    detectable: Detectable
    finding: TrendFinding
    window: int = 0
    noticed: bool = False


def rounded(value: float, step: float) -> float:
    """Return a value as it is shown: the nearest multiple of a step."""
    return round(step * round(value / step), 4)


def detectable_change(values: Sequence[DayValue], scale: Scale) -> Detectable:
    """Return the minimal detectable change, learnt from `values` (in the order of time).

    It starts at `scale.start` and moves to the person's own as sessions come: variances are pooled, the start
    weighing as `START_WEIGHT` pairs. Not below `scale.least`.
    """
    squares = [
        (after.value - before.value) ** 2
        for before, after in pairwise(values)
        if (after.day - before.day).days <= PAIR_DAYS
    ]
    started = (scale.start / MDC_PER_SEM) ** 2
    variance = (START_WEIGHT * started + sum(squares) / 2) / (START_WEIGHT + len(squares))
    return Detectable(max(MDC_PER_SEM * math.sqrt(variance), scale.least), len(squares))


def trend(values: Sequence[DayValue], scale: Scale) -> Trend:
    """Say what became of a measure, from `values` in the order of time.

    The median of the first values is compared with that of the last. Fewer than `SESSIONS_AT_LEAST` values, or all
    within `DAYS_AT_LEAST` days, are too early to say anything.
    """
    change, pairs = detectable_change(values, scale)
    detectable = Detectable(rounded(change, scale.change_step), pairs)
    if not values:
        return Trend(0, None, None, detectable, "early")
    window = max(min(scale.window, len(values) // 2), 1)
    first, last = (
        rounded(statistics.median(it.value for it in some), scale.step) for some in (values[:window], values[-window:])
    )
    days = (values[-1].day - values[0].day).days
    early = len(values) < SESSIONS_AT_LEAST or days < DAYS_AT_LEAST
    finding = "early" if early else _finding(first, last, detectable.change, scale.better)
    noticed = scale.noticed is not None and not early and _is_noticed(first, last, scale.noticed, scale.noticed_share)
    return Trend(len(values), first, last, detectable, finding, window, noticed)


def _finding(first: float, last: float, detectable: float, better: Better) -> TrendFinding:
    gain = round({"more": last - first, "less": first - last, "even": abs(first) - abs(last)}[better], 4)
    if abs(gain) <= detectable:
        return "same"
    return "improved" if gain > 0 else "worse"


def _is_noticed(first: float, last: float, points: float, share: float | None) -> bool:
    change = abs(last - first)
    return change >= points or (share is not None and first > 0 and change >= max(1, round(share * first, 4)))
