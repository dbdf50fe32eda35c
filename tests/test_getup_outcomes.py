"""What becomes of a prompt, in simulated time: answers, the camera, putting off, pauses. The numbers are the points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from getup_desk import MIN, MOVES, Desk

from loosen.getup.clock_state import HELD_WAKE_S
from loosen.getup.decisions import StartLooking


def asked(**rule: Any) -> Desk:
    """Return a desk where the person was just prompted, after half an hour and at a pause."""
    desk = Desk(**rule)
    desk.sits_until_asked()
    return desk


# -- 7, 8: what became of it -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("says_up", "types_s", "outcome"),
    [(False, 0, "away"), (True, 20, "away"), (True, 5 * MIN, "said"), (False, 20 * MIN, "missed")],
    ids=["leaves", "says so, finishes a sentence and leaves", "says so and stays", "stays"],
)
def test_07_saying_so_is_said_and_never_confirmed_leaving_is_away_and_staying_is_missed(
    says_up: bool, types_s: float, outcome: str
) -> None:
    desk = asked()
    if says_up:
        assert desk.says_up()
    if types_s:
        desk.types(types_s)
    desk.rests(4 * MIN)
    assert desk.outcomes == [outcome]
    assert len(desk.prompts) == 1


def test_07_seen_standing_is_confirmed_and_the_sit_ends_with_the_answer() -> None:
    desk = asked(camera=True)
    desk.says_up()
    said_s = desk.t_s
    desk.t_s += 6
    desk.clock.saw(desk.t_s, "up", "standing")
    desk.look()
    assert desk.outcomes == ["confirmed"]
    assert desk.ended[0].at_s == said_s


def test_07_a_seat_seen_empty_for_60_s_is_confirmed() -> None:
    desk = asked(camera=True)
    desk.says_up()
    desk.clock.saw(desk.t_s, "up", "empty")
    desk.rests(59)
    assert desk.clock.state.looking == ""
    desk.rests(2)
    assert desk.clock.state.looking == "seat-again"
    desk.clock.saw(desk.t_s, "seat-again", "empty")
    desk.look()
    assert desk.outcomes == ["confirmed"]


def test_10_a_lock_while_the_seat_is_watched_lets_the_service_sleep() -> None:
    desk = asked(camera=True)
    desk.says_up()
    desk.clock.saw(desk.t_s, "up", "empty")
    desk.clock.locked(desk.t_s, True)
    for _ in range(100):
        desk.t_s += 1.0
        desk.clock.tick(desk.t_s)
        assert desk.clock.wake_s(desk.t_s) > desk.t_s


def test_07_what_the_camera_cannot_tell_stays_said_so() -> None:
    desk = asked(camera=True)
    desk.says_up()
    desk.clock.saw(desk.t_s, "up", "unknown")
    desk.types(3 * MIN)
    assert desk.outcomes == ["said"]


@pytest.mark.parametrize(("seen", "outcome"), [(True, "confirmed"), (False, "said")])
def test_07_a_movement_done_on_the_page_counts_as_far_as_it_was_seen(seen: bool, outcome: str) -> None:
    desk = asked()
    desk.clock.show(desk.t_s)
    desk.rests(80)
    desk.clock.moved(desk.t_s, seen=seen)
    desk.types(2 * MIN)
    assert desk.outcomes == [outcome]
    assert len(desk.began) == 2


def test_08_still_in_the_chair_after_done_brings_one_gentle_second_prompt() -> None:
    desk = asked(camera=True)
    desk.says_up()
    desk.clock.saw(desk.t_s, "up", "sitting")
    desk.types(30)
    assert len(desk.prompts) == 1  # gentle: not in mid-typing
    desk.rests(6)
    first, second = desk.prompts
    assert second.why == "second"
    assert second.sit == first.sit
    assert second.snoozes_left == 0
    desk.says_up()
    desk.clock.saw(desk.t_s, "up", "sitting")
    desk.types(10 * MIN)
    assert len(desk.prompts) == 2
    assert desk.outcomes == ["said", "said"]


# -- 10: the camera ----------------------------------------------------------------------------------------


def test_10_the_camera_looks_only_inside_a_prompt_and_by_consent() -> None:
    desk = Desk(camera=True)
    desk.types(29 * MIN)
    assert not [did for did in desk.did if isinstance(did.decision, StartLooking)]
    desk.rests(65)
    prompt_s = desk.prompts[0].at_s
    looks = [did.at_s for did in desk.did if isinstance(did.decision, StartLooking)]
    assert looks == [prompt_s]
    refused = asked(camera=False)
    refused.says_up()
    assert not [did for did in refused.did if isinstance(did.decision, StartLooking)]


# -- 16: putting off ---------------------------------------------------------------------------------------


def test_16_a_snooze_lasts_5_minutes_and_there_are_two() -> None:
    desk = Desk()
    desk.types_until_asked()
    for n in (1, 2):
        put_off_s = desk.t_s
        assert desk.snoozes()
        desk.types_until_asked()
        assert desk.t_s - put_off_s == pytest.approx(300, abs=1)
        assert desk.put_off[-1].n == n
    assert desk.prompts[-1].snoozes_left == 0
    assert not desk.snoozes()
    assert {prompt.prompt for prompt in desk.prompts} == {desk.prompts[0].prompt}


def test_16_a_snooze_never_extends_the_sit_in_silence() -> None:
    desk = asked()
    desk.snoozes()
    desk.types(20 * MIN)  # no pause: asked at 45:00 all the same
    assert [round(prompt.sat_s / MIN) for prompt in desk.prompts] == [30, 45]
    assert len(desk.began) == 1


def test_16_there_is_nothing_to_put_off_without_a_prompt() -> None:
    desk = Desk()
    desk.types(10 * MIN)
    assert not desk.snoozes()
    assert not desk.says_up()
    assert desk.put_off == []


# -- 3, 16: a prompt that comes again, and a call ---------------------------------------------------------------


def put_off() -> Desk:
    desk = Desk()
    desk.types_until_asked()
    desk.snoozes()
    return desk


def to_be_asked_a_second_time() -> Desk:
    desk = Desk(camera=True)
    desk.types_until_asked()
    desk.says_up()
    desk.clock.saw(desk.t_s, "up", "sitting")
    return desk


@pytest.mark.parametrize("hands", ["typing", "still"])
@pytest.mark.parametrize("what", ["call", "full-screen"])
@pytest.mark.parametrize("waiting", [put_off, to_be_asked_a_second_time])
def test_03_also_a_prompt_that_comes_again_follows_a_call_within_10_s(
    waiting: Callable[[], Desk], what: str, hands: str
) -> None:
    desk = waiting()
    desk.begins(what)
    (desk.types if hands == "typing" else desk.rests)(30 * MIN)
    assert len(desk.prompts) == 1
    desk.ends(what)
    ended_s = desk.t_s
    (desk.types if hands == "typing" else desk.rests)(20)
    assert len(desk.prompts) == 2
    assert desk.prompts[-1].at_s - ended_s <= 10


def test_03_the_end_of_a_call_is_looked_for_from_the_moment_that_a_prompt_is_due() -> None:
    desk = Desk()
    desk.types(20 * MIN)
    desk.begins("call")
    desk.rests(9 * MIN + 40)
    assert desk.clock.wake_s(desk.t_s) <= 30 * MIN
    desk.rests(60)
    assert desk.clock.wake_s(desk.t_s) <= desk.t_s + HELD_WAKE_S


def test_15_a_call_is_looked_at_often_only_while_it_holds_a_prompt_back() -> None:
    def wakes_a_minute(desk: Desk) -> float:
        before = desk.wakes
        desk.rests(10 * MIN)
        return (desk.wakes - before) / 10

    answered = put_off()
    answered.begins("call")
    answered.rests(6 * MIN)
    assert wakes_a_minute(answered) == pytest.approx(60 / HELD_WAKE_S, rel=0.1)
    answered.ends("call")
    answered.rests(20)
    answered.begins("call")  # asked again: nothing waits any more
    assert wakes_a_minute(answered) < 2
    early = Desk()
    early.types(5 * MIN)
    early.begins("call")
    assert wakes_a_minute(early) < 2


# -- 17: pauses always end ---------------------------------------------------------------------------------


@pytest.mark.parametrize("resumed", [False, True], ids=["by itself", "by the person"])
def test_17_a_pause_asks_nothing_and_ends(resumed: bool) -> None:
    desk, paused_min = Desk(), 5 if resumed else 60
    desk.types(20 * MIN)
    desk.clock.pause(desk.t_s, desk.t_s + 60 * MIN)
    desk.types(paused_min * MIN)
    assert desk.prompts == []
    assert desk.ended[0].ending == "paused"
    if resumed:
        desk.clock.resume(desk.t_s)
    assert desk.types_until_asked().at_s == pytest.approx((20 + paused_min + 45) * MIN, abs=2)


# -- 19: movements -----------------------------------------------------------------------------------------


def test_19_each_prompt_brings_a_movement_and_none_twice_within_three() -> None:
    desk = Desk()
    for _ in range(10):
        desk.sits_until_asked()
        desk.rests(5 * MIN)
    shown = [prompt.exercise for prompt in desk.prompts]
    assert set(shown) == set(MOVES)
    assert all(len(set(shown[n : n + 3])) == 3 for n in range(len(shown) - 2))
