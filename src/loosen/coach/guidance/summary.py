"""One exercise in a few words: after its set, and at the end."""

from __future__ import annotations

import statistics
from collections import Counter as Tally

from loosen.coach.counting.report import Rep
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import ExerciseSummary
from loosen.routine.model import Exercise
from loosen.text import measure_text


def total(desk: SessionState, exercise: Exercise) -> int:
    """Return how many repetitions the dose asks for in all."""
    return desk.dose(exercise).total


def well_and_try(desk: SessionState, exercise: Exercise) -> tuple[str, str]:
    """Return what went well, and one thing to try next time (empty if nothing)."""
    record, words = desk.record(exercise), desk.words
    reps = [rep for rep in record.reps if rep.verdict != "partial"]
    if not reps:
        return words["rest.done"], ""
    full = sum(rep.verdict == "full" and not rep.faults for rep in reps)
    well = (
        words["rest.all-full" if exercise.tempo.credited_from_s else "rest.all-full-plain"]
        if full == len(reps)
        else words("rest.some-full", n=full, of=len(reps)) if full else words("rest.counted", n=record.done)
    )  # fmt: skip
    return well, _try(desk, exercise, reps)


def _try(desk: SessionState, exercise: Exercise, reps: list[Rep]) -> str:
    """Return the commonest fault's cue; the file's order settles a tie."""
    tally = Tally(fault for rep in reps for fault in rep.faults)
    cues = {fault.id: fault.cue for fault in exercise.faults} | {
        "no-stop": desk.words["cue.no-stop"],
        "shallow": desk.words["cue.shallow"],
    }
    order = [*(fault.id for fault in exercise.faults), "no-stop", "shallow"]
    ranked = sorted((f for f in tally if f in cues), key=lambda f: (-tally[f], order.index(f)))
    return desk.words("rest.try", cue=cues[ranked[0]]) if ranked else ""


def exercise_summary(desk: SessionState, exercise: Exercise) -> ExerciseSummary:
    """Return how one exercise went."""
    record, words = desk.record(exercise), desk.words
    of = total(desk, exercise)
    counted = [rep for rep in record.reps if rep.counted]
    range_text = stop_text = ""
    if counted:
        range_text = _range_text(desk, counted)
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
        well, attempt = well_and_try(desk, exercise)
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


def _range_text(desk: SessionState, reps: list[Rep]) -> str:
    """Return the median range with the camera's error, which does not average away over repetitions."""
    ranges = [rep.measures["range"] for rep in reps]
    middle = statistics.median(it.value for it in ranges)
    return desk.words("summary.range", value=measure_text(middle, ranges[0].plus_minus, ranges[0].unit))
