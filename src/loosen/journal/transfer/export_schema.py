"""The journal as a file that other programs can read and loosen can take back: its JSON, version 1.

Documented in docs/journal.md; `loosen journal export --schema` prints the JSON Schema.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from loosen.coach.counting.report import Text
from loosen.journal.store.records import DoseChange, Plan, SessionRecord, Sit, Utc

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
    """What is taken in, whatever kind of file it came from."""

    sessions: Iterable[SessionRecord]
    sits: Iterable[Sit]
    doses: Iterable[DoseChange]
    plans: Iterable[Plan]
    settings: dict[str, Any]


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "loosen journal"} | msgspec.json.schema(
        JournalFile
    )
