"""How long an exercise takes, and how much of it fits into a short break."""

from __future__ import annotations

import msgspec

from loosen.routine.model import Dose, Exercise

SHOWING_S = 25.0
"""What an exercise takes besides its repetitions: hearing how it goes and getting into place."""

BREAK_S = (60.0, 120.0)
"""A break from sitting lasts one to two minutes."""


def seconds(exercise: Exercise, dose: Dose | None = None) -> float:
    """Return about how many seconds an exercise takes, in its own dose or in this one."""
    dose, tempo = dose or exercise.dose, exercise.tempo
    rep_s = sum(tempo.out_s) / 2 + tempo.stop_s + sum(tempo.back_s) / 2 + exercise.figure.home_s
    reps = dose.reps * (2 if dose.sides == "each" else 1)
    return SHOWING_S + dose.sets * reps * rep_s + (dose.sets - 1) * dose.rest_s


def break_dose(exercise: Exercise) -> Dose:
    """Return the exercise's dose for a break: one set, with as many repetitions as `BREAK_S` has room for.

    The routine's own number where that fits; at least one.
    """
    at_least_s, at_most_s = BREAK_S
    dose = msgspec.structs.replace(exercise.dose, sets=1)
    while dose.reps > 1 and seconds(exercise, dose) > at_most_s:
        dose = msgspec.structs.replace(dose, reps=dose.reps - 1)
    while dose.reps < 50 and seconds(exercise, dose) < at_least_s:
        dose = msgspec.structs.replace(dose, reps=dose.reps + 1)
    return dose
