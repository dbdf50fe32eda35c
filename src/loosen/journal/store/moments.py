"""A moment as the journal keeps it. Imports nothing heavy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def utc_text(at: datetime) -> str:
    """Return a time as text that sorts by time: UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def offset_min(at: datetime) -> int:
    """Return a time's offset from UTC in minutes, 0 where it knows none."""
    return round((at.utcoffset() or timedelta()).total_seconds() / 60)
