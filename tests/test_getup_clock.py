"""The sitting clock against its points, in simulated time. The numbers in the names are those points."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any

import pytest
from getup_desk import MIN, MOVES, Desk
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loosen.getup.clock import SittingClock
from loosen.getup.clock_state import HELD_WAKE_S
from loosen.getup.decisions import ShowPrompt, SitBegan
from loosen.getup.rule import PAUSE_S, Rule

# -- 1: the window -----------------------------------------------------------------------------------------


def test_01_no_prompt_before_30_00_and_a_pause_that_spans_it_is_taken_then() -> None:
    desk = Desk()
    desk.types(29 * MIN)
    desk.rests(58)
    assert desk.t_s == 30 * MIN - 2
    assert desk.prompts == []
    desk.rests(10)
    assert 30 * MIN <= desk.prompts[0].at_s <= 30 * MIN + 2


@pytest.mark.parametrize("typed_min", [30.0, 31.5, 38.0, 44.5])
def test_01_within_2_s_of_the_first_pause_of_5_s_after_it(typed_min: float) -> None:
    desk = Desk()
    desk.types(typed_min * MIN)
    desk.rests(60)
    (prompt,) = desk.prompts
    assert 0 <= prompt.at_s - (typed_min * MIN + PAUSE_S) <= 2
    assert prompt.why == "pause"


@pytest.mark.parametrize(("rule", "latest_min"), [({}, 45), ({"after_s": 10 * MIN, "latest_s": 12 * MIN}, 12)])
def test_01_at_45_00_or_the_routines_own_minute_without_any_pause(rule: dict[str, float], latest_min: int) -> None:
    prompt = Desk(**rule).types_until_asked()
    assert abs(prompt.at_s - latest_min * MIN) <= 1
    assert prompt.why == "latest"


# -- 2: one prompt for each sit, over random days ----------------------------------------------------------


def a_day(seed: int, *, answers: bool) -> Desk:
    """Live through some random hours; whoever answers says so, puts off, or does not answer."""
    chance = random.Random(seed)
    desk = Desk()
    for _ in range(chance.randint(2, 7)):
        match chance.randrange(9):
            case 0 | 1 | 2:
                desk.types(chance.uniform(1, 50 * MIN), chance.choice([0.5, 2.0, 4.5, 4.9]))
            case 3:
                desk.types(chance.uniform(60, 50 * MIN), chance.choice([6.0, 10.0, 60.0, 110.0]))
            case 4:
                desk.rests(chance.choice([4.0, 7.0, 59.0, 119.0, 121.0, 500.0]) * chance.uniform(0.9, 1.0))
            case 5:
                desk.locks(chance.choice([3.0, 30.0, 59.0, 100.0, 300.0]))
            case 6:
                desk.sleeps(chance.choice([5.0, 59.0, 90.0, 3600.0]))
            case 7:
                desk.begins("call")
                (desk.rests if chance.random() < 0.5 else desk.types)(chance.uniform(10, 70 * MIN))
                desk.ends("call")
            case 8:
                desk.rests(chance.uniform(0, 20))
        if answers and desk.clock.state.prompt:
            answer = chance.choice([desk.says_up, desk.snoozes, None])
            if answer is not None:
                answer()
    return desk


@pytest.mark.slow
def test_02_in_10_000_random_days_each_sit_has_exactly_one_prompt() -> None:
    for seed in range(10_000):
        desk = a_day(seed, answers=False)
        sits = [prompt.sit for prompt in desk.prompts]
        assert len(sits) == len(set(sits)), seed
        assert not desk.late, seed
        for did in desk.did:
            if isinstance(did.decision, ShowPrompt):
                sat_s = did.decision.sat_s
                assert sat_s >= 30 * MIN - 1e-6, seed
                assert sat_s >= 45 * MIN - 1 or did.idle_s >= PAUSE_S - 1e-6, seed  # never in mid-typing


def test_02_whoever_puts_off_or_answers_is_still_asked_anew_only_by_his_own_choice() -> None:
    for seed in range(200):
        desk = a_day(seed, answers=True)
        first = [prompt.prompt for prompt in desk.prompts if not prompt.again]
        again = [prompt.prompt for prompt in desk.prompts if prompt.again]
        assert len({prompt.sit for prompt in desk.prompts}) == len(first) == len(set(first)), seed
        assert not desk.late, seed
        put_off = [snoozed.prompt for snoozed in desk.put_off]
        assert all(again.count(one) <= put_off.count(one) <= 2 for one in set(again) | set(put_off)), seed


# -- 3: calls and films ------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["call", "full-screen"])
@pytest.mark.parametrize("hands", ["typing", "still"])
def test_03_a_call_over_45_00_is_not_disturbed_and_followed_by_a_prompt_within_10_s(what: str, hands: str) -> None:
    desk = Desk()
    desk.types(25 * MIN)
    desk.begins(what)
    (desk.types if hands == "typing" else desk.rests)(45 * MIN)
    assert desk.prompts == []
    desk.ends(what)
    ended_s = desk.t_s
    desk.types(20)
    (prompt,) = desk.prompts
    assert prompt.at_s - ended_s <= 10
    assert prompt.why == "after-call"


def test_03_the_sitting_clock_never_restarts_over_a_call() -> None:
    desk = Desk()
    desk.types(10 * MIN)
    desk.begins("call")
    desk.rests(50 * MIN)  # listening, hands still
    desk.ends("call")
    desk.rests(8)
    assert [began.at_s for began in desk.began] == [0.0]
    assert desk.prompts[0].sat_s == pytest.approx(60 * MIN, abs=10)


def test_03_a_call_that_ends_inside_the_window_waits_for_a_pause_as_ever() -> None:
    desk = Desk()
    desk.types(29 * MIN)
    desk.begins("call")
    desk.types(5 * MIN)
    desk.ends("call")
    desk.types(2 * MIN)
    assert desk.prompts == []
    desk.rests(8)
    assert len(desk.prompts) == 1


def test_03_no_messages_wanted_holds_a_prompt_back_too_but_is_no_sign_of_life() -> None:
    desk = Desk()
    desk.quiet = True
    desk.types(50 * MIN)
    assert desk.prompts == []
    desk.quiet = False
    desk.free_s = desk.t_s
    desk.types(10)
    assert len(desk.prompts) == 1
    desk.quiet = True
    desk.rests(3 * MIN)
    assert desk.clock.state.sit == ""


def test_03_leaving_after_a_call_counts_from_its_end() -> None:
    desk = Desk()
    desk.types(5 * MIN)
    desk.begins("call")
    desk.rests(10 * MIN)
    desk.ends("call")
    desk.rests(5 * MIN)
    (ended,) = desk.ended
    assert ended.at_s == pytest.approx(15 * MIN, abs=61)
    assert ended.ending == "up"


# -- 4: reading --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("every_s", [10.0, 60.0, 119.0])
def test_04_a_reader_who_presses_a_key_now_and_then_is_prompted_by_45_00(every_s: float) -> None:
    desk = Desk()
    desk.types(46 * MIN, every_s)
    (prompt,) = desk.prompts
    assert 30 * MIN <= prompt.sat_s <= 45 * MIN + 1
    assert len(desk.began) == 1


# -- 5: short absences -------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["lock", "suspend"])
@pytest.mark.parametrize("seconds", [1.0, 5.0, 59.9])
@pytest.mark.parametrize("away_s", [20.0, 120.0])
def test_05_a_lock_or_suspend_shorter_than_60_s_neither_resets_nor_delays_the_prompt(
    way: str, seconds: float, away_s: float
) -> None:
    desk = Desk(away_s=away_s)
    for _ in range(10):
        desk.types(5 * MIN)
        (desk.locks if way == "lock" else desk.sleeps)(seconds)
    assert len(desk.began) == 1
    assert desk.ended == []
    assert desk.prompts[0].sat_s <= 45 * MIN + 1


@pytest.mark.parametrize("away", ["nothing", "lock", "suspend"])
def test_05_away_for_2_minutes_resets_once_and_counts_as_away(away: str) -> None:
    desk = Desk()
    desk.types(20 * MIN)
    {"nothing": desk.rests, "lock": desk.locks, "suspend": desk.sleeps}[away](10 * MIN)
    desk.types(20 * MIN)
    (ended,) = desk.ended
    assert ended.at_s == pytest.approx(20 * MIN, abs=1)
    assert ended.ending == ("up" if away == "nothing" else "away")
    assert len(desk.began) == 2
    assert desk.began[1].at_s == pytest.approx(30 * MIN, abs=15)


def test_05_nobody_there_at_the_start_begins_no_sit() -> None:
    desk = Desk()
    desk.clock = SittingClock(desk.rule, 0.0)
    desk.did.clear()
    desk.clock.idle(0.0, 1800.0)
    assert desk.clock.tick(0.0) == []
    desk.types(10)
    assert len(desk.began) == 1


# -- when it is woken --------------------------------------------------------------------------------------

WORLD = st.fixed_dictionaries(
    {
        "for_s": st.floats(0.0, 400.0),
        "every_s": st.sampled_from([0.7, 4.9, 6.0, 40.0, 119.0, math.inf, None]),
        "doing": st.sampled_from([(), (), ("call",), ("full-screen",)]),
        "quiet": st.booleans(),
        "locked": st.booleans(),
        "says": st.sampled_from(["", "", "up", "snooze", "show", "pause", "resume", "sitting", "empty", "sleep"]),
    }
)


def acts(clock: SittingClock, t_s: float, what: str) -> None:
    match what:
        case "up" | "snooze" | "show":
            getattr(clock, what)(t_s)
        case "pause":
            clock.pause(t_s, t_s + 700)
        case "resume":
            clock.resume(t_s)
        case "sitting" | "empty":
            clock.saw(t_s, "up", what)
        case "sleep":
            clock.suspended(t_s, 61.0)


TYPES = {"for_s": 200.0, "every_s": 0.7, "doing": (), "quiet": False, "locked": False, "says": ""}


@example(worlds=[TYPES, TYPES | {"for_s": 300.0, "every_s": 119.0, "doing": ("call",)}], camera=False, part=0.9)
@settings(max_examples=300, deadline=None, database=None)
@given(st.lists(WORLD, min_size=1, max_size=8), st.booleans(), st.floats(0.01, 0.99))
def test_it_is_never_woken_too_late_and_never_in_vain_over_and_over(
    worlds: list[dict[str, Any]], camera: bool, part: float
) -> None:
    """Served as the service does it, in a short window. Between two wakes nothing falls due, and they are not many."""
    rule = Rule(100.0, 160.0, movements=MOVES, camera=camera)
    clock, t_s, wakes = SittingClock(rule, 0.0), 0.0, 0
    for world in worlds:
        end_s, every_s = t_s + world["for_s"], world["every_s"]
        acts(clock, t_s, world["says"])
        clock.locked(t_s, world["locked"])
        begun_s, wakes = t_s, 0
        while t_s < end_s:
            wakes += 1
            clock.idle(t_s, every_s and (t_s - begun_s) % every_s)
            if clock.asks_what_is_under_way(t_s):
                clock.busy(t_s, world["doing"], quiet=world["quiet"])
            clock.tick(t_s)
            wake_s = clock.wake_s(t_s)
            between = SittingClock(rule, t_s, state=replace(clock.state))
            assert between.tick(t_s + part * (wake_s - t_s)) == [], "it was due before"
            t_s = min(max(wake_s, t_s + 0.001), end_s)
        assert wakes <= 10 + world["for_s"] / HELD_WAKE_S


# -- a clock that jumps ------------------------------------------------------------------------------------


@given(st.lists(st.floats(-7200, 7200), max_size=30), st.integers(0, 2**32))
@settings(max_examples=200, deadline=None, database=None)
def test_a_broken_clock_never_asks_early_and_never_twice(jumps: list[float], seed: int) -> None:
    clock = SittingClock(Rule(), 0.0)
    chance, t_s, sits, asked = random.Random(seed), 0.0, 0, []
    for jump in jumps:
        t_s += jump
        clock.idle(t_s, chance.choice([None, 0.0, 3.0, 200.0]))
        for decision in clock.tick(t_s):
            sits += isinstance(decision, SitBegan)
            if isinstance(decision, ShowPrompt):
                asked.append(decision.sit)
                assert decision.sat_s >= 1800
        assert math.isfinite(clock.wake_s(t_s))
    assert len(asked) == len(set(asked)) <= sits
