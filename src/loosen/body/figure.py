"""The figure: an exercise's key poses as a moving body of human proportions.

The same figure demonstrates a movement on the page and, seen through a synthetic camera (`synthetic_body`), tests
the coach. Coordinates here are the body's own: forward, up and to the person's left, in body heights, the floor
at 0 and the starting place of the feet at the origin.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from loosen.body.pose import N_LANDMARKS, Landmark
from loosen.routine.fields import FigurePhase
from loosen.routine.model import Exercise
from loosen.routine.poses import KeyPose

# Segment lengths in body heights: Drillis & Contini (1966), as tabled by D. A. Winter, "Biomechanics and Motor
# Control of Human Movement", 4th ed. (2009), fig. 4.1. Shoulder and hip half-widths are those of the joint
# centres, narrower than the table's bony breadths.
ANKLE_HEIGHT = 0.039
SHANK = 0.246
THIGH = 0.245
TRUNK = 0.288
UPPER_ARM = 0.186
FOREARM = 0.146
HAND = 0.108
FOOT = 0.152
SHOULDER_HALF = 0.110
HIP_HALF = 0.058
EAR_UP = 0.118
LEG = SHANK + THIGH
HIP_HEIGHT = ANKLE_HEIGHT + LEG

Vector = NDArray[np.float64]
FRAMES_PER_S = 20
PHASES: tuple[FigurePhase, ...] = ("out", "stop", "back", "home")

# Arm angles for the shorthand `hands`: raised forward, to the side, upper arm turned inward, elbow bent, wrist bent
# (degrees).
HANDS = {
    "sides": (2.0, 8.0, 0.0, 10.0, 0.0),
    "low-back": (-40.0, 30.0, 62.0, 92.0, 0.0),
    "hips": (-15.0, 42.0, 80.0, 96.0, 0.0),
    "overhead": (0.0, 172.0, 0.0, 6.0, 0.0),
    "counter": (15.0, 8.0, 0.0, 47.0, 28.0),
}
ARM = ("arm_forward", "arm_side", "arm_turn", "elbow", "wrist")
_SIGNS = {"LEFT": 1.0, "RIGHT": -1.0}
# Landmarks of the head: up along the neck, forward along the face, to the side, from between the shoulders.
_HEAD = {Landmark.NOSE: (EAR_UP - 0.005, 0.062, 0.0)} | {
    Landmark[name.format(side)]: (up, forward, sign * out)
    for name, up, forward, out in (
        ("{}_EAR", EAR_UP, 0.0, 0.042),
        ("{}_EYE", EAR_UP + 0.016, 0.05, 0.018),
        ("{}_EYE_INNER", EAR_UP + 0.016, 0.052, 0.01),
        ("{}_EYE_OUTER", EAR_UP + 0.016, 0.046, 0.026),
        ("MOUTH_{}", EAR_UP - 0.032, 0.052, 0.014),
    )
    for side, sign in _SIGNS.items()
}
_FORWARD: Vector = np.array([1.0, 0.0, 0.0])
_UP: Vector = np.array([0.0, 1.0, 0.0])
_LEFT: Vector = np.array([0.0, 0.0, 1.0])


def min_jerk(share: float) -> float:
    """Return the way covered after a share (0..1) of a minimum-jerk movement (Flash & Hogan 1985)."""
    s = min(max(share, 0.0), 1.0)
    return s * s * s * (10 - 15 * s + 6 * s * s)


@dataclass(frozen=True, slots=True)
class _Stance:
    """All free numbers of one body position; interpolated number by number.

    Lean, head, hips forward and down; then for the left and the right side five arm angles, foot forward and up, heel.
    """

    values: tuple[float, ...]

    @classmethod
    def of(cls, pose: KeyPose) -> _Stance:
        values = [pose.lean_deg, pose.head_deg, pose.hips_forward, pose.hips_down]
        for side in ("left", "right"):
            for index, part in enumerate(ARM):
                both = getattr(pose, f"{part}_deg")
                default = HANDS[pose.hands][index] if both is None else both
                values.append(_known(getattr(pose, f"{part}_{side}_deg"), default))
            for part in ("foot_forward", "foot_up"):
                values.append(_known(getattr(pose, f"{part}_{side}"), getattr(pose, part)))
            values.append(_known(getattr(pose, f"heel_{side}_deg"), pose.heel_deg))
        return cls(tuple(values))

    def toward(self, other: _Stance, share: float, lift: float) -> _Stance:
        values = [a + (b - a) * share for a, b in zip(self.values, other.values, strict=True)]
        for side in (0, 1):
            forward, up = 9 + 8 * side, 10 + 8 * side
            if lift and abs(other.values[forward] - self.values[forward]) > 0.02:
                values[up] += lift * math.sin(math.pi * share)
        return _Stance(tuple(values))

    def mirrored(self) -> _Stance:
        return _Stance(self.values[:4] + self.values[12:20] + self.values[4:12])


def _known(value: float | None, default: float) -> float:
    return default if value is None else value


def _cross(a: Vector, b: Vector) -> Vector:
    """Return the cross product of two vectors (3,); numpy's own takes ten times as long for so little."""
    (a0, a1, a2), (b0, b1, b2) = a.tolist(), b.tolist()
    return np.array([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0])


