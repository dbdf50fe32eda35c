"""One page about a period, to print or to show: what it says. How it looks: html.py and pdf.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from loosen.errors import InputError
from loosen.journal.outcomes.doses import own_dose
from loosen.journal.outcomes.findings import (
    ExerciseFinding,
    Findings,
    HinderedFinding,
    ScoreFinding,
    SittingFinding,
    find,
)
from loosen.journal.outcomes.period import Period, monday_of
from loosen.journal.outcomes.trends import Trend
from loosen.journal.store.records import DoseChange, Hurt
from loosen.routine.model import Exercise, Routine, Seen
from loosen.routine.words import Words
from loosen.text import (
    change_text,
    date_text,
    dose_figures,
    error_text,
    hurt_text,
    number_text,
    range_name,
    short_day_text,
    value_text,
)

FAULTS_NAMED = 2
HURTS_NAMED = 10


@dataclass(frozen=True, slots=True)
class PeriodReport:
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


def period_report(
    period: Period, routine: Routine, changes: Sequence[DoseChange], words: Words, now: datetime
) -> PeriodReport:
    """Put together what a period shows. Raises InputError if there is nothing in it."""
    if not period.sessions and not period.sitting:
        raise InputError(
            f"Nothing was done between {period.first} and {period.last}: name other days with --weeks and --until."
        )
    found, known = find(period, now.date()), {exercise.id: exercise for exercise in routine.all_exercises()}
    titles = {it.exercise: it.exercise for it in found.exercises} | {it.id: it.title for it in known.values()}
    each = {exercise.id for exercise in known.values() if exercise.dose.sides == "each"}
    columns = ("movement", "dose", "sessions", "range", "detectable", "finding", "sides", "times", "full")
    return PeriodReport(
        title=words["report.title"],
        name=words["report.name"],
        when=words.count(
            "report.when",
            period.weeks,
            first=date_text(period.first, words),
            last=date_text(period.last, words),
            made=date_text(now.date(), words),
        ),
        facts=tuple(_facts(period, found, titles, each, changes, words)),
        head=tuple(words[f"report.{name}"] for name in columns),
        table=tuple(_row(it, known.get(it.exercise), period, changes, words) for it in found.exercises),
        table_note=words["report.table-note"],
        weeks=tuple(days_by_week(period)),
        method=(words["report.method"], words["report.limits"], routine.care.always),
        period=period,
        titles=tuple((it.exercise, titles[it.exercise]) for it in found.exercises if it.measured),
    )


def days_by_week(period: Period) -> list[tuple[date, int]]:
    """Return for each week its Monday and the number of its days on which something was done, by local date."""
    active = Counter(monday_of(day) for day in period.active_days())
    mondays = range(monday_of(period.first).toordinal(), period.last.toordinal() + 1, 7)
    return [(monday, active[monday]) for monday in map(date.fromordinal, mondays)]


def _facts(
    period: Period, found: Findings, titles: dict[str, str], each: set[str], changes: Sequence[DoseChange], words: Words
) -> list[tuple[str, str]]:
    facts = [(words["report.adherence"], _adherence_text(period, found, words))]
    facts += [(words[f"report.{score.name}"], _score_text(score, words)) for score in found.scores]
    if found.hindered is not None:
        facts.append((words["report.hindered"], _hindered_text(found.hindered, words)))
    if found.mornings.of:
        it = found.mornings
        told = words.count("report.mornings-text", it.of, better=it.better, same=it.same, worse=it.worse)
        facts.append((words["report.mornings"], told))
    hurts = [_hurt_text(day, hurt, titles, words) for day, hurt in found.hurts]
    hurt = hurts[-HURTS_NAMED:]
    if len(hurts) > HURTS_NAMED:
        hurt.insert(0, words.count("report.hurts-before", len(hurts) - HURTS_NAMED))
    facts.append((words["report.hurts"], "; ".join(hurt) if hurt else words["report.hurts-none"]))
    changed = [
        words(
            "report.dose-changed",
            day=short_day_text(change.day, words),
            title=titles.get(change.exercise, change.exercise),
            dose=dose_figures(change.sets, change.reps, each=change.exercise in each),
        )
        for change in changes
        if change.is_set and period.first <= change.day <= period.last
    ]
    if changed:
        facts.append((words["report.doses"], "; ".join(changed)))
    facts.append((words["report.sitting"], _sitting_text(found.sitting, words)))
    return facts


def _adherence_text(period: Period, found: Findings, words: Words) -> str:
    sessions = [session for session in period.sessions if session.active]
    # Nobody has missed a day before he began.
    first = min(max(period.first, period.begun or period.first), period.last)
    weeks = [(monday, days) for monday, days in days_by_week(period) if monday >= monday_of(first)]
    camera = sum(session.camera for session in sessions)
    texts = [
        words(
            "report.sessions-text",
            n=len(sessions),
            days=len(period.active_days()),
            of=(period.last - first).days + 1,
            weeks=sum(days > 0 for _, days in weeks),
            of_weeks=len(weeks),
            minutes=f"{sum(session.minutes for session in sessions):.0f}",
        ),
        words(
            "report.seen-text",
            camera=camera,
            voice=len(sessions) - camera,
            gentle=sum(session.gentle for session in sessions),
            early=sum(session.how != "finished" for session in sessions),
        ),
    ]
    if found.plan is not None:
        texts.append(words.count("report.plan-text", found.plan.days, done=found.plan.done))
    return " ".join(texts)


def _hurt_text(day: date, hurt: Hurt, titles: Mapping[str, str], words: Words) -> str:
    told = hurt_text(hurt.place, hurt.score, words)
    title = titles.get(hurt.exercise or "", hurt.exercise or "")
    named = f"{short_day_text(day, words)} {title}".rstrip()
    return words("report.hurt-told", hurt=named, told=told) if told else named


def _score_text(score: ScoreFinding, words: Words) -> str:
    if score.before.last is None:
        return words["report.not-told"]
    text = words("report.score-text", **_points(score.before, words), highest=score.highest)
    return f"{text} {words('report.score-over', fell=score.fell, rose=score.rose, of=score.of)}" if score.of else text


def _hindered_text(found: HinderedFinding, words: Words) -> str:
    if not found.trend.n:
        return words("report.hindered-none", text=found.text)
    return words.count("report.hindered-text", found.trend.n, text=found.text, **_points(found.trend, words))


def _points(found: Trend, words: Words) -> dict[str, str]:
    """Return what is said of answers from 0 to 10: the change, the finding, whether people notice it, the scatter."""
    finding = words[f"report.finding-{found.finding}"]
    if found.noticed:
        finding = words(f"report.noticed{'-same' if found.finding == 'same' else ''}", finding=finding)
    mdc = f"{found.detectable.change:g}"
    last = "" if found.last is None else f"{found.last:g}"
    return {"change": _change_text(found, "{:g}".format, words), "last": last, "finding": finding, "mdc": mdc}


def _sitting_text(sitting: SittingFinding, words: Words) -> str:
    if not sitting.days:
        return words["trend.sitting-none"]
    return words(
        "report.sitting-text",
        change=_change_text(sitting.longest, partial(value_text, unit="min"), words),
        finding=words[f"report.finding-{sitting.longest.finding}"],
        days=sitting.days,
        answered=sitting.answered,
        prompts=sitting.prompts,
    )


def _change_text(found: Trend, say: Callable[[float], str], words: Words) -> str:
    if found.first is None or found.last is None:
        return words["report.nothing"]
    return words("report.change", first=say(found.first), last=say(found.last))


def _row(
    it: ExerciseFinding, exercise: Exercise | None, period: Period, changes: Sequence[DoseChange], words: Words
) -> tuple[str, ...]:
    """Return a movement's row of the table; `exercise` is None where the routine does not know it (any more)."""
    title, dose, total = it.exercise, words["report.nothing"], 1
    if exercise is not None:
        title = f"{exercise.title} ({exercise.field_name})" if exercise.field_name else exercise.title
        own, total = own_dose(exercise, changes), exercise.dose.total
        dose = dose_figures(own.sets, own.reps, each=own.sides == "each")
    whole = sum(result.done >= total for _, result in period.results(it.exercise))
    return (
        title,
        dose,
        words("report.sessions-cell", n=it.sessions, whole=whole),
        _range_text(it, None if exercise is None else exercise.seen, words),
        change_text(it.range.detectable.change, it.unit) if it.measured else words["report.nothing"],
        words[f"report.finding-{it.range.finding}"] if it.measured else words["report.by-voice"],
        _sides_text(it, words),
        " / ".join(f"{value:.1f}" for value in (it.stop_s, it.out_s, it.back_s) if value is not None)
        or words["report.nothing"],
        _full_text(it, exercise, words),
    )


