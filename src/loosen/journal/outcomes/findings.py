"""What a period shows, as figures: the page and the report say these. Pure."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from loosen.coach.counting.rep import Measure
from loosen.coach.counting.result import ExerciseResult
from loosen.coach.guidance.past import MATTERS
from loosen.journal.outcomes.hindrance import QUESTION
from loosen.journal.outcomes.period import Period
from loosen.journal.outcomes.trends import (
    ABILITY,
    DEGREES,
    SCORE,
    SIDES,
    SITTING_MIN,
    SORENESS,
    DayValue,
    Scale,
    Trend,
    ratio,
    trend,
)
from loosen.journal.store.records import Hurt, SessionResult
from loosen.routine.fields import LeftRight

Score = Literal["soreness", "stiffness"]
LATELY = 5
"""Sessions that "lately" means."""


@dataclass(frozen=True, slots=True)
class AlsoFinding:
    """The second signal of an exercise over a period, in `unit`, uncertain by `plus_minus`."""

    unit: str
    plus_minus: float
    range: Trend


@dataclass(frozen=True, slots=True)
class ExerciseFinding:
    """One exercise over a period: in how many `sessions` it was done, in how many `measured`.

    `range` and `apart` (left less right) in `unit`, the range uncertain by `plus_minus`; `also`: the second signal.
    `further`: the side that goes further by now, None where the difference is within its uncertainty. Times are medians
    of the last sessions in seconds, None where never measured. `done`: repetitions counted or led. `verdicts` and
    `faults` count attempts; `hurt`: the days of "this hurts".
    """

    exercise: str
    sessions: int
    measured: int
    done: int
    unit: str
    plus_minus: float
    range: Trend
    also: AlsoFinding | None
    apart: Trend | None
    further: LeftRight | None
    stop_s: float | None
    out_s: float | None
    back_s: float | None
    verdicts: dict[str, int]
    faults: dict[str, int]
    hurt: tuple[date, ...]

    @property
    def attempts(self) -> int:
        """How many repetitions were tried."""
        return sum(self.verdicts.values())


@dataclass(frozen=True, slots=True)
class ScoreFinding:
    """Soreness or stiffness before sessions; over a session it `fell` or `rose` by 2 or more, in so many `of`."""

    name: Score
    before: Trend
    fell: int
    rose: int
    of: int
    highest: int | None


@dataclass(frozen=True, slots=True)
class SittingFinding:
    """Unbroken sitting: the trend of a day's longest sit in minutes, and the prompts to get up."""

    days: int
    longest: Trend
    prompts: int
    answered: int


@dataclass(frozen=True, slots=True)
class HinderedFinding:
    """How well it goes, 0 to 10, what the back keeps the person from (`text`), `since` the day on which he named it."""

    text: str
    since: date
    trend: Trend


@dataclass(frozen=True, slots=True)
class MorningsFinding:
    """How the mornings after sessions were, as far as was told."""

    better: int
    same: int
    worse: int

    @property
    def of(self) -> int:
        """How many were told of."""
        return self.better + self.same + self.worse


@dataclass(frozen=True, slots=True)
class PlanFinding:
    """On how many `days` of the period a plan held, and on how many of these something was `done`."""

    days: int
    done: int


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that a period shows. `hurts`: each "this hurts" with its day."""

    exercises: tuple[ExerciseFinding, ...]
    scores: tuple[ScoreFinding, ...]
    sitting: SittingFinding
    hindered: HinderedFinding | None
    mornings: MorningsFinding
    plan: PlanFinding | None
    hurts: tuple[tuple[date, Hurt], ...]


def find(period: Period, until: date | None = None) -> Findings:
    """Return what a period shows; a plan is counted up to the day `until`, or to that of the last session."""
    mornings = Counter(session.morning for session in period.sessions)
    return Findings(
        exercises=tuple(find_exercise(exercise, period) for exercise in period.exercises()),
        scores=tuple(_score(name, period) for name in ("soreness", "stiffness")),
        sitting=SittingFinding(
            days=len(period.sitting),
            longest=trend([DayValue(day.day, day.longest_min) for day in period.sitting], SITTING_MIN),
            prompts=sum(day.prompts for day in period.sitting),
            answered=sum(day.answered for day in period.sitting),
        ),
        hindered=_hindered(period),
        mornings=MorningsFinding(mornings["better"], mornings["same"], mornings["worse"]),
        plan=_plan(period, min(period.last, until or max((it.day for it in period.sessions), default=period.first))),
        hurts=tuple((session.day, hurt) for session in period.sessions for hurt in session.hurts),
    )


def measured_results(period: Period, exercise: str) -> list[tuple[SessionResult, ExerciseResult, Measure]]:
    """Return the sessions in which an exercise's range was measured, in the order of time.

    Only those in the unit of the last one: what another camera or routine measured in another unit is another measure.
    """
    found = [(session, it, it.range) for session, it in period.results(exercise) if it.range is not None]
    return [one for one in found if one[2].unit == found[-1][2].unit]


def also_results(period: Period, exercise: str) -> list[tuple[SessionResult, Measure]]:
    """Return the sessions in which an exercise's second signal was measured, as `measured_results` does."""
    found = [(session, it.also) for session, it in period.results(exercise) if it.also is not None]
    return [one for one in found if one[1].unit == found[-1][1].unit]


