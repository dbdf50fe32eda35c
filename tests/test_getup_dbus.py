"""The sensors and the notification on a real D-Bus bus, with mocked desktop services: who is heard, and who is not."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from getup_fakes import Workplace
from getup_support import MOCK, Mocked, mocked, private_bus, wait_until

from loosen.errors import SensorError
from loosen.getup.prompts.prompter import PromptText
from loosen.getup.sensor_registry import SensorEvent, SensorKind, SensorRegistry

if sys.platform != "linux":
    pytest.skip("a Linux desktop's parts", allow_module_level=True)

from jeepney import DBusAddress, HeaderFields, new_signal

from loosen.getup.dbus import PROPERTIES, Bus
from loosen.getup.prompts.notification import NotificationPrompter
from loosen.getup.sensors.desktop import DoNotDisturb, Logind, Mutter, ScreenSaver

SAVER, SAVER_PATH = "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"
NOTIFIER, NOTIFIER_PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
PROMPT = PromptText("Time to get up", "30 minutes", (("up", "I'm up"), ("snooze", "In 5 minutes"), ("show", "Show me")))


@pytest.fixture(scope="module")
def shared_bus() -> Iterator[str]:
    with private_bus() as address:
        yield address


@pytest.fixture
def bus(shared_bus: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XDG_SESSION_ID", "c1")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", shared_bus)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", shared_bus)
    return shared_bus


@contextmanager
def screen_saver(*, active: bool = False) -> Iterator[Mocked]:
    with mocked(SAVER, SAVER_PATH, SAVER) as saver:
        saver.method("GetActive", "b", f"ret = {active}")
        yield saver


@contextmanager
def logind() -> Iterator[tuple[Mocked, str]]:
    """A mocked logind with one session; gives it and the session's path."""
    with mocked(Logind.name, Logind.PATH, Logind.MANAGER, template="logind") as login:
        body = ("c1", "seat0", os.getuid(), "somebody", True)
        (session,) = login.bus.call(login.name, login.path, MOCK, "AddSession", "ssusb", body)
        yield login, session


# -- 12: D-Bus ---------------------------------------------------------------------------------------------


def test_12_logind_tells_sleep_and_locks_and_is_believed_alone(bus: str) -> None:
    with logind() as (login, session):
        sensor = Logind()
        assert sensor.events() == [SensorEvent("locked", False)]
        locked: tuple[Any, ...] = (Logind.SESSION, {"LockedHint": ("b", True)}, [])
        forge(sensor.bus, session, PROPERTIES, "PropertiesChanged", "sa{sv}as", *locked)
        forge(sensor.bus, Logind.PATH, Logind.MANAGER, "PrepareForSleep", "b", True)
        for on in (False, True, False):
            login.signal("PrepareForSleep", "b", ("b", on))
            assert gathered(sensor.events) == [SensorEvent("asleep", on)]
        for on in (True, False):
            login.bus.call(login.name, session, Logind.SESSION, "SetLockedHint", "b", (on,))
            assert gathered(sensor.events) == [SensorEvent("locked", on)]
        sensor.close()


def test_12_the_screen_saver_alone_tells_that_it_is_on_and_how_long_nothing_was_touched(bus: str) -> None:
    with screen_saver() as saver:
        saver.method("GetSessionIdleTime", "u", "ret = 12500")
        sensor = ScreenSaver()
        assert sensor.idle_s() == 12.5
        assert sensor.events() == [SensorEvent("locked", False)]
        forge(sensor.bus, SAVER_PATH, SAVER, "ActiveChanged", "b", True)
        wrong: tuple[Any, ...] = ((), (("s", "yes"),), (("v", ("b", True)),))
        for values in wrong:
            saver.signal("ActiveChanged", "".join(signature for signature, _ in values), *values)
        for on in (False, True):
            saver.signal("ActiveChanged", "b", ("b", on))
            assert gathered(sensor.events) == [SensorEvent("locked", on)]
        sensor.close()


