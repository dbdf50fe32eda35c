"""The same movement gives the same report, however its frames arrive, and is recognised for what it is."""

from __future__ import annotations

import math
import pickle
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people import FEW, IDS, ROUTINE, WORDS, at, body, filmed, good, otherwise, watched

from loosen.body.pose import Pose
from loosen.body.synthetic_body import Manner, SyntheticCamera, recording
from loosen.camera.formats.track_file import read_track, write_track
from loosen.coach.counting.coach import Coach
from loosen.coach.counting.rep import Report
from loosen.routine.fields import LeftRight

ARCH, REACH, ROOF, WALK = IDS
each = pytest.mark.parametrize("exercise", IDS)


def mixed(exercise: str) -> tuple[Pose, ...]:
    """A good repetition, one too small, one hurried; before a camera that shakes and loses frames."""
    camera = SyntheticCamera(ROUTINE.exercise(exercise).seen.shown, jitter=0.006, lost=0.1)
    return filmed(exercise, (Manner(), Manner(reach=0.55), Manner(pace=3.0, stop_s=0.0)), camera, 5)


def encoded(report: Report) -> bytes:
    return msgspec.json.encode(report)


@each
def test_a_report_does_not_depend_on_who_asks_in_between(exercise: str) -> None:
    """Live, the page asks after every frame where the person is and takes the repetitions as they end."""
    coach = Coach(ROUTINE, exercise)
    live = []
    for pose in mixed(exercise):
        live += coach.see(pose)
        counter = coach.counter(exercise)
        assert counter.phase in ("rest", "out", "stop", "back")
        assert counter.share >= 0
        assert coach.report("a recording").reps == tuple(live)
    coach.finish()
    assert encoded(coach.report("a recording")) == encoded(watched(mixed(exercise), exercise))


@pytest.mark.parametrize("name", [one.id for one in ROUTINE.all_exercises() if "." in one.id])
def test_another_way_of_doing_a_movement_is_counted_where_it_is_chosen_and_never_recognised_by_itself(
    name: str,
) -> None:
    poses = filmed(name, good(name, 2))
    assert watched(poses, name).counted == 2
    recognised = watched(poses, None)
    assert recognised.exercise in (None, name.partition(".")[0])
    assert name not in recognised.also


@each
def test_written_to_a_track_and_read_again_it_is_the_same(exercise: str, tmp_path: Path) -> None:
    poses = mixed(exercise)
    write_track(tmp_path / "track.npz", poses, {"exercise": exercise})
    again = watched(read_track(tmp_path / "track.npz"), exercise)
    assert encoded(again) == encoded(watched(poses, exercise))


@settings(FEW, max_examples=5)
@given(exercise=st.sampled_from(IDS), cut=st.floats(0.05, 0.95))
def test_fed_in_two_halves_by_two_programs_a_recording_is_the_same(exercise: str, cut: float) -> None:
    poses, coach = mixed(exercise), Coach(ROUTINE, exercise)
    middle = int(cut * len(poses))
    for pose in poses[:middle]:
        coach.see(pose)
    coach = pickle.loads(pickle.dumps(coach))
    for pose in poses[middle:]:
        coach.see(pose)
    coach.finish()
    assert encoded(coach.report("a recording")) == encoded(watched(poses, exercise))


