"""The figure: an exercise's key poses as a moving body of human proportions.

The same figure demonstrates a movement on the page and, seen through a made-up camera (`body.person`), tests
the coach. Coordinates here are the body's own: forward, up and to the person's left, in body heights, the floor
at 0 and the starting place of the feet at the origin.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loosen.body.pose import N_JOINTS, Joint
from loosen.routine.model import Exercise, FigurePhase, KeyPose, LeftRight

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
PHASES: tuple[FigurePhase, ...] = ("out", "stop", "back", "home")

# Arm angles for the shorthand `hands`: raised forward, to the side, upper arm turned inward, elbow bent (degrees).
HANDS = {
    "sides": (2.0, 8.0, 0.0, 10.0),
    "low-back": (-40.0, 30.0, 62.0, 92.0),
    "hips": (-15.0, 42.0, 80.0, 96.0),
    "overhead": (0.0, 172.0, 0.0, 6.0),
}
SIDES: tuple[LeftRight, ...] = ("left", "right")


def min_jerk(share: float) -> float:
    """Return the way covered after a share (0..1) of a minimum-jerk movement (Flash & Hogan 1985)."""
    s = min(max(share, 0.0), 1.0)
    return s * s * s * (10 - 15 * s + 6 * s * s)


@dataclass(frozen=True, slots=True)
class _Stance:
    """All free numbers of one body position; interpolated number by number."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, pose: KeyPose) -> _Stance:
        values = [pose.lean_deg, pose.head_deg, pose.hips_forward, pose.hips_down]
        for side in SIDES:
            hands = HANDS[pose.hands]
            for index, part in enumerate(("arm_forward", "arm_side", "arm_turn", "elbow")):
                own = getattr(pose, f"{part}_{side}_deg")
                both = getattr(pose, f"{part}_deg")
                values.append(own if own is not None else both if both is not None else hands[index])
            for part in ("foot_forward", "foot_up"):
                own = getattr(pose, f"{part}_{side}")
                values.append(own if own is not None else getattr(pose, part))
            heel = getattr(pose, f"heel_{side}_deg")
            values.append(heel if heel is not None else pose.heel_deg)
        return cls(tuple(values))

    def toward(self, other: _Stance, share: float, lift: float) -> _Stance:
        values = [a + (b - a) * share for a, b in zip(self.values, other.values, strict=True)]
        for side in (0, 1):
            forward, up = 8 + 7 * side, 9 + 7 * side
            if lift and abs(other.values[forward] - self.values[forward]) > 0.02:
                values[up] += lift * math.sin(math.pi * share)
        return _Stance(tuple(values))

    def mirrored(self) -> _Stance:
        return _Stance(self.values[:4] + self.values[11:18] + self.values[4:11])


def _limb(root: Vector, end: Vector, upper: float, lower: float, bend: Vector) -> Vector:
    """Return the middle joint of a two-part limb from `root` to `end`, bent towards `bend`."""
    way = end - root
    distance = float(np.linalg.norm(way))
    along = way / distance
    distance = min(distance, 0.99999 * (upper + lower))
    foot = (upper**2 - lower**2 + distance**2) / (2 * distance)
    height = math.sqrt(max(upper**2 - foot**2, 0.0))
    side = bend - along * float(bend @ along)
    middle: Vector = root + along * foot + side / float(np.linalg.norm(side)) * height
    return middle


def _turn(vector: Vector, axis: Vector, angle_deg: float) -> Vector:
    """Return `vector` turned about the unit `axis` (Rodrigues)."""
    angle = math.radians(angle_deg)
    c, s = math.cos(angle), math.sin(angle)
    turned: Vector = vector * c + np.cross(axis, vector) * s + axis * float(axis @ vector) * (1 - c)
    return turned


_FORWARD: Vector = np.array([1.0, 0.0, 0.0])
_UP: Vector = np.array([0.0, 1.0, 0.0])
_LEFT: Vector = np.array([0.0, 0.0, 1.0])


