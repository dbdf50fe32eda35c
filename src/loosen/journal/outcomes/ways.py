"""How the person does each exercise: as it is, in a variant, or not at all; kept for the sessions to come."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Literal

import msgspec

from loosen.errors import InputError
from loosen.journal.store import queries
from loosen.journal.store.setting_keys import ways_key
from loosen.journal.store.statements import keep_setting
from loosen.routine.model import Routine

LeftOut = Literal["", "today", "always"]


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How an exercise is done: its `variant`, "" as it is. `left_out`: "", "always", or the date of the only day."""

    variant: str = ""
    left_out: str = ""


def keep_way(
    db: sqlite3.Connection, routine: Routine, exercise: str, variant: str, left_out: LeftOut, now: datetime
) -> None:
    """Keep how an exercise (its id, without a variant) is done from now on; inside one change.

    Raises InputError if the routine has no such exercise, or the exercise no such variant.
    """
    known = {it.id: {one.id for one in it.variants} for it in routine.exercises}
    if exercise not in known or (variant and variant not in known[exercise]):
        name = f"{exercise}.{variant}" if variant else exercise
        raise InputError(f"The routine {routine.id} has no exercise {name}: see `loosen routine show {routine.id}`.")
    kept = now.date().isoformat() if left_out == "today" else left_out
    ways = read_ways(db, routine) | {exercise: Way(variant=variant, left_out=kept)}
    db.execute(*keep_setting(ways_key(routine.id), {name: way for name, way in ways.items() if way != Way()}))


def read_ways(db: sqlite3.Connection, routine: Routine) -> dict[str, Way]:
    """Return the way of each exercise that is not done as it is; what the routine does not have (any more) is left out.

    An exercise that was left out for a day stands here after it, too; whether it is left out now: `is_left_out`.
    """
    known = {it.id: {"", *(one.id for one in it.variants)} for it in routine.exercises}
    nothing: dict[str, Way] = {}
    kept = queries.setting(db, ways_key(routine.id), dict[str, Way], nothing)
    return {name: way for name, way in kept.items() if way.variant in known.get(name, ())}


def is_left_out(way: Way, now: datetime) -> bool:
    """Return whether an exercise is left out on this day."""
    return way.left_out in ("always", now.date().isoformat())
