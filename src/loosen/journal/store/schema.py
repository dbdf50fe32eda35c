"""The journal's tables, and the way from each version of them to the next.

A version that has been released is never edited: what changes is one more entry at the end of `MIGRATIONS`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

APPLICATION_ID = 0x6C6F6F73
"""Marks the file as ours ("loos"), so that another program's database is never taken for a journal."""

_SESSION = """uuid TEXT NOT NULL UNIQUE,
    started_utc TEXT NOT NULL,
    local_date TEXT NOT NULL,
    utc_offset_min INTEGER NOT NULL,
    ended_utc TEXT,
    how TEXT CHECK (how IN ('finished', 'stopped')),
    routine TEXT NOT NULL,
    camera INTEGER NOT NULL"""
_SESSIONS_BY = """CREATE INDEX sessions_by_start ON sessions (started_utc);
CREATE INDEX sessions_by_day ON sessions (local_date);
"""

_VERSION_1 = f"""
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    {_SESSION}
);
{_SESSIONS_BY}CREATE TABLE answers (
    session INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    question TEXT NOT NULL,
    value INTEGER,
    t_s REAL NOT NULL,
    PRIMARY KEY (session, question)
);
CREATE TABLE reps (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    exercise TEXT NOT NULL,
    set_number INTEGER NOT NULL,
    set_side TEXT NOT NULL,
    side TEXT NOT NULL,
    verdict TEXT NOT NULL,
    counted INTEGER NOT NULL,
    start_s REAL NOT NULL,
    peak_s REAL NOT NULL,
    end_s REAL NOT NULL,
    faults TEXT NOT NULL,
    reasons TEXT NOT NULL,
    measures TEXT NOT NULL,
    trace BLOB
);
CREATE INDEX reps_by_session ON reps (session, counted);
CREATE INDEX reps_by_exercise ON reps (exercise, session);
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    t_s REAL NOT NULL,
    what TEXT NOT NULL,
    exercise TEXT,
    detail TEXT NOT NULL,
    value INTEGER
);
CREATE INDEX events_by_session ON events (session, what);
CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
"""

# A sit's `ending`: up (away long enough, or as the camera or the person says), away (locked, suspended), or paused.
# A prompt's `why`: the natural pause, the latest moment, the end of a call, or a second, gentle one.
_VERSION_2 = """
CREATE TABLE sits (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    started_utc TEXT NOT NULL,
    local_date TEXT NOT NULL,
    utc_offset_min INTEGER NOT NULL,
    last_utc TEXT NOT NULL,
    seconds REAL NOT NULL,
    ending TEXT CHECK (ending IN ('up', 'away', 'paused'))
);
CREATE INDEX sits_by_day ON sits (local_date);
CREATE TABLE prompts (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    sit INTEGER NOT NULL REFERENCES sits (id) ON DELETE CASCADE,
    at_utc TEXT NOT NULL,
    sat_s REAL NOT NULL,
    why TEXT NOT NULL CHECK (why IN ('pause', 'latest', 'after-call', 'second')),
    exercise TEXT,
    snoozes INTEGER NOT NULL DEFAULT 0,
    outcome TEXT CHECK (outcome IN ('confirmed', 'away', 'said', 'missed')),
    outcome_utc TEXT
);
CREATE INDEX prompts_by_sit ON prompts (sit);
"""

# A dose's `what`: the person's own, or his answer to an offered step. A plan's: made, declined, or dropped again.
_VERSION_3 = """
CREATE TABLE doses (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    at_utc TEXT NOT NULL,
    local_date TEXT NOT NULL,
    utc_offset_min INTEGER NOT NULL,
    routine TEXT NOT NULL,
    exercise TEXT NOT NULL,
    sets INTEGER NOT NULL,
    reps INTEGER NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('own', 'yes', 'no', 'later'))
);
CREATE TABLE plans (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    at_utc TEXT NOT NULL,
    local_date TEXT NOT NULL,
    utc_offset_min INTEGER NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('made', 'declined', 'dropped')),
    cue TEXT NOT NULL,
    part TEXT NOT NULL CHECK (part IN ('morning', 'midday', 'afternoon', 'evening'))
);
"""

# A session's number is never given to another one: who deletes "12" twice must not lose what came in between.
_VERSION_4 = f"""
CREATE TABLE numbered (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    {_SESSION}
);
INSERT INTO numbered (id, uuid, started_utc, local_date, utc_offset_min, ended_utc, how, routine, camera)
    SELECT id, uuid, started_utc, local_date, utc_offset_min, ended_utc, how, routine, camera FROM sessions;
DROP TABLE sessions;
ALTER TABLE numbered RENAME TO sessions;
{_SESSIONS_BY}"""

# What tells a journal from another one at the same place: whether a missing session was deleted or lies elsewhere.
_VERSION_5 = """
CREATE TABLE journal (uuid TEXT NOT NULL);
INSERT INTO journal (uuid) VALUES (lower(hex(randomblob(16))));
UPDATE reps SET trace = repacked(trace) WHERE trace IS NOT NULL;
"""

MIGRATIONS: tuple[str, ...] = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4, _VERSION_5)
"""`MIGRATIONS[n]` leads from version n to version n + 1; an empty file is version 0."""


def newest() -> int:
    """Return the version of the tables that this loosen writes."""
    return len(MIGRATIONS)


def version_of(db: sqlite3.Connection) -> int:
    """Return the version of the tables in an open database."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def migrate(db: sqlite3.Connection, migrations: Sequence[str] | None = None) -> None:
    """Bring the tables to the newest version, each step whole or not at all.

    The version is read again inside the transaction: another process may be doing the same. Raises
    sqlite3.Error; the database is then as it was before the failing step.
    """
    steps = MIGRATIONS if migrations is None else migrations
    if version_of(db) >= len(steps):
        return
    db.create_function("repacked", 1, _repacked)
    # A table that is made anew would take with it what refers to its rows; and inside a transaction this is ignored.
    held = db.execute("PRAGMA foreign_keys").fetchone()[0]
    db.execute("PRAGMA foreign_keys = OFF")
    try:
        _step_up(db, steps)
    finally:
        db.execute(f"PRAGMA foreign_keys = {held}")


def _repacked(trace: bytes) -> bytes:
    # Imported where an old journal has traces only: the get-up service must stay small.
    from loosen.journal.store.traces import repacked

    return repacked(trace)


def _step_up(db: sqlite3.Connection, steps: Sequence[str]) -> None:
    while version_of(db) < len(steps):
        db.execute("BEGIN IMMEDIATE")
        try:
            version = version_of(db)
            if version < len(steps):
                # One by one: `executescript` would commit the open transaction first.
                for statement in steps[version].split(";\n"):
                    db.execute(statement)
                db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                db.execute(f"PRAGMA user_version = {version + 1}")
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise
