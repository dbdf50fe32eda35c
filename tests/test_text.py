"""A dose, a measured value and a day are said in one way, and no finer than they are known."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loosen.routine.words import load_words
from loosen.text import day_text, dose_figures, dose_text, measure_text, short_day_text, value_text, weekday_name

WORDS = load_words()
SUNDAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("sets", "reps", "each", "text", "figures"),
    [
        (1, 5, False, "1 set of 5", "1 × 5"),
        (1, 5, True, "1 set of 5 on each side", "1 × 5 + 5"),
        (3, 8, False, "3 sets of 8", "3 × 8"),
    ],
)
def test_a_dose_is_said_as_people_say_it(sets: int, reps: int, each: bool, text: str, figures: str) -> None:
    assert dose_text(sets, reps, WORDS, each=each) == text
    assert dose_figures(sets, reps, each=each) == figures


@pytest.mark.parametrize(
    ("value", "plus_minus", "unit", "text"),
    [
        (22.4, 3.2, "deg", "20° ± 5°"),
        (22.6, 6.1, "deg", "25° ± 7°"),
        (0.85, 0.1, "leg lengths", "0.85 ± 0.10 leg lengths"),
        (0.85, 0.1, "", "0.85 ± 0.10"),
    ],
)
def test_no_figure_is_finer_than_the_camera(value: float, plus_minus: float, unit: str, text: str) -> None:
    assert measure_text(value, plus_minus, unit) == text


@given(st.floats(0, 180), st.floats(0, 60))
def test_the_error_that_is_said_is_never_smaller_than_it_is(value: float, plus_minus: float) -> None:
    assert int(measure_text(value, plus_minus, "deg").split("± ")[1].rstrip("°")) >= max(plus_minus, 5)


def test_a_value_is_said_with_its_unit() -> None:
    assert [value_text(22.4, "deg"), value_text(0.85, "leg lengths"), value_text(37.6, "min")] == [
        "20°",
        "0.85 leg lengths",
        "38 min",
    ]


def test_a_day_is_said_long_and_short() -> None:
    assert day_text(SUNDAY, WORDS) == "Sunday 22 November 2026"
    assert short_day_text(SUNDAY, WORDS) == "22 Nov"
    assert weekday_name(SUNDAY, WORDS, short=True) == "Sun"


def test_the_catalogue_names_every_day_and_month() -> None:
    days = [date(2026, 1, 5) + timedelta(days=n) for n in range(7)]
    assert [weekday_name(day, WORDS)[0] for day in days] == WORDS["calendar.weekday-letters"].split(", ")
    for month in range(1, 13):
        name = date(2026, month, 1)
        assert short_day_text(name, WORDS).split()[1] == f"{name:%b}"
        assert day_text(name, WORDS) == f"{name:%A} 1 {name:%B} 2026"
