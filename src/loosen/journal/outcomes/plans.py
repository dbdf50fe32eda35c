"""One if-then plan, "after ___ I will ___": offered once, kept, shown when its time has come. Pure.

Gollwitzer and Sheeran, "Implementation intentions and goal achievement: a meta-analysis of effects and processes",
Advances in Experimental Social Psychology 2006, 38:69-119: such a plan helps people to do what they meant to.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

import msgspec

from loosen.journal.store.records import DayPart, Plan

DAY_PARTS: dict[DayPart, tuple[int, int]] = {
    "morning": (4, 11),
    "midday": (11, 14),
    "afternoon": (14, 18),
    "evening": (18, 24),
}
"""The hours, from and to, in which a plan for this part of the day is shown."""

OFFERED_DAYS = 7
"""An offer that nobody answers goes away; a plan can still be made on the history page."""


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
