"""From an open database to the file of `exchange`, session by session, so that memory does not grow with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from loosen import __version__
from loosen.journal.store import queries
from loosen.journal.store.moments import utc_text
from loosen.journal.store.records import SessionRecord, Sit
from loosen.journal.store.settings import OF_THIS_COMPUTER
from loosen.journal.transfer.export_schema import (
    FORMAT,
    VERSION,
    Contents,
    DoseOut,
    PlanOut,
)

_SESSION = ", ".join(SessionRecord.__struct_fields__[:8])


def json_chunks(db: sqlite3.Connection, now: datetime, *, signals: bool = True) -> Iterator[bytes]:
    """Yield the whole journal as JSON; without `signals` much smaller, and still a journal."""
    encode = msgspec.json.encode
    head = {
        "format": FORMAT,
        "version": VERSION,
        "made_utc": utc_text(now),
        "made_by": f"loosen {__version__}",
    }
    yield encode(head)[:-1] + b',\n"sessions": '
    yield from _array(encode(session) for session in sessions(db, signals=signals))
    yield b',\n"sits": '
    yield from _array(encode(sit) for sit in sits(db))
    yield b',\n"doses": '
    yield from _array(encode(dose) for dose in doses(db))
    yield b',\n"plans": '
    yield from _array(encode(plan) for plan in plans(db))
    yield b',\n"settings": ' + encode(settings(db)) + b"}\n"


def contents(db: sqlite3.Connection, *, signals: bool = True) -> Contents:
    """Return everything in the journal, read as it is asked for."""
    return Contents(sessions(db, signals=signals), sits(db), doses(db), plans(db), settings(db))


def sessions(db: sqlite3.Connection, *, signals: bool = True) -> Iterator[SessionRecord]:
    """Yield every session whole, in the order of time."""
    rows = db.execute(f"SELECT id, {_SESSION} FROM sessions ORDER BY started_utc, id").fetchall()
    for number, *row in rows:
        kept = dict(zip(SessionRecord.__struct_fields__, row, strict=False))
        reps = queries.reps(db, number)
        yield SessionRecord(
            **kept | {"camera": bool(kept["camera"])},
            answers=queries.answers(db, number),
            reps=reps if signals else tuple(msgspec.structs.replace(rep, signal=None) for rep in reps),
            events=queries.events(db, number),
        )


def sits(db: sqlite3.Connection) -> Iterator[Sit]:
    """Yield every sit with its prompts, in the order of time."""
    yield from queries.sits(db, "", "~")


def doses(db: sqlite3.Connection) -> Iterator[DoseOut]:
    """Yield every change of a dose, in the order of time."""
    rows = db.execute(
        "SELECT uuid, at_utc, local_date, utc_offset_min, routine, exercise, sets, reps, what FROM doses"
        " ORDER BY at_utc, id"
    )
    return (_named(DoseOut, row) for row in rows.fetchall())


def plans(db: sqlite3.Connection) -> Iterator[PlanOut]:
    """Yield what was said about plans, in the order of time."""
    rows = db.execute(
        "SELECT uuid, at_utc, local_date, utc_offset_min, what, cue, part FROM plans ORDER BY at_utc, id"
    )
    return (_named(PlanOut, row) for row in rows.fetchall())


def settings(db: sqlite3.Connection) -> dict[str, Any]:
    """Return what loosen remembers of the person; what it remembers of this computer stays here."""
    rows = db.execute("SELECT key, value FROM settings ORDER BY key")
    return {key: msgspec.json.decode(value) for key, value in rows if key not in OF_THIS_COMPUTER}


def _named(kind: type[Any], values: Iterable[Any]) -> Any:
    """Put values into a struct whose fields stand in the same order."""
    return kind(**dict(zip(kind.__struct_fields__, values, strict=True)))


def _array(items: Iterable[bytes]) -> Iterator[bytes]:
    yield b"["
    for index, item in enumerate(items):
        yield (b",\n" if index else b"\n") + item
    yield b"]"
