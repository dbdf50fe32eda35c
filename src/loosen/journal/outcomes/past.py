"""What earlier sessions tell a session of the person, read from the journal."""

from __future__ import annotations

import sqlite3
import statistics
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal

from loosen.body.signal_catalogue import SIGNALS
from loosen.coach.counting.rep import Side
from loosen.coach.counting.template import Template
from loosen.coach.guidance.past import MATTERS, CareDue, Past, Templates
from loosen.journal.outcomes.choices import dose_changes
from loosen.journal.outcomes.doses import own_doses
from loosen.journal.outcomes.hindrance import is_due, read_hindrances
from loosen.journal.outcomes.ways import is_left_out, read_ways
from loosen.journal.store import queries
from loosen.journal.store.moments import utc_text
from loosen.journal.store.setting_keys import CARE_READ, template_key
from loosen.routine.model import FirstLook, Routine

RECENT_SESSIONS = 100
"""Among so many sessions before the camera the own range is looked for: further back lies another body."""
RANGE_WEIGHTS = (5, 4, 3, 2, 1)
"""What the last five sessions with an exercise weigh for the own range, the newest first."""
CARE_AGAIN = timedelta(days=30)
HURTS_FOR = timedelta(days=90)
"""What hurt is asked about for so long, also where nobody has called it fine; our judgement."""


def read_past(db: sqlite3.Connection, routine: Routine, now: datetime) -> Past:
    """Return what earlier sessions with this routine tell, as of `now`; what cannot be read is as if it were not."""
    today, known = now.date(), {it.id for it in routine.all_exercises()}
    ways, said = read_ways(db, routine), read_hindrances(db)
    holding = said[-1] if said else None
    return Past(
        care_due=_care_due(db, now),
        ranges=own_ranges(db, routine),
        templates=_templates(db, routine),
        doses=own_doses(routine, dose_changes(db, routine.id)),
        heard=_heard(db, routine),
        hurt_days=_hurt_days(db, today),
        hurting=frozenset(_hurting(db, routine, today) & known),
        variants={name: way.variant for name, way in ways.items() if way.variant},
        left_out=frozenset(name for name, way in ways.items() if is_left_out(way, now)),
        first_look=_first_look(db, routine.id, routine.first_look, today),
        hindered="" if holding is None else holding.text,
        hindered_due=is_due(db, holding, today),
    )


# -- the own range -----------------------------------------------------------------------------------------


def own_ranges(db: sqlite3.Connection, routine: Routine) -> dict[str, float]:
    """Return the person's own range in each exercise that was counted before the camera, in its signal's unit."""
    rows = db.execute(
        "SELECT exercise, session, json_extract(measures, '$.range[0]'), json_extract(measures, '$.range[1]')"
        " FROM reps JOIN sessions s ON s.id = session"
        " WHERE session IN (SELECT id FROM sessions WHERE routine = ? AND camera"
        "  ORDER BY started_utc DESC, id DESC LIMIT ?)"
        " AND counted AND json_extract(measures, '$.range[0]') IS NOT NULL ORDER BY s.started_utc DESC, s.id DESC",
        (routine.id, RECENT_SESSIONS),
    )
    units = {it.id: SIGNALS[it.seen.signal].unit_text for it in routine.all_exercises()}
    found: dict[str, dict[int, list[float]]] = {}
    for exercise, session, value, unit in rows:
        if unit == units.get(exercise):
            found.setdefault(exercise, {}).setdefault(session, []).append(float(value))
    return {exercise: own_range(list(by_session.values())) for exercise, by_session in found.items()}


def own_range(sessions: Sequence[Sequence[float]]) -> float:
    """Return a person's own range from the counted repetitions of sessions, the newest session first.

    Each session gives the upper quartile of its repetitions: what he reaches when it goes well, and no single reading
    of the camera. Of the last five sessions it is the median, weighted 5, 4, 3, 2, 1 from the newest on. So two
    sessions that agree decide, a bad spell lowers the mark with its second session and a good one lifts it as soon,
    while a single session, lucky or sore, moves nothing. Of two sessions, where none can be outvoted, it is the lower:
    a mark too low costs nothing, one too high calls a person's best shallow. The weights are our judgement.
    """
    values = [_upper_quartile(values) for values in sessions[: len(RANGE_WEIGHTS)]]
    if len(values) < 3:
        return min(values)
    weighed = sorted(zip(values, RANGE_WEIGHTS, strict=False))
    half, below = sum(weight for _, weight in weighed) / 2, 0
    for value, weight in weighed:
        below += weight
        if below >= half:
            return value
    raise RuntimeError("weights that come to less than half of themselves")


