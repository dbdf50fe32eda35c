"""A moment as the journal keeps it. Imports nothing heavy."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import Any


def utc_text(at: datetime) -> str:
    """Return a time as text that sorts by time: UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local_time(utc: str, utc_offset_min: int) -> datetime:
    """Return a time that `utc_text` wrote, in the local time of where it was."""
    return datetime.fromisoformat(utc).astimezone(timezone(timedelta(minutes=utc_offset_min)))


def offset_min(at: datetime) -> int:
    """Return a time's offset from UTC in minutes, 0 where it knows none."""
    return round((at.utcoffset() or timedelta()).total_seconds() / 60)


def stamp(now: datetime, name: str = "at_utc", key: str = "") -> dict[str, Any]:
    """Return the first fields of a record of `now`: its uuid (`key`, or a new one), time (as `name`), date and offset.

    Raises ValueError if `now` does not know its offset from UTC.
    """
    if now.utcoffset() is None:
        raise ValueError("now: expected a time with its offset from UTC, got a naive one")
    return {
        "uuid": key or str(uuid.uuid4()),
        name: utc_text(now),
        "local_date": now.date().isoformat(),
        "utc_offset_min": offset_min(now),
    }
