"""The figure is a body: bones keep their length, feet stay on the floor, and it moves without a jerk."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import ROUTINE

from loosen.body.figure import (
    FOREARM,
    FRAMES_PER_S,
    PHASES,
    SHANK,
    THIGH,
    TRUNK,
    UPPER_ARM,
    FigureMotion,
    Vector,
    figure_frames,
    min_jerk,
)
from loosen.body.pose import Landmark
from loosen.routine.model import Exercise

STEPS = 12
BONES = {
    "thigh": (THIGH, Landmark.LEFT_HIP, Landmark.LEFT_KNEE),
    "other thigh": (THIGH, Landmark.RIGHT_HIP, Landmark.RIGHT_KNEE),
    "shank": (SHANK, Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE),
    "other shank": (SHANK, Landmark.RIGHT_KNEE, Landmark.RIGHT_ANKLE),
    "upper arm": (UPPER_ARM, Landmark.LEFT_SHOULDER, Landmark.LEFT_ELBOW),
    "forearm": (FOREARM, Landmark.RIGHT_ELBOW, Landmark.RIGHT_WRIST),
}
FEET = (
    Landmark.LEFT_ANKLE, Landmark.LEFT_HEEL, Landmark.LEFT_FOOT_INDEX,
    Landmark.RIGHT_ANKLE, Landmark.RIGHT_HEEL, Landmark.RIGHT_FOOT_INDEX,
)  # fmt: skip
ALL = {exercise.id: exercise for exercise in ROUTINE.all_exercises()}
each = pytest.mark.parametrize("exercise", ALL.values(), ids=ALL)


def film(exercise: Exercise, *, mirrored: bool = False) -> list[Vector]:
    """Return one whole repetition, the stop as one frame."""
    figure = FigureMotion(exercise)
    return [
        figure.points(phase, step / STEPS, mirrored=mirrored)
        for phase in PHASES
        for step in range(STEPS + 1)
        if phase != "stop"
    ]


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_movement_begins_and_ends_at_rest_and_never_turns_back(a: float, b: float) -> None:
    assert (min_jerk(0), min_jerk(1), min_jerk(0.5)) == (0, 1, 0.5)
    assert min_jerk(min(a, b)) <= min_jerk(max(a, b)) + 1e-12
    assert min_jerk(a) + min_jerk(1 - a) == pytest.approx(1)
    assert min_jerk(0.01) < 0.0001


@each
def test_bones_keep_their_published_lengths(exercise: Exercise) -> None:
    for points in film(exercise):
        for bone, (length, a, b) in BONES.items():
            assert np.linalg.norm(points[a] - points[b]) == pytest.approx(length, rel=0.01), bone
        trunk = (points[11] + points[12] - points[23] - points[24]) / 2
        assert np.linalg.norm(trunk) == pytest.approx(TRUNK, rel=0.001)


@each
def test_the_figure_stands_on_the_floor_and_is_as_tall_as_a_body(exercise: Exercise) -> None:
    for points in film(exercise):
        assert points[:, 1].min() > -0.02
        assert points[list(FEET), 1].min() < 0.06  # somewhere a foot carries it
    start = FigureMotion(exercise).points("start")
    assert start[Landmark.NOSE, 1] < 1.0
    assert start[Landmark.NOSE, 1] > (0.7 if exercise.id.endswith(".seated") else 0.9)


@pytest.mark.parametrize("exercise", [one for one in ALL.values() if "walk" not in one.id], ids=lambda one: one.id)
def test_planted_feet_do_not_slide(exercise: Exercise) -> None:
    feet = np.stack([points[list(FEET)] for points in film(exercise)])
    assert np.ptp(feet, axis=0).max() < 1e-6


def test_the_lazy_leg_stays_on_the_floor_while_it_is_dragged() -> None:
    figure = FigureMotion(ROUTINE.exercise("lazy-leg-walk"))
    drag = np.stack([figure.points("back", step / STEPS) for step in range(STEPS + 1)])
    front, rear = drag[:, Landmark.LEFT_FOOT_INDEX], drag[:, Landmark.RIGHT_FOOT_INDEX]
    assert np.ptp(front, axis=0).max() < 1e-6  # the front foot has dug in
    assert np.ptp(rear[:, 1]) < 0.01  # the rear one slides,
    assert rear[-1, 0] - rear[0, 0] > 0.4  # a long way, forward
    assert (np.diff(rear[:, 0]) >= -1e-9).all()


def test_who_holds_on_keeps_the_hand_where_it_is_or_lets_it_slide_along_at_one_height() -> None:
    hands = [points[Landmark.RIGHT_WRIST] for points in film(ALL["back-arches.hold-on"])]
    assert np.ptp(np.stack(hands), axis=0).max() < 0.025
    sliding = [points[Landmark.LEFT_WRIST, 1] for points in film(ALL["lazy-leg-walk.hold-on"])]
    assert np.ptp(sliding) < 0.04


def test_the_palms_push_the_roof_up() -> None:
    roof = FigureMotion(ALL["raise-the-roof"]).points("stop")
    wrist, knuckle = roof[Landmark.RIGHT_WRIST], roof[Landmark.RIGHT_INDEX]
    assert abs(knuckle[1] - wrist[1]) < 0.3 * np.linalg.norm(knuckle - wrist)  # the hand lies flat, over the head


@each
def test_each_way_begins_where_the_one_before_ends_and_no_joint_jumps(exercise: Exercise) -> None:
    figure = FigureMotion(exercise)
    start, stop = figure.points("start"), figure.points("stop")
    assert figure.points("home" if exercise.figure.home_s else "back", 1.0) == pytest.approx(start, abs=1e-9)
    assert figure.points("out", 1.0) == pytest.approx(stop, abs=1e-9)
    assert figure.points("back", 0.0) == pytest.approx(stop, abs=1e-9)
    assert np.linalg.norm(np.diff(np.stack(film(exercise)), axis=0), axis=2).max() < 0.25


@each
def test_the_mirrored_figure_does_the_same_with_the_other_side(exercise: Exercise) -> None:
    for points, other in zip(film(exercise), film(exercise, mirrored=True), strict=True):
        for joint in Landmark:
            name = joint.name
            twin = name.replace("LEFT", "%").replace("RIGHT", "LEFT").replace("%", "RIGHT")
            assert other[Landmark[twin]] == pytest.approx(points[joint] * [1, 1, -1], abs=1e-9)


def test_somebody_who_goes_half_the_way_arches_half_as_far() -> None:
    figure = FigureMotion(ROUTINE.exercise("back-arches"))

    def lean_deg(points: Vector) -> float:
        trunk = points[11] + points[12] - points[23] - points[24]
        return float(np.degrees(np.arctan2(-trunk[0], trunk[1])))

    assert lean_deg(figure.points("stop")) == pytest.approx(20)
    assert lean_deg(figure.points("stop", reach=0.5)) == pytest.approx(10)
    assert lean_deg(figure.points("start")) == pytest.approx(0)


# -- what is drawn ----------------------------------------------------------------------------------------


@each
def test_what_is_drawn_is_one_repetition_phase_after_phase(exercise: Exercise) -> None:
    drawn = figure_frames(exercise)
    frames = np.array(drawn.frames)
    assert frames.shape == (len(drawn.frames), 33, 2)
    assert [*drawn.phases] == list(PHASES)
    here = 0
    for first, last in drawn.phases.values():
        assert first == here <= last
        here = last
    assert here == len(drawn.frames) - 1
    assert drawn.phases["stop"][0] == drawn.phases["stop"][1]  # one pose, held
    out_s = (drawn.phases["out"][1] - drawn.phases["out"][0]) / drawn.fps
    assert out_s == pytest.approx(FigureMotion(exercise).durations_s()["out"], abs=1 / FRAMES_PER_S)
    assert frames[0] == pytest.approx(frames[-1], abs=1e-3)


@each
def test_the_drawn_figure_shows_the_side_that_the_camera_is_to_see(exercise: Exercise) -> None:
    drawn = figure_frames(exercise)
    first = np.array(drawn.frames[0])
    if exercise.seen.view == "side":
        assert first[Landmark.NOSE, 0] > first[Landmark.LEFT_EAR, 0]  # it faces right
        assert first[Landmark.LEFT_FOOT_INDEX, 0] > first[Landmark.LEFT_HEEL, 0]
        assert drawn.near == "right"
    else:
        assert first[Landmark.LEFT_SHOULDER, 0] > first[Landmark.RIGHT_SHOULDER, 0]  # it looks at the viewer
        assert drawn.near is None
    assert drawn.alternating == exercise.id.startswith("lazy-leg-walk")
    support = {"seated": "chair", "hold-on": "counter"}
    assert drawn.support == support.get(exercise.id.partition(".")[2], "")  # nobody sits on air
