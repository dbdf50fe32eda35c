"""The cue that helps most after one repetition, or after many."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable

from loosen.coach.counting.rep import Rep
from loosen.routine.model import Exercise
from loosen.routine.words import Words


def best_cue(exercise: Exercise, reps: Iterable[Rep], words: Words) -> str:
    """Return the cue for the fault that most of the repetitions have; empty if they have none.

    The routine file's order of faults settles a tie; the coach's own, too short and without a stop, come after them.
    """
    cues = {fault.id: fault.cue for fault in exercise.faults}
    cues |= {"shallow": words["cue.shallow"], "no-stop": words["cue.no-stop"]}
    tally = Tally(fault for rep in reps for fault in rep.faults)
    commonest = max(cues, key=lambda fault: tally[fault])  # of equals, the first
    return cues[commonest] if tally[commonest] else ""
