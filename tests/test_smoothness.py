"""Smoothness: a perfect movement has the published score, a halting one a worse, a noisy one none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from loosen.body.figure import min_jerk
from loosen.coach.counting.smoothness import RATE_HZ, phase_smoothness, sparc

PERFECT = -1.41403  # the reference implementation's minimum-jerk movement
Track = NDArray[np.float64]


def reach(duration_s: float, size: float = 1.0, rate_hz: float = RATE_HZ) -> Track:
    """Return a minimum-jerk movement."""
    n = max(round(duration_s * rate_hz), 2)
    return np.array([size * min_jerk(k / n) for k in range(n + 1)])


def timed(track: Track, rate_hz: float = RATE_HZ) -> list[tuple[float, float]]:
    return [(k / rate_hz, float(v)) for k, v in enumerate(track)]


def halting(pause_s: float) -> Track:
    """Return a movement that stops half way."""
    half = reach(1.2)
    return np.concatenate([half, np.full(round(pause_s * RATE_HZ), 1.0), 1 + half])


@settings(max_examples=40, deadline=None)
@given(duration_s=st.floats(0.8, 6), size=st.floats(0.1, 200))
def test_a_perfect_movement_scores_the_published_value_however_long_or_large(
    duration_s: float, size: float
) -> None:
    speed = np.abs(np.diff(reach(duration_s, size))) * RATE_HZ
    assert sparc(speed, RATE_HZ) == pytest.approx(PERFECT, abs=0.03)


@settings(max_examples=20, deadline=None)
@given(duration_s=st.floats(1.5, 4), rate_hz=st.sampled_from([15.0, 24.0, 30.0, 60.0]))
def test_a_perfect_phase_scores_nearly_that_at_any_cameras_rate(duration_s: float, rate_hz: float) -> None:
    assert phase_smoothness(timed(reach(duration_s, 90, rate_hz), rate_hz), 0.0) == pytest.approx(
        PERFECT, abs=0.1
    )


def test_halting_is_less_smooth_and_longer_halting_still_less() -> None:
    perfect, brief, long = (
        phase_smoothness(timed(track), 0.0) for track in (reach(2.4), halting(0.3), halting(0.9))
    )
    assert long < brief < perfect - 0.1


def test_a_stop_is_never_to_be_scored_with_its_ways() -> None:
    """Why out and back are scored apart: a two-second stop alone looks like a catastrophe."""
    whole = np.concatenate([reach(2.5), np.ones(round(2 * RATE_HZ)), reach(2.5)[::-1]])
    assert sparc(np.abs(np.diff(whole)) * RATE_HZ, RATE_HZ) < PERFECT - 2


@pytest.mark.parametrize("noise", [3.0, math.nan])
def test_noise_that_hides_the_movement_leaves_smoothness_unsaid(noise: float) -> None:
    track = timed(reach(2.5, 100))
    assert math.isnan(phase_smoothness(track, noise))
    assert not math.isnan(phase_smoothness(track, 1.0))


def test_too_little_was_seen_to_say() -> None:
    assert math.isnan(phase_smoothness([], 0.0))
    assert math.isnan(phase_smoothness(timed(reach(2.5, 100))[:7], 0.0))
    assert math.isnan(phase_smoothness(timed(reach(0.2, 100)), 0.0))


def test_unknown_frames_are_left_out() -> None:
    track = timed(reach(2.5, 100))
    holes = [(t, math.nan if k % 7 == 3 else v) for k, (t, v) in enumerate(track)]
    assert phase_smoothness(holes, 0.0) == pytest.approx(phase_smoothness(track, 0.0), abs=0.05)
