"""Draws a body over a picture: rounded limbs of natural thickness, in one tone."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from loosen.body.pose import Floats, Landmark, Pose
from loosen.camera.blazepose.region import RgbImage

Mask = NDArray[np.uint8]

ACCENT = (38, 166, 154)
EDGE = (255, 255, 255)
FILL = 0.42
MIN_VISIBILITY = 0.4
# What is drawn lies within so many pixels of the mask.
MARGIN_PX = 2
# Bits after the point of OpenCV's drawing positions, so that nothing jitters by whole pixels.
SHIFT = 4

# Thickness at both ends as a share of the trunk's length, from published segment girths (arm 0.28 m, thigh
# 0.55 m round; trunk 0.5 m long), a little slimmer so that the clothes stay visible around it.
LIMBS = tuple(
    (Landmark[f"{side}_{start}"], Landmark[f"{side}_{end}"], widths)
    for side in ("LEFT", "RIGHT")
    for start, end, widths in (
        ("SHOULDER", "ELBOW", (0.17, 0.14)), ("ELBOW", "WRIST", (0.14, 0.10)), ("WRIST", "INDEX", (0.11, 0.08)),
        ("HIP", "KNEE", (0.26, 0.18)), ("KNEE", "ANKLE", (0.18, 0.12)), ("HEEL", "FOOT_INDEX", (0.11, 0.10)),
    )
)  # fmt: skip
_TRUNK = (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER, Landmark.RIGHT_HIP, Landmark.LEFT_HIP)
_TRUNK_EDGE = 0.34
_HEAD = 0.22


def draw_body(picture: RgbImage, pose: Pose) -> None:
    """Draw the body into an RGB picture (h, w, 3), in place; nothing when nobody was found."""
    if not pose.found:
        return
    points = pose.landmarks[:, :2] * np.array(pose.size, np.float32)
    seen = (pose.landmarks[:, 3] >= MIN_VISIBILITY) & (np.abs(points) < 4 * max(pose.size)).all(axis=1)
    shape = _shape(picture.shape[:2], points, seen)
    if shape is None:
        return
    mask, (top, bottom, left, right) = shape
    part = picture[top:bottom, left:right]
    inner = mask[top:bottom, left:right]
    edge: Any = cv2.morphologyEx(inner, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    part[:] = _blend(part, inner, ACCENT, FILL)
    part[:] = _blend(part, edge, EDGE, 0.85)


def _shape(
    size: tuple[int, ...], points: Floats, seen: NDArray[np.bool_]
) -> tuple[Mask, tuple[int, int, int, int]] | None:
    """Return the body's mask (h, w) 0..255 and the box (top, bottom, left, right) that holds it."""
    trunk = _trunk_length(points, seen)
    if trunk is None:
        return None
    mask = np.zeros(size[:2], np.uint8)
    for start, end, widths in LIMBS:
        if seen[start] and seen[end]:
            _limb(mask, points[start], points[end], widths[0] * trunk / 2, widths[1] * trunk / 2)
    if seen[list(_TRUNK)].all():
        corners = points[list(_TRUNK)]
        hull: Any = cv2.convexHull(corners).reshape(-1, 2)
        cv2.fillConvexPoly(mask, _fixed_point(hull), 255, cv2.LINE_AA, SHIFT)
        for a, b in zip(hull, np.roll(hull, 1, axis=0), strict=True):
            _limb(mask, a, b, _TRUNK_EDGE * trunk / 2, _TRUNK_EDGE * trunk / 2)
    _head(mask, points, seen, trunk)
    left, top, width, height = cv2.boundingRect(mask)
    if not width:
        return None
    bottom, right = min(size[0], top + height + MARGIN_PX), min(size[1], left + width + MARGIN_PX)
    return mask, (max(0, top - MARGIN_PX), bottom, max(0, left - MARGIN_PX), right)


def _trunk_length(points: Floats, seen: NDArray[np.bool_]) -> float | None:
    left, right, right_hip, left_hip = _TRUNK
    sides = ((left, left_hip), (right, right_hip))
    lengths = [float(np.hypot(*(points[a] - points[b]))) for a, b in sides if seen[a] and seen[b]]
    return max(lengths) if lengths and max(lengths) > 4 else None


def _head(mask: Mask, points: Floats, seen: NDArray[np.bool_], trunk: float) -> None:
    face = [Landmark.LEFT_EAR, Landmark.RIGHT_EAR, Landmark.NOSE]
    if not seen[face].all():
        return
    ears = points[[Landmark.LEFT_EAR, Landmark.RIGHT_EAR]].mean(axis=0)
    cv2.circle(mask, _pixel(ears), round(_HEAD * trunk * 2**SHIFT), 255, cv2.FILLED, cv2.LINE_AA, SHIFT)
    shoulders = [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]
    if seen[shoulders].all():
        neck = points[shoulders].mean(axis=0)
        _limb(mask, neck, ears, 0.09 * trunk, 0.09 * trunk)


def _limb(mask: Mask, a: Floats, b: Floats, at_a: float, at_b: float) -> None:
    """Fill a tapering limb with round ends of radius `at_a` and `at_b` px."""
    along = b - a
    length = float(np.hypot(*along))
    for point, radius in ((a, at_a), (b, at_b)):
        cv2.circle(mask, _pixel(point), max(1, round(radius * 2**SHIFT)), 255, cv2.FILLED, cv2.LINE_AA, SHIFT)
    if length < 1:
        return
    across = np.array((-along[1], along[0])) / length
    corners = np.stack((a + across * at_a, b + across * at_b, b - across * at_b, a - across * at_a))
    cv2.fillConvexPoly(mask, _fixed_point(corners), 255, cv2.LINE_AA, SHIFT)


def _fixed_point(points: NDArray[np.floating]) -> NDArray[np.int32]:
    return np.round(points * np.float32(2**SHIFT)).astype(np.int32)


def _pixel(point: Floats) -> tuple[int, int]:
    return round(float(point[0]) * 2**SHIFT), round(float(point[1]) * 2**SHIFT)


def _blend(part: RgbImage, mask: Mask, colour: tuple[int, int, int], share: float) -> RgbImage:
    weight = mask[..., None].astype(np.float32) * np.float32(share / 255)
    mixed: RgbImage = (part + (np.array(colour, np.float32) - part) * weight).astype(np.uint8)
    return mixed
