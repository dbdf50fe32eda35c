"""A synthetic person before a synthetic camera, moving as the figure moves.

This is what tests the coach: a routine's own figure, seen with a camera's noise, must be counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from loosen.body.figure import FigureMotion, Vector
from loosen.body.pose import N_LANDMARKS, Floats, Pose
from loosen.routine.fields import FigurePhase, LeftRight, Plane
from loosen.routine.model import Exercise

PICTURE = (640, 480)
BODY_SHARE = 0.70  # of the picture's height
HEIGHT_M = 1.72
FAR_VISIBILITY = 0.72
STEPS = 120  # of a phase, between which the body is interpolated


@dataclass(frozen=True, slots=True)
class Manner:
    """How one repetition is done: how far (1 = to the end position), how fast, how long it stops, mirrored."""

    reach: float = 1.0
    pace: float = 1.0
    stop_s: float | None = None
    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class SyntheticCamera:
    """A camera: its view, the facing of who stands before it, its noise and what it loses.

    `jitter`: SD of each coordinate in body heights. `lost`: share of frames that never come. `tilt_deg`: the
    camera's roll; `turned_deg`: how far the person is turned away from the view.
    """

    view: Plane
    facing: LeftRight = "right"
    fps: float = 30.0
    jitter: float = 0.0
    lost: float = 0.0
    tilt_deg: float = 0.0
    turned_deg: float = 0.0

    @property
    def heading_deg(self) -> float:
        """Which way the person faces: 0 the camera, 90 the picture's right; `turned_deg` comes on top."""
        base = 0.0 if self.view == "front" else 90.0 if self.facing == "right" else -90.0
        return base + self.turned_deg


def project(points: Vector, camera: SyntheticCamera, t_s: float, rng: np.random.Generator | None = None) -> Pose:
    """Return the pose that the camera sees of body points (33, 3) at `t_s`."""
    forward, up, left = points[:, 0], points[:, 1], points[:, 2]
    heading = np.radians(camera.heading_deg)
    x = forward * np.sin(heading) + left * np.cos(heading)
    depth = left * np.sin(heading) - forward * np.cos(heading)
    width, height = PICTURE
    scale = BODY_SHARE * height
    flat = np.stack([x, -up], axis=1)
    if rng is not None and camera.jitter:
        flat = flat + rng.normal(0.0, camera.jitter, flat.shape)
    if camera.tilt_deg:
        c, s = np.cos(np.radians(camera.tilt_deg)), np.sin(np.radians(camera.tilt_deg))
        middle = np.array([0.0, -0.5])
        flat = (flat - middle) @ np.array([[c, s], [-s, c]]) + middle
    landmarks = np.empty((N_LANDMARKS, 4), np.float32)
    landmarks[:, 0] = 0.5 + flat[:, 0] * scale / width
    landmarks[:, 1] = 0.93 + flat[:, 1] * scale / height
    landmarks[:, 2] = depth * scale / width
    landmarks[:, 3] = np.where(depth - depth.mean() > 0.03, FAR_VISIBILITY, 0.99)
    world: Floats = np.stack([x, -up, depth], axis=1).astype(np.float32) * HEIGHT_M
    world -= (world[23] + world[24]) / 2
    return Pose(t_s, landmarks, world, PICTURE)


BodyTables = dict[tuple[FigurePhase, float, bool], Vector]
"""A figure's points (`STEPS` + 1, 33, 3) over each phase, by reach and whether they are mirrored."""


class Person:
    """A person doing an exercise: where the body is at any time, repetition after repetition.

    Starts with `still_s` of standing in the start pose; `rest_s` lies between repetitions. `tables` are those of
    another person with the same figure, to be drawn only once.
    """

    def __init__(
        self,
        exercise: Exercise,
        manners: tuple[Manner, ...],
        *,
        still_s: float = 2.5,
        rest_s: float = 0.8,
        tables: BodyTables | None = None,
    ) -> None:
        self.exercise, self.manners = exercise, manners
        self._figure = FigureMotion(exercise)
        self._tables: BodyTables = {} if tables is None else tables
        self._plan: list[tuple[float, float, FigurePhase, Manner]] = []
        t_s = still_s
        for manner in manners:
            for phase, length_s in self._figure.durations_s().items():
                held_s = manner.stop_s if phase == "stop" and manner.stop_s is not None else length_s / manner.pace
                self._plan.append((t_s, held_s, phase, manner))
                t_s += held_s
            t_s += rest_s
        self.duration_s = t_s + 0.5

    def points(self, t_s: float) -> Vector:
        """Return the body's points (33, 3) at a time, swaying a little as people do."""
        sway = 0.002 * np.sin(2 * np.pi * 0.23 * t_s)
        for start_s, length_s, phase, manner in self._plan:
            if length_s and start_s <= t_s < start_s + length_s:
                return self._placed(phase, (t_s - start_s) / length_s, manner, sway)
        return self._placed("start", 0.0, Manner(), sway)

    def _placed(self, phase: FigurePhase, share: float, manner: Manner, sway: float) -> Vector:
        key = (phase, manner.reach, manner.mirrored)
        if key not in self._tables:
            self._tables[key] = np.stack([
                self._figure.points(phase, step / STEPS, reach=manner.reach, mirrored=manner.mirrored)
                for step in range(STEPS + 1)
            ])  # fmt: skip
        table, at = self._tables[key], share * STEPS
        index = min(int(at), STEPS - 1)
        points: Vector = table[index] + (table[index + 1] - table[index]) * (at - index)
        points[:, 0] += sway * points[:, 1]
        return points


def manners_for(exercise: Exercise, reps: int | None = None, manner: Manner | None = None) -> tuple[Manner, ...]:
    """Return good repetitions for the exercise's whole dose, changing sides where the dose says so."""
    dose, base = exercise.dose, manner or Manner()
    n = reps if reps is not None else dose.set_reps
    alternate = dose.sides == "each" and exercise.seen.side is not None
    return tuple(replace(base, mirrored=alternate and index % 2 == 1) for index in range(n))


def recording(person: Person, camera: SyntheticCamera, seed: int = 0) -> Iterator[Pose]:
    """Yield what the camera sees of a person from beginning to end."""
    rng = np.random.default_rng(seed)
    for index in range(int(person.duration_s * camera.fps)):
        t_s = index / camera.fps
        if camera.lost and rng.random() < camera.lost:
            continue
        yield project(person.points(t_s), camera, t_s, rng)
