"""`loosen getup status` in words: it says what is known, what is not, and never two things that exclude each other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from getup_fakes import FakeSensor, FakeSystem, Workplace

from loosen.cli.getup_text import short_lines, status_lines
from loosen.cli.terminal import plain
from loosen.getup.sensor_registry import SensorEvent
from loosen.routine.words import load_words

MIN = 60.0
WORDS = load_words()


def told(place: Workplace, **asked: Any) -> list[str]:
    return short_lines(place.service.handle(asked or {"do": "status"}), WORDS)


def a_place_at(hour: float) -> Workplace:
    system = FakeSystem()
    system.wall = timedelta(hours=hour - 8)
    return Workplace(system=system)


@pytest.mark.parametrize(
    ("hour", "hours", "line"),
    [
        (9, 2, "Paused until 11:00."),
        (23.5, 1, "Paused until 00:30 tomorrow."),
        (14, 24, "Paused until 14:00 tomorrow."),
        (22, 1.99, "Paused until 23:59."),
    ],
)
def test_a_pause_that_ends_on_another_day_says_so(hour: float, hours: float, line: str) -> None:
    assert told(a_place_at(hour), do="pause", seconds=hours * 3600) == [line]


def test_a_sit_over_midnight_says_on_which_day_it_began() -> None:
    place = a_place_at(23.75)
    place.goes(20 * MIN)
    since, follows = told(place)
    assert since == "Sitting since 23:45 on 2026-11-23 (20 min)."
    assert follows == "You will be asked at your first pause after 00:15, or at 00:30 at the latest."


class Deaf(FakeSensor):
    """It is there, and cannot tell of keyboard and mouse, as most screen savers."""

    def idle_s(self) -> float | None:
        return None


def test_13_where_nothing_tells_of_the_person_it_says_so_and_what_it_does_then() -> None:
    place = Workplace()
    place.sensor = Deaf(place.system)
    place.sensors.close()
    place.starts()
    place.goes(10 * MIN)
    told_now = place.status()
    assert told_now["blind"]
    assert "idle" not in told_now["sensors"][0]["tells"]
    lines = plain(*status_lines(told_now, WORDS))
    assert lines[0].startswith(
        "I cannot tell whether you are sitting: nothing here shows whether keyboard and mouse are in use."
    )
    assert lines[1].startswith("You will be asked at 08:45;")
    assert lines[-1] == WORDS["sitting.blind"]
    assert not [line for line in lines if line.startswith("Sitting since") or "at a pause after" in line]
    place.goes(41 * MIN)
    assert len(place.prompter.shown) == 1
    assert told(place)[1] == WORDS["sitting.blind-asked"]
    # What it says then holds: a lock of two minutes, and it counts anew.
    place.sensor.coming = [SensorEvent("locked", True)]
    place.goes(130)
    assert told(place) == [WORDS["sitting.nobody"]]
    place.sensor.coming = [SensorEvent("locked", False)]
    place.goes(46 * MIN)
    assert len(place.prompter.shown) == 2


def test_13_a_sensor_that_died_makes_it_blind_and_one_that_comes_back_does_not() -> None:
    place = Workplace()
    place.goes(10 * MIN)
    assert not place.status()["blind"]
    place.sensor.dead = True
    assert place.status()["blind"]
    place.sensor.dead = False
    place.goes(5 * MIN)
    status = place.status()
    assert (status["blind"], status["sensors"][0]["state"]) == (False, "ok")


@pytest.mark.parametrize("camera", [True, False])
def test_10_whether_the_camera_may_look_is_said(camera: bool) -> None:
    place = Workplace(camera=camera)
    lines = status_lines(place.status(), WORDS)
    assert ("The camera may look, for a few seconds inside a prompt." in lines) is camera


def test_03_in_a_call_beyond_the_window_it_says_what_it_waits_for_and_no_time_that_is_over() -> None:
    place = Workplace()
    place.goes(10 * MIN)
    place.sensor.doing = {"call"}
    place.goes(50 * MIN)
    assert told(place) == ["Sitting since 08:00 (60 min).", "A prompt waits for the end of: a call"]


def test_who_was_asked_already_is_not_told_that_a_prompt_waits() -> None:
    place = Workplace()
    place.goes(52 * MIN)
    place.sensor.doing = {"call"}
    place.goes(5 * MIN, types=False)
    assert told(place)[1:] == [WORDS["sitting.asked-before"]]
