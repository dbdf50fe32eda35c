"""The parts without a real counterpart here: recorded states of kernels, other systems' libraries, the camera's eye."""

from __future__ import annotations

import ctypes
import io
import os
import signal
import sys
import wave
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from getup_support import PATIENCE_S

from loosen.body.pose import Joint, Look, Pose
from loosen.cli.camera_look import sum_up
from loosen.errors import SensorError
from loosen.getup.child_processes import Looker, Opener
from loosen.getup.prompts.base import Ask
from loosen.getup.prompts.foreign import DesktopNotifier
from loosen.getup.prompts.plain import Plain, tone
from loosen.getup.sensor_registry import kinds_here
from loosen.getup.sensors.base import Heard
from loosen.getup.sensors.foreign import MacOS, Windows
from loosen.getup.sensors.sound import Alsa, Cameras, SoundServer
from loosen.getup.standing import Glimpse, judge

ASK = Ask("Time to get up", "30 minutes", (("up", "I'm up"), ("snooze", "In 5 minutes")))
NOBODY = 0xFFFFFFFF


# -- 9: whose microphone -----------------------------------------------------------------------------------


class FakePulse:
    def __init__(self, *streams: Any) -> None:
        self.streams = streams

    def connect(self, **_: Any) -> None: ...
    def disconnect(self) -> None: ...
    def close(self) -> None: ...
    def source_output_list(self) -> Any:
        return self.streams

    def source_list(self) -> Any:
        return [SimpleNamespace(index=1, monitor_of_sink=NOBODY), SimpleNamespace(index=2, monitor_of_sink=0)]


def stream(**differs: Any) -> Any:
    about = {"application.process.id": "4242"}
    usual = {"corked": False, "resample_method": "copy", "client": 7, "source": 1, "proplist": about}
    return SimpleNamespace(**usual | differs)


@pytest.mark.parametrize(
    ("one", "is_call"),
    [
        (stream(), True),
        (stream(corked=True), False),
        (stream(source=2), False),
        (stream(client=NOBODY), False),
        (stream(resample_method="peaks"), False),
        (stream(proplist={"application.process.id": str(os.getpid())}), False),
        (stream(proplist={"stream.monitor": "true"}), False),
    ],
    ids=["another's", "at rest", "what is played", "the server's own", "a level meter", "ours", "a monitor"],
)
def test_09_only_another_programs_running_microphone_is_a_call(one: Any, is_call: bool) -> None:
    assert bool(SoundServer(FakePulse(one)).under_way()) is is_call


@pytest.mark.parametrize(
    ("status", "is_call"),
    [
        ("state: RUNNING\nowner_pid   : 4242\n", True),
        ("state: PREPARED\nowner_pid   : 4242\n", False),
        ("closed\n", False),
        (f"state: RUNNING\nowner_pid   : {os.getpid()}\n", False),
    ],
    ids=["running", "a server's idle handle", "closed", "ours"],
)
def test_09_the_kernels_word_where_no_sound_server_is(tmp_path: Path, status: str, is_call: bool) -> None:
    folder = tmp_path / "asound" / "card0" / "pcm0c" / "sub0"
    folder.mkdir(parents=True)
    (folder / "status").write_text(status)
    assert bool(Alsa(tmp_path).under_way()) is is_call


@pytest.mark.parametrize(
    ("comm", "held", "mapped", "is_call"),
    [
        ("chrome", True, True, True),
        ("chrome", True, False, False),
        ("chrome", False, False, False),
        ("wireplumber", True, True, False),
    ],
    ids=["streams", "holds it only", "has none", "a server"],
)
def test_09_a_camera_counts_when_it_streams(
    tmp_path: Path, comm: str, held: bool, mapped: bool, is_call: bool
) -> None:
    devices, process = tmp_path / "dev", tmp_path / "proc" / "4242"
    (process / "fd").mkdir(parents=True)
    devices.mkdir()
    camera = devices / "video0"
    camera.touch()
    (process / "comm").write_text(comm + "\n")
    (process / "fd" / "5").symlink_to(camera if held else devices)
    line = f"7f00-7f01 rw-s 00000000 00:05 99 {camera}\n" if mapped else "7f00-7f01 rw-p 00000000 00:00 0\n"
    (process / "maps").write_text(line)
    (tmp_path / "proc" / "17" / "fd").mkdir(parents=True)  # a process that has ended, or is not ours
    assert bool(Cameras(tmp_path / "proc", devices).under_way()) is is_call


