"""The journal in a terminal: a list of sessions, or one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from loosen.coach.counting.result import ExerciseResult
from loosen.journal.store.records import SessionDetail, SessionRow
from loosen.routine.words import Words
from loosen.terminal import Terminal, table
from loosen.text import felt_texts, measure_text, moment_text, weekday_name

_NARROW = 60


def list_lines(rows: Sequence[SessionRow], terminal: Terminal, words: Words) -> list[str]:
    """Return the list of sessions: number, local time of where it was done, length, repetitions, notes.

    On a narrow terminal the notes stand on a line of their own.
    """
    cells, notes = [[words[f"journal.{name}"] for name in ("number", "when", "minutes", "reps")]], [""]
    for row in rows:
        weekday = weekday_name(row.started, words, short=True)
        when = f"{row.started:%Y-%m-%d} {weekday} {row.started:%H:%M}"
        cells.append([str(row.id), when, f"{row.minutes:.0f}", _reps(row, words)])
        notes.append(_notes(row, words))
    lines = table(cells, right=frozenset({0, 2, 3}))
    lines[0] = terminal.paint(lines[0], "dim")
    if terminal.width >= _NARROW:
        return [f"{line}   {note}".rstrip() for line, note in zip(lines, notes, strict=True)]
    return [
        part
        for line, note in zip(lines, notes, strict=True)
        for part in ([line, terminal.wrap(note, "    ")] if note else [line])
    ]


def session_lines(
    detail: SessionDetail, terminal: Terminal, words: Words, titles: Mapping[str, str]
) -> list[str]:
    """Return one session: when, how it felt before and after, and each exercise. `titles` by exercise id."""
    row = detail.session
    heading = words("journal.session", id=row.id, date=moment_text(row.started, words))
    lines = [
        terminal.paint(terminal.wrap(heading), "bold"),
        terminal.wrap(words("journal.length", minutes=f"{row.minutes:.0f}", notes=_notes(row, words))),
    ]
    if felt := felt_texts(((it.question, it.value) for it in detail.answers), words):
        lines += ["", *(terminal.wrap(line) for line in table(felt))]
    for result in detail.exercises:
        title = terminal.paint(titles.get(result.exercise, result.exercise), "bold")
        lines += ["", f"{title}, {words['journal.hurt']}" if result.hurt else title]
        lines += [terminal.wrap(text, "  ") for text in _result_texts(result, detail, words)]
    return lines


def _reps(row: SessionRow, words: Words) -> str:
    if not row.attempts:
        return words["journal.nothing"]
    if row.counted == row.attempts:
        return str(row.counted)
    return words("journal.some", counted=row.counted, attempts=row.attempts)


def _notes(row: SessionRow, words: Words) -> str:
    names = [row.how, "camera" if row.camera else "voice", *(["hurt"] if row.hurt else [])]
    return ", ".join(words[f"journal.{name}"] for name in names)


def _result_texts(result: ExerciseResult, detail: SessionDetail, words: Words) -> list[str]:
    if not result.attempts:
        return [words("journal.led", n=result.done) if result.done else words["journal.not-done"]]
    verdicts = ", ".join(words(f"journal.{verdict}", n=n) for verdict, n in result.verdicts.items())
    counts = {"counted": result.counted, "attempts": result.attempts, "verdicts": verdicts}
    texts = [words("journal.counted", **counts)]
    measured = []
    if result.range is not None:
        value = measure_text(result.range.value, result.range.plus_minus, result.range.unit)
        measured.append(words("journal.range", value=value))
    if result.stop_s is not None:
        measured.append(words("journal.stop", seconds=f"{result.stop_s:.1f}"))
    if measured:
        texts.append(", ".join(measured))
    reps = (rep for rep in detail.reps if rep.exercise == result.exercise)
    reasons = Counter(reason for rep in reps for reason in rep.reasons)
    return texts + [words("journal.reason", n=n, reason=reason) for reason, n in reasons.most_common()]
