"""What the screen of one session shows: each exercise and repetition in words, with its chart."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from loosen.coach.counting.rep import Rep
from loosen.coach.counting.result import ExerciseResult, exercise_result
from loosen.coach.guidance.rep_chart import RepChart, rep_chart
from loosen.journal.store.records import Hurt, SessionResult
from loosen.routine.model import Routine, Seen
from loosen.routine.words import Words
from loosen.text import as_sentence, felt_texts, hurt_text, moment_text


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
    known = {exercise.id: exercise for exercise in routine.all_exercises()}
    sections = []
    for result in session.exercises:
        exercise = known.get(result.exercise)
        seen = None if exercise is None else exercise.seen
        hurts = [it for it in session.hurts if it.exercise == result.exercise]
        reps = (rep for rep in session.reps if rep.exercise == result.exercise)
        sections.append(
            ExerciseSection(
                title=result.exercise if exercise is None else exercise.title,
                text=" ".join((_result_text(result, seen, words), *(_hurt_sentence(it, words) for it in hurts))),
                reps=tuple(_rep_line(n, rep, seen, words) for n, rep in enumerate(reps, 1)),
            )
        )
    return SessionView(
        id=session.id,
        title=moment_text(session.started, words),
        notes=words("history.session-notes", minutes=f"{session.minutes:.0f}", how=_how(session, words)),
        felt=tuple(
            f"{thing}: {', '.join(text for text in texts if text)}"
            for thing, *texts in felt_texts(((it.question, it.value) for it in session.answers), words, session.morning)
        ),
        exercises=tuple(sections),
    )


def _how(session: SessionResult, words: Words) -> str:
    return ", ".join(words[f"journal.{name}"] for name in (session.how, *(["gentle"] if session.gentle else [])))


def _result_text(result: ExerciseResult, seen: Seen | None, words: Words) -> str:
    if not result.attempts:
        return as_sentence(words("journal.led", n=result.done) if result.done else words["journal.not-done"])
    led = result.done - result.counted
    key = "history.rep-count-led" if led else "history.rep-count"
    texts = [words(key, counted=result.counted, attempts=result.attempts, led=led)]
    if measured := result.range_texts(seen, words):
        texts.append(as_sentence(", ".join(measured)))
    return " ".join(texts)


def _hurt_sentence(hurt: Hurt, words: Words) -> str:
    told = hurt_text(hurt.place, hurt.score, words)
    return words("history.hurt-told", told=told) if told else words["history.hurt"]


def _rep_line(number: int, rep: Rep, seen: Seen | None, words: Words) -> RepLine:
    side = rep.side if rep.side != "both" else rep.set_side
    verdict = words[f"history.verdict-{rep.verdict}"]
    alone = exercise_result(rep.exercise, [replace(rep, counted=True)])
    facts = alone.range_texts(seen, words)
    if (still := rep.measures.get("still_s")) is not None:
        facts.append(words("journal.stop", seconds=f"{still.value:.1f}"))
    full_to = None if seen is None else seen.full.never_urge_past
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
