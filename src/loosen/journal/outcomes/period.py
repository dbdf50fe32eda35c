"""What a stretch of days held, read from the journal into a line for each session, exercise and day of sitting."""

from __future__ import annotations

import math
import sqlite3
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from loosen.journal.store import queries
from loosen.journal.store.records import Measures

_measures = msgspec.json.Decoder(Measures)


class ExercisePast(msgspec.Struct, frozen=True, kw_only=True):
    """One exercise in one session. Values are medians over the counted repetitions; None where none was measured.

    `range` with `plus_minus` (half a 95% interval: the camera's error does not average away) in `unit`. `even` is left
    less right, uncertain by `even_plus_minus`. `done`: repetitions seen and counted, or led by voice. `verdicts` and
    `faults` count attempts.
    """

    exercise: str
    attempts: int
    counted: int
    done: int
    hurt: bool
    verdicts: dict[str, int]
    faults: dict[str, int]
    range: float | None = None
    plus_minus: float = 0.0
    unit: str = ""
    stop_s: float | None = None
    out_s: float | None = None
    back_s: float | None = None
    left: float | None = None
    right: float | None = None
    even: float | None = None
    even_plus_minus: float = 0.0


class SessionPast(msgspec.Struct, frozen=True, kw_only=True):
    """One session. Answers by question id ("soreness-before"), only those that were given."""

    id: int
    started: datetime
    day: date
    minutes: float
    how: str
    routine: str
    camera: bool
    hurt: bool
    answers: dict[str, int]
    exercises: tuple[ExercisePast, ...]

    @property
    def active(self) -> bool:
        """Whether anything was done in it."""
        return self.how == "finished" or any(one.attempts or one.done for one in self.exercises)


