"""One exercise of one session, summed up: the same figures for the coach's summary, the journal and the report."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence

import msgspec

from loosen.coach.counting.rep import Measure, Rep, Side
from loosen.routine.model import Seen
from loosen.routine.words import Words
from loosen.text import named_measure_text


class ExerciseResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an exercise. Values are medians over the counted repetitions, None where none was measured.

    `range` carries half a 95% interval of the camera, which does not average away over repetitions. `also`: the second
    signal that the routine file asks for (`Seen.also`), such as the arch below raised arms. `left` and `right`:
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
    also: Measure | None = None
    left: float | None = None
    right: float | None = None
    apart: Measure | None = None
    stop_s: float | None = None
    out_s: float | None = None
    back_s: float | None = None

    def range_texts(self, seen: Seen | None, words: Words) -> list[str]:
        """Return its range and that of the second signal with what they are of: "lean back 20° ± 5°".

        `seen` is None where the routine does not know the exercise.
        """
        names = ("", "") if seen is None else (seen.signal, seen.also)
        taken = zip(names, (self.range, self.also), strict=True)
        return [
            named_measure_text(name, it.value, it.plus_minus, it.unit, words) for name, it in taken if it is not None
        ]


def exercise_result(exercise: str, reps: Sequence[Rep], *, done: int = 0, hurt: bool = False) -> ExerciseResult:
    """Sum up the repetitions of one exercise. `done`: how many were done in all, if more than were counted."""
    counted = [rep for rep in reps if rep.counted]
    taken: dict[str, list[Measure]] = {}
    for rep in counted:
        for name, measure in rep.measures.items():
            taken.setdefault(name, []).append(measure)
    found = _median(taken.get("range"))
    left, right = (_side(counted, side, taken.get(f"range_{side}")) for side in ("left", "right"))
    apart = _median(taken.get("left_right"))
    if apart is None and found is not None and left is not None and right is not None:
        apart = Measure(left - right, found.unit, math.sqrt(2) * found.plus_minus)
    return ExerciseResult(
        exercise=exercise,
        attempts=len(reps),
        counted=len(counted),
        done=max(len(counted), done),
        hurt=hurt,
        verdicts=dict(Counter(rep.verdict for rep in reps).most_common()),
        faults=dict(Counter(fault for rep in reps for fault in rep.faults).most_common()),
        range=found,
        also=_median(taken.get("also")),
        left=left,
        right=right,
        apart=apart,
        stop_s=_value(taken.get("still_s") or taken.get("stop_s")),
        out_s=_value(taken.get("out_s")),
        back_s=_value(taken.get("back_s")),
    )


def _side(counted: Sequence[Rep], side: Side, own: Sequence[Measure] | None) -> float | None:
    """Return a side's `own` range: measured as such, or that of the repetitions that were this side's."""
    return _value(own or [rep.measures["range"] for rep in counted if rep.side == side and "range" in rep.measures])


def _median(taken: Sequence[Measure] | None) -> Measure | None:
    """Return the median of a measure, with the median of its errors; None if it was never taken."""
    if not taken:
        return None
    value, error = (statistics.median(them) for them in zip(*((it.value, it.plus_minus) for it in taken), strict=True))
    return Measure(value, taken[0].unit, error)


def _value(taken: Sequence[Measure] | None) -> float | None:
    return statistics.median([it.value for it in taken]) if taken else None
