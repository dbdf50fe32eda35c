"""What the history screen shows of a period, in words ready to be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from loosen.journal.outcomes.choices import Choices
from loosen.journal.outcomes.findings import Findings, find
from loosen.journal.outcomes.period import Period, SitDay, monday_of
from loosen.journal.report.panels import shape
from loosen.journal.store.records import DoseChange, SessionResult
from loosen.page.views import charts, trend_text
from loosen.page.views.choices_view import DoseLine, OfferText, PlanText, dose_line, offer_text, plan_text
from loosen.routine.model import Routine
from loosen.routine.words import Words
from loosen.text import day_text, moment_text, short_day_text

WEEKS = (4, 12, 26, 52)
"""The lengths of a period that the page offers."""
SITTING_FULL_MIN = 90
"""The longest sit that fills a day's bar."""


class CalendarDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day of the calendar. `sessions`: their numbers; `sat`: the longest sit in tenths of its bar."""

    day: str
    number: int
    text: str
    sessions: tuple[int, ...]
    done: bool
    hurt: bool
    sat: int
    today: bool
    ahead: bool


class CalendarWeek(msgspec.Struct, frozen=True, kw_only=True):
    """A week, Monday first, and what it comes to."""

    title: str
    text: str
    days: tuple[CalendarDay, ...]


class ChartCard(msgspec.Struct, frozen=True, kw_only=True):
    """A chart with the sentences that say what it shows.

    `chart` is "" where there is nothing to draw; `shape` is its height for its width.
    """

    id: str
    title: str
    texts: tuple[str, ...]
    chart: str
    shape: float
    alt: str


class SessionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A session in a line."""

    id: int
    text: str
    notes: str


class HistoryView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the history screen. `weeks`: how many are shown, of the `lengths` that are offered.

    `earlier` and `later`: the last days of the periods beside this one, if any. `report`: there is one to open.
    """

    first: str
    last: str
    title: str
    weeks: int
    lengths: tuple[int, ...]
    earlier: str | None
    later: str | None
    empty: bool
    report: bool
    calendar: tuple[CalendarWeek, ...]
    short: tuple[str, ...]
    cards: tuple[ChartCard, ...]
    sessions: tuple[SessionLine, ...]
    doses: tuple[DoseLine, ...]
    offer: OfferText | None
    plan: PlanText


def history_view(
    period: Period,
    routine: Routine,
    changes: Sequence[DoseChange],
    choices: Choices,
    words: Words,
    now: datetime,
    *,
    begins: date | None,
) -> HistoryView:
    """Return a period for the history screen. `begins`: the journal's first day."""
    today, weeks = now.date(), period.weeks
    before = period.first - timedelta(days=1)
    after = min(period.last + timedelta(weeks=weeks), today)
    short, cards = _findings(period, routine, today, words)
    return HistoryView(
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        title=words("history.from-to", first=day_text(period.first, words), last=day_text(period.last, words)),
        weeks=weeks,
        lengths=WEEKS,
        earlier=before.isoformat() if begins is not None and begins <= before else None,
        later=after.isoformat() if period.last < today else None,
        empty=begins is None,
        report=bool(period.sessions or period.sitting),
        calendar=calendar(period, max(period.first, begins or today), today, words),
        short=short,
        cards=cards,
        sessions=tuple(_line(session, words) for session in reversed(period.sessions)),
        doses=tuple(dose_line(exercise, changes, words) for exercise in routine.exercises),
        offer=offer_text(choices.offer, routine, words),
        plan=plan_text(choices.plan, words),
    )


def calendar(period: Period, first: date, today: date, words: Words) -> tuple[CalendarWeek, ...]:
    """Return the weeks from that of `first` on, the newest first; a day is the local date of where it was lived."""
    by_day: dict[date, list[SessionResult]] = {}
    for session in period.sessions:
        by_day.setdefault(session.day, []).append(session)
    sat = {it.day: it for it in period.sitting}
    weeks, monday = [], monday_of(first)
    while monday <= period.last:
        days = [monday + timedelta(days=n) for n in range(7)]
        active = [session for day in days for session in by_day.get(day, ()) if session.active]
        n = len({session.day for session in active})
        text = words.count("history.week", n, minutes=_minutes(active)) if n else words["history.week-none"]
        weeks.append(
            CalendarWeek(
                title=words("history.week-of", day=short_day_text(monday, words)),
                text=text,
                days=tuple(_day(day, by_day.get(day, []), sat.get(day), today, words) for day in days),
            )
        )
        monday += timedelta(days=7)
    return tuple(reversed(weeks))


