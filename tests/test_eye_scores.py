"""The benchmark's arithmetic, on cases made by hand."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest
from journal_makers import rep_done
from people import filmed

from loosen.body.pose import Pose
from loosen.body.signals import SignalReader
from loosen.body.synthetic_body import Manner
from loosen.coach.counting.rep import Rep, Verdict

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

import peers
from eye_change import at_rate, away, dropped, mirrored, tilted
from eye_score import auc, match, off_by, score_counts, score_faults, spread
from eye_sets import FAMILY, Truth, definition_for


def rep(peak_s: float, verdict: Verdict = "full", *faults: str) -> Rep:
    return rep_done(start_s=peak_s - 1, peak_s=peak_s, end_s=peak_s + 1, side="both", verdict=verdict, faults=faults)


def truth(peak_s: float, *faults: str) -> Truth:
    return Truth(peak_s - 1, peak_s, peak_s + 1, faults=faults)


def reaching(repetitions: int = 3) -> list[Pose]:
    return list(filmed("reach-for-the-sky", (Manner(),) * repetitions))


# --- counts


def test_any_count_from_the_full_ones_to_the_peaks_is_right() -> None:
    assert [off_by(n, (4, 6)) for n in (3, 4, 5, 6, 8)] == [-1, 0, 0, 0, 2]


def test_a_set_of_recordings_is_scored_by_share_and_by_error_and_a_ghost_is_an_error_of_its_own_size() -> None:
    score = score_counts([(10, (10, 10)), (9, (10, 10)), (7, (10, 10)), (0, (0, 0))])
    assert score is not None
    assert (score.recordings, score.exact, score.obo, score.off) == (4, 0.5, 0.75, 4)
    assert score.mae == pytest.approx((0.1 + 0.3) / 4)
    ghosts = score_counts([(2, (0, 0))])
    assert ghosts is not None
    assert ghosts.mae == 2
    assert (score_counts([]), spread([])) == (None, None)


# --- matching and times


def test_each_true_repetition_is_matched_once_with_the_nearest_of_those_near_it() -> None:
    early, near, late = rep(1.4), rep(2.1), rep(9.0)
    true = truth(2.0)
    assert match([early, near, late], [true]) == [(near, true)]
    assert match([rep(5.0)], [true]) == []
    assert match([rep(5.0)], [Truth(None, None, None)]) == []


def test_errors_are_summed_up_with_their_sign_and_without() -> None:
    found = spread([-1.0, 1.0, 3.0, math.nan])
    assert found is not None
    assert (found.n, found.bias, found.median, found.p95) == (3, 1.0, 1.0, 3.0)
    assert found.rmse == pytest.approx(math.sqrt(11 / 3))


def test_the_area_under_the_curve_is_the_share_of_right_orders() -> None:
    assert auc([1, 2], [3, 4]) == 1
    assert auc([1, 3], [2, 3]) == pytest.approx((1 + 0 + 1 + 0.5) / 4)
    assert math.isnan(auc([], [1]))


# --- faults


@pytest.mark.parametrize(
    ("said", "true", "missed", "false"),
    [
        (rep(2, "full", "knees-bend"), truth(2, "knees_bend_30"), (), ()),
        (rep(2), truth(2, "knees_bend_30"), ("knees_bend_30",), ()),
        (rep(2, "full", "knees-bend"), truth(2), (), ("knees-bend",)),
        (rep(2, "rushed", "too-fast", "no-stop"), truth(2, "rushed_no_hold"), (), ()),
        (rep(2, "rushed", "too-fast", "no-stop"), truth(2, "no_hold"), (), ("rushed", "too-fast")),
        (None, truth(2), ("unseen",), ()),
        (None, truth(2, "no_hold"), ("no_hold",), ()),
    ],
    ids=["named", "missed", "no cause", "what follows from one", "another's", "not reported", "not reported, a fault"],
)
def test_a_fault_is_named_missed_or_false(
    said: Rep | None, true: Truth, missed: tuple[str, ...], false: tuple[str, ...]
) -> None:
    score = score_faults(said, true)
    assert (score.missed, score.false, score.agrees) == (missed, false, not missed and not false)


# --- which definition


@pytest.mark.parametrize(
    ("movement", "family", "definition"),
    [
        ("deep squat", "knee", "squat"),
        ("stand, sit down on a chair, stand up", "knee", "sit-to-stand"),
        ("one arm raised sideways overhead (shoulder abduction)", "arms", "lateral-raise"),
        ("raise up left hand", "arms", "shoulder-flexion"),
        ("raise up both hands", "arms", "reach-for-the-sky"),
        ("something new with the arms", "arms", "lateral-raise"),
        ("two hand front clap", None, None),
    ],
)
def test_what_a_movement_is_called_tells_who_counts_it(
    movement: str, family: str | None, definition: str | None
) -> None:
    assert definition_for(movement, family) == definition
    assert definition is None or FAMILY[definition] == family


# --- changed recordings


def test_a_slower_camera_sees_the_same_time_in_fewer_frames() -> None:
    poses = reaching(1)
    slow, fast = at_rate(poses, 10), at_rate(poses, 60)
    assert len(slow) == pytest.approx(len(poses) / 3, abs=2)
    assert len(fast) == pytest.approx(len(poses) * 2, abs=3)
    for some in (slow, fast):
        times = [pose.t_s for pose in some]
        assert times == sorted(set(times))
        assert times[-1] == pytest.approx(poses[-1].t_s, abs=0.1)


def test_a_fifth_of_the_frames_is_dropped_and_always_the_same() -> None:
    poses = reaching(1)
    assert len(dropped(poses)) == pytest.approx(0.8 * len(poses), rel=0.1)
    assert [p.t_s for p in dropped(poses)] == [p.t_s for p in dropped(poses)]


def test_a_mirror_changes_sides_and_twice_changes_nothing() -> None:
    pose = filmed("lazy-leg-walk", (Manner(),))[150]
    there = mirrored([pose])[0]
    assert there.landmarks[27, 0] == pytest.approx(1 - pose.landmarks[28, 0])
    np.testing.assert_allclose(mirrored([there])[0].landmarks, pose.landmarks, atol=1e-6)


def test_a_tilted_camera_leans_the_body_and_keeps_its_angles() -> None:
    pose = reaching(1)[0]
    straight, leaning = (SignalReader().read(one) for one in (pose, tilted([pose], 10)[0]))
    assert abs(leaning["side_lean_deg"] - straight["side_lean_deg"]) == pytest.approx(10, abs=0.2)
    name = "arm_elevation_left_deg"
    assert leaning[name] == pytest.approx(straight[name], abs=0.5)


def test_whoever_is_away_is_in_no_frame_of_that_time() -> None:
    poses = away(reaching(1), 1.0, 2.0)
    assert {pose.found for pose in poses if 1.0 <= pose.t_s < 2.0} == {False}
    assert all(pose.found for pose in poses if not 1.0 <= pose.t_s < 2.0)


# --- peers


def test_the_peers_count_what_suits_them() -> None:
    poses = reaching(3)
    assert peers.angle_counter(poses, "arms", "reach-for-the-sky") in (2, 3)  # it counts on the way down
    assert peers.nearest_counter(poses, peers.figure_samples("reach-for-the-sky")) == 3
    assert peers.offline_counter(poses) == 3


def test_peaks_stand_out_on_both_sides() -> None:
    line = np.array([0, 1, 0.9, 1.1, 0, 0.3, 0.1, 1, 0.8], float)
    assert peers.peaks(line, 0.5, 1) == [3]
    assert peers.peaks(np.append(line, 0.0), 0.5, 1) == [3, 7]
