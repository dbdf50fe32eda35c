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
UNDER_WAY_AT_MOST = 500
"""How many sessions or sits are held while nothing can be written; the oldest go first."""

Fate = Literal["new", "there", "moved", "deleted"]
"""What the file has of a session or a sit under way: nothing yet; what was written to it; nothing or less than that,
being another file; nothing any more, since the person has deleted it."""


@dataclass(slots=True)
class UnderWay:
    """A session or a sit under way: what makes it up, and how much of that lies in which file.

    `journal` names that file, "" before the first writing. `latest` says how far it has come; only the last one
    counts. `begun` is False for something added to what another process began, or what is over. What was `deleted`
    takes nothing more.
    """

    table: Literal["sessions", "sits"]
    begun: bool = True
    statements: list[Statement] = field(default_factory=list)
    latest: Statement | None = None
    written: int = 0
    journal: str = ""
    over: bool = False
    deleted: bool = False

    @property
    def waiting(self) -> list[Statement]:
        """What is not in the file yet."""
        return [*self.statements[self.written :], *([self.latest] if self.latest else [])]

    def add(self, statement: Statement) -> None:
        """Hold one more statement; beyond the limit the oldest but the beginning goes, which is in the file by then."""
        if self.deleted:
            return
        self.statements.append(statement)
        if len(self.statements) > STATEMENTS_AT_MOST:
            del self.statements[1]
            self.written -= self.written > 1

    def fate(self, db: sqlite3.Connection, key: str, journal: str) -> Fate:
        """Return what the file with the name `journal` has of it; `key` is its uuid."""
        there = db.execute(f"SELECT 1 FROM {self.table} WHERE uuid = ?", (key,)).fetchone() is not None
        if not self.journal:
            return "new" if self.begun or there else "deleted"
        if self.journal != journal:
            return "moved"
        return "there" if there else "deleted"

    def due(self, fate: Fate, key: str) -> list[Statement]:
        """Return what is to be written now."""
        match fate:
            case "deleted":
                return []
            case "moved":
                latest = [self.latest] if self.latest else []
                return [(f"DELETE FROM {self.table} WHERE uuid = ?", (key,)), *self.statements, *latest]
            case "new" | "there":
                return self.waiting


class Writer:
    """A journal to write to, by one thread; several processes may do so at once.

    `kept` is False, with `trouble` in words, while something could not be written; that is never raised into a
    session. `notices` are sentences for the person about the file.
    """

    UNREADABLE: ClassVar[tuple[type[Exception], ...]] = (OSError, sqlite3.Error, ValueError, ArithmeticError)
    """What reading may raise where an entry is not as loosen wrote it."""
    BORNE: ClassVar[tuple[type[Exception], ...]] = (OSError, sqlite3.Error)
    """What may be wrong with a file that `open` is to bear with."""

    def __init__(self, database: Database) -> None:
        self.database, self.path = database, database.path
        self.trouble = ""
        self._under_way: dict[str, UnderWay] = {}
        self._latest: dict[str, Statement] = {}

    @classmethod
    def open(cls, path: Path | None = None, *, or_unsaved: bool = False, now: datetime | None = None) -> Self:
        """Open the journal at `path` (default: `files.journal_path`), or begin it.

        A damaged file is set aside under a dated name (with the date `now`), and a new journal begun. Raises
        JournalError, having changed nothing, if a newer loosen wrote the file, if it is another program's
        database, or if it cannot be read or written, JournalBusy if another process is at work there. With
        `or_unsaved`, the last two (for `Sits`: each) are only its `trouble`, and each write tries again.
        """
        writer = cls(Database(journal_path(path), now))
        try:
            with writer.database.open():
                pass
        except (OSError, sqlite3.Error, JournalError) as error:
            trouble = describe(error)
            if not isinstance(error, JournalError):
                trouble = f"{writer.path} cannot be used as the journal: {trouble}"
            if not (or_unsaved and isinstance(error, cls.BORNE)):
                raise refusal(trouble, error) from error
            writer.trouble = trouble
        return writer

    @classmethod
    def in_memory(cls) -> Self:
        """Return a journal that is gone when it is closed."""
        return cls(Database(None))

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
        """Lend the open database to read from, as it is at this moment. JournalError if it cannot be."""
        is_open = False
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
        """Lend the open database for one change, made whole or not at all. Raises JournalError."""
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

    def _begin(self, key: str, table: Literal["sessions", "sits"], *, begun: bool = True) -> None:
        """Hold a session or a sit from now on; `begun` False: something added to one that is not under way here."""
        self._under_way[key] = UnderWay(table, begun=begun, over=not begun)
        if len(self._under_way) > UNDER_WAY_AT_MOST:
            del self._under_way[next(iter(self._under_way))]

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
        self.trouble = ""
        for statement, fault in faults:
            if statement is not new:
                _log.error("something that had waited could not be kept: %s", fault)
        for statement, fault in faults:
            if statement is new:
                raise fault
        return True

    def _write_once(self) -> list[tuple[Statement, Exception]]:
        try:
            journal, fates, faults = self._execute_all()
        except sqlite3.Error as error:
            if not (is_damage(error) and self.database.set_aside_if_damaged()):
                raise
            journal, fates, faults = self._execute_all()
        at_fault = {id(statement) for statement, _ in faults}
        # Only now is it in the file: until the change was whole, nothing was.
        for key, fate in fates.items():
            it = self._under_way[key]
            it.deleted = it.deleted or fate == "deleted"
            it.statements = [one for one in it.statements if id(one) not in at_fault and not it.deleted]
            it.written, it.latest, it.journal = len(it.statements), None, journal
            if it.over:
                del self._under_way[key]
        self._latest.clear()
        if "moved" in fates.values():
            self.database.tell(
                f"The journal that was in use is no longer at {self.path}: it was set aside, moved or deleted."
                " What is under way is kept in the one that is there, from its beginning."
            )
        return faults

    def _execute_all(self) -> tuple[str, dict[str, Fate], list[tuple[Statement, Exception]]]:
        """Write everything that waits in one change; return the file's name, what it had, and what failed by itself."""
        with self.database.changing() as db:
            journal = str(db.execute("SELECT uuid FROM journal").fetchone()[0])
            fates = {key: it.fate(db, key, journal) for key, it in self._under_way.items()}
            waiting = [one for key, it in self._under_way.items() for one in it.due(fates[key], key)]
            faults: list[tuple[Statement, Exception]] = []
            for statement in (*waiting, *self._latest.values()):
                try:
                    db.execute(*statement)
                except (sqlite3.Error, OverflowError, ValueError) as error:
                    if is_file_trouble(error) or not db.in_transaction:
                        raise
                    # It failed by itself: the change goes on as it was before.
                    faults.append((statement, error))
        return journal, fates, faults
