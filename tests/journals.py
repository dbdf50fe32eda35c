"""Whole journals for tests."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from journal_makers import EVENING

from loosen.journal.made_up import MadeUp
from loosen.journal.store.journal import Journal
from loosen.journal.transfer.exporter import Contents, json_chunks
from loosen.journal.transfer.importer import merge, parse
from loosen.routine.reader import builtin
from loosen.routine.words import load_words

SECRET = "after-my-secret-cue"


def made_up(sessions: int = 12, *, seed: int = 7, now: datetime = EVENING) -> Contents:
    """Return what a made-up person's journal holds."""
    return MadeUp(builtin(), load_words(), sessions=sessions, now=now, seed=seed).contents()


def fill(journal: Journal, contents: Contents) -> None:
    """Put it all into a journal."""
    with journal.changing() as db:
        merge(db, contents)


def as_export(journal: Journal, now: datetime = EVENING) -> bytes:
    """Return the journal as `loosen journal export` writes it."""
    with journal.using() as db:
        return b"".join(json_chunks(db, now))


def without_date(export: bytes) -> dict[str, Any]:
    """Return what an export holds, but for the moment when it was made."""
    return {name: value for name, value in json.loads(export).items() if name != "made_utc"}


def imported(export: bytes, journal: Journal | None = None) -> Journal:
    """Take an export in, into a journal in memory if none is given."""
    journal = journal or Journal.in_memory()
    fill(journal, parse(export, EVENING))
    return journal


def imported_made_up(n: int, *, seed: int = 7) -> Journal:
    """Return a made-up person's journal of `n` sessions."""
    journal = Journal.in_memory()
    fill(journal, made_up(n, seed=seed))
    return journal


def six_sessions(place: Path) -> Path:
    """Make a journal of six made-up sessions, with the SECRET as its plan's cue; return its place."""
    with Journal.open(place) as journal:
        fill(journal, made_up(6))
        with journal.changing() as db:
            db.execute("UPDATE plans SET cue = ?", (SECRET,))
    return place


def everything_in(place: Path) -> dict[str, Any]:
    """Return all that a journal holds."""
    with Journal.open(place) as journal:
        return without_date(as_export(journal))
