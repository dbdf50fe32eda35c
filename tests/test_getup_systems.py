"""What differs between systems: which sensors there are, and the sensors of macOS and Windows with fake libraries."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

import pytest

from loosen.errors import SensorError
from loosen.getup.sensor_registry import SensorEvent
from loosen.getup.systems.base import System, this_system
from loosen.getup.systems.linux import Linux
from loosen.getup.systems.macos import MacOS, QuartzSensor
from loosen.getup.systems.windows import Windows, WindowsSensor


@pytest.mark.parametrize(
    ("system", "first"),
    [
        (Linux({"DISPLAY": ":0"}), "x11"),
        (Linux({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}), "wayland"),
        (Linux({"WAYLAND_DISPLAY": "wayland-0", "XDG_CURRENT_DESKTOP": "ubuntu:GNOME"}), "mutter"),
        (Linux({}), "screen-saver"),
        (MacOS({}), "macos"),
        (Windows({}), "windows"),
    ],
)
def test_each_desktop_has_its_sensors(system: System, first: str) -> None:
    names = [kind.name for kind in system.sensor_kinds()]
    assert names[0] == first
    assert "x11" not in names or "WAYLAND_DISPLAY" not in system.environment


def test_the_clocks_of_this_system_go_on_and_its_boot_has_a_name() -> None:
    system = this_system()
    assert 0 < system.awake_s() <= system.boot_s() + 1
    assert system.boot_id() == system.boot_id() != ""
    assert system.now().utcoffset() is not None


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
    sensor = QuartzSensor(graphics, foundation)
    assert sensor.idle_s() == 12.5
    assert sensor.events() == []
    locked[0] = True
    assert sensor.events() == [SensorEvent("locked", True)]
    assert sensor.events() == []


def test_windows_tells_idle_locks_and_full_screen() -> None:
    def last_input(where: Any) -> int:
        ctypes.cast(where, ctypes.POINTER(ctypes.c_uint32 * 2)).contents[1] = 2**32 - 1500
        return 1

    def state(where: Any) -> int:
        ctypes.cast(where, ctypes.POINTER(ctypes.c_int)).contents.value = 3
        return 0

    desktop = [5]
    user = Library(GetLastInputInfo=last_input, OpenInputDesktop=lambda *_: desktop[0], CloseDesktop=1)
    sensor = WindowsSensor(user, Library(GetTickCount=500), Library(SHQueryUserNotificationState=state))
    assert sensor.idle_s() == 2.0  # over the turn of the count
    assert sensor.under_way() == {"full-screen"}
    assert sensor.events() == []
    desktop[0] = 0
    assert sensor.events() == [SensorEvent("locked", True)]


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="the real libraries are here")
def test_elsewhere_they_are_missing_and_say_so() -> None:
    for make in (QuartzSensor, WindowsSensor):
        with pytest.raises(SensorError):
            make()
