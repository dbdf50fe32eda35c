"""One repetition's signal as a small chart: what is drawn and where is decided here, the page only draws it."""

from __future__ import annotations

import math
from itertools import groupby

import msgspec

from loosen.coach.counting.rep import Rep
from loosen.routine.words import Words
from loosen.text import value_text

WIDTH, HEIGHT = 260.0, 124.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 28.0, WIDTH - 4, 20.0, HEIGHT - 16
"""The box in which the signal is drawn; y goes down."""
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
_LETTER = 4.9
"""The mean width of a letter of the labels, in the chart's units."""


class ChartLine(msgspec.Struct, frozen=True):
    """A line through points (x, y). `kind`: "signal", "target", "grid" or "turn" (where a phase ends)."""

    kind: str
    points: tuple[tuple[float, float], ...]


class ChartLabel(msgspec.Struct, frozen=True):
    """A text at (x, y), beginning there ("start"), ending there ("end") or about it ("middle")."""

    text: str
    x: float
    y: float
    anchor: str


class RepChart(msgspec.Struct, frozen=True, kw_only=True):
    """A chart `width` by `height`; x goes to the right, y down. `band`: the box (x, y, width, height) of a full range.

    `stop`: the box in which the person stood still, None where there was no stop. `alt` says what is seen.
    """

    band: tuple[float, float, float, float]
    stop: tuple[float, float, float, float] | None
    lines: tuple[ChartLine, ...]
    labels: tuple[ChartLabel, ...]
    alt: str
    width: float = WIDTH
    height: float = HEIGHT


def rep_chart(
    rep: Rep | None, words: Words, said: str, *, full_to: float | None = None, **blanks: object
) -> RepChart | None:
    """Return the chart of a repetition, None where too little of its signal is known.

    `said`: the key of the words that describe it, with its `blanks` besides `peak` and `target`. `full_to`: the value
    beyond which nobody is urged.
    """
    if rep is None or (signal := rep.signal) is None:
        return None
    known = [value for _, value in signal.points if math.isfinite(value)]
    if len(known) < 2:
        return None
    # The signal begins a little before the repetition does, at 0 s, and ends a little after it.
    seconds = rep.end_s - rep.start_s
    first_s, last_s = signal.points[0][0], max(signal.points[-1][0], seconds)
    low, top = min(*known, 0.0), max(*known, signal.target) * 1.1

    def x(t_s: float) -> float:
        return round(_LEFT + (t_s - first_s) / (last_s - first_s or 1.0) * (_RIGHT - _LEFT), 1)

    def y(value: float) -> float:
        return round(_BOTTOM - (value - low) / (top - low or 1.0) * (_BOTTOM - _TOP), 1)

    def level(kind: str, value: float) -> ChartLine:
        return ChartLine(kind, ((_LEFT, y(value)), (_RIGHT, y(value))))

    target = value_text(signal.target, signal.unit)
    alt = words(said, peak=value_text(max(known), signal.unit), target=target, **blanks)
    lines, labels = [], []
    for value in _ticks(low, top):
        lines.append(level("grid", value))
        text = f"{value:.0f}°" if signal.unit == "deg" else f"{value:g}"
        labels.append(ChartLabel(text, _LEFT - 4, y(value) + 4, "end"))
    lines.append(level("target", signal.target))
    labels.append(ChartLabel(words("chart.full-from", value=target), _RIGHT, y(signal.target) - 3, "end"))
    labels.append(ChartLabel(words("chart.seconds", n=f"{seconds:.1f}"), _RIGHT, HEIGHT - 3, "end"))
    stop = None
    if signal.stop_s is not None:
        begins, ends = signal.stop_s
        alt += " " + words("chart.said-stop", seconds=f"{ends - begins:.1f}")
        stop = (x(begins), _TOP, round(max(x(ends) - x(begins), 2.0), 1), _BOTTOM - _TOP)
        phases = (("out", 0.0, begins), ("stop", begins, ends), ("back", ends, max(seconds, ends)))
        for name, from_s, to_s in phases:
            lines += [ChartLine("turn", ((x(t_s), _TOP), (x(t_s), _BOTTOM))) for t_s in (from_s, to_s)]
            text = words(f"chart.{name}", seconds=f"{to_s - from_s:.1f}")
            half = _LETTER * len(text) / 2
            if name == "stop" or x(to_s) - x(from_s) > 2 * half:
                middle = min(max((x(from_s) + x(to_s)) / 2, half), WIDTH - half)
                labels.append(ChartLabel(text, round(middle, 1), _TOP - 6, "middle"))
    # Where the signal is unknown the line is broken.
    for is_known, points in groupby(signal.points, lambda point: math.isfinite(point[1])):
        if is_known:
            lines.append(ChartLine("signal", tuple((x(t_s), y(value)) for t_s, value in points)))
    high = y(min(max(full_to or top, signal.target), top))
    band = (_LEFT, high, _RIGHT - _LEFT, round(y(signal.target) - high, 1))
    return RepChart(band=band, stop=stop, lines=tuple(lines), labels=tuple(labels), alt=alt)


def _ticks(low: float, top: float) -> list[float]:
    """Return at most five round values from `low` to `top`."""
    step = next((step for step in _STEPS if top - low <= 4 * step), _STEPS[-1])
    return [n * step for n in range(math.ceil(low / step), math.floor(top / step) + 1)]
