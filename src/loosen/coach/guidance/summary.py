"""One exercise in a few words: after its set, and at the end."""

from __future__ import annotations

import statistics

from loosen.coach.counting.report import Rep
from loosen.coach.guidance.cues import best_cue
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import ExerciseSummary
from loosen.routine.model import Exercise
from loosen.text import measure_text


def total(state: SessionState, exercise: Exercise) -> int:
    """Return how many repetitions the dose asks for in all."""
    return state.dose(exercise).total


def well_and_try(state: SessionState, exercise: Exercise) -> tuple[str, str]:
    """Return what went well, and the one thing to try next time; empty if there is none."""
    record, words = state.record(exercise), state.words
    reps = [rep for rep in record.reps if rep.verdict != "partial"]
    if not reps:
        return words["rest.done"], ""
    full = sum(rep.verdict == "full" and not rep.faults for rep in reps)
    well = (
        words["rest.all-full" if exercise.tempo.credited_from_s else "rest.all-full-plain"]
        if full == len(reps)
        else words("rest.some-full", n=full, of=len(reps)) if full else words("rest.counted", n=record.done)
    )  # fmt: skip
    cue = best_cue(exercise, reps, words)
    return well, words("rest.try", cue=cue) if cue else ""


def exercise_summary(state: SessionState, exercise: Exercise) -> ExerciseSummary:
    """Return how one exercise went."""
    record, words = state.record(exercise), state.words
    of = total(state, exercise)
    counted = [rep for rep in record.reps if rep.counted]
    range_text = stop_text = ""
    if counted:
        range_text = _range_text(state, counted)
        stop_s = statistics.median(rep.measures["still_s"].value for rep in counted)
        stop_text = words("summary.stop", seconds=f"{stop_s:.1f}")
    if record.hurt:
        sentence = words["summary.hurt"]
    elif record.skipped and not record.done:
        sentence = words["summary.skipped"]
    elif not record.done:
        sentence = words["summary.not-done"]
    elif not counted:
        sentence = words["summary.led"]
    else:
        well, attempt = well_and_try(state, exercise)
        sentence = f"{well} {attempt}".strip()
    return ExerciseSummary(
        id=exercise.id,
        title=exercise.title,
        done=min(record.done, of),
        of=of,
        sentence=sentence,
        range_text=range_text,
        stop_text=stop_text,
        skipped=record.skipped,
        hurt=record.hurt,
        trace=record.trace,
    )


def _range_text(state: SessionState, reps: list[Rep]) -> str:
    """Return the median range with the camera's error, which does not average away over repetitions."""
    ranges = [rep.measures["range"] for rep in reps]
    middle = statistics.median(it.value for it in ranges)
    return state.words("summary.range", value=measure_text(middle, ranges[0].plus_minus, ranges[0].unit))
