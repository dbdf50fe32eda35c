"""The ready gate: before it opens nothing counts.

It opens when the whole body is in view, in the right view and the start pose, and has been still for the two seconds
from which the person's own baseline is taken.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from math import isnan
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from loosen.body.pose import Look
from loosen.body.signals import SignalFrame
from loosen.coach.guidance.stage import BodyPart, BodyPartName, Ready
from loosen.routine.model import Condition, Exercise
from loosen.routine.words import Words

BASELINE_S = 2.0
COUNTDOWN_S = 3.0
# How far a body part may drift in a second and still be called still, as a share of the picture.
STILL_SHARE = 0.035
PARTS: tuple[BodyPartName, ...] = get_args(BodyPartName)
_WATCHED = [0, 11, 12, 23, 24]  # nose, shoulders, hips


def trouble_with(look: Look, frame: SignalFrame, words: Words) -> str:
    """Return in a sentence what keeps the camera from seeing one whole person; empty if nothing does."""
    if look.light == "covered":
        return words["trouble.covered"]
    if look.light == "dark":
        return words["trouble.dark"]
    if look.people > 1:
        return words["trouble.two-people"]
    if not frame.found:
        return words["trouble.nobody"]
    if not frame.parts.get("feet", False) and frame.parts.get("trunk", False):
        return words["trouble.no-feet"]
    if not frame.parts.get("head", False):
        return words["trouble.no-head"]
    return ""


def view_trouble(exercise: Exercise, frame: SignalFrame, words: Words, facing: str | None = None) -> str:
    """Return in a sentence how to turn, or nothing; `facing` is the way the person must face, where it matters."""
    if exercise.seen.view == "any":
        return ""
    if exercise.seen.view == "side":
        if frame.view not in ("side", "oblique"):
            return words["trouble.turn-side"]
        if facing is not None and frame.facing != facing:
            return words["trouble.turn-other-side"]
    elif frame.view not in ("front", "oblique") or frame.facing == "away":
        return words["trouble.turn-front"]
    return ""


@dataclass
class Gate:
    """Opens once. `facing`: the way the person must face in the picture ("left" or "right"), if it matters.

    `lenient`: it opens as soon as the exercise can be measured, for somebody who cannot stand as it says.
    """

    exercise: Exercise
    words: Words
    facing: str | None = None
    lenient: bool = False
    open: bool = False
    waits_for_side: bool = False
    could_be_lenient: bool = False
    ready: Ready = field(init=False)
    _places: deque[tuple[float, NDArray[np.float64]]] = field(default_factory=deque)
    _values: deque[tuple[float, dict[str, float]]] = field(default_factory=deque)
    _since_s: float | None = None

    def __post_init__(self) -> None:
        """Begin with nothing in view."""
        self.ready = Ready(self.words["ready.say"], tuple(BodyPart(name, False) for name in PARTS))

    def see(self, look: Look, frame: SignalFrame) -> None:
        """Take one frame; afterwards `open` and `ready` say how things stand."""
        still = self._still(look)  # kept up whatever else is the trouble
        text = trouble_with(look, frame, self.words)
        measurable = frame.found and not isnan(frame[self.exercise.seen.signal])
        self.could_be_lenient = measurable and not self.lenient
        if self.lenient and measurable:
            text = ""
        if not text:
            text = view_trouble(self.exercise, frame, self.words, self.facing)
            self.could_be_lenient &= not text
        self.waits_for_side = bool(text) and not view_trouble(self.exercise, frame, self.words)
        self.waits_for_side &= self.facing is not None
        if not text and not self.lenient:
            text = "" if still else self.words["ready.still"]
            if not all(one.met(frame[one.signal]) for one in self.exercise.seen.start):
                text = self.words("ready.start-pose", how=self.exercise.how[0])
        parts = tuple(BodyPart(name, frame.parts.get(name, False)) for name in PARTS)
        t_s = look.pose.t_s
        if text:
            self._since_s = None
            self._values.clear()
            self.ready = Ready(text, parts)
            return
        if self._since_s is None:
            self._since_s = t_s
        self._values.append((t_s, frame.values))
        while self._values[0][0] < t_s - BASELINE_S:
            self._values.popleft()
        left_s = COUNTDOWN_S - (t_s - self._since_s)
        self.open = left_s <= 0
        self.ready = Ready(self.words["ready.good"], parts, max(math.ceil(left_s), 1))

    def baseline(self) -> dict[str, float]:
        """Return the mean of every signal over the last two still seconds."""
        known: dict[str, list[float]] = {}
        for _, values in self._values:
            for name, value in values.items():
                if not isnan(value):
                    known.setdefault(name, []).append(value)
        return {name: sum(values) / len(values) for name, values in known.items()}

    def shows(self, condition: Condition) -> bool:
        """Whether the person who stands ready meets a condition on how he stands."""
        return condition.during == "ready" and condition.met(self.baseline().get(condition.signal, math.nan))

    def _still(self, look: Look) -> bool:
        t_s = look.pose.t_s
        self._places.append((t_s, look.pose.landmarks[_WATCHED, :2].astype(float)))
        while self._places[0][0] < t_s - 1.0:
            self._places.popleft()
        if t_s - self._places[0][0] < 0.6:
            return False
        half = len(self._places) // 2
        places = np.array([place for _, place in self._places])
        moved = np.abs(places[:half].mean(axis=0) - places[half:].mean(axis=0))
        return not (moved >= STILL_SHARE / 2).any()  # what is unknown has not moved
