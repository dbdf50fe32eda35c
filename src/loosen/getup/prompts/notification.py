"""The prompter on Linux: a desktop notification with buttons (org.freedesktop.Notifications)."""

from __future__ import annotations

from typing import Any, cast, get_args

from loosen.errors import SensorError
from loosen.getup.dbus import Bus
from loosen.getup.prompts.prompter import PromptAnswer, Prompter, PromptText

_NAME, _PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
_NORMAL, _NEVER = 1, 0  # urgency; when the notification expires


class NotificationPrompter(Prompter):
    """Opens the session bus when a prompt is to be shown, if it is not open."""

    name = "notification"

    def __init__(self) -> None:
        self._bus: Bus | None = None
        self._number = 0
        self._shown_by = ""
        self._given: list[PromptAnswer] = []

    def fileno(self) -> int | None:
        return self._bus.fileno() if self._bus is not None and self._bus.open else None

    def show(self, prompt: PromptText) -> None:
        bus = self._opened()
        buttons = [part for answer in prompt.answers for part in answer]
        # Normal urgency: critical notifications break through "do not disturb".
        hints = {"urgency": ("y", _NORMAL), "category": ("s", "presence"), "desktop-entry": ("s", "loosen")}
        bus.pump()
        number = self._number if self._is_same_daemon else 0
        body = ("loosen", number, "", prompt.title, prompt.text, buttons, hints, _NEVER)
        (self._number,) = bus.call(_NAME, _PATH, _NAME, "Notify", "susssasa{sv}i", body, start=True)
        self._shown_by = bus.owner(_NAME)

    def withdraw(self) -> None:
        number, self._number = self._number, 0
        if number and self._pump() and self._is_same_daemon and self._bus is not None:
            # Addressed to that connection: a daemon that takes its place just now closes nothing of its own.
            self._bus.call(self._shown_by, _PATH, _NAME, "CloseNotification", "u", (number,))

    def answers(self) -> list[PromptAnswer]:
        self._pump()
        given, self._given = self._given, []
        return given

    def close(self) -> None:
        if self._bus is not None:
            self._bus.close()

    def _opened(self) -> Bus:
        if self._bus is None or not self._bus.open:
            self._number, self._bus = 0, None
            bus = Bus("SESSION")
            try:
                bus.subscribe(self._pressed, _NAME, "us", interface=_NAME, member="ActionInvoked")
                bus.subscribe(self._closed, _NAME, "uu", interface=_NAME, member="NotificationClosed")
            except SensorError:
                bus.close()
                raise
            self._bus = bus
        return self._bus

    def _pump(self) -> bool:
        """Read what has come over the bus; return whether it is open."""
        if self._bus is None or not self._bus.open:
            return False
        self._bus.pump()
        return True

    def _pressed(self, message: Any) -> None:
        number, answer = message.body
        if self._is_shown(number) and answer in get_args(PromptAnswer):
            self._given.append(cast("PromptAnswer", answer))

    def _closed(self, message: Any) -> None:
        if self._is_shown(message.body[0]):
            self._number = 0

    def _is_shown(self, number: int) -> bool:
        return number == self._number and self._is_same_daemon

    @property
    def _is_same_daemon(self) -> bool:
        # A restarted daemon counts from 1 again: the number may then be another program's notification.
        return self._bus is not None and self._bus.owner(_NAME) == self._shown_by
