"""Three other ways to count repetitions, written anew after their descriptions, for the same table.

- `angle_counter`: Ultralytics' AIGym (docs.ultralytics.com/guides/workouts-monitoring, `ai_gym.py`): the angle at the
  middle of three key points; above 145 degrees it is "up", and once it was up, falling below 90 counts one.
- `nearest_counter`: MediaPipe's pose-classification guide (Google, "Pose Classification" and its Colab notebook): the
  pose, centred and scaled, as 23 differences between joints; of the known poses the 30 with the smallest largest
  difference, of those the 10 with the smallest mean difference vote; the votes are smoothed exponentially over 10
  frames (alpha 0.2); a repetition begins above 6 votes and counts on falling below 4.
- `offline_counter`: the first principal component of the whole recording and its peaks; it sees the end before it
  counts the beginning, so it is a reference, not a rival.

Defaults are the sources'. Where a source leaves a choice (which key points), the one that suits the movement is made.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from loosen.body.figure import FigureMotion
from loosen.body.pose import Pose
from loosen.body.synthetic_body import SyntheticCamera, project
from loosen.routine.reader import builtin, read_routine

ANGLE, NEAREST, OFFLINE = "angle threshold (AIGym)", "nearest pose (MediaPipe)", "PCA + peaks (offline)"
UP_DEG, DOWN_DEG = 145.0, 90.0
TOP_BY_MAX, TOP_BY_MEAN = 30, 10
AXES = np.array([1.0, 1.0, 0.2])
TORSO_TIMES = 2.5
WINDOW, ALPHA = 10, 0.2
ENTER, LEAVE = 6.0, 4.0
BATCH = 32  # frames at a time, for speed; each still sees only itself

Array = NDArray[np.float64]

# --- a: angle thresholds


def _angle_deg(points: Array, a: int, b: int, c: int) -> float:
    """Return the angle at `b` between 0 and 180; NaN where a point is unknown."""
    one, other = points[a] - points[b], points[c] - points[b]
    degrees = abs(math.degrees(math.atan2(one[1], one[0]) - math.atan2(other[1], other[0])))
    return 360 - degrees if degrees > 180 else degrees


def angle_counter(poses: Sequence[Pose], family: str, definition: str) -> int:
    """Count with AIGym's two thresholds: elbows for presses, shoulders for raises, knees for the rest.

    Of two sides the one that shows the movement more is taken, which its fixed key points could not do.
    """
    if definition == "overhead-press":
        sides, pick = ((11, 13, 15), (12, 14, 16)), max
    elif family == "arms":
        sides, pick = ((23, 11, 13), (24, 12, 14)), max
    elif family == "back":
        sides, pick = ((11, 23, 25), (12, 24, 26)), min
    else:
        sides, pick = ((23, 25, 27), (24, 26, 28)), min
    count, stage = 0, "-"
    for pose in poses:
        points = pose.landmarks[:, :2].astype(float) * np.array(pose.size)
        known = [angle for side in sides if not math.isnan(angle := _angle_deg(points, *side))]
        if not known:
            continue
        angle = pick(known)
        if angle < DOWN_DEG:
            count += stage == "up"
            stage = "down"
        elif angle > UP_DEG:
            stage = "up"
    return count


# --- b: nearest poses

# Differences between joints, from one to the other; the first are means of two joints.
_PAIRS = (
    ((23, 24), (11, 12)), ((11,), (13,)), ((12,), (14,)), ((13,), (15,)), ((14,), (16,)), ((23,), (25,)),
    ((24,), (26,)),
    ((25,), (27,)), ((26,), (28,)), ((11,), (15,)), ((12,), (16,)), ((23,), (27,)), ((24,), (28,)), ((23,), (15,)),
    ((24,), (16,)), ((11,), (27,)), ((12,), (28,)), ((23,), (15,)), ((24,), (16,)), ((13,), (14,)), ((25,), (26,)),
    ((15,), (16,)), ((27,), (28,)),
)  # fmt: skip
_JOINTS = sorted({joint for pair in _PAIRS for end in pair for joint in end})


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Known poses: embeddings (n, 23, 3), and which of them show the end position (n,)."""

    embeddings: Array
    at_end: NDArray[np.bool_]


def embedding(pose: Pose) -> Array | None:
    """Return a pose as (23, 3) differences, centred on the hips, over the body's size; None where it is not whole."""
    points = pose.landmarks[:, :3].astype(float) * np.array([pose.size[0], pose.size[1], pose.size[0]])
    points[~np.isfinite(points[:, 2]), 2] = 0.0
    if not np.isfinite(points[_JOINTS]).all():
        return None
    points -= (points[23] + points[24]) / 2
    torso = float(np.hypot(*((points[11] + points[12]) / 2)[:2]))
    size = max(torso * TORSO_TIMES, float(np.nanmax(np.hypot(points[:, 0], points[:, 1]))))
    points = points / size * 100
    return np.stack([points[list(b)].mean(0) - points[list(a)].mean(0) for a, b in _PAIRS])


