"""What state a journal's file is in, found without changing it; and setting a damaged one aside.

Imports nothing heavy: the get-up service uses it.
"""

from __future__ import annotations

import errno
import sqlite3
import struct
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from loosen.errors import JournalBusy, JournalError
from loosen.journal.store import schema

FileState = Literal["new", "ok", "damaged", "newer", "foreign", "busy", "unusable"]

MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES, _VERSION_AT, _VERSION_AND_APPLICATION = 100, 60, struct.Struct(">I4xI")
_SIDE_FILES = ("-wal", "-shm", "-journal")
_UNREADABLE, _NO_DATABASE = "parts of it can no longer be read", "it is not a database"
_IN_WORDS = {
    sqlite3.SQLITE_CORRUPT: _UNREADABLE,
    sqlite3.SQLITE_NOTADB: _NO_DATABASE,
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_BUSY: "another program is writing to it",
    sqlite3.SQLITE_LOCKED: "another program is writing to it",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written",
    sqlite3.SQLITE_READONLY: "it may be read only, not written",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
}
"""What is the file's fault, the disk's or another process's; any other error is the caller's."""


class Health(NamedTuple):
    """The condition of a journal's file and, unless it is new or ok, the reason."""

    state: FileState
    why: str = ""


def examine(path: Path, *, whole: bool = True) -> Health:
    """Look at the file without writing to it.

    "new": there is nothing yet. "damaged": it is no database, or its pages contradict each other. "newer": a
    later loosen wrote it. "foreign": another program's database. "busy": another process keeps it from being read.
    "unusable": it cannot be read at all (rights, a folder, a disk error). With `whole`, every page is read;
    otherwise only the header of a journal with the newest tables.
    """
    try:
        if path.is_dir():
            return Health("unusable", "it is a folder")
        if not path.exists() or path.stat().st_size == 0:
            return Health("new")
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError as error:
        return Health("unusable", error.strerror or str(error))
    if len(header) < _HEADER_BYTES or not header.startswith(MAGIC):
        return Health("damaged", _NO_DATABASE)
    # The header is read by hand first: even opening a database read-only makes files beside it.
    version, application = _VERSION_AND_APPLICATION.unpack_from(header, _VERSION_AT)
    if application == schema.APPLICATION_ID:
        if version > schema.newest():
            return _newer(version)
        if version == schema.newest() and not whole:
            return Health("ok")
    return _examine_pages(path, whole=whole)


def only_to_read(path: Path) -> sqlite3.Connection:
    """Connect to a database that exists, without the right to change it. Raises sqlite3.Error."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=2.0, isolation_level=None)


def _examine_pages(path: Path, *, whole: bool) -> Health:
    try:
        with closing(only_to_read(path)) as db:
            # One transaction: another process may be making the tables just now.
            db.execute("BEGIN")
            application = int(db.execute("PRAGMA application_id").fetchone()[0])
            tables = int(db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
            if application != schema.APPLICATION_ID:
                return Health("foreign", "another program's database") if tables else Health("new")
            if (version := schema.version_of(db)) > schema.newest():
                return _newer(version)
            if whole and db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                return Health("damaged", _UNREADABLE)
            return Health("ok")
    except sqlite3.DatabaseError as error:
        state: FileState = "damaged" if is_damage(error) else "busy" if is_busy(error) else "unusable"
        return Health(state, describe(error))


def _newer(version: int) -> Health:
    return Health("newer", f"its tables are of version {version}; this loosen knows {schema.newest()}")


def ended_badly(path: Path) -> bool:
    """Return whether a process was ended before it could close the journal (or is at work now): its log is left."""
    log = _beside(path, "-wal")
    return log.exists() and log.stat().st_size > 0


def set_aside(path: Path, now: datetime) -> Path:
    """Rename a damaged journal and its side files to a dated name that is free; return the new path. Raises OSError.

    The journal itself goes last: if loosen is ended in between, the next opening finds it still damaged. In
    the other order it would find none, begin one, and SQLite would replay the old log into it.
    """
    stamp = f"{now:%Y-%m-%dT%H%M%S}"
    target, n = path.with_name(f"{path.stem}.damaged-{stamp}{path.suffix}"), 1
    while any(_beside(target, side).exists() for side in ("", *_SIDE_FILES)):
        n += 1
        target = path.with_name(f"{path.stem}.damaged-{stamp}-{n}{path.suffix}")
    for side in (*_SIDE_FILES, ""):
        if _beside(path, side).exists():
            _beside(path, side).rename(_beside(target, side))
    return target


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


# -- errors --------------------------------------------------------------------------------------------------


def is_damage(error: Exception) -> bool:
    """Return whether SQLite says that the file itself is broken (not busy, full, or refused)."""
    return _code(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def is_busy(error: Exception) -> bool:
    """Return whether another process is at work: it can be tried again."""
    return _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} or getattr(error, "errno", 0) == errno.EBUSY


def refusal(message: str, error: Exception) -> JournalError:
    """Return what to raise for an error of SQLite or the disk: JournalBusy if it can be tried again."""
    return JournalBusy(message) if is_busy(error) else JournalError(message)


def is_file_trouble(error: Exception) -> bool:
    """Return whether the file, the disk or another process is to blame, not the caller."""
    return isinstance(error, OSError) or _code(error) in _IN_WORDS


def describe(error: Exception) -> str:
    """Return what an error says of a journal, in words for a person and as part of a sentence."""
    if isinstance(error, sqlite3.Error):
        return _IN_WORDS.get(_code(error), str(error))
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if isinstance(error, JournalError):
        return str(error)
    return "an entry in it is not as loosen wrote it"


def _code(error: Exception) -> int:
    # Extended codes carry the plain one in their lowest byte.
    return int(getattr(error, "sqlite_errorcode", -1)) & 0xFF
