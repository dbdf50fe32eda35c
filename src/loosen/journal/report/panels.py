"""The panels that charts are made of, by matplotlib: those that the page and the report share, and the report's own.

matplotlib is imported when something is drawn; its settings are the whole process's, so one chart is drawn at a time.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from loosen.journal.outcomes.findings import HinderedFinding, also_results, find, find_exercise, measured_results
from loosen.journal.outcomes.hindrance import QUESTION
from loosen.journal.outcomes.period import Period
from loosen.journal.store.records import SessionRow
from loosen.routine.words import Words
from loosen.text import number_text, short_day_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FONTS = (
    "Seravek, 'Gill Sans Nova', 'Avenir Next', 'Segoe UI', Ubuntu, Cantarell, 'Noto Sans',"
    " 'DejaVu Sans Condensed', 'DejaVu Sans', sans-serif"
)
WIDTH_IN, PANEL_IN = 4.3, 1.1
MANY = 60
"""From so many points on they are drawn smaller."""

DRAWING = threading.Lock()
"""Held while a chart is drawn."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The page's colours."""

    ink: str
    soft: str
    line: str
    accent: str
    band: str
    other: str


LIGHT = Palette("#22292e", "#5a5c57", "#dacfbc", "#0b6b65", "#b9d6cd", "#8f4a1c")
DARK = Palette("#eef0ec", "#aab4b8", "#36424c", "#6fd0c0", "#2a5a55", "#f0b287")


def chart_svg(heights: Sequence[float], draw: Callable[[Sequence[Axes]], None]) -> bytes:
    """Return a chart of panels of these heights, one above the other, as SVG with its words in the page's letters."""
    import matplotlib
    from matplotlib.figure import Figure

    out = io.BytesIO()
    with DRAWING, matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "loosen"}):
        figure = Figure(figsize=(WIDTH_IN, WIDTH_IN * shape(heights)), layout="constrained")
        figure.patch.set_alpha(0)
        axes = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights, sharex=len(heights) > 1)
        draw([row[0] for row in axes])
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return (
        out.getvalue().replace(b"'DejaVu Sans', sans-serif", FONTS.encode()).replace(b"'DejaVu Sans'", FONTS.encode())
    )


def shape(heights: Sequence[float]) -> float:
    """Return how high a chart is for its width, so that its place can be kept."""
    return (PANEL_IN * sum(heights) * 0.86 + 0.3) / WIDTH_IN


def report_panels(
    period: Period, weeks: Sequence[tuple[date, int]], titles: Sequence[tuple[str, str]], words: Words
) -> list[tuple[str, Callable[[Axes], None]]]:
    """Return the report's panels: what each shows, and how it is drawn. `titles` by exercise id."""

    def dated(draw: Callable[..., None], *what: object) -> Callable[[Axes], None]:
        def draw_with_days(axis: Axes) -> None:
            draw(axis, period, *what, LIGHT)
            set_days(axis, period, words)

        return draw_with_days

    label = words["report.weeks-chart"]
    panels: list[tuple[str, Callable[[Axes], None]]] = [
        (label, lambda axis: _weeks_panel(axis, weeks, words["report.weeks-chart"], words))
    ]
    for name in ("soreness", "stiffness"):
        label = words[f"chart.{name}"]
        panels.append((label, dated(score_panel, name, label)))
    if (hindered := find(period).hindered) is not None and hindered.trend.n:
        label = words["chart.hindered"]
        panels.append((label, dated(hindered_panel, hindered, label)))
    if period.sitting:
        label = words["chart.sitting"]
        panels.append((label, dated(sitting_panel, label)))
    return panels + [(title, dated(range_panel, exercise, title)) for exercise, title in titles]


def range_panel(
    axis: Axes, period: Period, exercise: str, title: str, colours: Palette, what: Literal["range", "also"] = "range"
) -> None:
    """Draw the range of each session with its uncertainty band, and the first and last level that is said in words.

    `what` "also": of the second signal.
    """
    found = find_exercise(exercise, period)
    if what == "range":
        level, known = found.range, [(session, it) for session, _, it in measured_results(period, exercise)]
    else:
        level = found.range if found.also is None else found.also.range
        known = also_results(period, exercise)
    unit = known[-1][1].unit if known else ""
    begin_panel(axis, f"{title} ({'°' if unit == 'deg' else unit})" if unit else title, colours)
    days = [axis_day(session) for session, _ in known]
    values = [it.value for _, it in known]
    low = [it.value - it.plus_minus for _, it in known]
    high = [it.value + it.plus_minus for _, it in known]
    if len(known) == 1:
        axis.errorbar(days, values, yerr=known[0][1].plus_minus, color=colours.accent, capsize=4)
    axis.fill_between(days, low, high, color=colours.band, lw=0)
    draw_dots(axis, list(zip(days, values, strict=True)), colours.accent)
    if not high:
        return
    room = max(high) - min(low)
    axis.set_ylim(max(0.0, min(low) - 0.15 * room), max(high) + 0.15 * room)
    ends = [(days[-level.window :], level.last, (6, 0), "left", "center")]
    if level.finding != "early":
        ends.append((days[: level.window], level.first, (0, 5), "left", "bottom"))
    for of, value, away, across, along in ends:
        if value is not None:
            axis.plot([of[0], of[-1]], [value, value], color=colours.other, lw=1.6)
            axis.annotate(
                number_text(value, unit), (of[-1] if across == "left" and away[0] else of[0], value), xytext=away,
                textcoords="offset points", ha=across, va=along, color=colours.ink, fontsize=9, annotation_clip=False,
            )  # fmt: skip


