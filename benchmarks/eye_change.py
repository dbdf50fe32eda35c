"""The same recording under other conditions: slower or faster cameras, lost frames, mirrors, tilts, hidden limbs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from loosen.body.pose import N_LANDMARKS, Pose

# Left and right of each pair change places in a mirror.
_SWAP = np.arange(N_LANDMARKS)
for _left, _right in (
    (1, 4), (2, 5), (3, 6), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16), (17, 18), (19, 20), (21, 22),
    (23, 24), (25, 26), (27, 28), (29, 30), (31, 32),
):  # fmt: skip
    _SWAP[[_left, _right]] = _right, _left

LEFT_LIMBS, RIGHT_LIMBS = [13, 15, 17, 19, 21, 25, 27, 29, 31], [14, 16, 18, 20, 22, 26, 28, 30, 32]
LOST_SHARE = 0.2
TILT_DEG = 10.0


def at_rate(poses: Sequence[Pose], fps: float) -> list[Pose]:
    """Return the recording as a camera of this rate would have it: frames left out, or put between two."""
    if len(poses) < 2:
        return list(poses)
    times = np.array([pose.t_s for pose in poses])
    wanted = np.arange(times[0], times[-1] + 1e-6, 1 / fps)
    own_fps = (len(poses) - 1) / (times[-1] - times[0])
    out: list[Pose] = []
    for t_s in wanted:
        after = min(int(np.searchsorted(times, t_s - 1e-9)), len(poses) - 1)
        before = max(after - 1, 0)
        if fps <= own_fps * 1.05:
            nearest = after if times[after] - t_s < t_s - times[before] or before == after else before
            pose = poses[nearest]
            if not out or pose.t_s > out[-1].t_s:
                out.append(pose)
            continue
        a, b = poses[before], poses[after]
        span = b.t_s - a.t_s
        along = (float(t_s) - a.t_s) / span if span > 0 else 0.0
        share = np.float32(min(max(along, 0.0), 1.0))
        out.append(
            Pose(
                float(t_s), a.landmarks + (b.landmarks - a.landmarks) * share,
                a.world + (b.world - a.world) * share, a.size,
            )
        )  # fmt: skip
    return out


def dropped(poses: Sequence[Pose], seed: int = 7) -> list[Pose]:
    """Leave out a fifth of the frames, at random, always the same ones."""
    keep = np.random.default_rng(seed).random(len(poses)) >= LOST_SHARE
    return [pose for pose, kept in zip(poses, keep, strict=True) if kept]


def mirrored(poses: Sequence[Pose]) -> list[Pose]:
    """Return what the tracker sees in a mirrored picture: a person facing the other way, sides exchanged."""
    out = []
    for pose in poses:
        landmarks, world = pose.landmarks[_SWAP].copy(), pose.world[_SWAP].copy()
        landmarks[:, 0] = 1 - landmarks[:, 0]
        world[:, 0] = -world[:, 0]
        out.append(Pose(pose.t_s, landmarks, world, pose.size))
    return out


def tilted(poses: Sequence[Pose], by_deg: float = TILT_DEG) -> list[Pose]:
    """Roll the camera about the middle of its picture."""
    c, s = np.cos(np.radians(by_deg)), np.sin(np.radians(by_deg))
    turn = np.array([[c, -s], [s, c]], np.float32)
    out = []
    for pose in poses:
        size = np.array(pose.size, np.float32)
        landmarks, world = pose.landmarks.copy(), pose.world.copy()
        landmarks[:, :2] = ((landmarks[:, :2] - 0.5) * size) @ turn.T / size + 0.5
        world[:, :2] = world[:, :2] @ turn.T
        out.append(Pose(pose.t_s, landmarks, world, pose.size))
    return out


def far_limbs_lost(poses: Sequence[Pose]) -> list[Pose]:
    """Hide the arm and leg that lie further from the camera."""
    depth = [float(np.nanmean(pose.world[[11, 23], 2] - pose.world[[12, 24], 2])) for pose in poses if pose.found]
    left_is_far = bool(depth) and float(np.nanmedian(depth)) > 0
    out = []
    for pose in poses:
        landmarks = pose.landmarks.copy()
        hidden = LEFT_LIMBS if left_is_far else RIGHT_LIMBS
        landmarks[hidden, :3] = np.nan
        landmarks[hidden, 3] = 0
        out.append(Pose(pose.t_s, landmarks, pose.world, pose.size))
    return out


def away(poses: Sequence[Pose], begin_s: float, end_s: float) -> list[Pose]:
    """Take the person out of the picture from `begin_s` until `end_s`."""
    return [Pose.lost(p.t_s, p.size) if begin_s <= p.t_s < end_s else p for p in poses]


CHANGES: dict[str, Callable[[Sequence[Pose]], list[Pose]]] = {
    "10 fps": lambda poses: at_rate(poses, 10),
    "15 fps": lambda poses: at_rate(poses, 15),
    "20 fps": lambda poses: at_rate(poses, 20),
    "60 fps": lambda poses: at_rate(poses, 60),
    "20% dropped": dropped,
    "mirrored / faces the other way": mirrored,
    "camera tilted +10 deg": tilted,
    "camera tilted -10 deg": lambda poses: tilted(poses, -TILT_DEG),
    "far limbs lost (side view)": far_limbs_lost,
}
