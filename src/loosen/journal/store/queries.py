"""What is read, from an open database to records."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import Any, TypeVar, cast

import msgspec

from loosen.coach.counting.rep import Measure, Rep
from loosen.coach.guidance.stage import Happened
from loosen.journal.store.moments import local_time
from loosen.journal.store.records import (
    TOLD_EVENTS,
    DoseChange,
    Named,
    Plan,
    Prompt,
    Rating,
    SessionResult,
    SessionRow,
    Sit,
    exercise_results,
    told_of,
)
from loosen.journal.store.traces import unpack_trace

_T = TypeVar("_T")
_Record = TypeVar("_Record", bound=msgspec.Struct)

_SESSIONS = """
SELECT id, uuid, local_date, routine,
    (SELECT count(*) FROM reps WHERE session = s.id) AS attempts,
    (SELECT count(*) FROM reps WHERE session = s.id AND counted) AS counted,
    EXISTS (SELECT 1 FROM events WHERE session = s.id AND what = 'hurt'),
    EXISTS (SELECT 1 FROM events WHERE session = s.id AND what = 'gentle' AND detail = 'yes'),
    camera, how, started_utc, utc_offset_min, ended_utc,
    CASE WHEN ended_utc IS NULL THEN (
        SELECT max(t_s) - min(t_s) FROM (
            SELECT min(start_s) AS t_s FROM reps WHERE session = s.id
            UNION ALL SELECT max(end_s) FROM reps WHERE session = s.id
            UNION ALL SELECT t_s FROM events WHERE session = s.id
            UNION ALL SELECT t_s FROM answers WHERE session = s.id)) END