def find_exercise(exercise: str, period: Period) -> ExerciseFinding:
    """Return what a period shows of an exercise."""
    results = period.results(exercise)
    measured = measured_results(period, exercise)
    unit = measured[-1][2].unit if measured else ""
    plus_minus = statistics.median(it.plus_minus for *_, it in measured) if measured else 0.0
    apart = [(session, it.apart) for session, it, _ in measured if it.apart is not None]
    apart_trend = None
    if apart:
        apart_scale = SIDES if unit == "deg" else replace(_scale(unit, plus_minus), better="even")
        apart_trend = trend([DayValue(session.day, it.value) for session, it in apart], apart_scale)
    lately = [it for _, it, _ in measured[-LATELY:]]
    return ExerciseFinding(
        exercise=exercise,
        sessions=len(results),
        measured=len(measured),
        done=sum(it.done for _, it in results),
        unit=unit,
        plus_minus=plus_minus,
        range=trend([DayValue(session.day, it.value) for session, _, it in measured], _scale(unit, plus_minus)),
        also=_also(exercise, period),
        apart=apart_trend,
        further=_further(apart_trend, [it.plus_minus for _, it in apart]),
        stop_s=_median(it.stop_s for it in lately),
        out_s=_median(it.out_s for it in lately),
        back_s=_median(it.back_s for it in lately),
        verdicts=_summed(it.verdicts for _, it in results),
        faults=_summed(it.faults for _, it in results),
        hurt=tuple(session.day for session, it in results if it.hurt),
    )


def _scale(unit: str, plus_minus: float) -> Scale:
    return DEGREES if unit == "deg" else ratio(plus_minus or 0.1)


def _also(exercise: str, period: Period) -> AlsoFinding | None:
    found = also_results(period, exercise)
    if not found:
        return None
    unit, plus_minus = found[-1][1].unit, statistics.median(it.plus_minus for _, it in found)
    values = [DayValue(session.day, it.value) for session, it in found]
    return AlsoFinding(unit, plus_minus, trend(values, _scale(unit, plus_minus)))


def _hindered(period: Period) -> HinderedFinding | None:
    """Return what was answered since the thing that held at the period's end was named; None if nothing is named."""
    named = [it for it in period.hindrances if it.day <= period.last]
    if not named or not named[-1].text:
        return None
    asked = [it for it in period.sessions if QUESTION in it.ratings and named[-1].is_before(it.started)]
    values = [DayValue(it.day, float(it.ratings[QUESTION])) for it in asked]
    return HinderedFinding(named[-1].text, named[-1].day, trend(values, ABILITY))


def _plan(period: Period, until: date) -> PlanFinding | None:
    """Return how a plan was kept; None if none held. It holds from the day it was made until that of another answer."""
    held: set[date] = set()
    beyond = until + timedelta(days=1)
    ends = [plan.day for plan in period.plans[1:]]
    for plan, end in zip(period.plans, [*ends, beyond], strict=False):
        if plan.what == "made":
            first, last = max(plan.day, period.first), min(end, beyond)
            held.update(map(date.fromordinal, range(first.toordinal(), last.toordinal())))
    return PlanFinding(len(held), len(held & period.active_days())) if held else None


def _further(apart: Trend | None, plus_minus: Sequence[float]) -> LeftRight | None:
    if apart is None or apart.last is None or abs(apart.last) <= statistics.median(plus_minus):
        return None
    return "left" if apart.last > 0 else "right"


def _score(name: Score, period: Period) -> ScoreFinding:
    before, after = f"{name}-before", f"{name}-after"
    ratings = [(session.day, session.ratings) for session in period.sessions]
    scale = SORENESS if name == "soreness" else SCORE
    over = [it[after] - it[before] for _, it in ratings if before in it and after in it]
    return ScoreFinding(
        name=name,
        before=trend([DayValue(day, float(it[before])) for day, it in ratings if before in it], scale),
        fell=sum(change <= -MATTERS for change in over),
        rose=sum(change >= MATTERS for change in over),
        of=len(over),
        highest=max((it[asked] for _, it in ratings for asked in (before, after) if asked in it), default=None),
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _summed(tallies: Iterable[dict[str, int]]) -> dict[str, int]:
    return dict(sum(map(Counter, tallies), Counter[str]()).most_common())