class SitDay(msgspec.Struct, frozen=True, kw_only=True):
    """The sitting of one day, in minutes. `answered` of `prompts` to get up were followed."""

    day: date
    sits: int
    longest_min: float
    total_min: float
    prompts: int = 0
    answered: int = 0


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """Everything from `first` to `last`, both included, in the order of time."""

    first: date
    last: date
    sessions: tuple[SessionPast, ...]
    sitting: tuple[SitDay, ...]

    @property
    def weeks(self) -> int:
        """How many weeks, begun ones included."""
        return -(-((self.last - self.first).days + 1) // 7)

    def active_days(self) -> set[date]:
        """Return the local dates on which something was done."""
        return {session.day for session in self.sessions if session.active}

    def exercises(self) -> tuple[str, ...]:
        """Return the ids of the exercises in it, in the order of their first appearance."""
        return tuple(dict.fromkeys(one.exercise for it in self.sessions for one in it.exercises))


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def read_period(db: sqlite3.Connection, first: date, last: date) -> Period:
    """Read what lies from `first` to `last`, by the local date of where each thing was done."""
    between = (first.isoformat(), last.isoformat())
    rows = queries.sessions_between(db, *between)
    reps = _grouped(
        db.execute(
            "SELECT r.session, r.exercise, r.side, r.verdict, r.counted, r.faults, r.measures FROM sessions s"
            " JOIN reps r ON r.session = s.id WHERE s.local_date BETWEEN ? AND ? ORDER BY r.id",
            between,
        )
    )
    answers = _grouped(
        db.execute(
            "SELECT a.session, a.question, a.value FROM sessions s JOIN answers a ON a.session = s.id"
            " WHERE s.local_date BETWEEN ? AND ? AND a.value IS NOT NULL",
            between,
        )
    )
    events = _grouped(
        db.execute(
            "SELECT e.session, e.what, e.exercise, e.value FROM sessions s JOIN events e ON e.session = s.id"
            " WHERE s.local_date BETWEEN ? AND ? AND e.what IN ('exercise-begun', 'exercise-ended', 'led', 'hurt')"
            " AND e.exercise IS NOT NULL ORDER BY e.id",
            between,
        )
    )
    sessions = tuple(
        SessionPast(
            id=row.id,
            started=row.started,
            day=date.fromisoformat(row.local_date),
            minutes=row.minutes,
            how=row.how,
            routine=row.routine,
            camera=row.camera,
            hurt=row.hurt,
            answers=dict(answers.get(row.id, ())),
            exercises=_exercises(reps.get(row.id, []), events.get(row.id, [])),
        )
        for row in rows
    )
    return Period(first=first, last=last, sessions=sessions, sitting=_sitting(db, between))


def everything(db: sqlite3.Connection) -> Period:
    """Read all that the journal holds."""
    return read_period(db, date.min, date.max)


def first_day(db: sqlite3.Connection) -> date | None:
    """Return the first day of which the journal knows anything."""
    row = db.execute(
        "SELECT min(day) FROM (SELECT min(local_date) AS day FROM sessions"
        " UNION ALL SELECT min(local_date) FROM sits)"
    ).fetchone()
    return None if row[0] is None else date.fromisoformat(row[0])


def first_session_day(db: sqlite3.Connection) -> date | None:
    """Return the local date of the first session."""
    row = db.execute("SELECT min(local_date) FROM sessions").fetchone()
    return None if row[0] is None else date.fromisoformat(row[0])


def _sitting(db: sqlite3.Connection, between: tuple[str, str]) -> tuple[SitDay, ...]:
    prompts = {
        day: (n, answered)
        for day, n, answered in db.execute(
            "SELECT s.local_date, count(*), sum(p.outcome IN ('confirmed', 'away', 'said')) FROM sits s"
            " JOIN prompts p ON p.sit = s.id WHERE s.local_date BETWEEN ? AND ? GROUP BY s.local_date",
            between,
        )
    }
    rows = db.execute(
        "SELECT local_date, count(*), max(seconds), sum(seconds) FROM sits"
        " WHERE local_date BETWEEN ? AND ? GROUP BY local_date ORDER BY local_date",
        between,
    )
    return tuple(
        SitDay(
            day=date.fromisoformat(day),
            sits=n,
            longest_min=round(longest_s / 60, 1),
            total_min=round(total_s / 60, 1),
            prompts=prompts.get(day, (0, 0))[0],
            answered=int(prompts.get(day, (0, 0))[1] or 0),
        )
        for day, n, longest_s, total_s in rows
    )


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    groups: dict[int, list[tuple[Any, ...]]] = {}
    for number, *rest in rows:
        groups.setdefault(number, []).append(tuple(rest))
    return groups


def _exercises(
    reps: Sequence[tuple[Any, ...]], events: Sequence[tuple[Any, ...]]
) -> tuple[ExercisePast, ...]:
    """Sum up a session's rows: repetitions (exercise, side, verdict, ...) and events (what, exercise, value)."""
    of_exercise: dict[str, list[tuple[Any, ...]]] = {exercise: [] for _, exercise, _ in events}
    for exercise, *rest in reps:
        of_exercise.setdefault(exercise, []).append(tuple(rest))
    # "exercise-ended" tells how many were done, seen or led; without it, what the voice had led so far.
    ended = {exercise: value or 0 for what, exercise, value in events if what in ("led", "exercise-ended")}
    hurt = {exercise for what, exercise, _ in events if what == "hurt"}
    return tuple(
        _exercise(exercise, rows, ended.get(exercise, 0), exercise in hurt)
        for exercise, rows in of_exercise.items()
    )


def _exercise(exercise: str, rows: list[tuple[Any, ...]], ended: int, hurt: bool) -> ExercisePast:
    counted = [(side, _measures.decode(measures)) for side, _, was, _, measures in rows if was]
    faults = Counter(fault for *_, named, _ in rows for fault in msgspec.json.decode(named))
    measured = [measures["range"] for _, measures in counted if "range" in measures]
    left, right = (_side(counted, side) for side in ("left", "right"))
    even = _median(counted, "left_right")
    even_errors = [named["left_right"][2] for _, named in counted if "left_right" in named]
    if even is None and left is not None and right is not None:
        even = left - right
        even_errors = [math.sqrt(2) * it[2] for it in measured]
    return ExercisePast(
        exercise=exercise,
        attempts=len(rows),
        counted=len(counted),
        done=max(len(counted), ended),
        hurt=hurt,
        verdicts=dict(Counter(row[1] for row in rows).most_common()),
        faults=dict(faults.most_common()),
        range=_median(counted, "range"),
        plus_minus=statistics.median(it[2] for it in measured) if measured else 0.0,
        unit=measured[0][1] if measured else "",
        stop_s=_median(counted, "still_s", "stop_s"),
        out_s=_median(counted, "out_s"),
        back_s=_median(counted, "back_s"),
        left=left,
        right=right,
        even=even,
        even_plus_minus=statistics.median(even_errors) if even is not None and even_errors else 0.0,
    )


def _side(counted: Sequence[tuple[str, Measures]], side: str) -> float | None:
    """Return a side's own range: measured as such, or that of the repetitions that were this side's."""
    both = _median(counted, f"range_{side}")
    return both if both is not None else _median([one for one in counted if one[0] == side], "range")


def _median(counted: Sequence[tuple[str, Measures]], *names: str) -> float | None:
    """Return the median of the first of these measures that was taken at all."""
    for name in names:
        if values := [measures[name][0] for _, measures in counted if name in measures]:
            return statistics.median(values)
    return None
