"""Charts that are read at a glance, by matplotlib: SVG for the page, light and dark, and panels for the report.

matplotlib is imported when something is drawn; its settings are the whole process's, so one is drawn at a time.
"""

from __future__ import annotations

import io
import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from loosen.coach.counting.report import Trace
from loosen.journal.outcomes.findings import of_exercise
from loosen.journal.outcomes.period import Period, SessionPast
from loosen.routine.model import Exercise
from loosen.routine.words import Words
from loosen.text import number_text, short_day_text, value_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Theme = Literal["light", "dark"]
FONTS = (
    "Seravek, 'Gill Sans Nova', 'Avenir Next', 'Segoe UI', Ubuntu, Cantarell, 'Noto Sans',"
    " 'DejaVu Sans Condensed', 'DejaVu Sans', sans-serif"
)
WIDTH_IN, PANEL_IN = 4.3, 1.1
SCORES, SITTING, REP = (1.6, 1.6), (1.9,), (3.0,)
"""The heights of the panels of the other charts."""
_MANY = 60
"""From so many points on they are drawn smaller."""

_drawing = threading.Lock()


@dataclass(frozen=True, slots=True)
class Palette:
    """The page's colours."""

    ink: str
    soft: str
    line: str
    accent: str
    band: str
    other: str


PALETTES: dict[Theme, Palette] = {
    "light": Palette("#22292e", "#5a5c57", "#dacfbc", "#0b6b65", "#b9d6cd", "#8f4a1c"),
    "dark": Palette("#eef0ec", "#aab4b8", "#36424c", "#6fd0c0", "#2a5a55", "#f0b287"),
}


@contextmanager
def drawing() -> Iterator[None]:
    """Draw alone: matplotlib's settings are everybody's."""
    with _drawing:
        yield


def exercise_svg(period: Period, exercise: Exercise, words: Words, theme: Theme) -> bytes:
    """Draw an exercise over a period: range with its uncertainty, left and right, stop, way out and back, verdicts."""
    sides = any(it.even is not None for _, it in of_exercise(period, exercise.id))
    with drawing():
        figure, axes = panels_in(exercise_heights(sides=sides))
        colours = PALETTES[theme]
        panels = iter(axes)
        range_panel(next(panels), period, exercise.id, colours, words["chart.range"])
        if sides:
            _sides_panel(next(panels), period, exercise.id, colours, words)
        _stop_panel(next(panels), period, exercise, colours, words)
        _tempo_panel(next(panels), period, exercise, colours, words)
        _verdict_panel(next(panels), period, exercise.id, colours, words)
        return as_svg(figure, axes, words, period)


def exercise_heights(*, sides: bool) -> tuple[float, ...]:
    """Return the heights of an exercise's panels; `sides`: left and right were measured apart."""
    return (2.0, 1.0, 1.0, 1.0, 0.8) if sides else (2.0, 1.0, 1.0, 0.8)


def scores_svg(period: Period, words: Words, theme: Theme) -> bytes:
    """Draw soreness and stiffness, before and after each session."""
    with drawing():
        figure, axes = panels_in(SCORES)
        colours = PALETTES[theme]
        for axis, name in zip(axes, ("soreness", "stiffness"), strict=True):
            score_panel(axis, period, name, colours, words)
        return as_svg(figure, axes, words, period)


def sitting_svg(period: Period, words: Words, theme: Theme) -> bytes:
    """Draw the longest unbroken sit of each day."""
    with drawing():
        figure, axes = panels_in(SITTING)
        colours = PALETTES[theme]
        sitting_panel(axes[0], period, colours, words["chart.sitting"])
        return as_svg(figure, axes, words, period)


def rep_svg(trace: Trace, seconds: float, full_to: float | None, words: Words, theme: Theme) -> bytes:
    """Draw a repetition's signal with out, stop and back marked, and the band of a full range.

    `seconds`: how long the repetition took. `full_to`: the range beyond which nobody is urged, if there is one.
    """
    with drawing():
        figure, axes = panels_in(REP)
        colours, axis = PALETTES[theme], axes[0]
        times = [t_s for t_s, _ in trace.points]
        values = [value for _, value in trace.points]
        known = [value for value in values if not math.isnan(value)] or [0.0]
        top = max(*known, trace.target) * 1.18
        plain(axis, colours)
        axis.axhspan(
            trace.target, full_to if full_to and full_to > trace.target else top, color=colours.band, lw=0
        )
        axis.plot(times, values, color=colours.accent, lw=2)
        axis.set_ylim(min(*known, 0.0) - 0.04 * top, top)
        axis.set_xlim(times[0] if times else 0, max(times[-1] if times else 1, seconds))
        axis.set_ylabel(words["chart.degrees"] if trace.unit == "deg" else trace.unit, color=colours.soft)
        axis.text(
            axis.get_xlim()[1] - 0.03 * (axis.get_xlim()[1] - axis.get_xlim()[0]),
            trace.target,
            words("chart.full-from", value=value_text(trace.target, trace.unit)),
            color=colours.ink, fontsize=8.5, ha="right", va="bottom",
        )  # fmt: skip
        if trace.stop_s is not None:
            begins, ends = trace.stop_s
            spans = (("out", 0.0, begins), ("stop", begins, ends), ("back", ends, max(seconds, ends)))
            for name, left, right in spans:
                axis.axvline(left, color=colours.soft, lw=0.9, ls=(0, (3, 3)))
                if right - left > 0.25:
                    label = words(f"chart.{name}", seconds=f"{right - left:.1f}")
                    axis.text((left + right) / 2, 1.02, label, transform=axis.get_xaxis_transform(), ha="center",
                              va="bottom", color=colours.ink, fontsize=9)  # fmt: skip
            axis.axvline(max(seconds, ends), color=colours.soft, lw=0.9, ls=(0, (3, 3)))
        axis.set_xlabel(words["chart.seconds"], color=colours.soft)
        return as_svg(figure, axes, words)


