"""The journal's file, opened late and briefly: each piece of work opens it, does its work and closes it again.

So nobody goes on writing into a file that another process has renamed, and SQLite's log is folded in with each
closing. Imports nothing heavy: the get-up service uses it.
"""

from __future__ import annotations

import errno
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from loosen.errors import JournalError
from loosen.files import lock, make_private, make_private_folder
from loosen.journal.store import integrity, schema

_log = logging.getLogger("loosen.journal")

BUSY_S = 5.0
"""How long a write waits for another process; after that it is kept in memory and tried at the next write."""
OPENING_S = 10.0
"""How long an opening waits for others; reading every page of a large journal takes seconds."""
RETRY_S = 0.01
WHOLE_CHECK_BYTES = 32 * 2**20
"""Up to this size every page is checked at the first opening (under 0.1 s); beyond it, only after a bad end."""


class Database:
    """A journal's file. `notices`: what the person should know about it, in sentences.

    Every opening shares a lock on the file's folder; a damaged file is set aside by whoever holds that lock alone,
    so nobody has it open. Where a folder cannot be locked (Windows, some network disks) an open file cannot be
    renamed either, or the next writing finds its session missing (see `writer`).
    """

    def __init__(self, path: Path | None, now: datetime | None = None) -> None:
        """Keep the journal at `path` (None: one in memory, open until `close`); `now` dates what is set aside."""
        self.path, self.notices = path, list[str]()
        self._now = now
        self._checked = False
        self._in_memory: sqlite3.Connection | None = None
        if path is None:
            self._in_memory = connect(":memory:")
            schema.migrate(self._in_memory)

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """Lend the open database for one piece of work; the first opening checks every page, and begins a new file.

        A damaged file is set aside under a dated name, and a new journal begun. Raises JournalError, having changed
        nothing, if a newer loosen wrote the file or if it is another program's database; OSError or sqlite3.Error if
        it cannot be used.
        """
        if self._in_memory is not None:
            yield self._in_memory
            return
        assert self.path is not None
        if not self._checked:
            make_private_folder(self.path.parent)
        elif not self.path.parent.exists():
            # It is not made again: the disk with the journal was taken out.
            raise FileNotFoundError(errno.ENOENT, "its folder is gone")
        whole = not self._checked and _first_check_is_whole(self.path)
        for _ in range(2):
            with self._locked(shared=True):
                if self._health(whole=whole).state != "damaged":
                    with closing(_open(self.path)) as db:
                        self._checked = True
                        yield db
                    return
            self.set_aside_if_damaged()
        raise OSError(errno.EIO, "it is damaged again and again")

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Lend the open database for one change, made whole or not at all. Raises as `open` does."""
        with self.open() as db:
            patiently(lambda: db.execute("BEGIN IMMEDIATE"))
            try:
                yield db
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    with suppress(sqlite3.Error):
                        db.execute("ROLLBACK")

    def set_aside_if_damaged(self) -> bool:
        """Check the file whole while nobody has it open, and set it aside if it is damaged; return whether it was."""
        if self.path is None:
            return False
        with self._locked(shared=False):
            # Checked again: another process may have set it aside and begun a new one meanwhile.
            health = self._health(whole=True)
            if health.state != "damaged":
                return False
            aside = integrity.set_aside(self.path, self._now or datetime.now().astimezone())
        self.tell(
            f"The journal was damaged ({health.why}). It is kept as {aside}, and a new one was begun."
            " If you have a backup or an export, take it in: loosen journal import FILE"
        )
        return True

    def tell(self, notice: str) -> None:
        """Keep a sentence for the person, and log it."""
        self.notices.append(notice)
        _log.warning("%s", notice)

    def close(self) -> None:
        """Let go of a journal in memory; a file is closed already."""
        if self._in_memory is not None:
            self._in_memory.close()

    @contextmanager
    def _locked(self, *, shared: bool) -> Iterator[None]:
        assert self.path is not None
        with ExitStack() as stack:
            try:
                stack.enter_context(lock(self.path.parent, shared=shared, timeout_s=OPENING_S))
            except BlockingIOError:
                raise OSError(errno.EBUSY, "another program is just opening it") from None
            except OSError:
                pass  # A folder that may be entered but not read: what is wrong with it is found on opening.
            yield

    def _health(self, *, whole: bool) -> integrity.Health:
        assert self.path is not None
        end_s = time.monotonic() + BUSY_S
        while (health := integrity.examine(self.path, whole=whole)).state == "busy" and time.monotonic() < end_s:
            time.sleep(RETRY_S)
        if health.state == "newer":
            raise JournalError(
                f"{self.path} was written by a newer loosen ({health.why}): update loosen,"
                " or name another file with --journal"
            )
        if health.state == "foreign":
            raise JournalError(f"{self.path} is another program's database: name another file with --journal")
        if health.state in ("busy", "unusable"):
            raise OSError(errno.EBUSY if health.state == "busy" else errno.EIO, health.why)
        return health


def connect(place: str) -> sqlite3.Connection:
    """Connect to a database, with the settings that do not depend on the file."""
    db = sqlite3.connect(place, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA foreign_keys = ON")
    return db


def _open(path: Path) -> sqlite3.Connection:
    """Open the journal, or begin it, with the newest tables.

    Writes go to a log first (WAL) and are flushed (FULL): NORMAL would survive a kill, but not a flat battery.
    """
    make_private(path)
    db = connect(str(path))
    try:
        patiently(lambda: db.execute("PRAGMA journal_mode = WAL").fetchone())
        db.execute("PRAGMA synchronous = FULL")
        patiently(lambda: schema.migrate(db))
    except BaseException:
        db.close()
        raise
    return db


def patiently(work: Callable[[], object]) -> None:
    """Do something that other processes may be in the way of.

    SQLite waits for them itself (`BUSY_S`), but not where they are just beginning or closing the same journal.
    """
    end_s = time.monotonic() + BUSY_S
    while True:
        try:
            work()
            return
        except sqlite3.OperationalError as error:
            if not integrity.is_busy(error) or time.monotonic() > end_s:
                raise
        time.sleep(RETRY_S)


def _first_check_is_whole(path: Path) -> bool:
    with suppress(OSError):
        return path.stat().st_size <= WHOLE_CHECK_BYTES or integrity.ended_badly(path)
    return True
