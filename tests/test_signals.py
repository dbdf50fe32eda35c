"""Signals: angles that are known are measured, what is not seen is not made up, and each is documented."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from people import IDS, ROUTINE, at, filmed, good, hidden, otherwise

from loosen.body.figure import LEG, FigureMotion
from loosen.body.pose import Floats, Landmark, Pose
from loosen.body.signal_catalogue import SIGNALS, Signal
from loosen.body.signals import SignalFrame, SignalReader
from loosen.body.synthetic_body import SyntheticCamera, project
from loosen.routine.fields import FigurePhase, LeftRight, Plane

DOCS = Path(__file__).parent.parent / "docs" / "signals.md"
ARCH, REACH, ROOF, WALK = IDS
LEFT, RIGHT = ("left", "right")
ARMS = {side: [Landmark[f"{side.upper()}_{part}"] for part in ("SHOULDER", "ELBOW", "WRIST")] for side in (LEFT, RIGHT)}
LEGS = {side: [Landmark[f"{side.upper()}_{part}"] for part in ("HIP", "KNEE", "ANKLE")] for side in (LEFT, RIGHT)}
HIPS, SHOULDERS = (Landmark.LEFT_HIP, Landmark.RIGHT_HIP), (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER)
HEAD = range(11)


@cache
def pose_of(exercise: str, phase: FigurePhase, camera: SyntheticCamera, mirrored: bool = False) -> Pose:
    return project(FigureMotion(ROUTINE.exercise(exercise)).points(phase, mirrored=mirrored), camera, 0.0)


def read(*poses: Pose) -> SignalFrame:
    """Return what the last of several poses says, a tenth of a second apart."""
    reader = SignalReader()
    for n, pose in enumerate(poses):
        last = reader.read(at(pose, n / 10))
    return last


# -- what is known is measured ----------------------------------------------------------------------------


@pytest.mark.parametrize("facing", [LEFT, RIGHT])
@pytest.mark.parametrize(
    ("exercise", "phase", "signal", "truth", "within"),
    [
        (ARCH, "start", "backward_lean_deg", 0, 0.5),
        (ARCH, "stop", "backward_lean_deg", 20, 0.5),
        (ARCH, "start", "hand_on_back", 1, 0),
        (ARCH, "start", "knee_flexion_near_deg", 0, 20),  # nobody stands with locked knees
        (REACH, "start", "arm_elevation_mean_deg", 8, 3),
        (REACH, "stop", "arm_elevation_mean_deg", 172, 3),
        (REACH, "stop", "arm_elevation_lower_deg", 172, 3),
        (REACH, "stop", "arm_elevation_difference_deg", 0, 0.5),
        (REACH, "stop", "elbow_angle_lower_deg", 174, 8),
        (REACH, "stop", "elbow_angle_raised_deg", 174, 8),
        (REACH, "start", "hand_outward_raised", 0.17, 0.1),
        (REACH, "stop", "side_lean_deg", 0, 0.5),
        (REACH, "stop", "wrist_height_lower", (0.186 + 0.146) / 0.288, 0.1),
        (ROOF, "start", "hand_on_back", 0, 0),
        (ROOF, "stop", "backward_lean_deg", 12, 0.5),
        (ROOF, "stop", "arm_elevation_near_deg", 172, 8),
        (ROOF, "start", "arm_elevation_near_deg", 2, 8),
        (ROOF, "stop", "arm_forward_near_deg", 172, 12),
        (ROOF, "start", "arm_forward_near_deg", 0, 8),
        (ROOF, "stop", "elbow_angle_near_deg", 174, 8),
        (ROOF, "stop", "wrist_height_near", (0.186 + 0.146) / 0.288, 0.15),
        (WALK, "start", "foot_gap", 0, 0.01),
        (WALK, "stop", "foot_gap", 0.98, 0.1),
        (WALK, "stop", "left_foot_ahead", 0.98, 0.1),
        (WALK, "start", "hip_height", 1, 0.05),
        (WALK, "start", "knee_lift_higher", 0, 0.02),
    ],
)
def test_an_angle_that_is_known_is_measured(
    exercise: str, phase: FigurePhase, signal: str, truth: float, within: float, facing: LeftRight
) -> None:
    camera = SyntheticCamera("front" if exercise == REACH else "side", facing=facing)
    assert read(pose_of(exercise, phase, camera))[signal] == pytest.approx(truth, abs=within)


@pytest.mark.parametrize(("signal", "truth", "within"), [("head_back_deg", 22, 1), ("hips_forward", 0.13, 0.015)])
def test_head_and_hips_move_by_what_they_move(signal: str, truth: float, within: float) -> None:
    still, arched = (read(pose_of(ARCH, phase, SyntheticCamera("side")))[signal] for phase in ("start", "stop"))
    assert arched - still == pytest.approx(truth, abs=within)


def test_a_squat_bends_the_knees() -> None:
    squat = otherwise(ROUTINE.exercise(ARCH), {"arched": {"hips_down": 0.3}})
    pose = project(FigureMotion(squat).points("stop"), SyntheticCamera("side"), 0.0)
    bend_deg = 2 * math.degrees(math.acos((LEG - 0.3 * LEG) / LEG))
    assert read(pose)["knee_flexion_near_deg"] == pytest.approx(bend_deg, abs=12)


def test_one_lower_arm_is_seen_as_that_arm() -> None:
    lame = otherwise(ROUTINE.exercise(REACH), {"reaching": {"arm_side_left_deg": 120.0}})
    values = read(project(FigureMotion(lame).points("stop"), SyntheticCamera("front"), 0.0))
    assert values["arm_elevation_left_deg"] == pytest.approx(120, abs=3)
    assert values["arm_elevation_right_deg"] == pytest.approx(172, abs=3)
    assert values["arm_elevation_lower_deg"] == values["arm_elevation_left_deg"]
    assert values["arm_elevation_higher_deg"] == values["arm_elevation_right_deg"]
    assert values["arm_elevation_difference_deg"] == pytest.approx(52, abs=4)


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_leg_that_went_ahead_is_known(mirrored: bool) -> None:
    film = filmed(WALK, good(WALK, 2)[mirrored : mirrored + 1], SyntheticCamera("side"))
    reader = SignalReader()
    ahead = [reader.read(pose)["left_foot_ahead"] for pose in film]
    assert max(ahead, key=abs) == pytest.approx(-0.98 if mirrored else 0.98, abs=0.1)


PICTURES = st.tuples(st.integers(200, 2000), st.integers(200, 2000))


@settings(max_examples=30, deadline=None)
@given(
    size=PICTURES, zoom=st.floats(0.6, 1.0), x=st.floats(-0.15, 0.15), y=st.floats(-0.05, 0.05),
    exercise=st.sampled_from([ARCH, ROOF]),
)  # fmt: skip
def test_where_somebody_stands_and_the_pictures_shape_change_no_angle(
    size: tuple[int, int], zoom: float, x: float, y: float, exercise: str
) -> None:
    pose = pose_of(exercise, "stop", SyntheticCamera("side"))
    landmarks: Floats = pose.landmarks.copy()
    shape = (pose.size[0] / pose.size[1]) / (size[0] / size[1])
    zoom = min(zoom, 0.9 / shape)
    landmarks[:, 0] = 0.5 + (pose.landmarks[:, 0] - 0.5) * zoom * shape + x * zoom
    landmarks[:, 1] = 0.5 + (pose.landmarks[:, 1] - 0.5) * zoom + y
    other = read(replace(pose, landmarks=landmarks, size=size))
    for name, value in read(pose).values.items():
        if SIGNALS[name].unit == "deg":
            assert other[name] == pytest.approx(value, abs=0.2), name


# -- the view -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("turned_deg", "view", "facing"),
    [(0, "front", "camera"), (90, "side", "right"), (-90, "side", "left"), (180, "front", "away")],
)
def test_the_way_somebody_stands_is_seen(turned_deg: float, view: str, facing: str) -> None:
    found = read(pose_of(REACH, "start", SyntheticCamera("front", turned_deg=turned_deg)))
    assert (found.view, found.facing) == (view, facing)


def test_somebody_who_turns_is_seen_to_have_turned_within_two_seconds() -> None:
    front, side = (pose_of(REACH, "start", SyntheticCamera("front")), pose_of(REACH, "start", SyntheticCamera("side")))
    assert read(*[front] * 20, *[side] * 20).view == "side"
    assert read(*[side] * 20, *[front] * 20).view == "front"


def test_before_anybody_was_seen_nothing_is_known() -> None:
    found = read(Pose.lost(0.0, (640, 480)))
    assert (found.found, found.view, found.facing, found.values) == (False, "unknown", "unknown", {})
    assert not any(found.parts.values())


@pytest.mark.parametrize(
    ("part", "joints"),
    [
        ("head", HEAD),
        ("arms", [*ARMS[LEFT], *ARMS[RIGHT]]),
        ("trunk", HIPS),
        ("legs", [Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE]),
        ("feet", range(27, 33)),
    ],
)
def test_a_part_of_the_body_out_of_view_is_missed(part: str, joints: range | list[Landmark]) -> None:
    pose = pose_of(REACH, "start", SyntheticCamera("front"))
    assert read(pose).parts[part]
    assert not read(hidden(pose, joints)).parts[part]


# -- what is not seen is not made up --------------------------------------------------------------------

ELBOWS, KNEES, ANKLES = ([Landmark[f"{s}_{p}"] for s in ("LEFT", "RIGHT")] for p in ("ELBOW", "KNEE", "ANKLE"))
WRISTS = [Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST]
ELBOWS_APART = [[Landmark.LEFT_ELBOW], [Landmark.RIGHT_ELBOW], [*HIPS]]
ANKLES_APART = [[Landmark.LEFT_ANKLE], [Landmark.RIGHT_ANKLE]]
# For each signal: sets of landmarks, each of which is enough to make it unknown.
NEEDS: dict[str, list[list[Landmark]]] = {
    **{key: [[*HIPS], [*SHOULDERS]] for key in ("backward_lean_deg", "side_lean_deg")},
    "head_back_deg": [[Landmark.NOSE], [*HIPS], [Landmark.LEFT_EAR, Landmark.RIGHT_EAR]],
    "arm_elevation_left_deg": [[Landmark.LEFT_ELBOW], [Landmark.LEFT_SHOULDER], [*HIPS]],
    "arm_elevation_right_deg": [[Landmark.RIGHT_ELBOW], [Landmark.RIGHT_SHOULDER], [*HIPS]],
    **{key: [ELBOWS, [*HIPS]] for key in ("arm_elevation_near_deg", "arm_forward_near_deg")},
    **{f"arm_elevation_{which}_deg": ELBOWS_APART for which in ("mean", "lower", "higher", "difference")},
    "left_arm_higher_deg": ELBOWS_APART,
    "arm_elevation_highest_deg": [ELBOWS, [*SHOULDERS], [*HIPS]],
    "hand_outward_raised": [WRISTS, ELBOWS, [Landmark.LEFT_SHOULDER], [Landmark.RIGHT_SHOULDER], [*HIPS]],
    "elbow_angle_raised_deg": [WRISTS, ELBOWS, [*HIPS]],
    "elbow_angle_near_deg": [WRISTS, ELBOWS],
    **{key: [[Landmark.LEFT_WRIST], [Landmark.RIGHT_WRIST]] for key in ("elbow_angle_lower_deg", "wrist_height_lower")},
    "wrist_height_near": [WRISTS],
    "hand_on_back": [WRISTS, [*HIPS]],
    **{f"knee_{which}_deg": [KNEES, ANKLES, [*HIPS]] for which in ("bend", "flexion_near", "flexion_deeper")},
    **{key: [[*HIPS], ANKLES] for key in ("hip_height", "hip_drop", "hips_forward")},
    **{key: [[Landmark.LEFT_KNEE], [Landmark.RIGHT_KNEE]] for key in ("knee_lift_higher", "left_knee_higher")},
    **dict.fromkeys(("foot_gap", "left_foot_ahead", "feet_forward", "rear_foot_lift"), ANKLES_APART),
}


def a_whole_body(signal: Signal) -> Pose:
    if signal.plane == "front":
        return pose_of(REACH, "stop", SyntheticCamera("front"))
    return pose_of(ROOF, "stop", SyntheticCamera("side"))


@pytest.mark.parametrize("signal", SIGNALS.values(), ids=SIGNALS)
def test_a_signal_is_unknown_without_what_it_needs_even_if_it_was_seen_before(signal: Signal) -> None:
    whole = a_whole_body(signal)
    assert not math.isnan(read(whole)[signal.name])
    for joints in NEEDS[signal.name]:
        for unseen in (hidden(whole, joints), hidden(whole, joints, visibility=0.1)):
            assert math.isnan(read(unseen)[signal.name]), joints
            assert math.isnan(read(whole, whole, unseen)[signal.name]), joints


@settings(max_examples=60, deadline=None)
@given(joints=st.sets(st.sampled_from(list(Landmark))), exercise=st.sampled_from([REACH, ROOF, WALK]))
def test_whatever_is_hidden_a_signal_is_itself_or_unknown_but_never_impossible(
    joints: set[Landmark], exercise: str
) -> None:
    whole = pose_of(exercise, "stop", SyntheticCamera(ROUTINE.exercise(exercise).seen.shown))
    found = read(whole, hidden(whole, joints))
    for name, value in found.values.items():
        if not math.isnan(value):
            assert SIGNALS[name].low - 1e-6 <= value <= SIGNALS[name].high + 1e-6, name
    for name, needs in NEEDS.items():
        if any(joints.issuperset(one) for one in needs):
            assert math.isnan(found[name]), name


def test_a_landmark_outside_the_picture_is_not_believed() -> None:
    pose = pose_of(ROOF, "stop", SyntheticCamera("side"))
    landmarks: Floats = pose.landmarks.copy()
    landmarks[WRISTS, 1] = -0.2
    assert math.isnan(read(replace(pose, landmarks=landmarks))["elbow_angle_near_deg"])


def test_the_far_arm_may_be_hidden_from_the_side() -> None:
    """A side view always hides one side; what is measured there is the near one."""
    pose = pose_of(ROOF, "stop", SyntheticCamera("side", facing="right"))
    assert read(hidden(pose, ARMS[LEFT][1:]))["arm_elevation_near_deg"] == pytest.approx(172, abs=8)
    assert math.isnan(read(hidden(pose, ARMS[RIGHT][1:]))["arm_elevation_near_deg"])


@settings(max_examples=40, deadline=None)
@example([(0.5, 0.5, 1.0)] * 33)
@given(
    st.lists(
        st.tuples(st.floats(allow_nan=True, width=32), st.floats(allow_nan=True, width=32), st.floats(0, 1, width=32)),
        min_size=33, max_size=33,
    )
)  # fmt: skip
def test_no_landmarks_however_wild_bring_the_reader_down(points: list[tuple[float, float, float]]) -> None:
    landmarks = np.zeros((33, 4), np.float32)
    landmarks[:, [0, 1, 3]] = points
    wild = Pose(0.0, landmarks, np.zeros((33, 3), np.float32), (640, 480))
    whole = pose_of(ROOF, "start", SyntheticCamera("side"))
    for found in (read(wild), read(whole, wild), read(wild, whole)):
        assert not any(math.isinf(value) for value in found.values.values())


def turned_arm(deg: float) -> float:
    """Return what is read of a near arm turned forward by so much, seen from the right."""
    pose = pose_of(ROOF, "start", SyntheticCamera("side", facing="right"))
    landmarks = pose.landmarks.copy()
    width, height = pose.size
    shoulder = landmarks[Landmark.RIGHT_SHOULDER, :2]
    for joint, length in ((Landmark.RIGHT_ELBOW, 70), (Landmark.RIGHT_WRIST, 130)):
        away = length * math.sin(math.radians(deg)) / width, length * math.cos(math.radians(deg)) / height
        landmarks[joint, :2] = shoulder + away
    return read(pose, replace(pose, landmarks=landmarks))["arm_forward_near_deg"]


@pytest.mark.parametrize("deg", [-100, -45, 0, 90, 170, 200])
def test_an_arm_behind_the_trunk_is_told_from_one_in_front(deg: float) -> None:
    assert turned_arm(deg) == pytest.approx(deg, abs=3)


@pytest.mark.parametrize("facing", [LEFT, RIGHT])
def test_a_hand_that_crosses_in_front_of_the_body_reads_negative(facing: str) -> None:
    pose = pose_of(REACH, "start", SyntheticCamera("front"))
    landmarks = pose.landmarks.copy()
    own, elbow, wrist = ARMS[facing]
    other = ARMS[RIGHT if facing == LEFT else LEFT][0]
    landmarks[elbow, :2] = (landmarks[own, :2] + landmarks[other, :2]) / 2
    landmarks[wrist, :2] = landmarks[other, :2]
    assert read(replace(pose, landmarks=landmarks))["hand_outward_raised"] < -0.5


def test_from_the_front_nothing_is_said_of_what_only_a_side_view_shows() -> None:
    seen = read(pose_of(REACH, "stop", SyntheticCamera("front")))
    side_only = [name for name, signal in SIGNALS.items() if signal.plane == "side"]
    assert "foot_gap" in side_only
    assert all(math.isnan(seen[name]) for name in side_only)


# -- the catalogue and its page ---------------------------------------------------------------------------


def test_every_signal_is_read_and_every_reading_is_a_signal_within_its_range() -> None:
    read_names: set[str] = set()
    for exercise, view in product(ROUTINE.exercises, get_args(Plane)):
        reader = SignalReader()
        for n, phase in enumerate(get_args(FigurePhase)):
            points = FigureMotion(exercise).points(phase, 0.5)
            found = reader.read(project(points, SyntheticCamera(view), n / 2)).values
            read_names |= found.keys()
            for name, value in found.items():
                assert math.isnan(value) or SIGNALS[name].low <= value <= SIGNALS[name].high, name
    assert read_names == set(SIGNALS)


def test_every_signal_says_what_it_is_what_it_needs_and_how_far_it_errs() -> None:
    for name, signal in SIGNALS.items():
        assert name == signal.name
        assert signal.what.endswith(".")
        assert signal.needs
        assert 0 < signal.error <= signal.high - signal.low
        assert name.endswith("_deg") == (signal.unit == "deg")


UNITS = {"deg": "degrees", "leg": "leg lengths", "torso": "torso lengths", "share": "0 to 1"}


def row(signal: Signal) -> str:
    span = f"{signal.low:g} to {signal.high:g}"
    return (
        f"| `{signal.name}` | {signal.what} | {UNITS[signal.unit]} | {signal.plane} | {span} "
        f"| {signal.needs} | ±{signal.error:g} |"
    )


def test_the_page_on_signals_has_every_signal_as_it_is() -> None:
    rows = re.findall(r"^\| `.*$", DOCS.read_text("utf-8").partition("## ")[0], re.MULTILINE)
    assert rows == [row(signal) for signal in SIGNALS.values()]
