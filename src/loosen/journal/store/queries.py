"""What is read, from an open database to records."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime, timedelta, timezone
from typing import Any, TypeVar

import msgspec

from loosen.coach.counting.report import Measure, Rep
from loosen.coach.guidance.stage import Happened
from loosen.journal.store.records import (
    RESULT_EVENTS,
    DoseChange,
    Measures,
    Named,
    Plan,
    Prompt,
    Rating,
    SessionRow,
    Sit,
)
from loosen.journal.store.traces import unpack_trace

_Record = TypeVar("_Record", bound=msgspec.Struct)

RECENT_SESSIONS = 100
"""Sessions looked through for a person's own ranges: what lies further back is another body."""

_SESSIONS = """
SELECT id, uuid, started_utc, utc_offset_min, ended_utc, local_date, how, routine, camera,
    (SELECT count(*) FROM reps WHERE session = s.id),
    (SELECT count(*) FROM reps WHERE session = s.id AND counted),
    EXISTS (SELECT 1 FROM events WHERE session = s.id AND what = 'hurt'),
    CASE WHEN ended_utc IS NULL THEN (
        SELECT max(t_s) - min(t_s) FROM (
            SELECT min(start_s) AS t_s FROM reps WHERE session = s.id
            UNION ALL SELECT max(end_s) FROM reps WHERE session = s.id
            UNION ALL SELECT t_s FROM events WHERE session = s.id
            UNION ALL SELECT t_s FROM answers WHERE session = s.id)) END
FROM sessions s
"""


def sessions(db: sqlite3.Connection, limit: int | None) -> tuple[SessionRow, ...]:
    """Return the newest `limit` sessions (None: all), newest first."""
    rows = db.execute(_SESSIONS + "ORDER BY started_utc DESC, id DESC LIMIT ?", (-1 if limit is None else limit,))
    return tuple(_session(row) for row in rows)


def session(db: sqlite3.Connection, number: int) -> SessionRow | None:
    """Return one session, or None."""
    row = db.execute(_SESSIONS + "WHERE id = ?", (number,)).fetchone()
    return None if row is None else _session(row)


def sessions_between(db: sqlite3.Connection, first: str, last: str) -> tuple[SessionRow, ...]:
    """Return the sessions with a local date from `first` to `last` (ISO), in the order of time."""
    rows = db.execute(_SESSIONS + "WHERE local_date BETWEEN ? AND ? ORDER BY started_utc, id", (first, last))
    return tuple(_session(row) for row in rows)


def _session(row: tuple[Any, ...]) -> SessionRow:
    number, key, started_utc, offset_min, ended_utc, local_date, how, routine, camera, *counts = row
    attempts, counted, hurt, kept_s = counts
    place = timezone(timedelta(minutes=offset_min))
    started = datetime.fromisoformat(started_utc).astimezone(place)
    ended = None if ended_utc is None else datetime.fromisoformat(ended_utc).astimezone(place)
    seconds = kept_s or 0.0 if ended is None else (ended - started).total_seconds()
    return SessionRow(
        id=number,
        uuid=key,
        started=started,
        ended=ended,
        local_date=local_date,
        how=how or "stopped",
        routine=routine,
        camera=bool(camera),
        minutes=round(max(seconds, 0.0) / 60, 1),
        attempts=attempts,
        counted=counted,
        hurt=bool(hurt),
    )


def reps(db: sqlite3.Connection, number: int) -> tuple[Rep, ...]:
    """Return the repetitions of a session in the order in which they were kept."""
    rows = db.execute(f"SELECT {_REP}, trace FROM reps WHERE session = ? ORDER BY id", (number,))
    return tuple(_rep(row) for row in rows)


def reps_between(db: sqlite3.Connection, first: str, last: str) -> dict[int, list[Rep]]:
    """Return the repetitions of the sessions between two dates (ISO) by the session's number, without their signals."""
    rows = db.execute(
        f"SELECT session, {_REP}, NULL FROM sessions s JOIN reps r ON r.session = s.id"
        " WHERE s.local_date BETWEEN ? AND ? ORDER BY r.id",
        (first, last),
    )
    found: dict[int, list[Rep]] = {}
    for number, *row in rows:
        found.setdefault(number, []).append(_rep(tuple(row)))
    return found


def _rep(row: tuple[Any, ...]) -> Rep:
    exercise, set_number, set_side, side, verdict, counted, start_s, peak_s, end_s, *packed = row
    faults, reasons, measures, signal = packed
    # Named one by one: of a year's repetitions that takes half the time.
    return Rep(
        exercise=exercise,
        set_number=set_number,
        set_side=set_side,
        side=side,
        verdict=verdict,
        counted=bool(counted),
        start_s=start_s,
        peak_s=peak_s,
        end_s=end_s,
        faults=_texts(faults),
        reasons=_texts(reasons),
        measures={name: Measure(*it) for name, it in _measures(measures).items()},
        signal=None if signal is None else unpack_trace(signal),
    )


_REP = ", ".join(Rep.__struct_fields__[:-1])
_texts = msgspec.json.Decoder(tuple[str, ...]).decode
_measures = msgspec.json.Decoder(Measures).decode


def answers(db: sqlite3.Connection, number: int) -> tuple[Rating, ...]:
    """Return the answers of a session in the order in which they were given."""
    return _all(db, Rating, "answers WHERE session = ? ORDER BY t_s, question", number)


def events(db: sqlite3.Connection, number: int) -> tuple[Happened, ...]:
    """Return what else happened in a session, in order."""
    return _all(db, Happened, "events WHERE session = ? ORDER BY id", number)


