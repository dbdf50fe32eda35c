"""A journal from elsewhere into this one: checked whole before anything changes, merged without doubles."""

from __future__ import annotations

import math
import re
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from loosen.coach.report import Measure, Rep, Trace
from loosen.coach.stage import Happened, RepDone
from loosen.errors import JournalError
from loosen.journal import exporting, opening, schema, writing
from loosen.journal.exchange import (
    FORMAT,
    VERSION,
    Contents,
    DoseOut,
    Head,
    JournalFile,
    PlanOut,
    SessionOut,
    SignalOut,
    SitOut,
)

MAX_BYTES = 256 * 2**20
"""Larger exports are refused: read whole, they would need gigabytes. A backup of any size can be taken in."""
SETTING_AT_MOST, SETTINGS_AT_MOST, SETTING_DEPTH = 200_000, 2_000_000, 10
"""Bytes of one setting and of all; what is learnt of a movement takes some 10 kB."""

_Row = SessionOut | SitOut | DoseOut | PlanOut
_SQLITE = b"SQLite format 3\x00"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Merged(NamedTuple):
    """What an import brought: how many sessions and sits were new, and how many were here already."""

    sessions: int
    sits: int
    known: int


@contextmanager
def opened(path: Path) -> Iterator[Contents]:
    """Lend what is in an export or a backup. Raises JournalError, with the reason, if it is neither."""
    try:
        with path.open("rb") as file:
            start = file.read(len(_SQLITE))
        size = path.stat().st_size
    except OSError as error:
        raise JournalError(f"{path} cannot be read ({error.strerror}): check the name.") from None
    if start == _SQLITE:
        with _backup(path) as contents:
            yield contents
        return
    if size > MAX_BYTES:
        raise JournalError(
            f"{path} has {size / 2**20:.0f} MB; an export of at most {MAX_BYTES // 2**20} MB can be read."
            " Take in a backup instead: loosen journal backup"
        )
    yield parse(path.read_bytes(), str(path))


def parse(data: bytes, name: str = "the file") -> Contents:
    """Return what an export holds. Raises JournalError, with path and reason, if it is none."""
    try:
        head = msgspec.json.decode(data, type=Head)
        if head.format != FORMAT:
            raise JournalError(f"{name} is no export of loosen's journal.")
        if head.version != VERSION:
            raise JournalError(
                f"{name} is of version {head.version}; this loosen knows {VERSION}: update loosen."
            )
        file = msgspec.json.decode(data, type=JournalFile)
        wrong = _wrong(file)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise JournalError(f"{name} is no export of loosen's journal: {error}") from None
    except RecursionError:
        raise JournalError(f"{name} is no export of loosen's journal: nested too deeply.") from None
    if wrong is not None:
        raise JournalError(f"{name} is refused: {wrong}.")
    settings = {key: msgspec.json.decode(raw) for key, raw in file.settings.items()}
    return Contents(file.sessions, file.sits, file.doses, file.plans, settings)


def merge(db: sqlite3.Connection, contents: Contents) -> Merged:
    """Add what is not here yet, by uuid; what is here stays as it is. For use inside one change."""
    new_sessions = new_sits = known = 0
    here = {row[0] for row in db.execute("SELECT uuid FROM sessions UNION ALL SELECT uuid FROM sits")}
    for session in contents.sessions:
        if session.uuid in here:
            known += 1
        else:
            add_session(db, session)
            new_sessions += 1
    for sit in contents.sits:
        if sit.uuid in here:
            known += 1
        else:
            _add_sit(db, sit)
            new_sits += 1
    for table, rows in (("doses", contents.doses), ("plans", contents.plans)):
        for row in rows:
            _insert(db, table, msgspec.structs.asdict(row), "OR IGNORE ")
    for key, value in contents.settings.items():
        _insert(db, "settings", {"key": key, "value": msgspec.json.encode(value).decode()}, "OR IGNORE ")
    return Merged(new_sessions, new_sits, known)


def add_session(db: sqlite3.Connection, session: SessionOut) -> None:
    """Add one session whole."""
    row = msgspec.structs.asdict(session)
    for part in ("answers", "reps", "events"):
        del row[part]
    _insert(db, "sessions", row)
    key = session.uuid
    for rep in session.reps:
        db.execute(*writing.rep(key, _done(rep)))
    for answer in session.answers:
        db.execute(
            *writing.answer(key, Happened(answer.t_s, "answer", detail=answer.question, value=answer.value))
        )
    for event in session.events:
        db.execute(
            *writing.event(key, Happened(event.t_s, event.what, event.exercise, event.detail, event.value))
        )