def _range_text(it: ExerciseFinding, seen: Seen | None, words: Words) -> str:
    ranges = [(it.unit, it.plus_minus, it.range, seen.signal if seen else "")] if it.measured else []
    if it.also is not None:
        ranges.append((it.also.unit, it.also.plus_minus, it.also.range, seen.also if seen else ""))
    texts = []
    for unit, plus_minus, found, signal in ranges:
        change = _change_text(found, partial(number_text, unit=unit), words)
        of = "" if unit == "deg" else f" {unit}"
        texts.append(f"{range_name(signal, words)} {change}{of} (± {error_text(plus_minus, unit)})")
    return "; ".join(texts) or words["report.nothing"]


def _sides_text(it: ExerciseFinding, words: Words) -> str:
    if it.apart is None or it.apart.last is None:
        return words["report.nothing"]
    return words(
        "report.sides-within" if it.further is None else "report.sides-text",
        apart=number_text(abs(it.apart.last), it.unit),
        side="" if it.further is None else words[f"trend.{it.further}"],
        finding=words[f"report.finding-{it.apart.finding}"],
    )


def _full_text(it: ExerciseFinding, exercise: Exercise | None, words: Words) -> str:
    """Return the share of full repetitions and the commonest faults, as the routine file words them."""
    if not it.attempts:
        return words["report.nothing"]
    reasons = {} if exercise is None else {fault.id: fault.reason for fault in exercise.faults}
    reasons |= {fault: words[f"report.fault-{fault}"] for fault in ("shallow", "no-stop")}
    # A fault that the routine file has no words for (any more) is named as it was kept.
    named = [
        f"{reasons.get(fault, fault.replace('-', ' '))} ({n})" for fault, n in list(it.faults.items())[:FAULTS_NAMED]
    ]
    share = f"{100 * it.verdicts.get('full', 0) / it.attempts:.0f}%"
    return "; ".join([share, ", ".join(named)] if named else [share])