# -- panels, for the page and the report -------------------------------------------------------------------


def range_panel(axis: Axes, period: Period, exercise: str, colours: Palette, title: str) -> None:
    """Draw the range of each session with its uncertainty band; left and right apart where they were measured."""
    past = [(session, it) for session, it in of_exercise(period, exercise) if it.range is not None]
    unit = past[-1][1].unit if past else ""
    past = [(session, it) for session, it in past if it.unit == unit]
    plain(axis, colours)
    titled(axis, f"{title} ({'°' if unit == 'deg' else unit})" if unit else title, colours)
    days = [_when(session) for session, _ in past]
    values = [it.range or 0.0 for _, it in past]
    low = [value - it.plus_minus for value, (_, it) in zip(values, past, strict=True)]
    high = [value + it.plus_minus for value, (_, it) in zip(values, past, strict=True)]
    if len(past) == 1:
        axis.errorbar(days, values, yerr=past[0][1].plus_minus, color=colours.accent, capsize=4)
    axis.fill_between(days, low, high, color=colours.band, lw=0)
    _dots(axis, days, values, colours.accent)
    if high:
        room = max(high) - min(low)
        axis.set_ylim(max(0.0, min(low) - 0.15 * room), max(high) + 0.15 * room)
        axis.annotate(
            number_text(values[-1], unit), (days[-1], values[-1]), xytext=(6, 0),
            textcoords="offset points", va="center", color=colours.ink, fontsize=9, annotation_clip=False,
        )  # fmt: skip


def score_panel(axis: Axes, period: Period, name: str, colours: Palette, words: Words) -> None:
    """Draw a score before (dot) and after (ring) each session, joined by a line."""
    plain(axis, colours)
    titled(axis, words[f"chart.{name}"], colours)
    both = [
        (_when(session), session.answers.get(f"{name}-before"), session.answers.get(f"{name}-after"))
        for session in period.sessions
    ]
    told = [(day, before) for day, before, _ in both if before is not None]
    after = [(day, value) for day, _, value in both if value is not None]
    for day, before, value in both:
        if before is not None and value is not None:
            axis.plot([day, day], [before, value], color=colours.band, lw=2.2, solid_capstyle="butt")
    size = 2.6 if len(both) > _MANY else 4.2
    axis.plot([day for day, _ in told], [value for _, value in told], "o", ms=size, color=colours.accent)
    axis.plot(
        [day for day, _ in after], [value for _, value in after], "o", ms=size + 1, mfc="none",
        mec=colours.other, mew=1.2,
    )  # fmt: skip
    axis.set_ylim(-0.6, 10.4)
    axis.set_yticks([0, 5, 10])


def sitting_panel(axis: Axes, period: Period, colours: Palette, title: str) -> None:
    """Draw each day's longest unbroken sit as a bar, with a line at 45 minutes."""
    plain(axis, colours)
    titled(axis, title, colours)
    days = [day.day.toordinal() + 0.5 for day in period.sitting]
    axis.bar(days, [day.longest_min for day in period.sitting], width=0.7, color=colours.accent)
    axis.axhline(45, color=colours.other, lw=1, ls=(0, (4, 3)))
    top = max((day.longest_min for day in period.sitting), default=60)
    axis.set_ylim(0, max(60, top * 1.1))
    axis.set_yticks([0, 45, *([90] if top > 80 else [])])


def _sides_panel(axis: Axes, period: Period, exercise: str, colours: Palette, words: Words) -> None:
    """Draw left less right, about a line at 0."""
    plain(axis, colours)
    known = [(_when(session), it) for session, it in of_exercise(period, exercise) if it.even is not None]
    unit = known[-1][1].unit
    known = [(day, it) for day, it in known if it.unit == unit]
    titled(axis, words("chart.sides-title", unit="°" if unit == "deg" else unit), colours)
    axis.axhline(0, color=colours.soft, lw=0.9)
    _dots(axis, [day for day, _ in known], [it.even or 0.0 for _, it in known], colours.accent)
    room = max([abs(it.even or 0.0) for _, it in known] + [it.plus_minus for _, it in known])
    axis.set_ylim(-1.15 * room, 1.15 * room)


