"""One page about a period, to print or to show: what it says. How it looks: report_html.py, report_pdf.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from loosen.errors import InputError
from loosen.files import new_file
from loosen.journal.outcomes.doses import SET, DoseChange, own_dose
from loosen.journal.outcomes.findings import (
    ExerciseFinding,
    Findings,
    ScoreFinding,
    find,
    of_exercise,
)
from loosen.journal.outcomes.period import Period, monday_of
from loosen.journal.outcomes.trends import Trend
from loosen.routine.model import Dose, Routine
from loosen.routine.words import Words
from loosen.text import date_text, dose_figures, error_text, number_text, short_day_text, value_text

FAULTS_NAMED = 2
HURTS_NAMED = 10


@dataclass(frozen=True, slots=True)
class Report:
    """Everything on the page, in words ready to be set.

    `facts`: label and text. `table`: the head and a row for each movement. `weeks`: each week's Monday and on how many
    of its days something was done. `method`: how it was measured, and what that cannot say.
    """

    title: str
    name: str
    when: str
    facts: tuple[tuple[str, str], ...]
    head: tuple[str, ...]
    table: tuple[tuple[str, ...], ...]
    table_note: str
    weeks: tuple[tuple[date, int], ...]
    method: tuple[str, ...]
    period: Period
    titles: tuple[tuple[str, str], ...]


def report_of(
    period: Period, routine: Routine, changes: Sequence[DoseChange], words: Words, now: datetime
) -> Report:
    """Put together what a period shows. Raises InputError if there is nothing in it."""
    if not period.sessions and not period.sitting:
        raise InputError(
            f"Nothing was done between {period.first} and {period.last}: name other days with --weeks and --until."
        )
    found = find(period, words)
    known = {exercise.id: exercise.title for exercise in routine.exercises}
    titles = {it.exercise: known.get(it.exercise, it.exercise) for it in found.exercises}
    named = {exercise.id: exercise.field_name for exercise in routine.exercises}
    columns = ("movement", "dose", "sessions", "range", "detectable", "finding", "sides", "times", "full")
    return Report(
        title=words["report.title"],
        name=words["report.name"],
        when=words(
            "report.when",
            first=date_text(period.first, words),
            last=date_text(period.last, words),
            weeks=period.weeks,
            made=date_text(now.date(), words),
        ),
        facts=tuple(_facts(period, found, titles, routine, changes, words)),
        head=tuple(words[f"report.{name}"] for name in columns),
        table=tuple(
            _row(
                it,
                _titled(titles[it.exercise], named.get(it.exercise, "")),
                _dose_of(routine, it.exercise, changes),
                _whole(period, routine, it.exercise),
                _fault_reasons(routine, it.exercise, words),
                words,
            )
            for it in found.exercises
        ),
        table_note=words["report.table-note"],
        weeks=tuple(days_by_week(period)),
        method=(words["report.method"], words["report.limits"], routine.care.always),
        period=period,
        titles=tuple((it.exercise, titles[it.exercise]) for it in found.exercises if it.measured),
    )


def write_report(path: Path, report: Report, words: Words) -> None:
    """Write a new file, .html or .pdf by its name, whole or not at all. Raises InputError."""
    if path.suffix.lower() not in (".html", ".pdf"):
        raise InputError(f"{path}: expected a name that ends in .html or .pdf.")
    with new_file(path) as part:
        part.write_bytes(as_bytes(report, path.suffix.lower(), words))


def as_bytes(report: Report, suffix: str, words: Words) -> bytes:
    """Return the report as HTML or PDF, by the file's suffix."""
    if suffix == ".html":
        from loosen.journal.report.html import as_html

        return as_html(report, words)
    from loosen.journal.report.pdf import as_pdf

    return as_pdf(report, words)


def days_by_week(period: Period) -> list[tuple[date, int]]:
    """Return for each week its Monday and the number of its days on which something was done, by local date."""
    active = Counter(monday_of(day) for day in period.active_days())
    monday, out = monday_of(period.first), []
    while monday <= period.last:
        out.append((monday, active[monday]))
        monday += timedelta(days=7)
    return out


def _facts(
    period: Period,
    found: Findings,
    titles: dict[str, str],
    routine: Routine,
    changes: Sequence[DoseChange],
    words: Words,
) -> list[tuple[str, str]]:
    sessions = [session for session in period.sessions if session.active]
    done = words(
        "report.sessions-text",
        n=len(sessions),
        days=len(period.active_days()),
        of=(period.last - period.first).days + 1,
        weeks=sum(days > 0 for _, days in days_by_week(period)),
        of_weeks=len(days_by_week(period)),
        minutes=f"{sum(session.minutes for session in sessions):.0f}",
    )
    early = sum(session.how != "finished" for session in sessions)
    seen = words(
        "report.seen-text", camera=sum(session.camera for session in sessions), n=len(sessions), early=early
    )
    hurts = sorted((day, titles[it.exercise]) for it in found.exercises for day in it.hurt)
    hurt = [f"{short_day_text(day, words)} {title}" for day, title in hurts[-HURTS_NAMED:]]
    if len(hurts) > HURTS_NAMED:
        hurt.insert(0, words("report.hurts-before", n=len(hurts) - HURTS_NAMED))
    facts = [(words["report.adherence"], f"{done} {seen}")]
    facts += [(words[f"report.{score.name}"], _score_text(score, words)) for score in found.scores]
    facts.append((words["report.hurts"], "; ".join(hurt) if hurt else words["report.hurts-none"]))
    if changed := _changes_text(period, titles, routine, changes, words):
        facts.append((words["report.doses"], changed))
    sitting = found.sitting
    text = words["trend.sitting-none"]
    if sitting.days:
        text = words(
            "report.sitting-text",
            change=_change_text(sitting.longest, lambda minutes: value_text(minutes, "min"), words),
            finding=words[f"report.finding-{sitting.longest.finding}"],
            days=sitting.days,
            answered=sitting.answered,
            prompts=sitting.prompts,
        )
    facts.append((words["report.sitting"], text))
    return facts