def hindered_panel(axis: Axes, period: Period, found: HinderedFinding, title: str, colours: Palette) -> None:
    """Draw each answer on how well it goes, what the back keeps the person from."""
    begin_panel(axis, title, colours)
    told = [(axis_day(it), it.ratings[QUESTION]) for it in period.sessions if QUESTION in it.ratings]
    draw_dots(axis, [(day, value) for day, value in told if day >= found.since.toordinal()], colours.accent)
    _set_points(axis)


def score_panel(axis: Axes, period: Period, name: str, title: str, colours: Palette) -> None:
    """Draw a score before (dot) and after (ring) each session, joined by a line."""
    begin_panel(axis, title, colours)
    both = [
        (axis_day(session), session.ratings.get(f"{name}-before"), session.ratings.get(f"{name}-after"))
        for session in period.sessions
    ]
    told = [(day, before) for day, before, _ in both if before is not None]
    after = [(day, value) for day, _, value in both if value is not None]
    for day, before, value in both:
        if before is not None and value is not None:
            axis.plot([day, day], [before, value], color=colours.band, lw=2.2, solid_capstyle="butt")
    size = 2.6 if len(both) > MANY else 4.2
    axis.plot([day for day, _ in told], [value for _, value in told], "o", ms=size, color=colours.accent)
    axis.plot(
        [day for day, _ in after], [value for _, value in after], "o", ms=size + 1, mfc="none",
        mec=colours.other, mew=1.2,
    )  # fmt: skip
    _set_points(axis)


def _set_points(axis: Axes) -> None:
    axis.set_ylim(-0.6, 10.4)
    axis.set_yticks([0, 5, 10])


def sitting_panel(axis: Axes, period: Period, title: str, colours: Palette) -> None:
    """Draw each day's longest unbroken sit as a bar, with a line at 45 minutes."""
    begin_panel(axis, title, colours)
    days = [day.day.toordinal() + 0.5 for day in period.sitting]
    axis.bar(days, [day.longest_min for day in period.sitting], width=0.7, color=colours.accent)
    axis.axhline(45, color=colours.other, lw=1, ls=(0, (4, 3)))
    top = max((day.longest_min for day in period.sitting), default=60)
    axis.set_ylim(0, max(60, top * 1.1))
    axis.set_yticks([0, 45, *([90] if top > 80 else [])])


def _weeks_panel(axis: Axes, weeks: Sequence[tuple[date, int]], title: str, words: Words) -> None:
    """Draw on how many days of each week (by its Monday) something was done."""
    begin_panel(axis, title, LIGHT)
    axis.bar(range(len(weeks)), [days for _, days in weeks], width=0.7, color=LIGHT.accent)
    axis.set_ylim(0, 7)
    axis.set_yticks([0, 7])
    axis.set_xlim(-0.6, len(weeks) - 0.4)
    shown = range(0, len(weeks), max(-(-len(weeks) // 4), 1))
    axis.set_xticks(list(shown), [short_day_text(weeks[n][0], words) for n in shown])


def draw_dots(axis: Axes, points: Sequence[tuple[float, float]], colour: str, *, hollow: bool = False) -> None:
    """Draw values, each a dot, joined by a line."""
    many = len(points) > MANY
    axis.plot(
        [day for day, _ in points], [value for _, value in points], color=colour, lw=0.8 if many else 1.3,
        marker="o", ms=2.2 if many else 3.6, mfc="none" if hollow else colour, mew=1.0,
    )  # fmt: skip


def begin_panel(axis: Axes, title: str, colours: Palette) -> None:
    """Leave a panel nothing but its ground line and a light grid, and put a small title over it."""
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.spines["bottom"].set_color(colours.line)
    axis.grid(axis="y", color=colours.line, lw=0.7)
    axis.set_axisbelow(True)
    axis.tick_params(colors=colours.soft, labelsize=8.5, length=0)
    axis.patch.set_alpha(0)
    axis.set_title(title, loc="left", fontsize=9, color=colours.soft, pad=4)


def set_days(axis: Axes, period: Period, words: Words) -> None:
    """Put a few days under a panel, each written out."""
    days = [*period.active_days(), *(day.day for day in period.sitting)]
    last = period.last.toordinal() + 1
    # What lies before the first day of all is left out, down to four weeks.
    first = max(period.first.toordinal(), min(min(days, default=period.last).toordinal(), last - 28))
    span = last - first
    axis.set_xlim(first - 0.02 * span, last + 0.06 * span)
    ticks = sorted({first + round((span - 1) * share) for share in (0.0, 1 / 3, 2 / 3, 1.0)})
    labels = [short_day_text(date.fromordinal(tick), words) for tick in ticks]
    axis.set_xticks([tick + 0.5 for tick in ticks], labels)


def axis_day(session: SessionRow) -> float:
    """Return where a session stands on the axis of days, by the clock of where it was done."""
    return session.day.toordinal() + (session.started.hour + session.started.minute / 60) / 24
