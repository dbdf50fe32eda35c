"""Routine files: read, refused, written as JSON.

Reading never half-succeeds: a file is a routine, or a RoutineError says what is wrong with it, with path and line.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from loosen.errors import RoutineError
from loosen.routine.model import Condition, Exercise, Routine
from loosen.routine.poses import KeyPose

MAX_BYTES = 1_000_000
MAX_DOTS = 300  # in a line; tomllib takes minutes over a dotted key of thousands of parts
BUILTIN = "loosen-lower-back.toml"


@cache
def builtin() -> Routine:
    """Return the routine that comes with loosen."""
    return parse(resources.files("loosen.routine").joinpath(BUILTIN).read_bytes(), BUILTIN)


def read_routine(path: Path | str) -> Routine:
    """Read a routine file; RoutineError, with path and line, if it is not one."""
    file = Path(path)
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise RoutineError(f"the file has {size / 1e6:.1f} MB; a routine is text of at most 1 MB", file=str(file))
        data = file.read_bytes()
    except OSError as error:
        raise RoutineError(f"cannot be read ({error.strerror}); check the name", file=str(file)) from None
    return parse(data, str(file))


def parse(data: bytes, name: str = "routine") -> Routine:
    """Turn a routine file's bytes into a Routine; RoutineError if they are not one."""
    if len(data) > MAX_BYTES:
        raise RoutineError("larger than 1 MB; a routine is a small text file", file=name)
    try:
        text = data.decode("utf-8-sig")  # some editors put a mark in front
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise RoutineError("not UTF-8 text; save the file as UTF-8", file=name, line=line) from None
    for number, written in enumerate(text.splitlines(), 1):
        if written.count(".") > MAX_DOTS:
            raise RoutineError("nested too deeply", file=name, line=number)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        message = re.sub(r" \(at .*\)$", "", str(error))
        raise RoutineError(f"not TOML: {message}", file=name, line=int(found[1]) if found else None) from None
    except RecursionError:
        raise RoutineError("nested too deeply", file=name) from None
    except ValueError:
        raise RoutineError("holds a number with far too many digits", file=name) from None
    try:
        routine = msgspec.convert(raw, Routine)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `")
        message = _explained(message)
        path = _with_key(raw, path.rstrip("`") or "$")
        raise RoutineError(message, file=name, path=path, line=line_of(text, path)) from None
    if odd := re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "".join(_strings(raw))):
        raise RoutineError(f"holds the control character U+{ord(odd[0]):04X}; take it out", file=name)
    for path, message in _contradictions(routine):
        raise RoutineError(message, file=name, path=path, line=line_of(text, path))
    return routine


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a routine file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "loosen routine"} | msgspec.json.schema(
        Routine
    )


def as_json(routine: Routine) -> str:
    """Return the routine whole, as JSON."""
    return json.dumps(msgspec.to_builtins(routine), ensure_ascii=False, indent=2)


def _contradictions(routine: Routine) -> Iterator[tuple[str, str]]:
    """Yield what contradicts itself in ways that the types cannot refuse: (path, message)."""
    ids = [exercise.id for exercise in routine.exercises]
    named: list[tuple[str, str]] = []
    for index, exercise in enumerate(routine.exercises):
        at = f"$.exercises[{index}]"
        if exercise.id in ids[:index]:
            yield f"{at}.id", f"the id {exercise.id!r} is used twice; each exercise needs its own"
        named += [(f"{at}.looks_like", name) for name in exercise.looks_like]
        variants = [variant.id for variant in exercise.variants]
        for number, variant in enumerate(variants):
            if variant in variants[:number]:
                yield f"{at}.variants[{number}].id", f"the id {variant!r} is used twice; each variant needs its own"
    for at, exercise in located(routine):
        yield from ((f"{at}{path}", message) for path, message in _exercise_contradictions(exercise))
    if (rule := routine.get_up) is not None:
        if rule.latest_min < rule.after_min:
            yield "$.get_up.latest_min", "expected at least `after_min`"
        named += [("$.get_up.movements", name) for name in rule.movements]
    for path, name in named:
        if name not in ids:
            yield path, f"no exercise has the id {name!r}; known: {', '.join(ids)}"
    families = dict.fromkeys(family for exercise in routine.exercises for family in exercise.family)
    if (look := routine.first_look) is not None and look.family not in families:
        yield "$.first_look.family", f"no exercise is of the family {look.family!r}; known: {', '.join(families)}"


def located(routine: Routine) -> Iterator[tuple[str, Exercise]]:
    """Yield every exercise, then its variants, each with its path in the file."""
    for index, exercise in enumerate(routine.exercises):
        at = f"$.exercises[{index}]"
        yield at, exercise
        for number, variant in enumerate(exercise.variants):
            yield f"{at}.variants[{number}]", exercise.varied(variant.id)