def result_events_between(db: sqlite3.Connection, first: str, last: str) -> dict[int, list[Happened]]:
    """Return what tells how much was done in the sessions between two dates (ISO), by the session's number."""
    rows = db.execute(
        "SELECT session, e.t_s, e.what, e.exercise, e.detail, e.value FROM sessions s JOIN events e"
        f" ON e.session = s.id WHERE s.local_date BETWEEN ? AND ? AND e.what IN {RESULT_EVENTS} ORDER BY e.id",
        (first, last),
    )
    found: dict[int, list[Happened]] = {}
    for number, *event in rows:
        found.setdefault(number, []).append(Happened(*event))
    return found


def doses(db: sqlite3.Connection) -> tuple[DoseChange, ...]:
    """Return the doses set and offers answered, in the order of time."""
    return _all(db, DoseChange, "doses ORDER BY at_utc, id")


def plans(db: sqlite3.Connection) -> tuple[Plan, ...]:
    """Return all answers to the offer of a plan, in the order of time."""
    return _all(db, Plan, "plans ORDER BY at_utc, id")


def sits(db: sqlite3.Connection, first: str, last: str) -> tuple[Sit, ...]:
    """Return the sits with a local date from `first` to `last` (ISO), in the order of time, with their prompts."""
    columns = ", ".join(Sit.__struct_fields__[:-1])
    rows = db.execute(
        f"SELECT id, {columns} FROM sits WHERE local_date BETWEEN ? AND ? ORDER BY started_utc, id", (first, last)
    ).fetchall()
    found = []
    for number, *row in rows:
        prompts = _all(db, Prompt, "prompts WHERE sit = ? ORDER BY id", number)
        found.append(Sit(**dict(zip(Sit.__struct_fields__, (*row, prompts), strict=True))))
    return tuple(found)


def _all(db: sqlite3.Connection, kind: type[_Record], rest: str, *values: Any) -> tuple[_Record, ...]:
    """Return records of a kind whose fields are the columns of the table that `rest` begins with."""
    fields = kind.__struct_fields__
    rows = db.execute(f"SELECT {', '.join(fields)} FROM {rest}", values)
    return tuple(kind(**dict(zip(fields, row, strict=True))) for row in rows)


def named(db: sqlite3.Connection) -> list[Named]:
    """Return what the sessions are named by, in the order of time; no entry in them is read."""
    rows = db.execute(
        "SELECT id, local_date, started_utc, utc_offset_min, (SELECT count(*) FROM reps WHERE session = s.id)"
        " FROM sessions s ORDER BY started_utc, id"
    )
    return [
        Named(number, str(day), _when(started, offset_min), attempts)
        for number, day, started, offset_min, attempts in rows
    ]


def _when(started_utc: Any, offset_min: Any) -> str:
    try:
        place = timezone(timedelta(minutes=offset_min))
        return f"{datetime.fromisoformat(started_utc).astimezone(place):%Y-%m-%d %H:%M}"
    except (ValueError, TypeError, OverflowError):
        return ascii(started_utc)


def unreadable(db: sqlite3.Connection) -> tuple[int, ...]:
    """Return the sessions with an entry that is not as loosen wrote it. Raises sqlite3.Error."""
    found = []
    for (number,) in db.execute("SELECT id FROM sessions ORDER BY id").fetchall():
        try:
            session(db, number)
            reps(db, number), answers(db, number), events(db, number)
        except (ValueError, TypeError, OverflowError, msgspec.MsgspecError):
            found.append(number)
    return tuple(found)


def active_dates(db: sqlite3.Connection, first: date, last: date) -> set[date]:
    """Return the dates from `first` to `last` on which a session was finished or an exercise done."""
    rows = db.execute(
        "SELECT DISTINCT local_date FROM sessions s WHERE local_date BETWEEN ? AND ? AND (how = 'finished'"
        " OR EXISTS (SELECT 1 FROM reps WHERE session = s.id)"
        " OR EXISTS (SELECT 1 FROM events WHERE session = s.id AND what IN ('led', 'exercise-ended') AND value > 0))",
        (first.isoformat(), last.isoformat()),
    )
    return {date.fromisoformat(row[0]) for row in rows}


def best_ranges(db: sqlite3.Connection, routine: str, n_sessions: int) -> dict[str, float]:
    """Return for each exercise the 90th percentile of "range" over full repetitions of its last sessions."""
    rows = db.execute(
        "SELECT exercise, session, json_extract(measures, '$.range[0]')"
        " FROM reps JOIN sessions s ON s.id = session"
        " WHERE session IN (SELECT id FROM sessions WHERE routine = ? AND camera"
        "   ORDER BY started_utc DESC LIMIT ?)"
        " AND verdict = 'full' AND counted"
        " AND json_extract(measures, '$.range[0]') IS NOT NULL"
        " ORDER BY s.started_utc DESC, s.id DESC",
        (routine, RECENT_SESSIONS),
    )
    ranges: dict[str, list[float]] = {}
    seen: dict[str, set[int]] = {}
    for exercise, number, value in rows:
        of_exercise = seen.setdefault(exercise, set())
        if number in of_exercise or len(of_exercise) < n_sessions:
            of_exercise.add(number)
            ranges.setdefault(exercise, []).append(float(value))
    return {exercise: percentile(values, 0.9) for exercise, values in ranges.items()}


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` (0..1) of `values` lie, straight between neighbours."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)
