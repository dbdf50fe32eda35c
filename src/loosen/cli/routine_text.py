"""A routine as lines of text."""

from __future__ import annotations

from loosen.routine.model import Dose, Exercise, Routine
from loosen.routine.words import Words
from loosen.text import dose_text


def list_lines(routine: Routine, where: str, words: Words) -> list[str]:
    """Return a routine in short: where it stands, its title and source, and its movements."""
    movements = [
        words("routine.movement", n=n, title=exercise.title, dose=_dose(exercise.dose, words))
        for n, exercise in enumerate(routine.exercises, 1)
    ]
    return [
        words("routine.list", id=routine.id, where=where),
        "  " + words("routine.list-title", title=routine.title, source=_source(routine, words)),
        *(f"  {line}" for line in [*movements, *_get_up(routine, words)]),
    ]


def show_lines(routine: Routine, words: Words) -> list[str]:
    """Return a routine as a person would want to read it before doing it."""
    lines = [routine.title, words("routine.after", source=_source(routine, words)), ""]
    for n, exercise in enumerate(routine.exercises, 1):
        heading, *more = _exercise(n, exercise, words)
        lines += [heading, *(f"   {line}" for line in more), ""]
    if routine.get_up is not None:
        lines += [*_get_up(routine, words), f"   {routine.get_up.text}", ""]
    return [*lines, routine.care.always]


def _dose(dose: Dose, words: Words) -> str:
    return dose_text(dose.sets, dose.reps, words, each=dose.sides == "each")


def _exercise(n: int, exercise: Exercise, words: Words) -> list[str]:
    key = "routine.heading-named" if exercise.field_name else "routine.heading"
    lines = [
        words(key, n=n, title=exercise.title, name=exercise.field_name),
        words(
            "routine.facts",
            dose=_dose(exercise.dose, words),
            intensity=words[f"routine.{exercise.intensity}"],
            view=words[f"routine.{exercise.seen.view}"],
        ),
        *(words("routine.step", line=line) for line in exercise.how),
        words("routine.purpose", purpose=exercise.purpose),
        words("routine.manner", manner=exercise.manner),
    ]
    return [*lines, words("routine.care", care=exercise.care)] if exercise.care else lines


def _get_up(routine: Routine, words: Words) -> list[str]:
    rule = routine.get_up
    if rule is None:
        return []
    text = words(
        "routine.get-up", title=rule.title, after=f"{rule.after_min:g}", latest=f"{rule.latest_min:g}"
    )
    return [words("routine.heading", n=len(routine.exercises) + 1, title=text)]


def _source(routine: Routine, words: Words) -> str:
    return words("routine.source", author=routine.source.author, title=routine.source.title)
