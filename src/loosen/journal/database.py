"""Opening the journal's file: looked at first, made private, brought to the newest tables. Imports nothing heavy."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from loosen.errors import JournalError
from loosen.journal import opening, schema
from loosen.journal.place import make_private

BUSY_S = 2.0
"""How long a write waits for another process; after that it is kept in memory and tried at the next write."""

RETRY_S = 0.01

WHOLE_CHECK_BYTES = 32 * 2**20
"""Up to this size every page is checked at each opening (under 0.1 s); beyond it, only after a bad end."""


def open_file(path: Path, notices: list[str], now: datetime | None = None) -> sqlite3.Connection:
    """Open the journal at `path`, or begin it; what the person should know is added to `notices`.

    A damaged file is set aside under a dated name (with the date `now`). Raises JournalError, having changed
    nothing, if a newer loosen or another program wrote the file; OSError or sqlite3.Error if it cannot be used.
    """
    health = opening.examine(path, whole=_needs_whole_check(path))
    if health.state == "newer":
        raise JournalError(
            f"{path} was written by a newer loosen ({health.why}): update loosen,"
            " or name another file with --journal"
        )
    if health.state == "foreign":
        raise JournalError(f"{path} is another program's database: name another file with --journal")
    if health.state == "unusable":
        raise OSError(health.why)
    if health.state == "damaged":
        aside = opening.set_aside(path, now or datetime.now().astimezone())
        notices.append(
            f"The journal was damaged ({health.why}). It is kept as {aside}, and a new one was begun."
            " If you have a backup or an export, take it in: loosen journal import FILE"
        )
    return _open(path)


def connect(place: str) -> sqlite3.Connection:
    """Connect to a database, with the settings that do not depend on the file."""
    db = sqlite3.connect(place, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA foreign_keys = ON")
    return db


def _open(path: Path) -> sqlite3.Connection:
    make_private(path)
    db = connect(str(path))
    try:
        _keep_a_log(db)
        db.execute("PRAGMA synchronous = FULL")
        schema.migrate(db)
    except BaseException:
        db.close()
        raise
    return db


def _keep_a_log(db: sqlite3.Connection) -> None:
    """Have writes go to a log first (WAL). Where others are just beginning the same journal, wait for them.

    SQLite itself does not: it asks nobody to be patient where two that wait could wait for each other.
    """
    end_s = time.monotonic() + BUSY_S
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end_s:
                raise
        time.sleep(RETRY_S)


def _needs_whole_check(path: Path) -> bool:
    with suppress(OSError):
        return path.stat().st_size <= WHOLE_CHECK_BYTES or opening.closed_badly(path)
    return True


_WORLD = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
}


def is_the_worlds(error: Exception) -> bool:
    """Return whether the disk, another process or damage is to blame, not the caller."""
    if not isinstance(error, sqlite3.Error):
        return False
    # Extended codes carry the plain one in their lowest byte.
    return getattr(error, "sqlite_errorcode", -1) & 0xFF in _WORLD or opening.is_damage(error)


def why(error: Exception) -> str:
    """Return what an error says, as part of a sentence."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if isinstance(error, sqlite3.Error):
        return opening.plainly(error)
    return "an entry in it is not as loosen wrote it"
