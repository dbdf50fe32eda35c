"""The picture of one repetition: the page only draws what is decided here."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from journal_makers import rep_done

from loosen.coach.counting.rep import Trace, in_thousandths
from loosen.coach.guidance.rep_chart import HEIGHT, WIDTH, RepChart, rep_chart
from loosen.routine.words import load_words

WORDS = load_words()


def chart(
    values: list[float], *, begins_s: float = 0.0, seconds: float = 6.0, full_to: float | None = None
) -> RepChart | None:
    """Return the chart of a signal of a value a second, with a stop from 2 to 4 s."""
    signal = Trace(
        signal="lean",
        unit="deg",
        stop_s=(2.0, 4.0),
        target=15.0,
        t_ms=tuple(round(1000 * (begins_s + n)) for n in range(len(values))),
        thousandths=in_thousandths(values),
    )
    rep = rep_done(start_s=100.0, end_s=100.0 + seconds, signal=signal)
    return rep_chart(rep, WORDS, "chart.said", full_to=full_to, title="Arches")


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


def test_what_was_seen_before_and_after_the_repetition_is_no_part_of_its_time() -> None:
    drawn = chart([0, 0, 10, 20, 20, 20, 10, 0, 0], begins_s=-1.0)
    assert drawn is not None
    assert {"out 2.0 s", "back 2.0 s", "6.0 s"} <= set(texts(drawn))


def test_what_is_unknown_breaks_the_line() -> None:
    drawn = chart([0, 10, math.nan, 20, 10])
    assert drawn is not None
    assert [len(line.points) for line in drawn.lines if line.kind == "signal"] == [2, 2]


def test_of_too_little_no_chart_is_drawn() -> None:
    assert chart([5.0]) is None
    assert rep_chart(rep_done(), WORDS, "chart.said", title="Arches") is None
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