@cache
def figure_samples(definition: str) -> Samples:
    """Return the figure's start and end poses as a person's, fifty of each, with a camera's noise."""
    ours = builtin()
    known = [one.id for one in ours.exercises]
    routine = ours if definition in known else read_routine(Path(__file__).with_name("movements.toml"))
    exercise = routine.exercise(definition)
    rng = np.random.default_rng(5)
    camera, figure = SyntheticCamera(exercise.seen.shown, jitter=0.01), FigureMotion(exercise)
    rows, ends = [], []
    for index in range(100):
        points = figure.points("stop" if index % 2 else "start", mirrored=index % 4 > 1)
        one = embedding(project(points, camera, 0.0, rng))
        assert one is not None
        rows.append(one)
        ends.append(bool(index % 2))
    return Samples(np.stack(rows), np.array(ends))


def nearest_counter(poses: Sequence[Pose], samples: Samples) -> int:
    """Count with nearest known poses, smoothed votes and two thresholds."""
    count, entered = 0, False
    window: deque[float] = deque(maxlen=WINDOW)
    known = [one for one in map(embedding, poses) if one is not None]
    for first in range(0, len(known), BATCH):
        for votes in _votes(np.stack(known[first : first + BATCH]), samples):
            window.appendleft(votes)
            weights = [(1 - ALPHA) ** age for age in range(len(window))]
            smooth = sum(w * v for w, v in zip(weights, window, strict=True)) / sum(weights)
            if not entered:
                entered = smooth > ENTER
            elif smooth < LEAVE:
                count, entered = count + 1, False
    return count


def _votes(some: Array, samples: Samples) -> list[float]:
    """Return for each embedding (n, 23, 3) how many of the ten nearest known poses show the end position."""
    # The guide compares with the pose's mirror image, too, and takes the nearer.
    apart = np.abs(samples.embeddings[None] - some[:, None]) * AXES
    mirror = np.abs(samples.embeddings[None] - some[:, None] * np.array([-1.0, 1.0, 1.0])) * AXES
    largest = np.minimum(apart.max((2, 3)), mirror.max((2, 3)))
    mean = np.minimum(apart.mean((2, 3)), mirror.mean((2, 3)))
    first = np.argsort(largest, axis=1, kind="stable")[:, :TOP_BY_MAX]
    order = np.argsort(np.take_along_axis(mean, first, 1), axis=1, kind="stable")[:, :TOP_BY_MEAN]
    nearest = np.take_along_axis(first, order, 1)
    return [float(row.sum()) * 10 / nearest.shape[1] for row in samples.at_end[nearest]]


def samples_from(poses: Sequence[Pose], start_s: Sequence[float], end_s: Sequence[float]) -> Samples | None:
    """Return known poses from a recording: frames within 0.1 s of its start and of its end positions."""
    rows, ends = [], []
    for pose in poses:
        at_start = any(abs(pose.t_s - t) <= 0.1 for t in start_s)
        at_end = any(abs(pose.t_s - t) <= 0.1 for t in end_s)
        if at_start == at_end:
            continue
        one = embedding(pose)
        if one is not None:
            rows.append(one)
            ends.append(at_end)
    return Samples(np.stack(rows), np.array(ends)) if rows else None


def joined(parts: Sequence[Samples], at_most: int = 200) -> Samples | None:
    """Return several sets of known poses as one, thinned evenly."""
    if not parts:
        return None
    rows, ends = np.concatenate([p.embeddings for p in parts]), np.concatenate([p.at_end for p in parts])
    if not ends.any() or ends.all():
        return None
    step = max(math.ceil(len(rows) / at_most), 1)
    return Samples(rows[::step], ends[::step])


# --- c: principal component, offline

_BODY = [11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28]
PROMINENCE = 0.4  # of the component's spread from the 5th to the 95th percentile
APART_S = 0.4


def offline_counter(poses: Sequence[Pose]) -> int:
    """Count the peaks of the first principal component of the whole recording."""
    rows, times = [], []
    for pose in poses:
        points = pose.landmarks[_BODY, :2].astype(float) * np.array(pose.size)
        if not np.isfinite(points).all():
            continue
        middle = (points[6] + points[7]) / 2
        torso = float(np.hypot(*((points[0] + points[1]) / 2 - middle))) or 1.0
        # Heights above the lowest ankle keep the body's sinking, which centring on the hips would lose.
        floor = points[10:, 1].max()
        rows.append(np.concatenate([((points - [middle[0], floor]) / torso).ravel()]))
        times.append(pose.t_s)
    if len(rows) < 10:
        return 0
    data = np.stack(rows)
    data -= data.mean(0)
    _, _, axes = np.linalg.svd(data, full_matrices=False)
    fps = (len(times) - 1) / (times[-1] - times[0])
    width = max(round(0.3 * fps), 1)
    line = np.convolve(np.pad(data @ axes[0], width, mode="edge"), np.ones(width) / width, mode="same")[width:-width]
    low, high = np.percentile(line, [5, 95])
    # A recording begins and ends nearer to rest than to the end position.
    if line[0] + line[-1] > low + high:
        line = -line
    return len(peaks(line, PROMINENCE * float(high - low), max(round(APART_S * fps), 1)))


def peaks(line: Array, prominence: float, apart: int) -> list[int]:
    """Return the indices of maxima that stand out by `prominence` on both sides, at least `apart` from each other."""
    found: list[int] = []
    low, best = float(line[0]), -1
    for index, value in enumerate(line):
        if best < 0:
            low = min(low, float(value))
            if value - low >= prominence:
                best = index
        elif value > line[best]:
            best = index
        elif line[best] - value >= prominence:
            if not found or best - found[-1] >= apart:
                found.append(best)
            best, low = -1, float(value)
    return found
