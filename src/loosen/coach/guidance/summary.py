"""How it went, in a few sentences: after a set, and at the end. Each sentence is true of the record it is made from.

How many were counted or full is said of what the camera saw; what was led by voice is said as that. On a gentle day,
and of what is done smaller, nothing is said to have been full, and nothing is suggested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from loosen.coach.counting.rep import Rep
from loosen.coach.counting.result import exercise_result
from loosen.coach.guidance.past import MATTERS
from loosen.coach.guidance.rep_chart import rep_chart
from loosen.coach.guidance.session_state import ExerciseRecord, SessionState
from loosen.coach.guidance.stage import ExerciseSummary
from loosen.routine.model import Exercise
from loosen.routine.words import Words

OFTEN = 2
"""What happened so often in a set is worth a word afterwards."""


def how_it_went(state: SessionState, exercise: Exercise) -> str:
    """Return what was done of an exercise, and how well."""
    record, words = state.record(exercise), state.words
    tries, done = len(record.tries), record.done
    if not done:
        return words.count("rest.none-counted", tries) if tries else words["rest.nothing"]
    seen = done - record.led
    if not seen:
        sentences = [words.count("rest.led", done)]
    elif state.asks_less(exercise):
        sentences = [_how_gently(record, words)]
    else:
        sentences = [_how_well(exercise, record, words)]
        if record.led:
            sentences.append(words.count("rest.led-too", record.led))
    if record.ended_by in ("attempts", "time") and done < state.asked(exercise):
        sentences.append(words[f"rest.ended-{record.ended_by}"])
    return " ".join(sentences)


def _how_gently(record: ExerciseRecord, words: Words) -> str:
    """Return how many were done gently, and how many before that as usual."""
    gently = record.done - record.usual
    if not record.usual:
        return words.count("rest.gently", gently)
    return words("rest.then-gently", usual=record.usual, n=gently) if gently else words.count("rest.done", record.usual)


def _how_well(exercise: Exercise, record: ExerciseRecord, words: Words) -> str:
    """Return how many of what the camera saw were counted, or full."""
    tries = record.tries
    counted, full = sum(rep.counted for rep in tries), sum(rep.counted and rep.verdict == "full" for rep in tries)
    if counted < len(tries):
        return words("rest.counted-of", n=counted, of=len(tries))
    if full == counted:
        return words.count("rest.stopped" if _stopped(exercise, tries) else "rest.full", full)
    return words("rest.full-of", n=full, of=counted) if full else words.count("rest.done", counted)


def _stopped(exercise: Exercise, reps: Sequence[Rep]) -> bool:
    """Whether each of these repetitions had the stop that the exercise asks for."""
    wanted_s = exercise.tempo.credited_from_s
    held = [rep.measures.get("still_s") for rep in reps]
    return wanted_s > 0 and all(it is not None and it.value >= wanted_s for it in held)


def to_try(state: SessionState, exercise: Exercise) -> str:
    """Return the one thing to try next time; empty if there is none. It never asks for more range."""
    if state.asks_less(exercise) or state.record(exercise).hurt:
        return ""
    words, reps = state.words, state.record(exercise).tries
    cues = {fault.id: fault.cue for fault in exercise.faults if not (fault.asks_more or fault.offered)}
    if exercise.tempo.credited_from_s:
        cues["no-stop"] = words["cue.no-stop"]
    tally = Counter(fault for rep in reps for fault in rep.faults)
    commonest = max(cues, key=lambda fault: tally[fault], default="")  # of equals, the first in the routine file
    return words("rest.try", cue=cues[commonest]) if tally[commonest] >= OFTEN else ""


def exercise_summary(state: SessionState, exercise: Exercise) -> ExerciseSummary:
    """Return how one exercise went."""
    record, words = state.record(exercise), state.words
    result = exercise_result(exercise.id, record.reps, done=record.done, hurt=record.hurt)
    of = max(state.asked(exercise), result.done)  # who goes back and does it again does more than was asked
    return ExerciseSummary(
        id=exercise.id,
        title=exercise.title,
        done=result.done,
        of=of,
        sentence=_sentence(state, exercise),
        range_text=", ".join(result.range_texts(exercise.seen, words)),
        stop_text="" if result.stop_s is None else words("summary.stop", seconds=f"{result.stop_s:.1f}"),
        skipped=not record.hurt and (record.skipped or exercise.id in state.left_out),
        hurt=result.hurt,
        chart=rep_chart(
            record.shown, words, "chart.said", full_to=exercise.seen.full.never_urge_past, title=exercise.title
        ),
    )


def _sentence(state: SessionState, exercise: Exercise) -> str:
    """Return the sentence of the summary on one exercise."""
    record, words = state.record(exercise), state.words
    went = how_it_went(state, exercise) if record.done or record.tries else ""
    if record.hurt:
        return f"{words['summary.hurt']} {went}".strip()
    if exercise.id in state.left_out:
        return f"{words['summary.left-out']} {went}".strip()
    if record.skipped:
        return f"{went} {words['summary.skipped-rest' if went else 'summary.skipped']}".strip()
    if not went:
        return words["summary.not-done"]
    return f"{went} {to_try(state, exercise)}".strip()


def summary_lines(state: SessionState) -> tuple[str, ...]:
    """Return what is said of a session as a whole: how much of it was done, and how it feels."""
    words, exercises = state.words, state.routine.exercises
    records = [state.record(exercise) for exercise in exercises]
    whole = sum(_whole(state, exercise) for exercise in exercises)
    part = sum(record.done > 0 for record in records) - whole
    if whole:
        key = "all" if whole == len(exercises) else "some"
        first = words.count(f"summary.{key}", whole, of=len(exercises))
        lines = [f"{first} {words.count('summary.part-too', part)}" if part else first]
    elif part:
        lines = [words.count("summary.part", part)]
    else:
        lines = [words["summary.tried" if any(record.tries for record in records) else "summary.nothing"]]
    if state.gentle and (whole or part):
        lines.append(words["summary.gentle"])
    rose = False
    for kind in ("soreness", "stiffness"):
        before, after = state.answers.get(f"{kind}-before"), state.answers.get(f"{kind}-after")
        if before is not None and after is not None:
            change = "same" if abs(before - after) < MATTERS else "less" if after < before else "more"
            rose |= change == "more"
            lines.append(words(f"summary.{kind}-{change}", before=before, after=after))
    return (*lines, *([words["summary.lighter"]] if rose else []))


def _whole(state: SessionState, exercise: Exercise) -> bool:
    """Whether a movement was done: as often as asked, or tried so often; not one that was broken off."""
    record = state.record(exercise)
    return bool(record.done) and (record.done >= state.asked(exercise) or record.ended_by in ("dose", "attempts"))


def titles_text(exercises: Sequence[Exercise], words: Words) -> str:
    """Return the titles of exercises as one would say them: "Back Arches and Raise The Roof"."""
    *before, last = [exercise.title for exercise in exercises]
    return words("list.and", before=", ".join(before), last=last) if before else last