def test_12_a_screen_saver_without_idle_time_still_tells_locks(bus: str) -> None:
    name, path = "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"
    with mocked(name, path, name) as saver:
        saver.method("GetActive", "b", "ret = True")
        sensor = ScreenSaver()
        assert sensor.idle_s() is None
        assert sensor.events() == [SensorEvent("locked", True)]
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
        (NOTIFIER, NOTIFIER_PATH, "org.dunstproject.cmd0", "paused"),
        (NOTIFIER, NOTIFIER_PATH, NOTIFIER, "Inhibited"),
        ("org.xfce.Xfconf", "/org/xfce/Xfconf", "org.xfce.Xfconf", ""),
    ],
)
def test_12_do_not_disturb_as_dunst_kde_and_xfce_tell_it(
    bus: str, name: str, path: str, interface: str, prop: str
) -> None:
    with mocked(name, path, interface) as desktop:
        if prop:
            desktop.prop(prop, ("b", True))
        else:
            desktop.method("GetProperty", "v", "ret = True", "ss")
        sensor = DoNotDisturb()
        assert sensor.under_way() == {"quiet"}
        sensor.close()


def test_12_a_notification_has_its_actions_and_brings_the_daemons_answer_back(bus: str) -> None:
    with mocked(NOTIFIER, NOTIFIER_PATH, NOTIFIER, template="notification_daemon") as daemon:
        prompter = NotificationPrompter()
        prompter.show(PROMPT)
        (shown,) = daemon.calls("Notify")
        assert [part[1] for part in shown][:5] == ["loosen", 0, "", "Time to get up", "30 minutes"]
        assert shown[5][1] == ["up", "I'm up", "snooze", "In 5 minutes", "show", "Show me"]
        assert prompter._bus is not None
        forge(prompter._bus, NOTIFIER_PATH, NOTIFIER, "ActionInvoked", "us", 1, "up")
        forge(prompter._bus, NOTIFIER_PATH, NOTIFIER, "NotificationClosed", "uu", 1, 2)
        for signature, values in WRONG_ANSWERS:
            for member in ("ActionInvoked", "NotificationClosed"):
                daemon.signal(member, signature, *values)
        daemon.signal("ActionInvoked", "us", ("u", 1), ("s", "snooze"))
        assert gathered(prompter.answers) == ["snooze"]
        prompter.withdraw()
        assert len(daemon.calls("CloseNotification")) == 1
        prompter.close()


def test_17_without_a_notification_daemon_the_notification_says_so_at_once(bus: str) -> None:
    prompter = NotificationPrompter()
    with pytest.raises(SensorError, match="not provided by any"):  # the bus said so; nobody was waited for
        prompter.show(PROMPT)
    prompter.close()


# -- which signals are believed ----------------------------------------------------------------------------


def forge(to: Any, path: str, interface: str, member: str, signature: str, *body: Any) -> None:
    """Send a signal as somebody who does not own the service's name: to all, and past all rules to `to` alone."""
    impostor = Bus("SESSION")
    for alone in (False, True):
        signal = new_signal(DBusAddress(path, interface=interface), member, signature, body)
        if alone:
            signal.header.fields[HeaderFields.destination] = to._connection.unique_name
        impostor._connection.send(signal)
    impostor.has(SAVER)  # answered after the signals have gone out
    impostor.close()


WRONG_ANSWERS: list[tuple[str, tuple[Any, ...]]] = [
    ("", ()),
    ("u", (("u", 1),)),
    ("su", (("s", "1"), ("u", 1))),
    ("is", (("i", 1), ("s", "up"))),
    ("uas", (("u", 1), ("as", ["up"]))),
    ("uss", (("u", 1), ("s", "up"), ("s", "up"))),
    ("us", (("u", 1), ("s", "reboot"))),
    ("us", (("u", 0), ("s", "up"))),
    ("us", (("u", 99), ("s", "up"))),  # somebody else's notification
]


def test_who_takes_the_name_over_is_believed_from_then_on_and_asked_how_things_stand(bus: str) -> None:
    with screen_saver():
        sensor = ScreenSaver()
        assert sensor.events() == [SensorEvent("locked", False)]
    with screen_saver(active=True) as another:
        assert gathered(sensor.events) == [SensorEvent("locked", True)]
        another.signal("ActiveChanged", "b", ("b", False))
        assert gathered(sensor.events) == [SensorEvent("locked", False)]
        sensor.close()


