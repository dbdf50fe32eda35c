"""The journal as a file that other programs can read and loosen can take back: its JSON, version 1.

Documented in docs/journal.md; `loosen journal export --schema` prints the JSON Schema.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from loosen import __version__
from loosen.coach.counting.rep import Text
from loosen.journal.store import queries
from loosen.journal.store.moments import utc_text
from loosen.journal.store.records import DoseChange, Plan, SessionRecord, Sit, Utc
from loosen.journal.store.setting_keys import OF_THIS_COMPUTER

FORMAT: Literal["loosen-journal"] = "loosen-journal"
VERSION: Literal[1] = 1


class Head(msgspec.Struct, frozen=True):
    """What is read first: whether the rest can be."""

    format: str
    version: int


class JournalFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file. `settings`: what loosen remembers, by key, each any small JSON value (left undecoded here)."""

    format: Literal["loosen-journal"]
    version: Literal[1]
    made_utc: Utc
    made_by: Text
    sessions: tuple[SessionRecord, ...]
    sits: tuple[Sit, ...]
    doses: tuple[DoseChange, ...]
    plans: tuple[Plan, ...]
    settings: Annotated[dict[Text, msgspec.Raw], msgspec.Meta(max_length=1000)]


class Contents(NamedTuple):
    """What a journal holds, to be given out or taken in."""

    sessions: Iterable[SessionRecord]
    sits: Iterable[Sit]
    doses: Iterable[DoseChange]
    plans: Iterable[Plan]
    settings: dict[str, Any]


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the file."""
    title = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "loosen journal"}
    return title | msgspec.json.schema(JournalFile)


def json_chunks(db: sqlite3.Connection, now: datetime, *, signals: bool = True) -> Iterator[bytes]:
    """Yield the whole journal as JSON, session by session; without `signals` much smaller, and still a journal."""
    encode = msgspec.json.encode
    head = {"format": FORMAT, "version": VERSION, "made_utc": utc_text(now), "made_by": f"loosen {__version__}"}
    yield encode(head)[:-1]
    *lists, settings = contents(db, signals=signals)
    for name, records in zip(Contents._fields, lists, strict=False):
        yield f',\n"{name}": '.encode()
        yield from _array(encode(record) for record in records)
    yield b',\n"settings": ' + encode(settings) + b"}\n"


def contents(db: sqlite3.Connection, *, signals: bool = True) -> Contents:
    """Return everything in the journal but what it remembers of this computer; sessions are read one by one."""
    settings = {
        key: msgspec.json.decode(value)
        for key, value in db.execute("SELECT key, value FROM settings ORDER BY key")
        if key not in OF_THIS_COMPUTER
    }
    return Contents(sessions(db, signals=signals), queries.sits(db), queries.doses(db), queries.plans(db), settings)


def sessions(db: sqlite3.Connection, *, signals: bool = True) -> Iterator[SessionRecord]:
    """Yield every session whole, in the order of time."""
    fields = SessionRecord.__struct_fields__[:-3]
    rows = db.execute(f"SELECT id, {', '.join(fields)} FROM sessions ORDER BY started_utc, id").fetchall()
    for number, *row in rows:
        kept = dict(zip(fields, row, strict=True))
        yield SessionRecord(**kept | {"camera": bool(kept["camera"])} | queries.parts(db, number, signals=signals))


def _array(items: Iterable[bytes]) -> Iterator[bytes]:
    yield b"["
    for index, item in enumerate(items):
        yield (b",\n" if index else b"\n") + item
    yield b"]"
