"""Repetitions for the journal's tests. Light: a process that is killed a hundred times imports it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from unittest.mock import patch

from loosen.coach.counting.rep import Measure, Rep
from loosen.journal.store import database, queries
from loosen.journal.store.journal import Journal
from loosen.journal.store.records import Sit
from loosen.journal.store.sits import Sits

BERLIN = timezone(timedelta(hours=1))
EVENING = datetime(2026, 11, 22, 20, 15, 0, tzinfo=BERLIN)


def rep_done(number: int = 0, *, exercise: str = "back-arches", range_deg: float = 20.0, **changes: object) -> Rep:
    """Return a full repetition, the `number`-th of its set; `changes` to its fields."""
    fields: dict[str, object] = {
        "exercise": exercise,
        "set_number": 1,
        "set_side": "left",
        "start_s": 8.0 * number,
        "peak_s": 8.0 * number + 2.5,
        "end_s": 8.0 * number + 7.0,
        "side": "left",
        "verdict": "full",
        "counted": True,
        "faults": (),
        "reasons": (),
        "signal": None,
        "measures": {"range": Measure(range_deg, "deg", 4.0), "stop_s": Measure(2.0, "s", 0.1)},
    }
    return Rep(**(fields | changes))  # type: ignore[arg-type]


@contextmanager
def session_begun(path: Path | None = None) -> Iterator[tuple[Journal, str]]:
    """Open a journal, in memory without a path, and begin a session in it; give the journal and the session's uuid."""
    with Journal.open(path) if path else Journal.in_memory() as journal:
        yield journal, journal.begin_session("r", camera=True, now=EVENING)


def sits_of(log: Sits) -> tuple[Sit, ...]:
    """Return all sits that the get-up service's log holds."""
    with log.using() as db:
        return queries.sits(db)


def writer(path: Path, tag: str, *more: str) -> subprocess.Popen[str]:
    """Start a process that keeps repetitions in a session of the routine `tag`: see `journal_writer`."""
    command = [sys.executable, str(Path(__file__).with_name("journal_writer.py")), str(path), tag, *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


WITH_LITTLE_ROOM = """
import resource, sys
from loosen.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
sys.exit(main(sys.argv[2:]))
"""


def with_little_room(at_most: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `loosen` where no file may have more than `at_most` bytes, as on a full disk."""
    command = [sys.executable, "-c", WITH_LITTLE_ROOM, str(at_most), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@contextmanager
def each_opening(statement: str) -> Iterator[None]:
    """Have a statement executed at each opening of a journal: "PRAGMA max_page_count = 1" makes the disk full."""
    connect = database.connect

    def connected(place: str) -> sqlite3.Connection:
        db = connect(place)
        db.execute(statement)
        return db

    with patch.object(database, "connect", connected):
        yield
