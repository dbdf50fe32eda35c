"""The log of sitting and getting up: outcomes and times, never what was done at the computer.

It lies in the journal's own file, and is written by plain statements: the service that writes it must stay small.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from loosen.errors import JournalError
from loosen.journal.store.moments import offset_min, utc_text
from loosen.journal.store.setting_keys import GETUP_STATE
from loosen.journal.store.writer import Statement, Writer


class Sits(Writer):
    """The log. Entries are noted one by one and written together by `write`."""

    _sit = ""

    BORNE = (*Writer.BORNE, JournalError)

    def begin(self, sit: str, at: datetime) -> None:
        """Note that a sit begins; `at` knows its offset from UTC. Noted again, it changes nothing."""
        if sit == self._sit:
            return
        if self._sit in self._under_way:
            self._under_way[self._sit].over = True
        self._sit = sit
        self._begin(sit, "sits")
        self._note(
            "INSERT OR IGNORE INTO sits (uuid, started_utc, local_date, utc_offset_min, last_utc, seconds)"
            " VALUES (?, ?, ?, ?, ?, 0)",
            (sit, utc_text(at), at.date().isoformat(), offset_min(at), utc_text(at)),
        )

    def goes_on(self, sit: str, at: datetime, seconds: float) -> None:
        """Note that a sit has lasted `seconds` by now."""
        self._under_way[sit].latest = (
            "UPDATE sits SET last_utc = ?, seconds = ? WHERE uuid = ? AND ending IS NULL",
            (utc_text(at), round(seconds, 1), sit),
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
        self._set(GETUP_STATE, json.dumps(state))

    def write(self) -> bool:
        """Write all that was noted, whole or not at all. False if it must wait; `trouble` then says why."""
        return self._write()

    def last_state(self) -> dict[str, Any] | None:
        """Return what the sitting clock remembered last, None if nothing usable."""
        try:
            state = json.loads(self._first("SELECT value FROM settings WHERE key = ?", GETUP_STATE) or "null")
        except (JournalError, ValueError):
            return None
        return state if isinstance(state, dict) else None

    def _note(self, sql: str, values: tuple[Any, ...]) -> None:
        statement: Statement = (sql, values)
        if self._sit in self._under_way:
            self._under_way[self._sit].add(statement)
        else:
            # It belongs to a sit of before a restart.
            self._latest[f"{sql} {values[-1]}"] = statement
