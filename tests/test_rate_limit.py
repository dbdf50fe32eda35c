"""The pace of pictures, and the steady hand of the drawing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from page_support import standing

from loosen.body.pose import Pose
from loosen.errors import MessageError
from loosen.page.live.one_euro import OneEuro, drawn
from loosen.page.live.picture_clock import PictureClock
from loosen.page.live.rate_limit import Budget


def test_the_clock_of_pictures_keeps_their_distances_and_never_runs_ahead() -> None:
    clock = PictureClock()
    assert clock.time_of(5000.0, 100.0) == 100.0
    assert clock.time_of(5033.0, 100.07) == pytest.approx(100.033)
    assert clock.time_of(5066.0, 100.066) == pytest.approx(100.066)
    # The first picture was late by 0.2 s, as now becomes clear: the clock is set right.
    late = PictureClock()
    late.time_of(0.0, 10.2)
    assert late.time_of(1000.0, 11.0) == 11.0
    assert late.time_of(1033.0, 11.05) == pytest.approx(11.033)


@pytest.mark.parametrize("t_ms", [1000.0, 999.0, 0.0])
def test_a_picture_that_is_not_newer_is_refused(t_ms: float) -> None:
    clock = PictureClock()
    clock.time_of(1000.0, 1.0)
    with pytest.raises(MessageError):
        clock.time_of(t_ms, 1.1)


def test_a_clock_that_slept_is_set_again() -> None:
    clock = PictureClock()
    clock.time_of(0.0, 0.0)
    assert clock.time_of(100.0, 60.0) == 60.0


def test_a_budget_refills_with_time_and_no_further_than_full() -> None:
    budget = Budget(at_once=2, per_s=1)
    assert [budget.spend(0.0) for _ in range(3)] == [True, True, False]
    assert budget.spend(1.0)
    assert not budget.spend(1.5)
    assert [budget.spend(100.0) for _ in range(3)] == [True, True, False]


def test_somebody_who_stands_still_is_drawn_steadily_and_a_fast_hand_is_not_left_behind() -> None:
    rng = np.random.default_rng(1)
    steady = OneEuro()
    raw = 0.5 + rng.normal(0, 0.004, (200, 33, 2))
    out = np.array([steady(n / 30, frame) for n, frame in enumerate(raw)])
    assert out[50:].std(axis=0).mean() < 0.5 * raw[50:].std(axis=0).mean()
    steady.forget()
    moving = np.linspace(0, 1, 30)  # one picture width in a second
    lag = [moving[n] - steady(n / 30, np.full((33, 2), moving[n]))[0, 0] for n in range(30)]
    assert max(lag) < 0.03


def test_a_joint_that_was_away_comes_back_where_it_is() -> None:
    steady = OneEuro()
    steady(0.0, np.full((33, 2), 0.2))
    gone = np.full((33, 2), 0.2)
    gone[5] = np.nan
    assert np.isnan(steady(0.03, gone)[5]).all()
    back = np.full((33, 2), 0.2)
    back[5] = 0.9
    out = steady(0.06, back)
    assert out[5, 0] == 0.9
    assert out[6, 0] == pytest.approx(0.2)


def test_after_a_gap_the_drawing_does_not_slide_in_from_the_old_place() -> None:
    steady = OneEuro()
    steady(0.0, np.full((33, 2), 0.1))
    assert steady(5.0, np.full((33, 2), 0.9))[0, 0] == 0.9


def test_unknown_joints_are_drawn_as_unknown() -> None:
    pose = standing(0.0)
    pose.landmarks[7] = (np.nan, np.nan, np.nan, 0)
    points = drawn(pose, OneEuro())
    assert points is not None
    assert math.isnan(points[7][0] or 0.0)
    assert points[7][2] == 0
    assert drawn(Pose.lost(0.0, (4, 3)), OneEuro()) is None
