"""Whole journals for tests."""

from __future__ import annotations

from datetime import datetime

from journal_makers import EVENING

from loosen.journal.exchange import Contents
from loosen.journal.exporting import json_chunks
from loosen.journal.importing import merge
from loosen.journal.made_up import MadeUp
from loosen.journal.store import Journal
from loosen.routine.files import builtin
from loosen.routine.words import load_words


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
