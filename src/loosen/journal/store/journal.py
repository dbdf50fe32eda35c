"""The journal: each finished repetition is on the disk before the next one begins."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from loosen.coach.counting.rep import Rep
from loosen.coach.guidance.stage import Happened
from loosen.errors import JournalError
from loosen.journal.store import queries, statements
from loosen.journal.store.records import How, Rating, SessionResult, SessionRow, Sit
from loosen.journal.store.writer import Statement, Writer


class Journal(Writer):
    """A journal of sessions; see `Writer` for what a full disk or a damaged file does to it."""

    UNREADABLE = (*Writer.UNREADABLE, msgspec.MsgspecError)

    # -- writing: never raises because of the disk ---------------------------------------------------------

    def begin_session(self, routine: str, *, camera: bool, now: datetime) -> str:
        """Begin a session of the routine with this id; return the uuid to name it by.

        `now` must know its offset from UTC (ValueError otherwise).
        """
        key = str(uuid.uuid4())
        begun = statements.begin(key, routine, camera=camera, now=now)
        self._begin(key, "sessions")
        self._write_of(key, begun)
        return key

    def watched(self, session: str, *, camera: bool) -> None:
        """Correct whether the camera watches a session: that may turn out after its beginning."""
        self._write_of(session, statements.watched(session, camera=camera))

    def add_rep(self, session: str, rep: Rep) -> None:
        """Keep a finished repetition; it is on the disk when this returns, unless `kept` is False."""
        self._write_of(session, statements.rep(session, rep))

    def happened(self, session: str, event: Happened) -> None:
        """Keep an event; "answer" (`detail`: the question's id) goes among the answers, the last counts."""
        if event.what == "answer":
            self._write_of(session, statements.answer(session, Rating(event.detail, event.value, event.t_s)))
        else:
            self._write_of(session, statements.event(session, event))

    def end_session(self, session: str, how: How, now: datetime) -> None:
        """Mark a session as over; the first end counts."""
        if session in self._under_way:
            self._under_way[session].over = True
        self._write_of(session, statements.end(session, how, now))

    def set_setting(self, key: str, value: object) -> None:
        """Keep a value that msgspec can write as JSON."""
        self._write(self._set(key, statements.json_text(value)))

    # -- reading: raises JournalError ----------------------------------------------------------------------

    def sessions(self, limit: int | None = None) -> tuple[SessionRow, ...]:
        """Return the sessions, newest first, at most `limit`."""
        with self.using() as db:
            return queries.sessions(db, "ORDER BY started_utc DESC, id DESC LIMIT ?", -1 if limit is None else limit)

    def session(self, session: int | str) -> SessionResult:
        """Return the session with this number, or this uuid, whole. Raises JournalError if there is none."""
        with self.using() as db:
            found = queries.session(db, session)
        if found is None:
            raise JournalError(f"There is no session {session}: see `loosen journal list`")
        return found

    def week(self, today: date) -> tuple[bool, ...]:
        """Return for Monday to Sunday of the week of `today` whether something was done on that local date."""
        monday = today - timedelta(days=today.weekday())
        days = [monday + timedelta(days=n) for n in range(7)]
        with self.using() as db:
            done = queries.active_dates(db, days[0], days[-1])
        return tuple(day in done for day in days)

    def sits(self, first: date, last: date) -> tuple[Sit, ...]:
        """Return the sits of these local dates, in order, each with its prompts."""
        with self.using() as db:
            return queries.sits(db, first.isoformat(), last.isoformat())

    def get_setting(self, key: str, default: Any = None) -> Any:
        """Return a kept value, or `default`."""
        value = self._first("SELECT value FROM settings WHERE key = ?", key)
        return default if value is None else msgspec.json.decode(value)

    def _write_of(self, session: str, statement: Statement) -> None:
        """Write what belongs to a session; what comes after its end, or to another process's, is not held."""
        if session not in self._under_way:
            self._begin(session, "sessions", begun=False)
        self._under_way[session].add(statement)
        self._write(statement)