def _done(rep: Any) -> RepDone:
    return RepDone(
        exercise=rep.exercise,
        set_number=rep.set_number,
        set_side=rep.set_side,
        rep=Rep(
            start_s=rep.start_s,
            peak_s=rep.peak_s,
            end_s=rep.end_s,
            side=rep.side,
            verdict=rep.verdict,
            counted=rep.counted,
            faults=rep.faults,
            reasons=rep.reasons,
            measures={name: Measure(it.value, it.unit, it.plus_minus) for name, it in rep.measures.items()},
        ),
        trace=None if rep.signal is None else _trace(rep.signal),
    )


def _trace(signal: SignalOut) -> Trace:
    points = zip(signal.t_ms, signal.thousandths, strict=True)
    return Trace(
        signal=signal.signal,
        unit=signal.unit,
        points=tuple((_value(t), _value(v)) for t, v in points),
        stop_s=signal.stop_s,
        target=signal.target,
    )


def _value(thousandths: int | None) -> float:
    return math.nan if thousandths is None else thousandths / 1000


def _add_sit(db: sqlite3.Connection, sit: SitOut) -> None:
    row = msgspec.structs.asdict(sit)
    del row["prompts"]
    number = _insert(db, "sits", row)
    for prompt in sit.prompts:
        _insert(db, "prompts", {"sit": number} | msgspec.structs.asdict(prompt))


def _insert(db: sqlite3.Connection, table: str, row: dict[str, Any], manner: str = "") -> int | None:
    """Insert a row whose keys are the table's own columns."""
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    return db.execute(
        f"INSERT {manner}INTO {table} ({names}) VALUES ({marks})", tuple(row.values())
    ).lastrowid


@contextmanager
def _backup(path: Path) -> Iterator[Contents]:
    """Lend what is in another journal's file, which is copied first: not even its log is touched."""
    health = opening.examine(path)
    if health.state != "ok":
        raise JournalError(f"{path} is no journal that can be taken in: {health.why or 'it is empty'}.")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        with (
            closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(copy, isolation_level=None)) as db,
        ):
            source.backup(db)
            schema.migrate(db)
            yield exporting.contents(db)


def _wrong(file: JournalFile) -> str | None:
    """Return what the types cannot say: two of one uuid, days that are none, texts that could steer a terminal."""
    seen: set[str] = set()
    kinds: tuple[tuple[str, Sequence[_Row]], ...] = (
        ("sessions", file.sessions),
        ("sits", file.sits),
        ("doses", file.doses),
        ("plans", file.plans),
    )
    for kind, rows in kinds:
        for index, row in enumerate(rows):
            at = f"$.{kind}[{index}]"
            if row.uuid in seen:
                return f"the uuid of {at} is used twice"
            seen.add(row.uuid)
            if (why := _wrong_times(row)) is not None:
                return f"{why} - at {at}"
            if isinstance(row, SitOut):
                for prompt in row.prompts:
                    if prompt.uuid in seen:
                        return f"the uuid of a prompt is used twice - at {at}"
                    seen.add(prompt.uuid)
            if isinstance(row, SessionOut) and any(
                rep.signal is not None and len(rep.signal.t_ms) != len(rep.signal.thousandths)
                for rep in row.reps
            ):
                return f"a signal has more times than values, or fewer - at {at}"
    if sum(len(bytes(raw)) for raw in file.settings.values()) > SETTINGS_AT_MOST:
        return "its settings are too large"
    for key, raw in file.settings.items():
        # Undecoded until it is known to be small: a list of empty lists takes thirty times its own size.
        if len(bytes(raw)) > SETTING_AT_MOST:
            return f"the setting {key[:40]!r} is too large"
        value = msgspec.json.decode(raw)
        if _deeper_than(SETTING_DEPTH, value) or any(_CONTROL.search(text) for text in (key, *_texts(value))):
            return f"the setting {key[:40]!r} is nested too deeply, or holds a control character"
    # In JSON a control character can only stand written out; so the decoded texts are looked through.
    if found := next((text for text in _texts(file) if _CONTROL.search(text)), None):
        return f"a text holds a control character: {found[:40]!r}"
    return None


def _wrong_times(row: _Row) -> str | None:
    times = [getattr(row, name, None) for name in ("started_utc", "ended_utc", "last_utc", "at_utc")]
    if isinstance(row, SitOut):
        times += [time for prompt in row.prompts for time in (prompt.at_utc, prompt.outcome_utc)]
    try:
        date.fromisoformat(row.local_date)
        for time in times:
            if time is not None:
                datetime.fromisoformat(time)
    except ValueError as error:
        return f"no such time ({error})"
    return None


def _deeper_than(depth: int, value: Any) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return depth == 0 or any(_deeper_than(depth - 1, it) for it in inner)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, SignalOut):
        yield from (value.signal, value.unit)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _texts(getattr(value, name) if name != "settings" else None)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
