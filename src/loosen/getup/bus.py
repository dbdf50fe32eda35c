"""One connection to a D-Bus bus: asked with a time limit, and listened to without waiting."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Literal

from jeepney import DBusAddress, Message, MessageFlag, MessageType, new_method_call
from jeepney.bus_messages import MatchRule, message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from loosen.errors import SensorError

ANSWER_S = 1.0
PROPERTIES = "org.freedesktop.DBus.Properties"

_TROUBLE = (OSError, KeyError, ValueError, RuntimeError)


class Bus:
    """A bus. Whatever goes wrong is a SensorError; after one that ended the connection `open` is False."""

    def __init__(self, which: Literal["SESSION", "SYSTEM"]) -> None:
        try:
            self._connection: DBusConnection = open_dbus_connection(which)
        except _TROUBLE as error:
            raise SensorError(f"no {which.lower()} bus ({error})") from error
        self.open = True
        self._heard: list[tuple[MatchRule, Callable[[Message], None]]] = []
        self._waiting: deque[Message] = deque(maxlen=256)
        self._connection.filter(MatchRule(type="signal"), queue=self._waiting)

    def fileno(self) -> int:
        return int(self._connection.sock.fileno())

    def call(
        self,
        name: str,
        path: str,
        interface: str,
        method: str,
        signature: str = "",
        body: tuple[Any, ...] = (),
        *,
        start: bool = False,
    ) -> tuple[Any, ...]:
        """Call a method and return what it gives; `start`: start the program that owns `name` if need be."""
        address = DBusAddress(path, name, interface)
        message = new_method_call(address, method, signature or None, body)
        if not start:
            message.header.flags |= MessageFlag.no_auto_start
        return self._ask(message, f"{interface}.{method}")

    def get(self, name: str, path: str, interface: str, prop: str) -> Any:
        """Return a property's value."""
        (value,) = self.call(name, path, PROPERTIES, "Get", "ss", (interface, prop))
        return value[1]

    def has(self, name: str) -> bool:
        """Whether somebody owns this name now."""
        return bool(self._ask(message_bus.NameHasOwner(name), name)[0])

    def hear(self, take: Callable[[Message], None], **rule: str) -> None:
        """Have `take` called (by `pump`) with each signal that fits `rule` (interface, member, path, sender)."""
        match = MatchRule(type="signal", **rule)
        self._ask(message_bus.AddMatch(match), "AddMatch")
        # A signal names its sender by number: what was matched by a well-known name is told apart by the rest.
        self._heard.append(
            (MatchRule(type="signal", **{k: v for k, v in rule.items() if k != "sender"}), take)
        )

    def pump(self) -> None:
        """Take in what has come, without waiting. SensorError if the bus is gone."""
        try:
            while True:
                self._waiting.append(self._connection.receive(timeout=0))
        except TimeoutError:
            pass
        except _TROUBLE as error:
            raise self._lost(error) from error
        while self._waiting:
            message = self._waiting.popleft()
            for match, take in self._heard:
                if match.matches(message):
                    take(message)

    def close(self) -> None:
        """Close the connection. May be called twice."""
        if self.open:
            self.open = False
            self._connection.close()

    def _ask(self, message: Message, what: str) -> tuple[Any, ...]:
        if not self.open:
            raise SensorError("the bus is gone")
        try:
            reply = self._connection.send_and_get_reply(message, timeout=ANSWER_S)
        except TimeoutError as error:
            raise SensorError(f"{what} did not answer") from error
        except _TROUBLE as error:
            raise self._lost(error) from error
        if reply.header.message_type == MessageType.error:
            raise SensorError(f"{what}: {reply.body[0] if reply.body else 'refused'}")
        body: tuple[Any, ...] = reply.body
        return body

    def _lost(self, error: Exception) -> SensorError:
        self.close()
        return SensorError(f"the bus is gone ({error})")
