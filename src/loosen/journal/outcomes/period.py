"""What a stretch of days held, read from the journal: each session with its results, and each day of sitting."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta

import msgspec

from loosen.coach.counting.result import ExerciseResult
from loosen.journal.outcomes.hindrance import Hindrance, read_hindrances
from loosen.journal.store import queries
from loosen.journal.store.records import ANSWERED, Plan, SessionResult


class SitDay(msgspec.Struct, frozen=True, kw_only=True):
    """The sitting of one day: its longest sit in minutes; `answered` of `prompts` to get up were followed."""

    day: date
    longest_min: float
    prompts: int
    answered: int


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """Everything from `first` to `last`, both included, in the order of time.

    `plans` and `hindrances`: all that the journal holds, for those from before may hold in it. `begun`: the day of the
    first session that it holds.
    """

    first: date
    last: date
    sessions: tuple[SessionResult, ...]
    sitting: tuple[SitDay, ...]
    plans: tuple[Plan, ...] = ()
    hindrances: tuple[Hindrance, ...] = ()
    begun: date | None = None

    @property
    def weeks(self) -> int:
        """How many weeks, begun ones included."""
        return -(-((self.last - self.first).days + 1) // 7)

    def between(self, first: date, last: date) -> Period:
        """Return the part of it from `first` to `last`, which lie in it."""
        return msgspec.structs.replace(
            self,
            first=first,
            last=last,
            sessions=tuple(session for session in self.sessions if first <= session.day <= last),
            sitting=tuple(day for day in self.sitting if first <= day.day <= last),
        )

    def active_days(self) -> set[date]:
        """Return the local dates on which something was done."""
        return {session.day for session in self.sessions if session.active}

    def exercises(self) -> tuple[str, ...]:
        """Return the ids of the exercises in it, in the order of their first appearance."""
        return tuple(dict.fromkeys(it.exercise for session in self.sessions for it in session.exercises))

    def results(self, exercise: str) -> list[tuple[SessionResult, ExerciseResult]]:
        """Return the sessions with an exercise and its results, in the order of time."""
        return [(session, it) for session in self.sessions for it in session.exercises if it.exercise == exercise]


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def read_period(db: sqlite3.Connection, first: date, last: date) -> Period:
    """Read what lies from `first` to `last`, by the local date of where each thing was done."""
    between = (first.isoformat(), last.isoformat())
    return Period(
        first=first,
        last=last,
        sessions=queries.results(db, *between),
        sitting=_sitting(db, *between),
        plans=queries.plans(db),
        hindrances=read_hindrances(db),
        begun=first_session_day(db),
    )


def everything(db: sqlite3.Connection) -> Period:
    """Read all that the journal holds."""
    return read_period(db, date.min, date.max)


def first_day(db: sqlite3.Connection) -> date | None:
    """Return the first day of which the journal knows anything."""
    row = db.execute(
        "SELECT min(day) FROM (SELECT min(local_date) AS day FROM sessions UNION ALL SELECT min(local_date) FROM sits)"
    ).fetchone()
    return None if row[0] is None else date.fromisoformat(row[0])


def first_session_day(db: sqlite3.Connection) -> date | None:
    """Return the local date of the first session."""
    row = db.execute("SELECT min(local_date) FROM sessions").fetchone()
    return None if row[0] is None else date.fromisoformat(row[0])


def _sitting(db: sqlite3.Connection, first: str, last: str) -> tuple[SitDay, ...]:
    rows = db.execute(
        f"SELECT local_date, max(seconds), count(prompts.id), count(CASE WHEN outcome IN {ANSWERED} THEN 1 END)"
        " FROM sits LEFT JOIN prompts ON sit = sits.id WHERE local_date BETWEEN ? AND ?"
        " GROUP BY local_date ORDER BY local_date",
        (first, last),
    )
    return tuple(
        SitDay(day=date.fromisoformat(day), longest_min=round(seconds / 60, 1), prompts=prompts, answered=answered)
        for day, seconds, prompts, answered in rows
    )
