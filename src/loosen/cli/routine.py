"""`loosen routine`: lists, shows and proves routines, and prints the schema of their files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from loosen.cli.options import add_json, add_routine, command, print_json, routine_of, words_of
from loosen.cli.terminal import show

if TYPE_CHECKING:
    from loosen.cli.options import Commands
    from loosen.coach.cast import Trial
    from loosen.coach.routine_check import CheckResult
    from loosen.routine.model import Dose, Exercise, Routine
    from loosen.routine.words import Words


def add(commands: Commands) -> None:
    """Add the group to the command line."""
    routine = command(commands, "routine", None, "look at a routine, or check one of your own")
    of_routine = routine.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = command(of_routine, "list", _list, "the routines that loosen knows")
    show = command(of_routine, "show", _show, "a routine in full")
    text = "prove a file: its figure's own repetitions must be counted, all full"
    check = command(of_routine, "check", _check, text)
    schema = command(of_routine, "schema", _schema, "the JSON Schema of a routine file, for your editor")
    for one in (show, check):
        text = "routine file (default: the built-in)"
        one.add_argument("file", nargs="?", type=Path, metavar="FILE", help=text)
    for one in (listing, show, check):
        add_routine(one)
        add_json(one)
    schema.add_argument("--json", action="store_true", help=argparse.SUPPRESS)  # it is JSON anyway


def _list(given: argparse.Namespace) -> int:
    words = words_of()
    known = [(routine_of(None), words["routine.built-in"])]
    if given.routine is not None:
        known.append((routine_of(given.routine), str(given.routine)))
    if given.json:
        print_json(
            [
                {"id": it.id, "title": it.title, "where": where, "exercises": [one.id for one in it.exercises]}
                for it, where in known
            ]
        )
    else:
        show(*(line for it, where in known for line in list_lines(it, where, words)))
    return 0


def _show(given: argparse.Namespace) -> int:
    from loosen.routine.reader import as_json

    routine = routine_of(given.file or given.routine)
    if given.json:
        print(as_json(routine))
    else:
        show(*show_lines(routine, words_of()))
    return 0


def _check(given: argparse.Namespace) -> int:
    from concurrent.futures import ProcessPoolExecutor

    from loosen.coach.routine_check import check, check_tasks, vet

    routine = routine_of(given.file or given.routine)
    vet(routine)
    findings: list[CheckResult] = []
    people: list[Trial] = []
    with ProcessPoolExecutor() as pool:
        for done in pool.map(check, check_tasks(routine)):
            findings += done.results
            people += done.trials
            for finding in () if given.json else done.results:
                mark = "ok  " if finding.held else "FAIL"
                print(f"{mark} {finding.exercise}: {finding.tried}: {finding.said}", flush=True)
    failed = sum(not finding.held for finding in findings)
    if given.json:
        print_json({"routine": routine.id, "held": not failed, "findings": findings, "people": people}, one_line=True)
    elif failed:
        print(f"{routine.id}: {failed} of {len(findings)} did not hold.", file=sys.stderr)
    else:
        print(f"{routine.id}: all {len(findings)} held.", file=sys.stderr)
    return 1 if failed else 0


def _schema(_: argparse.Namespace) -> int:
    from loosen.routine.reader import schema

    print_json(schema())
    return 0


# -- a routine as text ---------------------------------------------------------------------------------------


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
    from loosen.text import dose_text

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
    if exercise.care:
        lines.append(words("routine.care", care=exercise.care))
    return [*lines, *(words("routine.variant", title=one.title, offer=one.offer) for one in exercise.variants)]


def _get_up(routine: Routine, words: Words) -> list[str]:
    rule = routine.get_up
    if rule is None:
        return []
    text = words("routine.get-up", title=rule.title, after=f"{rule.after_min:g}", latest=f"{rule.latest_min:g}")
    return [words("routine.heading", n=len(routine.exercises) + 1, title=text)]


def _source(routine: Routine, words: Words) -> str:
    return words("routine.source", author=routine.source.author, title=routine.source.title)
