"""Finds the 33 landmarks of one body in a given region: BlazePose's landmark model, "full"."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from loosen.body.pose import N_LANDMARKS, Floats
from loosen.camera.blazepose.model import Model
from loosen.camera.blazepose.region import Region, RgbImage, crop, region_of, sigmoid
from loosen.camera.weights import LANDMARKS

# The model gives 33 joints, 2 points that tell the next region, and 4 that are not used.
N_POINTS = 39
N_KEPT = 35
HEAT_CELLS = 64
# The heat map moves a point only when it reaches this in a 7x7 window around the point.
WINDOW = 7
MIN_HEAT = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class LandmarkedBody:
    """What the model finds in a region.

    `presence` 0..1: how sure it is that a body is there. `landmarks` (33, 4) and `world` (33, 3) as in Pose.
    `following`: the region in which to look in the next frame.
    """

    presence: float
    landmarks: Floats
    world: Floats
    following: Region


class Landmarker:
    """Finds the landmarks of a body in a region that is roughly known."""

    def __init__(self, threads: int) -> None:
        self._model = Model(LANDMARKS, threads, low=0.0, high=1.0)
        self._crop: RgbImage = np.zeros((self._model.side, self._model.side, 3), np.uint8)

    def find(self, picture: RgbImage, region: Region) -> LandmarkedBody:
        """Return the landmarks of the body in `region` of an RGB picture (h, w, 3)."""
        crop(picture, region, self._crop, cv2.BORDER_REPLICATE)
        self._model.run(self._crop)
        points = self._model.output(0)[0].reshape(N_POINTS, 5)[:N_KEPT].copy()
        points[:, :3] /= self._model.side
        refine(points, self._model.output(3)[0])
        height, width = picture.shape[:2]
        placed = region.to_picture(points[:, :2])
        landmarks = np.empty((N_LANDMARKS, 4), np.float32)
        landmarks[:, :2] = placed[:N_LANDMARKS] / (width, height)
        landmarks[:, 2] = points[:N_LANDMARKS, 2] * (region.side_px / width)
        landmarks[:, 3] = sigmoid(points[:N_LANDMARKS, 3])
        world = self._model.output(4)[0].reshape(N_POINTS, 3)[:N_LANDMARKS]
        return LandmarkedBody(
            presence=float(self._model.output(1)[0, 0]),
            landmarks=landmarks,
            world=turned(world, region.angle_rad),
            following=region_of(placed[33], placed[34]),
        )


def turned(world: Floats, angle_rad: float) -> Floats:
    """Return the world points (33, 3) with the crop's rotation undone."""
    cos, sin = math.cos(angle_rad), math.sin(angle_rad)
    x, y = world[:, 0], world[:, 1]
    return np.stack((cos * x - sin * y, sin * x + cos * y, world[:, 2]), axis=1).astype(np.float32)


_REACH = np.arange(WINDOW) - WINDOW // 2


def refine(points: Floats, heat: Floats) -> None:
    """Move each point (its first two columns, 0..1) to the centre of the heat around it, where there is any.

    `points` (n, >= 2) is changed in place; `heat` (64, 64, >= n) holds logits by row and column.
    """
    n = len(points)
    column, row = (points[:, :2] * HEAT_CELLS).astype(np.intp).T
    inside = (column >= 0) & (column < HEAT_CELLS) & (row >= 0) & (row < HEAT_CELLS)
    rows, columns = row[:, None] + _REACH, column[:, None] + _REACH
    rows_in = (rows >= 0) & (rows < HEAT_CELLS) & inside[:, None]
    columns_in = (columns >= 0) & (columns < HEAT_CELLS)
    rows_safe, columns_safe = rows.clip(0, HEAT_CELLS - 1), columns.clip(0, HEAT_CELLS - 1)
    window = heat[rows_safe[:, :, None], columns_safe[:, None, :], np.arange(n)[:, None, None]]
    weight = sigmoid(window)
    weight *= rows_in[:, :, None] & columns_in[:, None, :]
    strong = weight.max(axis=(1, 2)) >= MIN_HEAT
    total = weight.sum(axis=(1, 2)) * HEAT_CELLS
    total[~strong] = 1
    points[:, 0] = np.where(strong, (weight.sum(axis=1) * columns).sum(axis=1) / total, points[:, 0])
    points[:, 1] = np.where(strong, (weight.sum(axis=2) * rows).sum(axis=1) / total, points[:, 1])