FROM sessions s
"""
_PLAIN = ("id", "uuid", "local_date", "routine", "attempts", "counted")
"""The first columns of `_SESSIONS`, which a row has as they are kept."""


def sessions(db: sqlite3.Connection, rest: str, *values: Any) -> tuple[SessionRow, ...]:
    """Return sessions; the `rest` of the query, with its values, tells which, and in what order."""
    return tuple(_session(*row) for row in db.execute(_SESSIONS + rest, values))


def session(db: sqlite3.Connection, session: int | str) -> SessionResult | None:
    """Return the session with this number, or this uuid, whole, or None."""
    # Beyond what SQLite can count to there is none either.
    if isinstance(session, int) and abs(session) >= 2**63:
        return None
    column = "id" if isinstance(session, int) else "uuid"
    for row in sessions(db, f"WHERE {column} = ?", session):
        kept = parts(db, row.id)
        done = exercise_results(kept["reps"], kept["events"])
        return SessionResult(**msgspec.structs.asdict(row), **kept, exercises=done, **told_of(kept["events"]))
    return None


def parts(db: sqlite3.Connection, number: int, *, signals: bool = True) -> dict[str, Any]:
    """Return the answers, repetitions and events of a session, by these names, in the order in which they were kept."""
    signal = "trace" if signals else "NULL"
    rows = db.execute(f"SELECT {_REP}, {signal} FROM reps WHERE session = ? ORDER BY id", (number,))
    return {
        "answers": _all(db, Rating, "answers WHERE session = ? ORDER BY t_s, question", number),
        "reps": tuple(_rep(*row) for row in rows),
        "events": _all(db, Happened, "events WHERE session = ? ORDER BY id", number),
    }


def results(db: sqlite3.Connection, first: str, last: str) -> tuple[SessionResult, ...]:
    """Return the sessions between two dates (ISO), in the order of time, without their repetitions and events.

    Those are read without reasons and signals, their measures as they are kept, and only the events that tell how much
    was done: a year is read in half the time.
    """

    def read(make: Callable[..., _T], columns: str, table: str, rest: str) -> dict[int, list[_T]]:
        of_days = f"FROM sessions s JOIN {table} it ON it.session = s.id WHERE s.local_date BETWEEN ? AND ?"
        return _by_number(db.execute(f"SELECT it.session, {columns} {of_days} {rest}", (first, last)), make)

    answers = read(Rating, ", ".join(Rating.__struct_fields__), "answers", "ORDER BY t_s, question")
    without_reasons = _REP.replace("reasons", "'[]'")
    reps = read(partial(_rep, as_kept=True), f"{without_reasons}, NULL", "reps", "ORDER BY it.id")
    telling = f"AND what IN {TOLD_EVENTS} ORDER BY it.id"
    events = read(Happened, ", ".join(Happened.__struct_fields__), "events", telling)
    return tuple(
        SessionResult(
            **msgspec.structs.asdict(row),
            answers=tuple(answers.get(row.id, ())),
            exercises=exercise_results(reps.get(row.id, ()), events.get(row.id, ())),
            **told_of(events.get(row.id, ())),
        )
        for row in sessions(db, "WHERE local_date BETWEEN ? AND ? ORDER BY started_utc, id", first, last)
    )


def _session(*row: Any) -> SessionRow:
    *plain, hurt, gentle, camera, how, started_utc, offset_min, ended_utc, kept_s = row
    started = local_time(started_utc, offset_min)
    ended = None if ended_utc is None else local_time(ended_utc, offset_min)
    seconds = kept_s or 0.0 if ended is None else (ended - started).total_seconds()
    return SessionRow(
        **dict(zip(_PLAIN, plain, strict=True)),
        started=started,
        ended=ended,
        how=how or "stopped",
        camera=bool(camera),
        minutes=round(max(seconds, 0.0) / 60, 1),
        hurt=bool(hurt),
        gentle=bool(gentle),
    )


def _rep(
    exercise: str, set_number: int, set_side: Any, side: Any, verdict: Any, counted: int, start_s: float,
    peak_s: float, end_s: float, faults: str, reasons: str, measures: str, trace: bytes | None,
    *, as_kept: bool = False,
) -> Rep:  # fmt: skip
    kept = _measures(measures)
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
        measures=kept if as_kept else {name: Measure(*msgspec.structs.astuple(it)) for name, it in kept.items()},
        signal=None if trace is None else unpack_trace(trace),
    )


class _KeptMeasure(Measure, frozen=True, array_like=True, gc=False):
    """A measure as it is kept: value, unit and half a 95% interval, in this order."""


_REP = ", ".join(Rep.__struct_fields__[:-1])
_texts = msgspec.json.Decoder(tuple[str, ...]).decode
_measures: Callable[[str], dict[str, Any]] = msgspec.json.Decoder(dict[str, _KeptMeasure]).decode


def doses(db: sqlite3.Connection) -> tuple[DoseChange, ...]:
    """Return the doses set and offers answered, in the order of time."""
    return _all(db, DoseChange, "doses ORDER BY at_utc, id")


def plans(db: sqlite3.Connection) -> tuple[Plan, ...]:
    """Return all answers to the offer of a plan, in the order of time."""
    return _all(db, Plan, "plans ORDER BY at_utc, id")


def sits(db: sqlite3.Connection, first: str = "", last: str = "~") -> tuple[Sit, ...]:
    """Return the sits with a local date from `first` to `last` (ISO), in the order of time, with their prompts."""
    within = "WHERE local_date BETWEEN ? AND ?"
    columns = ", ".join(f"prompts.{name}" for name in Prompt.__struct_fields__)
    rows = db.execute(
        f"SELECT sit, {columns} FROM sits JOIN prompts ON sit = sits.id {within} ORDER BY prompts.id", (first, last)
    )
    prompts = _by_number(rows, partial(_record, Prompt))
    names = ", ".join(Sit.__struct_fields__[:-1])
    rows = db.execute(f"SELECT id, {names} FROM sits {within} ORDER BY started_utc, id", (first, last))
    return tuple(_record(Sit, *row, tuple(prompts.get(number, ()))) for number, *row in rows)


def _all(db: sqlite3.Connection, kind: type[_Record], rest: str, *values: Any) -> tuple[_Record, ...]:
    """Return records of a kind whose fields are the columns of the table that `rest` begins with."""
    rows = db.execute(f"SELECT {', '.join(kind.__struct_fields__)} FROM {rest}", values)
    return tuple(_record(kind, *row) for row in rows)


def _record(kind: type[_Record], *row: Any) -> _Record:
    return kind(**dict(zip(kind.__struct_fields__, row, strict=True)))


def _by_number(rows: Iterable[tuple[Any, ...]], make: Callable[..., _T]) -> dict[int, list[_T]]:
    """Make something of each row, by the number that it begins with."""
    found: dict[int, list[_T]] = {}
    for number, *row in rows:
        found.setdefault(number, []).append(make(*row))
    return found


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
        return f"{local_time(started_utc, offset_min):%Y-%m-%d %H:%M}"
    except (ValueError, TypeError, OverflowError):
        return ascii(started_utc)


def unreadable(db: sqlite3.Connection) -> tuple[int, ...]:
    """Return the sessions with an entry that is not as loosen wrote it. Raises sqlite3.Error."""
    found = []
    for (number,) in db.execute("SELECT id FROM sessions ORDER BY id").fetchall():
        try:
            session(db, number)
        except (ValueError, TypeError, OverflowError, msgspec.MsgspecError):
            found.append(number)
    return tuple(found)


_ACTIVE = (
    "(EXISTS (SELECT 1 FROM reps WHERE session = s.id)"
    " OR EXISTS (SELECT 1 FROM events WHERE session = s.id AND what IN ('led', 'exercise-ended') AND value > 0))"
)
"""That something was done in a session `s`: the same as `SessionResult.active`."""


def active_dates(db: sqlite3.Connection, first: date, last: date) -> set[date]:
    """Return the dates from `first` to `last` on which something was done."""
    rows = db.execute(
        f"SELECT DISTINCT local_date FROM sessions s WHERE local_date BETWEEN ? AND ? AND {_ACTIVE}",
        (first.isoformat(), last.isoformat()),
    )
    return {date.fromisoformat(row[0]) for row in rows}


def last_active_session(db: sqlite3.Connection, first: date, last: date) -> SessionRow | None:
    """Return the last session between two dates in which something was done."""
    rest = f"WHERE local_date BETWEEN ? AND ? AND {_ACTIVE} ORDER BY started_utc DESC, id DESC LIMIT 1"
    return next(iter(sessions(db, rest, first.isoformat(), last.isoformat())), None)


def last_time_s(db: sqlite3.Connection, session: int) -> float:
    """Return the last time that was kept of a session, on its own clock."""
    row = db.execute(
        "SELECT max(t_s) FROM (SELECT max(end_s) AS t_s FROM reps WHERE session = :it"
        " UNION ALL SELECT max(t_s) FROM events WHERE session = :it"
        " UNION ALL SELECT max(t_s) FROM answers WHERE session = :it)",
        {"it": session},
    ).fetchone()
    return float(row[0] or 0.0)


def setting(db: sqlite3.Connection, key: str, kind: Any, default: _T) -> _T:
    """Return a kept value of the type `kind`, or `default` where there is none, or one of another type."""
    row = db.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
    try:
        return default if row is None else cast(_T, msgspec.json.decode(row[0], type=kind))
    except msgspec.MsgspecError:
        return default
