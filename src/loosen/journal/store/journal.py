"""The journal: each finished repetition is on the disk before the next one begins.

Written ahead (WAL) with ``synchronous=FULL``: in WAL mode NORMAL would already survive a kill, but not a flat
battery or a crash of the whole machine. FULL costs one flush per repetition, that is one in several seconds.
"""

from __future__ import annotations

import logging
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any

import msgspec

from loosen.coach.counting.report import Rep
from loosen.coach.guidance.stage import Happened
from loosen.errors import JournalError
from loosen.files import journal_path
from loosen.journal.store import database, queries, statements
from loosen.journal.store.database import is_the_worlds, why
from loosen.journal.store.records import How, Rating, SessionDetail, SessionRow, Sit, exercise_results
from loosen.journal.store.statements import Statement

_log = logging.getLogger("loosen.journal")

WAITING_AT_MOST = 10_000
"""How many unsaved statements are held while the disk refuses them; memory must not grow without end."""


class Journal:
    """An open journal. May be used from several threads, and by several processes at once.

    `kept` turns False, with `trouble` in words, when a write fails: nothing is raised into a session. What
    could not be written is held in memory and tried again with the next write. `notices` are sentences for
    the person about what was found on opening, or when another file had taken the journal's place.
    """

    def __init__(self, file: database.File, notices: Iterable[str] = (), trouble: str = "") -> None:
        self._file, self.path, self.notices = file, file.path, tuple(notices)
        self._lasting_trouble = trouble
        self.kept, self.trouble = not trouble, trouble
        self._waiting: list[Statement] = []
        self._uuids: dict[int, str] = {}
        self._under_way: dict[str, list[Statement]] = {}
        self._over: set[str] = set()
        self._lock = RLock()

    @property
    def _db(self) -> sqlite3.Connection:
        return self._file.db

    @classmethod
    def open(
        cls, path: Path | None = None, *, or_unsaved: bool = False, now: datetime | None = None
    ) -> Journal:
        """Open the journal at `path` (default: `files.journal_path`), or begin it.

        A damaged file is set aside under a dated name (with the date `now`), and a new journal begun. Raises
        JournalError, having changed nothing, if a newer loosen wrote the file, if it is another program's
        database, or if it cannot be read or written; with `or_unsaved`, the last gives a journal in memory
        that says so (`kept` is False).
        """
        path = journal_path(path)
        notices: list[str] = []
        try:
            return cls(database.File(path, notices, now), notices)
        except (OSError, sqlite3.Error) as error:
            trouble = f"{path} cannot be used as the journal: {why(error)}"
            if not or_unsaved:
                raise JournalError(trouble) from error
        return cls.in_memory(notices, trouble)

    @classmethod
    def in_memory(cls, notices: Iterable[str] = (), trouble: str = "") -> Journal:
        """Return a journal that is gone when it is closed: for a demo, which is never kept.

        With `trouble`, it stands in for one that cannot be written, and `kept` is False.
        """
        return cls(database.File(None, []), notices, trouble)

    def close(self) -> None:
        """Try once more to write what waits, and close. May be called twice."""
        with self._lock:
            if self._waiting:
                self._write()
            self._waiting.clear()
            self._db.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- writing: never raises because of the disk ---------------------------------------------------------

    def begin_session(self, routine: str, *, camera: bool, now: datetime) -> int:
        """Begin a session of the routine with this id; return the number to name it by.

        `now` must know its offset from UTC (ValueError otherwise). The number is negative if the session
        could not be written yet: it still names the session for this open journal.
        """
        if now.utcoffset() is None:
            raise ValueError("now: expected a time with its offset from UTC, got a naive one")
        key = str(uuid.uuid4())
        with self._lock:
            self._write(begun := statements.begin(key, routine, camera=camera, now=now))
            self._under_way[key] = [begun]
            row = None
            with suppress(sqlite3.Error):
                row = self._db.execute("SELECT id FROM sessions WHERE uuid = ?", (key,)).fetchone()
            session = int(row[0]) if row else -1 - len(self._uuids)
            if session in self._uuids:
                # A journal that took the other's place gives numbers that were given already.
                session = -1 - len(self._uuids)
            self._uuids[session] = key
            return session

    def add_rep(self, session: int, rep: Rep) -> None:
        """Keep a finished repetition; it is on the disk when this returns, unless `kept` is False."""
        with self._lock:
            key = self._uuid(session)
            self._write_of(key, statements.rep(key, rep))

    def happened(self, session: int, event: Happened) -> None:
        """Keep an event; "answer" (`detail`: the question's id) goes among the answers, the last counts."""
        with self._lock:
            key = self._uuid(session)
            if event.what == "answer":
                self._write_of(key, statements.answer(key, Rating(event.detail, event.value, event.t_s)))
            else:
                self._write_of(key, statements.event(key, event))

    def end_session(self, session: int, how: How, now: datetime) -> None:
        """Mark a session as over; the first end counts."""
        with self._lock:
            key = self._uuid(session)
            self._over.add(key)
            self._write_of(key, statements.end(key, how, now))

    def set_setting(self, key: str, value: object) -> None:
        """Keep a value that msgspec can write as JSON."""
        with self._lock:
            self._write(statements.setting(key, value))

    # -- reading: raises JournalError ----------------------------------------------------------------------

    def sessions(self, limit: int | None = None) -> tuple[SessionRow, ...]:
        """Return the sessions, newest first, at most `limit`."""
        with self._reading():
            return queries.sessions(self._db, limit)

    def session(self, session: int) -> SessionDetail:
        """Return a session whole. Raises JournalError if there is none with this number."""
        with self._reading():
            # Beyond what SQLite can count to there is none either.
            row = queries.session(self._db, session) if abs(session) < 2**63 else None
            if row is None:
                raise JournalError(f"There is no session {session}: see `loosen journal list`")
            reps, events = queries.reps(self._db, session), queries.events(self._db, session)
            return SessionDetail(
                session=row,
                answers=queries.answers(self._db, session),
                exercises=exercise_results(reps, events),
                reps=reps,
                events=events,
            )

    def week(self, today: date) -> tuple[bool, ...]:
        """Return for Monday to Sunday of the week of `today` whether something was done on that local date.

        Something is a session that came to its end, or one with a repetition, counted or led.
        """
        monday = today - timedelta(days=today.weekday())
        with self._reading():
            done = queries.active_dates(self._db, monday, monday + timedelta(days=6))
        return tuple(monday + timedelta(days=n) in done for n in range(7))

    def sits(self, first: date, last: date) -> tuple[Sit, ...]:
        """Return the sits of these local dates, in order, each with its prompts."""
        with self._reading():
            return queries.sits(self._db, first.isoformat(), last.isoformat())

    def get_setting(self, key: str, default: Any = None) -> Any:
        """Return a kept value, or `default`."""
        with self._reading():
            row = self._db.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
        return default if row is None else msgspec.json.decode(row[0])

    def best_ranges(self, routine: str, *, sessions: int = 5) -> dict[str, float]:
        """Return for each exercise of the routine with this id the person's own range.

        The 90th percentile of the full repetitions in his last `sessions` sessions with that exercise: near
        the best, but one lucky reading of the camera does not become the mark to reach.
        """
        with self._reading():
            return queries.best_ranges(self._db, routine, sessions)

    # -- for the rest of the room: what is read and changed elsewhere -----------------------------------------

    @contextmanager
    def using(self) -> Iterator[sqlite3.Connection]:
        """Lend the open database to read from. What SQLite raises comes out as JournalError."""
        with self._reading():
            yield self._db

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Lend the open database for one change, made whole or not at all. Raises JournalError."""
        with self._lock:
            if self._waiting:
                self._write()
            self._follow()
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                raise JournalError(f"The journal was left as it was: {why(error)}") from error
            finally:
                self._undo()
            if self._file.is_replaced:
                raise JournalError("The journal was set aside in this very moment: do that once more")

    # -- inside --------------------------------------------------------------------------------------------

    def _uuid(self, session: int) -> str:
        if session not in self._uuids:
            row = self._db.execute("SELECT uuid FROM sessions WHERE id = ?", (session,)).fetchone()
            if row is None:
                raise KeyError(f"no session {session} in this journal")
            self._uuids[session] = row[0]
        return self._uuids[session]

    def _write_of(self, key: str, statement: Statement) -> None:
        """Write what belongs to a session, and remember it until the session is over and kept."""
        self._write(statement)
        known = self._under_way.get(key)
        if known is not None and len(known) < WAITING_AT_MOST:
            known.append(statement)

    def _follow(self) -> None:
        """Where another file has taken the journal's place, go on in that. Raises JournalError if it cannot be used.

        The sessions under way go along whole: what was kept of them so far lies in the file that is gone.
        """
        notices: list[str] = []
        try:
            if not self._file.follow(notices):
                return
            self.notices += tuple(notices)
            again = [it for key, known in self._under_way.items() if not self._has(key) for it in known]
        except (OSError, sqlite3.Error) as error:
            raise JournalError(f"{self.path} cannot be used as the journal: {why(error)}") from error
        taken = {id(it) for it in again}
        self._waiting = [*again, *(it for it in self._waiting if id(it) not in taken)]

    def _has(self, key: str) -> bool:
        return self._db.execute("SELECT 1 FROM sessions WHERE uuid = ?", (key,)).fetchone() is not None

    def _write(self, *statements: Statement) -> None:
        """Write what waits and `statements` at once, but none that is at fault itself.

        When the world is at fault, nothing is written and all of it waits. A statement at fault is dropped
        and the rest kept; what is wrong is raised if it was given now, and logged if it had waited.
        """
        trouble = ""
        try:
            self._follow()
        except JournalError as error:
            trouble = str(error)
        n_old = len(self._waiting)
        self._waiting += statements
        del self._waiting[WAITING_AT_MOST:]
        if trouble:
            self.kept, self.trouble = False, trouble
            return
        try:
            self._db.execute("BEGIN IMMEDIATE")
            faults = [(n, fault) for n, it in enumerate(self._waiting) if (fault := self._fault_of(it))]
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._undo()
            if not is_the_worlds(error):
                del self._waiting[n_old:]
                raise
            self.kept, self.trouble = False, why(error)
            return
        if self._file.is_replaced:
            # Set aside in this very moment: it all goes into the new one.
            self._write()
            return
        self._waiting.clear()
        for key in self._over:
            self._under_way.pop(key, None)
        self._over.clear()
        self.kept, self.trouble = not self._lasting_trouble, self._lasting_trouble
        for n, fault in faults:
            if n < n_old:
                _log.error("something that had waited could not be kept: %s", fault)
        for n, fault in faults:
            if n >= n_old:
                raise fault

    def _fault_of(self, statement: Statement) -> Exception | None:
        """Execute a statement, and return what is wrong with it; raise what is wrong with the world."""
        try:
            self._db.execute(*statement)
        except (sqlite3.Error, OverflowError, ValueError) as error:
            # A statement that fails by itself leaves the transaction as it was before.
            if is_the_worlds(error) or not self._db.in_transaction:
                raise
            return error
        return None

    def _undo(self) -> None:
        if self._db.in_transaction:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock:
            self._follow()
            try:
                yield
            except (sqlite3.Error, ValueError, OverflowError, msgspec.MsgspecError) as error:
                raise JournalError(
                    f"The journal cannot be read ({why(error)}): see `loosen doctor`"
                ) from error
