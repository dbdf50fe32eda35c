"""The synthetic person of the demo, who does what the stage asks, sometimes with a fault."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from loosen.body.figure import FigureMotion
from loosen.body.pose import Look
from loosen.body.synthetic_body import BodyTables, Manner, Person, SyntheticCamera, project
from loosen.coach.guidance.stage import Stage
from loosen.routine.model import Exercise, Routine

# After a good repetition each exercise shows another fault: no stop, too short, too fast.
FAULTS = (Manner(stop_s=0.0), Manner(reach=0.6), Manner(pace=3.2))
TURN_DEG_PER_S = 110.0
JITTER = 0.002


class DemoBody:
    """Follows the stage: stands, turns as asked, and moves when a set is on."""

    def __init__(self, routine: Routine, seed: int = 7, jitter: float = JITTER) -> None:
        self._routine = routine
        self._rng = np.random.default_rng(seed)
        self._jitter = jitter
        self._tables: dict[str, BodyTables] = {}
        self._heading_deg = 0.0
        self._t_s: float | None = None
        self._person: Person | None = None
        self._began_s = 0.0
        self._exercise: Exercise | None = None

    def looks_at(self, t_s: float, stage: Stage) -> Look | None:
        """Return what a camera would see of the body at `t_s`."""
        exercise = self._routine.exercise(stage.exercise) if stage.exercise else self._routine.exercises[0]
        if self._exercise is None or exercise.id != self._exercise.id:
            self._exercise, self._person = exercise, None
            self._start = FigureMotion(exercise).points("start")
        wanted_deg = 0.0
        if exercise.seen.shown == "side" and stage.screen in ("ready", "set"):
            asked_left = stage.figure is not None and stage.figure.mirrored
            left = asked_left if stage.screen == "ready" else self._heading_deg < 0
            wanted_deg = -90.0 if left else 90.0
        self._turn(t_s, wanted_deg)
        points = self._start
        if stage.screen == "set" and not stage.paused:
            if self._person is None:
                tables = self._tables.setdefault(exercise.id, {})
                self._person = Person(exercise, self._manners(exercise), still_s=1.0, tables=tables)
                self._began_s = t_s
            points = self._person.points(t_s - self._began_s)
        elif stage.screen != "set":
            self._person = None
        camera = SyntheticCamera("front", turned_deg=self._heading_deg, jitter=self._jitter)
        return Look(project(points, camera, t_s, self._rng))

    def _manners(self, exercise: Exercise) -> tuple[Manner, ...]:
        ids = [one.base_id for one in self._routine.exercises]
        fault = FAULTS[ids.index(exercise.base_id) % len(FAULTS)]
        manners = (Manner(), fault, *([Manner()] * 12))
        mirrored = exercise.dose.alternating
        return tuple(replace(manner, mirrored=mirrored and index % 2 == 1) for index, manner in enumerate(manners))

    def _turn(self, t_s: float, wanted_deg: float) -> None:
        """Turn towards the wanted heading as a person would, not at once."""
        dt_s = 0.0 if self._t_s is None else max(t_s - self._t_s, 0.0)
        self._t_s = t_s
        away = wanted_deg - self._heading_deg
        self._heading_deg += max(-TURN_DEG_PER_S * dt_s, min(TURN_DEG_PER_S * dt_s, away))
