"""Whoever does a repetition is counted once, when it ends; whoever does none is not."""

from __future__ import annotations

import pickle
from itertools import pairwise

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from people import FEW, IDS, ROUTINE, WORDS, at, body, ended, filmed, good, hidden, otherwise, rep_s, watched

from loosen.body.pose import Pose
from loosen.body.signals import SignalReader
from loosen.body.synthetic_body import Manner, SyntheticCamera, recording
from loosen.coach.counting.counter import Counter

SIDES = st.sampled_from(["left", "right"])
RATES = st.sampled_from([10.0, 12.0, 15.0, 24.0, 30.0, 60.0])
PACES = st.sampled_from([0.6, 0.8, 1.0, 1.3, 1.6])
ARCH, REACH, ROOF, WALK = IDS
each = pytest.mark.parametrize("exercise", IDS)


def camera_for(exercise: str, **more: object) -> SyntheticCamera:
    return SyntheticCamera(ROUTINE.exercise(exercise).seen.shown, **more)  # type: ignore[arg-type]


def assert_counted_once(exercise: str, manner: Manner, camera: SyntheticCamera, seed: int) -> None:
    poses = list(recording(body(ROUTINE.exercise(exercise), (manner,)), camera, seed))
    report = watched(poses, exercise)
    assert report.counted == 1, report.reps
    assert len(report.reps) == 1, report.reps
    # The count is up half a second after the repetition's end at the latest.
    [(counted_s, _)] = ended(poses, exercise)
    assert counted_s - (2.5 + rep_s(exercise, manner)[0]) <= 0.5


@each
@settings(FEW, max_examples=6)
@given(
    facing=SIDES, fps=RATES, pace=PACES, jitter=st.sampled_from([0.0, 0.005, 0.01]),
    lost=st.sampled_from([0.0, 0.1, 0.2]), mirrored=st.booleans(), seed=st.integers(0, 999),
)  # fmt: skip
def test_a_good_repetition_is_counted_once_and_at_once_however_it_is_seen(
    exercise: str, facing: str, fps: float, pace: float, jitter: float, lost: float, mirrored: bool, seed: int
) -> None:
    camera = camera_for(exercise, facing=facing, fps=fps, jitter=jitter, lost=lost)
    assert_counted_once(exercise, Manner(pace=pace, mirrored=mirrored and exercise == WALK), camera, seed)


@each
@settings(FEW, max_examples=4)
@given(
    tilt_deg=st.sampled_from([-10.0, -5.0, 5.0, 10.0]), facing=SIDES, fps=RATES, pace=PACES,
    jitter=st.sampled_from([0.0, 0.01]), seed=st.integers(0, 999),
)  # fmt: skip
@example(tilt_deg=10.0, facing="left", fps=60.0, pace=1.0, jitter=0.01, seed=157)
@example(tilt_deg=0.0, facing="right", fps=60.0, pace=0.6, jitter=0.01, seed=2)
@example(tilt_deg=-10.0, facing="right", fps=45.0, pace=0.6, jitter=0.01, seed=866)
def test_a_camera_that_stands_askew_counts_the_same(
    exercise: str, tilt_deg: float, facing: str, fps: float, pace: float, jitter: float, seed: int
) -> None:
    camera = camera_for(exercise, facing=facing, fps=fps, jitter=jitter, lost=0.2, tilt_deg=tilt_deg)
    assert_counted_once(exercise, Manner(pace=pace), camera, seed)


@each
def test_a_whole_set_is_counted_one_by_one(exercise: str) -> None:
    done = ended(filmed(exercise, good(exercise, 5)), exercise)
    assert [rep.verdict for _, rep in done] == ["full"] * 5
    starts = [rep.start_s for _, rep in done]
    assert starts == sorted(starts)
    for (counted_s, rep), (_, following) in pairwise(done):
        assert rep.start_s < rep.peak_s < rep.end_s
        assert rep.end_s - 0.3 <= following.start_s
        assert rep.peak_s < counted_s < following.peak_s


