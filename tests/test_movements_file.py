"""The benchmark's movements are a routine like any other: adding them needed no code.

The whole check takes minutes: `loosen routine check benchmarks/movements.toml`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from people import body

from loosen.body.synthetic_body import Manner, SyntheticCamera, manners_for, recording
from loosen.coach.counting.coach import Coach
from loosen.coach.counting.rep import Report
from loosen.coach.routine_check import vet
from loosen.routine.fields import Plane
from loosen.routine.model import Routine
from loosen.routine.reader import read_routine

FILE = Path(__file__).parent.parent / "benchmarks" / "movements.toml"
IDS = (
    "lateral-raise", "shoulder-flexion", "scaption", "overhead-press", "squat", "lunge", "hurdle-step", "sit-to-stand",
    "jumping-jack",
)  # fmt: skip


@pytest.fixture(scope="module")
def movements() -> Routine:
    return vet(read_routine(FILE))


def watched(movements: Routine, name: str, *, view: Plane, reach: float = 1.0, from_s: float = 0.0) -> Report:
    """Return what the coach makes of three repetitions by the movement's own figure."""
    exercise = movements.exercise(name)
    person = body(exercise, manners_for(exercise, 3, Manner(reach=reach)))
    coach = Coach(movements, name)
    for pose in recording(person, SyntheticCamera(view, jitter=0.005), seed=2):
        if pose.t_s >= from_s:
            coach.see(pose)
    coach.finish()
    return coach.report(name)


def test_the_file_defines_what_the_recordings_show(movements: Routine) -> None:
    assert {exercise.id for exercise in movements.exercises} == set(IDS)


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("view", ["front", "side"])
def test_every_movement_is_counted_from_the_front_and_from_the_side(movements: Routine, name: str, view: Plane) -> None:
    report = watched(movements, name, view=view)
    assert report.counted == 3
    assert [rep.verdict for rep in report.reps] == ["full"] * 3


@pytest.mark.parametrize("name", IDS)
def test_an_eighth_of_the_way_is_no_repetition(movements: Routine, name: str) -> None:
    assert watched(movements, name, view="side", reach=0.12).counted == 0


def test_a_recording_that_begins_on_the_chair_shows_its_first_rise(movements: Routine) -> None:
    exercise = movements.exercise("sit-to-stand")
    still_s, out_s, stop_s = 2.5, sum(exercise.tempo.out_s) / 2, exercise.tempo.stop_s
    seated_s = still_s + out_s + 0.3 * stop_s
    report = watched(movements, "sit-to-stand", view="side", from_s=seated_s)
    assert report.counted == 3
