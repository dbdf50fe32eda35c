"""A period in words ready to be shown: the page draws them and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from loosen.journal.outcomes.doses import SET, DoseChange, Offer, own_dose
from loosen.journal.outcomes.findings import ExerciseFinding, Findings, find
from loosen.journal.outcomes.period import Period, SessionPast, SitDay, monday_of
from loosen.journal.outcomes.plans import Part, Plan, is_due, may_offer, standing
from loosen.journal.report import charts
from loosen.routine.model import Dose, Exercise, Routine
from loosen.routine.words import Words
from loosen.text import day_text, dose_text, short_day_text

SITTING_FULL_MIN = 90
"""The longest sit that fills a day's bar."""


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """A day of the calendar. `sessions`: their numbers; `sat`: the longest sit as a share (0..1) of the bar."""

    day: str
    number: int
    text: str
    sessions: tuple[int, ...]
    done: bool
    hurt: bool
    sat: float
    today: bool
    ahead: bool


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """A week, Monday first, and what it comes to."""

    title: str
    text: str
    days: tuple[Day, ...]


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A chart with the sentences that say what it shows.

    `chart` is "" where there is nothing to draw; `shape` is its height for its width.
    """

    id: str
    title: str
    texts: tuple[str, ...]
    chart: str
    shape: float
    alt: str


class DoseLine(msgspec.Struct, frozen=True, kw_only=True):
    """A dose that can be set, within its bounds, and how it came to be."""

    id: str
    title: str
    sets: int
    reps: int
    most_sets: int
    most_reps: int
    each: bool
    changes: tuple[str, ...]


class OfferText(msgspec.Struct, frozen=True, kw_only=True):
    """A next step that is offered, with its reason."""

    exercise: str
    text: str
    why: str


class PlanText(msgspec.Struct, frozen=True, kw_only=True):
    """The plan: "made" (`text` says it; `due`: now is its time), to be "offered", or "none"."""

    state: str
    text: str
    cue: str
    part: Part
    due: bool


class SessionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A session in a line."""

    id: int
    text: str
    notes: str


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the history screen. `earlier` and `later`: last days of the periods beside this one, if any."""

    first: str
    last: str
    title: str
    weeks: int
    earlier: str | None
    later: str | None
    empty: bool
    report: bool
    calendar: tuple[Week, ...]
    short: tuple[str, ...]
    cards: tuple[Card, ...]
    sessions: tuple[SessionLine, ...]
    doses: tuple[DoseLine, ...]
    offer: OfferText | None
    plan: PlanText


def history_of(
    period: Period,
    routine: Routine,
    changes: Sequence[DoseChange],
    step: OfferText | None,
    plan: PlanText,
    words: Words,
    now: datetime,
    *,
    begins: date | None,
) -> History:
    """Return a period for the history screen. `begins`: the journal's first day."""
    today = now.date()
    found = find(period, words)
    titles = {it.id: it.title for it in routine.exercises}
    weeks = period.weeks
    before = period.first - timedelta(days=1)
    after = min(period.last + timedelta(weeks=weeks), today)
    cards = [
        _exercise_card(it, titles.get(it.exercise, it.exercise), titles, words) for it in found.exercises
    ]
    if any(score.before.n for score in found.scores):
        texts = tuple(text for score in found.scores for text in (score.text, score.over_text) if text)
        cards.insert(0, _card("scores", words["history.scores"], texts, words))
    if found.sitting.days:
        cards.append(_card("sitting", words["history.sitting"], (found.sitting.text,), words))
    return History(
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        title=words(
            "history.from-to", first=day_text(period.first, words), last=day_text(period.last, words)
        ),
        weeks=weeks,
        earlier=before.isoformat() if begins is not None and begins <= before else None,
        later=after.isoformat() if period.last < today else None,
        empty=begins is None,
        report=bool(period.sessions or period.sitting),
        calendar=calendar(period, max(period.first, begins or today), today, words),
        short=(_counted(period, words), *_news(found, titles, words)) if period.sessions else (),
        cards=tuple(cards),
        sessions=tuple(_line(session, words) for session in reversed(period.sessions)),
        doses=tuple(_dose_line(exercise, changes, words) for exercise in routine.exercises),
        offer=step,
        plan=plan,
    )


def calendar(period: Period, first: date, today: date, words: Words) -> tuple[Week, ...]:
    """Return the weeks from that of `first` on, the newest first, each day by the local date of where it was."""
    by_day: dict[date, list[SessionPast]] = {}
    for session in period.sessions:
        by_day.setdefault(session.day, []).append(session)
    sat = {it.day: it for it in period.sitting}
    out, monday = [], monday_of(first)
    while monday <= period.last:
        days = [monday + timedelta(days=n) for n in range(7)]
        active = [session for day in days for session in by_day.get(day, ()) if session.active]
        n = len({session.day for session in active})
        out.append(
            Week(
                title=words("history.week-of", day=short_day_text(monday, words)),
                text=words(
                    "history.week-none" if not n else "history.week-one" if n == 1 else "history.week-many",
                    n=n,
                    minutes=f"{sum(session.minutes for session in active):.0f}",
                ),
                days=tuple(_day(day, by_day.get(day, []), sat.get(day), today, words) for day in days),
            )
        )
        monday += timedelta(days=7)
    return tuple(reversed(out))