def _score_text(score: ScoreFinding, words: Words) -> str:
    if score.before.last is None:
        return words["report.not-told"]
    return words(
        "report.score-text",
        change=_change_text(score.before, "{:.0f}".format, words),
        finding=words[f"report.finding-{score.before.finding}"],
        mdc=f"{score.before.detectable.change:.1f}",
        highest=score.highest,
        fell=score.fell,
        rose=score.rose,
        of=score.of,
    )


def _change_text(found: Trend, say: Callable[[float], str], words: Words) -> str:
    if found.first is None or found.last is None:
        return words["report.nothing"]
    return words("report.change", first=say(found.first), last=say(found.last))


def _changes_text(
    period: Period, titles: dict[str, str], routine: Routine, changes: Sequence[DoseChange], words: Words
) -> str:
    known = {exercise.id: exercise.title for exercise in routine.exercises} | titles
    return "; ".join(
        words(
            "report.dose-changed",
            day=short_day_text(change.day, words),
            title=known.get(change.exercise, change.exercise),
            sets=change.sets,
            reps=change.reps,
        )
        for change in changes
        if change.what in SET and period.first <= change.day <= period.last
    )


def _dose_of(routine: Routine, exercise: str, changes: Sequence[DoseChange]) -> Dose | None:
    try:
        return own_dose(routine.exercise(exercise), changes)
    except KeyError:
        return None


def _titled(title: str, field_name: str) -> str:
    return f"{title} ({field_name})" if field_name else title


def _whole(period: Period, routine: Routine, exercise: str) -> int:
    """Return in how many sessions at least the routine's own dose was done."""
    totals = {it.id: it.dose.total for it in routine.exercises}
    return sum(it.done >= totals.get(exercise, 1) for _, it in of_exercise(period, exercise))


def _row(
    it: ExerciseFinding, title: str, dose: Dose | None, whole: int, reasons: dict[str, str], words: Words
) -> tuple[str, ...]:
    dash = words["report.nothing"]
    measured = it.range.first is not None
    attempts = sum(it.verdicts.values())
    times = (it.stop_s, it.out_s, it.back_s)
    error = error_text(it.plus_minus, it.unit)
    unit = "" if it.unit == "deg" else f" {it.unit}"
    return (
        title,
        dash if dose is None else dose_figures(dose.sets, dose.reps, each=dose.sides == "each"),
        words("report.sessions-cell", n=it.sessions, whole=whole),
        f"{_change_text(it.range, partial(number_text, unit=it.unit), words)}{unit} (± {error})"
        if measured
        else dash,
        f"{it.range.detectable.change:.0f}°"
        if it.unit == "deg"
        else f"{it.range.detectable.change:.2f}{unit}",
        words[f"report.finding-{it.range.finding}"] if measured else words["report.by-voice"],
        _sides_text(it, words),
        " / ".join(f"{value:.1f}" for value in times if value is not None) or dash,
        f"{100 * it.verdicts.get('full', 0) / attempts:.0f}%{_faults_text(it, reasons)}"
        if attempts
        else dash,
    )


def _sides_text(it: ExerciseFinding, words: Words) -> str:
    if it.even is None or it.even.last is None:
        return words["report.nothing"]
    return words(
        "report.sides-within" if it.further is None else "report.sides-text",
        apart=number_text(abs(it.even.last), it.unit),
        side="" if it.further is None else words[f"trend.{it.further}"],
        finding=words[f"report.finding-{it.even.finding}"],
    )


def _fault_reasons(routine: Routine, exercise: str, words: Words) -> dict[str, str]:
    """Return an exercise's faults in words, as the routine file has them."""
    of_routine = {
        fault.id: fault.reason for it in routine.exercises if it.id == exercise for fault in it.faults
    }
    return of_routine | {fault: words[f"report.fault-{fault}"] for fault in ("shallow", "no-stop")}


def _faults_text(it: ExerciseFinding, reasons: dict[str, str]) -> str:
    # One that the routine file has no words for (any more) is named as it was kept.
    named = [
        f"{reasons.get(fault, fault.replace('-', ' '))} ({n})"
        for fault, n in list(it.faults.items())[:FAULTS_NAMED]
    ]
    return f"; {', '.join(named)}" if named else ""
