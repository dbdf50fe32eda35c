"""The report as one A4 page of PDF, by matplotlib: it is here already and draws the same on every computer.

A browser would set text better, but not everybody has one that can be told to print. The text can be selected and
searched; for a reader by voice the HTML is the better file.
"""

from __future__ import annotations

import io
import textwrap
from typing import TYPE_CHECKING

from loosen.journal.report.panels import DRAWING, LIGHT, report_panels
from loosen.journal.report.report import PeriodReport
from loosen.routine.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

A4_IN = (8.27, 11.69)
LEFT, RIGHT = 0.06, 0.94
LINE = 0.0132
"""The height of a line of text, as a share of the page."""
PANEL_ON_PAGE = 0.06
"""The least height of a panel, as a share of the page."""
LETTERS_ACROSS = 92
COLUMNS = (0.0, 0.19, 0.262, 0.335, 0.49, 0.56, 0.65, 0.765, 0.85)
WIDTHS = (22, 9, 9, 19, 9, 10, 14, 10, 18)
"""Where the table's columns begin, as shares of its width, and how many letters each may hold."""


def as_pdf(report: PeriodReport, words: Words) -> bytes:
    """Return the report as PDF, A4, one page."""
    import matplotlib
    from matplotlib.figure import Figure

    out = io.BytesIO()
    with DRAWING, matplotlib.rc_context({"pdf.fonttype": 42, "font.size": 8.5}):
        figure = Figure(figsize=A4_IN)
        y = _head(figure, report)
        y = _facts(figure, report, y)
        y = _table(figure, report, y)
        bottom = _method(figure, report)
        _charts(figure, report, words, bottom, y)
        figure.savefig(out, format="pdf", metadata={"Title": report.title, "Creator": "loosen", "CreationDate": None})
    return out.getvalue()


def _head(figure: Figure, report: PeriodReport) -> float:
    figure.text(LEFT, 0.955, report.title, fontsize=15, weight="bold", color=LIGHT.ink, va="top")
    figure.text(RIGHT, 0.972, report.name, fontsize=9, color=LIGHT.soft, va="top", ha="right")
    figure.text(LEFT, 0.93, report.when, fontsize=9, color=LIGHT.soft, va="top")
    _rule(figure, 0.912, LIGHT.accent, 1.4)
    return 0.903


def _facts(figure: Figure, report: PeriodReport, y: float) -> float:
    for label, text in report.facts:
        figure.text(LEFT, y, label, weight="bold", color=LIGHT.ink, va="top")
        for line in textwrap.wrap(text, LETTERS_ACROSS):
            figure.text(LEFT + 0.14, y, line, color=LIGHT.ink, va="top")
            y -= LINE
        y -= 0.35 * LINE
    return y - 0.4 * LINE


def _table(figure: Figure, report: PeriodReport, y: float) -> float:
    for number, row in enumerate((report.head, *report.table)):
        cells = [textwrap.wrap(text, width) or [""] for text, width in zip(row, WIDTHS, strict=True)]
        for at, lines in zip(COLUMNS, cells, strict=True):
            for index, line in enumerate(lines):
                figure.text(
                    LEFT + at * (RIGHT - LEFT), y - index * 0.85 * LINE, line, fontsize=7, va="top",
                    color=LIGHT.soft if number == 0 else LIGHT.ink,
                    weight="bold" if number and at == 0 else "normal",
                )  # fmt: skip
        y -= (max(len(lines) for lines in cells) * 0.85 + 0.45) * LINE
        _rule(figure, y + 0.25 * LINE, LIGHT.line, 0.7)
    for line in textwrap.wrap(report.table_note, 150):
        figure.text(LEFT, y - 0.1 * LINE, line, fontsize=7, color=LIGHT.soft, va="top")
        y -= 0.85 * LINE
    return y - 0.8 * LINE


def _charts(figure: Figure, report: PeriodReport, words: Words, bottom: float, top: float) -> None:
    """Draw the report's panels in two columns, as many as fit between `bottom` and `top`."""
    panels = report_panels(report.period, report.weeks, report.titles, words)
    panels = panels[: 2 * max(int((top - bottom) / PANEL_ON_PAGE), 0)]
    rows, width = -(-len(panels) // 2), RIGHT - LEFT
    for index, (_, draw) in enumerate(panels):
        high = (top - bottom) / rows
        x, y = LEFT + (index % 2) * (0.52 * width) + 0.02, top - (index // 2 + 1) * high
        axis = figure.add_axes((x, y + 0.22 * high, 0.42 * width, 0.54 * high))
        draw(axis)
        axis.tick_params(labelsize=7)
        axis.title.set_fontsize(8)


def _method(figure: Figure, report: PeriodReport) -> float:
    lines = [line for text in report.method for line in textwrap.wrap(text, 142)]
    y = 0.03 + len(lines) * 0.95 * LINE
    top = y
    for line in lines:
        figure.text(LEFT, y, line, fontsize=7.5, color=LIGHT.soft, va="top")
        y -= 0.95 * LINE
    return top + 0.012


def _rule(figure: Figure, y: float, colour: str, width: float) -> None:
    from matplotlib.lines import Line2D

    figure.add_artist(Line2D([LEFT, RIGHT], [y, y], color=colour, lw=width))
