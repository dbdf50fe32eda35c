"""Arithmetic on timed values: right on what is known, silent on what is not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from loosen.body.figure import min_jerk
from loosen.coach.counting.time_series import (
    SPARC_RATE_HZ,
    first_s,
    largest_speed,
    last_s,
    noise,
    phase_smoothness,
    slope,
    smoothed,
    sparc,
)

NAN = math.nan
VALUES = st.lists(st.floats(-180, 180), min_size=2, max_size=60)


def at_30(values: list[float]) -> list[tuple[float, float]]:
    return [(n / 30, value) for n, value in enumerate(values)]


@given(st.floats(-100, 100), st.floats(-100, 100), st.integers(2, 60))
def test_a_straight_line_has_its_slope(rate: float, start: float, n: int) -> None:
    line = at_30([start + rate * k / 30 for k in range(n)])
    assert slope(line) == pytest.approx(rate, abs=1e-6)


@pytest.mark.parametrize("points", [[], [(1.0, 5.0)], [(1.0, 5.0), (1.0, 9.0)]])
def test_a_slope_needs_two_moments(points: list[tuple[float, float]]) -> None:
    assert slope(points) == 0.0


@given(VALUES, st.floats(0.01, 1))
def test_smoothing_stays_within_what_was_seen_and_keeps_every_time(values: list[float], width_s: float) -> None:
    points = at_30(values)
    out = smoothed(points, width_s)
    assert [t for t, _ in out] == [t for t, _ in points]
    assert all(min(values) - 1e-6 <= v <= max(values) + 1e-6 for _, v in out)


@given(VALUES, st.sets(st.integers(0, 59)))
def test_what_is_unknown_changes_nothing(values: list[float], at: set[int]) -> None:
    points = at_30(values)
    holes = sorted([*points, *((n / 30 + 0.01, NAN) for n in at)])
    assert smoothed(holes, 0.2) == smoothed(points, 0.2)
    assert str(noise(holes)) == str(noise(points))
    assert str(largest_speed(holes)) == str(largest_speed(points))


@given(st.floats(-200, 200))
def test_a_steady_movement_has_its_speed_and_standing_has_none(rate: float) -> None:
    assert largest_speed(at_30([rate * n / 30 for n in range(40)])) == pytest.approx(abs(rate), abs=1e-6)
    assert largest_speed(at_30([rate] * 40)) == pytest.approx(0, abs=1e-6)


def test_one_wild_frame_is_not_the_speed_of_a_movement() -> None:
    values = [20.0 * n / 30 for n in range(60)]
    values[30] += 2
    assert largest_speed(at_30(values)) < 40  # frame to frame it would be 60 more


def test_the_speed_of_too_little_is_unknown() -> None:
    assert math.isnan(largest_speed([]))
    assert math.isnan(largest_speed([(0.0, 1.0), (0.1, NAN)]))


def test_a_level_is_reached_and_left_between_frames() -> None:
    rising = [(0.0, 0.0), (1.0, 10.0), (2.0, 20.0)]
    assert [first_s(rising, level) for level in (-1, 5, 10, 30)] == pytest.approx([0.0, 0.5, 1.0, 2.0])
    assert [last_s(rising, level) for level in (-1, 5, 10, 30)] == pytest.approx([0.0, 0.5, 1.0, 2.0])
    assert last_s([*rising, (3.0, 0.0), (4.0, 10.0)], 5) == pytest.approx(3.5)


@pytest.mark.parametrize("sd", [0.1, 1.0, 3.0])
@pytest.mark.parametrize("moving", [False, True])
def test_noise_is_told_from_movement(sd: float, moving: bool) -> None:
    t = np.arange(0, 20, 1 / 30)
    track = 60 * np.sin(t) * moving + np.random.default_rng(3).normal(0, sd, t.size)
    found = noise(list(zip(t.tolist(), track.tolist(), strict=True)))
    assert found == pytest.approx(sd, rel=0.25, abs=0.03)


def test_a_few_jumps_are_no_noise_and_too_few_frames_tell_nothing() -> None:
    values = list(np.random.default_rng(3).normal(0, 1, 300))
    calm = noise(at_30(values))
    for n in range(0, 300, 30):
        values[n] += 90
    assert noise(at_30(values)) < 1.5 * calm
    assert math.isnan(noise(at_30([1.0, 2.0, 1.0, 2.0])))


# -- smoothness ------------------------------------------------------------------------------------

PERFECT = -1.41403  # the reference implementation's minimum-jerk movement
Track = NDArray[np.float64]


def reach(duration_s: float, size: float = 1.0, rate_hz: float = SPARC_RATE_HZ) -> Track:
    """Return a minimum-jerk movement."""
    n = max(round(duration_s * rate_hz), 2)
    return np.array([size * min_jerk(k / n) for k in range(n + 1)])


def timed(track: Track, rate_hz: float = SPARC_RATE_HZ) -> list[tuple[float, float]]:
    return [(k / rate_hz, float(v)) for k, v in enumerate(track)]


def halting(pause_s: float) -> Track:
    """Return a movement that stops half way."""
    half = reach(1.2)
    return np.concatenate([half, np.full(round(pause_s * SPARC_RATE_HZ), 1.0), 1 + half])


@settings(max_examples=40, deadline=None)
@given(duration_s=st.floats(0.8, 6), size=st.floats(0.1, 200))
def test_a_perfect_movement_scores_the_published_value_however_long_or_large(duration_s: float, size: float) -> None:
    speed = np.abs(np.diff(reach(duration_s, size))) * SPARC_RATE_HZ
    assert sparc(speed, SPARC_RATE_HZ) == pytest.approx(PERFECT, abs=0.03)


@settings(max_examples=20, deadline=None)
@given(duration_s=st.floats(1.5, 4), rate_hz=st.sampled_from([15.0, 24.0, 30.0, 60.0]))
def test_a_perfect_phase_scores_nearly_that_at_any_cameras_rate(duration_s: float, rate_hz: float) -> None:
    assert phase_smoothness(timed(reach(duration_s, 90, rate_hz), rate_hz), 0.0) == pytest.approx(PERFECT, abs=0.1)


def test_halting_is_less_smooth_and_longer_halting_still_less() -> None:
    perfect, brief, long = (phase_smoothness(timed(track), 0.0) for track in (reach(2.4), halting(0.3), halting(0.9)))
    assert long < brief < perfect - 0.1


def test_a_stop_is_never_to_be_scored_with_its_ways() -> None:
    """Why out and back are scored apart: a two-second stop alone looks like a catastrophe."""
    whole = np.concatenate([reach(2.5), np.ones(round(2 * SPARC_RATE_HZ)), reach(2.5)[::-1]])
    assert sparc(np.abs(np.diff(whole)) * SPARC_RATE_HZ, SPARC_RATE_HZ) < PERFECT - 2


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
