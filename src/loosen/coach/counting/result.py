"""One exercise of one session, summed up: the same figures for the coach's summary, the journal and the report."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from loosen.coach.counting.report import Measure, Rep, Side


class ExerciseResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an exercise. Values are medians over the counted repetitions, None where none was measured.

    `range` carries half a 95% interval of the camera, which does not average away over repetitions. `left` and `right`:
    each side's own range; `apart`: left less right. `done`: repetitions counted, or led by the voice. `verdicts` and
    `faults` count attempts, the commonest first. `hurt`: "this hurts" was said.
    """

    exercise: str
    attempts: int
    counted: int
    done: int
    hurt: bool
    verdicts: dict[str, int]
    faults: dict[str, int]
    range: Measure | None = None
    left: float | None = None
    right: float | None = None
    apart: Measure | None = None
    stop_s: float | None = None
    out_s: float | None = None
    back_s: float | None = None


def exercise_result(exercise: str, reps: Sequence[Rep], *, done: int = 0, hurt: bool = False) -> ExerciseResult:
    """Sum up the repetitions of one exercise. `done`: how many were done in all, if more than were counted."""
    counted = [rep for rep in reps if rep.counted]
    measures = [rep.measures for rep in counted]
    found = _measure(measures, "range")
    left, right = (_side(counted, side) for side in ("left", "right"))
    apart = _measure(measures, "left_right")
    if apart is None and found is not None and left is not None and right is not None:
        apart = Measure(left - right, found.unit, math.sqrt(2) * found.plus_minus)
    return ExerciseResult(
        exercise=exercise,
        attempts=len(reps),
        counted=len(counted),
        done=max(len(counted), done),
        hurt=hurt,
        verdicts=_tally(rep.verdict for rep in reps),
        faults=_tally(fault for rep in reps for fault in rep.faults),
        range=found,
        left=left,
        right=right,
        apart=apart,
        stop_s=_median(measures, "still_s", "stop_s"),
        out_s=_median(measures, "out_s"),
        back_s=_median(measures, "back_s"),
    )


def _side(counted: Sequence[Rep], side: Side) -> float | None:
    """Return a side's own range: measured as such, or that of the repetitions that were this side's."""
    own = _median([rep.measures for rep in counted], f"range_{side}")
    return own if own is not None else _median([rep.measures for rep in counted if rep.side == side], "range")


def _measure(measures: Sequence[dict[str, Measure]], name: str) -> Measure | None:
    """Return the median of a measure, with the median of its errors."""
    value = _median(measures, name)
    if value is None:
        return None
    taken = [it[name] for it in measures if name in it]
    return Measure(value, taken[0].unit, statistics.median([it.plus_minus for it in taken]))


def _median(measures: Sequence[dict[str, Measure]], *names: str) -> float | None:
    """Return the median of the first of these measures that was taken at all."""
    for name in names:
        if values := [it[name].value for it in measures if name in it]:
            return statistics.median(values)
    return None


def _tally(words: Iterable[str]) -> dict[str, int]:
    return dict(Counter(words).most_common())
