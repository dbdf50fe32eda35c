"""A body at one time: BlazePose's 33 landmarks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Light = Literal["ok", "dark", "covered"]


class Landmark(int, Enum):
    """BlazePose's landmarks by number, from 0; left and right are the person's own."""

    (
        NOSE,
        LEFT_EYE_INNER, LEFT_EYE, LEFT_EYE_OUTER, RIGHT_EYE_INNER, RIGHT_EYE, RIGHT_EYE_OUTER,
        LEFT_EAR, RIGHT_EAR, MOUTH_LEFT, MOUTH_RIGHT,
        LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_ELBOW, RIGHT_ELBOW, LEFT_WRIST, RIGHT_WRIST,
        LEFT_PINKY, RIGHT_PINKY, LEFT_INDEX, RIGHT_INDEX, LEFT_THUMB, RIGHT_THUMB,
        LEFT_HIP, RIGHT_HIP, LEFT_KNEE, RIGHT_KNEE, LEFT_ANKLE, RIGHT_ANKLE,
        LEFT_HEEL, RIGHT_HEEL, LEFT_FOOT_INDEX, RIGHT_FOOT_INDEX,
    ) = range(33)  # fmt: skip


N_LANDMARKS = len(Landmark)


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """A body at one time.

    `t_s`: the frame's timestamp in seconds. `landmarks` (33, 4) float32: x and y as shares of the picture's
    width and height (y down), z in the scale of x (smaller is nearer), visibility 0..1; a landmark that was not
    found is NaN with visibility 0. `world` (33, 3) float32: metres from mid-hip, x to the picture's right,
    y down, z away from the camera; NaN where unknown. `size`: the picture's (width, height) in pixels, needed
    because x and y have different units.
    """

    t_s: float
    landmarks: Floats
    world: Floats
    size: tuple[int, int]

    def __post_init__(self) -> None:
        """Refuse arrays of the wrong shape, saying expected and actual."""
        if self.landmarks.shape != (N_LANDMARKS, 4):
            raise ValueError(f"landmarks: expected shape (33, 4), got {self.landmarks.shape}")
        if self.world.shape != (N_LANDMARKS, 3):
            raise ValueError(f"world: expected shape (33, 3), got {self.world.shape}")

    @classmethod
    def lost(cls, t_s: float, size: tuple[int, int]) -> Pose:
        """Return a frame in which nobody was found: all NaN, visibility 0."""
        landmarks = np.full((N_LANDMARKS, 4), np.nan, np.float32)
        landmarks[:, 3] = 0
        return cls(t_s, landmarks, np.full((N_LANDMARKS, 3), np.nan, np.float32), size)

    @property
    def found(self) -> bool:
        """Whether anybody was found in this frame."""
        return bool(np.isfinite(self.landmarks[Landmark.LEFT_HIP, 0]) or np.isfinite(self.landmarks[Landmark.NOSE, 0]))


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What the camera made of one picture: a pose (perhaps lost), how the light is, how many people."""

    pose: Pose
    light: Light = "ok"
    people: int = 1
