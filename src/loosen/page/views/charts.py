"""The charts of the history screen as SVG, light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from loosen.journal.outcomes.findings import Findings, find, find_exercise, measured_results
from loosen.journal.outcomes.period import Period
from loosen.journal.report import panels
from loosen.journal.report.panels import Palette, axis_day, begin_panel, chart_svg, draw_dots, set_days
from loosen.routine.model import Exercise
from loosen.routine.words import Words
from loosen.text import as_title, range_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SITTING = (1.9,)
"""The height of the chart of sitting; those of the others' panels: `exercise_heights`, `score_heights`."""


def exercise_heights(*, sides: bool, also: bool) -> tuple[float, ...]:
    """Return the heights of an exercise's panels.

    `sides`: left and right were measured apart. `also`: a second signal was measured.
    """
    return (2.0, *([1.4] if also else []), *([1.0] if sides else []), 1.0, 1.0, 0.8)


def score_heights(found: Findings) -> tuple[float, ...]:
    """Return the heights of the panels of soreness, stiffness and, where it was told, what the back keeps one from."""
    return (1.6, 1.6, 1.6) if found.hindered is not None and found.hindered.trend.n else (1.6, 1.6)


def exercise_svg(period: Period, exercise: Exercise, words: Words, colours: Palette) -> bytes:
    """Draw an exercise over a period: range with its uncertainty, left and right, stop, way out and back, verdicts."""
    found, seen = find_exercise(exercise.id, period), exercise.seen

    def draw(axes: Sequence[Axes]) -> None:
        left = iter(axes)
        title = as_title(range_name(seen.signal, words))
        panels.range_panel(next(left), period, exercise.id, title, colours)
        if found.also is not None:
            panels.range_panel(next(left), period, exercise.id, as_title(range_name(seen.also, words)), colours, "also")
        if found.apart is not None:
            _sides_panel(next(left), period, exercise.id, colours, words)
        stop = next(left)
        begin_panel(stop, words["chart.stop-title"], colours)
        _draw_seconds(stop, period, exercise.id, "stop_s", colours.accent)
        if exercise.tempo.credited_from_s:
            stop.axhline(exercise.tempo.stop_s, color=colours.soft, lw=0.9, ls=(0, (3, 3)))
        tempo = next(left)
        begin_panel(tempo, words["chart.tempo-title"], colours)
        _draw_seconds(tempo, period, exercise.id, "out_s", colours.accent)
        _draw_seconds(tempo, period, exercise.id, "back_s", colours.other, hollow=True)
        for axis in (stop, tempo):
            axis.set_ylim(0, 1.18 * max(float(axis.dataLim.y1), 1.0))
        _verdict_panel(next(left), period, exercise.id, colours, words)
        set_days(axes[-1], period, words)

    heights = exercise_heights(sides=found.apart is not None, also=found.also is not None)
    return chart_svg(heights, draw)


def scores_svg(period: Period, words: Words, colours: Palette) -> bytes:
    """Draw soreness and stiffness, before and after each session, and what the back keeps one from."""

    found = find(period)

    def draw(axes: Sequence[Axes]) -> None:
        for axis, name in zip(axes, ("soreness", "stiffness"), strict=False):
            panels.score_panel(axis, period, name, words[f"chart.{name}"], colours)
        if len(axes) > 2 and found.hindered is not None:
            panels.hindered_panel(axes[2], period, found.hindered, words["chart.hindered"], colours)
        set_days(axes[-1], period, words)

    return chart_svg(score_heights(found), draw)


def sitting_svg(period: Period, words: Words, colours: Palette) -> bytes:
    """Draw the longest unbroken sit of each day."""

    def draw(axes: Sequence[Axes]) -> None:
        panels.sitting_panel(axes[0], period, words["chart.sitting"], colours)
        set_days(axes[0], period, words)

    return chart_svg(SITTING, draw)


def _sides_panel(axis: Axes, period: Period, exercise: str, colours: Palette, words: Words) -> None:
    """Draw left less right, about a line at 0."""
    known = [
        (axis_day(session), it.apart) for session, it, _ in measured_results(period, exercise) if it.apart is not None
    ]
    unit = known[-1][1].unit
    begin_panel(axis, words("chart.sides-title", unit="°" if unit == "deg" else unit), colours)
    axis.axhline(0, color=colours.soft, lw=0.9)
    draw_dots(axis, [(day, it.value) for day, it in known], colours.accent)
    room = max(max(abs(it.value), it.plus_minus) for _, it in known)
    axis.set_ylim(-1.15 * room, 1.15 * room)


def _verdict_panel(axis: Axes, period: Period, exercise: str, colours: Palette, words: Words) -> None:
    begin_panel(axis, words["chart.verdicts-title"], colours)
    tried = [(axis_day(session), it) for session, it in period.results(exercise) if it.attempts]
    days = [day for day, _ in tried]
    full = [it.verdicts.get("full", 0) for _, it in tried]
    rest = [it.attempts - n for (_, it), n in zip(tried, full, strict=True)]
    axis.set_yticks([0, max((it.attempts for _, it in tried), default=1)])
    width = 0.7 if len(tried) <= panels.MANY else 1.0
    axis.bar(days, full, width=width, color=colours.accent)
    axis.bar(days, rest, width=width, bottom=full, color="none", edgecolor=colours.other, linewidth=0.9)


def _draw_seconds(axis: Axes, period: Period, exercise: str, name: str, colour: str, *, hollow: bool = False) -> None:
    known = [
        (axis_day(session), value)
        for session, it in period.results(exercise)
        if (value := getattr(it, name)) is not None
    ]
    draw_dots(axis, known, colour, hollow=hollow)
