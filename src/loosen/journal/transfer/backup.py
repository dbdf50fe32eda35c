"""Backing the journal up in one file, and deleting from it for good."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

from loosen.errors import InputError, JournalError
from loosen.files import new_file
from loosen.journal.store import integrity
from loosen.journal.store.writer import Writer

CHECKPOINT_AT_MOST_S = 5.0
_READING = {sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ}
_PERSONAL_TABLES = ("sessions", "sits", "doses", "plans", "settings")


def back_up(db: sqlite3.Connection, target: Path) -> None:
    """Write the whole journal into one new file, readable by its owner only; it appears whole or not at all.

    Other processes may go on writing meanwhile. Raises InputError if `target` is there already or cannot be written,
    JournalError if the journal cannot be read, JournalBusy if another process keeps it from being read.
    """
    try:
        with new_file(target) as part, closing(sqlite3.connect(part, isolation_level=None)) as copy:
            db.backup(copy)
            # Without this the copy would need a log beside it; a backup is one file.
            copy.execute("PRAGMA journal_mode = DELETE").fetchone()
            # Where it takes the journal's place, what it lacks was not deleted from it.
            copy.execute("UPDATE journal SET uuid = lower(hex(randomblob(16)))")
            found = str(copy.execute("PRAGMA integrity_check(1)").fetchone()[0])
            if found != "ok":
                raise JournalError(f"The backup would be damaged ({found}): see `loosen doctor`.")
    except sqlite3.Error as error:
        if integrity.is_busy(error) or integrity.is_damage(error) or error.sqlite_errorcode in _READING:
            message = f"The journal cannot be read ({integrity.describe(error)}): see `loosen doctor`"
            raise integrity.refusal(message, error) from error
        raise InputError(f"{target} cannot be written ({integrity.describe(error)}).") from error


class Gone(NamedTuple):
    """How many rows of each kind were deleted."""

    sessions: int
    reps: int
    sits: int
    plans: int
    doses: int


def delete(db: sqlite3.Connection, sessions: Sequence[int], *, before: date | None = None) -> Gone:
    """Delete these sessions with all that belongs to them. For use inside one change.

    With a day `before`, older sits, plans and replaced doses go too, and what was learnt of the movements of a routine
    that has no session left. The dose that holds stays, and so do the answers given since.
    """
    db.execute("PRAGMA secure_delete = ON")
    were = _counted(db)
    db.executemany("DELETE FROM sessions WHERE id = ?", ((number,) for number in sessions))
    if before is not None:
        for statement in _BEFORE:
            db.execute(statement, (before.isoformat(),))
        db.execute(_UNUSED_TEMPLATES)
    return Gone(*(was - left for was, left in zip(were, _counted(db), strict=True)))


_BEFORE = (
    "DELETE FROM sits WHERE local_date < ?",
    "DELETE FROM plans WHERE local_date < ?",
    "DELETE FROM doses WHERE local_date < ? AND EXISTS (SELECT 1 FROM doses AS later"
    " WHERE later.routine = doses.routine AND later.exercise = doses.exercise AND later.what IN ('own', 'yes')"
    " AND (later.at_utc, later.id) > (doses.at_utc, doses.id))",
)
_UNUSED_TEMPLATES = (
    "DELETE FROM settings WHERE key GLOB 'template.*' AND NOT EXISTS (SELECT 1 FROM sessions"
    " WHERE substr(key, 1, length(routine) + 10) = 'template.' || routine || '.')"
)


def delete_all(db: sqlite3.Connection) -> Gone:
    """Delete everything about the person; sessions are numbered from 1 again. Inside one change."""
    db.execute("PRAGMA secure_delete = ON")
    were = _counted(db)
    for table in _PERSONAL_TABLES:
        db.execute(f"DELETE FROM {table}")
    db.execute("DELETE FROM sqlite_sequence")
    return were


def _counted(db: sqlite3.Connection) -> Gone:
    return Gone(*(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in Gone._fields))


Swept = Literal["clean", "busy", "full"]


def sweep(journal: Writer) -> Swept:
    """Leave no trace of what was deleted, in the file and in its log.

    "busy": another process kept the file from being vacuumed or the log from being emptied; "full": the disk did. The
    rows are gone all the same, but what was deleted may still be read from the file's or the log's bytes until that
    process ends, or until there is room and it is swept again.
    """
    empty_log = "PRAGMA wal_checkpoint(TRUNCATE)"
    with journal.database.open() as db:
        try:
            db.execute("VACUUM")
            end = time.monotonic() + CHECKPOINT_AT_MOST_S
            while True:
                busy, in_log, _ = db.execute(empty_log).fetchone()
                if not busy and in_log <= 0:
                    return "clean"
                if time.monotonic() > end:
                    return "busy"
                time.sleep(0.05)
        except sqlite3.OperationalError as error:
            if (why := _obstacle(error)) == "full":
                # As far as it goes: the log takes room, and may hold what was deleted.
                with suppress(sqlite3.OperationalError):
                    db.execute(empty_log).fetchone()
            return why


def _obstacle(error: sqlite3.OperationalError) -> Swept:
    match error.sqlite_errorcode & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "busy"
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
            return "full"
    raise error
