"""The picture of one repetition: the page only draws what is decided here."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from loosen.coach.counting.report import Trace, in_thousandths
from loosen.coach.guidance.rep_chart import HEIGHT, WIDTH, RepChart, rep_chart
from loosen.routine.words import load_words

WORDS = load_words()


def signal(values: list[float], stop_s: tuple[float, float] | None = (2.0, 4.0)) -> Trace:
    times = tuple(1000 * n for n in range(len(values)))
    return Trace(
        signal="lean", unit="deg", stop_s=stop_s, target=15.0, t_ms=times, thousandths=in_thousandths(values)
    )


def chart(values: list[float], **more: object) -> RepChart | None:
    return rep_chart(signal(values), WORDS, "chart.said", title="Arches", **more)  # type: ignore[arg-type]


def texts(drawn: RepChart) -> list[str]:
    return [label.text for label in drawn.labels]


def test_it_shows_the_way_out_the_stop_and_the_way_back_and_from_where_on_it_is_full() -> None:
    drawn = chart([0, 10, 20, 20, 20, 10, 0])
    assert drawn is not None
    assert {"out 2.0 s", "stop 2.0 s", "back 2.0 s", "full from 15°", "6.0 s"} <= set(texts(drawn))
    assert {"0°", "10°", "20°"} <= set(texts(drawn))
    assert drawn.alt == "Arches: one repetition, up to 20°, full from 15°. The stop lasted 2.0 seconds."
    (curve,) = [line for line in drawn.lines if line.kind == "signal"]
    assert len(curve.points) == 7
    assert min(y for _, y in curve.points) < drawn.band[1] + drawn.band[3], "its top lies in the full range"


def test_what_is_unknown_breaks_the_line() -> None:
    drawn = chart([0, 10, math.nan, 20, 10])
    assert drawn is not None
    assert [len(line.points) for line in drawn.lines if line.kind == "signal"] == [2, 2]


def test_of_too_little_no_chart_is_drawn() -> None:
    assert chart([5.0]) is None
    assert chart([math.nan, 5.0, math.nan]) is None


def test_the_band_ends_where_nobody_is_urged_any_further() -> None:
    low, open_above = chart([0, 30, 0], full_to=20.0), chart([0, 30, 0])
    assert low is not None
    assert open_above is not None
    assert low.band[3] < open_above.band[3]


@given(st.lists(st.floats(-30, 190), min_size=2, max_size=40), st.floats(0, 60))
def test_nothing_is_drawn_outside_of_the_picture(values: list[float], seconds: float) -> None:
    drawn = chart(values, seconds=seconds)
    assert drawn is not None
    points = [point for line in drawn.lines if line.kind != "turn" for point in line.points]
    points += [(label.x, label.y) for label in drawn.labels]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert len(texts(drawn)) <= 12
