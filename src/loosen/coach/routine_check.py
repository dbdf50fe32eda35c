"""`routine check`: a routine's own figure, seen with a camera's noise, must be counted, and nothing else.

For every exercise and variant the figure does the whole dose before the coach with 1% of body height of jitter and a
tenth of the frames dropped, at 15, 30 and 60 frames a second: all repetitions must be counted, all full. The figure
standing still, or doing any other exercise of the file, must count nothing; an exercise and its variants may look
alike. And a session must lead it to its end. Then the cast (`cast.py`) is led through a set of each movement.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from math import isnan
from pathlib import Path
from typing import NamedTuple

import msgspec

from loosen.body.figure import PHASES, FigureMotion
from loosen.body.signal_catalogue import SIGNALS
from loosen.body.signals import SignalReader
from loosen.body.synthetic_body import Person, SyntheticCamera, manners_for, project, recording
from loosen.coach.cast import CAST, Trial, trials, wrong_with
from loosen.coach.counting.coach import Coach
from loosen.coach.counting.counter import start_values
from loosen.coach.counting.rep import Report
from loosen.coach.guidance.demo_body import DemoBody
from loosen.coach.guidance.session import Session
from loosen.errors import InputError, RoutineError
from loosen.routine.fields import FigurePhase, Plane
from loosen.routine.model import Condition, Exercise, Routine
from loosen.routine.reader import conditions, line_of, located, read_routine
from loosen.routine.words import Words, load_words

RATES = (15.0, 30.0, 60.0)
JITTER = 0.01
LOST = 0.1
STILL_S = 30.0
LED_S = 240.0
LED_FPS = 20.0


class CheckResult(msgspec.Struct, frozen=True):
    """One check of an exercise: what was tried, whether it held, and what came out."""

    exercise: str
    tried: str
    held: bool
    said: str


def load_routine(path: Path) -> Routine:
    """Read a routine file and vet it; RoutineError, with file and line, if it cannot be used."""
    routine = read_routine(path)
    try:
        return vet(routine)
    except RoutineError as error:
        line = line_of(path.read_text("utf-8"), error.path)
        raise RoutineError(error.message, file=str(path), path=error.path, line=line) from None


def vet_choice(routine: Routine, exercise: str | None) -> None:
    """Refuse an exercise that the routine has not; None is every one."""
    known = [one.id for one in routine.all_exercises()]
    if exercise is not None and exercise not in known:
        raise InputError(f"The routine has no exercise {exercise!r}. It has: {', '.join(known)}")


def vet(routine: Routine) -> Routine:
    """Refuse a routine that names signals which do not exist or targets its own figure cannot reach."""
    for at, exercise in located(routine):
        for path, name in _named_signals(exercise):
            if name not in SIGNALS:
                raise RoutineError(f"no signal is called {name!r}; known: {', '.join(SIGNALS)}", path=at + path)
            plane = SIGNALS[name].plane
            if exercise.seen.view == "any" and path.startswith(".seen.needs"):
                continue  # from another view it is unknown, and nothing is asked of it
            if plane not in ("any", exercise.seen.view):
                seen_from = "anywhere" if exercise.seen.view == "any" else f"the {exercise.seen.view}"
                raise RoutineError(
                    f"{name} is measured from the {plane}, but the exercise is seen from {seen_from}", path=at + path
                )
        for path, condition in conditions(exercise):
            _vet_bound(condition, at + path)
        _vet_targets(exercise, at)
    return routine


def _named_signals(exercise: Exercise) -> Iterator[tuple[str, str]]:
    yield ".seen.signal", exercise.seen.signal
    if exercise.seen.also:
        yield ".seen.also", exercise.seen.also
    if exercise.seen.side is not None:
        yield ".seen.side.signal", exercise.seen.side.signal
    for path, condition in conditions(exercise):
        if condition.measure != "seconds":
            yield f"{path}.signal", condition.signal


def _vet_bound(condition: Condition, path: str) -> None:
    bound = condition.over if condition.over is not None else condition.under
    if condition.measure in ("seconds", "speed", "change", "spread") or bound is None:
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
    name, figure, reader = exercise.seen.signal, FigureMotion(exercise), SignalReader()
    camera = SyntheticCamera(exercise.seen.shown)

    def value(phase: FigurePhase, share: float, t_s: float) -> float:
        return reader.read(project(figure.points(phase, share), camera, t_s))[name]

    start = value("start", 0.0, 0.0)
    base = start if exercise.seen.relative_to == "baseline" else 0.0
    values = [
        value(phase, share / 8, 0.1 + 0.1 * index * 8 + 0.1 * share) - base
        for index, phase in enumerate(PHASES[:3])
        for share in range(9)
    ]
    reached = max((one for one in values if not isnan(one)), default=math.nan)
    seen = exercise.seen
    for path, target in ((".seen.counts_at", seen.counts_at), (".seen.full.at_least", seen.full.at_least)):
        if not start - base < target <= reached:
            raise RoutineError(
                f"{target:g} is outside the key poses' range of {name}: from {start - base:.3g} to {reached:.3g}",
                path=at + path,
            )
    at_start = start_values(exercise)
    for index, condition in enumerate(exercise.seen.start):
        own = at_start.get(condition.signal, math.nan)
        if not condition.met(own):
            raise RoutineError(
                f"the figure's own start pose does not meet it ({condition.signal} is {own:.3g}); "
                "nobody could ever begin",
                path=f"{at}.seen.start[{index}]",
            )


class CheckTask(NamedTuple):
    """A part of the proof that can be worked on by itself: an exercise's figure, or a `member` of the cast."""

    routine: Routine
    exercise: str
    member: str = ""


