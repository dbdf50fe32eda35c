"""One session in words, for looking at its repetitions again."""

from __future__ import annotations

from datetime import date

import msgspec

from loosen.coach.counting.report import Rep
from loosen.journal.outcomes.history_view import session_title
from loosen.journal.outcomes.session_text import felt
from loosen.journal.report import charts
from loosen.journal.store.records import SessionDetail, parts
from loosen.routine.model import Routine
from loosen.routine.words import Words
from loosen.text import measure_text, value_text


class RepLine(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt: what it was and why, and its signal. `chart` is "" where none was kept."""

    number: int
    verdict: str
    good: bool
    side: str
    facts: str
    why: str
    chart: str
    shape: float
    alt: str


class ExercisePart(msgspec.Struct, frozen=True, kw_only=True):
    """One exercise of a session."""

    title: str
    text: str
    reps: tuple[RepLine, ...]


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """One session, for looking at its repetitions."""

    id: int
    title: str
    notes: str
    felt: tuple[str, ...]
    exercises: tuple[ExercisePart, ...]


def session_of(detail: SessionDetail, routine: Routine, words: Words) -> SessionView:
    """Return a session in words, with every repetition."""
    row = detail.session
    titles = {exercise.id: exercise.title for exercise in routine.exercises}
    shown = []
    for part in parts(detail):
        if part.seen is not None:
            text = words("history.rep-count", counted=part.seen.counted, attempts=part.seen.attempts)
        else:
            text = words("journal.led", n=part.led) if part.led else words["journal.not-done"]
        if part.hurt:
            text = f"{text} {words['summary.hurt']}"
        reps = [(n, rep) for n, rep in enumerate(detail.reps) if rep.exercise == part.exercise]
        shown.append(
            ExercisePart(
                title=titles.get(part.exercise, part.exercise),
                text=text,
                reps=tuple(_rep_line(row.id, n, k, rep, words) for k, (n, rep) in enumerate(reps, 1)),
            )
        )
    return SessionView(
        id=row.id,
        title=session_title(date.fromisoformat(row.local_date), row.started, words),
        notes=words("history.session-notes", minutes=f"{row.minutes:.0f}", how=words[f"journal.{row.how}"]),
        felt=tuple(
            f"{line[0]}: {', '.join(part for part in line[1:] if part)}"
            for line in felt(detail.answers, words)
        ),
        exercises=tuple(shown),
    )


def _rep_line(session: int, index: int, number: int, rep: Rep, words: Words) -> RepLine:
    side = rep.side if rep.side != "both" else rep.set_side
    verdict = words[f"history.verdict-{rep.verdict}"]
    facts = []
    if "range" in rep.measures:
        it = rep.measures["range"]
        facts.append(measure_text(it.value, it.plus_minus, it.unit))
    if "still_s" in rep.measures:
        facts.append(words("journal.stop", seconds=f"{rep.measures['still_s'].value:.1f}"))
    # The reason may begin with the very word that stands before it.
    why = "; ".join(rep.reasons).removeprefix(f"{verdict.lower()}: ")
    drawn = rep.signal is not None and len(rep.signal.points) > 1
    peak = ""
    if rep.signal is not None and drawn:
        top = max(value for _, value in rep.signal.points)
        peak = words(
            "history.rep-alt",
            number=number,
            verdict=verdict,
            peak=value_text(top, rep.signal.unit),
            target=value_text(rep.signal.target, rep.signal.unit),
            why=why,
        )
    return RepLine(
        number=number,
        verdict=verdict,
        good=rep.verdict == "full",
        side="" if side == "both" else words[f"history.side-{side}"],
        facts=", ".join(facts),
        why=why or words["history.why-full"],
        chart=f"/history/session/{session}/{index}.svg" if drawn else "",
        shape=charts.shape(charts.REP),
        alt=peak,
    )
