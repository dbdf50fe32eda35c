"""The journal in a terminal: a list of sessions, or one of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from loosen.journal.records import Answer, ExerciseRow, SessionDetail, SessionRow
from loosen.terminal import Terminal, table

_NARROW = 60


def list_lines(rows: Sequence[SessionRow], terminal: Terminal) -> list[str]:
    """Return the list of sessions: number, local time of where it was done, length, repetitions, notes.

    On a narrow terminal the notes stand on a line of their own.
    """
    narrow = terminal.width < _NARROW
    cells, notes = [["#", "when", "min", "reps"]], [""]
    for row in rows:
        cells.append([str(row.id), f"{row.started:%Y-%m-%d %a %H:%M}", f"{row.minutes:.0f}", _reps(row)])
        notes.append(_notes(row))
    lines = table(cells, right=frozenset({0, 2, 3}))
    lines[0] = terminal.paint(lines[0], "dim")
    if narrow:
        return [
            part
            for line, note in zip(lines, notes, strict=True)
            for part in (line, "    " + note)[: 1 + bool(note)]
        ]
    return [f"{line}   {note}".rstrip() for line, note in zip(lines, notes, strict=True)]


def session_lines(detail: SessionDetail, terminal: Terminal, titles: Mapping[str, str]) -> list[str]:
    """Return one session: when, how it felt before and after, and each exercise. `titles` by exercise id."""
    row = detail.session
    lines = [
        terminal.paint(terminal.wrap(f"Session {row.id}, {row.started:%A %d %B %Y, %H:%M}"), "bold"),
        f"{row.minutes:.0f} min, {_notes(row)}",
    ]
    if felt := _felt(detail.answers):
        lines += ["", *(terminal.wrap(line) for line in table(felt))]
    skipped = {event.exercise for event in detail.events if event.what == "skipped"}
    hurt = {event.exercise for event in detail.events if event.what == "hurt"}
    done = {exercise.exercise: exercise for exercise in detail.exercises}
    begun = [event.exercise for event in detail.events if event.what == "exercise-begun" and event.exercise]
    for exercise in dict.fromkeys([*begun, *done]):
        marks = [word for word, group in (("skipped", skipped), ("it hurt", hurt)) if exercise in group]
        lines += ["", ", ".join([terminal.paint(titles.get(exercise, exercise), "bold"), *marks])]
        if exercise in done:
            lines += _exercise_lines(done[exercise], detail, terminal)
        elif not marks:
            lines.append("  led by voice, nothing measured" if not row.camera else "  nothing seen")
    return lines


def _reps(row: SessionRow) -> str:
    if not row.attempts:
        return "-"
    return str(row.counted) if row.counted == row.attempts else f"{row.counted} of {row.attempts}"


def _notes(row: SessionRow) -> str:
    notes = [row.how, "camera" if row.camera else "by voice"]
    return ", ".join([*notes, "it hurt"] if row.hurt else notes)


def _felt(answers: Sequence[Answer]) -> list[list[str]]:
    """Return a row for each thing asked: the answers before and after (question ids end in these)."""
    asked: dict[str, dict[str, str]] = {}
    for answer in answers:
        thing, _, when = answer.question.rpartition("-")
        value = "not said" if answer.value is None else f"{answer.value} of 10"
        asked.setdefault(thing or answer.question, {})[when] = value
    return [
        [
            thing.capitalize(),
            *(f"{when} {given[when]}" if when in given else "" for when in ("before", "after")),
        ]
        for thing, given in asked.items()
    ]


def _exercise_lines(exercise: ExerciseRow, detail: SessionDetail, terminal: Terminal) -> list[str]:
    reps = [done.rep for done in detail.reps if done.exercise == exercise.exercise]
    verdicts = ", ".join(f"{n} {verdict.replace('-', ' ')}" for verdict, n in exercise.verdicts.items())
    lines = [terminal.wrap(f"{exercise.counted} counted of {exercise.attempts}: {verdicts}", "  ")]
    seen = []
    if exercise.range_best is not None:
        seen.append(
            "best range "
            + with_error(exercise.range_best, exercise.range_plus_minus or 0, exercise.range_unit)
        )
    if exercise.stop_s is not None:
        seen.append(f"stop {exercise.stop_s:.1f} s")
    if seen:
        lines.append(terminal.wrap(", ".join(seen), "  "))
    reasons = Counter(reason for rep in reps for reason in rep.reasons)
    lines += [terminal.wrap(f"{n} x {reason}", "  ") for reason, n in reasons.most_common()]
    return lines


def with_error(value: float, plus_minus: float, unit: str) -> str:
    """Return a measure as a camera allows it: degrees to the nearest 5, the error never below that."""
    if unit == "deg":
        return f"{5 * round(value / 5)} deg (+-{max(5, math.ceil(plus_minus))})"
    return f"{value:.2f} {unit} (+-{plus_minus:.2f})"
