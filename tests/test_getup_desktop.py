"""The sensors and the notification against real D-Bus, mocked desktop services, X11 and Wayland."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from getup_support import compositor, mocked, needs, private_bus, running, tell, wait_until, x_server

from loosen.errors import SensorError
from loosen.getup.prompts.base import Ask
from loosen.getup.sensors.base import Heard
from loosen.getup.watch import Kind, Watch

if sys.platform != "linux":
    pytest.skip("a Linux desktop's parts", allow_module_level=True)

from loosen.getup.prompts.notification import Notification
from loosen.getup.sensors.desktop import DoNotDisturb, Logind, Mutter, ScreenSaver

ASK = Ask("Time to get up", "30 minutes", (("up", "I'm up"), ("snooze", "In 5 minutes"), ("show", "Show me")))


@pytest.fixture(scope="module")
def shared_bus() -> Iterator[str]:
    with private_bus() as address:
        yield address


@pytest.fixture
def bus(shared_bus: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", shared_bus)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", shared_bus)
    return shared_bus


# -- 12: D-Bus ---------------------------------------------------------------------------------------------


def test_12_logind_tells_sleep_and_locks(bus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_SESSION_ID", "c1")
    with mocked(Logind.NAME, Logind.PATH, Logind.MANAGER, template="logind") as login:
        body = ("c1", "seat0", os.getuid(), "somebody", True)
        (session,) = login.bus.call(
            login.name, login.path, "org.freedesktop.DBus.Mock", "AddSession", "ssusb", body
        )
        sensor = Logind()
        assert sensor.news() == [Heard("locked", False)]
        for on in (True, False):
            login.signal("PrepareForSleep", "b", ("b", on))
            assert heard(sensor) == [Heard("asleep", on)]
        for on in (True, False):
            login.bus.call(login.name, session, Logind.SESSION, "SetLockedHint", "b", (on,))
            assert heard(sensor) == [Heard("locked", on)]
        sensor.close()


def test_12_the_screen_saver_tells_that_it_is_on_and_how_long_nothing_was_touched(bus: str) -> None:
    name, path = "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"
    with mocked(name, path, name) as saver:
        saver.method("GetActive", "b", "ret = False")
        saver.method("GetSessionIdleTime", "u", "ret = 12500")
        sensor = ScreenSaver()
        assert sensor.idle_s() == 12.5
        assert sensor.news() == [Heard("locked", False)]
        saver.signal("ActiveChanged", "b", ("b", True))
        assert heard(sensor) == [Heard("locked", True)]
        sensor.close()


def test_12_a_screen_saver_without_idle_time_still_tells_locks(bus: str) -> None:
    name, path = "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"
    with mocked(name, path, name) as saver:
        saver.method("GetActive", "b", "ret = True")
        sensor = ScreenSaver()
        assert sensor.idle_s() is None
        assert sensor.news() == [Heard("locked", True)]
        sensor.close()


def test_12_mutter_tells_how_long_nothing_was_touched_and_its_end_is_noticed(bus: str) -> None:
    with mocked(Mutter.NAME, Mutter.PATH, Mutter.NAME) as mutter:
        mutter.method("GetIdletime", "t", "ret = 61234")
        sensor = Mutter()
        assert sensor.idle_s() == pytest.approx(61.234)
    with pytest.raises(SensorError):
        sensor.idle_s()
    sensor.close()


@pytest.mark.parametrize(
    ("name", "path", "interface", "prop"),
    [
        (
            "org.freedesktop.Notifications",
            "/org/freedesktop/Notifications",
            "org.dunstproject.cmd0",
            "paused",
        ),
        (
            "org.freedesktop.Notifications",
            "/org/freedesktop/Notifications",
            "org.freedesktop.Notifications",
            "Inhibited",
        ),
        ("org.xfce.Xfconf", "/org/xfce/Xfconf", "org.xfce.Xfconf", ""),
    ],
)
def test_12_do_not_disturb_as_dunst_kde_and_xfce_tell_it(
    bus: str, name: str, path: str, interface: str, prop: str
) -> None:
    with mocked(name, path, interface) as desktop:
        if prop:
            desktop.prop(prop, ("b", True), interface)
        else:
            desktop.method("GetProperty", "v", "ret = True", "ss")
        sensor = DoNotDisturb()
        assert sensor.under_way() == {"quiet"}
        sensor.close()


def test_12_a_notification_has_its_actions_and_brings_the_answer_back(bus: str) -> None:
    name, path = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
    with mocked(name, path, name, template="notification_daemon") as daemon:
        way = Notification()
        way.show(ASK)
        (shown,) = daemon.calls("Notify")
        assert [part[1] for part in shown][:5] == ["loosen", 0, "", "Time to get up", "30 minutes"]
        assert shown[5][1] == ["up", "I'm up", "snooze", "In 5 minutes", "show", "Show me"]
        daemon.signal("ActionInvoked", "us", ("u", 99), ("s", "up"))  # somebody else's notification
        daemon.signal("ActionInvoked", "us", ("u", 1), ("s", "snooze"))
        assert gathered(way.answers) == ["snooze"]
        way.withdraw()
        assert len(daemon.calls("CloseNotification")) == 1
        way.close()


def test_17_without_a_notification_daemon_the_notification_says_so_at_once(bus: str) -> None:
    began_s = time.monotonic()
    way = Notification()
    with pytest.raises(SensorError, match="Notif"):
        way.show(ASK)
    way.close()
    assert time.monotonic() - began_s < 5


def heard(sensor: Logind | ScreenSaver) -> list[Heard]:
    return gathered(sensor.news)


def gathered(source: Callable[[], list[Any]]) -> list[Any]:
    """Ask until something comes."""
    found: list[Any] = []

    def some() -> bool:
        found.extend(source())
        return bool(found)

    wait_until(some, "news")
    return found


# -- 12: Wayland --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "asked"), [(1, "idle 5000"), (2, "input 5000")])
def test_12_wayland_tells_idle_and_the_second_version_of_input_alone(
    version: int, asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs()
    pytest.importorskip("pywayland")
    from loosen.getup.sensors.wayland import Wayland

    now_s = 100.0
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    with compositor(version, folder) as (made, name):
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
        sensor = Wayland(name, clock=lambda: now_s)
        assert made.stdout is not None
        assert made.stdout.readline().strip() == asked
        assert sensor.idle_s() == 0
        tell(made, "idle")
        wait_until(lambda: sensor.idle_s() == 5, "idle")
        now_s += 10
        assert sensor.idle_s() == 15
        tell(made, "resume")
        wait_until(lambda: sensor.idle_s() == 0, "resumed")
        made.kill()
        made.wait()
        with pytest.raises(SensorError, match="gone"):
            sensor.idle_s()
        sensor.close()


def test_12_a_wayland_without_the_protocol_is_missing_not_fatal(tmp_path: Path) -> None:
    pytest.importorskip("pywayland")
    from loosen.getup.sensors.wayland import Wayland

    with pytest.raises(SensorError, match="Wayland"):
        Wayland("no-such-socket")


# -- 11: X11 ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    needs("openbox")
    with x_server() as name:
        environment = os.environ | {"DISPLAY": name}
        with running("openbox", env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL):
            yield name


def test_11_input_injected_with_xtest_sets_the_idle_time_back(screen: str) -> None:
    from Xlib import X, display
    from Xlib.ext import xtest

    from loosen.getup.sensors.x11 import X11

    sensor, person = X11(screen), display.Display(screen)
    xtest.fake_input(person, X.KeyPress, 38)
    xtest.fake_input(person, X.KeyRelease, 38)
    person.sync()
    wait_until(lambda: (sensor.idle_s() or 0) > 0.4, "some idle time")
    xtest.fake_input(person, X.MotionNotify, x=17, y=23)
    person.sync()
    assert (sensor.idle_s() or 0) < 0.4
    sensor.close()
    person.close()


def test_11_a_window_that_fills_the_screen_is_noticed_and_so_is_its_end(screen: str) -> None:
    from Xlib import X, display
    from Xlib.protocol import event

    from loosen.getup.sensors.x11 import X11

    sensor, person = X11(screen), display.Display(screen)
    wait_until(
        lambda: person.screen().root.get_full_property(person.intern_atom("_NET_SUPPORTED"), 0), "openbox"
    )
    window = person.screen().root.create_window(0, 0, 200, 100, 0, X.CopyFromParent)
    window.map()
    person.sync()
    assert sensor.under_way() == frozenset()
    state, full = person.intern_atom("_NET_WM_STATE"), person.intern_atom("_NET_WM_STATE_FULLSCREEN")
    for on in (1, 0):
        message = event.ClientMessage(window=window, client_type=state, data=(32, [on, full, 0, 1, 0]))
        wait_until(
            lambda: person.screen().root.get_full_property(person.intern_atom("_NET_ACTIVE_WINDOW"), 0),
            "focus",
        )
        person.screen().root.send_event(message, X.SubstructureRedirectMask | X.SubstructureNotifyMask)
        person.sync()
        wanted = frozenset({"full-screen"} if on else ())
        wait_until(lambda wanted=wanted: sensor.under_way() == wanted, f"full-screen {on}")  # type: ignore[misc]
    window.destroy()
    person.close()
    sensor.close()


def test_13_an_x_server_that_dies_shows_and_the_next_sensor_takes_its_place() -> None:
    from loosen.getup.sensors.base import Mute
    from loosen.getup.sensors.x11 import X11

    class Other(Mute):
        def idle_s(self) -> float | None:
            return 7.0

    with x_server() as name:
        watch = Watch([Kind("x11", ("idle",), lambda: X11(name)), Kind("other", ("idle",), Other)])
        watch.open(0.0)
        assert (watch.idle_s(0.0) or 0) != 7.0
    assert watch.idle_s(1.0) == 7.0
    (x11, other) = watch.report()
    assert (x11["state"], other["state"]) == ("lost", "ok")
    assert "gone" in x11["why"]
    watch.close()


# -- 9: microphones ------------------------------------------------------------------------------------------


def test_09_a_real_sound_server_tells_another_programs_recording_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("pulseaudio", "parecord")
    from loosen.getup.sensors.sound import SoundServer

    folder = tmp_path / "p"
    folder.mkdir(mode=0o700)
    for name in ("PULSE_RUNTIME_PATH", "PULSE_STATE_PATH", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{folder}/native")
    loads = (
        "module-native-protocol-unix auth-anonymous=1",
        "module-null-source source_name=mic",
        "module-null-sink",
    )
    command = [
        "pulseaudio",
        "-n",
        "--daemonize=no",
        "--exit-idle-time=-1",
        "--use-pid-file=no",
        "--disable-shm=yes",
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with running(*command, *(f"--load={load}" for load in loads), **quiet):
        wait_until((folder / "native").exists, "the sound server")
        sensor = SoundServer()
        assert sensor.under_way() == frozenset()
        with running("parecord", "--device=null.monitor", str(tmp_path / "played.wav"), **quiet):
            time.sleep(0.5)
            assert sensor.under_way() == frozenset()  # it records what is played
            with running("parecord", "--device=mic", str(tmp_path / "call.wav"), **quiet):
                wait_until(lambda: sensor.under_way() == {"call"}, "a call")
        wait_until(lambda: sensor.under_way() == frozenset(), "the end of the call")
        assert isinstance(sensor, SoundServer)
        sensor.close()
