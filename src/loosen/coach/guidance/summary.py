"""One exercise in a few words: after its set, and at the end."""

from __future__ import annotations

from loosen.coach.counting.result import exercise_result
from loosen.coach.guidance.cues import best_cue
from loosen.coach.guidance.rep_chart import rep_chart
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import ExerciseSummary
from loosen.routine.model import Exercise


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
    result = exercise_result(exercise.id, record.reps, done=record.done, hurt=record.hurt)
    stop_text = ""
    range_text = ", ".join(result.range_texts(exercise.seen, words))
    if result.stop_s is not None:
        stop_text = words("summary.stop", seconds=f"{result.stop_s:.1f}")
    if result.hurt:
        sentence = words["summary.hurt"]
    elif not result.done:
        sentence = words["summary.skipped" if record.skipped else "summary.not-done"]
    elif not result.counted:
        sentence = words["summary.led"]
    else:
        well, attempt = well_and_try(state, exercise)
        sentence = f"{well} {attempt}".strip()
    of = state.dose(exercise).total
    return ExerciseSummary(
        id=exercise.id,
        title=exercise.title,
        done=min(result.done, of),
        of=of,
        sentence=sentence,
        range_text=range_text,
        stop_text=stop_text,
        skipped=record.skipped,
        hurt=result.hurt,
        chart=rep_chart(
            record.shown, words, "chart.said", full_to=exercise.seen.full.never_urge_past, title=exercise.title
        ),
    )