def _joints(stance: _Stance) -> Vector:
    """Return the 33 points (33, 3) of a stance: forward, up, left, in body heights."""
    lean, head, hips_forward, hips_down = stance.values[:4]
    points: Vector = np.zeros((N_JOINTS, 3))
    ankles, hip_tops = {}, []
    for index, side in enumerate(SIDES):
        forward, up, heel_deg = stance.values[8 + 7 * index : 11 + 7 * index]
        out = HIP_HALF * (1 if side == "left" else -1)
        toe = np.array([forward * LEG + 0.72 * FOOT, 0.012 + up * LEG, out])
        pitch = math.radians(heel_deg)
        # The foot turns about its ball when the heel comes up.
        ball = toe - np.array([0.22 * FOOT, 0.0, 0.0])

        def foot_point(back: float, above: float, *, ball: Vector = ball, pitch: float = pitch) -> Vector:
            c, s = math.cos(pitch), math.sin(pitch)
            point: Vector = ball + np.array([-back * c + above * s, back * s + above * c, 0.0])
            return point

        ankle = foot_point(0.5 * FOOT, ANKLE_HEIGHT - 0.012)
        ankles[side] = ankle
        points[Joint[f"{side.upper()}_ANKLE"]] = ankle
        points[Joint[f"{side.upper()}_HEEL"]] = foot_point(0.78 * FOOT, 0.004)
        points[Joint[f"{side.upper()}_FOOT_INDEX"]] = toe
        reach = 0.9995 * LEG
        across = ankle[0] - hips_forward * LEG
        hip_tops.append(ankle[1] + math.sqrt(max(reach**2 - across**2, 0.01)))
    # The hips are as high as the straighter leg lets them be.
    hip_up = min([HIP_HEIGHT - 0.004 - hips_down * LEG, *hip_tops])
    mid_hip = np.array([hips_forward * LEG, hip_up, 0.0])
    trunk = _turn(_UP, _LEFT, lean)
    chest_forward = _turn(_FORWARD, _LEFT, lean)
    mid_shoulder = mid_hip + TRUNK * trunk
    for index, side in enumerate(SIDES):
        sign = 1.0 if side == "left" else -1.0
        name = side.upper()
        hip = mid_hip + sign * HIP_HALF * _LEFT
        shoulder = mid_shoulder + sign * SHOULDER_HALF * _LEFT
        points[Joint[f"{name}_HIP"]], points[Joint[f"{name}_SHOULDER"]] = hip, shoulder
        points[Joint[f"{name}_KNEE"]] = _limb(hip, ankles[side], THIGH, SHANK, _FORWARD)
        raise_forward, raise_side, turn, elbow_deg = stance.values[4 + 7 * index : 8 + 7 * index]

        def placed(
            vector: Vector,
            *,
            f: float = raise_forward,
            s: float = -raise_side * sign,
            x: Vector = chest_forward,
        ) -> Vector:
            return _turn(_turn(vector, _LEFT, f), x, s)

        along, bend = placed(-trunk), placed(chest_forward)
        bend = _turn(bend, along, -turn * sign)
        elbow = shoulder + UPPER_ARM * along
        c, s = math.cos(math.radians(elbow_deg)), math.sin(math.radians(elbow_deg))
        lower = along * c + bend * s
        wrist = elbow + FOREARM * lower
        across_hand = np.cross(lower, bend) * sign
        points[Joint[f"{name}_ELBOW"]], points[Joint[f"{name}_WRIST"]] = elbow, wrist
        points[Joint[f"{name}_INDEX"]] = wrist + 0.75 * HAND * lower + 0.015 * across_hand
        points[Joint[f"{name}_PINKY"]] = wrist + 0.70 * HAND * lower - 0.018 * across_hand
        points[Joint[f"{name}_THUMB"]] = wrist + 0.40 * HAND * lower + 0.03 * across_hand
    neck = _turn(trunk, _LEFT, head)
    face = _turn(chest_forward, _LEFT, head)
    for names, (up, ahead, out) in {
        ("NOSE",): (EAR_UP - 0.005, 0.062, 0.0),
        ("EAR",): (EAR_UP, 0.0, 0.042),
        ("EYE",): (EAR_UP + 0.016, 0.05, 0.018),
        ("EYE_INNER",): (EAR_UP + 0.016, 0.052, 0.01),
        ("EYE_OUTER",): (EAR_UP + 0.016, 0.046, 0.026),
        ("MOUTH",): (EAR_UP - 0.032, 0.052, 0.014),
    }.items():
        middle = mid_shoulder + up * neck + ahead * face
        if names == ("NOSE",):
            points[Joint.NOSE] = middle
            continue
        for prefix, sign in (("LEFT", 1.0), ("RIGHT", -1.0)):
            name = f"MOUTH_{prefix}" if names == ("MOUTH",) else f"{prefix}_{names[0]}"
            points[Joint[name]] = middle + sign * out * _LEFT
    return points


class FigureMotion:
    """An exercise's figure: where every joint is at each share of each phase.

    Points are (33, 3) float64: forward, up, to the person's left, in body heights.
    """

    def __init__(self, exercise: Exercise) -> None:
        figure = exercise.figure
        stances = {name: _Stance.of(pose) for name, pose in figure.poses.items()}
        self.exercise = exercise
        here = stances[figure.start]
        self._ways: dict[FigurePhase, list[tuple[_Stance, _Stance, float]]] = {
            "out": [],
            "back": [],
            "home": [],
        }
        for step in figure.steps:
            there = stances[step.pose]
            self._ways[step.phase].append((here, there, step.lift))
            here = there
        self._start = stances[figure.start]
        ways = self._ways["out"]
        self._end = ways[-1][1] if ways else self._start

    def durations_s(self) -> dict[FigurePhase, float]:
        """Return how long each phase takes at the middle of the exercise's tempo."""
        tempo = self.exercise.tempo
        return {
            "out": sum(tempo.out_s) / 2,
            "stop": tempo.stop_s,
            "back": sum(tempo.back_s) / 2,
            "home": self.exercise.figure.home_s if self._ways["home"] else 0.0,
        }

    def points(
        self, phase: FigurePhase, share: float = 0.0, *, reach: float = 1.0, mirrored: bool = False
    ) -> Vector:
        """Return the joints (33, 3) at a share (0..1) of a phase.

        `reach` below 1 stops short of the end position by that factor; `mirrored` swaps left and right.
        """
        stance = self._stance(phase, share)
        if reach != 1.0:
            stance = self._start.toward(stance, reach, 0.0)
        return _joints(stance.mirrored() if mirrored else stance)

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