@each
@settings(FEW, max_examples=3)
@given(
    fps=RATES, tilt_deg=st.sampled_from([-10.0, 0.0, 10.0]), jitter=st.sampled_from([0.003, 0.01]),
    seed=st.integers(0, 999), facing=SIDES,
)  # fmt: skip
def test_standing_still_never_counts(
    exercise: str, fps: float, tilt_deg: float, jitter: float, seed: int, facing: str
) -> None:
    person = body(ROUTINE.exercise(exercise), (), still_s=15.0)
    camera = camera_for(exercise, facing=facing, fps=fps, jitter=jitter, lost=0.1, tilt_deg=tilt_deg)
    report = watched(recording(person, camera, seed), exercise)
    assert report.counted == 0


@each
def test_the_same_small_movement_over_and_over_is_no_repetition(exercise: str) -> None:
    assert watched(filmed(exercise, (Manner(reach=0.15),) * 4), exercise).reps == ()


@pytest.mark.parametrize(("lean_deg", "pace", "jitter"), [(50.0, 1.0, 0.0), (40.0, 0.6, 0.01), (25.0, 0.6, 0.01)])
def test_a_supple_persons_deep_arch_is_counted_once(lean_deg: float, pace: float, jitter: float) -> None:
    supple = otherwise(ROUTINE.exercise(ARCH), {"arched": {"lean_deg": lean_deg}})
    person = body(supple, (Manner(pace=pace),) * 2)
    assert watched(recording(person, SyntheticCamera("side", jitter=jitter)), ARCH).counted == 2


@each
@pytest.mark.parametrize("share", [0.45, 0.7])
def test_a_repetition_that_the_recording_cuts_off_is_partial_and_does_not_count(exercise: str, share: float) -> None:
    poses = filmed(exercise, good(exercise))
    out_s, whole_s = 2.5, rep_s(exercise, Manner())[0]
    cut_off = watched([pose for pose in poses if pose.t_s < out_s + share * whole_s], exercise)
    assert cut_off.counted == 0
    assert [rep.verdict for rep in cut_off.reps] == ["partial"]
    assert "ended" in cut_off.reps[0].reasons[0]


@each
def test_a_repetition_that_was_under_way_when_the_recording_began_is_partial(exercise: str) -> None:
    poses = filmed(exercise, good(exercise, 2))
    stop_s = 2.5 + 0.5 * rep_s(exercise, Manner())[0]
    late = watched([pose for pose in poses if pose.t_s > stop_s], exercise)
    assert [rep.verdict for rep in late.reps] == ["partial", "full"]
    assert late.counted == 1


@each
def test_whoever_leaves_the_picture_in_mid_repetition_did_a_partial_one(exercise: str) -> None:
    poses = filmed(exercise, good(exercise, 2))
    gone_s = 2.5 + 0.5 * rep_s(exercise, Manner())[0]
    seen = [Pose.lost(pose.t_s, pose.size) if gone_s < pose.t_s < gone_s + 3.5 else pose for pose in poses]
    report = watched(seen, exercise)
    assert report.counted == 1
    assert [rep.verdict for rep in report.reps if not rep.counted] == ["partial"]


@each
def test_a_joint_that_flickers_out_now_and_then_loses_no_repetition(exercise: str) -> None:
    poses = filmed(exercise, good(exercise, 2))
    flickering = [hidden(pose, range(11, 33)) if n % 5 == 0 else pose for n, pose in enumerate(poses)]
    assert watched(flickering, exercise).counted == 2


@each
def test_who_is_never_wholly_seen_is_never_counted_and_never_guessed(exercise: str) -> None:
    poses = [hidden(pose, [*range(13, 23), 23, 24, *range(25, 33)]) for pose in filmed(exercise, good(exercise))]
    assert watched(poses, exercise).reps == ()


@each
def test_the_coachs_memory_does_not_grow_with_the_session(exercise: str) -> None:
    """What a pickle of it weighs after a hundred repetitions, and after five times as much."""
    counter, reader = Counter(ROUTINE.exercise(exercise), WORDS), SignalReader()
    film = filmed(exercise, good(exercise, 2), camera_for(exercise, fps=15.0, jitter=0.003))
    lasts_s = film[-1].t_s + 0.1
    weights = []
    for times in range(15):
        for pose in film:
            counter.see(reader.read(at(pose, pose.t_s + times * lasts_s)))
        weights.append(len(pickle.dumps((counter, reader))))
    assert max(weights[10:]) <= 1.05 * max(weights[3:6])


