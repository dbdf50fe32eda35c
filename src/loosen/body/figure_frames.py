"""The figure as flat frames for whoever draws it."""

from __future__ import annotations

import msgspec
import numpy as np

from loosen.body.figure import PHASES, FigureMotion, Vector
from loosen.routine.model import Exercise

FRAMES_PER_S = 20


class FigureFrames(msgspec.Struct, frozen=True):
    """One repetition of the figure, seen as the exercise is seen.

    `frames` (n, 33, 2): x to the picture's right, y up from the floor, in body heights, BlazePose order. In a
    side view the figure faces right; in a front view it faces the viewer. `phases` gives each phase's first
    and last frame; the stop is one frame, held for `stop_s`. `near`: the body's side nearer to the viewer.
    """

    exercise: str
    view: str
    fps: int
    frames: list[list[tuple[float, float]]]
    phases: dict[str, tuple[int, int]]
    stop_s: float
    moving: tuple[str, ...]
    near: str | None
    alternating: bool
    height: float = 1.0
    floor_y: float = 0.0


def flat(points: Vector, view: str) -> Vector:
    """Project body points (33, 3) straight onto the picture plane: (33, 2), x right, y up, in body heights."""
    across = points[:, 2] if view == "front" else points[:, 0]
    return np.stack([across, points[:, 1]], axis=1)


def figure_frames(exercise: Exercise) -> FigureFrames:
    """Return one repetition of the exercise's figure at the middle of its tempo."""
    figure = FigureMotion(exercise)
    view = exercise.seen.shown
    frames: list[list[tuple[float, float]]] = []
    phases: dict[str, tuple[int, int]] = {}
    for phase in PHASES:
        duration_s = figure.durations_s()[phase]
        first = max(len(frames) - 1, 0)
        if phase != "stop" and duration_s:
            steps = max(round(duration_s * FRAMES_PER_S), 1)
            for step in range(0 if not frames else 1, steps + 1):
                points = flat(figure.points(phase, step / steps), view)
                frames.append([(round(float(x), 4), round(float(y), 4)) for x, y in points])
        phases[phase] = (first, len(frames) - 1)
    dose = exercise.dose
    return FigureFrames(
        exercise=exercise.id,
        view=view,
        fps=FRAMES_PER_S,
        frames=frames,
        phases=phases,
        stop_s=exercise.tempo.stop_s,
        moving=exercise.figure.moving,
        near="right" if view == "side" else None,
        alternating=dose.sides == "each" and dose.order == "alternating",
    )