def _turned(vector: Vector, axis: Vector, angle_deg: float) -> Vector:
    """Return `vector` turned about the unit `axis` (Rodrigues)."""
    angle = math.radians(angle_deg)
    c, s = math.cos(angle), math.sin(angle)
    turned: Vector = vector * c + _cross(axis, vector) * s + axis * float(axis @ vector) * (1 - c)
    return turned


def _knee(hip: Vector, ankle: Vector) -> Vector:
    """Return the knee between a hip and an ankle, bent forward."""
    way = ankle - hip
    distance = float(np.linalg.norm(way))
    along = way / distance
    distance = min(distance, 0.99999 * (THIGH + SHANK))
    foot = (THIGH**2 - SHANK**2 + distance**2) / (2 * distance)
    height = math.sqrt(max(THIGH**2 - foot**2, 0.0))
    side = _FORWARD - along * float(_FORWARD @ along)
    knee: Vector = hip + along * foot + side / float(np.linalg.norm(side)) * height
    return knee


def _foot(forward: float, up: float, heel_deg: float, out: float) -> tuple[Vector, Vector, Vector]:
    """Return a foot's ankle, heel and toe; the foot turns about its ball when the heel comes up."""
    toe = np.array([forward * LEG + 0.72 * FOOT, 0.012 + up * LEG, out])
    ball = toe - np.array([0.22 * FOOT, 0.0, 0.0])
    c, s = math.cos(math.radians(heel_deg)), math.sin(math.radians(heel_deg))

    def placed(back: float, above: float) -> Vector:
        point: Vector = ball + np.array([-back * c + above * s, back * s + above * c, 0.0])
        return point

    return placed(0.5 * FOOT, ANKLE_HEIGHT - 0.012), placed(0.78 * FOOT, 0.004), toe


def _arm(angles_deg: Sequence[float], sign: float, trunk: Vector, ahead: Vector) -> tuple[Vector, Vector]:
    """Return the unit directions of an upper arm and the way its elbow bends; `sign`: left 1, right -1."""
    forward_deg, side_deg, turn_deg = angles_deg

    def raised(vector: Vector) -> Vector:
        return _turned(_turned(vector, _LEFT, forward_deg), ahead, -side_deg * sign)

    along = raised(-trunk)
    return along, _turned(raised(ahead), along, -turn_deg * sign)


def _landmarks(stance: _Stance) -> Vector:
    """Return the landmarks (33, 3) of a stance: forward, up, left, in body heights."""
    lean_deg, head_deg, hips_forward, hips_down = stance.values[:4]
    points: Vector = np.zeros((N_LANDMARKS, 3))
    trunk, ahead = _turned(_UP, _LEFT, lean_deg), _turned(_FORWARD, _LEFT, lean_deg)
    ankles, highest = [], [HIP_HEIGHT - 0.004 - hips_down * LEG]
    for index, (name, sign) in enumerate(_SIGNS.items()):
        forward, up, heel_deg = stance.values[9 + 8 * index : 12 + 8 * index]
        ankle, heel, toe = _foot(forward, up, heel_deg, sign * HIP_HALF)
        points[Landmark[f"{name}_ANKLE"]] = ankle
        points[Landmark[f"{name}_HEEL"]] = heel
        points[Landmark[f"{name}_FOOT_INDEX"]] = toe
        ankles.append(ankle)
        across = ankle[0] - hips_forward * LEG
        highest.append(ankle[1] + math.sqrt(max((0.9995 * LEG) ** 2 - across**2, 0.01)))
    # The hips are as high as the straighter leg lets them be.
    mid_hip = np.array([hips_forward * LEG, min(highest), 0.0])
    mid_shoulder = mid_hip + TRUNK * trunk
    for index, (name, sign) in enumerate(_SIGNS.items()):
        *angles_deg, elbow_deg, wrist_deg = stance.values[4 + 8 * index : 9 + 8 * index]
        hip, shoulder = mid_hip + sign * HIP_HALF * _LEFT, mid_shoulder + sign * SHOULDER_HALF * _LEFT
        along, bend = _arm(angles_deg, sign, trunk, ahead)
        c, s = math.cos(math.radians(elbow_deg)), math.sin(math.radians(elbow_deg))
        elbow, lower = shoulder + UPPER_ARM * along, along * c + bend * s
        wrist, across_hand = elbow + FOREARM * lower, np.cross(along, bend) * sign
        c, s = math.cos(math.radians(elbow_deg + wrist_deg)), math.sin(math.radians(elbow_deg + wrist_deg))
        hand = along * c + bend * s
        for part, point in {
            "HIP": hip,
            "KNEE": _knee(hip, ankles[index]),
            "SHOULDER": shoulder,
            "ELBOW": elbow,
            "WRIST": wrist,
            "INDEX": wrist + 0.75 * HAND * hand + 0.015 * across_hand,
            "PINKY": wrist + 0.70 * HAND * hand - 0.018 * across_hand,
            "THUMB": wrist + 0.40 * HAND * hand + 0.03 * across_hand,
        }.items():
            points[Landmark[f"{name}_{part}"]] = point
    neck, face = _turned(trunk, _LEFT, head_deg), _turned(ahead, _LEFT, head_deg)
    for landmark, (up, forward, left) in _HEAD.items():
        points[landmark] = mid_shoulder + up * neck + forward * face + left * _LEFT
    return points


