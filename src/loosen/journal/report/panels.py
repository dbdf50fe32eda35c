"""The report's charts: each on its own for the HTML, all on one page for the PDF."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from loosen.journal.outcomes.period import Period
from loosen.journal.report.charts import (
    PALETTES,
    Palette,
    as_svg,
    drawing,
    panels_in,
    plain,
    range_panel,
    score_panel,
    set_days,
    sitting_panel,
    titled,
)
from loosen.routine.words import Words
from loosen.text import short_day_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL_ON_PAGE = 0.07
"""The least height of one of the report's panels, as a share of the page."""


def report_svgs(
    period: Period, weeks: Sequence[tuple[date, int]], titles: Sequence[tuple[str, str]], words: Words
) -> list[tuple[str, bytes]]:
    """Draw the report's panels one by one, each with what it shows; `titles` by exercise id."""
    out = []
    for label, draw in _report(period, weeks, titles, words):
        with drawing():
            figure, axes = panels_in([1.5])
            draw(axes[0])
            out.append((label, as_svg(figure, axes, words)))
    return out


def report_panels(
    figure: Figure,
    box: tuple[float, float, float, float],
    period: Period,
    weeks: Sequence[tuple[date, int]],
    titles: Sequence[tuple[str, str]],
    words: Words,
) -> None:
    """Draw the report's panels, as many as fit, into a part of a page: left, bottom, width and height as shares."""
    left, bottom, width, height = box
    panels = _report(period, weeks, titles, words)[: 2 * max(int(height / PANEL_ON_PAGE), 0)]
    rows = -(-len(panels) // 2)
    for index, (_, draw) in enumerate(panels):
        x = left + (index % 2) * (0.52 * width) + 0.02
        high = height / rows
        y = bottom + height - (index // 2 + 1) * high
        axis = figure.add_axes((x, y + 0.22 * high, 0.42 * width, 0.54 * high))
        draw(axis)
        axis.tick_params(labelsize=7)
        axis.title.set_fontsize(8)


def _report(
    period: Period, weeks: Sequence[tuple[date, int]], titles: Sequence[tuple[str, str]], words: Words
) -> list[tuple[str, Callable[[Axes], None]]]:
    colours = PALETTES["light"]

    def dated(draw: Callable[[Axes], None]) -> Callable[[Axes], None]:
        def both(axis: Axes) -> None:
            draw(axis)
            set_days(axis, period, words)

        return both

    panels: list[tuple[str, Callable[[Axes], None]]] = [
        (
            words["report.weeks-chart"],
            lambda axis: weeks_panel(axis, weeks, colours, words),
        )
    ]
    for name in ("soreness", "stiffness"):
        label = words[f"chart.{name}"]
        panels.append((label, dated(lambda axis, n=name: score_panel(axis, period, n, colours, words))))  # type: ignore[misc]
    if period.sitting:
        label = words["chart.sitting"]
        panels.append(
            (label, dated(lambda axis: sitting_panel(axis, period, colours, words["chart.sitting"])))
        )
    for exercise, title in titles:
        panels.append(
            (title, dated(lambda axis, e=exercise, t=title: range_panel(axis, period, e, colours, t)))  # type: ignore[misc]
        )
    return panels


def weeks_panel(axis: Axes, weeks: Sequence[tuple[date, int]], colours: Palette, words: Words) -> None:
    """Draw on how many days of each week (by its Monday) something was done."""
    plain(axis, colours)
    titled(axis, words["report.weeks-chart"], colours)
    axis.bar(range(len(weeks)), [days for _, days in weeks], width=0.7, color=colours.accent)
    axis.set_ylim(0, 7)
    axis.set_yticks([0, 7])
    axis.set_xlim(-0.6, len(weeks) - 0.4)
    every = max(-(-len(weeks) // 4), 1)
    shown = range(0, len(weeks), every)
    axis.set_xticks(list(shown), [short_day_text(weeks[n][0], words) for n in shown])
