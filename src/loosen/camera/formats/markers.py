"""Converts poses to the markers and angles of other tools, and their markers to a track.

Marker names, axes and angles are Sports2D's and Pose2Sim's (D. Pagnon; their BLAZEPOSE and HALPE_26 skeletons and
table of angles): x to the picture's right, y up from the floor, z towards the camera, metres. The points are those of
the picture, scaled by one number for the whole recording, so that angles in its plane stay what they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from loosen.body.pose import N_LANDMARKS, Floats, Landmark, Pose
from loosen.body.signals import HIDDEN_FOOT, MARGIN, VISIBLE, SignalReader
from loosen.camera.formats.pose_files import Array, Markers, Motion, read_trc
from loosen.camera.formats.track_file import Track
from loosen.errors import RecordingError

_SIDED = "Eye Ear Shoulder Elbow Wrist Pinky Index Thumb Hip Knee Ankle Heel BigToe"
NAMES: dict[str, Landmark] = {"Nose": Landmark.NOSE} | {
    side[0] + name: Landmark[f"{side}_{name.upper() if name != 'BigToe' else 'FOOT_INDEX'}"]
    for name in _SIDED.split()
    for side in ("LEFT", "RIGHT")
}
# Markers halfway between two others, which those tools add.
MIDDLES = {"Hip": (Landmark.LEFT_HIP, Landmark.RIGHT_HIP), "Neck": (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER)}
NEEDED = ("LShoulder", "RShoulder", "LHip", "RHip")
_BY_NAME = {name.lower(): joint for name, joint in NAMES.items()}

# The bones that give the scale: their metres in the model's world by their pixels in the picture.
BONES = ((11, 23), (12, 24), (23, 25), (24, 26), (25, 27), (26, 28))
SHOULDERS_TO_ANKLES_M = 1.34  # of a body of 1.72 m: Drillis and Contini, 0.818 - 0.039 of its height
PX_PER_M = 240.0
EDGE_PX = 100
MAX_EXTENT_M = 50.0
# Taller than any body: the file says metres and holds pixels, as Sports2D's `_px.trc` do.
TALLEST_M = 10.0
# Depth that varies less than this was not measured: Sports2D gives each marker one depth for all frames.
DEPTH_MOVES_M = 1e-3

# Sports2D's angles: the points (two: a segment against the horizontal; three: a joint; four: two segments), then the
# offset that is added and the sign. A point with a dot has no side.
ANGLES: dict[str, tuple[str, float, float]] = {
    "ankle": ("Knee Ankle BigToe Heel", 90, 1), "knee": ("Ankle Knee Hip", -180, 1),
    "hip": ("Knee Hip .Hip .Neck", 0, -1), "shoulder": ("Elbow Shoulder .Hip .Neck", 0, -1),
    "elbow": ("Wrist Elbow Shoulder", 180, -1), "foot": ("BigToe Heel", 0, -1), "shank": ("Ankle Knee", 0, -1),
    "thigh": ("Knee Hip", 0, -1), "arm": ("Elbow Shoulder", 0, -1), "forearm": ("Wrist Elbow", 0, -1),
}  # fmt: skip
TRUNKS: dict[str, tuple[str, float, float]] = {
    "pelvis": (".LHip .RHip", 0, -1), "trunk": (".Neck .Hip", 0, -1), "shoulders": (".LShoulder .RShoulder", 0, -1),
}  # fmt: skip
HALF_TURN = frozenset({"pelvis", "shoulders"})


def markers_of(poses: Sequence[Pose]) -> Markers:
    """Return poses as markers; points too doubtful for loosen's own signals are missing. Raises RecordingError."""
    if not poses:
        raise RecordingError("There is no frame to write.")
    flat, trusted = _in_pixels(poses)
    world = np.stack([pose.world for pose in poses]).astype(np.float64)
    m_per_px = _scale(flat, world)
    feet = flat[:, Landmark.LEFT_ANKLE :, 1]
    floor_px = float(np.nanpercentile(feet, 98)) if np.isfinite(feet).any() else float(poses[0].size[1])
    points = np.empty((len(poses), N_LANDMARKS, 3))
    points[..., 0] = (flat[..., 0] - poses[0].size[0] / 2) * m_per_px
    points[..., 1] = (floor_px - flat[..., 1]) * m_per_px
    points[..., 2] = np.where(np.isfinite(world[..., 2]), -world[..., 2], 0.0)
    points[~trusted] = np.nan
    columns = [points[:, joint] for joint in NAMES.values()]
    columns += [(points[:, a] + points[:, b]) / 2 for a, b in MIDDLES.values()]
    times = np.array([pose.t_s for pose in poses])
    return Markers(times, (*NAMES, *MIDDLES), np.stack(columns, axis=1))


