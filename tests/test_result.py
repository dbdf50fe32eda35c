"""What came of an exercise in a session: one figure for everybody who says it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from journal_makers import rep_done

from loosen.coach.counting.rep import Measure, Rep
from loosen.coach.counting.result import exercise_result


def reached(*degrees: float, **changes: Any) -> list[Rep]:
    return [rep_done(n, range_deg=value, **changes) for n, value in enumerate(degrees)]


def test_the_range_is_the_median_of_the_counted_repetitions_with_the_cameras_error() -> None:
    reps = [*reached(10.0, 20.0, 60.0), rep_done(3, range_deg=90.0, counted=False, verdict="partial")]
    found = exercise_result("back-arches", reps)
    assert found.range == Measure(20.0, "deg", 4.0)
    assert (found.attempts, found.counted, found.done) == (4, 3, 3)
    assert found.verdicts == {"full": 3, "partial": 1}


def test_what_was_led_by_voice_is_done_and_not_measured() -> None:
    found = exercise_result("reach", [], done=5, hurt=True)
    assert (found.done, found.attempts, found.range, found.stop_s) == (5, 0, None, None)
    assert found.hurt


def test_sides_are_compared_where_both_were_seen() -> None:
    reps = [*reached(20.0, 24.0, side="left"), *reached(12.0, 14.0, side="right")]
    found = exercise_result("walk", reps)
    assert (found.left, found.right) == (22.0, 13.0)
    assert found.apart == Measure(9.0, "deg", math.sqrt(2) * 4.0)
    assert exercise_result("walk", reps[:2]).apart is None


def test_a_difference_that_was_measured_as_such_comes_before_one_worked_out() -> None:
    measures = {name: Measure(value, "deg", 4.0) for name, value in (("range", 20.0), ("left_right", 3.0))}
    assert exercise_result("x", [rep_done(measures=measures)]).apart == Measure(3.0, "deg", 4.0)


@pytest.mark.parametrize("name", ["still_s", "stop_s"])
def test_the_stop_is_how_long_one_stood_still_as_far_as_that_is_known(name: str) -> None:
    measures = {"stop_s": Measure(3.0, "s", 0.1)} | {name: Measure(2.0, "s", 0.1)}
    assert exercise_result("x", [rep_done(measures=measures)]).stop_s == 2.0


def test_faults_of_all_attempts_are_counted_the_commonest_first() -> None:
    reps = [rep_done(faults=("a",)), rep_done(faults=("b", "a")), rep_done(faults=("b",), counted=False)]
    assert exercise_result("x", [*reps, rep_done(faults=("b",))]).faults == {"b": 3, "a": 2}
