"""Feet that the camera confuses: a foot cannot jump, so the coach keeps left and right apart."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import get_args

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people import FEW, ROUTINE, body, filmed, good, hidden, otherwise, watched

from loosen.body.pose import Floats, Pose
from loosen.body.signals import SignalReader
from loosen.body.synthetic_body import SyntheticCamera, recording
from loosen.routine.fields import LeftRight

WALK = "lazy-leg-walk"
LEFT, RIGHT = [27, 29, 31], [28, 30, 32]


def swapped(pose: Pose) -> Pose:
    """Return the pose with the two feet exchanged, as a model does when one leg hides the other."""
    landmarks: Floats = pose.landmarks.copy()
    landmarks[[*LEFT, *RIGHT]] = landmarks[[*RIGHT, *LEFT]]
    return replace(pose, landmarks=landmarks)


def collapsed(pose: Pose) -> Pose:
    """Return the pose with both feet where the right one is."""
    landmarks: Floats = pose.landmarks.copy()
    landmarks[LEFT] = landmarks[RIGHT]
    return replace(pose, landmarks=landmarks)


def gaps(poses: list[Pose], signal: str = "left_foot_ahead") -> list[float]:
    reader = SignalReader()
    return [reader.read(pose)[signal] for pose in poses]


def steps(reps: int = 2, camera: SyntheticCamera | None = None) -> list[Pose]:
    return list(filmed(WALK, good(WALK, reps), camera))


def confused(share: float, seed: int, facing: LeftRight) -> list[Pose]:
    """Return four repetitions with the feet exchanged in a share of the frames."""
    rng = np.random.default_rng(seed)
    poses = steps(4, SyntheticCamera("side", facing=facing, jitter=0.002))
    return [swapped(pose) if rng.random() < share else pose for pose in poses]


SEEDS, SIDES = st.integers(0, 999), st.sampled_from(get_args(LeftRight))


@settings(FEW, max_examples=4)
@given(share=st.sampled_from([0.1, 0.25]), seed=SEEDS, facing=SIDES)
def test_feet_exchanged_in_a_quarter_of_the_frames_change_no_count(share: float, seed: int, facing: LeftRight) -> None:
    assert watched(confused(share, seed, facing), WALK).counted == 4


@settings(FEW, max_examples=4)
@given(seed=SEEDS, facing=SIDES)
def test_feet_exchanged_in_a_twentieth_of_the_frames_change_no_side(seed: int, facing: LeftRight) -> None:
    sides = [rep.side for rep in watched(confused(0.05, seed, facing), WALK).reps]
    assert sides == ["right", "left", "right", "left"]


def on_a_floor(pose: Pose, near: list[int]) -> Pose:
    """Return the pose as a camera above the floor sees it: the nearer foot stands a little lower."""
    landmarks: Floats = pose.landmarks.copy()
    landmarks[near, 1] += 0.012
    landmarks[[landmark for landmark in LEFT + RIGHT if landmark not in near], 1] -= 0.012
    return replace(pose, landmarks=landmarks)


@pytest.mark.parametrize(("facing", "near"), [("right", RIGHT), ("left", LEFT)])
def test_feet_exchanged_through_whole_strides_are_told_apart_by_the_floor(facing: LeftRight, near: list[int]) -> None:
    camera = SyntheticCamera("side", facing=facing, jitter=0.002)
    poses = [swapped(on_a_floor(pose, near)) for pose in steps(4, camera)]
    assert [rep.side for rep in watched(poses, WALK).reps] == ["right", "left", "right", "left"]


@settings(FEW, max_examples=3)
@given(seed=st.integers(0, 999))
def test_feet_that_fall_together_for_a_moment_change_no_count(seed: int) -> None:
    rng = np.random.default_rng(seed)
    poses = steps(4, SyntheticCamera("side", jitter=0.002))
    wrong = set[int]()
    for begin in rng.integers(30, len(poses) - 30, 12):
        wrong |= set(range(int(begin), int(begin) + 4))
    report = watched([collapsed(pose) if n in wrong else pose for n, pose in enumerate(poses)], WALK)
    assert report.counted == 4


def test_one_exchanged_frame_does_not_move_the_feet() -> None:
    poses = steps(1, SyntheticCamera("side"))
    truth = gaps(poses)
    n = int(30 * (2.5 + 1.9))  # in the split stance
    wrong = gaps([*poses[:n], swapped(poses[n]), *poses[n + 1 :]])
    assert abs(truth[n]) > 0.8
    assert wrong[n] == pytest.approx(truth[n], abs=0.05)
    assert wrong[n + 5] == pytest.approx(truth[n + 5], abs=0.05)


def test_the_far_foot_out_of_sight_leaves_the_gap_unknown() -> None:
    poses = steps(1, SyntheticCamera("side"))
    unseen = gaps([hidden(pose, [27]) for pose in poses], "foot_gap")
    assert all(math.isnan(gap) for gap in unseen)


def test_stepping_back_to_the_spot_opens_the_feet_again_and_is_no_repetition() -> None:
    poses = steps(2)
    openings = sum(a < 0.5 <= b for a, b in pairwise(gaps(poses, "foot_gap")))
    assert openings >= 4
    assert watched(poses, WALK).counted == 2


def test_a_dragged_foot_reads_as_on_the_floor_and_a_lifted_one_does_not() -> None:
    exercise = ROUTINE.exercise(WALK)
    lifting = tuple(
        msgspec.structs.replace(step, lift=0.2) if step.phase == "back" else step for step in exercise.figure.steps
    )
    lifted = otherwise(exercise, {}, steps=lifting)

    def highest(poses: list[Pose]) -> float:
        drag = [v for pose, v in zip(poses, gaps(poses, "rear_foot_lift"), strict=True) if 6.2 < pose.t_s < 8.8]
        return max(v for v in drag if v == v)

    camera = SyntheticCamera("side", jitter=0.002)
    assert highest(list(recording(body(exercise, good(WALK)), camera))) < 0.07
    assert highest(list(recording(body(lifted, good(WALK)), camera))) > 0.1


def test_a_standing_persons_feet_stay_together() -> None:
    poses = [pose for pose in steps(1) if pose.t_s < 2.4]
    assert max(gaps(poses, "foot_gap")) < 0.15