def test_13_a_screen_saver_that_ends_without_a_successor_is_a_sensor_that_died(bus: str) -> None:
    with screen_saver(active=True):
        watch = SensorRegistry([SensorKind("screen-saver", ("lock",), ScreenSaver)])
        watch.open(0.0)
        watch.events(0.0)
        assert watch.locked

    def lost() -> bool:
        watch.events(1.0)
        return bool(watch.report()[0]["state"] == "lost")

    wait_until(lost, "its end")
    assert not watch.locked
    watch.close()


def test_an_answer_of_a_daemon_that_was_started_anew_is_of_another_notification(bus: str) -> None:
    prompter = NotificationPrompter()
    with mocked(NOTIFIER, NOTIFIER_PATH, NOTIFIER, template="notification_daemon"):
        prompter.show(PROMPT)
    with mocked(NOTIFIER, NOTIFIER_PATH, NOTIFIER, template="notification_daemon") as another:
        another.signal("ActionInvoked", "us", ("u", 1), ("s", "show"))
        prompter.show(PROMPT)
        another.signal("ActionInvoked", "us", ("u", prompter._number), ("s", "up"))
        assert gathered(prompter.answers) == ["up"]
        prompter.close()


def test_what_another_program_shows_by_a_daemon_started_anew_is_neither_closed_nor_replaced(bus: str) -> None:
    withdrawn, shown = NotificationPrompter(), NotificationPrompter()
    with mocked(NOTIFIER, NOTIFIER_PATH, NOTIFIER, template="notification_daemon"):
        withdrawn.show(PROMPT)
        shown.show(PROMPT)
    with mocked(NOTIFIER, NOTIFIER_PATH, NOTIFIER, template="notification_daemon") as another:
        theirs: tuple[Any, ...] = ("mail", 0, "", "New mail", "", [], {}, 0)
        for _ in range(2):
            another.bus.call(NOTIFIER, NOTIFIER_PATH, NOTIFIER, "Notify", "susssasa{sv}i", theirs)
        withdrawn.withdraw()
        assert another.calls("CloseNotification") == []
        shown.show(PROMPT)
        replaced = [notified[1][1] for notified in another.calls("Notify")]
        assert replaced == [0, 0, 0]
        for prompter in (withdrawn, shown):
            prompter.close()


# -- what comes in while something else is asked -----------------------------------------------------------


def test_10_a_lock_that_is_read_along_with_an_answer_is_acted_on_at_once(bus: str) -> None:
    with screen_saver() as saver:
        place = Workplace(camera=True)
        place.goes(45 * 60)
        assert place.camera.light
        locks = "self.EmitSignal('org.freedesktop.ScreenSaver', 'ActiveChanged', 'b', [True])"
        saver.method("GetSessionIdleTime", "u", f"{locks}; ret = 2000")
        place.sensors = SensorRegistry([SensorKind("screen-saver", ("lock", "idle"), ScreenSaver)])
        place.service.sensors = place.sensors
        place.service.step()  # nothing is left to be read that could wake it
        assert not place.camera.light
        place.sensors.close()


def test_an_answer_that_is_read_along_with_another_is_taken_at_once(bus: str) -> None:
    with mocked(NOTIFIER, NOTIFIER_PATH, NOTIFIER) as daemon:
        presses = "self.EmitSignal('org.freedesktop.Notifications', 'ActionInvoked', 'us', [7, 'snooze'])"
        daemon.method("Notify", "u", "ret = 7", "susssasa{sv}i")
        daemon.method("CloseNotification", "", presses, "u")
        prompter = NotificationPrompter()
        prompter.show(PROMPT)
        number = prompter.fileno()
        assert prompter._bus is not None
        assert number is not None
        prompter._bus.call(NOTIFIER, NOTIFIER_PATH, NOTIFIER, "CloseNotification", "u", (7,))
        assert select.select([number], [], [], 0)[0] == []
        assert prompter.answers() == ["snooze"]
        prompter.close()


def gathered(source: Callable[[], list[Any]]) -> list[Any]:
    """Ask until something comes."""
    found: list[Any] = []

    def some() -> bool:
        found.extend(source())
        return bool(found)

    wait_until(some, "news")
    return found
