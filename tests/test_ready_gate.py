"""Before the whole person stands still, in the right view and the start pose, nothing counts, and he is told why."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from people import IDS, ROUTINE, WORDS, at, body, filmed, good, hidden

from loosen.body.pose import Floats, Look, Pose
from loosen.body.signals import SignalReader
from loosen.body.synthetic_body import SyntheticCamera, recording
from loosen.coach.guidance.ready_gate import BASELINE_S, COUNTDOWN_S, PARTS, Gate

ARCH, REACH, ROOF, WALK = IDS
each = pytest.mark.parametrize("exercise", IDS)


def standing(exercise: str, camera: SyntheticCamera | None = None, seconds: float = 5.0) -> list[Pose]:
    one = ROUTINE.exercise(exercise)
    camera = camera or SyntheticCamera(one.seen.shown, fps=20, jitter=0.002)
    return [pose for pose in recording(body(one, (), still_s=seconds), camera) if pose.t_s < seconds]


def shown(exercise: str, looks: Iterable[Look], facing: str | None = None) -> tuple[Gate, list[str]]:
    """Return the gate after these looks, and what it said, one after the other."""
    gate, reader = Gate(ROUTINE.exercise(exercise), WORDS, facing), SignalReader()
    said: list[str] = []
    for look in looks:
        gate.see(look, reader.read(look.pose))
        if not said or said[-1] != gate.ready.text:
            said.append(gate.ready.text)
    return gate, said


def looks(poses: Iterable[Pose]) -> list[Look]:
    return [Look(pose) for pose in poses]


@each
def test_it_opens_for_who_stands_still_in_the_start_pose_and_counts_down(exercise: str) -> None:
    gate, reader = Gate(ROUTINE.exercise(exercise), WORDS), SignalReader()
    counted: list[int | None] = []
    opened_s = None
    for pose in standing(exercise):
        gate.see(Look(pose), reader.read(pose))
        if opened_s is None and gate.open:
            opened_s = pose.t_s
        if not counted or counted[-1] != gate.ready.countdown:
            counted.append(gate.ready.countdown)
    assert counted[-3:] == [3, 2, 1]
    assert opened_s is not None
    assert COUNTDOWN_S <= opened_s <= COUNTDOWN_S + 1.0
    assert all(part.seen for part in gate.ready.parts)


@each
def test_the_baseline_is_the_persons_own_standing_of_the_last_two_seconds(exercise: str) -> None:
    poses = standing(exercise)
    gate, _ = shown(exercise, looks(poses))
    reader = SignalReader()
    values = [(pose.t_s, reader.read(pose)) for pose in poses]
    signal = ROUTINE.exercise(exercise).seen.signal
    mine = [seen[signal] for t_s, seen in values if t_s >= poses[-1].t_s - BASELINE_S]
    assert gate.baseline()[signal] == pytest.approx(np.mean(mine), abs=0.1)


def test_a_crooked_person_has_a_crooked_baseline() -> None:
    gate, _ = shown(ROOF, looks(standing(ROOF, SyntheticCamera("side", tilt_deg=6))))
    assert gate.open
    assert abs(gate.baseline()["backward_lean_deg"]) == pytest.approx(6, abs=1)


TROUBLES = [
    ("nobody is there", lambda pose: Look(Pose.lost(pose.t_s, pose.size), people=0), "trouble.nobody"),
    ("the lens is covered", lambda pose: Look(pose, light="covered"), "trouble.covered"),
    ("it is dark", lambda pose: Look(pose, light="dark"), "trouble.dark"),
    ("two are there", lambda pose: Look(pose, people=2), "trouble.two-people"),
    ("the feet are out of view", lambda pose: Look(hidden(pose, range(25, 33))), "trouble.no-feet"),
    ("the head is out of view", lambda pose: Look(hidden(pose, range(11))), "trouble.no-head"),
]  # fmt: skip


@each
@pytest.mark.parametrize(("what", "spoilt", "said"), TROUBLES, ids=[what for what, _, _ in TROUBLES])
def test_while_something_is_wrong_it_stays_shut_and_says_what(
    exercise: str, what: str, spoilt: object, said: str
) -> None:
    assert callable(spoilt)
    gate, texts = shown(exercise, [spoilt(pose) for pose in standing(exercise)])
    assert not gate.open
    assert gate.ready.countdown is None
    assert texts == [WORDS[said]]


@each
def test_a_trouble_in_the_last_second_begins_the_wait_anew(exercise: str) -> None:
    poses = standing(exercise, seconds=5.0)
    spoilt = [Look(pose, people=2 if 2.9 < pose.t_s < 3.2 else 1) for pose in poses]
    gate, _ = shown(exercise, spoilt)
    assert not gate.open


@pytest.mark.parametrize(
    ("exercise", "turned_deg", "turn"),
    [
        *((one, 0, "side") for one in (ARCH, ROOF, WALK)),
        *((REACH, turned_deg, "front") for turned_deg in (90, -90, 180)),
    ],
)
def test_who_stands_the_wrong_way_is_asked_to_turn(exercise: str, turned_deg: float, turn: str) -> None:
    camera = SyntheticCamera("front", fps=20, turned_deg=turned_deg)
    gate, said = shown(exercise, looks(standing(exercise, camera)))
    assert not gate.open
    assert WORDS[f"trouble.turn-{turn}"] in said


def test_who_shows_the_side_already_done_is_asked_for_the_other() -> None:
    right = looks(standing(ARCH, SyntheticCamera("side", facing="right", fps=20)))
    assert shown(ARCH, right, "right")[0].open
    gate, said = shown(ARCH, right, "left")
    assert not gate.open
    assert said[-1] == WORDS["trouble.turn-other-side"]


@pytest.mark.parametrize("exercise", [REACH, ROOF])
def test_arms_already_up_are_not_the_start(exercise: str) -> None:
    middle_s = 2.5 + 2.5 + 1.0
    stop = min(filmed(exercise, good(exercise)), key=lambda pose: abs(pose.t_s - middle_s))
    gate, said = shown(exercise, looks(at(stop, n / 20) for n in range(100)))
    assert not gate.open
    assert said[-1] == ROUTINE.exercise(exercise).how[0]
    assert not shown(ARCH, looks(standing(ROOF)))[0].open  # nor hands that hang that of an arch


def test_who_walks_about_is_asked_to_stand_still() -> None:
    def shifted(pose: Pose) -> Pose:
        landmarks: Floats = pose.landmarks.copy()
        landmarks[:, 0] += 0.1 * pose.t_s - 0.25
        return replace(pose, landmarks=landmarks)

    gate, said = shown(REACH, looks(map(shifted, standing(REACH))))
    assert not gate.open
    assert set(said) <= {WORDS["ready.still"], WORDS["trouble.nobody"]}


def test_the_parts_of_the_body_are_lit_one_by_one() -> None:
    pose = standing(REACH)[0]
    gate, _ = shown(REACH, [Look(hidden(pose, [*range(25, 33), *range(13, 23)]))])
    assert {part.name for part in gate.ready.parts if part.seen} == {"head", "trunk"}
    assert tuple(part.name for part in gate.ready.parts) == PARTS


def test_a_long_wait_fills_no_memory() -> None:
    poses = standing(REACH)
    weights = []
    gate, reader = Gate(ROUTINE.exercise(REACH), WORDS, "left"), SignalReader()
    for times in range(6):
        for pose in poses:
            later = at(pose, pose.t_s + 5 * times)
            gate.see(Look(later), reader.read(later))
        weights.append(len(pickle.dumps(gate)))
    assert weights[-1] <= 1.05 * weights[1]
