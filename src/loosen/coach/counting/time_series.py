"""Arithmetic on a timed series: slope, speed, noise, smoothness. Unknown values (NaN) are left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from math import isnan

import numpy as np
from numpy.typing import NDArray

TimeSeries = Sequence[tuple[float, float]]
"""(t_s, value) pairs with rising times."""
SPARC_RATE_HZ = 50.0
SPARC_PAD = 4  # powers of two beyond the signal's own length
SPARC_AMPLITUDE = 0.05


def slope(points: TimeSeries) -> float:
    """Return the least-squares slope per second; 0 where fewer than two times differ."""
    n = len(points)
    if n < 2:
        return 0.0
    mean_t = sum(t for t, _ in points) / n
    mean_v = sum(v for _, v in points) / n
    square = sum((t - mean_t) ** 2 for t, _ in points)
    return sum((t - mean_t) * (v - mean_v) for t, v in points) / square if square else 0.0


def smoothed(points: TimeSeries, width_s: float) -> list[tuple[float, float]]:
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


def largest_speed(points: TimeSeries, width_s: float = 0.25, frames: int = 5) -> float:
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


def first_s(points: TimeSeries, level: float) -> float:
    """Return when a series first reaches `level` from below, between frames; its end if it never does."""
    if points[0][1] >= level:
        return points[0][0]
    for (t0, v0), (t1, v1) in pairwise(points):
        if v0 < level <= v1:
            return t0 + (t1 - t0) * (level - v0) / (v1 - v0)
    return points[-1][0]


def last_s(points: TimeSeries, level: float) -> float:
    """Return when a rising series was last below `level`, between frames; its beginning if it never was."""
    for (t0, v0), (t1, v1) in zip(reversed(points[:-1]), reversed(points[1:]), strict=False):
        if v0 < level:
            return t0 + (t1 - t0) * min((level - v0) / (v1 - v0), 1.0) if v1 > v0 else t1
    return points[0][0] if points else 0.0


def noise(points: TimeSeries) -> float:
    """Return the SD of frame-to-frame noise, from second differences (a smooth movement hardly has any)."""
    known = [v for _, v in points if not isnan(v)]
    if len(known) < 5:
        return math.nan
    squares = sorted((a - 2 * b + c) ** 2 for a, b, c in zip(known, known[1:], known[2:], strict=False))
    # The median of squares of a normal variable is 0.4549 of its variance; it forgets jumps.
    return math.sqrt(squares[len(squares) // 2] / 0.4549 / 6)


def sparc(speed: NDArray[np.float64], rate_hz: float, cut_hz: float = 10.0) -> float:
    """Return the smoothness of a speed profile (n,) in any unit: the arc length of its normalised spectrum.

    Nearer 0 is smoother; a minimum-jerk movement scores -1.414. S. Balasubramanian, A. Melendez-Calderon,
    A. Roby-Brami, E. Burdet, "On the analysis of movement smoothness", J. NeuroEng. Rehabil. 12:112 (2015).
    """
    n = 2 ** (math.ceil(math.log2(len(speed))) + SPARC_PAD)
    frequencies = np.arange(n) * rate_hz / n
    spectrum = np.abs(np.fft.fft(speed, n))
    spectrum = spectrum / spectrum.max()
    keep = frequencies <= cut_hz
    frequencies, spectrum = frequencies[keep], spectrum[keep]
    loud = np.nonzero(spectrum >= SPARC_AMPLITUDE)[0]
    frequencies, spectrum = frequencies[loud[0] : loud[-1] + 1], spectrum[loud[0] : loud[-1] + 1]
    if len(frequencies) < 2:
        return math.nan
    steps = np.diff(frequencies) / (frequencies[-1] - frequencies[0])
    return float(-np.sum(np.sqrt(steps**2 + np.diff(spectrum) ** 2)))


def phase_smoothness(points: TimeSeries, noise_sd: float, low_pass_hz: float = 3.0) -> float:
    """Return SPARC of one phase, low-passed at `low_pass_hz`; NaN where noise hides it.

    `noise_sd`: of one frame in the signal's unit. It hides the movement when it exceeds 2% of the phase's range:
    beyond that, noise alone makes a smooth movement look hesitant.
    """
    known = [(t, v) for t, v in points if not isnan(v)]
    if len(known) < 8 or known[-1][0] - known[0][0] < 0.4:
        return math.nan
    values = np.array([v for _, v in known])
    if not noise_sd <= 0.02 * float(np.ptp(values)):
        return math.nan
    times = np.array([t for t, _ in known])
    even = np.arange(times[0], times[-1], 1 / SPARC_RATE_HZ)
    track = np.interp(even, times, values)
    width = max(round(SPARC_RATE_HZ * 0.443 / low_pass_hz), 1)
    kernel = np.hanning(2 * width + 1)
    padded = np.pad(track, width, mode="edge")
    track = np.convolve(padded, kernel / kernel.sum(), mode="valid")
    return sparc(np.abs(np.diff(track)) * SPARC_RATE_HZ, SPARC_RATE_HZ)