def read_markers(path: Path) -> Track:
    """Read a `.trc` file as a track: its points in the plane of x and y, seen from z. Raises RecordingError."""
    markers = read_trc(path)
    found = {_BY_NAME[name.lower()]: index for index, name in enumerate(markers.names) if name.lower() in _BY_NAME}
    if missing := [name for name in NEEDED if NAMES[name] not in found]:
        raise RecordingError(
            f"{path}: among its markers there must be {', '.join(missing)} (names as Sports2D and OpenCap give them); "
            f"it has {', '.join(markers.names[:12])}."
        )
    points = np.full((len(markers.t_s), N_LANDMARKS, 3), np.nan)
    for joint, index in found.items():
        points[:, joint] = markers.points[:, index]
    flat, size = _as_picture(path, points)
    depth = points[..., 2]
    has_depth = any(np.nanstd(one) > DEPTH_MOVES_M for one in depth.T if np.isfinite(one).any())
    landmarks = np.full((len(points), N_LANDMARKS, 4), np.nan, np.float32)
    landmarks[..., 0], landmarks[..., 1] = flat[..., 0] / size[0], flat[..., 1] / size[1]
    landmarks[..., 2] = -depth * PX_PER_M / size[0] if has_depth else 0.0
    lost = ~np.isfinite(flat).all(axis=-1)
    landmarks[..., 3] = ~lost
    landmarks[lost, :3] = np.nan
    world = np.full((len(points), N_LANDMARKS, 3), np.nan, np.float32)
    if has_depth:
        middle = (points[:, Landmark.LEFT_HIP] + points[:, Landmark.RIGHT_HIP]) / 2
        world[:] = (points - middle[:, None]) * (1, -1, -1)
    return Track(markers.t_s, landmarks, world, size, {"format": "trc"})


def angles_of(poses: Sequence[Pose]) -> Motion:
    """Return Sports2D's joint and segment angles, in degrees within half a turn either way."""
    flat, trusted = _in_pixels(poses)
    flat = np.where(trusted[..., None], flat, np.nan)
    facing, reader = [], SignalReader()
    for pose in poses:
        reader.read(pose)
        facing.append(reader.facing)
    names, columns = [], []
    for side, letter in (("right", "R"), ("left", "L")):
        for name, (points, offset, sign) in ANGLES.items():
            whose = [point[1:] if point[0] == "." else letter + point for point in points.split()]
            names.append(f"{side} {name}")
            columns.append(_angle([_facing_right(flat, point, facing) for point in whose], offset, sign, 360))
    for name, (points, offset, sign) in TRUNKS.items():
        turned = [_facing_right(flat, point[1:], facing) for point in points.split()]
        names.append(name)
        columns.append(_angle(turned, offset, sign, 180 if name in HALF_TURN else 360))
    return Motion(np.array([pose.t_s for pose in poses]), tuple(names), np.stack(columns, axis=1))


