"""From an open database to the file of `exchange`, session by session, so that memory does not grow with it."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec

from loosen import __version__
from loosen.coach.counting.report import Trace
from loosen.journal.store import queries
from loosen.journal.store.moments import utc_text
from loosen.journal.store.settings import OF_THIS_COMPUTER
from loosen.journal.transfer.export_schema import (
    FORMAT,
    VERSION,
    AnswerOut,
    Contents,
    DoseOut,
    EventOut,
    MeasureOut,
    PlanOut,
    PromptOut,
    RepOut,
    SessionOut,
    SignalOut,
    SitOut,
)

_SESSION = "uuid, started_utc, local_date, utc_offset_min, ended_utc, how, routine, camera"


@contextmanager
def unchanging(db: sqlite3.Connection) -> Iterator[None]:
    """Have everything that is read inside be of one moment, while others go on writing."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("ROLLBACK")


def json_chunks(db: sqlite3.Connection, now: datetime, *, signals: bool = True) -> Iterator[bytes]:
    """Yield the whole journal as JSON; without `signals` much smaller, and still a journal."""
    encode = msgspec.json.encode
    head = {
        "format": FORMAT,
        "version": VERSION,
        "made_utc": utc_text(now),
        "made_by": f"loosen {__version__}",
    }
    yield encode(head)[:-1] + b',\n"sessions": '
    yield from _array(encode(session) for session in sessions(db, signals=signals))
    yield b',\n"sits": '
    yield from _array(encode(sit) for sit in sits(db))
    yield b',\n"doses": '
    yield from _array(encode(dose) for dose in doses(db))
    yield b',\n"plans": '
    yield from _array(encode(plan) for plan in plans(db))
    yield b',\n"settings": ' + encode(settings(db)) + b"}\n"


def contents(db: sqlite3.Connection, *, signals: bool = True) -> Contents:
    """Return everything in the journal, read as it is asked for."""
    return Contents(sessions(db, signals=signals), sits(db), doses(db), plans(db), settings(db))


def sessions(db: sqlite3.Connection, *, signals: bool = True) -> Iterator[SessionOut]:
    """Yield every session whole, in the order of time."""
    rows = db.execute(f"SELECT id, {_SESSION} FROM sessions ORDER BY started_utc, id").fetchall()
    for number, *row in rows:
        uuid, started_utc, local_date, offset_min, ended_utc, how, routine, camera = row
        yield SessionOut(
            uuid=uuid,
            started_utc=started_utc,
            local_date=local_date,
            utc_offset_min=offset_min,
            ended_utc=ended_utc,
            how=how,
            routine=routine,
            camera=bool(camera),
            answers=tuple(
                AnswerOut(question=it.question, value=it.value, t_s=it.t_s)
                for it in queries.answers(db, number)
            ),
            reps=_reps(db, number, signals=signals),
            events=tuple(
                EventOut(t_s=it.t_s, what=it.what, exercise=it.exercise, detail=it.detail, value=it.value)
                for it in queries.events(db, number)
            ),
        )


def _reps(db: sqlite3.Connection, number: int, *, signals: bool) -> tuple[RepOut, ...]:
    return tuple(
        RepOut(
            exercise=done.exercise,
            set_number=done.set_number,
            set_side=done.set_side,
            side=done.rep.side,
            verdict=done.rep.verdict,
            counted=done.rep.counted,
            start_s=done.rep.start_s,
            peak_s=done.rep.peak_s,
            end_s=done.rep.end_s,
            faults=done.rep.faults,
            reasons=done.rep.reasons,
            measures={
                name: MeasureOut(value=it.value, unit=it.unit, plus_minus=it.plus_minus)
                for name, it in done.rep.measures.items()
            },
            signal=signal_out(done.trace) if signals and done.trace is not None else None,
        )
        for done in queries.reps(db, number)
    )


def signal_out(trace: Trace) -> SignalOut:
    """Return a signal in whole numbers; what is not finite is unknown."""
    return SignalOut(
        signal=trace.signal,
        unit=trace.unit,
        stop_s=trace.stop_s,
        target=trace.target,
        t_ms=tuple(_thousandths(t_s) for t_s, _ in trace.points),
        thousandths=tuple(_thousandths(value) for _, value in trace.points),
    )


def _thousandths(value: float) -> int | None:
    return round(value * 1000) if math.isfinite(value) else None


def sits(db: sqlite3.Connection) -> Iterator[SitOut]:
    """Yield every sit with its prompts, in the order of time."""
    prompts: dict[int, list[PromptOut]] = {}
    for sit, *row in db.execute(
        "SELECT sit, uuid, at_utc, sat_s, why, exercise, snoozes, outcome, outcome_utc FROM prompts ORDER BY id"
    ):
        prompts.setdefault(sit, []).append(_named(PromptOut, row))
    rows = db.execute(
        "SELECT id, uuid, started_utc, local_date, utc_offset_min, last_utc, seconds, ending FROM sits"
        " ORDER BY started_utc, id"
    ).fetchall()
    for number, *row in rows:
        yield _named(SitOut, [*row, tuple(prompts.get(number, ()))])


def doses(db: sqlite3.Connection) -> Iterator[DoseOut]:
    """Yield every change of a dose, in the order of time."""
    rows = db.execute(
        "SELECT uuid, at_utc, local_date, utc_offset_min, routine, exercise, sets, reps, what FROM doses"
        " ORDER BY at_utc, id"
    )
    return (_named(DoseOut, row) for row in rows.fetchall())


def plans(db: sqlite3.Connection) -> Iterator[PlanOut]:
    """Yield what was said about plans, in the order of time."""
    rows = db.execute(
        "SELECT uuid, at_utc, local_date, utc_offset_min, what, cue, part FROM plans ORDER BY at_utc, id"
    )
    return (_named(PlanOut, row) for row in rows.fetchall())


def settings(db: sqlite3.Connection) -> dict[str, Any]:
    """Return what loosen remembers of the person; what it remembers of this computer stays here."""
    rows = db.execute("SELECT key, value FROM settings ORDER BY key")
    return {key: msgspec.json.decode(value) for key, value in rows if key not in OF_THIS_COMPUTER}


def _named(kind: type[Any], values: Iterable[Any]) -> Any:
    """Put values into a struct whose fields stand in the same order."""
    return kind(**dict(zip(kind.__struct_fields__, values, strict=True)))


def _array(items: Iterable[bytes]) -> Iterator[bytes]:
    yield b"["
    for index, item in enumerate(items):
        yield (b",\n" if index else b"\n") + item
    yield b"]"
