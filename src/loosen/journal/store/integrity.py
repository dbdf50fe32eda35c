"""What state a journal's file is in, found without changing it; and setting a damaged one aside."""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from loosen.journal.store import schema

State = Literal["new", "ok", "damaged", "newer", "foreign", "busy", "unusable"]

MAGIC = b"SQLite format 3\x00"
_VERSION_AT, _APPLICATION_AT, _HEADER_BYTES = 60, 68, 100
_SIDE_FILES = ("-wal", "-shm", "-journal")
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
TURN_AT_MOST_S = 10.0
"""How long an opening waits for others; reading every page of a large journal takes seconds."""
_UNREADABLE, _NO_DATABASE = "parts of it can no longer be read", "it is not a database"
_PLAINLY = {
    sqlite3.SQLITE_CORRUPT: _UNREADABLE,
    sqlite3.SQLITE_NOTADB: _NO_DATABASE,
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_BUSY: "another program is writing to it",
    sqlite3.SQLITE_LOCKED: "another program is writing to it",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written",
    sqlite3.SQLITE_READONLY: "it may be read only, not written",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
}


class Health(NamedTuple):
    """The state of a journal's file and, unless it is new or ok, why."""

    state: State
    why: str = ""


def examine(path: Path, *, whole: bool = True) -> Health:
    """Look at the file without writing to it.

    "new": there is nothing yet. "damaged": it is no database, or its pages contradict each other. "newer": a
    later loosen wrote it. "foreign": another program's database. "busy": another process keeps it from being read.
    "unusable": it cannot be read at all (rights, a folder, a disk error). With `whole`, every page is read;
    otherwise only the first ones.
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
    version, application = _number(header, _VERSION_AT), _number(header, _APPLICATION_AT)
    if application == schema.APPLICATION_ID and version > schema.newest():
        return _newer(version)
    return _examine_pages(path, whole=whole)


def only_to_read(path: Path) -> sqlite3.Connection:
    """Connect to a database that is there, without the right to change it. Raises sqlite3.Error."""
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
        state: State = "damaged" if is_damage(error) else "busy" if is_busy(error) else "unusable"
        return Health(state, plainly(error))


def _newer(version: int) -> Health:
    return Health("newer", f"its tables are of version {version}; this loosen knows {schema.newest()}")


def _number(header: bytes, at: int) -> int:
    return int.from_bytes(header[at : at + 4], "big")


def plainly(error: sqlite3.Error) -> str:
    """Return what SQLite says of a journal, in words for a person and as part of a sentence."""
    # Extended codes carry the plain one in their lowest byte.
    return _PLAINLY.get(getattr(error, "sqlite_errorcode", -1) & 0xFF, str(error))


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether SQLite says that the file itself is broken (not busy, full, or refused)."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _DAMAGE


def closed_badly(path: Path) -> bool:
    """Return whether a writer is at work now or was ended before it could tidy up: its log is still there."""
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def is_busy(error: sqlite3.Error) -> bool:
    """Return whether SQLite says that another process is at work: it can be tried again."""
    return getattr(error, "sqlite_errorcode", -1) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


@contextmanager
def turn(path: Path, *, alone: bool) -> Iterator[None]:
    """Wait until nobody sets a journal in this folder aside; with `alone`, until nobody opens one either.

    The folder itself is locked: nothing is left lying about, and a lock goes with the process that has it. Where a
    folder cannot be locked (Windows, some file systems) nobody waits. Raises OSError after `TURN_AT_MOST_S`.
    """
    folder = None
    # What is wrong with the folder is found, and told, by whoever opens the journal in it.
    with suppress(OSError):
        if sys.platform != "win32":
            folder = os.open(path.parent, os.O_RDONLY)
    try:
        if folder is not None:
            _lock(folder, alone=alone)
        yield
    finally:
        if folder is not None:
            os.close(folder)


def _lock(folder: int, *, alone: bool) -> None:
    if sys.platform == "win32":
        return
    import fcntl

    end_s = time.monotonic() + TURN_AT_MOST_S
    while True:
        try:
            fcntl.flock(folder, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end_s:
                raise OSError(errno.EBUSY, "another program is just opening it") from None
        except OSError:
            return
        time.sleep(0.01)


def set_aside(path: Path, now: datetime) -> Path:
    """Rename a damaged journal and its side files to a dated name that is free; return the new path. In a turn alone.

    The journal itself goes last: if loosen is ended in between, the next opening finds it still damaged. In
    the other order it would find none, begin one, and SQLite would replay the old log into it. Raises OSError.
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