def _day(day: date, sessions: list[SessionResult], sat: SitDay | None, today: date, words: Words) -> CalendarDay:
    active, hurt = [session for session in sessions if session.active], any(session.hurt for session in sessions)
    texts = [day_text(day, words)]
    if active:
        texts.append(words.count("history.day-done", len(active), minutes=_minutes(active)))
    if hurt:
        texts.append(words["history.day-hurt"])
    if sat is not None:
        texts.append(words("history.day-sat", minutes=f"{sat.longest_min:.0f}"))
    return CalendarDay(
        day=day.isoformat(),
        number=day.day,
        text=". ".join(texts) + ".",
        sessions=tuple(session.id for session in sessions),
        done=bool(active),
        hurt=hurt,
        sat=min(max(round(10 * sat.longest_min / SITTING_FULL_MIN), 1), 10) if sat is not None else 0,
        today=day == today,
        ahead=day > today,
    )


def _minutes(sessions: Sequence[SessionResult]) -> str:
    return f"{sum(session.minutes for session in sessions):.0f}"


def _findings(
    period: Period, routine: Routine, today: date, words: Words
) -> tuple[tuple[str, ...], tuple[ChartCard, ...]]:
    """Return what a period comes to in short, and a card for each thing that was measured or told."""
    found, cards, exercises = find(period, today), [], {it.id: it for it in routine.all_exercises()}

    def add(name: str, title: str, texts: Sequence[str], chart: str, heights: Sequence[float]) -> None:
        alt = words("history.alt", title=title, finding=" ".join(texts))
        card = ChartCard(id=name, title=title, texts=tuple(texts), chart=chart, shape=shape(heights), alt=alt)
        cards.append(card)

    purposes = _purpose_texts(found, words)
    if any(score.before.n for score in found.scores) or purposes:
        texts = [text for score in found.scores for text in trend_text.score_texts(score, words)]
        add("scores", words["history.scores"], [*texts, *purposes], "/history/scores.svg", charts.score_heights(found))
    for it in found.exercises:
        exercise = exercises.get(it.exercise)
        chart = f"/history/exercise/{it.exercise}.svg" if it.measured and exercise is not None else ""
        heights = charts.exercise_heights(sides=it.apart is not None, also=it.also is not None)
        title, seen = (it.exercise, None) if exercise is None else (exercise.title, exercise.seen)
        add(it.exercise, title, trend_text.exercise_texts(it, seen, words), chart, heights)
    if found.sitting.days:
        texts = [trend_text.sitting_text(found.sitting, words)]
        add("sitting", words["history.sitting"], texts, "/history/sitting.svg", charts.SITTING)
    short = [_counted(period, words), *trend_text.news(found, exercises, words)] if period.sessions else []
    if found.plan is not None:
        short.append(words.count("trend.plan", found.plan.days, done=found.plan.done))
    return (*short, *purposes), tuple(cards)


def _purpose_texts(found: Findings, words: Words) -> list[str]:
    """Return what the sessions are for: what the back keeps the person from, and the mornings after."""
    texts = [trend_text.hindered_text(found.hindered, words)] if found.hindered else []
    return texts + ([trend_text.mornings_text(found.mornings, words)] if found.mornings.of else [])


def _counted(period: Period, words: Words) -> str:
    active = [session for session in period.sessions if session.active]
    if not active:
        return words["history.nothing-done"]
    days = words.count("history.days", len(period.active_days()))
    return words.count("history.counted", len(active), days=days, minutes=_minutes(active))


def _line(session: SessionResult, words: Words) -> SessionLine:
    done = sum(bool(it.done) for it in session.exercises)
    notes = [words.count("history.session-done", done, minutes=f"{session.minutes:.0f}")]
    if not session.camera:
        notes.append(words["journal.voice"])
    if session.gentle:
        notes.append(words["journal.gentle"])
    if session.hurt:
        notes.append(words["journal.hurt"])
    return SessionLine(id=session.id, text=moment_text(session.started, words), notes=", ".join(notes))
