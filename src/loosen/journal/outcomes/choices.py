"""What the person chose, kept and read: doses and the plan."""

from __future__ import annotations

import sqlite3
import uuid
from datetime import date, datetime, timedelta
from typing import NamedTuple

from loosen.journal.outcomes.doses import DoseChange, Offer, What, offer, own_doses
from loosen.journal.outcomes.history_view import OfferText, PlanText, offer_text, plan_text
from loosen.journal.outcomes.period import first_session_day, read_period
from loosen.journal.outcomes.plans import Plan
from loosen.journal.store.moments import offset_min, utc_text
from loosen.routine.model import Dose, Routine
from loosen.routine.words import Words

LOOKED_BACK = timedelta(weeks=26)
"""How far back sessions are looked through for a next step."""


def keep_dose(
    db: sqlite3.Connection, routine: str, exercise: str, sets: int, reps: int, what: What, now: datetime
) -> None:
    """Keep a dose that was set, or the answer to one that was offered."""
    db.execute(
        "INSERT INTO doses (uuid, at_utc, local_date, utc_offset_min, routine, exercise, sets, reps, what)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*_now(now), routine, exercise, sets, reps, what),
    )


def dose_changes(db: sqlite3.Connection, routine: str) -> tuple[DoseChange, ...]:
    """Return what was set and answered for a routine, in the order of time."""
    rows = db.execute(
        "SELECT local_date, exercise, sets, reps, what FROM doses WHERE routine = ? ORDER BY at_utc, id",
        (routine,),
    )
    return tuple(
        DoseChange(day=date.fromisoformat(day), exercise=exercise, sets=sets, reps=reps, what=what)
        for day, exercise, sets, reps, what in rows
    )


def keep_plan(db: sqlite3.Connection, plan: Plan, now: datetime) -> None:
    """Keep what was said about a plan."""
    db.execute(
        "INSERT INTO plans (uuid, at_utc, local_date, utc_offset_min, what, cue, part) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*_now(now), plan.what, plan.cue, plan.part),
    )


def plans(db: sqlite3.Connection) -> tuple[Plan, ...]:
    """Return everything that was said about plans, in the order of time."""
    rows = db.execute("SELECT what, cue, part FROM plans ORDER BY at_utc, id")
    return tuple(Plan(what=what, cue=cue, part=part) for what, cue, part in rows)


def offered(db: sqlite3.Connection, routine: Routine, today: date) -> Offer | None:
    """Return the next step that is offered today."""
    sessions = read_period(db, today - LOOKED_BACK, today).sessions
    return offer(routine, dose_changes(db, routine.id), sessions, today)


class Choices(NamedTuple):
    """What holds now: doses of the person's own by exercise, the next step that is offered, and the plan."""

    doses: dict[str, Dose]
    offer: OfferText | None
    plan: PlanText


def chosen(db: sqlite3.Connection, routine: Routine, words: Words, now: datetime) -> Choices:
    """Return what was chosen, and what there is to choose."""
    changes = dose_changes(db, routine.id)
    today = now.date()
    period = read_period(db, today - LOOKED_BACK, today)
    return Choices(
        own_doses(routine, changes),
        offer_text(offer(routine, changes, period.sessions, today), routine, words),
        plan_text(
            plans(db),
            words,
            now,
            first_session=first_session_day(db),
            done_today=today in period.active_days(),
        ),
    )


def _now(now: datetime) -> tuple[str, str, str, int]:
    if now.utcoffset() is None:
        raise ValueError("now: expected a time with its offset from UTC, got a naive one")
    return str(uuid.uuid4()), utc_text(now), now.date().isoformat(), offset_min(now)