class Checked(NamedTuple):
    """What came of a task."""

    results: tuple[CheckResult, ...]
    trials: tuple[Trial, ...] = ()


def check_tasks(routine: Routine) -> tuple[CheckTask, ...]:
    """Return the tasks of a routine's proof, exercise by exercise."""
    members = ("", *(member.name for member in CAST))
    return tuple(CheckTask(routine, exercise.id, member) for exercise in routine.all_exercises() for member in members)


def check(task: CheckTask) -> Checked:
    """Do one task of a routine's proof."""
    words, exercise = load_words(task.routine.language), task.routine.exercise(task.exercise)
    if not task.member:
        return Checked(tuple(_figure_results(task.routine, exercise, words)))
    member = next(member for member in CAST if member.name == task.member)
    tried = tuple(trials(task.routine, exercise, member, words))
    if not tried:
        return Checked(())
    wrong = wrong_with(member, tried)
    counted = ", ".join(f"{it.counted} of {it.attempts}" for it in tried)
    said = wrong or f"{counted} counted at {', '.join(f'{it.fps:g}' for it in tried)} pictures a second"
    return Checked((CheckResult(exercise.id, f"the cast, {member.name}", not wrong, said),), tried)


def check_figures(routine: Routine, words: Words) -> Iterator[CheckResult]:
    """Yield the result of one check of the figures after the other, exercise by exercise."""
    for exercise in routine.all_exercises():
        yield from _figure_results(routine, exercise, words)


def _figure_results(routine: Routine, exercise: Exercise, words: Words) -> Iterator[CheckResult]:
    person = Person(exercise, manners_for(exercise))
    for fps in RATES:
        for view in _views(exercise):
            camera = SyntheticCamera(view, fps=fps, jitter=JITTER, lost=LOST)
            yield _all_full(_watched(routine, exercise, words, person, camera, int(fps)), person, fps)
    yield _led(exercise, routine, words)
    others = [("standing still", exercise, Person(exercise, (), still_s=STILL_S))]
    others += [
        (f"doing {other.id}", other, Person(other, manners_for(other, 4)))
        for other in routine.all_exercises()
        if other.base_id not in (exercise.base_id, *exercise.looks_like)
    ]
    for tried, other, person in others:
        for view in _views(other):
            camera = SyntheticCamera(view, jitter=JITTER, lost=LOST)
            counted = _watched(routine, exercise, words, person, camera, 3).counted
            yield CheckResult(exercise.id, f"the figure {tried}", counted == 0, f"{counted} counted")


def _views(exercise: Exercise) -> tuple[Plane, ...]:
    return ("front", "side") if exercise.seen.view == "any" else (exercise.seen.view,)


def _watched(
    routine: Routine, exercise: Exercise, words: Words, person: Person, camera: SyntheticCamera, seed: int
) -> Report:
    coach = Coach(routine, exercise.id, words)
    for pose in recording(person, camera, seed):
        coach.see(pose)
    coach.finish()
    return coach.report(exercise.id)


def _all_full(report: Report, person: Person, fps: float) -> CheckResult:
    wanted = len(person.manners)
    wrong = [rep for rep in report.reps if rep.verdict != "full"]
    said = f"{report.counted} counted"
    if wrong:
        reasons = "; ".join(wrong[0].reasons)
        said += f", {len(wrong)} not full; the one at {wrong[0].start_s:.1f} s: {reasons}"
    return CheckResult(
        person.exercise.id,
        f"its figure, {wanted} repetitions at {fps:g} frames a second",
        report.counted == wanted == len(report.reps) and not wrong,
        said,
    )


def _led(exercise: Exercise, routine: Routine, words: Words) -> CheckResult:
    """Lead the figure through the exercise as a session would, in simulated time."""
    alone = msgspec.structs.replace(routine, exercises=(exercise,), get_up=None)
    session, body = Session(alone, words, camera=True, demo=True), DemoBody(alone)
    held, said = False, f"not at its end after {LED_S:.0f} s"
    session.start(0.0)
    for index in range(int(LED_S * LED_FPS)):
        t_s, stage = index / LED_FPS, session.stage()
        if stage.screen == "summary":
            done = stage.summary[0]
            held, said = done.done >= done.of, f"{done.done} of {done.of} done"
            break
        if stage.screen == "intro":
            session.command(t_s, "continue")
        if (look := body.looks_at(t_s, stage)) is not None:
            session.see(look)
        session.tick(t_s)
        session.events()
    return CheckResult(exercise.id, "led through a session", held, said)
