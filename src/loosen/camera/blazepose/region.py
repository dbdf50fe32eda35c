"""Where in a picture a body is: a rotated square, and the crop that a model sees of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from loosen.body.pose import Floats

RgbImage = NDArray[np.uint8]
"""A picture, (h, w, 3) red, green, blue."""

# BlazePose's own margin around the circle through its scale point.
MARGIN = 1.25


@dataclass(frozen=True, slots=True)
class Region:
    """A square in picture pixels: centre (`x_px`, `y_px`), `side_px`, and `angle_rad` turned clockwise."""

    x_px: float
    y_px: float
    side_px: float
    angle_rad: float = 0.0

    def to_picture(self, points: Floats) -> Floats:
        """Map crop coordinates 0..1, (n, 2), to picture pixels, (n, 2)."""
        cos, sin = math.cos(self.angle_rad) * self.side_px, math.sin(self.angle_rad) * self.side_px
        x, y = points[:, 0] - 0.5, points[:, 1] - 0.5
        return np.stack((cos * x - sin * y + self.x_px, sin * x + cos * y + self.y_px), axis=1)

    def distance(self, other: Region) -> float:
        """Return the distance of the centres in sides of this region."""
        return math.hypot(other.x_px - self.x_px, other.y_px - self.y_px) / self.side_px

    def is_sound(self) -> bool:
        """Return whether the region can be cropped at all."""
        values = (self.x_px, self.y_px, self.side_px, self.angle_rad)
        return all(math.isfinite(value) for value in values) and self.side_px > 4


def region_of(centre: Floats, edge: Floats) -> Region:
    """Return a body's region from its mid-hip and its scale point, which lies straight above the hip, in px."""
    across, down = float(edge[0] - centre[0]), float(edge[1] - centre[1])
    angle = math.pi / 2 - math.atan2(-down, across)
    return Region(
        x_px=float(centre[0]),
        y_px=float(centre[1]),
        side_px=2 * math.hypot(across, down) * MARGIN,
        angle_rad=(angle + math.pi) % (2 * math.pi) - math.pi,
    )


def whole(width: int, height: int) -> Region:
    """Return the smallest upright square around the whole picture."""
    return Region(width / 2, height / 2, max(width, height))


def crop(picture: RgbImage, region: Region, out: RgbImage, border: int) -> None:
    """Fill `out`, a square picture (n, n, 3), with the region; `border` is OpenCV's border mode."""
    n = out.shape[0]
    step = region.side_px / n
    cos, sin = math.cos(region.angle_rad) * step, math.sin(region.angle_rad) * step
    half = n / 2
    matrix = np.array(((cos, -sin, region.x_px - half * (cos - sin)), (sin, cos, region.y_px - half * (sin + cos))))
    cv2.warpAffine(picture, matrix, (n, n), dst=out, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=border)


def sigmoid(logits: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)), in the form that cannot overflow."""
    share: Floats = np.tanh(logits * np.float32(0.5))
    share += 1
    share *= np.float32(0.5)
    return share
