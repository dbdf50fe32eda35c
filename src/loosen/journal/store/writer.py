"""What is written to the journal: one change each time, and what a full or busy disk refuses waits for the next.

A session or a sit under way is also held in memory: where the file no longer has it (a damaged journal was set
aside), it is written whole into the new one. Imports nothing heavy: the get-up service uses it.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Any, ClassVar, Literal, Self

from loosen.errors import JournalError
from loosen.files import journal_path
from loosen.journal.store.database import Database, patiently
from loosen.journal.store.integrity import describe, is_damage, is_file_trouble, refusal

_log = logging.getLogger("loosen.journal")

Statement = tuple[str, tuple[Any, ...]]
"""SQL with its values."""

STATEMENTS_AT_MOST = 10_000
"""How many statements of a session or a sit are held; memory must not grow without end."""


@dataclass(slots=True)
class UnderWay:
    """A session or a sit under way: what makes it up, how much of that is in the file, and in which file.

    `latest` says how far it has come; only the last one counts.
    """

    table: Literal["sessions", "sits"]
    statements: list[Statement] = field(default_factory=list)
    latest: Statement | None = None
    written: int = 0
    journal: str = ""
    over: bool = False

    @property
    def waiting(self) -> list[Statement]:
        """What is not in the file yet."""
        return [*self.statements[self.written :], *([self.latest] if self.latest else [])]


class Writer:
    """A journal to write to. May be used from several threads, and by several processes at once.

    `kept` is False, with `trouble` in words, while something could not be written; that is never raised into a
    session. `notices` are sentences for the person about the file.
    """

    UNREADABLE: ClassVar[tuple[type[Exception], ...]] = (OSError, sqlite3.Error, ValueError, ArithmeticError)
    """What reading may raise where an entry is not as loosen wrote it."""
    STOOD_IN_FOR: ClassVar[tuple[type[Exception], ...]] = (OSError, sqlite3.Error)
    """What may be wrong with a file for which a journal in memory may stand in."""

    def __init__(self, database: Database, trouble: str = "") -> None:
        """Write to `database`; with `trouble`, it stands in for a journal that cannot be used."""
        self.database, self.path = database, database.path
        self.trouble = self._lasting_trouble = trouble
        self._under_way: dict[str, UnderWay] = {}
        self._latest: dict[str, Statement] = {}
        self._moved = False
        self._lock = RLock()

    @classmethod
    def open(cls, path: Path | None = None, *, or_unsaved: bool = False, now: datetime | None = None) -> Self:
        """Open the journal at `path` (default: `files.journal_path`), or begin it.

        A damaged file is set aside under a dated name (with the date `now`), and a new journal begun. Raises
        JournalError, having changed nothing, if a newer loosen wrote the file, if it is another program's
        database, or if it cannot be read or written, LockedError if another process is at work there; with
        `or_unsaved`, the last two (for `Sits`: each) give a journal in memory that says so (`kept` is False).
        """
        path = journal_path(path)
        try:
            return cls(Database(path, now))
        except (OSError, sqlite3.Error, JournalError) as error:
            trouble = describe(error)
            if not isinstance(error, JournalError):
                trouble = f"{path} cannot be used as the journal: {trouble}"
            if or_unsaved and isinstance(error, cls.STOOD_IN_FOR):
                return cls.in_memory(trouble)
            raise refusal(trouble, error) from error

    @classmethod
    def in_memory(cls, trouble: str = "") -> Self:
        """Return a journal that is gone when it is closed; with `trouble`, it stands in for an unusable one."""
        return cls(Database(None), trouble)

    @property
    def kept(self) -> bool:
        """Whether everything so far is on the disk."""
        return not self.trouble

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences for the person: what was found on opening, and what became of the file since."""
        return tuple(self.database.notices)

    def close(self) -> None:
        """Try once more to write what waits. May be called twice."""
        with self._lock:
            if self._waits:
                self._write()
            self._under_way.clear()
            self._latest.clear()
            self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def using(self) -> Iterator[sqlite3.Connection]:
        """Lend the open database to read from, as it is at this moment. JournalError or LockedError if it cannot be."""
        is_open = False
        with self._lock:
            try:
                with self.database.open() as db:
                    if self.path is not None:
                        db.execute("BEGIN")
                        patiently(lambda: db.execute("SELECT uuid FROM journal").fetchone())
                    is_open = True
                    yield db
            except self.UNREADABLE as error:
                if is_open and isinstance(error, OSError):
                    raise  # It is where the caller writes to that has failed.
                raise refusal(f"The journal cannot be read ({describe(error)}): see `loosen doctor`", error) from error

    def _first(self, sql: str, *values: Any) -> Any:
        """Return the first value that a query finds, or None. Raises as `using` does."""
        with self.using() as db:
            row = db.execute(sql, values).fetchone()
        return None if row is None else row[0]

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Lend the open database for one change, made whole or not at all. Raises JournalError or LockedError."""
        with self._lock:
            if self._waits:
                self._write()
            try:
                with self.database.changing() as db:
                    yield db
            except (OSError, sqlite3.Error) as error:
                raise refusal(f"The journal was left as it was: {describe(error)}", error) from error

    # -- for whoever knows what is to be written -----------------------------------------------------------------

    @property
    def _waits(self) -> bool:
        return bool(self._latest) or any(it.waiting for it in self._under_way.values())

    def _add(self, key: str, statement: Statement) -> None:
        """Note a statement of the session or sit with this uuid, which is under way."""
        it = self._under_way[key]
        if len(it.statements) < STATEMENTS_AT_MOST:
            it.statements.append(statement)

    def _set(self, key: str, text: str) -> Statement:
        """Note a setting, JSON as text, in place of its earlier value; return the statement."""
        statement = ("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", (key, text))
        self._latest[f"setting {key}"] = statement
        return statement

    def _write(self, new: Statement | None = None) -> bool:
        """Write everything that waits; return whether that could be tried at all, else `trouble` says why.

        A statement at fault is dropped and the others are kept. The fault is raised if the statement is the `new`
        one, and logged if it had waited.
        """
        try:
            faults = self._write_once()
        except (OSError, sqlite3.Error, JournalError) as error:
            self.trouble = describe(error)
            return False
        self.trouble = self._lasting_trouble
        for statement, fault in faults:
            if statement is not new:
                _log.error("something that had waited could not be kept: %s", fault)
        for statement, fault in faults:
            if statement is new:
                raise fault
        return True

    def _write_once(self) -> list[tuple[Statement, Exception]]:
        try:
            with self.database.changing() as db:
                faults = self._execute_all(db)
        except sqlite3.Error as error:
            if not (is_damage(error) and self.database.set_aside_if_damaged()):
                raise
            with self.database.changing() as db:
                faults = self._execute_all(db)
        at_fault = {id(statement) for statement, _ in faults}
        for key, it in list(self._under_way.items()):
            if at_fault:
                it.statements = [one for one in it.statements if id(one) not in at_fault]
            it.written, it.latest = len(it.statements), None
            if it.over:
                del self._under_way[key]
        self._latest.clear()
        if self._moved:
            self._moved = False
            self.database.tell(
                f"The journal that was in use is no longer at {self.path}: it was set aside, moved or deleted."
                " What is under way is kept in the one that is there, from its beginning."
            )
        return faults

    def _execute_all(self, db: sqlite3.Connection) -> list[tuple[Statement, Exception]]:
        journal = str(db.execute("SELECT uuid FROM journal").fetchone()[0])
        waiting: list[Statement] = []
        for key, it in self._under_way.items():
            there = db.execute(f"SELECT 1 FROM {it.table} WHERE uuid = ?", (key,)).fetchone() is not None
            waiting += it.waiting if there else self._all_of(it, journal)
            it.journal = journal
        faults: list[tuple[Statement, Exception]] = []
        for statement in (*waiting, *self._latest.values()):
            try:
                db.execute(*statement)
            except (sqlite3.Error, OverflowError, ValueError) as error:
                if is_file_trouble(error) or not db.in_transaction:
                    raise
                # It failed by itself: the change goes on as it was before.
                faults.append((statement, error))
        return faults

    def _all_of(self, it: UnderWay, journal: str) -> list[Statement]:
        """Return what to write of a session or sit that the file does not have."""
        if it.written and it.journal == journal:
            # The person deleted it: it begins anew with what is new, and nothing that was deleted comes back.
            return [it.statements[0], *it.waiting] if it.waiting else []
        self._moved |= it.written > 0
        return [*it.statements, *([it.latest] if it.latest else [])]
