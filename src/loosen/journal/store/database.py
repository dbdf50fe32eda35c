"""Opening the journal's file: looked at first, made private, brought to the newest tables. Imports nothing heavy."""

from __future__ import annotations

import errno
import logging
import sqlite3
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from loosen.errors import JournalError
from loosen.files import make_private
from loosen.journal.store import integrity, schema

_log = logging.getLogger("loosen.journal")

BUSY_S = 2.0
"""How long a write waits for another process; after that it is kept in memory and tried at the next write."""

RETRY_S = 0.01

WHOLE_CHECK_BYTES = 32 * 2**20
"""Up to this size every page is checked at each opening (under 0.1 s); beyond it, only after a bad end."""


class File:
    """The journal's file, open. Another may take its place: a damaged one is set aside whoever has it open."""

    def __init__(self, path: Path | None, notices: list[str], now: datetime | None = None) -> None:
        """Open the journal at `path`, or begin it (None: in memory); what the person should know goes to `notices`.

        A damaged file is set aside under a dated name (with the date `now`). Raises JournalError, having changed
        nothing, if a newer loosen or another program wrote the file; OSError or sqlite3.Error if it cannot be used.
        """
        self.path = path
        self._is: _Which = None
        if path is None:
            self.db = connect(":memory:")
            schema.migrate(self.db)
            return
        self.db, self._is = _open_file(path, notices, now)

    @property
    def is_replaced(self) -> bool:
        """Whether what was opened is no longer what lies at its path."""
        return self.path is not None and _which(self.path) != self._is

    def follow(self, notices: list[str]) -> bool:
        """Open what lies at the path now, if it is another file; return whether it is. Raises as opening does.

        Then nothing has changed, and it can be tried again. A change under way is not interrupted.
        """
        if self.path is None or self.db.in_transaction or not self.is_replaced:
            return False
        if not self.path.parent.exists():
            # Not to be made anew: the disk with the journal was taken out.
            raise FileNotFoundError(errno.ENOENT, "its folder is gone")
        found: list[str] = []
        db, which = _open_file(self.path, found, None)
        # SQLite leaves the side files alone when it closes a file that was renamed: they are the new one's by now.
        self.db.close()
        self.db, self._is = db, which
        found.append(
            f"The journal that was open is no longer at {self.path}: it was set aside, moved or deleted."
            " What is done from now on is kept in the one that is there."
        )
        for notice in found:
            _log.warning("%s", notice)
        notices += found
        return True


_Which = tuple[int, int] | None
"""What tells one file from another of the same name: device and inode."""


def _which(path: Path) -> _Which:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _open_file(
    path: Path, notices: list[str], now: datetime | None = None
) -> tuple[sqlite3.Connection, _Which]:
    with integrity.turn(path, alone=False):
        health = _examined(path)
        if health.state != "damaged":
            return _open(path)
    with integrity.turn(path, alone=True):
        # Again: another program may have set it aside and begun a new one while this one waited.
        health = _examined(path)
        if health.state == "damaged":
            aside = integrity.set_aside(path, now or datetime.now().astimezone())
            notices.append(
                f"The journal was damaged ({health.why}). It is kept as {aside}, and a new one was begun."
                " If you have a backup or an export, take it in: loosen journal import FILE"
            )
        return _open(path)


def _examined(path: Path) -> integrity.Health:
    health = integrity.examine(path, whole=_needs_whole_check(path))
    if health.state == "newer":
        raise JournalError(
            f"{path} was written by a newer loosen ({health.why}): update loosen,"
            " or name another file with --journal"
        )
    if health.state == "foreign":
        raise JournalError(f"{path} is another program's database: name another file with --journal")
    if health.state in ("busy", "unusable"):
        raise OSError(health.why)
    return health


def connect(place: str) -> sqlite3.Connection:
    """Connect to a database, with the settings that do not depend on the file."""
    db = sqlite3.connect(place, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA foreign_keys = ON")
    return db


def _open(path: Path) -> tuple[sqlite3.Connection, _Which]:
    make_private(path)
    # Asked first: if another takes its place just now, that is noticed at the first write.
    which = _which(path)
    db = connect(str(path))
    try:
        _keep_a_log(db)
        db.execute("PRAGMA synchronous = FULL")
        schema.migrate(db)
    except BaseException:
        db.close()
        raise
    return db, which


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
        return path.stat().st_size <= WHOLE_CHECK_BYTES or integrity.closed_badly(path)
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
    return getattr(error, "sqlite_errorcode", -1) & 0xFF in _WORLD or integrity.is_damage(error)


def why(error: Exception) -> str:
    """Return what an error says, as part of a sentence."""
    if isinstance(error, JournalError):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if isinstance(error, sqlite3.Error):
        return integrity.plainly(error)
    return "an entry in it is not as loosen wrote it"
