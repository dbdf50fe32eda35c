"""What is read, from an open database to records."""

from __future__ import annotations

import sqlite3
import statistics
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta, timezone
from functools import partial
from typing import Any, TypeVar

import msgspec

from loosen.coach.counting.rep import Measure, Rep
from loosen.coach.guidance.stage import Happened
from loosen.journal.store.records import RESULT_EVENTS, DoseChange, Named, Plan, Prompt, Rating, SessionRow, Sit
from loosen.journal.store.traces import unpack_trace

_T = TypeVar("_T")
_Record = TypeVar("_Record", bound=msgspec.Struct)

OWN_SESSIONS, RECENT_SESSIONS = 5, 100
"""A person's own range is that of so many sessions with an exercise, among the last so many: further back lies another
body."""

_SESSIONS = """
SELECT id, uuid, local_date, routine,
    (SELECT count(*) FROM reps WHERE session = s.id) AS attempts,
    (SELECT count(*) FROM reps WHERE session = s.id AND counted) AS counted,
    EXISTS (SELECT 1 FROM events WHERE session = s.id AND what = 'hurt'),
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
_OF_DAYS = "FROM sessions s JOIN {0} ON {0}.session = s.id WHERE s.local_date BETWEEN ? AND ?"


def sessions(db: sqlite3.Connection, rest: str, *values: Any) -> tuple[SessionRow, ...]:
    """Return sessions; the `rest` of the query, with its values, tells which, and in what order."""
    return tuple(_session(*row) for row in db.execute(_SESSIONS + rest, values))


def session(db: sqlite3.Connection, session: int | str) -> SessionRow | None:
    """Return the session with this number, or this uuid, or None."""
    # Beyond what SQLite can count to there is none either.
    if isinstance(session, int) and abs(session) >= 2**63:
        return None
    column = "id" if isinstance(session, int) else "uuid"
    return next(iter(sessions(db, f"WHERE {column} = ?", session)), None)


def _session(*row: Any) -> SessionRow:
    *plain, hurt, camera, how, started_utc, offset_min, ended_utc, kept_s = row
    place = timezone(timedelta(minutes=offset_min))
    started = datetime.fromisoformat(started_utc).astimezone(place)
    ended = None if ended_utc is None else datetime.fromisoformat(ended_utc).astimezone(place)
    seconds = kept_s or 0.0 if ended is None else (ended - started).total_seconds()
    return SessionRow(
        **dict(zip(_PLAIN, plain, strict=True)),
        started=started,
        ended=ended,
        how=how or "stopped",
        camera=bool(camera),
        minutes=round(max(seconds, 0.0) / 60, 1),
        hurt=bool(hurt),
    )


def reps(db: sqlite3.Connection, number: int, *, signals: bool = True) -> tuple[Rep, ...]:
    """Return the repetitions of a session in the order in which they were kept."""
    signal = "trace" if signals else "NULL"
    rows = db.execute(f"SELECT {_REP}, {signal} FROM reps WHERE session = ? ORDER BY id", (number,))
    return tuple(_rep(*row) for row in rows)


def reps_by_session(db: sqlite3.Connection, first: str, last: str) -> dict[int, list[Rep]]:
    """Return the repetitions of the sessions between two dates (ISO), to be summed up and no more.

    They have neither reasons nor signals, and their measures are no equals of `Measure`: a year of them is read in half
    the time.
    """
    columns = _REP.replace("reasons", "'[]'")
    rows = db.execute(f"SELECT session, {columns}, NULL {_OF_DAYS.format('reps')} ORDER BY reps.id", (first, last))
    return _by_number(rows, partial(_rep, as_kept=True))


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


def answers(db: sqlite3.Connection, number: int) -> tuple[Rating, ...]:
    """Return the answers of a session in the order in which they were given."""
    return _all(db, Rating, "answers WHERE session = ? ORDER BY t_s, question", number)


def answers_by_session(db: sqlite3.Connection, first: str, last: str) -> dict[int, list[tuple[str, int]]]:
    """Return the questions that were answered in the sessions between two dates (ISO), with the answers."""
    told = f"SELECT session, question, value {_OF_DAYS.format('answers')} AND value IS NOT NULL"
    return _by_number(db.execute(told, (first, last)), lambda *answer: answer)


def events(db: sqlite3.Connection, number: int) -> tuple[Happened, ...]:
    """Return what else happened in a session, in order."""
    return _all(db, Happened, "events WHERE session = ? ORDER BY id", number)


def events_by_session(db: sqlite3.Connection, first: str, last: str) -> dict[int, list[Happened]]:
    """Return what tells how much was done in the sessions between two dates (ISO)."""
    columns, which = ", ".join(Happened.__struct_fields__), f"what IN {RESULT_EVENTS}"
    rows = db.execute(
        f"SELECT session, {columns} {_OF_DAYS.format('events')} AND {which} ORDER BY events.id", (first, last)
    )
    return _by_number(rows, Happened)


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


def best_ranges(db: sqlite3.Connection, routine: str) -> dict[str, float]:
    """Return for each exercise the 90th percentile of "range" over full repetitions of its last sessions."""
    rows = db.execute(
        "SELECT exercise, value FROM (SELECT exercise, json_extract(measures, '$.range[0]') AS value,"
        "  dense_rank() OVER (PARTITION BY exercise ORDER BY s.started_utc DESC, s.id DESC) AS nth"
        " FROM reps JOIN sessions s ON s.id = session"
        " WHERE session IN (SELECT id FROM sessions WHERE routine = ? AND camera ORDER BY started_utc DESC LIMIT ?)"
        " AND verdict = 'full' AND counted AND json_extract(measures, '$.range[0]') IS NOT NULL) WHERE nth <= ?",
        (routine, RECENT_SESSIONS, OWN_SESSIONS),
    )
    ranges: dict[str, list[float]] = {}
    for exercise, value in rows:
        ranges.setdefault(exercise, []).append(float(value))
    return {exercise: _percentile_90(values) for exercise, values in ranges.items()}


def _percentile_90(values: list[float]) -> float:
    return statistics.quantiles(values, n=10, method="inclusive")[-1] if len(values) > 1 else values[0]
