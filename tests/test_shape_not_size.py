"""In a set, what was asked for counts by its shape: a small one of anybody's does, fidgeting does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import numpy as np
import pytest
from people import ROUTINE, WORDS, body

from loosen.body.figure import FigureMotion
from loosen.body.pose import Pose
from loosen.body.signals import SignalReader
from loosen.body.synthetic_body import Manner, SyntheticCamera, manners_for, project, recording
from loosen.coach.counting.counter import Counter, start_values
from loosen.coach.counting.rep import Rep
from loosen.routine.model import Exercise
from loosen.routine.poses import Step

WAYS = {exercise.id: exercise for exercise in ROUTINE.all_exercises()}
every_way = pytest.mark.parametrize("exercise", WAYS.values(), ids=WAYS)
FIDGETS: dict[str, dict[str, Any]] = {
    "scratching the head": {"arm_forward_right_deg": 70, "arm_side_right_deg": 50, "elbow_right_deg": 125},
    "both hands behind the head": {"arm_side_deg": 110, "elbow_deg": 140, "arm_turn_deg": -90},
    "hands on the hips": {"hands": "hips"},
    "folding the arms": {"arm_forward_deg": 35, "arm_side_deg": 10, "arm_turn_deg": 60, "elbow_deg": 100},
    "talking with the hands": {"arm_forward_deg": 20, "arm_side_deg": 45, "elbow_deg": 80},
    "a hand to the mouth": {"arm_forward_right_deg": 45, "elbow_right_deg": 130},
    "shifting the weight": {"hips_forward": 0.06, "lean_deg": 2},
    "looking up": {"head_deg": 25, "lean_deg": 2},
    "a small step": {"foot_forward_left": 0.22, "hips_forward": 0.1},
}
REST_S, OUT_S, THERE_S = 1.5, 0.9, 1.4
FPS = 10


def seen_in_a_set(exercise: Exercise, poses: Iterable[Pose]) -> list[Rep]:
    """Return what the coach makes of somebody who was asked for the movement."""
    counter, reader = Counter(exercise, WORDS, guided=True, baseline=start_values(exercise)), SignalReader()
    reps = [rep for pose in poses for rep in counter.see(reader.read(pose))]
    return reps + counter.finish()


def fidgeting(exercise: Exercise, keys: dict[str, Any]) -> Iterator[Pose]:
    """Yield what the camera sees of somebody who stands or sits as the movement begins, and fidgets twice."""
    start = exercise.figure.poses[exercise.figure.start]
    seat = {"hips_down": start.hips_down, "hips_forward": start.hips_forward} if start.hips_down else {}
    poses = {"start": start, "there": msgspec.structs.replace(start, **(keys | seat))}
    steps = (Step(pose="there", phase="out"), Step(pose="start", phase="back"))
    moves = msgspec.structs.replace(exercise.figure, start="start", poses=poses, steps=steps)
    figure = FigureMotion(msgspec.structs.replace(exercise, figure=moves))
    camera, rng = SyntheticCamera(exercise.seen.shown, jitter=0.003), np.random.default_rng(5)
    ends_s = np.cumsum([REST_S, OUT_S, THERE_S, OUT_S])
    for index in range(int(2 * ends_s[-1] * FPS)):
        t_s = index / FPS
        at_s = t_s % ends_s[-1]
        if at_s < ends_s[0]:
            points = figure.points("start")
        elif at_s < ends_s[1]:
            points = figure.points("out", (at_s - ends_s[0]) / OUT_S)
        elif at_s < ends_s[2]:
            points = figure.points("stop")
        else:
            points = figure.points("back", (at_s - ends_s[2]) / OUT_S)
        yield project(points, camera, t_s, rng)


@every_way
def test_four_tenths_of_the_figures_way_is_a_repetition_of_somebody_who_gets_no_further(exercise: Exercise) -> None:
    person = body(exercise, manners_for(exercise, 3, Manner(reach=0.4)))
    reps = seen_in_a_set(exercise, recording(person, SyntheticCamera(exercise.seen.shown, jitter=0.003, fps=FPS), 2))
    assert [rep.counted for rep in reps] == [True] * 3


@pytest.mark.parametrize("stuck_deg", [70.0, 90.0])
def test_one_arm_overhead_and_the_other_as_far_as_it_goes_is_a_reach(stuck_deg: float) -> None:
    reach = WAYS["reach-for-the-sky"]
    poses = dict(reach.figure.poses)
    poses["reaching"] = msgspec.structs.replace(poses["reaching"], arm_side_left_deg=stuck_deg)
    frozen = msgspec.structs.replace(reach, figure=msgspec.structs.replace(reach.figure, poses=poses))
    camera = SyntheticCamera("front", jitter=0.003, fps=FPS)
    reps = seen_in_a_set(reach, recording(body(frozen, manners_for(reach, 3)), camera, 3))
    assert [rep.counted for rep in reps] == [True] * 3
    assert {rep.verdict for rep in reps} == {"full"}
    assert all("arms-uneven" in rep.faults for rep in reps)  # it is seen, and offered


@every_way
@pytest.mark.parametrize("fidget", FIDGETS)
def test_fidgeting_counts_nothing(exercise: Exercise, fidget: str) -> None:
    assert not any(rep.counted for rep in seen_in_a_set(exercise, fidgeting(exercise, FIDGETS[fidget])))


@pytest.mark.parametrize("name", ["back-arches", "lazy-leg-walk"])
def test_both_places_that_the_hands_may_have_are_right(name: str) -> None:
    """The figure's are the low back and the sides; the others, the upper pelvis and the hips."""
    exercise = WAYS[name]
    poses = {key: msgspec.structs.replace(pose, hands="hips") for key, pose in exercise.figure.poses.items()}
    other = msgspec.structs.replace(exercise, figure=msgspec.structs.replace(exercise.figure, poses=poses))
    camera = SyntheticCamera("side", jitter=0.003, fps=FPS)
    reps = seen_in_a_set(exercise, recording(body(other, manners_for(exercise, 3)), camera, 4))
    assert [rep.counted for rep in reps] == [True] * 3
