"""macOS: its clocks, the sensor by Quartz, and autostart by a LaunchAgent.

Written from the documentation and tested with stand-ins for the system's libraries; not yet run on a real one.
"""

from __future__ import annotations

import ctypes
import socket
import struct
import sys
import time
from collections.abc import Sequence
from typing import Any

from loosen.errors import SensorError
from loosen.getup.sensor_registry import Sensor, SensorEvent, SensorKind
from loosen.getup.systems.base import Autostart, System

_HID_STATE, _ANY_INPUT = 1, 0xFFFFFFFF
_UTF8 = 0x08000100
_LOCAL_PEERCRED, _XUCRED_BYTES = 1, 76
_LABEL = "loosen.getup"


class MacOS(System):
    """CLOCK_MONOTONIC goes on in sleep here; `time.monotonic`, which is mach_absolute_time, does not."""

    def boot_s(self) -> float:
        return time.clock_gettime(time.CLOCK_MONOTONIC)

    def awake_s(self) -> float:
        if sys.platform == "darwin":
            return time.clock_gettime(time.CLOCK_UPTIME_RAW)
        return super().awake_s()

    def peer_user_id(self, connection: socket.socket) -> int | None:
        # struct xucred begins with its version and the user.
        return int(struct.unpack_from("II", connection.getsockopt(0, _LOCAL_PEERCRED, _XUCRED_BYTES))[1])

    def sensor_kinds(self) -> list[SensorKind]:
        return [SensorKind("macos", ("idle", "lock"), QuartzSensor)]

    def autostarts(self, command: Sequence[str], own_home: str) -> list[Autostart]:
        file = self.home / "Library" / "LaunchAgents" / f"{_LABEL}.plist"
        load, unload = (("launchctl", what, "-w", str(file)) for what in ("load", "unload"))
        text = _launch_agent(command, own_home)
        return [Autostart("LaunchAgent", file, text, enable=(load,), restart=(unload, load), disable=(unload,))]


class QuartzSensor(Sensor):
    """Seconds since the last input (CGEventSourceSecondsSinceLastEventType), and whether the screen is locked.

    A test gives stand-ins as `graphics` (ApplicationServices) and `foundation` (CoreFoundation).
    """

    def __init__(self, graphics: Any = None, foundation: Any = None) -> None:
        try:
            self._graphics = graphics or _framework("ApplicationServices")
            self._foundation = foundation or _framework("CoreFoundation")
        except OSError as error:
            raise SensorError(f"no Quartz ({error})") from error
        self._graphics.CGEventSourceSecondsSinceLastEventType.restype = ctypes.c_double
        self._graphics.CGSessionCopyCurrentDictionary.restype = ctypes.c_void_p
        for name in ("CFStringCreateWithCString", "CFDictionaryGetValue"):
            getattr(self._foundation, name).restype = ctypes.c_void_p
        self._foundation.CFBooleanGetValue.restype = ctypes.c_bool
        key = b"CGSSessionScreenIsLocked"
        self._key = ctypes.c_void_p(self._foundation.CFStringCreateWithCString(None, key, _UTF8))
        self._locked = False

    def idle_s(self) -> float | None:
        any_input = ctypes.c_uint32(_ANY_INPUT)
        return float(self._graphics.CGEventSourceSecondsSinceLastEventType(_HID_STATE, any_input))

    def events(self) -> list[SensorEvent]:
        session = self._graphics.CGSessionCopyCurrentDictionary()
        if not session:
            return []
        value = self._foundation.CFDictionaryGetValue(ctypes.c_void_p(session), self._key)
        locked = bool(value) and bool(self._foundation.CFBooleanGetValue(ctypes.c_void_p(value)))
        self._foundation.CFRelease(ctypes.c_void_p(session))
        if locked == self._locked:
            return []
        self._locked = locked
        return [SensorEvent("locked", locked)]


def _framework(name: str) -> Any:
    return ctypes.CDLL(f"/System/Library/Frameworks/{name}.framework/{name}")


def _launch_agent(command: Sequence[str], own_home: str) -> str:
    import plistlib

    agent = {
        "Label": _LABEL,
        "ProgramArguments": list(command),
        **({"EnvironmentVariables": {"LOOSEN_HOME": own_home}} if own_home else {}),
        "RunAtLoad": True,
        # launchd knows no exit codes: with SuccessfulExit it would start again, for ever, what cannot run as it was
        # asked to. Crashed is an end by a signal such as SIGSEGV.
        "KeepAlive": {"Crashed": True},
    }
    return plistlib.dumps(agent, sort_keys=False).decode()
