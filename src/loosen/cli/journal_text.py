"""The journal as text: the list of sessions, or one of them."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from loosen.cli.terminal import paragraph, table
from loosen.coach.counting.result import ExerciseResult
from loosen.journal.store.records import Hurt, SessionResult, SessionRow
from loosen.routine.model import Exercise, Seen
from loosen.routine.words import Words
from loosen.text import felt_texts, hurt_text, moment_text, weekday_name

if TYPE_CHECKING:
    from rich.padding import Padding

    from loosen.cli.terminal import Shown

_NARROW = 60
"""Columns of a terminal below which there is no room for the notes beside the rest."""


def list_table(rows: Sequence[SessionRow], words: Words) -> Padding:
    """Return the list of sessions: number, local time of where it was done, length, repetitions, notes.

    On a narrow terminal the notes stand below the time.
    """
    is_narrow = shutil.get_terminal_size().columns < _NARROW
    head = [Text(words[f"journal.{name}"], "dim") for name in ("number", "when", "minutes", "reps")]
    cells: list[list[str | Text]] = [[*head, ""]]
    for row in rows:
        weekday, note = weekday_name(row.started, words, short=True), _notes(row, words)
        when = f"{row.started:%Y-%m-%d} {weekday} {row.started:%H:%M}"
        below, beside = (f"\n{note}", "") if is_narrow else ("", f" {note}")
        cells.append([str(row.id), when + below, f"{row.minutes:.0f}", _reps(row, words), beside])
    return table(cells, right=frozenset({0, 2, 3}))


def session_text(session: SessionResult, words: Words, exercises: Mapping[str, Exercise]) -> Iterator[Shown]:
    """Yield one session: when, how it felt before and after, and each exercise. `exercises`: the routine's, by id."""
    heading = words("journal.session", id=session.id, date=moment_text(session.started, words))
    yield paragraph(heading, style="bold")
    yield paragraph(words("journal.length", minutes=f"{session.minutes:.0f}", notes=_notes(session, words)))
    if felt := felt_texts(((it.question, it.value) for it in session.answers), words, session.morning):
        yield ""
        yield table(felt)
    for result in session.exercises:
        yield ""
        exercise = exercises.get(result.exercise)
        title = result.exercise if exercise is None else exercise.title
        hurts = [_hurt(it, words) for it in session.hurts if it.exercise == result.exercise]
        yield paragraph(", ".join([title, *hurts]), style="bold")
        seen = None if exercise is None else exercise.seen
        yield from (paragraph(text, 2) for text in _result_texts(result, session, seen, words))


def _reps(row: SessionRow, words: Words) -> str:
    if not row.attempts:
        return words["journal.nothing"]
    if row.counted == row.attempts:
        return str(row.counted)
    return words("journal.some", counted=row.counted, attempts=row.attempts)


def _notes(row: SessionRow, words: Words) -> str:
    names = [row.how, "camera" if row.camera else "voice"]
    names += [name for name in ("gentle", "hurt") if getattr(row, name)]
    return ", ".join(words[f"journal.{name}"] for name in names)


def _hurt(hurt: Hurt, words: Words) -> str:
    told = hurt_text(hurt.place, hurt.score, words)
    return words("journal.hurt-told", told=told) if told else words["journal.hurt"]


def _result_texts(result: ExerciseResult, session: SessionResult, seen: Seen | None, words: Words) -> list[str]:
    if not result.attempts:
        return [words("journal.led", n=result.done) if result.done else words["journal.not-done"]]
    verdicts = ", ".join(words(f"journal.{verdict}", n=n) for verdict, n in result.verdicts.items())
    counts = {"counted": result.counted, "attempts": result.attempts, "verdicts": verdicts}
    texts = [words("journal.counted", **counts)]
    if (led := result.done - result.counted) > 0:
        texts.append(words("journal.led-more", n=led))
    measured = result.range_texts(seen, words)
    if result.stop_s is not None:
        measured.append(words("journal.stop", seconds=f"{result.stop_s:.1f}"))
    if measured:
        texts.append(", ".join(measured))
    reps = (rep for rep in session.reps if rep.exercise == result.exercise)
    reasons = Counter(reason for rep in reps for reason in rep.reasons)
    return texts + [words("journal.reason", n=n, reason=reason) for reason, n in reasons.most_common()]
