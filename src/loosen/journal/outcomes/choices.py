"""What the person chose, kept and read: doses, and one if-then plan, "after ___ I will ___".

Gollwitzer and Sheeran, "Implementation intentions and goal achievement: a meta-analysis of effects and processes",
Advances in Experimental Social Psychology 2006, 38:69-119: such a plan helps people to do what they meant to.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from loosen.journal.outcomes.doses import Offer, offer, own_doses
from loosen.journal.outcomes.period import Period, first_session_day, read_period
from loosen.journal.store import queries
from loosen.journal.store.moments import stamp
from loosen.journal.store.records import DayPart, DoseAnswer, DoseChange, Plan
from loosen.journal.store.statements import insert
from loosen.routine.model import Dose, Routine

DAY_PARTS: dict[DayPart, tuple[int, int]] = {
    "morning": (4, 11),
    "midday": (11, 14),
    "afternoon": (14, 18),
    "evening": (18, 24),
}
"""The hours, from and to, in which a plan for this part of the day is shown."""

OFFERED_DAYS = 7
"""An offer that nobody answers goes away; a plan can still be made on the history page."""

LOOKED_BACK = timedelta(weeks=26)
"""How far back sessions are looked through for a next step."""


class PlanStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How things stand: a plan is "made" (`plan`; `due`: now is its time), is to be "offered", or there is "none"."""

    state: Literal["made", "offered", "none"]
    plan: Plan | None = None
    due: bool = False


def plan_status(plans: Sequence[Plan], now: datetime, *, first_session: date | None, done_today: bool) -> PlanStatus:
    """Return how things stand after these answers, in the order of time: the last one counts.

    A plan is offered once, in the week after the first session, until it is answered. It is shown in its part of the
    day, unless something was done already.
    """
    if plans and plans[-1].what == "made":
        begins, ends = DAY_PARTS[plans[-1].part]
        return PlanStatus(state="made", plan=plans[-1], due=begins <= now.hour < ends and not done_today)
    is_new = first_session is not None and (now.date() - first_session).days < OFFERED_DAYS
    return PlanStatus(state="offered" if is_new and not plans else "none")


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
