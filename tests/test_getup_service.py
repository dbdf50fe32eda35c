"""The service with stand-ins for the world: clocks that jump, sensors that die, journals that are locked."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from getup_fakes import FakeTimes, Room

from loosen.errors import GetUpError
from loosen.getup.sensors.base import Heard
from loosen.journal.store.sits import Sits

MIN = 60.0


def open_log(path: Path) -> Sits:
    return Sits.open(path)


# -- 6: clocks that jump -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "jump_min", [60, -60, 10, -10, 24 * 60 * 365], ids=["+1h", "-1h", "+10min", "-10min", "+1y"]
)
def test_06_setting_the_wall_clock_leaves_prompt_times_identical(jump_min: int) -> None:
    plain, jumped = Room(), Room()
    for room in (plain, jumped):
        room.goes(20 * MIN)
        if room is jumped:
            room.times.wall = timedelta(minutes=jump_min)
        room.goes(26 * MIN)
    assert plain.way.asked == jumped.way.asked
    assert plain.times.at_s == jumped.times.at_s
    assert plain.service.clock.state.shown_s == jumped.service.clock.state.shown_s == 5000 + 45 * MIN


def test_06_summer_time_and_another_time_zone_change_only_the_stamps() -> None:
    room = Room()
    room.goes(20 * MIN)
    room.times.zero = room.times.zero.astimezone(tz=None) + timedelta(hours=-1)
    room.goes(26 * MIN)
    assert room.prompts_s() == [45 * MIN]


def test_06_sleep_is_told_by_the_boot_time_clock_and_not_mistaken_by_sensors_that_stood_still() -> None:
    room = Room()
    room.goes(20 * MIN)
    room.sleeps(3600)
    room.goes(1, types=False)  # as X11 tells it, the last key was a second ago
    assert [sit.ending for sit in room.sits()] == ["away"]
    assert room.sits()[0].seconds == pytest.approx(20 * MIN, abs=2)
    room.goes(46 * MIN)
    assert len(room.way.asked) == 1


def test_05_a_short_sleep_resets_nothing() -> None:
    room = Room()
    for _ in range(9):
        room.goes(5 * MIN)
        room.sleeps(50)
    assert len(room.sits()) == 1
    assert len(room.way.asked) == 1


# -- 10: the camera -------------------------------------------------------------------------------------------


def test_10_the_camera_is_off_in_the_very_step_that_hears_of_a_lock() -> None:
    room = Room(camera=True)
    room.goes(45 * MIN)
    room.way.given = ["up"]
    room.service.step()
    assert room.looker.light
    room.sensor.coming = [Heard("locked", True)]
    room.service.step()
    assert not room.looker.light


def test_10_about_to_sleep_puts_it_off_too() -> None:
    room = Room(camera=True)
    room.goes(45 * MIN)
    assert room.looker.light
    room.sensor.coming = [Heard("asleep", True)]
    room.service.step()
    assert not room.looker.light


def test_07_what_the_camera_saw_is_logged_as_confirmed() -> None:
    room = Room(camera=True)
    room.goes(45 * MIN)
    room.looker.result = ("seat", "sitting")
    room.service.step()
    room.way.given = ["up"]
    room.service.step()
    room.looker.result = ("up", "standing")
    room.service.step()
    (asked,) = room.sits()[0].prompts
    assert asked.outcome == "confirmed"


# -- 13: sensors that die ---------------------------------------------------------------------------------------


def test_13_a_sensor_that_dies_shows_in_the_status_and_the_prompt_still_comes_by_45() -> None:
    room = Room()
    room.goes(10 * MIN)
    room.sensor.dead = True
    room.goes(36 * MIN, types=False)
    status = room.service.handle({"do": "status"})
    assert status["sensors"][0]["state"] == "lost"
    assert "died" in status["sensors"][0]["why"]
    assert room.prompts_s() == [pytest.approx(45 * MIN, abs=1)]


def test_13_a_sensor_that_comes_back_is_used_again() -> None:
    room = Room()
    room.goes(10 * MIN)
    room.sensor.dead = True
    room.goes(2 * MIN)
    room.sensor.dead = False
    room.goes(10 * MIN)
    assert room.service.handle({"do": "status"})["sensors"][0]["state"] == "ok"


def test_13_a_sensor_that_dies_while_the_screen_is_locked_does_not_lock_for_ever() -> None:
    room = Room()
    room.sensor.coming = [Heard("locked", True)]
    room.goes(30)
    assert room.service.handle({"do": "status"})["locked"]
    room.sensor.dead = True
    room.goes(46 * MIN)
    assert not room.service.handle({"do": "status"})["locked"]
    assert len(room.way.asked) == 1


def test_17_what_one_way_cannot_show_the_next_one_does() -> None:
    room = Room()
    room.way.fails = True
    room.goes(46 * MIN)
    assert len(room.other.asked) == 1
    assert room.service.handle({"do": "status"})["ways"]["troubles"] == {"fake": "no daemon"}


# -- 14: restarts -------------------------------------------------------------------------------------------------


def test_14_after_a_kill_the_sit_goes_on_to_the_second(tmp_path: Path) -> None:
    log = open_log(tmp_path / "journal.db")
    room = Room(log=log)
    room.goes(25 * MIN + 37)
    room.times.at_s += 20  # killed, and started again; nothing was said
    room.service = room.served()
    room.goes(1)
    status = room.service.handle({"do": "status"})
    assert status["sat_s"] == pytest.approx(25 * MIN + 37 + 20 + 1, abs=5)
    room.goes(20 * MIN)
    assert room.prompts_s() == [pytest.approx(45 * MIN, abs=1)]
    assert len(room.sits()) == 1
    log.close()


def test_14_a_restart_long_after_begins_anew_and_says_away() -> None:
    room = Room()
    room.goes(25 * MIN)
    room.times.at_s += 3 * 3600
    room.service = room.served()
    room.goes(MIN)
    assert [sit.ending for sit in room.sits()] == ["away", None]
    assert room.sits()[0].seconds == pytest.approx(25 * MIN, abs=61)


@pytest.mark.parametrize(("off_s", "sits"), [(40, 1), (3600, 2)])
def test_14_after_a_reboot_the_boot_clock_began_anew(off_s: float, sits: int) -> None:
    room = Room()
    room.goes(25 * MIN)
    again = FakeTimes(boot_s=30.0)
    again.boot = "boot-2"
    again.zero = room.times.now() + timedelta(seconds=off_s - 30)
    room.times = room.sensor.times = again
    room.sensor.input_s = 29.0
    room.service = room.served()
    room.goes(MIN)
    assert len(room.sits()) == sits


def test_a_sit_under_way_is_in_the_log_again_after_the_log_was_deleted(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with open_log(path) as log:
        room = Room(log=log)
        room.goes(20 * MIN)
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("DELETE FROM sits")
        room.goes(10 * MIN)
        (sit,) = room.sits()
        assert sit.seconds == pytest.approx(30 * MIN, abs=61)


def test_14_an_open_prompt_is_asked_again_after_a_restart_and_stays_one() -> None:
    room = Room()
    room.goes(45 * MIN)
    room.service = room.served()
    room.service.step()
    assert len(room.way.asked) == 2
    assert len(room.prompts_s()) == 1


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
    ],
)
def test_14_a_state_that_is_none_begins_anew(kept: str) -> None:
    room = Room()
    room.log._db.execute("INSERT OR REPLACE INTO settings VALUES ('getup-state', ?)", (kept,))
    room.service = room.served()
    room.goes(46 * MIN)
    assert len(room.way.asked) == 1


# -- the journal is locked ------------------------------------------------------------------------------------------


def test_a_journal_locked_by_another_program_does_not_hold_the_prompt_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loosen.journal.store.database.BUSY_S", 0.01)
    path = tmp_path / "journal.db"
    room = Room(log=open_log(path))
    room.goes(20 * MIN)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        room.goes(26 * MIN)
        assert len(room.way.asked) == 1
        assert "another program is writing to it" in room.service.handle({"do": "status"})["log_trouble"]
        other.execute("ROLLBACK")
    room.goes(2 * MIN)
    assert room.prompts_s() == [45 * MIN]
    assert room.service.handle({"do": "status"})["log_trouble"] == ""
    room.log.close()


# -- 16, 17, 19, 20: what is asked over the socket ---------------------------------------------------------------------


def test_16_a_snooze_is_in_the_log() -> None:
    room = Room()
    room.goes(45 * MIN)
    room.service.handle({"do": "snooze"})
    room.goes(5 * MIN + 2)
    room.service.handle({"do": "snooze"})
    room.goes(5 * MIN + 2)
    with pytest.raises(GetUpError, match="cannot be put off again"):
        room.service.handle({"do": "snooze"})
    assert [asked.snoozes for asked in room.sits()[0].prompts] == [2]
    assert [len(ask.answers) for ask in room.way.asked] == [3, 3, 2]


@pytest.mark.parametrize("seconds", [0, -1, 1e9, "soon", None, float("nan")])
def test_17_a_nonsense_pause_is_refused(seconds: object) -> None:
    with pytest.raises(GetUpError, match="up to 24 hours"):
        Room().service.handle({"do": "pause", "seconds": seconds})


def test_17_a_pause_ends_by_itself() -> None:
    room = Room()
    room.goes(MIN)
    assert room.service.handle({"do": "pause", "seconds": 3600})["paused_until"]
    room.goes(61 * MIN)
    assert room.service.handle({"do": "status"})["paused_until"] is None
    assert [sit.ending for sit in room.sits()] == ["paused", None]


def test_17_a_pause_outlives_a_restart_and_still_ends() -> None:
    room = Room()
    room.goes(MIN)
    room.service.handle({"do": "pause", "seconds": 3600})
    room.service = room.served()
    room.goes(30 * MIN)
    assert room.service.handle({"do": "status"})["paused_until"]
    room.goes(31 * MIN)
    assert room.service.handle({"do": "status"})["paused_until"] is None


def test_19_show_me_opens_the_page_at_the_prompts_movement() -> None:
    room = Room()
    room.goes(45 * MIN)
    room.way.given = ["show"]
    room.service.step()
    assert room.pages == ["reach"]
    room.service.handle({"do": "moved", "seen": True})
    assert room.sits()[0].prompts[0].outcome == "confirmed"


@pytest.mark.parametrize("asked", [{}, {"do": "dance"}, {"do": None}])
def test_what_is_not_known_is_refused(asked: dict[str, object]) -> None:
    with pytest.raises(GetUpError, match="expected one of"):
        Room().service.handle(asked)


def test_20_the_log_holds_times_and_outcomes_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    room = Room(log=open_log(path), camera=True)
    room.sensor.doing = {"call"}
    room.goes(50 * MIN)
    room.sensor.doing = set()
    room.goes(5 * MIN)
    room.log.close()
    with closing(sqlite3.connect(path)) as db:
        columns = {
            table: {row[1]: row[2] for row in db.execute(f"PRAGMA table_info({table})")}
            for table in ("sits", "prompts")
        }
        (kept,) = db.execute("SELECT value FROM settings WHERE key = 'getup-state'").fetchone()
        texts = [
            str(value) for table in columns for row in db.execute(f"SELECT * FROM {table}") for value in row
        ]
    assert "BLOB" not in {kind for table in columns.values() for kind in table.values()}
    forbidden = ("key", "title", "window", "image", "picture", "text", "app", "name")
    named = [*columns["sits"], *columns["prompts"], *json.loads(kept), *json.loads(kept)["clock"]]
    assert [name for name in named if any(word in name for word in forbidden)] == []
    assert all(len(text) <= 40 for text in texts)
    assert set(json.loads(kept)["clock"]["doing"]) <= {"call", "full-screen"}


def test_15_a_simulated_day_leaves_nothing_behind_in_memory() -> None:
    import tracemalloc

    room = Room()
    room.goes(3600)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(24):
        room.goes(50 * MIN)
        room.goes(10 * MIN, types=False)
        room.way.asked.clear()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The log itself is in memory here: some kilobytes a day.
    assert after - before < 2**20
