"""An improvement is called one only beyond the person's own scatter."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loosen.journal.outcomes.trends import (
    ABILITY,
    DEGREES,
    MDC_PER_SEM,
    SCORE,
    SIDES,
    SITTING_MIN,
    SORENESS,
    DayValue,
    detectable_change,
    ratio,
    rounded,
    trend,
)

MONDAY = date(2026, 9, 7)


def points(*values: float, every: int = 2) -> list[DayValue]:
    return [DayValue(MONDAY + timedelta(days=every * n), value) for n, value in enumerate(values)]


def test_before_any_session_the_detectable_change_is_the_one_to_start_from() -> None:
    assert detectable_change([], DEGREES).change == pytest.approx(8.0)
    assert detectable_change([], SCORE).change == pytest.approx(2.0)


def test_it_is_the_published_formula_once_the_own_scatter_outweighs_the_start() -> None:
    """MDC95 = 1.96 * sqrt(2) * SEM, with SEM the within-person standard deviation."""
    values = points(*([20.0, 26.0] * 2000), every=0)
    sem = math.sqrt(6.0**2 / 2)
    assert detectable_change(values, DEGREES).change == pytest.approx(MDC_PER_SEM * sem, rel=0.002)


def test_somebody_who_scatters_much_needs_a_larger_change_than_somebody_steady() -> None:
    chance = random.Random(3)
    steady = points(*(20 + chance.gauss(0, 1) for _ in range(40)))
    wild = points(*(20 + chance.gauss(0, 8) for _ in range(40)))
    assert detectable_change(steady, DEGREES).change == 5.0  # no finer than degrees are shown
    assert detectable_change(wild, DEGREES).change > 15


def test_a_slow_change_is_not_taken_for_scatter() -> None:
    assert detectable_change(points(*(10 + 0.25 * n for n in range(60))), DEGREES).change == 5.0


def test_a_jump_over_a_long_break_is_not_taken_for_scatter() -> None:
    before, after = points(20, 20, 20), [DayValue(MONDAY + timedelta(days=200), 60.0)]
    assert detectable_change(before + after, DEGREES) == detectable_change(before, DEGREES)


def test_an_improvement_within_the_scatter_is_about_the_same() -> None:
    assert trend(points(18, 20, 19, 22, 24, 23), DEGREES).finding == "same"


def test_an_improvement_beyond_it_is_called_one_and_a_loss_too() -> None:
    assert trend(points(10, 11, 10, 22, 23, 22), DEGREES).finding == "improved"
    assert trend(points(22, 23, 22, 10, 11, 10), DEGREES).finding == "worse"


def test_less_pain_is_better_and_two_points_are_not_beyond_two_points() -> None:
    assert trend(points(6, 6, 6, 2, 2, 2), SCORE).finding == "improved"
    assert trend(points(6, 6, 6, 4, 4, 4), SCORE).finding == "same"
    assert trend(points(2, 2, 2, 6, 6, 6), SCORE).finding == "worse"


@given(st.lists(st.floats(0, 60), min_size=4, max_size=40))
def test_what_is_called_a_change_is_one_between_the_figures_as_they_are_shown(values: list[float]) -> None:
    for scale in (DEGREES, SCORE, SITTING_MIN, SIDES, ratio(0.1)):
        found = trend(points(*values, every=3), scale)
        assert found.first is not None
        assert found.last is not None
        apart = abs(found.last - found.first)
        assert (found.finding in ("improved", "worse")) == (round(apart, 4) > found.detectable.change)
        for figure, step in (
            (found.first, scale.step),
            (found.last, scale.step),
            (found.detectable.change, scale.change_step),
        ):
            assert rounded(figure, step) == pytest.approx(figure)


def test_two_points_or_a_third_less_pain_is_a_change_that_people_notice() -> None:
    def noticed(*values: float) -> bool:
        return trend(points(*values), SORENESS).noticed

    assert noticed(6, 6, 6, 4, 4, 4)
    assert noticed(3, 3, 3, 2, 2, 2)
    assert noticed(4, 4, 4, 6, 6, 6)
    assert not noticed(6, 6, 6, 5, 5, 5)
    assert not noticed(6, 6, 6, 6, 6, 6)
    assert not noticed(6, 2)  # too early to say
    assert not noticed(0, 0, 0, 1, 1, 1)  # a third of nothing is anything
    assert not noticed(1, 1, 1, 0.5, 0.5, 0.5)
    assert noticed(0, 0, 0, 2, 2, 2)
    for scale in (SCORE, ABILITY):  # the third is of pain
        assert not trend(points(3, 3, 3, 2, 2, 2), scale).noticed
        assert trend(points(4, 4, 4, 2, 2, 2), scale).noticed
    assert not trend(points(20, 20, 20, 40, 40, 40), DEGREES).noticed  # of a range nobody knows


def test_between_left_and_right_nearer_to_nothing_is_better_whichever_side_leads() -> None:
    assert trend(points(-20, -20, -20, 2, 2, 2), SIDES).finding == "improved"
    assert trend(points(2, 2, 2, -20, -20, -20), SIDES).finding == "worse"


@pytest.mark.parametrize("values", [(), (10.0,), (10.0, 40.0), (10.0, 12.0, 40.0)])
def test_with_few_sessions_it_is_too_early_to_say(values: tuple[float, ...]) -> None:
    assert trend(points(*values, every=5), DEGREES).finding == "early"


def test_within_one_week_it_is_too_early_to_say() -> None:
    assert trend(points(10, 10, 10, 40, 40, 40, every=1), DEGREES).finding == "early"


def test_a_range_that_is_no_angle_starts_from_two_readings_of_the_camera() -> None:
    assert ratio(0.1).start == pytest.approx(0.1414, abs=1e-4)


def test_somebody_who_does_not_change_is_rarely_told_otherwise() -> None:
    """Over made-up people with every scatter, at most one in twenty, as the 95% in the formula says."""
    wrong = 0
    for seed in range(400):
        chance = random.Random(seed)
        scatter = chance.uniform(0.5, 10)
        values = points(*(20 + chance.gauss(0, scatter) for _ in range(chance.randint(4, 40))))
        wrong += trend(values, DEGREES).finding in ("improved", "worse")
    assert wrong <= 20


def test_somebody_who_gets_much_looser_is_told_so() -> None:
    told = 0
    for seed in range(100):
        chance = random.Random(seed)
        values = points(*(12 + 15 * n / 20 + chance.gauss(0, 2) for n in range(21)))
        told += trend(values, DEGREES).finding == "improved"
    assert told >= 95


@given(st.lists(st.floats(0, 180), min_size=4, max_size=60))
def test_what_is_improved_one_way_is_worse_the_other_way(values: list[float]) -> None:
    forth = trend(points(*values, every=3), DEGREES)
    back = trend(points(*reversed(values), every=3), DEGREES)
    turned = {"improved": "worse", "worse": "improved", "same": "same", "early": "early"}
    assert back.finding == turned[forth.finding]
