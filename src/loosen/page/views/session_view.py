"""What the screen of one session shows: each exercise and repetition in words, with its chart."""

from __future__ import annotations

import msgspec

from loosen.coach.counting.rep import Rep
from loosen.coach.counting.result import ExerciseResult
from loosen.coach.guidance.rep_chart import RepChart, rep_chart
from loosen.journal.store.records import SessionResult
from loosen.routine.model import Routine
from loosen.routine.words import Words
from loosen.text import felt_texts, measure_text, moment_text


class RepLine(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt: what it was and why. `chart` is None where its signal was not kept."""

    number: int
    verdict: str
    good: bool
    side: str
    facts: str
    why: str
    chart: RepChart | None


class ExerciseSection(msgspec.Struct, frozen=True, kw_only=True):
    """One exercise of a session."""

    title: str
    text: str
    reps: tuple[RepLine, ...]


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the screen of one session."""

    id: int
    title: str
    notes: str
    felt: tuple[str, ...]
    exercises: tuple[ExerciseSection, ...]


def session_view(session: SessionResult, routine: Routine, words: Words) -> SessionView:
    """Return a session with every repetition, in words."""
    known = {exercise.id: exercise for exercise in routine.exercises}
    sections = []
    for result in session.exercises:
        exercise = known.get(result.exercise)
        full_to = None if exercise is None else exercise.seen.full.never_urge_past
        reps = (rep for rep in session.reps if rep.exercise == result.exercise)
        sections.append(
            ExerciseSection(
                title=result.exercise if exercise is None else exercise.title,
                text=_result_text(result, words),
                reps=tuple(_rep_line(n, rep, full_to, words) for n, rep in enumerate(reps, 1)),
            )
        )
    return SessionView(
        id=session.id,
        title=moment_text(session.started, words),
        notes=words("history.session-notes", minutes=f"{session.minutes:.0f}", how=words[f"journal.{session.how}"]),
        felt=tuple(
            f"{thing}: {', '.join(text for text in texts if text)}"
            for thing, *texts in felt_texts(((it.question, it.value) for it in session.answers), words)
        ),
        exercises=tuple(sections),
    )


def _result_text(result: ExerciseResult, words: Words) -> str:
    if result.attempts:
        text = words("history.rep-count", counted=result.counted, attempts=result.attempts)
        if (it := result.range) is not None:
            text += " " + words("history.range", value=measure_text(it.value, it.plus_minus, it.unit))
    else:
        text = words("journal.led", n=result.done) if result.done else words["journal.not-done"]
    return f"{text} {words['summary.hurt']}" if result.hurt else text


def _rep_line(number: int, rep: Rep, full_to: float | None, words: Words) -> RepLine:
    side = rep.side if rep.side != "both" else rep.set_side
    verdict = words[f"history.verdict-{rep.verdict}"]
    facts = []
    if (reach := rep.measures.get("range")) is not None:
        facts.append(measure_text(reach.value, reach.plus_minus, reach.unit))
    if (still := rep.measures.get("still_s")) is not None:
        facts.append(words("journal.stop", seconds=f"{still.value:.1f}"))
    # The reason may begin with the very word that stands before it.
    why = "; ".join(rep.reasons).removeprefix(f"{verdict.lower()}: ")
    return RepLine(
        number=number,
        verdict=verdict,
        good=rep.verdict == "full",
        side="" if side == "both" else words[f"history.side-{side}"],
        facts=", ".join(facts),
        why=why or words["history.why-full"],
        chart=rep_chart(rep, words, "history.rep-alt", full_to=full_to, number=number, verdict=verdict, why=why),
    )
