"""Other doses of an exercise than its own, and how long a dose takes."""

from __future__ import annotations

from msgspec.structs import replace

from loosen.routine.model import Dose, Exercise

SHOWING_S = 25.0
"""What an exercise takes besides its repetitions: hearing how it goes and getting into place."""

BREAK_S = (60.0, 120.0)
"""A break from sitting lasts one to two minutes."""


def seconds(exercise: Exercise, dose: Dose | None = None) -> float:
    """Return about how many seconds an exercise takes, in its own dose or in this one."""
    dose = dose or exercise.dose
    rep_s = sum(exercise.tempo.durations_s.values()) + exercise.figure.home_s
    return SHOWING_S + dose.total * rep_s + (dose.sets - 1) * dose.rest_s


def break_dose(exercise: Exercise) -> Dose:
    """Return the exercise's dose for a break: one set, with as many repetitions as `BREAK_S` has room for.

    The routine's own number where that fits; at least one.
    """
    at_least_s, at_most_s = BREAK_S
    dose = replace(exercise.dose, sets=1)
    while dose.reps > 1 and seconds(exercise, dose) > at_most_s:
        dose = replace(dose, reps=dose.reps - 1)
    while dose.reps < 50 and seconds(exercise, dose) < at_least_s:
        dose = replace(dose, reps=dose.reps + 1)
    return dose


def demo_dose(exercise: Exercise) -> Dose:
    """Return a short dose, so that a demo shows everything within a few minutes."""
    dose = exercise.dose
    return Dose(sets=1, reps=2 if dose.sides == "each" else 3, sides=dose.sides, order=dose.order, rest_s=6.0)