def _day(day: date, sessions: list[SessionPast], sat: SitDay | None, today: date, words: Words) -> Day:
    done, hurt = any(session.active for session in sessions), any(session.hurt for session in sessions)
    parts = [day_text(day, words)]
    if done:
        minutes = sum(session.minutes for session in sessions)
        parts.append(words("history.day-done", minutes=f"{minutes:.0f}"))
    if hurt:
        parts.append(words["history.day-hurt"])
    if sat is not None:
        parts.append(words("history.day-sat", minutes=f"{sat.longest_min:.0f}"))
    return Day(
        day=day.isoformat(),
        number=day.day,
        text=". ".join(parts) + ".",
        sessions=tuple(session.id for session in sessions),
        done=done,
        hurt=hurt,
        sat=min(sat.longest_min / SITTING_FULL_MIN, 1.0) if sat is not None else 0.0,
        today=day == today,
        ahead=day > today,
    )


def offer_text(found: Offer | None, routine: Routine, words: Words) -> OfferText | None:
    """Return an offer in words, with its reason."""
    if found is None:
        return None
    exercise = routine.exercise(found.exercise)
    return OfferText(
        exercise=found.exercise,
        text=words(
            "history.offer",
            title=exercise.title,
            dose=dose_text(found.sets, found.reps, words, each=exercise.dose.sides == "each"),
            now=dose_text(*found.before, words),
        ),
        why=words("history.offer-why", n=found.sessions, weeks=found.weeks),
    )


def plan_text(
    plans: Sequence[Plan], words: Words, now: datetime, *, first_session: date | None, done_today: bool
) -> PlanText:
    """Return how the plan stands."""
    plan = standing(plans)
    if plan is None:
        state = "offered" if may_offer(plans, first_session, now.date()) else "none"
        return PlanText(state=state, text="", cue="", part="evening", due=False)
    return PlanText(
        state="made",
        text=words("history.plan-text", cue=plan.cue),
        cue=plan.cue,
        part=plan.part,
        due=is_due(plan, now.hour, done_today=done_today),
    )


def _counted(period: Period, words: Words) -> str:
    active = [session for session in period.sessions if session.active]
    return words(
        "history.counted-one" if len(active) == 1 else "history.counted",
        n=len(active),
        days=len(period.active_days()),
        minutes=f"{sum(session.minutes for session in active):.0f}",
    )


def _news(found: Findings, titles: dict[str, str], words: Words) -> list[str]:
    """Name what changed beyond the scatter, or say that nothing did or that it is too early."""
    news = [
        words(f"history.news-{it.range.finding}", title=titles.get(it.exercise, it.exercise))
        for it in found.exercises
        if it.range.finding in ("improved", "worse")
    ]
    told = [(score.before.finding, score.text) for score in found.scores]
    told.append((found.sitting.longest.finding, found.sitting.text))
    news += [text for finding, text in told if finding in ("improved", "worse")]
    if news:
        return news
    felt_or_measured = [score.before.finding for score in found.scores] + [
        it.range.finding for it in found.exercises
    ]
    return [words["history.news-same" if "same" in felt_or_measured else "history.news-early"]]


def _card(name: str, title: str, texts: tuple[str, ...], words: Words) -> Card:
    return Card(
        id=name,
        title=title,
        texts=texts,
        chart=f"/history/{name}.svg",
        shape=charts.shape(charts.SCORES if name == "scores" else charts.SITTING),
        alt=words("history.alt", title=title, finding=" ".join(texts)),
    )


def _exercise_card(it: ExerciseFinding, title: str, known: dict[str, str], words: Words) -> Card:
    texts = [text for text in (it.range_text, it.even_text) if text]
    lately = [
        words(f"history.lately-{name}", seconds=f"{value:.1f}")
        for name, value in (("stop", it.stop_s), ("out", it.out_s), ("back", it.back_s))
        if value is not None
    ]
    if lately:
        texts.append(words("history.lately", what=", ".join(lately)))
    if attempts := sum(it.verdicts.values()):
        texts.append(words("history.verdicts", full=it.verdicts.get("full", 0), attempts=attempts))
    if it.hurt:
        texts.append(words("history.hurt-on", days=", ".join(short_day_text(day, words) for day in it.hurt)))
    drawn = it.measured > 0 and it.exercise in known
    return Card(
        id=it.exercise,
        title=title,
        texts=tuple(texts),
        chart=f"/history/exercise/{it.exercise}.svg" if drawn else "",
        shape=charts.shape(charts.exercise_heights(sides=it.even is not None)),
        alt=words("history.alt", title=title, finding=" ".join(texts)),
    )


def _line(session: SessionPast, words: Words) -> SessionLine:
    done = sum(bool(it.done) for it in session.exercises)
    notes = [words("history.session-done", n=done, minutes=f"{session.minutes:.0f}")]
    if not session.camera:
        notes.append(words["journal.voice"])
    if session.hurt:
        notes.append(words["journal.hurt"])
    return SessionLine(
        id=session.id, text=session_title(session.day, session.started, words), notes=", ".join(notes)
    )


def _dose_line(exercise: Exercise, changes: Sequence[DoseChange], words: Words) -> DoseLine:
    dose: Dose = own_dose(exercise, changes)
    most_sets, most_reps = exercise.dose.bounds
    return DoseLine(
        id=exercise.id,
        title=exercise.title,
        sets=dose.sets,
        reps=dose.reps,
        most_sets=most_sets,
        most_reps=most_reps,
        each=dose.sides == "each",
        changes=tuple(
            words(
                "history.dose-changed",
                day=day_text(change.day, words),
                dose=dose_text(change.sets, change.reps, words),
                why=words[f"history.dose-{change.what}"],
            )
            for change in reversed(changes)
            if change.exercise == exercise.id and change.what in SET
        ),
    )


def session_title(day: date, started: datetime, words: Words) -> str:
    """Return how a session is named: its day and the time when it began."""
    return f"{day_text(day, words)}, {started:%H:%M}"
