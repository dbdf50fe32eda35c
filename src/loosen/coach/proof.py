"""Proving a routine: its own figure, seen with a camera's noise, must be counted, and nothing else.

For every exercise the figure does the whole dose before the coach with 1% of body height of jitter and a tenth of
the frames dropped, at 15, 30 and 60 frames a second: all repetitions must be counted, all full. The figure
standing still, or doing any other exercise of the file, must count nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from math import isnan
from typing import Literal

import msgspec

from loosen.body.catalogue import SIGNALS
from loosen.body.figure import PHASES, Figure
from loosen.body.person import Eye, Person, manners_for, recording, seen
from loosen.body.signals import SignalReader
from loosen.coach.report import Report
from loosen.coach.watching import Watcher
from loosen.errors import RoutineError
from loosen.routine.files import conditions
from loosen.routine.model import Condition, Exercise, Routine
from loosen.routine.words import Words

View = Literal["front", "side"]

RATES = (15.0, 30.0, 60.0)
JITTER = 0.01
LOST = 0.1
STILL_S = 30.0


class Finding(msgspec.Struct, frozen=True):
    """One thing that was tried: which exercise, what, whether it held, and what came out."""

    exercise: str
    tried: str
    held: bool
    said: str


def vet(routine: Routine) -> Routine:
    """Refuse a routine that names signals which do not exist or targets its own figure cannot reach."""
    for index, exercise in enumerate(routine.exercises):
        at = f"$.exercises[{index}]"
        for path, name in _named_signals(exercise):
            if name not in SIGNALS:
                raise RoutineError(
                    f"no signal is called {name!r}; known: {', '.join(SIGNALS)}", path=at + path
                )
            plane = SIGNALS[name].plane
            if plane not in ("any", exercise.seen.view):
                seen_from = "anywhere" if exercise.seen.view == "any" else f"the {exercise.seen.view}"
                raise RoutineError(
                    f"{name} is measured from the {plane}, but the exercise is seen from {seen_from}",
                    path=at + path,
                )
        for path, condition in conditions(exercise):
            _vet_bound(condition, at + path)
        _vet_targets(exercise, at)
    return routine


def _named_signals(exercise: Exercise) -> Iterator[tuple[str, str]]:
    yield ".seen.signal", exercise.seen.signal
    if exercise.seen.side is not None:
        yield ".seen.side.signal", exercise.seen.side.signal
    for path, condition in conditions(exercise):
        if condition.measure != "seconds":
            yield f"{path}.signal", condition.signal


def _vet_bound(condition: Condition, path: str) -> None:
    bound = condition.over if condition.over is not None else condition.under
    if condition.measure in ("seconds", "speed", "change") or bound is None:
        return
    signal = SIGNALS[condition.signal]
    span = signal.high - signal.low
    if not signal.low - span <= bound <= signal.high + span:
        raise RoutineError(
            f"{bound:g} is no value of {signal.name}, which lies between {signal.low:g} and {signal.high:g} "
            f"({signal.unit}); check the unit",
            path=path,
        )


def _vet_targets(exercise: Exercise, at: str) -> None:
    """The figure itself must pass every target of its exercise."""
    figure, reader = Figure(exercise), SignalReader()
    eye = Eye(exercise.seen.shown)
    name = exercise.seen.signal
    start = reader.read(seen(figure.points("start"), eye, 0.0))[name]
    values = [
        reader.read(seen(figure.points(phase, share / 8), eye, 0.1 + 0.1 * index * 8 + 0.1 * share))[name]
        for index, phase in enumerate(PHASES[:3])
        for share in range(9)
    ]
    base = start if exercise.seen.relative_to == "baseline" else 0.0
    known = [value - base for value in values if not isnan(value)]
    reached = max(known, default=math.nan)
    for path, target in (
        (".seen.counts_at", exercise.seen.counts_at),
        (".seen.full.at_least", exercise.seen.full.at_least),
    ):
        if not start - base < target <= reached:
            raise RoutineError(
                f"{target:g} is outside the key poses' range of {name}: from {start - base:.3g} to {reached:.3g}",
                path=at + path,
            )


def prove(routine: Routine, words: Words) -> Iterator[Finding]:
    """Try a routine, finding by finding; see the module."""
    for exercise in routine.exercises:
        for fps in RATES:
            for view in _views(exercise):
                report = _watched(exercise, view, routine, words, fps)
                yield _all_full(exercise, report, fps)
        still = Person(exercise, (), still_s=STILL_S)
        for view in _views(exercise):
            yield _nothing(exercise, words, routine, still, view, "standing still")
        for other in routine.exercises:
            if other is not exercise and other.id not in exercise.looks_like:
                person = Person(other, manners_for(other, 4))
                for view in _views(other):
                    yield _nothing(exercise, words, routine, person, view, f"doing {other.id}")


def _views(exercise: Exercise) -> tuple[View, ...]:
    return ("front", "side") if exercise.seen.view == "any" else (exercise.seen.view,)


def _watched(exercise: Exercise, view: View, routine: Routine, words: Words, fps: float) -> Report:
    watcher = Watcher(routine, words, exercise.id)
    eye = Eye(view, fps=fps, jitter=JITTER, lost=LOST)
    for pose in recording(Person(exercise, manners_for(exercise)), eye, seed=int(fps)):
        watcher.see(pose)
    watcher.finish()
    return watcher.report(exercise.id)


def _all_full(exercise: Exercise, report: Report, fps: float) -> Finding:
    wanted = len(manners_for(exercise))
    tried = f"its figure, {wanted} repetitions at {fps:g} frames a second"
    wrong = [rep for rep in report.reps if rep.verdict != "full"]
    held = report.counted == wanted == len(report.reps) and not wrong
    said = f"{report.counted} counted"
    if wrong:
        first = wrong[0]
        said += f", {len(wrong)} not full; the one at {first.start_s:.1f} s: {'; '.join(first.reasons)}"
    return Finding(exercise.id, tried, held, said)


def _nothing(
    exercise: Exercise, words: Words, routine: Routine, person: Person, view: View, tried: str
) -> Finding:
    watcher = Watcher(routine, words, exercise.id)
    eye = Eye(view, jitter=JITTER, lost=LOST)
    for pose in recording(person, eye, seed=3):
        watcher.see(pose)
    watcher.finish()
    counted = watcher.report("").counted
    return Finding(exercise.id, f"the figure {tried}", counted == 0, f"{counted} counted")