# -- which sensors where -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "platform", "first"),
    [
        ({"DISPLAY": ":0"}, "linux", "x11"),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "linux", "wayland"),
        ({"WAYLAND_DISPLAY": "wayland-0", "XDG_CURRENT_DESKTOP": "ubuntu:GNOME"}, "linux", "mutter"),
        ({}, "linux", "screen-saver"),
        ({}, "darwin", "macos"),
        ({}, "win32", "windows"),
    ],
)
def test_each_desktop_has_its_sensors(environment: dict[str, str], platform: str, first: str) -> None:
    kinds = kinds_here(environment, platform)
    assert kinds[0].name == first
    assert "x11" not in [kind.name for kind in kinds] or "WAYLAND_DISPLAY" not in environment


# -- macOS and Windows, by stand-ins -----------------------------------------------------------------------


class Library:
    """A library whose functions give what a test says; ctypes sets `restype` on them."""

    def __init__(self, **gives: Any) -> None:
        for name, value in gives.items():
            setattr(self, name, _function(value))


def _function(value: Any) -> Any:
    def called(*arguments: Any) -> Any:
        return value(*arguments) if callable(value) else value

    return called


def test_macos_tells_idle_and_locks() -> None:
    locked = [False]
    graphics = Library(CGEventSourceSecondsSinceLastEventType=12.5, CGSessionCopyCurrentDictionary=1)
    foundation = Library(
        CFStringCreateWithCString=2,
        CFDictionaryGetValue=lambda *_: 3 if locked[0] else None,
        CFBooleanGetValue=True,
        CFRelease=None,
    )
    sensor = MacOS(graphics, foundation)
    assert sensor.idle_s() == 12.5
    assert sensor.news() == []
    locked[0] = True
    assert sensor.news() == [Heard("locked", True)]
    assert sensor.news() == []


def test_windows_tells_idle_locks_and_full_screen() -> None:
    def last_input(where: Any) -> int:
        ctypes.cast(where, ctypes.POINTER(ctypes.c_uint32 * 2)).contents[1] = 2**32 - 1500
        return 1

    def state(where: Any) -> int:
        ctypes.cast(where, ctypes.POINTER(ctypes.c_int)).contents.value = 3
        return 0

    desktop = [5]
    user = Library(GetLastInputInfo=last_input, OpenInputDesktop=lambda *_: desktop[0], CloseDesktop=1)
    sensor = Windows(user, Library(GetTickCount=500), Library(SHQueryUserNotificationState=state))
    assert sensor.idle_s() == 2.0  # over the turn of the count
    assert sensor.under_way() == {"full-screen"}
    assert sensor.news() == []
    desktop[0] = 0
    assert sensor.news() == [Heard("locked", True)]


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="the real libraries are here")
def test_elsewhere_they_are_missing_and_say_so() -> None:
    for make in (MacOS, Windows):
        with pytest.raises(SensorError):
            make()


def test_their_notification_has_buttons() -> None:
    sent: list[Any] = []

    class Notifier:
        def __init__(self, app_name: str) -> None:
            assert app_name == "loosen"

        async def send(self, **what: Any) -> None:
            sent.append(what)

        async def clear_all(self) -> None:
            sent.append("cleared")

    way = DesktopNotifier(SimpleNamespace(DesktopNotifier=Notifier, Button=SimpleNamespace))
    way.show(ASK)
    assert sent[-1]["title"] == "Time to get up"
    sent[-1]["buttons"][1].on_pressed()
    assert way.answers() == ["snooze"]
    assert way.answers() == []
    way.close()


# -- 17: without a notification daemon ---------------------------------------------------------------------


class Terminal(io.StringIO):
    def __init__(self, there: bool) -> None:
        super().__init__()
        self.there = there

    def isatty(self) -> bool:
        return self.there


