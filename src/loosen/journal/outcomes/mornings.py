"""The morning after: how the back was on the morning after a session, asked once and answered by one tap."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta

from loosen.coach.guidance.stage import Happened
from loosen.journal.store import queries, statements
from loosen.journal.store.records import NEXT_MORNING, Morning, SessionRow

ASKED_WITHIN = timedelta(days=3)


def waiting_session(db: sqlite3.Connection, today: date) -> SessionRow | None:
    """Return the session whose next morning may be asked about: the last of an earlier day, if it was not answered.

    It lies at most three days back: who is asked later does not remember. One in which nothing was done is passed over.
    """
    row = queries.last_active_session(db, today - ASKED_WITHIN, today - timedelta(days=1))
    if row is None:
        return None
    answered = "SELECT 1 FROM events WHERE session = ? AND what = ?"
    return None if db.execute(answered, (row.id, NEXT_MORNING)).fetchone() else row


def keep_morning(db: sqlite3.Connection, session: str, answer: Morning) -> None:
    """Keep an answer with the session with this uuid; an earlier one is replaced. Inside one change.

    Its time is the session's last one, so that nobody takes the night for part of the session.
    """
    row = db.execute("SELECT id FROM sessions WHERE uuid = ?", (session,)).fetchone()
    if row is None:
        return
    db.execute("DELETE FROM events WHERE session = ? AND what = ?", (row[0], NEXT_MORNING))
    last_s = queries.last_time_s(db, row[0])
    db.execute(*statements.event(session, Happened(last_s, NEXT_MORNING, detail=answer)))
