"""Ten minutes of fidgeting before an open gate are no repetition of anything."""

from __future__ import annotations

import pytest
from fidgeting import fidgeting
from people import ROUTINE, WORDS

from loosen.body.signals import SignalReader
from loosen.coach.counting.counter import Counter
from loosen.coach.counting.rep import Rep
from loosen.routine.model import Exercise

EVERY = ROUTINE.all_exercises()


def counted(exercise: Exercise, minutes: float, seed: int) -> list[Rep]:
    """Return what a guided set counts of somebody who fidgets; the gate has just measured how he stands."""
    reader = SignalReader()
    poses = list(fidgeting(exercise.seen.shown, 60 * minutes, seed=seed))
    first = [reader.read(pose) for pose in poses[:20]]
    baseline = {name: value for name, value in first[-1].values.items() if value == value}
    counter = Counter(exercise, WORDS, baseline=baseline, guided=True)
    seen_from = {"side": ("side", "oblique"), "front": ("front", "oblique"), "any": ("front", "side", "oblique")}
    views = seen_from[exercise.seen.view]
    reps = []
    for pose in poses[20:]:
        frame = reader.read(pose)
        if counter.phase == "rest" and frame.view not in views:
            continue  # as in a set: in a wrong view the coach waits
        reps += counter.see(frame)
    return [rep for rep in reps if rep.counted]


@pytest.mark.parametrize("exercise", EVERY, ids=[exercise.id for exercise in EVERY])
def test_ten_minutes_of_scratching_shifting_turning_and_talking_count_nothing(exercise: Exercise) -> None:
    found = [(rep.start_s, rep.end_s, rep.measures["range"].value) for rep in counted(exercise, 10, seed=1)]
    assert found == []
