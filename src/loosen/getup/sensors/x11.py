"""X11: seconds since the last input (the screen-saver extension), and whether a window fills the screen.

No key is ever seen: the extension tells milliseconds, the window manager tells states. Window titles are not read.
"""

from __future__ import annotations

from Xlib import X, Xatom, display, error

from loosen.errors import SensorError
from loosen.getup.sensor_registry import Sensor

_TROUBLE = (error.DisplayError, error.ConnectionClosedError, OSError, RuntimeError, AssertionError)


class X11(Sensor):
    """One X server. It needs the MIT-SCREEN-SAVER extension, which every usual server has."""

    def __init__(self, name: str | None = None) -> None:
        try:
            self._display = display.Display(name)
            if not self._display.has_extension("MIT-SCREEN-SAVER"):
                raise SensorError("the X server has no screen-saver extension")
        except (*_TROUBLE, ValueError) as trouble:
            raise SensorError(f"no X server ({_first_line(trouble)})") from trouble
        self._root = self._display.screen().root
        self._active = self._display.intern_atom("_NET_ACTIVE_WINDOW")
        self._state = self._display.intern_atom("_NET_WM_STATE")
        self._full = self._display.intern_atom("_NET_WM_STATE_FULLSCREEN")

    def idle_s(self) -> float | None:
        try:
            milliseconds: int = self._root.screensaver_query_info().idle
        except _TROUBLE as trouble:
            raise SensorError(f"the X server is gone ({_first_line(trouble)})") from trouble
        return milliseconds / 1000

    def under_way(self) -> frozenset[str]:
        try:
            active = self._root.get_full_property(self._active, X.AnyPropertyType)
            if active is None or not active.value or not active.value[0]:
                return frozenset()
            window = self._display.create_resource_object("window", active.value[0])
            states = window.get_full_property(self._state, Xatom.ATOM)
        except error.BadWindow:
            return frozenset()  # the window was closed meanwhile
        except _TROUBLE as trouble:
            raise SensorError(f"the X server is gone ({_first_line(trouble)})") from trouble
        return frozenset({"full-screen"} if states is not None and self._full in states.value else ())

    def close(self) -> None:
        try:
            self._display.close()
        except _TROUBLE:
            return


def _first_line(trouble: Exception) -> str:
    return str(trouble).strip().splitlines()[0] if str(trouble).strip() else type(trouble).__name__
