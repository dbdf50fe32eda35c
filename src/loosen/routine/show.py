"""A routine as lines of text."""

from __future__ import annotations

from loosen.routine.model import Dose, Exercise, Routine


def list_lines(routine: Routine, where: str) -> list[str]:
    """Return a routine in short: where it stands, its title and source, and its movements."""
    lines = [f"{routine.id}  ({where})", f"  {routine.title}, after {source_text(routine)}"]
    lines += [
        f"  {n}. {exercise.title}, {dose_text(exercise.dose)}"
        for n, exercise in enumerate(routine.exercises, 1)
    ]
    if routine.get_up is not None:
        lines.append(f"  {len(routine.exercises) + 1}. {get_up_text(routine)}")
    return lines


def show_lines(routine: Routine) -> list[str]:
    """Return a routine as a person would want to read it before doing it."""
    lines = [routine.title, f"after {source_text(routine)}", ""]
    for n, exercise in enumerate(routine.exercises, 1):
        lines += [*_exercise_lines(n, exercise), ""]
    if routine.get_up is not None:
        lines += [f"{len(routine.exercises) + 1}. {get_up_text(routine)}", f"   {routine.get_up.text}", ""]
    return [*lines, routine.care.always]


def _exercise_lines(n: int, exercise: Exercise) -> list[str]:
    name = f" ({exercise.field_name})" if exercise.field_name else ""
    lines = [
        f"{n}. {exercise.title}{name}",
        f"   {dose_text(exercise.dose)}, {exercise.intensity}, seen from the {exercise.seen.view}",
        *(f"   - {line}" for line in exercise.how),
        f"   What for: {exercise.purpose}",
        f"   How: {exercise.manner}",
    ]
    return [*lines, f"   Take care: {exercise.care}"] if exercise.care else lines


def dose_text(dose: Dose) -> str:
    """Return a dose in words: "1 set of 5 on each side"."""
    sets = "1 set" if dose.sets == 1 else f"{dose.sets} sets"
    return f"{sets} of {dose.reps}" + (" on each side" if dose.sides == "each" else "")


def get_up_text(routine: Routine) -> str:
    """Return the rule for getting up in words; empty if there is none."""
    rule = routine.get_up
    return "" if rule is None else f"{rule.title}, every {rule.after_min:g} to {rule.latest_min:g} minutes"


def source_text(routine: Routine) -> str:
    """Return author and title of what the routine was made from."""
    return f"{routine.source.author}: {routine.source.title}"
