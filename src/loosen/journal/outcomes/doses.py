"""The dose is a start: the person's own within bounds, and the next step that may be offered. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from loosen.coach.counting.result import ExerciseResult
from loosen.errors import InputError
from loosen.journal.store.records import DoseChange, SessionResult
from loosen.routine.model import Dose, Exercise, Progression, Routine

LATER_DAYS = 14
"""After "later" nothing is offered for so long."""
APART_DAYS = 7
"""Between a change of any dose and the next offer: one thing at a time."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A next step, the dose `before` it, and its reason: so many whole, comfortable sessions over so many weeks."""

    exercise: str
    sets: int
    reps: int
    before: tuple[int, int]
    sessions: int
    weeks: int


def own_dose(exercise: Exercise, changes: Sequence[DoseChange]) -> Dose:
    """Return the dose that holds now: the last one set, within the routine's bounds, or the routine's."""
    for change in reversed(changes):
        if change.exercise == exercise.id and change.is_set:
            sets, reps = exercise.dose.bounds
            return msgspec.structs.replace(exercise.dose, sets=min(change.sets, sets), reps=min(change.reps, reps))
    return exercise.dose


def own_doses(routine: Routine, changes: Sequence[DoseChange]) -> dict[str, Dose]:
    """Return the dose of each exercise and variant that differs from the routine's."""
    doses = {exercise.id: own_dose(exercise, changes) for exercise in routine.exercises}
    for exercise in routine.exercises:
        for variant in (exercise.varied(one.id) for one in exercise.variants):
            # A variant whose dose is the exercise's own is done as often as that.
            alike = variant.dose == exercise.dose and not any(it.exercise == variant.id for it in changes)
            doses[variant.id] = doses[exercise.id] if alike else own_dose(variant, changes)
    return {it.id: doses[it.id] for it in routine.all_exercises() if doses[it.id] != it.dose}


def within_bounds(exercise: Exercise, sets: int, reps: int) -> None:
    """Refuse, as InputError, a dose that a person may not set."""
    most_sets, most_reps = exercise.dose.bounds
    if not (1 <= sets <= most_sets and 1 <= reps <= most_reps):
        raise InputError(f"{exercise.title}: expected 1 to {most_sets} sets of 1 to {most_reps}, got {sets} of {reps}.")


def offer(
    routine: Routine, changes: Sequence[DoseChange], sessions: Sequence[SessionResult], today: date
) -> Offer | None:
    """Return the one next step that may be offered today, or None.

    `sessions` in the order of time; gentle days, on which less was asked for, are passed over. Counting begins anew
    with each "this hurts" in any exercise and with each change of this exercise's dose; a step that was declined is not
    offered again.
    """
    last_set = max((change.day for change in changes if change.is_set), default=date.min)
    last_later = max((change.day for change in changes if change.what == "later"), default=date.min)
    if today - last_set < timedelta(APART_DAYS) or today - last_later < timedelta(LATER_DAYS):
        return None
    hurts = [index for index, session in enumerate(sessions) if session.hurt]
    since = sessions[hurts[-1] + 1 :] if hurts else sessions
    for exercise in routine.exercises:
        if exercise.progression is not None:
            found = _offer(exercise, exercise.progression, changes, since, today)
            if found is not None:
                return found
    return None


def _offer(
    exercise: Exercise, rule: Progression, changes: Sequence[DoseChange], sessions: Sequence[SessionResult], today: date
) -> Offer | None:
    dose = own_dose(exercise, changes)
    own = [change for change in changes if change.exercise == exercise.id]
    changed = max((change.day for change in own if change.is_set), default=date.min)
    declined = {(change.sets, change.reps) for change in own if change.what == "no"}
    step = next((it for it in rule.steps if it.sets * it.reps > dose.sets * dose.reps), None)
    if step is None or (step.sets, step.reps) in declined:
        return None
    with_it = [
        (session, result)
        for session in sessions
        if session.day > changed and not session.gentle
        for result in session.exercises
        if result.exercise == exercise.id
    ]
    good = [session for session, result in with_it if is_whole(result, dose, rule) and is_comfortable(session, rule)]
    if len(good) < rule.sessions or good[-1] is not with_it[-1][0]:
        return None
    weeks = (today - good[0].day).days // 7
    if weeks < rule.after_weeks:
        return None
    return Offer(
        exercise=exercise.id,
        sets=step.sets,
        reps=step.reps,
        before=(dose.sets, dose.reps),
        sessions=len(good),
        weeks=weeks,
    )


def is_whole(result: ExerciseResult, dose: Dose, rule: Progression) -> bool:
    """Return whether an exercise was done whole: all of the dose, and enough of it full if it was seen."""
    if result.hurt or result.done < dose.total:
        return False
    return result.verdicts.get("full", 0) >= rule.full_share * result.counted


def is_comfortable(session: SessionResult, rule: Progression) -> bool:
    """Return whether nothing hurt. Soreness that was not told is not held against a session."""
    before, after = (session.ratings.get(f"soreness-{when}") for when in ("before", "after"))
    if session.hurt or (after is not None and after > rule.soreness_at_most):
        return False
    return before is None or after is None or after - before < rule.rise_under
