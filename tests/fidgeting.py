"""Somebody who stands before an open gate and does what people do: scratches, shifts, turns, talks with his hands."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from loosen.body.figure import _landmarks, _Stance, min_jerk
from loosen.body.pose import Pose
from loosen.body.synthetic_body import SyntheticCamera, project
from loosen.routine.fields import Plane
from loosen.routine.poses import KeyPose

STANDING = KeyPose()
SCRATCHES = (
    KeyPose(arm_forward_right_deg=125, arm_side_right_deg=20, elbow_right_deg=135),  # the head
    KeyPose(arm_forward_right_deg=60, elbow_right_deg=140),  # the chin
    KeyPose(arm_forward_left_deg=45, arm_turn_left_deg=60, elbow_left_deg=125),  # the other shoulder
    KeyPose(arm_forward_right_deg=-35, arm_side_right_deg=25, arm_turn_right_deg=60, elbow_right_deg=95),  # the back
    KeyPose(
        arm_forward_right_deg=165, arm_side_right_deg=15, elbow_right_deg=140, head_deg=-8
    ),  # between the shoulders
)
STANCES = (
    KeyPose(hands="hips"),
    KeyPose(hands="low-back"),
    KeyPose(arm_forward_deg=35, arm_side_deg=5, arm_turn_deg=55, elbow_deg=115),  # arms folded
    KeyPose(hips_forward=0.03, lean_deg=3),
    KeyPose(hips_forward=-0.03, lean_deg=-6),
    KeyPose(head_deg=25, lean_deg=2),  # a look at the ceiling
    KeyPose(head_deg=-25, lean_deg=-4),  # at the feet
    KeyPose(foot_forward_left=0.2, hips_forward=0.1),
    KeyPose(foot_forward_right=0.2, hips_forward=0.1),
    KeyPose(lean_deg=-25, head_deg=-10),  # something on the floor
)


def _talking(rng: np.random.Generator) -> KeyPose:
    left, right = rng.uniform((5, 0, 40), (60, 30, 110), (2, 3))
    return KeyPose(
        arm_forward_left_deg=left[0], arm_side_left_deg=left[1], elbow_left_deg=left[2],
        arm_forward_right_deg=right[0], arm_side_right_deg=right[1], elbow_right_deg=right[2],
        lean_deg=rng.uniform(-4, 3), head_deg=rng.uniform(-8, 8),
    )  # fmt: skip


def fidgeting(view: Plane, seconds: float, fps: float = 10.0, seed: int = 0) -> Iterator[Pose]:
    """Yield the poses of somebody fidgeting: each pose is reached in 0.3 to 1.5 s and kept for 0.1 to 4 s."""
    rng = np.random.default_rng(seed)
    here, there = STANDING, STANDING
    moves_s, stays_s, began_s, turned_deg, turns_to_deg = 1.0, 3.0, 0.0, 0.0, 0.0
    for index in range(int(seconds * fps)):
        t_s = index / fps
        if t_s - began_s > moves_s + stays_s:
            here, began_s = there, t_s
            kind = rng.choice(["scratch", "stance", "talk", "stand", "turn"], p=[0.2, 0.3, 0.25, 0.15, 0.1])
            turned_deg = turns_to_deg
            match kind:
                case "scratch":
                    there = SCRATCHES[rng.integers(len(SCRATCHES))]
                case "stance":
                    there = STANCES[rng.integers(len(STANCES))]
                case "talk":
                    there = _talking(rng)
                case "stand":
                    there = STANDING
                case "turn":
                    turns_to_deg = float(rng.choice([0.0, 25.0, -25.0, 50.0]))
            moves_s, stays_s = float(rng.uniform(0.3, 1.5)), float(rng.choice([0.1, 0.6, 1.5, 4.0]))
        share = min_jerk((t_s - began_s) / moves_s)
        stance = _Stance.of(here).toward(_Stance.of(there), share, 0.05)
        wriggle = 2.0 * np.sin(2 * np.pi * 2.5 * t_s) if there in SCRATCHES else 0.0
        points = _landmarks(stance)
        points[:, 0] += 0.002 * np.sin(2 * np.pi * 0.23 * t_s) * points[:, 1]
        points[13:23, 1] += wriggle * 0.004
        turned = turned_deg + (turns_to_deg - turned_deg) * share
        yield project(points, SyntheticCamera(view, jitter=0.003, turned_deg=turned), t_s, rng)