@pytest.mark.parametrize("there", [True, False], ids=["terminal", "none"])
def test_17_the_terminal_is_told_or_the_page_is_opened(monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    monkeypatch.setenv("PATH", "")
    opened: list[int] = []
    terminal = Terminal(there)
    way = Plain(lambda: opened.append(1), terminal)
    way.show(ASK)
    assert ("Time to get up 30 minutes" in terminal.getvalue()) is there
    assert bool(opened) is not there
    way.close()


def test_17_the_tone_is_short_soft_and_a_wav(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with wave.open(io.BytesIO(tone())) as sound:
        seconds = sound.getnframes() / sound.getframerate()
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
    assert 0.5 < seconds < 1.2
    assert 2000 < np.abs(samples.astype(int)).max() < 12_000
    assert np.abs(np.diff(samples.astype(int))).max() < 4000  # no clicks
    player = tmp_path / "aplay"
    player.write_text(f'#!/bin/sh\n/bin/cp "$2" "{tmp_path}/played.wav"\n')
    player.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    way = Plain(lambda: None, Terminal(True))
    way.show(ASK)
    assert way._playing is not None
    assert way._playing.wait(PATIENCE_S) == 0
    assert (tmp_path / "played.wav").read_bytes() == tone()
    way.close()


# -- 7, 8: whether somebody stands -------------------------------------------------------------------------

SEAT = Glimpse(40, 40, head_y=0.35, shoulders_y=0.62, shoulders_w=0.40)


@pytest.mark.parametrize(
    ("now", "sight"),
    [
        (Glimpse(40, 40, 0.36, 0.63, 0.41), "sitting"),
        (Glimpse(40, 40, 0.30, 0.58, 0.38), "sitting"),  # stretched
        (Glimpse(40, 40, 0.50, 0.75, 0.55), "unknown"),  # bent forward
        (Glimpse(40, 40, -0.15, 0.12, 0.42), "standing"),  # the head out of the picture
        (Glimpse(40, 40, 0.02, 0.30, 0.40), "standing"),
        (Glimpse(40, 40, 0.20, 0.42, 0.24), "unknown"),  # gone back, half up
        (Glimpse(40, 2), "empty"),
        (Glimpse(40, 15, 0.35, 0.62, 0.4), "unknown"),
        (Glimpse(0, 0), "unknown"),
        (Glimpse(40, 0, bright=False), "unknown"),
    ],
)
def test_07_standing_is_head_and_shoulders_risen_against_the_shoulders_width(
    now: Glimpse, sight: str
) -> None:
    assert judge(SEAT, now) == sight


def test_07_without_having_seen_him_sit_nothing_is_claimed() -> None:
    assert judge(None, Glimpse(40, 40, -0.1, 0.1, 0.4)) == "unknown"
    assert judge(None, Glimpse(40, 0)) == "empty"


def test_what_the_eye_saw_is_summed_up_in_shares_of_the_height() -> None:
    landmarks = np.full((33, 4), 0.5, np.float32)
    landmarks[Joint.NOSE, 1] = 0.25
    landmarks[Joint.LEFT_SHOULDER, :2], landmarks[Joint.RIGHT_SHOULDER, :2] = (0.6, 0.5), (0.4, 0.5)
    seen = Look(Pose(0.0, landmarks, np.zeros((33, 3), np.float32), (640, 480)))
    nobody = Look(Pose.lost(0.1, (640, 480)))
    glimpse = sum_up([seen, seen, nobody])
    assert (glimpse.pictures, glimpse.found, glimpse.bright) == (3, 2, True)
    assert glimpse.shoulders_w == pytest.approx(0.2 * 640 / 480)
    assert glimpse.head_y == pytest.approx(0.25)
    dark = Look(Pose.lost(0.1, (640, 480)), light="dark")
    assert not sum_up([dark, dark]).bright


def a_helper(tmp_path: Path, says: str, wait_s: float = 0.0) -> Looker:
    script = tmp_path / "look.py"
    script.write_text(f"import time\ntime.sleep({wait_s})\nprint({says!r})\n")
    return Looker((sys.executable, str(script)))


def looked(looker: Looker, glance: Any) -> Any:
    import select

    looker.start(glance, 0.0)
    number = looker.fileno()
    assert number is not None
    select.select([number], [], [], 10)
    return looker.seen(1.0, ready=True)


def test_07_the_look_is_a_process_of_its_own_that_tells_numbers_only(tmp_path: Path) -> None:
    import json

    looker = a_helper(tmp_path, json.dumps(SEAT._asdict()))
    assert looked(looker, "seat") == ("seat", "sitting")
    looker._command = a_helper(tmp_path, json.dumps(Glimpse(40, 40, -0.1, 0.15, 0.4)._asdict()))._command
    assert looked(looker, "up") == ("up", "standing")
    looker._command = a_helper(tmp_path, "a traceback")._command
    assert looked(looker, "up") == ("up", "unknown")


def test_10_the_look_is_ended_at_once_and_not_waited_for(tmp_path: Path) -> None:
    looker = a_helper(tmp_path, "{}", wait_s=60)
    looker.start("up", 0.0)
    process = looker._process
    assert process is not None
    looker.stop()
    assert process.returncode == -signal.SIGKILL  # not waited for: it would look for a minute
    assert looker.seen(99.0, ready=True) is None


def test_a_look_that_hangs_is_given_up(tmp_path: Path) -> None:
    looker = a_helper(tmp_path, "{}", wait_s=60)
    looker.start("up", 0.0)
    assert looker.seen(5.0, ready=False) is None
    assert looker.seen(60.0, ready=False) == ("up", "unknown")
    assert looker.fileno() is None


def test_show_me_starts_the_page_at_the_movement(tmp_path: Path) -> None:
    script = tmp_path / "page.py"
    script.write_text(f"import sys\nopen({str(tmp_path / 'told')!r}, 'w').write(' '.join(sys.argv[1:]))\n")
    opener = Opener((sys.executable, str(script)))
    opener.open("back-arches")
    (started,) = opener._started
    assert started.wait(PATIENCE_S) == 0
    opener.reap()
    assert opener._started == []
    assert (tmp_path / "told").read_text() == "--movement back-arches"
