"""From an open journal to the file of `export_schema`, session by session, so that memory does not grow with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from loosen import __version__
from loosen.journal.store import queries
from loosen.journal.store.moments import utc_text
from loosen.journal.store.records import SessionRecord
from loosen.journal.store.settings import OF_THIS_COMPUTER
from loosen.journal.transfer.export_schema import FORMAT, VERSION, Contents


def json_chunks(db: sqlite3.Connection, now: datetime, *, signals: bool = True) -> Iterator[bytes]:
    """Yield the whole journal as JSON; without `signals` much smaller, and still a journal."""
    encode = msgspec.json.encode
    head = {"format": FORMAT, "version": VERSION, "made_utc": utc_text(now), "made_by": f"loosen {__version__}"}
    yield encode(head)[:-1]
    *lists, settings = contents(db, signals=signals)
    for name, records in zip(Contents._fields, lists, strict=False):
        yield f',\n"{name}": '.encode()
        yield from _array(encode(record) for record in records)
    yield b',\n"settings": ' + encode(settings) + b"}\n"


def contents(db: sqlite3.Connection, *, signals: bool = True) -> Contents:
    """Return everything in the journal; the sessions are read as they are asked for."""
    return Contents(
        sessions(db, signals=signals), queries.sits(db), queries.doses(db), queries.plans(db), _settings(db)
    )


def sessions(db: sqlite3.Connection, *, signals: bool = True) -> Iterator[SessionRecord]:
    """Yield every session whole, in the order of time."""
    fields = SessionRecord.__struct_fields__[:-3]
    rows = db.execute(f"SELECT id, {', '.join(fields)} FROM sessions ORDER BY started_utc, id").fetchall()
    for number, *row in rows:
        kept = dict(zip(fields, row, strict=True))
        yield SessionRecord(
            **kept | {"camera": bool(kept["camera"])},
            answers=queries.answers(db, number),
            reps=queries.reps(db, number, signals=signals),
            events=queries.events(db, number),
        )


def _settings(db: sqlite3.Connection) -> dict[str, Any]:
    """Return what loosen remembers of the person; what it remembers of this computer stays here."""
    rows = db.execute("SELECT key, value FROM settings ORDER BY key")
    return {key: msgspec.json.decode(value) for key, value in rows if key not in OF_THIS_COMPUTER}


def _array(items: Iterable[bytes]) -> Iterator[bytes]:
    yield b"["
    for index, item in enumerate(items):
        yield (b",\n" if index else b"\n") + item
    yield b"]"