def _in_pixels(poses: Sequence[Pose]) -> tuple[Array, NDArray[np.bool_]]:
    """Return the points in pixels (n, 33, 2), and which of them are trusted (n, 33)."""
    landmarks = np.stack([pose.landmarks for pose in poses]).astype(np.float64)
    sizes = np.array([pose.size for pose in poses], np.float64)
    least = np.full(N_LANDMARKS, VISIBLE)
    least[Landmark.LEFT_ANKLE :] = HIDDEN_FOOT
    place = landmarks[..., :2]
    inside = ((place >= -MARGIN) & (place <= 1 + MARGIN)).all(axis=-1)
    return place * sizes[:, None], inside & (landmarks[..., 3] >= least)


def _scale(flat: Array, world: Floats | Array) -> float:
    """Return metres per pixel, from the model's world points, else from a body's usual height."""
    pixels = np.stack([np.linalg.norm(flat[:, a] - flat[:, b], axis=-1) for a, b in BONES])
    metres = np.stack([np.linalg.norm(world[:, a, :2] - world[:, b, :2], axis=-1) for a, b in BONES])
    known = np.isfinite(pixels) & np.isfinite(metres) & (pixels > 1)
    if known.any():
        return float(np.median(metres[known].sum() / pixels[known].sum()))
    tall = np.abs(flat[:, 27:29, 1].mean(axis=1) - flat[:, 11:13, 1].mean(axis=1))
    tall = tall[np.isfinite(tall) & (tall > 1)]
    return SHOULDERS_TO_ANKLES_M / float(np.percentile(tall, 90)) if len(tall) else 1 / PX_PER_M


def _as_picture(path: Path, points: Array) -> tuple[Array, tuple[int, int]]:
    """Return the points in pixels, y down, of a picture just large enough for them, and its size."""
    flat = points[..., :2]
    if not np.isfinite(flat).all(axis=-1).any():
        raise RecordingError(f"{path}: every point in it is missing.")
    low, high = np.nanmin(flat, axis=(0, 1)), np.nanmax(flat, axis=(0, 1))
    up = np.nanmedian(flat[:, 11:13, 1]) - np.nanmedian(flat[:, 23:25, 1])
    if up < 0 and (high - low)[1] > TALLEST_M:  # pixels, y down already
        shown = flat - low + EDGE_PX
        extent = high - low
    else:
        if not up > 0:
            raise RecordingError(f"{path}: the shoulders are not above the hips: y must point up, as OpenSim has it.")
        if (high - low).max() > MAX_EXTENT_M:
            raise RecordingError(f"{path}: its points are {(high - low).max():.0f} m apart; check the units.")
        shown = np.stack([flat[..., 0] - low[0], high[1] - flat[..., 1]], axis=-1) * PX_PER_M + EDGE_PX
        extent = (high - low) * PX_PER_M
    width, height = (int(side) + 2 * EDGE_PX + 1 for side in extent)
    return shown, (width, height)


def _facing_right(flat: Array, name: str, facing: Sequence[str]) -> Array:
    """Return a point (n, 2) mirrored as Sports2D does it: forward is to the right, whichever side is seen."""
    if name in MIDDLES:
        a, b = MIDDLES[name]
        point, side = (flat[:, a] + flat[:, b]) / 2, ""
    else:
        point, side = flat[:, NAMES[name]], name[0]
    away = {"left": ("", "L", "R"), "camera": ("R",), "away": ("L",)}
    sign = np.array([-1.0 if side in away.get(one, ()) else 1.0 for one in facing])
    turned: Array = point * np.stack([sign, np.ones_like(sign)], axis=1)
    return turned


def _angle(points: Sequence[Array], offset: float, sign: float, period: float) -> Array:
    if len(points) == 2:
        v = points[0] - points[1]
        turn = np.arctan2(v[:, 1], v[:, 0])
    else:
        joint = len(points) == 3
        u = points[0] - points[1] if joint else points[1] - points[0]
        v = points[2] - points[1] if joint else points[3] - points[2]
        turn = -np.arctan2(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0], (u * v).sum(axis=1))
    degrees = (np.degrees(turn) + offset) * sign
    return (degrees + period / 2) % period - period / 2
