"""The journal in a terminal: a list of sessions, or one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from loosen.journal.store.records import ExerciseRow, Rating, SessionDetail, SessionRow, parts
from loosen.routine.words import Words
from loosen.terminal import Terminal, table
from loosen.text import day_text, measure_text, weekday_name

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
    when = f"{day_text(row.started, words)}, {row.started:%H:%M}"
    heading = words("journal.session", id=row.id, date=when)
    lines = [
        terminal.paint(terminal.wrap(heading), "bold"),
        terminal.wrap(words("journal.length", minutes=f"{row.minutes:.0f}", notes=_notes(row, words))),
    ]
    if told := felt(detail.answers, words):
        lines += ["", *(terminal.wrap(line) for line in table(told))]
    for part in parts(detail):
        title = terminal.paint(titles.get(part.exercise, part.exercise), "bold")
        lines += ["", f"{title}, {words['journal.hurt']}" if part.hurt else title]
        if part.seen is not None:
            lines += _exercise_lines(part.seen, detail, terminal, words)
        elif part.led:
            lines.append(terminal.wrap(words("journal.led", n=part.led), "  "))
        else:
            lines.append("  " + words["journal.not-done"])
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


def felt(answers: Sequence[Rating], words: Words) -> list[list[str]]:
    """Return a row for each thing asked: the answers before and after (question ids end in these)."""
    asked: dict[str, dict[str, str]] = {}
    for answer in answers:
        thing, _, when = answer.question.rpartition("-")
        if when not in ("before", "after"):
            continue
        said = answer.value is not None
        value = words("journal.of-ten", value=answer.value) if said else words["journal.not-said"]
        asked.setdefault(thing, {})[when] = words(f"journal.{when}", value=value)
    return [
        [thing.capitalize(), *(given.get(when, "") for when in ("before", "after"))]
        for thing, given in asked.items()
    ]


def _exercise_lines(
    exercise: ExerciseRow, detail: SessionDetail, terminal: Terminal, words: Words
) -> list[str]:
    verdicts = ", ".join(words(f"journal.{verdict}", n=n) for verdict, n in exercise.verdicts.items())
    counts = {"counted": exercise.counted, "attempts": exercise.attempts, "verdicts": verdicts}
    texts = [words("journal.counted", **counts)]
    seen = []
    if exercise.range_best is not None:
        value = measure_text(exercise.range_best, exercise.range_plus_minus or 0, exercise.range_unit)
        seen.append(words("journal.range", value=value))
    if exercise.stop_s is not None:
        seen.append(words("journal.stop", seconds=f"{exercise.stop_s:.1f}"))
    if seen:
        texts.append(", ".join(seen))
    reps = [rep for rep in detail.reps if rep.exercise == exercise.exercise]
    reasons = Counter(reason for rep in reps for reason in rep.reasons)
    texts += [words("journal.reason", n=n, reason=reason) for reason, n in reasons.most_common()]
    return [terminal.wrap(text, "  ") for text in texts]
