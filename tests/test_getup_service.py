"""The service with fakes for the world: clocks that jump, sensors that die, journals that are locked."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from getup_fakes import TITLES, FakeSystem, Workplace

from loosen.errors import GetUpError
from loosen.getup.sensor_registry import SensorEvent
from loosen.journal.store.sits import Sits

MIN = 60.0


# -- 6: clocks that jump -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("jump_min", "zone_h"), [(60, 1), (-60, 1), (10, 1), (-10, 1), (24 * 60 * 365, 1), (0, 2), (0, 9)]
)
def test_06_setting_the_wall_clock_or_another_zone_changes_only_the_stamps(jump_min: int, zone_h: int) -> None:
    place = Workplace()
    place.goes(20 * MIN)
    place.system.wall = timedelta(minutes=jump_min)
    place.system.zero = place.system.zero.astimezone(timezone(timedelta(hours=zone_h)))
    place.goes(26 * MIN)
    assert place.prompts_s() == [45 * MIN]
    assert place.service.clock.state.shown_s == 5000 + 45 * MIN


def test_06_sleep_is_told_by_the_boot_time_clock_and_not_mistaken_by_sensors_that_stood_still() -> None:
    place = Workplace()
    place.goes(20 * MIN)
    place.sleeps(3600)
    place.goes(1, types=False)  # as X11 tells it, the last key was a second ago
    assert [sit.ending for sit in place.sits()] == ["away"]
    assert place.sits()[0].seconds == pytest.approx(20 * MIN, abs=2)
    place.goes(46 * MIN)
    assert len(place.prompter.shown) == 1


# -- 10: the camera -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["locked", "asleep"])
def test_10_the_camera_is_off_in_the_very_step_that_hears_of_a_lock_or_of_sleep(what: Any) -> None:
    place = Workplace(camera=True)
    place.goes(45 * MIN)
    place.prompter.given = ["up"]
    place.service.step()
    assert place.camera.light
    place.sensor.coming = [SensorEvent(what, True)]
    place.service.step()
    assert not place.camera.light


def test_07_what_the_camera_saw_is_logged_as_confirmed() -> None:
    place = Workplace(camera=True)
    place.goes(45 * MIN)
    place.camera.result = ("seat", "sitting")
    place.service.step()
    place.prompter.given = ["up"]
    place.service.step()
    place.camera.result = ("up", "standing")
    place.service.step()
    (asked,) = place.sits()[0].prompts
    assert asked.outcome == "confirmed"


def test_a_short_walk_takes_its_turn_and_is_confirmed_by_going_but_has_nothing_to_show() -> None:
    place = Workplace()
    for _ in TITLES:
        place.goes(46 * MIN)
        status = place.status()["prompt"]
        place.goes(3 * MIN, types=False)
    shown = place.prompter.shown
    assert [it.text.partition(": ")[2] for it in shown] == list(TITLES.values())
    assert [[answer for answer, _ in it.answers][-1] for it in shown] == ["show", "show", "show", "snooze"]
    assert (status["exercise"], status["title"]) == ("", "A short walk")
    assert [it.outcome for sit in place.sits() for it in sit.prompts] == ["away"] * 4


# -- 13: sensors that die ---------------------------------------------------------------------------------------


def test_13_a_sensor_that_dies_shows_in_the_status_and_the_prompt_still_comes_by_45() -> None:
    place = Workplace()
    place.goes(10 * MIN)
    place.sensor.dead = True
    place.goes(36 * MIN, types=False)
    status = place.status()
    assert status["sensors"][0]["state"] == "lost"
    assert "died" in status["sensors"][0]["why"]
    assert place.prompts_s() == [pytest.approx(45 * MIN, abs=1)]


def test_13_a_sensor_that_dies_while_the_screen_is_locked_does_not_lock_for_ever() -> None:
    place = Workplace()
    place.sensor.coming = [SensorEvent("locked", True)]
    place.goes(30)
    assert place.status()["locked"]
    place.sensor.dead = True
    place.goes(46 * MIN)
    assert not place.status()["locked"]
    assert len(place.prompter.shown) == 1


def test_17_what_one_way_cannot_show_the_next_one_does() -> None:
    place = Workplace()
    place.prompter.fails = True
    place.goes(46 * MIN)
    assert len(place.other.shown) == 1
    assert place.status()["ways"]["troubles"] == {"fake": "no daemon"}


# -- 14: restarts -------------------------------------------------------------------------------------------------


def test_14_after_a_kill_the_sit_goes_on_to_the_second(tmp_path: Path) -> None:
    log = Sits.open(tmp_path / "journal.db")
    place = Workplace(log=log)
    place.goes(25 * MIN + 37)
    place.system.t_s += 20  # killed, and started again; nothing was said
    place.starts()
    place.goes(1)
    status = place.status()
    assert status["sat_s"] == pytest.approx(25 * MIN + 37 + 20 + 1, abs=5)
    place.goes(20 * MIN)
    assert place.prompts_s() == [pytest.approx(45 * MIN, abs=1)]
    assert len(place.sits()) == 1
    log.close()


def test_14_a_restart_long_after_begins_anew_and_says_away() -> None:
    place = Workplace()
    place.goes(25 * MIN)
    place.system.t_s += 3 * 3600
    place.starts()
    place.goes(MIN)
    assert [sit.ending for sit in place.sits()] == ["away", None]
    assert place.sits()[0].seconds == pytest.approx(25 * MIN, abs=61)


@pytest.mark.parametrize(("off_s", "sits"), [(40, 1), (3600, 2)])
def test_14_after_a_reboot_the_boot_clock_began_anew(off_s: float, sits: int) -> None:
    place = Workplace()
    place.goes(25 * MIN)
    again = FakeSystem(boot_s=30.0)
    again.boot = "boot-2"
    again.zero = place.system.now() + timedelta(seconds=off_s - 30)
    place.system = place.sensor.system = again
    place.sensor.input_s = 29.0
    place.starts()
    place.goes(MIN)
    assert len(place.sits()) == sits


def test_after_the_log_was_deleted_it_begins_anew_with_the_next_sit(path: Path) -> None:
    with Sits.open(path) as log:
        place = Workplace(log=log)
        place.goes(20 * MIN)
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("DELETE FROM sits")
        place.goes(10 * MIN)
        assert place.sits() == ()
        place.goes(5 * MIN, types=False)  # away
        place.goes(10 * MIN)
        (sit,) = place.sits()
        assert 0 < sit.seconds <= 10 * MIN


def test_14_an_open_prompt_is_asked_again_after_a_restart_and_stays_one() -> None:
    place = Workplace()
    place.goes(45 * MIN)
    place.starts()
    place.service.step()
    assert len(place.prompter.shown) == 2
    assert len(place.prompts_s()) == 1


@pytest.mark.parametrize(
    "kept",
    [
        "{}",
        "[]",
        "nonsense",
        '{"boot": 1, "at": "x", "clock": []}',
        '{"boot": 1, "at": "x", "clock": {"now_s": "x"}}',
        '{"boot": 1, "at": "2026-11-23T09:00:00+01:00", "clock": {"now_s": 1, "seen_s": null}}',
        '{"boot": 1, "at": "2026-11-23T09:00:00+01:00", "clock": {"now_s": 1, "shown": 5}}',
        '{"boot": 1, "at": "2026-11-23T09:00:00+01:00", "clock": {"now_s": 1, "snoozes": "a"}}',
        '{"boot": 1, "at": "2026-11-23T09:00:00+01:00", "clock": {"now_s": 1' + "0" * 400 + "}}",
    ],
)
def test_14_a_state_that_is_none_begins_anew(kept: str) -> None:
    place = Workplace()
    with place.log.changing() as db:
        db.execute("INSERT OR REPLACE INTO settings VALUES ('getup-state', ?)", (kept,))
    place.starts()
    place.goes(46 * MIN)
    assert len(place.prompter.shown) == 1


# -- the journal is locked ------------------------------------------------------------------------------------------


def test_a_journal_locked_by_another_program_does_not_hold_the_prompt_back(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loosen.journal.store.database.BUSY_S", 0.01)
    place = Workplace(log=Sits.open(path))
    place.goes(20 * MIN)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        place.goes(26 * MIN)
        assert len(place.prompter.shown) == 1
        assert "another program is writing to it" in place.status()["log_trouble"]
        other.execute("ROLLBACK")
    place.goes(2 * MIN)
    assert place.prompts_s() == [45 * MIN]
    assert place.status()["log_trouble"] == ""
    place.log.close()


# -- 16, 17, 19, 20: what is asked over the socket ---------------------------------------------------------------------


def test_16_a_snooze_is_in_the_log() -> None:
    place = Workplace()
    place.goes(45 * MIN)
    place.service.handle({"do": "snooze"})
    place.goes(5 * MIN + 2)
    place.service.handle({"do": "snooze"})
    place.goes(5 * MIN + 2)
    with pytest.raises(GetUpError, match="cannot be put off again"):
        place.service.handle({"do": "snooze"})
    assert [asked.snoozes for asked in place.sits()[0].prompts] == [2]
    assert [len(ask.answers) for ask in place.prompter.shown] == [3, 3, 2]


@pytest.mark.parametrize("seconds", [0, -1, 1e9, "soon", None, float("nan")])
def test_17_a_nonsense_pause_is_refused(seconds: object) -> None:
    with pytest.raises(GetUpError, match="up to 24 hours"):
        Workplace().service.handle({"do": "pause", "seconds": seconds})


def test_17_a_pause_outlives_a_restart_and_still_ends() -> None:
    place = Workplace()
    place.goes(MIN)
    place.service.handle({"do": "pause", "seconds": 3600})
    place.starts()
    place.goes(30 * MIN)
    assert place.status()["paused_until"]
    place.goes(31 * MIN)
    assert place.status()["paused_until"] is None


def test_a_prompt_shows_what_the_person_does_by_now_in_his_own_way() -> None:
    place = Workplace()
    place.may_show = {"reach": "Seated Reach"}
    place.goes(45 * MIN)
    assert "Seated Reach" in place.prompter.shown[-1].text
    place = Workplace()
    place.may_show = {}
    place.goes(45 * MIN)
    place.prompter.given = ["show"]
    assert place.status()["prompt"]["exercise"] == ""


def test_19_show_me_opens_the_page_at_the_prompts_movement() -> None:
    place = Workplace()
    place.goes(45 * MIN)
    place.prompter.given = ["show"]
    place.service.step()
    assert place.pages == ["reach"]
    place.service.handle({"do": "moved", "seen": True})
    assert place.sits()[0].prompts[0].outcome == "confirmed"


@pytest.mark.parametrize("asked", [{}, {"do": "dance"}, {"do": None}])
def test_what_is_not_known_is_refused(asked: dict[str, object]) -> None:
    with pytest.raises(GetUpError, match="expected one of"):
        Workplace().service.handle(asked)


def test_20_the_log_holds_times_and_outcomes_and_nothing_else(path: Path) -> None:
    place = Workplace(log=Sits.open(path), camera=True)
    place.sensor.doing = {"call"}
    place.goes(50 * MIN)
    place.sensor.doing = set()
    place.goes(5 * MIN)
    place.log.close()
    with closing(sqlite3.connect(path)) as db:
        columns = {
            table: {row[1]: row[2] for row in db.execute(f"PRAGMA table_info({table})")}
            for table in ("sits", "prompts")
        }
        (kept,) = db.execute("SELECT value FROM settings WHERE key = 'getup-state'").fetchone()
        texts = [str(value) for table in columns for row in db.execute(f"SELECT * FROM {table}") for value in row]
    assert "BLOB" not in {kind for table in columns.values() for kind in table.values()}
    forbidden = ("key", "title", "window", "image", "picture", "text", "app", "name")
    named = [*columns["sits"], *columns["prompts"], *json.loads(kept), *json.loads(kept)["clock"]]
    assert [name for name in named if any(word in name for word in forbidden)] == []
    assert all(len(text) <= 40 for text in texts)
    assert set(json.loads(kept)["clock"]["doing"]) <= {"call", "full-screen"}


def test_15_a_simulated_day_leaves_nothing_behind_in_memory() -> None:
    import tracemalloc

    place = Workplace()
    place.goes(3600)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(24):
        place.goes(50 * MIN)
        place.goes(10 * MIN, types=False)
        place.prompter.shown.clear()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The log itself is in memory here: some kilobytes a day.
    assert after - before < 2**20
