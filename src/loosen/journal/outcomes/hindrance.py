"""What the back keeps the person from: one thing in his own words, and how well it goes, asked once a week.

After the Patient-Specific Functional Scale (Stratford et al., "Assessing disability and change on individual patients",
Physiotherapy Canada 1995, 47:258-263), with one activity: 0 is "not at all", 10 "as well as ever".
"""

from __future__ import annotations

import sqlite3
from datetime import date, datetime, timedelta
from typing import Annotated

import msgspec

from loosen.errors import InputError
from loosen.journal.store import queries
from loosen.journal.store.moments import local_time, utc_text
from loosen.journal.store.records import LocalDate, Utc
from loosen.journal.store.setting_keys import HINDERED
from loosen.journal.store.statements import keep_setting

QUESTION = "hindered"
"""The id of the weekly question."""
ASKED_EVERY = timedelta(days=7)
LETTERS_AT_MOST = 80
KEPT_AT_MOST = 100
"""How many of the person's wordings are kept; the oldest go first."""


class Hindrance(msgspec.Struct, frozen=True, kw_only=True):
    """What the back keeps the person from (`text`, "" once it is nothing any more), from the local date `since` on.

    `at_utc`: the moment at which it was said; None where only the date is known.
    """

    text: Annotated[str, msgspec.Meta(max_length=LETTERS_AT_MOST)]
    since: LocalDate
    at_utc: Utc | None = None

    @property
    def day(self) -> date:
        """The local date on which it was said."""
        return date.fromisoformat(self.since)

    def is_before(self, started: datetime) -> bool:
        """Return whether it was said before a session began: only then the session asked about it."""
        return self.at_utc <= utc_text(started) if self.at_utc else self.day <= started.date()


def keep_hindrance(db: sqlite3.Connection, text: str, now: datetime) -> None:
    """Keep what the back keeps the person from, from today on; "" if nothing. Inside one change.

    Raises InputError if it is longer than 80 characters.
    """
    text = " ".join(text.split())
    if len(text) > LETTERS_AT_MOST:
        raise InputError(f"Say it in at most {LETTERS_AT_MOST} characters; these are {len(text)}.")
    before = read_hindrances(db)
    if text != (before[-1].text if before else ""):
        said = [*before, Hindrance(text=text, since=now.date().isoformat(), at_utc=utc_text(now))]
        db.execute(*keep_setting(HINDERED, said[-KEPT_AT_MOST:]))


def read_hindrances(db: sqlite3.Connection) -> tuple[Hindrance, ...]:
    """Return what the back kept the person from, one after the other; the last one holds."""
    nothing: tuple[Hindrance, ...] = ()
    kept = queries.setting(db, HINDERED, tuple[Hindrance, ...], nothing)
    try:
        return tuple(it for it in kept if it.day)
    except ValueError:
        return ()


def is_due(db: sqlite3.Connection, holding: Hindrance | None, today: date) -> bool:
    """Return whether it is to be asked about now: it was not yet, or not for a week."""
    if holding is None or not holding.text:
        return False
    last = db.execute(
        "SELECT started_utc, utc_offset_min FROM answers JOIN sessions ON sessions.id = session"
        " WHERE question = ? ORDER BY started_utc DESC LIMIT 1",
        (QUESTION,),
    ).fetchone()
    if last is None:
        return True
    started = local_time(*last)
    return not holding.is_before(started) or today - started.date() >= ASKED_EVERY
