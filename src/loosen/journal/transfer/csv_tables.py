"""The journal as CSV, for a spreadsheet: one table at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from loosen.journal.outcomes.period import Period
from loosen.journal.store.records import Hurt
from loosen.journal.transfer.exporter import Contents

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MEASURES = ("range", "range_left", "range_right", "left_right", "still_s", "out_s", "back_s", "also")

EXERCISES = (
    "session", "local_date", "started", "routine", "how", "camera", "minutes", "soreness_before", "soreness_after",
    "stiffness_before", "stiffness_after", "exercise", "attempts", "counted", "done", "hurt", "range", "plus_minus",
    "unit", "left", "right", "left_less_right", "stop_s", "out_s", "back_s", "full", "shallow", "rushed", "no_stop",
    "partial", "gentle_day", "hurt_place", "hurt_score", "also", "also_plus_minus", "also_unit", "hindered",
    "next_morning",
)  # fmt: skip
REPETITIONS = (
    "session_uuid", "local_date", "started_utc", "exercise", "set", "side", "verdict", "counted", "start_s", "peak_s",
    "end_s", "reasons", "unit", "plus_minus", *_MEASURES,
)  # fmt: skip
SITS = (
    "uuid", "local_date", "started_utc", "last_utc", "utc_offset_min", "minutes", "ending", "prompts", "answered",
)  # fmt: skip


def exercises_csv(period: Period) -> Iterator[str]:
    """Yield a line for each exercise of each session; values are medians over the counted repetitions."""
    asked = ("soreness-before", "soreness-after", "stiffness-before", "stiffness-after")
    verdicts = ("full", "shallow", "rushed", "no-stop", "partial")
    yield from _lines(
        EXERCISES,
        (
            (
                session.id, session.day, session.started.isoformat(timespec="seconds"), session.routine, session.how,
                session.camera, session.minutes, *(session.ratings.get(question) for question in asked),
                it.exercise, it.attempts, it.counted, it.done, it.hurt,
                *(getattr(it.range, name, None) for name in ("value", "plus_minus", "unit")),
                it.left, it.right, getattr(it.apart, "value", None), it.stop_s, it.out_s, it.back_s,
                *(it.verdicts.get(verdict, 0) for verdict in verdicts),
                session.gentle, *_worst(session.hurts, it.exercise),
                *(getattr(it.also, name, None) for name in ("value", "plus_minus", "unit")),
                session.ratings.get("hindered"), session.morning,
            )
            for session in period.sessions
            for it in session.exercises
        ),
    )  # fmt: skip


def _worst(hurts: Iterable[Hurt], exercise: str) -> tuple[str, int | None]:
    """Return where an exercise hurt and how much; said more than once, the worst of it."""
    those = [it for it in hurts if it.exercise == exercise]
    worst = max(those, key=lambda it: -1 if it.score is None else it.score, default=Hurt(exercise))
    return worst.place, worst.score


def repetitions_csv(contents: Contents) -> Iterator[str]:
    """Yield a line for each repetition, in the order of time."""
    yield from _lines(
        REPETITIONS,
        (
            (
                session.uuid, session.local_date, session.started_utc, rep.exercise, rep.set_number, rep.side,
                rep.verdict, rep.counted, rep.start_s, rep.peak_s, rep.end_s, "; ".join(rep.reasons),
                *(getattr(rep.measures.get("range"), name, None) for name in ("unit", "plus_minus")),
                *(rep.measures[name].value if name in rep.measures else None for name in _MEASURES),
            )
            for session in contents.sessions
            for rep in session.reps
        ),
    )  # fmt: skip


def sits_csv(contents: Contents) -> Iterator[str]:
    """Yield a line for each unbroken stretch of sitting."""
    yield from _lines(
        SITS,
        (
            (
                sit.uuid, sit.local_date, sit.started_utc, sit.last_utc, sit.utc_offset_min, round(sit.seconds / 60, 1),
                sit.ending, len(sit.prompts), sum(prompt.answered for prompt in sit.prompts),
            )
            for sit in contents.sits
        ),
    )  # fmt: skip


def _lines(names: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        if text.tell() > 2**16:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _cell(value: Any) -> Any:
    """Return what goes into a cell; a text that a spreadsheet would run as a formula gets an apostrophe."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value
