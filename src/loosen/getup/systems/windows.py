"""Windows: its clocks, its sensor, and start by a script in the start-up folder.

Written from the documentation and tested with stand-ins for the system's libraries; not yet run on a real one.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loosen.errors import SensorError
from loosen.getup.sensor_registry import Sensor, SensorEvent, SensorKind
from loosen.getup.systems.base import AUTOSTART_NAME, Autostart, System

_TICKS_PER_S = 1e7
_SWITCH_DESKTOP = 0x0100
_NOTIFICATION_STATES = {2: "full-screen", 3: "full-screen", 4: "full-screen", 6: "quiet"}
"""Of SHQueryUserNotificationState: a full-screen program, one that draws by itself, a presentation, quiet time."""


class Windows(System):
    """The tick count, which `boot_s` is here, goes on in sleep; QueryUnbiasedInterruptTime stops."""

    can_select_pipes = False

    def awake_s(self) -> float:
        if sys.platform == "win32":
            ticks = ctypes.c_ulonglong()
            ctypes.windll.kernel32.QueryUnbiasedInterruptTime(ctypes.byref(ticks))
            return ticks.value / _TICKS_PER_S
        return super().awake_s()

    def sensor_kinds(self) -> list[SensorKind]:
        return [SensorKind("windows", ("idle", "lock", "full-screen", "quiet"), WindowsSensor)]

    def autostarts(self, command: Sequence[str], own_home: str) -> list[Autostart]:
        roaming = Path(self.environment.get("APPDATA", str(self.home / "AppData" / "Roaming")))
        startup = roaming / "Microsoft" / "Windows" / "Start Menu" / "Programs" / "Startup"
        script = _start_up_script(command, own_home)
        return [Autostart("start-up script", startup / f"{AUTOSTART_NAME}.vbs", script)]


class _LastInputInfo(ctypes.Structure):
    _fields_ = (("size", ctypes.c_uint32), ("tick_ms", ctypes.c_uint32))


class WindowsSensor(Sensor):
    """GetLastInputInfo against GetTickCount; locked when no input desktop can be opened; full-screen by the shell.

    A test gives stand-ins for the libraries as `user`, `kernel` and `shell`.
    """

    def __init__(self, user: Any = None, kernel: Any = None, shell: Any = None) -> None:
        if user is None and sys.platform == "win32":
            user, kernel, shell = ctypes.windll.user32, ctypes.windll.kernel32, ctypes.windll.shell32
        if user is None:
            raise SensorError("not Windows")
        self._user, self._kernel, self._shell = user, kernel, shell
        self._locked = False

    def idle_s(self) -> float | None:
        last = _LastInputInfo(ctypes.sizeof(_LastInputInfo), 0)
        if not self._user.GetLastInputInfo(ctypes.byref(last)):
            raise SensorError("GetLastInputInfo failed")
        # Both counts start again from 0 after 49.7 days.
        return float((int(self._kernel.GetTickCount()) - last.tick_ms) % 2**32) / 1000

    def events(self) -> list[SensorEvent]:
        desktop = self._user.OpenInputDesktop(0, False, _SWITCH_DESKTOP)
        if desktop:
            self._user.CloseDesktop(desktop)
        locked = not desktop
        if locked == self._locked:
            return []
        self._locked = locked
        return [SensorEvent("locked", locked)]

    def under_way(self) -> frozenset[str]:
        state = ctypes.c_int(0)
        if self._shell.SHQueryUserNotificationState(ctypes.byref(state)) != 0:
            return frozenset()
        known = _NOTIFICATION_STATES.get(state.value)
        return frozenset({known} if known else ())


def _start_up_script(command: Sequence[str], own_home: str) -> str:
    from subprocess import list2cmdline

    home = own_home.replace('"', '""')
    line = list2cmdline(command).replace('"', '""')
    environment = f'shell.Environment("Process")("LOOSEN_HOME") = "{home}"\r\n' if own_home else ""
    return f'Set shell = CreateObject("WScript.Shell")\r\n{environment}shell.Run "{line}", 0, False\r\n'
