"""What is written of a session, as SQL with its values. The records' fields are the columns' names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from loosen.coach.counting.rep import Rep
from loosen.coach.guidance.stage import Happened
from loosen.journal.store.moments import stamp, utc_text
from loosen.journal.store.records import Rating
from loosen.journal.store.traces import pack_trace
from loosen.journal.store.writer import Statement


def insert(table: str, row: Mapping[str, Any], *, or_: str = "", of_session: str = "") -> Statement:
    """Insert a row whose keys are the table's own columns; `or_`: "IGNORE" or "REPLACE" what is there already.

    `of_session`: the uuid of the session it belongs to. A session is named by its uuid, not its row: it may not have a
    row yet while the disk is full.
    """
    names, marks, values = [*row], ["?"] * len(row), [*row.values()]
    if of_session:
        names.append("session")
        marks.append("(SELECT id FROM sessions WHERE uuid = ?)")
        values.append(of_session)
    how = f"OR {or_} " if or_ else ""
    return f"INSERT {how}INTO {table} ({', '.join(names)}) VALUES ({', '.join(marks)})", tuple(values)


def begin(key: str, routine: str, *, camera: bool, now: datetime) -> Statement:
    """Begin a session; the local date and offset are those of where the person is now."""
    return insert("sessions", stamp(now, "started_utc", key) | {"routine": routine, "camera": camera})


def watched(key: str, *, camera: bool) -> Statement:
    """Correct whether the camera watches a session."""
    return "UPDATE sessions SET camera = ? WHERE uuid = ?", (camera, key)


def end(key: str, how: str, now: datetime) -> Statement:
    """End a session, once; never before its start, though the clock may have been set back meanwhile."""
    return (
        "UPDATE sessions SET ended_utc = max(?, started_utc), how = ? WHERE uuid = ? AND ended_utc IS NULL",
        (utc_text(now), how, key),
    )


def rep(key: str, it: Rep) -> Statement:
    """Keep a repetition. An unknown measure is left out: JSON has no NaN, and unknown is never a number."""
    row = {name: getattr(it, name) for name in it.__struct_fields__ if name != "signal"}
    known = {
        name: msgspec.structs.astuple(measure)
        for name, measure in it.measures.items()
        if math.isfinite(measure.value) and math.isfinite(measure.plus_minus)
    }
    row |= {"faults": json_text(it.faults), "reasons": json_text(it.reasons), "measures": json_text(known)}
    return insert("reps", row | {"trace": it.signal and pack_trace(it.signal)}, of_session=key)


def answer(key: str, given: Rating) -> Statement:
    """Keep an answer in place of an earlier one to the same question."""
    return insert("answers", msgspec.structs.asdict(given), or_="REPLACE", of_session=key)


def event(key: str, event: Happened) -> Statement:
    """Keep anything else that happened."""
    return insert("events", msgspec.structs.asdict(event), of_session=key)


def keep_setting(key: str, value: object) -> Statement:
    """Keep a setting in place of its earlier value."""
    return insert("settings", {"key": key, "value": json_text(value)}, or_="REPLACE")


def json_text(value: object) -> str:
    """Return a value as the journal keeps it: as JSON."""
    return msgspec.json.encode(value).decode()
