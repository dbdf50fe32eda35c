"""What the person chose, kept and read: doses, and the plan."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from loosen.journal.outcomes.doses import Offer, offer, own_doses
from loosen.journal.outcomes.period import Period, first_session_day, read_period
from loosen.journal.outcomes.plans import PlanStatus, plan_status
from loosen.journal.store import queries
from loosen.journal.store.moments import stamp
from loosen.journal.store.records import DayPart, DoseAnswer, DoseChange, Plan
from loosen.journal.store.statements import insert
from loosen.routine.model import Dose, Routine

LOOKED_BACK = timedelta(weeks=26)
"""How far back sessions are looked through for a next step."""


def keep_dose(
    db: sqlite3.Connection, routine: str, exercise: str, sets: int, reps: int, what: DoseAnswer, now: datetime
) -> None:
    """Keep a dose that was set, or the answer to one that was offered."""
    said = DoseChange(**stamp(now), routine=routine, exercise=exercise, sets=sets, reps=reps, what=what)
    db.execute(*insert("doses", msgspec.structs.asdict(said)))


def dose_changes(db: sqlite3.Connection, routine: str) -> tuple[DoseChange, ...]:
    """Return the doses set and offers answered for a routine, in the order of time."""
    return tuple(change for change in queries.doses(db) if change.routine == routine)


def keep_plan(
    db: sqlite3.Connection, what: Literal["made", "declined", "dropped"], cue: str, part: DayPart, now: datetime
) -> None:
    """Keep an answer to the offer of a plan."""
    db.execute(*insert("plans", msgspec.structs.asdict(Plan(**stamp(now), what=what, cue=cue, part=part))))


class Choices(NamedTuple):
    """What holds now: doses of the person's own by exercise, the next step that is offered, and the plan."""

    doses: dict[str, Dose]
    offer: Offer | None
    plan: PlanStatus


def read_choices(db: sqlite3.Connection, routine: Routine, now: datetime, known: Period | None = None) -> Choices:
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
            queries.plans(db), now, first_session=first_session_day(db), done_today=today in period.active_days()
        ),
    )
