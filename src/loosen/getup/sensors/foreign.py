"""macOS and Windows, by their own libraries: written to the manuals, tested with stand-ins, not yet run there."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

from loosen.errors import SensorError
from loosen.getup.sensors.base import Heard, Mute

_HID_STATE, _ANY_INPUT = 1, 0xFFFFFFFF
_UTF8 = 0x08000100


class MacOS(Mute):
    """Quartz: seconds since the last input (CGEventSourceSecondsSinceLastEventType), and whether the screen is locked.

    `graphics` and `foundation` stand in for ApplicationServices and CoreFoundation in tests.
    """

    def __init__(self, graphics: Any = None, foundation: Any = None) -> None:
        try:
            folder = "/System/Library/Frameworks"
            self._graphics = graphics or ctypes.CDLL(
                f"{folder}/ApplicationServices.framework/ApplicationServices"
            )
            self._foundation = foundation or ctypes.CDLL(f"{folder}/CoreFoundation.framework/CoreFoundation")
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
        return float(
            self._graphics.CGEventSourceSecondsSinceLastEventType(_HID_STATE, ctypes.c_uint32(_ANY_INPUT))
        )

    def news(self) -> list[Heard]:
        session = self._graphics.CGSessionCopyCurrentDictionary()
        if not session:
            return []
        value = self._foundation.CFDictionaryGetValue(ctypes.c_void_p(session), self._key)
        locked = bool(value) and bool(self._foundation.CFBooleanGetValue(ctypes.c_void_p(value)))
        self._foundation.CFRelease(ctypes.c_void_p(session))
        if locked == self._locked:
            return []
        self._locked = locked
        return [Heard("locked", locked)]


class _LastInput(ctypes.Structure):
    _fields_ = (("size", ctypes.c_uint32), ("tick_ms", ctypes.c_uint32))


class Windows(Mute):
    """GetLastInputInfo against GetTickCount; locked when no input desktop can be opened; full-screen by the shell.

    SHQueryUserNotificationState: 2 a full-screen program, 3 one that draws by itself, 4 a presentation, 6 quiet time.
    `user`, `kernel`, `shell` stand in for the libraries in tests.
    """

    def __init__(self, user: Any = None, kernel: Any = None, shell: Any = None) -> None:
        if user is None and sys.platform == "win32":
            user, kernel, shell = ctypes.windll.user32, ctypes.windll.kernel32, ctypes.windll.shell32
        if user is None:
            raise SensorError("not Windows")
        self._user, self._kernel, self._shell = user, kernel, shell
        self._locked = False

    def idle_s(self) -> float | None:
        last = _LastInput(ctypes.sizeof(_LastInput), 0)
        if not self._user.GetLastInputInfo(ctypes.byref(last)):
            raise SensorError("GetLastInputInfo failed")
        # Both counts begin anew after 49.7 days.
        return float((int(self._kernel.GetTickCount()) - last.tick_ms) % 2**32) / 1000

    def news(self) -> list[Heard]:
        desktop = self._user.OpenInputDesktop(0, False, 0x0100)
        if desktop:
            self._user.CloseDesktop(desktop)
        locked = not desktop
        if locked == self._locked:
            return []
        self._locked = locked
        return [Heard("locked", locked)]

    def under_way(self) -> frozenset[str]:
        state = ctypes.c_int(0)
        if self._shell.SHQueryUserNotificationState(ctypes.byref(state)) != 0:
            return frozenset()
        known = {2: "full-screen", 3: "full-screen", 4: "full-screen", 6: "quiet"}
        return frozenset({known[state.value]} if state.value in known else ())
