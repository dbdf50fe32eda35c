"""A signal goes out and comes back: that is one attempt, however shaky the hand that draws it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people import FEW

from loosen.body.figure import min_jerk
from loosen.body.signals import SignalFrame
from loosen.coach.counting.attempt import Attempt
from loosen.coach.counting.segmentation import Segmenter

NAN = math.nan
RATE_HZ = 30.0


def cutter(rest: float = NAN, counts_at: float = 20.0) -> Segmenter:
    """Return one for a signal that rests at 0 and counts from 20."""
    return Segmenter(signal="s", counts_at=counts_at, start=0.0, tolerance=15.0, fixed=False, rest=rest)


def still(seconds: float, level: float = 0.0) -> list[float]:
    return [level] * round(seconds * RATE_HZ)


def way(begin: float, end: float, seconds: float) -> list[float]:
    n = max(round(seconds * RATE_HZ), 1)
    return [begin + (end - begin) * min_jerk(k / n) for k in range(1, n + 1)]


def bump(height: float = 40.0, ways_s: float = 1.5, stop_s: float = 1.0, rest: float = 0.0) -> list[float]:
    return [*way(rest, rest + height, ways_s), *still(stop_s, rest + height), *way(rest + height, rest, ways_s)]


def attempts(values: Sequence[float], one: Segmenter | None = None, noise: float = 0.0, seed: int = 0) -> list[Attempt]:
    one = one or cutter()
    shake = np.random.default_rng(seed).normal(0, noise, len(values)) if noise else np.zeros(len(values))
    found: list[Attempt] = []
    for n, value in enumerate(values):
        known = {} if value != value else {"s": value + float(shake[n])}
        found += one.see(SignalFrame(n / RATE_HZ, known, "side", "right"))
    return found + one.finish()


@settings(FEW, max_examples=25)
@given(
    n=st.integers(0, 6), height=st.floats(25, 70), ways_s=st.floats(0.4, 4), stop_s=st.floats(0, 5),
    rest_s=st.floats(0.6, 3), noise=st.sampled_from([0.0, 1.0, 2.0]), level=st.floats(-8, 8), seed=st.integers(0, 99),
)  # fmt: skip
def test_as_many_attempts_are_found_as_were_made(
    n: int, height: float, ways_s: float, stop_s: float, rest_s: float, noise: float, level: float, seed: int
) -> None:
    values = still(2.0, level)
    for _ in range(n):
        values += bump(height, ways_s, stop_s, level) + still(rest_s, level)
    found = attempts(values, noise=noise, seed=seed)
    assert [attempt.cut for attempt in found] == [""] * n
    for attempt in found:
        assert attempt.rest == pytest.approx(level, abs=4)
        top = max(sample.smooth for sample in attempt.samples[attempt.begin :])
        assert top == pytest.approx(height, abs=0.15 * height + 4)


@settings(FEW, max_examples=15)
@given(noise=st.floats(0, 2), drift=st.floats(-0.5, 0.5), sway=st.floats(0, 3), seed=st.integers(0, 99))
def test_standing_swaying_and_sinking_slowly_is_no_attempt(noise: float, drift: float, sway: float, seed: int) -> None:
    t = np.arange(0, 25, 1 / RATE_HZ)
    values = drift * t + sway * np.sin(2 * np.pi * 0.25 * t)
    assert attempts(values.tolist(), noise=noise, seed=seed) == []


UP, DOWN = way(0, 40, 1.5), way(40, 0, 1.5)
MOVEMENTS: dict[str, tuple[list[float], list[str]]] = {
    "a hesitation on the way": ([*still(1), *way(0, 25, 1), *still(0.5, 25), *way(25, 45, 1), *way(45, 0, 2)], [""]),
    "out again before coming home": ([*still(1), *UP, *way(40, 10, 1), *way(10, 40, 1), *DOWN, *still(1)], ["", ""]),
    "a twitch": ([*still(2), *way(0, 45, 0.1), *way(45, 0, 0.1), *still(2)], []),
    "one wild frame": ([*still(2), 90.0, *still(2)], []),
    "a small movement": ([*still(1), *bump(6), *still(1)], []),
    "half of what counts": ([*still(1), *bump(14), *still(1)], [""]),
    "cut off by the end": ([*still(1), *UP, *still(1, 40)], ["end"]),
    "home with the end": ([*still(1), *UP, *still(1, 40), *DOWN], [""]),
    "begun before the start": ([*still(1, 40), *DOWN, *still(1), *bump(), *still(1)], ["start", ""]),
    "a short gap": ([*still(1), *UP, *still(0.4, NAN), *still(1, 40), *DOWN, *still(1)], [""]),
    "a long gap": ([*still(1), *UP, *still(3, NAN), *still(1, 40), *DOWN, *still(1)], ["lost", "start"]),
}


@pytest.mark.parametrize(("values", "cuts"), MOVEMENTS.values(), ids=MOVEMENTS)
def test_each_movement_is_one_attempt_and_what_is_missing_of_it_is_marked(values: list[float], cuts: list[str]) -> None:
    assert [attempt.cut for attempt in attempts(values)] == cuts


def test_a_rest_that_is_known_beforehand_is_believed_at_once() -> None:
    found = attempts([*still(0.3, 10), *bump(rest=10.0), *still(1, 10)], cutter(rest=10.0))
    assert [(attempt.cut, round(attempt.rest)) for attempt in found] == [("", 10)]


def test_a_signal_that_is_never_known_is_never_an_attempt() -> None:
    one = cutter()
    assert attempts([NAN] * 300, one) == []
    assert (one.phase, one.stop_began_s) == ("rest", None)


def test_frames_that_are_not_later_are_left_out() -> None:
    one, values = cutter(), [*still(1), *bump(), *still(1)]
    found = 0
    for n, value in enumerate(values):
        for t_s, v in ((n / RATE_HZ, value), (n / RATE_HZ, 90.0), (n / RATE_HZ - 0.5, -50.0)):
            found += len(one.see(SignalFrame(t_s, {"s": v}, "side", "right")))
    assert found == 1


def test_the_phases_come_in_order() -> None:
    one, phases = cutter(), ["rest"]
    for n, value in enumerate([*still(1), *bump(stop_s=2.0), *still(1)]):
        one.see(SignalFrame(n / RATE_HZ, {"s": value}, "side", "right"))
        if one.phase != phases[-1]:
            phases.append(one.phase)
    assert phases == ["rest", "out", "stop", "back", "rest"]


def test_who_comes_to_stand_otherwise_is_not_in_a_repetition_for_ever() -> None:
    one = cutter()
    values = [*still(2), *way(0, 12, 1), *still(30, 12)]
    assert attempts(values[:-1], one) == []
    assert one.phase == "rest"
    assert one.rest == pytest.approx(12, abs=2)


def test_measured_from_zero_a_higher_rest_leaves_a_shorter_way() -> None:
    one = Segmenter(signal="s", counts_at=100.0, start=10.0, tolerance=30.0, fixed=True, rest=20.0)
    assert one.counts == 80
    high = Segmenter(signal="s", counts_at=100.0, start=10.0, tolerance=30.0, fixed=True, rest=95.0)
    assert high.counts == 30


@pytest.mark.parametrize("rate_hz", [10, 30, 60])
def test_noise_is_learnt_from_standing(rate_hz: int) -> None:
    one = cutter()
    for n, value in enumerate(np.random.default_rng(2).normal(0, 1.5, 20 * rate_hz)):
        one.see(SignalFrame(n / rate_hz, {"s": float(value)}, "side", "right"))
    assert one.noise == pytest.approx(1.5, rel=0.4)
