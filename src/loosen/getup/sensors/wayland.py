"""Wayland: the compositor tells when there was no input for a while, and when there is some again.

The protocol is ext-idle-notify. Version 2 tells of input alone; version 1 also takes a film or a call that keeps the
screen on for input.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from loosen.errors import SensorError
from loosen.getup.rule import PAUSE_S
from loosen.getup.sensor_registry import Sensor, SensorEvent

_TROUBLE = (RuntimeError, ValueError, OSError)


class Wayland(Sensor):
    """One compositor. `clock` must stand still while the computer sleeps, as the compositor's own clock does."""

    def __init__(self, name: str | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        try:
            from pywayland.client import Display
            from pywayland.protocol.ext_idle_notify_v1 import ExtIdleNotifierV1
            from pywayland.protocol.wayland import WlSeat
        except ImportError as error:
            raise SensorError(f"pywayland cannot be used ({error})") from error
        self._clock = clock
        self._idle_from_s: float | None = None
        self.version = 0
        found: dict[str, Any] = {}

        def announced(registry: Any, number: int, interface: str, version: int) -> None:
            if interface == "wl_seat" and "seat" not in found:
                found["seat"] = registry.bind(number, WlSeat, 1)
            elif interface == "ext_idle_notifier_v1":
                self.version = min(version, 2)
                found["notifier"] = registry.bind(number, ExtIdleNotifierV1, self.version)

        self._display = Display(name)
        try:
            self._display.connect()
            registry = self._display.get_registry()
            registry.dispatcher["global"] = announced
            self._display.roundtrip()
            if len(found) < 2:
                self._display.disconnect()
                raise SensorError("the compositor has no ext-idle-notify")
            milliseconds = int(PAUSE_S * 1000)
            notifier = found["notifier"]
            ask = notifier.get_input_idle_notification if self.version >= 2 else notifier.get_idle_notification
            notification = ask(milliseconds, found["seat"])
            notification.dispatcher["idled"] = self._idled
            notification.dispatcher["resumed"] = self._resumed
            self._display.roundtrip()
        except _TROUBLE as error:
            raise SensorError(f"no Wayland compositor ({error})") from error
        self._kept = (registry, found, notification)  # the library frees objects without references

    def fileno(self) -> int | None:
        return int(self._display.get_fd())

    def events(self) -> list[SensorEvent]:
        import select

        try:
            self._display.dispatch(block=False)
            while select.select([self._display.get_fd()], [], [], 0)[0]:
                self._display.read()
                self._display.dispatch(block=False)
            self._display.flush()
        except _TROUBLE as error:
            raise SensorError(f"the compositor is gone ({error})") from error
        return []

    def idle_s(self) -> float | None:
        self.events()
        return 0.0 if self._idle_from_s is None else self._clock() - self._idle_from_s

    def close(self) -> None:
        self._kept = ()  # type: ignore[assignment]
        self._display.disconnect()

    def _idled(self, _: Any) -> None:
        self._idle_from_s = self._clock() - PAUSE_S

    def _resumed(self, _: Any) -> None:
        self._idle_from_s = None
