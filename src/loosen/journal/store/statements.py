"""What is written, as SQL with its values."""

from __future__ import annotations

import math
from datetime import datetime

import msgspec

from loosen.coach.counting.report import Measure, Rep
from loosen.coach.guidance.stage import Happened
from loosen.journal.store.moments import offset_min, utc_text
from loosen.journal.store.records import Rating
from loosen.journal.store.traces import pack_trace
from loosen.journal.store.writer import Statement

# A session is named by its uuid, not its row: it may not have a row yet while the disk is full.
_ROW = "(SELECT id FROM sessions WHERE uuid = ?)"


def begin(key: str, routine: str, *, camera: bool, now: datetime) -> Statement:
    """Begin a session; the local date and offset are those of where the person is now."""
    return (
        "INSERT INTO sessions (uuid, started_utc, local_date, utc_offset_min, routine, camera)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (key, utc_text(now), now.date().isoformat(), offset_min(now), routine, camera),
    )


def end(key: str, how: str, now: datetime) -> Statement:
    """End a session, once; never before its start, though the clock may have been set back meanwhile."""
    return (
        "UPDATE sessions SET ended_utc = max(?, started_utc), how = ? WHERE uuid = ? AND ended_utc IS NULL",
        (utc_text(now), how, key),
    )


def rep(key: str, it: Rep) -> Statement:
    """Keep a repetition."""
    return (
        "INSERT INTO reps (session, exercise, set_number, set_side, side, verdict, counted, start_s, peak_s,"
        f" end_s, faults, reasons, measures, trace) VALUES ({_ROW}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            key,
            it.exercise,
            it.set_number,
            it.set_side,
            it.side,
            it.verdict,
            it.counted,
            it.start_s,
            it.peak_s,
            it.end_s,
            json_text(it.faults),
            json_text(it.reasons),
            json_text(
                {name: (m.value, m.unit, m.plus_minus) for name, m in it.measures.items() if _known(m)}
            ),
            None if it.signal is None else pack_trace(it.signal),
        ),
    )


def answer(key: str, given: Rating) -> Statement:
    """Keep an answer in place of an earlier one to the same question."""
    return (
        f"INSERT OR REPLACE INTO answers (session, question, value, t_s) VALUES ({_ROW}, ?, ?, ?)",
        (key, given.question, given.value, given.t_s),
    )


def event(key: str, event: Happened) -> Statement:
    """Keep anything else that happened."""
    return (
        f"INSERT INTO events (session, t_s, what, exercise, detail, value) VALUES ({_ROW}, ?, ?, ?, ?, ?)",
        (key, event.t_s, event.what, event.exercise, event.detail, event.value),
    )


def json_text(value: object) -> str:
    """Return a value as the journal keeps it: as JSON."""
    return msgspec.json.encode(value).decode()


def _known(measure: Measure) -> bool:
    """An unknown measure is left out: JSON has no NaN, and unknown is never a number."""
    return math.isfinite(measure.value) and math.isfinite(measure.plus_minus)
