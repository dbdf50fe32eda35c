"""What the person chose, kept and read: doses, and the plan."""

from __future__ import annotations

import sqlite3
import uuid
from datetime import date, datetime, timedelta
from typing import NamedTuple

from loosen.journal.outcomes.doses import DoseAnswer, DoseChange, Offer, offer, own_doses
from loosen.journal.outcomes.period import Period, first_session_day, read_period
from loosen.journal.outcomes.plans import Plan, PlanStatus, plan_status
from loosen.journal.store.moments import offset_min, utc_text
from loosen.routine.model import Dose, Routine

LOOKED_BACK = timedelta(weeks=26)
"""How far back sessions are looked through for a next step."""


def keep_dose(
    db: sqlite3.Connection, routine: str, exercise: str, sets: int, reps: int, what: DoseAnswer, now: datetime
) -> None:
    """Keep a dose that was set, or the answer to one that was offered."""
    db.execute(
        "INSERT INTO doses (uuid, at_utc, local_date, utc_offset_min, routine, exercise, sets, reps, what)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*_key_and_time(now), routine, exercise, sets, reps, what),
    )


def dose_changes(db: sqlite3.Connection, routine: str) -> tuple[DoseChange, ...]:
    """Return the doses set and offers answered for a routine, in the order of time."""
    rows = db.execute(
        "SELECT local_date, exercise, sets, reps, what FROM doses WHERE routine = ? ORDER BY at_utc, id",
        (routine,),
    )
    return tuple(
        DoseChange(day=date.fromisoformat(day), exercise=exercise, sets=sets, reps=reps, what=what)
        for day, exercise, sets, reps, what in rows
    )


def keep_plan(db: sqlite3.Connection, plan: Plan, now: datetime) -> None:
    """Keep an answer to the offer of a plan."""
    db.execute(
        "INSERT INTO plans (uuid, at_utc, local_date, utc_offset_min, what, cue, part) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*_key_and_time(now), plan.what, plan.cue, plan.part),
    )


def plans(db: sqlite3.Connection) -> tuple[Plan, ...]:
    """Return all answers to the offer of a plan, in the order of time."""
    rows = db.execute("SELECT what, cue, part FROM plans ORDER BY at_utc, id")
    return tuple(Plan(what=what, cue=cue, part=part) for what, cue, part in rows)


class Choices(NamedTuple):
    """What holds now: doses of the person's own by exercise, the next step that is offered, and the plan."""

    doses: dict[str, Dose]
    offer: Offer | None
    plan: PlanStatus


def read_choices(
    db: sqlite3.Connection, routine: Routine, now: datetime, known: Period | None = None
) -> Choices:
    """Return what was chosen, and what is offered now. `known`: a period read already, used where it suffices."""
    changes, today = dose_changes(db, routine.id), now.date()
    first = today - LOOKED_BACK
    if known is not None and known.first <= first and known.last == today:
        period = known.between(first, today)
    else:
        period = read_period(db, first, today)
    return Choices(
        own_doses(routine, changes),
        offer(routine, changes, period.sessions, today),
        plan_status(
            plans(db),
            now,
            first_session=first_session_day(db),
            done_today=today in period.active_days(),
        ),
    )


def _key_and_time(now: datetime) -> tuple[str, str, str, int]:
    if now.utcoffset() is None:
        raise ValueError("now: expected a time with its offset from UTC, got a naive one")
    return str(uuid.uuid4()), utc_text(now), now.date().isoformat(), offset_min(now)