def _upper_quartile(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=4, method="inclusive")[-1] if len(values) > 1 else values[0]


# -- what was told, asked and answered ---------------------------------------------------------------------


def _heard(db: sqlite3.Connection, routine: Routine) -> dict[str, int]:
    rows = db.execute(
        "SELECT exercise, count(DISTINCT session) FROM events WHERE what = 'exercise-begun' AND session IN"
        " (SELECT id FROM sessions WHERE routine = ? ORDER BY started_utc DESC, id DESC LIMIT ?) GROUP BY exercise",
        (routine.id, RECENT_SESSIONS),
    )
    return {exercise: n for exercise, n in rows if exercise is not None}


def _hurt_days(db: sqlite3.Connection, today: date) -> int | None:
    last = db.execute(
        "SELECT max(local_date) FROM sessions JOIN events ON session = sessions.id WHERE what = 'hurt'"
    ).fetchone()[0]
    return None if last is None else max((today - date.fromisoformat(last)).days, 0)


def _hurting(db: sqlite3.Connection, routine: Routine, today: date) -> set[str]:
    """Return the exercises of which "this hurts" was said last, and not "fine", within `HURTS_FOR`."""
    rows = db.execute(
        "SELECT exercise, what FROM events JOIN sessions s ON s.id = session"
        " WHERE what IN ('hurt', 'fine') AND routine = ? AND local_date >= ? ORDER BY started_utc, s.id, events.id",
        (routine.id, (today - HURTS_FOR).isoformat()),
    )
    last = {exercise: what for exercise, what in rows if exercise is not None}
    return {exercise for exercise, what in last.items() if what == "hurt"}


def _first_look(
    db: sqlite3.Connection, routine: str, rule: FirstLook | None, today: date
) -> Literal["", "fine", "worse"]:
    row = db.execute(
        "SELECT detail, local_date FROM events JOIN sessions s ON s.id = session"
        " WHERE what = 'first-look' AND routine = ? ORDER BY started_utc DESC, s.id DESC, events.id DESC LIMIT 1",
        (routine,),
    ).fetchone()
    if rule is None or row is None:
        return ""
    if row[0] in ("better", "same"):
        return "fine"
    return "worse" if (today - date.fromisoformat(row[1])).days < rule.again_after_days else ""


def _care_due(db: sqlite3.Connection, now: datetime) -> CareDue:
    """Return why the safety note is to be read now.

    An earlier loosen kept only that it was read: then it was with the last session that tells of it, or the first.
    """
    kept = queries.setting(db, CARE_READ, bool | str, False)
    if not kept:
        return "first"
    read = kept if isinstance(kept, str) else _care_event(db)
    if (risen := _risen_utc(db)) is not None and read < risen:
        return "risen"
    return "monthly" if read <= utc_text(now - CARE_AGAIN) else ""


def _care_event(db: sqlite3.Connection) -> str:
    last = db.execute(
        "SELECT max(started_utc) FROM sessions JOIN events ON session = sessions.id WHERE what = 'care-read'"
    ).fetchone()[0]
    first = db.execute("SELECT min(started_utc) FROM sessions").fetchone()[0]
    return str(last or first or "")


def _risen_utc(db: sqlite3.Connection) -> str | None:
    """Return when the last session with an answer on soreness ended, if it rose over it, or since the one before."""
    rows = db.execute(
        "SELECT coalesce(ended_utc, started_utc),"
        " max(CASE question WHEN 'soreness-before' THEN value END),"
        " max(CASE question WHEN 'soreness-after' THEN value END)"
        " FROM sessions JOIN answers ON session = sessions.id"
        " WHERE question IN ('soreness-before', 'soreness-after') AND value IS NOT NULL"
        " GROUP BY sessions.id ORDER BY started_utc DESC, sessions.id DESC LIMIT 2"
    ).fetchall()
    if not rows:
        return None
    ended, before, after = rows[0]
    earlier = rows[1][1] if len(rows) > 1 else None
    over = before is not None and after is not None and after - before >= MATTERS
    since = before is not None and earlier is not None and before - earlier >= MATTERS
    return str(ended) if over or since else None


def _templates(db: sqlite3.Connection, routine: Routine) -> Templates:
    """Return what was learnt of the person's good repetitions, without what cannot be read."""
    found: Templates = {}
    for exercise in routine.all_exercises():
        nothing: dict[Side, Template] = {}
        if kept := queries.setting(db, template_key(routine.id, exercise.id), dict[Side, Template], nothing):
            found[exercise.id] = kept
    return found