@settings(FEW, max_examples=5)
@given(exercise=st.sampled_from(IDS), seed=st.integers(0, 999))
def test_frames_that_come_twice_late_or_out_of_order_change_nothing(exercise: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    poses = mixed(exercise)
    disturbed: list[Pose] = []
    for n, pose in enumerate(poses):
        disturbed.append(pose)
        if rng.random() < 0.3:
            # Another picture under a time that is over, or the same one again.
            other = poses[int(rng.integers(0, len(poses)))]
            disturbed.append(at(other, poses[int(rng.integers(0, n + 1))].t_s))
    disturbed_report, report = watched(disturbed, exercise), watched(poses, exercise)
    assert disturbed_report.frames == len(disturbed)
    assert encoded(msgspec.structs.replace(disturbed_report, frames=len(poses))) == encoded(report)


@each
@settings(FEW, max_examples=2)
@given(start_s=st.sampled_from([0.25, 1000.0, 1_000_000.0]))
def test_when_a_recording_begins_does_not_matter(exercise: str, start_s: float) -> None:
    """The clock of a live session may stand at any number."""
    poses = mixed(exercise)
    early, late = watched(poses, exercise), watched([at(p, p.t_s + start_s) for p in poses], exercise)
    assert [(r.verdict, r.counted, r.faults, r.side) for r in early.reps] == [
        (r.verdict, r.counted, r.faults, r.side) for r in late.reps
    ]
    for a, b in zip(early.reps, late.reps, strict=True):
        assert b.start_s - start_s == pytest.approx(a.start_s, abs=0.02)
    assert late.duration_s == pytest.approx(early.duration_s, abs=0.01)


@each
@pytest.mark.parametrize("facing", ["left", "right"])
def test_a_movement_is_recognised_by_itself(exercise: str, facing: LeftRight) -> None:
    camera = SyntheticCamera(ROUTINE.exercise(exercise).seen.shown, facing=facing, jitter=0.004)
    report = watched(filmed(exercise, good(exercise, 2), camera), None)
    assert (report.exercise, report.found_by, report.counted) == (exercise, "recognised", 2)
    assert report.view == ROUTINE.exercise(exercise).seen.view
    assert report.facing == ("camera" if report.view == "front" else facing)


def test_of_somebody_who_only_stands_no_movement_is_recognised() -> None:
    report = watched(
        recording(body(ROUTINE.exercise(REACH), (), still_s=6.0), SyntheticCamera("front", jitter=0.005)), None
    )
    assert (report.exercise, report.counted, report.reps) == (None, 0, ())


def test_a_recording_of_an_empty_room_or_without_frames_is_reported_as_one() -> None:
    report = watched([Pose.lost(n / 30, (640, 480)) for n in range(90)], None)
    assert (report.exercise, report.view, report.facing) == (None, "unknown", "unknown")
    assert (report.frames, report.frames_with_pose, report.counted) == (90, 0, 0)
    assert report.duration_s == pytest.approx(89 / 30, abs=0.001)
    report = watched([], ARCH)
    assert (report.frames, report.duration_s, report.reps, report.found_by) == (0, 0.0, (), "given")


@each
def test_seen_from_the_wrong_view_nothing_is_measured(exercise: str) -> None:
    wrong = SyntheticCamera("side" if ROUTINE.exercise(exercise).seen.view == "front" else "front", jitter=0.003)
    assert watched(filmed(exercise, good(exercise, 2), wrong), exercise).reps == ()


def test_an_exercise_that_the_routine_has_not_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        Coach(ROUTINE, "jumping-jacks")


def test_the_last_frames_signal_can_be_drawn_and_the_whole_repetition_with_its_stop_and_target() -> None:
    coach = Coach(ROUTINE, REACH)
    assert math.isnan(coach.value(REACH))
    for pose in filmed(REACH, good(REACH)):
        coach.see(pose)
    assert coach.value(REACH) == pytest.approx(8, abs=6)
    [rep] = coach.report().reps
    assert rep.verdict == "full"
    trace = rep.signal
    assert trace is not None
    times = [t for t, _ in trace.points]
    assert times == sorted(times)
    assert len(times) <= 200
    assert times[0] <= 0
    assert times[-1] >= 0.9 * (rep.end_s - rep.start_s) - 0.5
    assert max(v for _, v in trace.points) == pytest.approx(172, abs=5)
    assert trace.stop_s is not None
    assert trace.stop_s[1] - trace.stop_s[0] == pytest.approx(rep.measures["still_s"].value, abs=0.05)
    assert (trace.signal, trace.unit, trace.target) == ("arm_elevation_mean_deg", "deg", 150)


# -- a small range that is the person's own ------------------------------------------------------------------


def test_three_alike_repetitions_below_the_usual_level_are_a_persons_own_range_and_count() -> None:
    report = watched(filmed(REACH, (Manner(reach=0.62),) * 3), REACH)
    assert (report.counted, [rep.verdict for rep in report.reps]) == (3, ["full"] * 3)
    assert all(rep.reasons[0] == WORDS["verdict.own-range"] for rep in report.reps)


@pytest.mark.parametrize(
    "manners",
    [
        (Manner(reach=0.62),) * 2,  # too few
        (Manner(reach=0.5), Manner(reach=0.68), Manner(reach=0.62)),  # not alike
        (Manner(reach=0.62, pace=3.2),) * 3,  # in haste
        (Manner(),) * 2 + (Manner(reach=0.62),) * 3,  # who can go further, too
        (Manner(reach=0.62),) * 3 + (Manner(reach=0.62, stop_s=0.0),),  # not all of them whole
    ],
)
def test_anything_else_below_the_usual_level_does_not_count(manners: tuple[Manner, ...]) -> None:
    report = watched(filmed(REACH, manners), REACH)
    assert report.counted == sum(manner.reach == 1.0 for manner in manners)


def test_a_recording_whose_movement_is_to_be_found_out_is_held_to_the_usual_level() -> None:
    assert watched(filmed(REACH, (Manner(reach=0.62),) * 3), None).exercise is None


def test_arms_that_go_up_without_an_arch_are_no_own_range_of_raising_the_roof() -> None:
    arms_only = otherwise(ROUTINE.exercise(ROOF), {"roof": {"lean_deg": 0.0, "hips_forward": 0.0}})
    camera = SyntheticCamera("side", jitter=0.003)
    report = watched(recording(body(arms_only, (Manner(reach=0.62),) * 3), camera, 1), ROOF)
    assert (report.counted, len(report.reps)) == (0, 3)