def _stop_panel(axis: Axes, period: Period, exercise: Exercise, colours: Palette, words: Words) -> None:
    plain(axis, colours)
    titled(axis, words["chart.stop-title"], colours)
    _seconds(axis, period, exercise.id, "stop_s", colours.accent)
    if exercise.tempo.credited_from_s:
        axis.axhline(exercise.tempo.stop_s, color=colours.soft, lw=0.9, ls=(0, (3, 3)))
    _from_zero(axis)


def _tempo_panel(axis: Axes, period: Period, exercise: Exercise, colours: Palette, words: Words) -> None:
    plain(axis, colours)
    titled(axis, words["chart.tempo-title"], colours)
    _seconds(axis, period, exercise.id, "out_s", colours.accent)
    _seconds(axis, period, exercise.id, "back_s", colours.other, hollow=True)
    _from_zero(axis)


def _verdict_panel(axis: Axes, period: Period, exercise: str, colours: Palette, words: Words) -> None:
    plain(axis, colours)
    titled(axis, words["chart.verdicts-title"], colours)
    past = [(session, it) for session, it in of_exercise(period, exercise) if it.attempts]
    days = [_when(session) for session, _ in past]
    full = [it.verdicts.get("full", 0) for _, it in past]
    rest = [it.attempts - n for (_, it), n in zip(past, full, strict=True)]
    axis.set_yticks([0, max((it.attempts for _, it in past), default=1)])
    width = 0.7 if len(past) <= _MANY else 1.0
    axis.bar(days, full, width=width, color=colours.accent)
    axis.bar(days, rest, width=width, bottom=full, color="none", edgecolor=colours.other, linewidth=0.9)


def _from_zero(axis: Axes) -> None:
    axis.set_ylim(0, 1.18 * max(float(axis.dataLim.y1), 1.0))


def _seconds(
    axis: Axes, period: Period, exercise: str, name: str, colour: str, *, hollow: bool = False
) -> None:
    known = [
        (_when(session), value)
        for session, it in of_exercise(period, exercise)
        if (value := getattr(it, name)) is not None
    ]
    _dots(axis, [day for day, _ in known], [value for _, value in known], colour, hollow=hollow)


def _dots(
    axis: Axes, days: Sequence[float], values: Sequence[float], colour: str, *, hollow: bool = False
) -> None:
    many = len(days) > _MANY
    axis.plot(
        days, values, color=colour, lw=0.8 if many else 1.3, marker="o", ms=2.2 if many else 3.6,
        mfc="none" if hollow else colour, mew=1.0,
    )  # fmt: skip


def plain(axis: Axes, colours: Palette) -> None:
    """Leave a panel nothing but its ground line and a light grid."""
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.spines["bottom"].set_color(colours.line)
    axis.grid(axis="y", color=colours.line, lw=0.7)
    axis.set_axisbelow(True)
    axis.tick_params(colors=colours.soft, labelsize=8.5, length=0)
    axis.patch.set_alpha(0)


def titled(axis: Axes, text: str, colours: Palette) -> None:
    """Put a small title over a panel."""
    axis.set_title(text, loc="left", fontsize=9, color=colours.soft, pad=4)


def set_days(axis: Axes, period: Period, words: Words) -> None:
    """Put a few days under a panel, each written out."""
    days = [*period.active_days(), *(day.day for day in period.sitting)]
    last = period.last.toordinal() + 1
    # What lies before the first day of all is left out, down to four weeks.
    first = max(period.first.toordinal(), min(min(days, default=period.last).toordinal(), last - 28))
    span = last - first
    axis.set_xlim(first - 0.02 * span, last + 0.06 * span)
    ticks = sorted({first + round((span - 1) * share) for share in (0.0, 1 / 3, 2 / 3, 1.0)})
    axis.set_xticks(
        [tick + 0.5 for tick in ticks], [short_day_text(date.fromordinal(tick), words) for tick in ticks]
    )


def _when(session: SessionPast) -> float:
    """Return where a session stands on the axis of days, by the clock of where it was done."""
    return session.day.toordinal() + (session.started.hour + session.started.minute / 60) / 24


def shape(heights: Sequence[float]) -> float:
    """Return how high a chart is for its width, so that its place can be kept."""
    return (PANEL_IN * sum(heights) * 0.86 + 0.3) / WIDTH_IN


def panels_in(heights: Sequence[float]) -> tuple[Figure, list[Axes]]:
    """Return an empty chart and its panels, one above the other."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_IN, WIDTH_IN * shape(heights)), layout="constrained")
    axes = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights, sharex=len(heights) > 1)
    return figure, [row[0] for row in axes]


def as_svg(figure: Figure, axes: Sequence[Axes], words: Words, period: Period | None = None) -> bytes:
    """Return a chart as SVG, its words in the page's letters; with a period, with days under it."""
    import matplotlib

    if period is not None:
        set_days(axes[-1], period, words)
    figure.patch.set_alpha(0)
    out = io.BytesIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "loosen"}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    # The words are set in the page's own letters.
    return (
        out.getvalue()
        .replace(b"'DejaVu Sans', sans-serif", FONTS.encode())
        .replace(b"'DejaVu Sans'", FONTS.encode())
    )