@pytest.mark.parametrize("joints", [range(0), range(33)], ids=["arms up", "gone"])
def test_holding_or_staying_away_for_minutes_fills_no_memory(joints: range) -> None:
    counter, reader = Counter(ROUTINE.exercise(REACH), WORDS), SignalReader()
    poses = filmed(REACH, good(REACH))
    stop = poses[int(30 * (2.5 + 3.5))]
    t_s = 0.0
    for pose in poses[: poses.index(stop)]:
        counter.see(reader.read(pose))
        t_s = pose.t_s
    weights = []
    for _ in range(4):
        for _ in range(900):
            t_s += 1 / 15
            counter.see(reader.read(at(hidden(stop, joints), t_s)))
        weights.append(len(pickle.dumps((counter, reader))))
    assert weights[3] <= 1.05 * weights[1]


# -- the person's own range ------------------------------------------------------------------------------


def done_by(counter: Counter, poses: tuple[Pose, ...]) -> list[str]:
    reader = SignalReader()
    return [rep.verdict for pose in poses for rep in counter.see(reader.read(pose))]


def test_a_good_repetition_sets_the_persons_own_range() -> None:
    counter = Counter(ROUTINE.exercise(ARCH), WORDS)
    assert (counter.own, Counter(ROUTINE.exercise(ARCH), WORDS, own=17.0).own) == (None, 17.0)
    assert done_by(counter, filmed(ARCH, good(ARCH))) == ["full"]
    assert counter.own == pytest.approx(20, abs=2)


def test_a_stiff_back_is_full_at_its_own_range_and_a_supple_one_is_asked_for_more() -> None:
    """Twelve degrees of arch: all that one person has, and half of what another is known for."""
    stiff = filmed(ARCH, (Manner(reach=0.6),) * 2)
    assert done_by(Counter(ROUTINE.exercise(ARCH), WORDS, own=12.0), stiff) == ["full", "full"]
    assert done_by(Counter(ROUTINE.exercise(ARCH), WORDS, own=26.0), stiff) == ["shallow", "shallow"]


def test_in_a_guided_set_an_older_shoulder_sets_its_own_target() -> None:
    """Arms that go up to 135 degrees, whatever their owner does: his first repetition is the measure of the others."""
    low = filmed(REACH, (Manner(reach=0.78),) * 3)
    taught = Counter(ROUTINE.exercise(REACH), WORDS, guided=True)
    assert done_by(taught, low) == ["full", "full", "full"]
    assert done_by(Counter(ROUTINE.exercise(REACH), WORDS), low) == ["shallow"] * 3


def test_the_coach_sees_how_far_out_the_person_is_and_times_the_stop_while_it_lasts() -> None:
    counter, reader = Counter(ROUTINE.exercise(ROOF), WORDS), SignalReader()
    phases: list[str] = []
    shares: list[float] = []
    held: list[float] = []
    for pose in filmed(ROOF, good(ROOF)):
        counter.see(reader.read(pose))
        shares.append(counter.share)
        if counter.phase == "stop":
            held.append(counter.stop_s(pose.t_s))
        if not phases or phases[-1] != counter.phase:
            phases.append(counter.phase)
    assert phases == ["rest", "out", "stop", "back", "rest"]
    assert shares[0] == pytest.approx(0, abs=0.1)
    assert 1 <= max(shares) <= 1.5
    assert shares[-1] == pytest.approx(0, abs=0.1)
    assert held == sorted(held)
    assert 1.5 < held[-1] < 3.0
    assert counter.stop_s(99.0) == 0.0


def test_a_judgement_can_be_sent_and_kept() -> None:
    report = watched(filmed(WALK, good(WALK, 2)), WALK)
    assert msgspec.json.decode(msgspec.json.encode(report), type=type(report)) == report
