"""A repetition is told what it was, with a reason, and each fault of the routine by the person who makes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import IDS, ROUTINE, body, filmed, good, otherwise, watched

from loosen.body.signal_catalogue import SIGNALS
from loosen.body.synthetic_body import Manner, SyntheticCamera, recording
from loosen.coach.counting.rep import Rep, Report
from loosen.coach.counting.verdict import full_at
from loosen.routine.fields import LeftRight
from loosen.routine.model import Condition, Exercise, Full, Need

ARCH, REACH, ROOF, WALK = IDS
each = pytest.mark.parametrize("exercise", IDS)


@cache
def reps_of(exercise: str, manner: Manner) -> tuple[Rep, ...]:
    return watched(filmed(exercise, (manner, manner)), exercise).reps


# -- the four verdicts -----------------------------------------------------------------------------------


@each
def test_a_good_repetition_is_full_needs_no_reason_and_has_one_side_only_in_the_walk(exercise: str) -> None:
    for rep in reps_of(exercise, Manner()):
        assert (rep.verdict, rep.counted, rep.faults, rep.reasons) == ("full", True, (), ())
        assert (rep.side == "both") == (exercise != WALK)


@each
def test_without_a_stop_it_counts_and_the_missing_stop_is_named_where_the_article_asks_for_one(exercise: str) -> None:
    asked = exercise != WALK
    for rep in reps_of(exercise, Manner(stop_s=0.0)):
        assert (rep.counted, rep.verdict == "no-stop", "no-stop" in rep.faults) == (True, asked, asked)
        assert any("no real stop" in reason for reason in rep.reasons) == asked


@pytest.mark.parametrize(("over", "counted"), [(15, 2), (30, 0)])
def test_a_need_may_ask_how_far_a_signal_goes_from_its_lowest_to_its_highest(over: float, counted: int) -> None:
    arch = ROUTINE.exercise(ARCH)
    need = Need(when=Condition(signal="backward_lean_deg", measure="spread", over=over), otherwise="not-a-rep")
    seen = msgspec.structs.replace(arch.seen, needs=(need,))
    routine = msgspec.structs.replace(ROUTINE, exercises=(msgspec.structs.replace(arch, seen=seen),))
    assert len(watched(filmed(ARCH, good(ARCH, 2)), ARCH, routine).reps) == counted


@each
def test_a_hurried_repetition_counts_and_is_called_rushed(exercise: str) -> None:
    for rep in reps_of(exercise, Manner(pace=6.0 if exercise == ARCH else 3.5, stop_s=1.5)):
        assert (rep.verdict, rep.counted) == ("rushed", True)
        assert rep.reasons


SHORT, LOW = "short of the full range", "counts from"


@pytest.mark.parametrize(
    ("exercise", "reach", "reason"),
    [
        (REACH, 0.55, LOW),
        (ROOF, 0.55, LOW),
        (WALK, 0.5, LOW),
        (ARCH, 0.3, LOW),
        (REACH, 0.8, SHORT),
        (WALK, 0.72, SHORT),
    ],
)
def test_a_shallow_one_is_said_to_be_short_of_what_counts_or_of_the_full_range(
    exercise: str, reach: float, reason: str
) -> None:
    reps = reps_of(exercise, Manner(reach=reach))
    assert reps
    for rep in reps:
        assert (rep.verdict, rep.counted) == ("shallow", reason == SHORT)
        assert reason in rep.reasons[0]


@each
@pytest.mark.parametrize("manner", [Manner(), Manner(stop_s=0.0), Manner(reach=0.55), Manner(pace=3.5)])
def test_whatever_is_not_full_has_a_reason_in_words(exercise: str, manner: Manner) -> None:
    for rep in reps_of(exercise, manner):
        assert bool(rep.reasons) == (rep.verdict != "full" or bool(rep.faults))
        assert all(reason.strip() for reason in rep.reasons)
        assert len(set(rep.reasons)) == len(rep.reasons)
        assert len(set(rep.faults)) == len(rep.faults)


# -- every fault of the routine ---------------------------------------------------------------------------

Wrong = Callable[[Exercise], tuple[Exercise, Manner]]


def pose(_name: str, **keys: float) -> Wrong:
    """Make somebody whose key pose is another."""
    return lambda exercise: (otherwise(exercise, {_name: keys}), Manner())


def tempo(**spans: tuple[float, float]) -> Wrong:
    """Make somebody who hurries in one phase only."""
    return lambda exercise: (
        msgspec.structs.replace(exercise, tempo=msgspec.structs.replace(exercise.tempo, **spans)),
        Manner(),
    )


def springing_back(exercise: Exercise) -> tuple[Exercise, Manner]:
    """Make somebody who arches far and comes up with a jerk."""
    return tempo(back_s=(0.35, 0.35))(otherwise(exercise, {"arched": {"lean_deg": 32.0}}))


def lifting(exercise: Exercise) -> tuple[Exercise, Manner]:
    """Make somebody who steps instead of dragging."""
    steps = tuple(
        msgspec.structs.replace(step, lift=0.18) if step.phase == "back" else step for step in exercise.figure.steps
    )
    return otherwise(exercise, {}, steps=steps), Manner()


FAST, QUICK = {"out_s": (0.5, 0.5)}, {"back_s": (0.5, 0.5)}
MAKERS: dict[tuple[str, str], Wrong] = {
    (ARCH, "too-far"): pose("arched", lean_deg=36.0),
    (ARCH, "too-fast"): tempo(**FAST),
    (ARCH, "back-too-fast"): springing_back,
    (ARCH, "knees-bend"): pose("arched", hips_down=0.06),
    (ARCH, "hips-stay"): pose("arched", hips_forward=0.0),
    (ARCH, "head-stays"): pose("arched", head_deg=-20.0),
    (REACH, "too-fast"): tempo(**FAST),
    (REACH, "back-too-fast"): tempo(**QUICK),
    (REACH, "arms-uneven"): pose("reaching", arm_side_left_deg=135.0),
    (REACH, "elbows-bend"): pose("reaching", elbow_deg=60.0, arm_turn_deg=90.0),
    (ROOF, "too-far"): pose("roof", lean_deg=36.0, hips_forward=0.14),
    (ROOF, "too-fast"): tempo(**FAST),
    (ROOF, "back-too-fast"): tempo(**QUICK),
    (ROOF, "arms-only"): pose("roof", lean_deg=0.0, hips_forward=0.0),
    (ROOF, "knees-bend"): pose("roof", hips_down=0.06),
    (WALK, "short-step"): pose("stride", foot_forward_left=0.45, hips_forward=0.22),
    (WALK, "foot-lifts"): lifting,
    (WALK, "drag-too-fast"): tempo(back_s=(1.2, 1.2)),
    (WALK, "trunk-leans"): pose("stride", lean_deg=-28.0),
}


def test_nobody_forgot_a_fault() -> None:
    in_reps = {(one.id, it.id) for one in ROUTINE.exercises for it in one.faults if it.when.during != "ready"}
    assert set(MAKERS) == in_reps


@cache
def wrong_done(exercise_id: str, fault: str, jitter: float) -> Report:
    exercise = ROUTINE.exercise(exercise_id)
    wrong, manner = MAKERS[exercise_id, fault](exercise)
    camera = SyntheticCamera(exercise.seen.shown, jitter=jitter)
    return watched(recording(body(wrong, (manner, manner)), camera, 4), exercise_id)


@pytest.mark.parametrize("jitter", [0.0, 0.004], ids=["clear", "noisy"])
@pytest.mark.parametrize(("exercise", "fault"), MAKERS, ids=map("-".join, MAKERS))
def test_who_makes_a_fault_is_told_that_fault(exercise: str, fault: str, jitter: float) -> None:
    report = wrong_done(exercise, fault, jitter)
    reason = next(one.reason for one in ROUTINE.exercise(exercise).faults if one.id == fault)
    assert len(report.reps) == 2
    for rep in report.reps:
        assert fault in rep.faults
        assert reason in rep.reasons


def test_going_overhead_without_the_arch_is_shallow_however_high_the_arms_are() -> None:
    for rep in wrong_done(ROOF, "arms-only", 0.0).reps:
        assert (rep.verdict, rep.counted) == ("shallow", False)
        assert rep.reasons == ("only the arms moved, no arch",)


# -- sides -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("facing", ["left", "right"])
def test_the_side_of_a_lazy_leg_walk_is_the_dragged_legs(facing: LeftRight) -> None:
    camera = SyntheticCamera("side", facing=facing, jitter=0.003)
    report = watched(filmed(WALK, good(WALK, 4), camera), WALK)
    # The figure's own first step is the left foot's, so the right leg is dragged.
    assert [rep.side for rep in report.reps] == ["right", "left", "right", "left"]


# -- measures ----------------------------------------------------------------------------------------

TRUTH = {ARCH: 20.0, REACH: 172.0, ROOF: 172.0, WALK: 0.98}


@each
def test_a_repetitions_measures_are_right_within_what_they_claim(exercise: str) -> None:
    lasts = ROUTINE.exercise(exercise).tempo
    for rep in reps_of(exercise, Manner()):
        measures = rep.measures
        truths = {
            "range": TRUTH[exercise],
            "still_s": lasts.stop_s,
            "out_s": sum(lasts.out_s) / 2,
            "back_s": sum(lasts.back_s) / 2,
        }
        for name, truth in truths.items():
            assert measures[name].value == pytest.approx(truth, abs=measures[name].plus_minus), name


@each
def test_every_measure_has_a_unit_and_an_uncertainty(exercise: str) -> None:
    for rep in reps_of(exercise, Manner()):
        assert {"range", "stop_s", "still_s", "out_s", "back_s"} <= set(rep.measures)
        for name, measure in rep.measures.items():
            assert measure.plus_minus > 0, name
            assert measure.unit, name
            assert name.endswith("_s") == (measure.unit == "s")
        error = SIGNALS[ROUTINE.exercise(exercise).seen.signal].error
        assert rep.measures["range"].plus_minus >= error


def test_only_arms_seen_from_the_front_are_compared_left_with_right() -> None:
    uneven = wrong_done(REACH, "arms-uneven", 0.0).reps[0].measures
    assert uneven["left_right"].value == pytest.approx(-37, abs=9)
    assert uneven["range_left"].value == pytest.approx(135, abs=8)
    assert uneven["range_right"].value == pytest.approx(172, abs=8)
    assert "left_right" not in reps_of(ROOF, Manner())[0].measures


def test_smoothness_is_told_of_each_way_and_not_where_noise_hides_it() -> None:
    clear = watched(filmed(REACH, good(REACH), SyntheticCamera("front")), REACH).reps[0].measures
    noisy = watched(filmed(REACH, good(REACH), SyntheticCamera("front", jitter=0.02)), REACH).reps[0].measures
    for way in ("smoothness_out", "smoothness_back"):
        assert -2.0 < clear[way].value < -1.3
        assert way not in noisy


# -- the full range of this person -----------------------------------------------------------------------

FULLS = st.builds(
    Full,
    at_least=st.floats(20, 150),
    own_minus=st.none() | st.floats(0, 30),
    own_share=st.none() | st.floats(0.1, 1),
    never_urge_past=st.none() | st.floats(20, 180),
)


@given(FULLS, st.none() | st.floats(0, 200))
def test_nobody_is_urged_past_the_limit_nor_called_full_below_what_counts(full: Full, best: float | None) -> None:
    counts_at = 20.0
    asked = full_at(full, counts_at, best)
    assert asked >= counts_at
    if full.never_urge_past is not None:
        assert asked <= full.never_urge_past
    if best is None and full.never_urge_past is None:
        assert asked == full.at_least


@given(FULLS, st.floats(0, 200), st.floats(0, 200))
def test_who_can_do_more_is_never_asked_for_less(full: Full, a: float, b: float) -> None:
    assert full_at(full, 20.0, min(a, b)) <= full_at(full, 20.0, max(a, b)) + 1e-9


@pytest.mark.parametrize(
    ("exercise", "best", "asked"),
    [
        *((REACH, best, asked) for best, asked in ((None, 150), (170, 150), (155, 145), (130, 120), (90, 120))),
        *((ARCH, best, asked) for best, asked in ((None, 8), (25, 20), (12, 9.6), (60, 30), (5, 8))),
    ],
)
def test_a_shoulder_is_asked_for_its_own_best_less_ten_and_an_arch_for_four_fifths_of_its_own_never_past_30(
    exercise: str, best: float | None, asked: float
) -> None:
    seen = ROUTINE.exercise(exercise).seen
    assert full_at(seen.full, seen.counts_at, best) == pytest.approx(asked)
