"""Small arithmetic on a timed series; unknown values (NaN) are left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from math import isnan

Series = Sequence[tuple[float, float]]
"""(t_s, value) pairs with rising times."""


def slope(points: Series) -> float:
    """Return the least-squares slope per second; 0 where fewer than two times differ."""
    n = len(points)
    if n < 2:
        return 0.0
    mean_t = sum(t for t, _ in points) / n
    mean_v = sum(v for _, v in points) / n
    square = sum((t - mean_t) ** 2 for t, _ in points)
    return sum((t - mean_t) * (v - mean_v) for t, v in points) / square if square else 0.0


def smoothed(points: Series, width_s: float) -> list[tuple[float, float]]:
    """Return the centred moving average over `width_s`; NaN values are dropped."""
    known = [(t, v) for t, v in points if not isnan(v)]
    out: list[tuple[float, float]] = []
    low = high = 0
    total = 0.0
    half = width_s / 2
    for t, _ in known:
        while high < len(known) and known[high][0] <= t + half:
            total += known[high][1]
            high += 1
        while known[low][0] < t - half:
            total -= known[low][1]
            low += 1
        out.append((t, total / (high - low)))
    return out


def largest_speed(points: Series, width_s: float = 0.25, frames: int = 5) -> float:
    """Return the largest absolute slope over a window of `width_s`, at least `frames` frames long."""
    known = [(t, v) for t, v in points if not isnan(v)]
    if len(known) < 2:
        return math.nan
    largest = 0.0
    start = 0
    for end in range(len(known)):
        while known[end][0] - known[start][0] > width_s and end - start >= frames:
            start += 1
        long_enough = known[end][0] - known[start][0] >= 0.7 * width_s
        if long_enough and end - start >= min(frames, len(known)) - 1:
            largest = max(largest, abs(slope(known[start : end + 1])))
    return largest


def crossing_s(points: Series, level: float) -> float | None:
    """Return when a series first reaches `level` from below, between frames; None if it never does."""
    if points and points[0][1] >= level:
        return points[0][0]
    for (t0, v0), (t1, v1) in pairwise(points):
        if v0 < level <= v1:
            return t0 + (t1 - t0) * (level - v0) / (v1 - v0)
    return None


def noise(points: Series) -> float:
    """Return the SD of frame-to-frame noise, from second differences (a smooth movement hardly has any)."""
    known = [v for _, v in points if not isnan(v)]
    if len(known) < 5:
        return math.nan
    squares = sorted((a - 2 * b + c) ** 2 for a, b, c in zip(known, known[1:], known[2:], strict=False))
    # The median of squares of a normal variable is 0.4549 of its variance; it forgets jumps.
    return math.sqrt(squares[len(squares) // 2] / 0.4549 / 6)
