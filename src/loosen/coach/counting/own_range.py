"""A recording in which nobody reaches the usual level: whether what is there is a person's own range.

Nobody was asked for the movement, so the usual level holds. But whoever does a movement three times alike, whole and
unhurried, below it, does it as far as he can, and his repetitions count.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from loosen.coach.counting.rep import Rep
from loosen.coach.counting.segmentation import ASKED
from loosen.routine.model import Exercise
from loosen.routine.words import Words

AT_LEAST = 3
ALIKE = 0.2  # how much the ranges may differ, as a share of the largest
UNHURRIED_S = 2.0


def with_own_range(reps: Sequence[Rep], exercise: Exercise, words: Words) -> tuple[Rep, ...]:
    """Return the repetitions of a recording, those of the person's own small range as counted.

    Nothing changes where any repetition reaches the usual level, or where those below it are not whole, alike and
    unhurried, or fewer than three.
    """
    if any(rep.counted for rep in reps):
        return tuple(reps)
    small = [rep for rep in reps if _is_whole_but_small(rep, exercise)]
    ranges = [rep.measures["range"].value for rep in small]
    tried = [rep for rep in reps if rep.verdict != "partial"]
    if len(small) < max(AT_LEAST, len(tried)) or max(ranges) - min(ranges) > ALIKE * max(ranges):
        return tuple(reps)
    return tuple(_counted(rep, exercise, words) if rep in small else rep for rep in reps)


def _is_whole_but_small(rep: Rep, exercise: Exercise) -> bool:
    """Whether a repetition did not count for its size alone."""
    level, usual = rep.measures["range"].value, exercise.seen.counts_at
    others = {fault.id for fault in exercise.faults if fault.verdict is not None}
    unhurried = rep.end_s - rep.start_s >= UNHURRIED_S and not others & set(rep.faults)
    needs = {need.reason for need in exercise.seen.needs if need.otherwise == "shallow"}
    if not rep.reasons or needs & set(rep.reasons):
        return False  # something else was missing
    return rep.verdict == "shallow" and ASKED * usual <= level < usual and unhurried and "no-stop" not in rep.faults


def _counted(rep: Rep, exercise: Exercise, words: Words) -> Rep:
    """Return a repetition as it counts in the person's own range: full, for the others are no larger."""
    faults = tuple(fault for fault in rep.faults if fault != "shallow")
    reasons = {fault.id: fault.reason for fault in exercise.faults}
    said = (words["verdict.own-range"], *(reasons[fault] for fault in faults if fault in reasons))
    return msgspec.structs.replace(rep, counted=True, verdict="full", faults=faults, reasons=said)
