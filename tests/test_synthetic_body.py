"""The made-up camera and the made-up person are what they say, or they would prove nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people import ROUTINE, body, good

from loosen.body.figure import FigureMotion
from loosen.body.pose import Landmark, Look, Pose
from loosen.body.synthetic_body import BODY_SHARE, PICTURE, SyntheticCamera, manners_for, project, recording
from loosen.routine.fields import Plane

STANDING = FigureMotion(ROUTINE.exercise("reach-for-the-sky")).points("start")


def test_a_pose_of_the_wrong_shape_is_refused_with_both_shapes() -> None:
    with pytest.raises(ValueError, match=r"expected shape \(33, 4\), got \(33, 3\)"):
        Pose(0.0, np.zeros((33, 3), np.float32), np.zeros((33, 3), np.float32), PICTURE)
    with pytest.raises(ValueError, match=r"expected shape \(33, 3\), got \(17, 3\)"):
        Pose(0.0, np.zeros((33, 4), np.float32), np.zeros((17, 3), np.float32), PICTURE)


def test_nobody_is_found_in_a_lost_frame() -> None:
    lost = Pose.lost(1.0, PICTURE)
    assert not lost.found
    assert np.isnan(lost.landmarks[:, :3]).all()
    assert not lost.landmarks[:, 3].any()
    assert Look(lost).light == "ok"


@pytest.mark.parametrize("view", ["front", "side"])
def test_the_whole_body_is_in_the_picture(view: Plane) -> None:
    landmarks = project(STANDING, SyntheticCamera(view), 0.0).landmarks
    assert ((landmarks[:, :2] > 0) & (landmarks[:, :2] < 1)).all()
    assert np.ptp(landmarks[:, 1]) == pytest.approx(BODY_SHARE * np.ptp(STANDING[:, 1]), rel=1e-3)


def test_the_far_side_is_seen_less_well_and_the_world_hangs_on_the_hips() -> None:
    pose = project(STANDING, SyntheticCamera("side"), 0.0)
    assert pose.landmarks[Landmark.LEFT_HIP, 3] < pose.landmarks[Landmark.RIGHT_HIP, 3]
    assert (pose.world[23] + pose.world[24]) / 2 == pytest.approx([0, 0, 0], abs=1e-6)


def test_jitter_is_as_large_as_asked() -> None:
    rng = np.random.default_rng(1)
    camera = SyntheticCamera("front", jitter=0.01)
    xy = np.stack([project(STANDING, camera, 0.0, rng).landmarks[:, :2] for _ in range(200)])
    in_heights = xy.std(axis=0) * np.array(PICTURE) / (BODY_SHARE * PICTURE[1])
    assert in_heights.mean() == pytest.approx(0.01, rel=0.05)


@given(st.floats(-30, 30))
def test_a_tilted_camera_turns_the_picture_and_bends_nobody(tilt_deg: float) -> None:
    size = np.array(PICTURE)
    level, tilted = (
        project(STANDING, SyntheticCamera("side", tilt_deg=t), 0.0).landmarks[:, :2] * size for t in (0, tilt_deg)
    )
    for a, b in ((11, 23), (23, 27), (0, 31)):
        assert np.linalg.norm(tilted[a] - tilted[b]) == pytest.approx(np.linalg.norm(level[a] - level[b]), rel=1e-3)
    way, was = tilted[11] - tilted[27], level[11] - level[27]
    turned = np.degrees(np.arctan2(*way) - np.arctan2(*was))
    assert abs((turned + 180) % 360 - 180) == pytest.approx(abs(tilt_deg), abs=0.05)


@settings(max_examples=10, deadline=None)
@given(fps=st.floats(10, 60), lost=st.floats(0, 0.5), seed=st.integers(0, 99))
def test_a_recording_is_the_same_each_time_and_its_times_rise(fps: float, lost: float, seed: int) -> None:
    person = body(ROUTINE.exercise("reach-for-the-sky"), (), still_s=1.0)
    camera = SyntheticCamera("front", fps=fps, jitter=0.01, lost=lost)
    first, second = list(recording(person, camera, seed)), list(recording(person, camera, seed))
    times = [pose.t_s for pose in first]
    assert times == [pose.t_s for pose in second]
    assert all((a.landmarks == b.landmarks).all() for a, b in zip(first, second, strict=True))
    assert times == sorted(set(times))
    assert all(abs(t * fps - round(t * fps)) < 1e-6 for t in times)
    assert not times or times[-1] < person.duration_s


def test_the_share_of_lost_frames_is_as_asked() -> None:
    person = body(ROUTINE.exercise("reach-for-the-sky"), (), still_s=30.0)
    kept = len(list(recording(person, SyntheticCamera("front", lost=0.2))))
    assert kept / (30 * person.duration_s) == pytest.approx(0.8, abs=0.05)


def test_the_whole_dose_is_done_with_both_legs_in_turn() -> None:
    for one in ROUTINE.exercises:
        manners = manners_for(one)
        assert len(manners) == one.dose.reps * (2 if one.dose.sides == "each" else 1)
        alternating = one.id == "lazy-leg-walk"
        assert [m.mirrored for m in manners] == [alternating and n % 2 == 1 for n in range(len(manners))]


def test_between_repetitions_the_person_stands_and_sways_a_little() -> None:
    person = body(ROUTINE.exercise("reach-for-the-sky"), good("reach-for-the-sky"), still_s=3.0)
    still = np.stack([person.points(t) for t in np.arange(0, 3, 0.1)])
    assert 0 < np.ptp(still, axis=0).max() < 0.01
    assert person.points(person.duration_s + 99) == pytest.approx(person.points(0.0), abs=0.01)