class FigureMotion:
    """An exercise's figure in motion: where its landmarks are at each share of each phase.

    Points are (33, 3) float64: forward, up, to the person's left, in body heights.
    """

    def __init__(self, exercise: Exercise) -> None:
        figure = exercise.figure
        stances = {name: _Stance.of(pose) for name, pose in figure.poses.items()}
        self.exercise = exercise
        here = stances[figure.start]
        self._ways: dict[FigurePhase, list[tuple[_Stance, _Stance, float]]] = {"out": [], "back": [], "home": []}
        for step in figure.steps:
            there = stances[step.pose]
            self._ways[step.phase].append((here, there, step.lift))
            here = there
        self._start = stances[figure.start]
        self._end = self._ways["out"][-1][1] if self._ways["out"] else self._start

    def durations_s(self) -> dict[FigurePhase, float]:
        """Return how long each phase takes at the middle of the exercise's tempo."""
        home_s = self.exercise.figure.home_s if self._ways["home"] else 0.0
        out_s, stop_s, back_s = self.exercise.tempo.durations_s.values()
        return {"out": out_s, "stop": stop_s, "back": back_s, "home": home_s}

    def points(self, phase: FigurePhase, share: float = 0.0, *, reach: float = 1.0, mirrored: bool = False) -> Vector:
        """Return the landmarks (33, 3) at a share (0..1) of a phase.

        `reach` below 1 stops short of the end position by that factor; `mirrored` swaps left and right.
        """
        stance = self._stance(phase, share)
        if reach != 1.0:
            stance = self._start.toward(stance, reach, 0.0)
        return _landmarks(stance.mirrored() if mirrored else stance)

    def _stance(self, phase: FigurePhase, share: float) -> _Stance:
        if phase == "start":
            return self._start
        if phase == "stop" or not self._ways[phase]:
            return self._end if phase in ("out", "stop") else self._start
        ways = self._ways[phase]
        # Home is a walk of separate steps; within out and back the body passes its key poses without stopping.
        along = min(max(share, 0.0), 1.0) * len(ways) if phase == "home" else min_jerk(share) * len(ways)
        index = min(int(along), len(ways) - 1)
        here, there, lift = ways[index]
        within = along - index
        return here.toward(there, min_jerk(within) if phase == "home" else within, lift)


class FigureFrames(msgspec.Struct, frozen=True):
    """One repetition of the figure, seen as the exercise is seen.

    `frames` (n, 33, 2): x to the picture's right, y up from the floor, in body heights, BlazePose order. In a
    side view the figure faces right; in a front view it faces the viewer. `phases` gives each phase's first
    and last frame; the stop is one frame, held for `stop_s`. `near`: the body's side nearer to the viewer.
    `support`: what it sits on or holds on to.
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
    support: str = ""
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
    return FigureFrames(
        exercise=exercise.id,
        view=view,
        fps=FRAMES_PER_S,
        frames=frames,
        phases=phases,
        stop_s=exercise.tempo.stop_s,
        moving=exercise.figure.moving,
        near="right" if view == "side" else None,
        alternating=exercise.dose.alternating,
        support=exercise.figure.support,
    )
