"""One if-then plan, "after ___ I will ___": offered once, kept, shown when its time has come. Pure.

Gollwitzer and Sheeran, "Implementation intentions and goal achievement: a meta-analysis of effects and processes",
Advances in Experimental Social Psychology 2006, 38:69-119: such a plan helps people to do what they meant to.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

import msgspec

Part = Literal["morning", "midday", "afternoon", "evening"]

PARTS: dict[Part, tuple[int, int]] = {
    "morning": (4, 11),
    "midday": (11, 14),
    "afternoon": (14, 18),
    "evening": (18, 24),
}
"""The hours, from and to, in which a plan for this part of the day is shown."""

CUE_AT_MOST = 80
OFFERED_DAYS = 7
"""An offer that nobody answers goes away; a plan can still be made on the history page."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What was said to the offer. `cue`: what it comes after, in the person's words; `part` of the day."""

    what: Literal["made", "declined", "dropped"]
    cue: str
    part: Part


def standing(plans: Sequence[Plan]) -> Plan | None:
    """Return the plan that stands: the last word counts."""
    return plans[-1] if plans and plans[-1].what == "made" else None


def may_offer(plans: Sequence[Plan], first_session: date | None, today: date) -> bool:
    """Return whether to offer a plan: once, in the week after the first session, until it is answered."""
    return not plans and first_session is not None and (today - first_session).days < OFFERED_DAYS


def is_due(plan: Plan, hour: int, *, done_today: bool) -> bool:
    """Return whether to show the plan now: in its part of the day, unless something was done already."""
    begins, ends = PARTS[plan.part]
    return begins <= hour < ends and not done_today
