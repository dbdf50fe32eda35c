"""People made up for the tests: the figure's own body before a made-up camera, and a coach who watches.

Drawing a body is slow and the same again and again: each exercise's body is drawn once for all tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import msgspec
import numpy as np
from hypothesis import Phase as HypothesisPhase
from hypothesis import settings

from loosen.body.figure import PHASES, FigureMotion
from loosen.body.pose import Floats, Pose
from loosen.body.synthetic_body import Manner, Person, SyntheticCamera, manners_for, recording
from loosen.coach.counting.coach import Coach
from loosen.coach.counting.rep import Rep, Report
from loosen.routine.model import Exercise, Routine
from loosen.routine.reader import builtin
from loosen.routine.words import load_words

ROUTINE, WORDS = builtin(), load_words()

# The same few bounded examples each time, none of them shrunk: bodies take long to film.
FEW = settings(
    max_examples=10, deadline=None, derandomize=True, phases=[HypothesisPhase.explicit, HypothesisPhase.generate]
)
IDS = tuple(exercise.id for exercise in ROUTINE.exercises)
_BODIES: dict[str, Any] = {}


def body(exercise: Exercise, manners: Sequence[Manner], **timing: Any) -> Person:
    """Return a person who does these repetitions; whatever other tables he is given, he has those of his figure."""
    tables = _BODIES.setdefault(repr(exercise.figure), {})
    return Person(exercise, tuple(manners), **timing | {"tables": tables})


@cache
def filmed(
    exercise_id: str,
    manners: tuple[Manner, ...],
    camera: SyntheticCamera | None = None,
    seed: int = 0,
    still_s: float = 2.5,
) -> tuple[Pose, ...]:
    """Return what a camera sees of somebody doing a built-in exercise; by default a good camera."""
    exercise = ROUTINE.exercise(exercise_id)
    camera = camera or SyntheticCamera(exercise.seen.shown, jitter=0.003)
    return tuple(recording(body(exercise, manners, still_s=still_s), camera, seed))


def good(exercise_id: str, reps: int = 1) -> tuple[Manner, ...]:
    """Return good repetitions, changing legs where the exercise does."""
    return manners_for(ROUTINE.exercise(exercise_id), reps)


def watched(poses: Iterable[Pose], exercise: str | None, routine: Routine = ROUTINE) -> Report:
    """Return what the coach says of a recording."""
    coach = Coach(routine, exercise)
    for pose in poses:
        coach.see(pose)
    coach.finish()
    return coach.report("a recording")


def ended(poses: Iterable[Pose], exercise: str) -> list[tuple[float, Rep]]:
    """Return each repetition with the time of the frame that ended it."""
    coach = Coach(ROUTINE, exercise)
    return [(pose.t_s, rep) for pose in poses for rep in coach.see(pose)]


def rep_s(exercise_id: str, manner: Manner) -> tuple[float, float]:
    """Return how long a repetition of this manner takes, and the figure's way home after it."""
    lasts = {p: s / manner.pace for p, s in FigureMotion(ROUTINE.exercise(exercise_id)).durations_s().items()}
    if manner.stop_s is not None:
        lasts["stop"] = manner.stop_s
    return sum(lasts[phase] for phase in PHASES[:3]), lasts["home"]


def otherwise(exercise: Exercise, poses: dict[str, dict[str, Any]], **figure: Any) -> Exercise:
    """Return the exercise with a figure that moves otherwise: a body that makes a mistake."""
    changed = dict(exercise.figure.poses)
    for name, keys in poses.items():
        changed[name] = msgspec.structs.replace(changed[name], **keys)
    return msgspec.structs.replace(exercise, figure=msgspec.structs.replace(exercise.figure, poses=changed, **figure))


def hidden(pose: Pose, joints: Iterable[int], visibility: float = 0.0) -> Pose:
    """Return the pose with some joints not found (NaN), or hardly visible."""
    landmarks: Floats = pose.landmarks.copy()
    for joint in joints:
        landmarks[joint, 3] = visibility
        if not visibility:
            landmarks[joint, :3] = np.nan
    return replace(pose, landmarks=landmarks)


def at(pose: Pose, t_s: float) -> Pose:
    """Return the pose at another time."""
    return replace(pose, t_s=t_s)


def leg_text(side: str) -> str:
    """Return the label beside the count in a repetition of the lazy leg walk."""
    own = str(getattr(ROUTINE.exercise("lazy-leg-walk").words, f"side_{side}"))
    return own or WORDS[f"side.{side}"]
