"""The log of sitting and getting up: outcomes and times, never what was done at the computer.

Kept in the journal's own file by plain statements: the service that writes it must stay small, and `store` brings
along much that it does not need. Raises nothing while writing: what a locked or full disk refuses is held and
written with the next entry.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from loosen.errors import JournalError
from loosen.files import journal_path
from loosen.journal.store import database
from loosen.journal.store.moments import offset_min, utc_text
from loosen.journal.store.settings import GETUP_STATE

_WAITING_AT_MOST = 5_000
_Statement = tuple[str, tuple[Any, ...]]


class Sits:
    """The log, open. For one thread."""

    def __init__(self, file: database.File, notices: tuple[str, ...] = (), lasting_trouble: str = "") -> None:
        self._file, self.notices = file, notices
        self.trouble = self._lasting_trouble = lasting_trouble
        self._waiting: list[_Statement] = []
        self._sit = ""
        self._of_sit: list[_Statement] = []

    @property
    def _db(self) -> sqlite3.Connection:
        return self._file.db

    @classmethod
    def open(cls, path: Path | None = None, *, or_unsaved: bool = False) -> Sits:
        """Open the log in the journal at `path` (default: the usual place), or begin it.

        JournalError if it cannot be used; with `or_unsaved`, a log in memory that says so takes its place.
        """
        path = journal_path(path)
        notices: list[str] = []
        try:
            return cls(database.File(path, notices), tuple(notices))
        except (OSError, sqlite3.Error) as error:
            trouble = f"{path} cannot be used as the journal: {database.why(error)}"
            if not or_unsaved:
                raise JournalError(trouble) from error
        except JournalError as error:
            if not or_unsaved:
                raise
            trouble = str(error)
        return cls.in_memory((*notices, trouble), trouble)

    @classmethod
    def in_memory(cls, notices: tuple[str, ...] = (), lasting_trouble: str = "") -> Sits:
        """Return a log that is gone when it is closed; with `lasting_trouble` it stands in for an unusable one."""
        return cls(database.File(None, []), notices, lasting_trouble)

    def __enter__(self) -> Sits:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Try once more to write what waits, and close."""
        if self._waiting:
            self.write()
        self._db.close()

    # -- entries: noted here, written together by `write` ------------------------------------------------------

    def begin(self, sit: str, at: datetime) -> None:
        """Note that a sit begins; `at` knows its offset from UTC."""
        is_new = sit != self._sit
        if is_new:
            self._sit, self._of_sit = sit, []
        self._note(
            "INSERT OR IGNORE INTO sits (uuid, started_utc, local_date, utc_offset_min, last_utc, seconds)"
            " VALUES (?, ?, ?, ?, ?, 0)",
            (sit, utc_text(at), at.date().isoformat(), offset_min(at), utc_text(at)),
            again=is_new,
        )

    def goes_on(self, sit: str, at: datetime, seconds: float) -> None:
        """Note that a sit has lasted `seconds` by now."""
        self._note(
            "UPDATE sits SET last_utc = ?, seconds = ? WHERE uuid = ? AND ending IS NULL",
            (utc_text(at), round(seconds, 1), sit),
            again=False,
        )

    def end(self, sit: str, at: datetime, seconds: float, ending: str) -> None:
        """Note how a sit ended."""
        self._note(
            "UPDATE sits SET last_utc = ?, seconds = ?, ending = ? WHERE uuid = ?",
            (utc_text(at), round(seconds, 1), ending, sit),
        )

    def prompt(self, prompt: str, sit: str, at: datetime, sat_s: float, why: str, exercise: str) -> None:
        """Note that the person was asked."""
        self._note(
            "INSERT OR IGNORE INTO prompts (uuid, sit, at_utc, sat_s, why, exercise)"
            " SELECT ?, id, ?, ?, ?, ? FROM sits WHERE uuid = ?",
            (prompt, utc_text(at), round(sat_s, 1), why, exercise or None, sit),
        )

    def snoozed(self, prompt: str, n: int) -> None:
        """Note that a prompt was put off for the `n`-th time."""
        self._note("UPDATE prompts SET snoozes = ? WHERE uuid = ?", (n, prompt))

    def settled(self, prompt: str, at: datetime, outcome: str) -> None:
        """Note what became of a prompt; the first outcome counts."""
        self._note(
            "UPDATE prompts SET outcome = ?, outcome_utc = ? WHERE uuid = ? AND outcome IS NULL",
            (outcome, utc_text(at), prompt),
        )

    def state(self, state: dict[str, Any]) -> None:
        """Note what the sitting clock remembers, to go on from after a restart."""
        self._note(
            "INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)",
            (GETUP_STATE, json.dumps(state)),
            again=False,
        )

    def write(self) -> bool:
        """Write all that was noted, whole or not at all. False if it must wait; `trouble` then says why."""
        del self._waiting[:-_WAITING_AT_MOST]
        try:
            self._follow()
            self._db.execute("BEGIN IMMEDIATE")
            for statement in self._waiting:
                self._db.execute(*statement)
            self._db.execute("COMMIT")
        except (OSError, sqlite3.Error, JournalError) as error:
            if self._db.in_transaction:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
            self.trouble = database.why(error)
            return False
        if self._file.is_replaced:
            # Set aside in this very moment: what was noted goes into the new one.
            return self.write()
        self._waiting.clear()
        self.trouble = self._lasting_trouble
        return True

    def _follow(self) -> None:
        """Where another file has taken the journal's place, go on in that, with what is known of the sit under way."""
        notices: list[str] = []
        if self._file.follow(notices):
            self.notices += tuple(notices)
            # Twice does no harm: what is there already is left, or set to the same again.
            self._waiting = [*self._of_sit, *self._waiting]

    def _note(self, sql: str, values: tuple[Any, ...], *, again: bool = True) -> None:
        """Note it; `again`: also in the next file, should another take the journal's place before the sit is over."""
        self._waiting.append((sql, values))
        if again:
            self._of_sit.append((sql, values))

    # -- reading -----------------------------------------------------------------------------------------------

    def last_state(self) -> dict[str, Any] | None:
        """Return what the sitting clock remembered last, None if nothing usable."""
        try:
            row = self._db.execute("SELECT value FROM settings WHERE key = ?", (GETUP_STATE,)).fetchone()
            state = json.loads(row[0]) if row else None
        except (sqlite3.Error, ValueError):
            return None
        return state if isinstance(state, dict) else None
