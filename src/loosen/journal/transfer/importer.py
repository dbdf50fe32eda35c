"""A journal from elsewhere into this one: checked whole before anything changes, merged without doubles."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from loosen.errors import ImpossibleRecord, JournalError
from loosen.journal.store import integrity, queries, schema, setting_keys, statements
from loosen.journal.store.records import DoseChange, Plan, SessionRecord, Sit
from loosen.journal.store.statements import insert, json_text
from loosen.journal.transfer import exporter, validation
from loosen.journal.transfer.exporter import FORMAT, VERSION, Contents, Head, JournalFile

MAX_BYTES = 256 * 2**20
"""Larger exports are refused: read whole, they would need gigabytes. A backup of any size can be taken in."""

_T = TypeVar("_T", SessionRecord, Sit, DoseChange, Plan)


class Merged(NamedTuple):
    """What an import brought: how many sessions and sits were new, how many were here already, and what was left out.

    `unknown`: the settings of another loosen that this one has no use for.
    """

    sessions: int
    sits: int
    known: int
    unknown: tuple[str, ...] = ()


@contextmanager
def opened(path: Path, now: datetime) -> Iterator[Contents]:
    """Lend what is in an export or a backup. Raises JournalError, with the reason, if it is neither.

    `now` knows its offset from UTC: nothing is taken in that lies beyond it.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(integrity.MAGIC))
        size = path.stat().st_size
    except OSError as error:
        raise JournalError(f"{path} cannot be read ({error.strerror}): check the name.") from None
    if start == integrity.MAGIC:
        with _backup(path, now) as contents:
            yield contents
        return
    if size > MAX_BYTES:
        raise JournalError(
            f"{path} has {size / 2**20:.0f} MB; an export of at most {MAX_BYTES // 2**20} MB can be read."
            " Take in a backup instead: loosen journal backup"
        )
    yield parse(path.read_bytes(), now, str(path))


def parse(data: bytes, now: datetime, name: str = "the file") -> Contents:
    """Return what an export holds. Raises JournalError, with path and reason, if it is none."""
    try:
        head = msgspec.json.decode(data, type=Head)
        if head.format != FORMAT:
            raise JournalError(f"{name} is no export of loosen's journal.")
        if head.version != VERSION:
            raise JournalError(f"{name} is of version {head.version}; this loosen knows {VERSION}: update loosen.")
        file = msgspec.json.decode(data, type=JournalFile)
        validation.check_file(file, now)
        decoded = {key: msgspec.json.decode(raw) for key, raw in file.settings.items()}
    except ImpossibleRecord as why:
        raise _refused(name, why) from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise JournalError(f"{name} is no export of loosen's journal: {error}") from None
    except RecursionError:
        raise JournalError(f"{name} is no export of loosen's journal: nested too deeply.") from None
    return Contents(file.sessions, file.sits, file.doses, file.plans, decoded)


def _refused(name: object, why: object) -> JournalError:
    return JournalError(f"{name} is refused: {why}; correct or delete that where the file comes from.")


def merge(db: sqlite3.Connection, contents: Contents) -> Merged:
    """Add what is not here yet, by uuid; what is here stays as it is. For use inside one change."""
    here = {row[0] for row in db.execute("SELECT uuid FROM sessions UNION ALL SELECT uuid FROM sits")}
    known = added_sessions = added_sits = 0
    for session in contents.sessions:
        if session.uuid in here:
            known += 1
        else:
            _add_session(db, session)
            added_sessions += 1
    for sit in contents.sits:
        if sit.uuid in here:
            known += 1
        else:
            _add_sit(db, sit)
            added_sits += 1
    for table, records in (("doses", contents.doses), ("plans", contents.plans)):
        for record in records:
            db.execute(*insert(table, msgspec.structs.asdict(record), or_="IGNORE"))
    unknown = []
    for key, value in contents.settings.items():
        if key in setting_keys.OF_THIS_COMPUTER:
            continue
        if setting_keys.is_known(key):
            db.execute(*insert("settings", {"key": key, "value": json_text(value)}, or_="IGNORE"))
        else:
            unknown.append(key)
    return Merged(added_sessions, added_sits, known, tuple(unknown))


def _add_session(db: sqlite3.Connection, session: SessionRecord) -> None:
    row = msgspec.structs.asdict(session)
    reps, answers, events = (row.pop(name) for name in ("reps", "answers", "events"))
    db.execute(*insert("sessions", row))
    for rep in reps:
        db.execute(*statements.rep(session.uuid, rep))
    for answer in answers:
        db.execute(*statements.answer(session.uuid, answer))
    for event in events:
        db.execute(*statements.event(session.uuid, event))


def _add_sit(db: sqlite3.Connection, sit: Sit) -> None:
    row = msgspec.structs.asdict(sit)
    prompts = row.pop("prompts")
    number = db.execute(*insert("sits", row)).lastrowid
    for prompt in prompts:
        db.execute(*insert("prompts", {"sit": number} | msgspec.structs.asdict(prompt)))


@contextmanager
def _backup(path: Path, now: datetime) -> Iterator[Contents]:
    """Lend what is in another journal's file, which is copied first: not even its log is touched."""
    health = integrity.examine(path)
    if health.state != "ok":
        raise JournalError(
            f"{path} is no journal that can be taken in: {health.why or 'it is empty'}; name another backup."
        )
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        with (
            closing(integrity.only_to_read(path)) as source,
            closing(sqlite3.connect(copy, isolation_level=None)) as db,
        ):
            source.backup(db)
            schema.migrate(db)
            yield Contents(
                _checked(path, "sessions", lambda: exporter.sessions(db), now),
                _checked(path, "sits", lambda: queries.sits(db), now),
                _checked(path, "doses", lambda: queries.doses(db), now),
                _checked(path, "plans", lambda: queries.plans(db), now),
                _checked_settings(path, db),
            )


_UNREADABLE = (msgspec.MsgspecError, sqlite3.Error, ArithmeticError, LookupError, TypeError, ValueError, RecursionError)


def _checked(path: Path, kind: str, records: Callable[[], Iterable[_T]], now: datetime) -> Iterator[_T]:
    """Yield a backup's records as they are read, each held to what an export's must be."""
    at = f"$.{kind}"
    try:
        for index, read in enumerate(records()):
            at = f"$.{kind}[{index}]"
            # The database does not know the bounds that the record's type has: the conversion checks them.
            record = msgspec.convert(msgspec.to_builtins(read), type(read))
            validation.check_record(record, at, now)
            yield record
            at = f"$.{kind}[{index + 1}]"
    except ImpossibleRecord as why:
        raise _refused(path, why) from None
    except _UNREADABLE as error:
        raise _refused(path, f"{error} - at {at}") from error


def _checked_settings(path: Path, db: sqlite3.Connection) -> dict[str, Any]:
    try:
        rows = db.execute("SELECT CAST(key AS TEXT), CAST(value AS BLOB) FROM settings ORDER BY key")
        return validation.check_settings({str(key): value for key, value in rows})
    except (ImpossibleRecord, *_UNREADABLE) as error:
        raise _refused(path, error) from None
