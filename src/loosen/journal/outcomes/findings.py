"""What a period shows, as figures and as a sentence for each: the page, the report and the charts all say this."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from loosen.journal.outcomes.period import ExercisePast, Period, SessionPast
from loosen.journal.outcomes.trends import (
    DEGREES,
    SCORE,
    SIDES,
    SITTING_MIN,
    Point,
    Scale,
    Trend,
    ratio,
    trend,
)
from loosen.routine.words import Words
from loosen.text import measure_text, value_text

Score = Literal["soreness", "stiffness"]
LATELY = 5
"""Sessions that "lately" means."""
OVER_AT_LEAST = 3
"""Sessions with both answers, before anything is said of what a session does."""
RISE = 2
"""Points by which soreness or stiffness has risen or fallen over a session that matters."""


@dataclass(frozen=True, slots=True)
class ExerciseFinding:
    """One exercise over a period. Times are medians of the last sessions in seconds, None where never measured.

    `further`: the side that goes further by now, None where the difference is within its uncertainty.
    """

    exercise: str
    sessions: int
    measured: int
    unit: str
    plus_minus: float
    range: Trend
    even: Trend | None
    further: Literal["left", "right"] | None
    stop_s: float | None
    out_s: float | None
    back_s: float | None
    counted: int
    verdicts: dict[str, int]
    faults: dict[str, int]
    hurt: tuple[date, ...]
    range_text: str
    even_text: str


@dataclass(frozen=True, slots=True)
class ScoreFinding:
    """Soreness or stiffness. `over`: the mean change over a session; in `of` it `fell` or `rose` by 2 or more."""

    name: Score
    before: Trend
    over: float | None
    fell: int
    rose: int
    of: int
    highest: int | None
    text: str
    over_text: str


@dataclass(frozen=True, slots=True)
class SittingFinding:
    """Unbroken sitting: the trend of a day's longest sit in minutes, and the prompts to get up."""

    days: int
    longest: Trend
    prompts: int
    answered: int
    text: str


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that a period shows."""

    exercises: tuple[ExerciseFinding, ...]
    scores: tuple[ScoreFinding, ...]
    sitting: SittingFinding


def find(period: Period, words: Words) -> Findings:
    """Look through a period."""
    return Findings(
        exercises=tuple(_exercise(exercise, period, words) for exercise in period.exercises()),
        scores=tuple(_score(name, period, words) for name in ("soreness", "stiffness")),
        sitting=_sitting(period, words),
    )


def of_exercise(period: Period, exercise: str) -> list[tuple[SessionPast, ExercisePast]]:
    """Return the sessions with an exercise, in the order of time."""
    return [
        (session, it) for session in period.sessions for it in session.exercises if it.exercise == exercise
    ]


def scale_of(unit: str, plus_minus: float) -> Scale:
    """Return how a range in this unit is judged."""
    return DEGREES if unit == "deg" else ratio(plus_minus or 0.1)


def _exercise(exercise: str, period: Period, words: Words) -> ExerciseFinding:
    past = of_exercise(period, exercise)
    measured = [(session, it) for session, it in past if it.range is not None]
    unit = measured[-1][1].unit if measured else ""
    # Another camera or routine may have measured in another unit: that is another measure.
    measured = [(session, it) for session, it in measured if it.unit == unit]
    plus_minus = statistics.median(it.plus_minus for _, it in measured) if measured else 0.0
    ranges = trend(_points(measured, lambda it: it.range), scale_of(unit, plus_minus))
    sides = _points(measured, lambda it: it.even)
    even = trend(sides, SIDES if unit == "deg" else _even(scale_of(unit, plus_minus))) if sides else None
    further = _further(even, [it.even_plus_minus for _, it in measured if it.even is not None])
    lately = [it for _, it in measured[-LATELY:]]
    return ExerciseFinding(
        exercise=exercise,
        sessions=len(past),
        measured=len(measured),
        unit=unit,
        plus_minus=plus_minus,
        range=ranges,
        even=even,
        further=further,
        stop_s=_middle(it.stop_s for it in lately),
        out_s=_middle(it.out_s for it in lately),
        back_s=_middle(it.back_s for it in lately),
        counted=sum(it.counted for _, it in past),
        verdicts=_summed(it.verdicts for _, it in past),
        faults=_summed(it.faults for _, it in past),
        hurt=tuple(session.day for session, it in past if it.hurt),
        range_text=_range_text(ranges, unit, plus_minus, words),
        even_text="" if even is None else _even_text(even, further, unit, words),
    )


def _even(scale: Scale) -> Scale:
    return Scale(scale.start, scale.least, "even")


def _points(
    past: Sequence[tuple[SessionPast, ExercisePast]], of: Callable[[ExercisePast], float | None]
) -> list[Point]:
    return [Point(session.day, value) for session, it in past if (value := of(it)) is not None]


def _range_text(found: Trend, unit: str, plus_minus: float, words: Words) -> str:
    if found.first is None or found.last is None:
        return words["trend.nothing-measured"]
    return words(
        f"trend.range-{found.finding}",
        first=value_text(found.first, unit),
        last=value_text(found.last, unit),
        value=measure_text(found.last, plus_minus, unit),
        mdc=_amount(found.detectable.change, unit),
    )


def _further(even: Trend | None, plus_minus: Sequence[float]) -> Literal["left", "right"] | None:
    if even is None or even.last is None or abs(even.last) <= statistics.median(plus_minus):
        return None
    return "left" if even.last > 0 else "right"


def _even_text(found: Trend, further: str | None, unit: str, words: Words) -> str:
    unsure = "-unsure" if found.finding == "worse" and further is None else ""
    return words(
        f"trend.even-{found.finding}{unsure}",
        last=value_text(abs(found.last or 0.0), unit),
        mdc=_amount(found.detectable.change, unit),
        side="" if further is None else words[f"trend.{further}"],
    )


def _amount(value: float, unit: str) -> str:
    return f"{round(value)}°" if unit == "deg" else value_text(value, unit)


def _score(name: Score, period: Period, words: Words) -> ScoreFinding:
    before = [
        Point(session.day, float(session.answers[f"{name}-before"]))
        for session in period.sessions
        if f"{name}-before" in session.answers
    ]
    over = [
        session.answers[f"{name}-after"] - session.answers[f"{name}-before"]
        for session in period.sessions
        if f"{name}-before" in session.answers and f"{name}-after" in session.answers
    ]
    values = [
        value for session in period.sessions for key, value in session.answers.items() if key.startswith(name)
    ]
    found = trend(before, SCORE)
    text = words[f"trend.{name}-none"]
    if found.first is not None and found.last is not None:
        text = words(
            f"trend.{name}-{found.finding}",
            first=f"{found.first:.0f}",
            last=f"{found.last:.0f}",
            mdc=f"{found.detectable.change:.0f}",
        )
    fell, rose = sum(change <= -RISE for change in over), sum(change >= RISE for change in over)
    return ScoreFinding(
        name=name,
        before=found,
        over=statistics.fmean(over) if over else None,
        fell=fell,
        rose=rose,
        of=len(over),
        highest=max(values, default=None),
        text=text,
        over_text=words("trend.over", fell=fell, rose=rose, of=len(over))
        if len(over) >= OVER_AT_LEAST
        else "",
    )


def _sitting(period: Period, words: Words) -> SittingFinding:
    found = trend([Point(day.day, day.longest_min) for day in period.sitting], SITTING_MIN)
    text = words["trend.sitting-none"]
    if found.first is not None and found.last is not None:
        text = words(
            f"trend.sitting-{found.finding}",
            first=value_text(found.first, "min"),
            last=value_text(found.last, "min"),
            mdc=value_text(found.detectable.change, "min"),
        )
    return SittingFinding(
        days=len(period.sitting),
        longest=found,
        prompts=sum(day.prompts for day in period.sitting),
        answered=sum(day.answered for day in period.sitting),
        text=text,
    )


def _middle(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _summed(tallies: Iterable[dict[str, int]]) -> dict[str, int]:
    whole: Counter[str] = Counter()
    for tally in tallies:
        whole.update(tally)
    return dict(whole.most_common())
