"""What a person may choose or say outside a session, in words: a next step, a plan, a dose, the morning after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from loosen.journal.outcomes.choices import PlanStatus
from loosen.journal.outcomes.doses import Offer, own_dose
from loosen.journal.store.records import DayPart, DoseChange, SessionRow
from loosen.routine.model import Exercise, Routine
from loosen.routine.words import Words
from loosen.text import day_text, dose_text, weekday_name


class OfferText(msgspec.Struct, frozen=True, kw_only=True):
    """A next step that is offered, with its reason."""

    exercise: str
    text: str
    why: str


class PlanText(msgspec.Struct, frozen=True, kw_only=True):
    """The plan: "made" (`text` says it; `due`: now is its time), to be "offered", or "none"."""

    state: str
    text: str = ""
    cue: str = ""
    part: DayPart = "evening"
    due: bool = False


class MorningText(msgspec.Struct, frozen=True):
    """The question after the morning that followed the session with this uuid."""

    session: str
    text: str


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


def offer_text(found: Offer | None, routine: Routine, words: Words) -> OfferText | None:
    """Return an offer in words, with its reason."""
    if found is None:
        return None
    exercise = routine.exercise(found.exercise)
    each = exercise.dose.sides == "each"
    dose, now = (dose_text(*amount, words, each=each) for amount in ((found.sets, found.reps), found.before))
    return OfferText(
        exercise=found.exercise,
        text=words("history.offer", title=exercise.title, dose=dose, now=now),
        why=words("history.offer-why", n=found.sessions, weeks=found.weeks),
    )


def plan_text(status: PlanStatus, words: Words) -> PlanText:
    """Return in words how things stand with the plan."""
    if (plan := status.plan) is None:
        return PlanText(state=status.state)
    text = words("history.plan-text", cue=plan.cue)
    return PlanText(state=status.state, text=text, cue=plan.cue, part=plan.part, due=status.due)


def morning_text(session: SessionRow | None, today: date, words: Words) -> MorningText | None:
    """Return the question after the morning that followed a session, if one waits for it."""
    if session is None:
        return None
    if today - session.day == timedelta(days=1):
        return MorningText(session.uuid, words["home.this-morning"])
    return MorningText(session.uuid, words("home.morning-after", day=weekday_name(session.day, words)))


def dose_line(exercise: Exercise, changes: Sequence[DoseChange], words: Words) -> DoseLine:
    """Return an exercise's dose, as it can be set, with the changes that led to it, the newest first."""
    dose = own_dose(exercise, changes)
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
            _change_text(it, words, each=dose.sides == "each")
            for it in reversed(changes)
            if it.exercise == exercise.id and it.is_set
        ),
    )


def _change_text(change: DoseChange, words: Words, *, each: bool) -> str:
    day, dose = day_text(change.day, words), dose_text(change.sets, change.reps, words, each=each)
    return words("history.dose-changed", day=day, dose=dose, why=words[f"history.dose-{change.what}"])
