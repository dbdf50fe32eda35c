"""Smoothness of one phase: SPARC, the arc length of the normalised speed spectrum.

S. Balasubramanian, A. Melendez-Calderon, A. Roby-Brami, E. Burdet, "On the analysis of movement smoothness",
J. NeuroEng. Rehabil. 12:112 (2015). Nearer 0 is smoother; a minimum-jerk movement scores -1.414.
"""

from __future__ import annotations

import math
from math import isnan

import numpy as np
from numpy.typing import NDArray

from loosen.coach.counting.time_series import Series

RATE_HZ = 50.0
PAD = 4  # powers of two beyond the signal's own length
AMPLITUDE = 0.05


def sparc(speed: NDArray[np.float64], rate_hz: float, cut_hz: float = 10.0) -> float:
    """Return the spectral arc length of a speed profile (n,), any unit."""
    n = 2 ** (math.ceil(math.log2(len(speed))) + PAD)
    frequencies = np.arange(n) * rate_hz / n
    spectrum = np.abs(np.fft.fft(speed, n))
    spectrum = spectrum / spectrum.max()
    keep = frequencies <= cut_hz
    frequencies, spectrum = frequencies[keep], spectrum[keep]
    loud = np.nonzero(spectrum >= AMPLITUDE)[0]
    frequencies, spectrum = frequencies[loud[0] : loud[-1] + 1], spectrum[loud[0] : loud[-1] + 1]
    if len(frequencies) < 2:
        return math.nan
    steps = np.diff(frequencies) / (frequencies[-1] - frequencies[0])
    return float(-np.sum(np.sqrt(steps**2 + np.diff(spectrum) ** 2)))


def phase_smoothness(points: Series, noise: float, low_pass_hz: float = 3.0) -> float:
    """Return SPARC of one phase, low-passed at `low_pass_hz`; NaN where noise hides it.

    `noise`: SD of one frame in the signal's unit. It hides the movement when it exceeds 2% of the phase's range:
    beyond that, noise alone makes a smooth movement look hesitant.
    """
    known = [(t, v) for t, v in points if not isnan(v)]
    if len(known) < 8 or known[-1][0] - known[0][0] < 0.4:
        return math.nan
    values = np.array([v for _, v in known])
    if not noise <= 0.02 * float(np.ptp(values)):
        return math.nan
    times = np.array([t for t, _ in known])
    even = np.arange(times[0], times[-1], 1 / RATE_HZ)
    track = np.interp(even, times, values)
    width = max(round(RATE_HZ * 0.443 / low_pass_hz), 1)
    kernel = np.hanning(2 * width + 1)
    padded = np.pad(track, width, mode="edge")
    track = np.convolve(padded, kernel / kernel.sum(), mode="valid")
    return sparc(np.abs(np.diff(track)) * RATE_HZ, RATE_HZ)