def _exercise_contradictions(exercise: Exercise) -> Iterator[tuple[str, str]]:
    for key in ("out_s", "back_s"):
        low, high = getattr(exercise.tempo, key)
        if not 0 < low <= high:
            yield f".tempo.{key}", f"expected two rising numbers above 0, got [{low:g}, {high:g}]"
    figure = exercise.figure
    names = ", ".join(figure.poses)
    poses = [(".figure.start", figure.start)]
    poses += [(f".figure.steps[{index}].pose", step.pose) for index, step in enumerate(figure.steps)]
    for path, pose in poses:
        if pose not in figure.poses:
            yield path, f"no pose is called {pose!r}; known: {names}"
    order = [("out", "back", "home").index(step.phase) for step in figure.steps]
    if order != sorted(order) or 0 not in order or 1 not in order:
        yield ".figure.steps", 'expected steps "out", then "back", then perhaps "home"'
    if figure.steps[-1].pose != figure.start:
        yield ".figure.steps", f"the last step must end in the start pose {figure.start!r}"
    dose, rule = exercise.dose, exercise.seen.side
    if dose.alternating and (rule is None or rule.even_within > 0):
        yield ".dose.order", "sides that alternate need a `seen.side` rule that always names one side"
    yield from _dose_contradictions(exercise)
    if (least_s := exercise.tempo.credited_from_s) > exercise.tempo.stop_s:
        message = f"a stop counts as one from {least_s:g} s on: expected at least that, or a smaller `credited_from_s`"
        yield ".tempo.stop_s", message
    fault_ids = [fault.id for fault in exercise.faults]
    for index, fault in enumerate(exercise.faults):
        if fault.id in fault_ids[:index]:
            yield f".faults[{index}].id", f"the id {fault.id!r} is used twice"
    for path, condition in conditions(exercise):
        if (condition.over is None) == (condition.under is None):
            yield path, "expected exactly one of `over` and `under`"
        if (condition.measure == "seconds") == bool(condition.signal):
            yield path, 'expected a `signal`, or measure = "seconds" without one'


def _dose_contradictions(exercise: Exercise) -> Iterator[tuple[str, str]]:
    """A progression must lead upwards from the dose, and stay within what a person may set."""
    dose, rule = exercise.dose, exercise.progression
    for name, most, least in (("sets", dose.most_sets, dose.sets), ("reps", dose.most_reps, dose.reps)):
        if most is not None and most < least:
            yield f".dose.most_{name}", f"expected at least the {least} that the dose has"
    before = dose.sets * dose.reps
    for index, step in enumerate(rule.steps if rule else ()):
        path = f".progression.steps[{index}]"
        if step.sets * step.reps <= before:
            yield path, f"expected more than the {before} repetitions before it"
        sets, reps = dose.bounds
        if step.sets > sets or step.reps > reps:
            yield path, f"expected at most {sets} sets of {reps}, the dose's `most_sets` and `most_reps`"
        before = max(before, step.sets * step.reps)


def conditions(exercise: Exercise) -> list[tuple[str, Condition]]:
    """List every condition of an exercise with its path within the exercise."""
    return [
        *((f".seen.needs[{i}].when", need.when) for i, need in enumerate(exercise.seen.needs)),
        *((f".seen.start[{i}]", condition) for i, condition in enumerate(exercise.seen.start)),
        *((f".faults[{i}].when", fault.when) for i, fault in enumerate(exercise.faults)),
    ]


def _explained(message: str) -> str:
    """Return msgspec's message with a pattern put into words."""
    if "matching regex" not in message:
        return message
    if "{2}" in message:
        return "expected two small letters, such as en"
    return "expected small letters, digits and dashes, a letter first"


def _strings(raw: object) -> Iterator[str]:
    """Yield every string in a file."""
    if isinstance(raw, str):
        yield raw
    elif isinstance(raw, dict):
        for value in raw.values():
            yield from _strings(value)
    elif isinstance(raw, list):
        for value in raw:
            yield from _strings(value)


def _with_key(raw: dict[str, Any], path: str) -> str:
    """Return the path with the key that is wrong, where msgspec names only its table as in ``poses[...]``."""
    before, some, after = path.partition("[...]")
    if not some:
        return path
    table: Any = raw
    for part in re.findall(r"[\w-]+", before.removeprefix("$")):
        table = table[int(part) if part.isdigit() else part]
    for name, value in table.items():
        try:
            msgspec.convert(value, KeyPose)
        except msgspec.ValidationError:
            return f"{before}.{name}{after}"
    return path


def line_of(text: str, path: str) -> int | None:
    """Return the line that a path like ``$.exercises[1].dose.reps`` stands on, or the nearest one above it."""
    wanted = [int(p) if p.isdigit() else p for p in re.findall(r"[\w-]+", path.removeprefix("$"))]
    counts: dict[str, int] = {}
    here: list[str | int] = []
    best, best_depth = None, 0
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if header := re.fullmatch(r"\[\[\s*([\w.-]+)\s*\]\].*", stripped):
            name = header[1]
            counts[name] = counts.get(name, -1) + 1
            for known in [k for k in counts if k.startswith(name + ".")]:
                del counts[known]
            place = here = _table_path(name, counts)
        elif header := re.fullmatch(r"\[\s*([\w.-]+)\s*\].*", stripped):
            place = here = _table_path(header[1], counts)
        elif key := re.match(r"([\w-]+)\s*=", stripped):
            place = [*here, key[1]]
        else:
            continue
        if best_depth < len(place) == _n_common(place, wanted):
            best, best_depth = number, len(place)
    return best


def _table_path(name: str, counts: dict[str, int]) -> list[str | int]:
    """Return a table header as a path, with the index of each array of tables in it."""
    out: list[str | int] = []
    parts = name.split(".")
    for index, part in enumerate(parts):
        out.append(part)
        prefix = ".".join(parts[: index + 1])
        if prefix in counts:
            out.append(counts[prefix])
    return out


def _n_common(a: list[str | int], b: list[str | int]) -> int:
    """Return how many leading parts two paths share."""
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
