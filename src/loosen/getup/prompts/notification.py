"""A desktop notification with buttons (org.freedesktop.Notifications)."""

from __future__ import annotations

from typing import Any, cast

from loosen.errors import SensorError
from loosen.getup.dbus import Bus
from loosen.getup.prompts.base import Answer, Ask

_NAME, _PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
_NORMAL, _NEVER = 1, 0


class Notification:
    """The desktop's own notifications. The bus is opened when something is to be shown, if it is not open."""

    name = "notification"

    def __init__(self) -> None:
        self._bus: Bus | None = None
        self._number = 0
        self._shown_by = ""
        self._given: list[Answer] = []

    def fileno(self) -> int | None:
        return self._bus.fileno() if self._bus is not None and self._bus.open else None

    def show(self, ask: Ask) -> None:
        bus = self._opened()
        buttons = [part for answer in ask.answers for part in answer]
        # Normal urgency: critical ones break through "do not disturb". It stays until it is answered.
        hints = {"urgency": ("y", _NORMAL), "category": ("s", "presence"), "desktop-entry": ("s", "loosen")}
        bus.pump()
        number = self._number if self._is_same_daemon else 0
        body = ("loosen", number, "", ask.title, ask.text, buttons, hints, _NEVER)
        (self._number,) = bus.call(_NAME, _PATH, _NAME, "Notify", "susssasa{sv}i", body, start=True)
        self._shown_by = bus.owner(_NAME)

    def withdraw(self) -> None:
        number, self._number = self._number, 0
        if number and self._bus is not None and self._bus.open:
            self._bus.pump()
            if self._is_same_daemon:
                # By its own name: should another take its place just now, nothing of the other's is closed.
                self._bus.call(self._shown_by, _PATH, _NAME, "CloseNotification", "u", (number,))

    def answers(self) -> list[Answer]:
        if self._bus is not None and self._bus.open:
            self._bus.pump()
        given, self._given = self._given, []
        return given

    def has_answers(self) -> bool:
        if self._bus is not None and self._bus.open:
            self._bus.pump()
        return bool(self._given)

    def close(self) -> None:
        if self._bus is not None:
            self._bus.close()

    def _opened(self) -> Bus:
        if self._bus is None or not self._bus.open:
            self._number, self._bus = 0, None
            bus = Bus("SESSION")
            try:
                bus.hear(self._pressed, _NAME, "us", interface=_NAME, member="ActionInvoked")
                bus.hear(self._closed, _NAME, "uu", interface=_NAME, member="NotificationClosed")
            except SensorError:
                bus.close()
                raise
            self._bus = bus
        return self._bus

    def works(self) -> None:
        """Raise SensorError if nothing on this desktop shows notifications, nor could be started to."""
        self._opened().call(_NAME, _PATH, _NAME, "GetServerInformation", start=True)

    def _pressed(self, message: Any) -> None:
        number, answer = message.body
        if self._is_shown(number) and answer in ("up", "snooze", "show"):
            self._given.append(cast("Answer", answer))

    def _closed(self, message: Any) -> None:
        if self._is_shown(message.body[0]):
            self._number = 0

    def _is_shown(self, number: int) -> bool:
        return number == self._number and self._is_same_daemon

    @property
    def _is_same_daemon(self) -> bool:
        # A daemon that was started anew counts anew: the number is by now another program's notification.
        return self._bus is not None and self._bus.owner(_NAME) == self._shown_by
