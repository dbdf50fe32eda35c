"""Arithmetic on timed values: right on what is known, silent on what is not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loosen.coach.counting.time_series import crossing_s, largest_speed, noise, slope, smoothed

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
def test_smoothing_stays_within_what_was_seen_and_keeps_every_time(
    values: list[float], width_s: float
) -> None:
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


def test_a_level_is_reached_between_frames() -> None:
    rising = [(0.0, 0.0), (1.0, 10.0), (2.0, 20.0)]
    assert crossing_s(rising, 5) == pytest.approx(0.5)
    assert crossing_s(rising, 10) == pytest.approx(1.0)
    assert crossing_s(rising, 30) is None
    assert crossing_s(rising, -1) == 0.0
    assert crossing_s([], 1) is None


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
