"""Somebody for the demo: the figure itself, doing what the stage asks, now well and now not."""

from __future__ import annotations

import numpy as np

from loosen.body.figure import FigureMotion
from loosen.body.pose import Look
from loosen.body.synthetic_body import Manner, Person, SyntheticCamera, project
from loosen.coach.guidance.stage import Stage
from loosen.routine.model import Dose, Exercise, Routine

# After a good repetition each exercise shows another fault: no stop, short of the way, hurried.
FAULTS = (Manner(stop_s=0.0), Manner(reach=0.6), Manner(pace=3.2))
TURN_DEG_PER_S = 110.0
JITTER = 0.002


def demo_dose(exercise: Exercise) -> Dose:
    """Return a short dose, so that a demo shows everything within a few minutes."""
    dose = exercise.dose
    reps = 2 if dose.sides == "each" else 3
    return Dose(sets=1, reps=reps, sides=dose.sides, order=dose.order, rest_s=6.0)


class DemoBody:
    """Follows the stage: stands, turns as asked, and moves when a set is on."""

    def __init__(self, routine: Routine, seed: int = 7) -> None:
        self._routine = routine
        self._rng = np.random.default_rng(seed)
        self._heading_deg = 0.0
        self._t_s: float | None = None
        self._person: Person | None = None
        self._began_s = 0.0
        self._exercise: Exercise | None = None

    def looks_at(self, t_s: float, stage: Stage) -> Look | None:
        """Return what a camera would see of the body at `t_s`."""
        exercise = self._routine.exercise(stage.exercise) if stage.exercise else self._routine.exercises[0]
        if exercise is not self._exercise:
            self._exercise, self._person = exercise, None
        wanted_deg = 0.0
        if exercise.seen.shown == "side" and stage.screen in ("ready", "set"):
            mirrored = stage.figure is not None and stage.figure.mirrored and stage.screen == "ready"
            wanted_deg = -90.0 if mirrored else 90.0
            if stage.screen == "set":
                wanted_deg = 90.0 if self._heading_deg >= 0 else -90.0
        self._turn(t_s, wanted_deg)
        points = FigureMotion(exercise).points("start")
        if stage.screen == "set" and not stage.paused:
            if self._person is None:
                self._person = Person(exercise, self._manners(exercise), still_s=1.0)
                self._began_s = t_s
            points = self._person.points(t_s - self._began_s)
        elif stage.screen != "set":
            self._person = None
        camera = SyntheticCamera("front", turned_deg=self._heading_deg, jitter=JITTER)
        return Look(project(points, camera, t_s, self._rng))

    def _manners(self, exercise: Exercise) -> tuple[Manner, ...]:
        fault = FAULTS[self._routine.exercises.index(exercise) % len(FAULTS)]
        manners = (Manner(), fault, *([Manner()] * 12))
        alternating = exercise.dose.sides == "each" and exercise.dose.order == "alternating"
        return tuple(
            Manner(m.reach, m.pace, m.stop_s, mirrored=alternating and index % 2 == 1)
            for index, m in enumerate(manners)
        )

    def _turn(self, t_s: float, wanted_deg: float) -> None:
        """Turn towards the wanted heading as a person would, not at once."""
        dt_s = 0.0 if self._t_s is None else max(t_s - self._t_s, 0.0)
        self._t_s = t_s
        away = wanted_deg - self._heading_deg
        self._heading_deg += max(-TURN_DEG_PER_S * dt_s, min(TURN_DEG_PER_S * dt_s, away))
