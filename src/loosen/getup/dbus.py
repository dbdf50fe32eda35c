"""A connection to a D-Bus bus: calls with a time limit, and signals without waiting.

Anybody on a bus may send any signal to anybody. A signal is believed only from the connection that owns the service's
name at that point of the stream; the bus itself stamps senders and tells of each change of owner.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Literal, NamedTuple

from jeepney import DBusAddress, HeaderFields, Message, MessageFlag, MessageType, new_method_call
from jeepney.bus_messages import MatchRule, message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from loosen.errors import SensorError

ANSWER_S = 1.0
PROPERTIES = "org.freedesktop.DBus.Properties"

_BUS = "org.freedesktop.DBus"
_TROUBLE = (OSError, KeyError, ValueError, RuntimeError)


class _Subscription(NamedTuple):
    sender: str
    rule: MatchRule
    signature: str
    take: Callable[[Message], None]


class Bus:
    """A bus. All errors are SensorErrors; after one that ended the connection, `open` is False."""

    def __init__(self, which: Literal["SESSION", "SYSTEM"]) -> None:
        try:
            self._connection: DBusConnection = open_dbus_connection(which)
        except _TROUBLE as error:
            raise SensorError(f"no {which.lower()} bus ({error})") from error
        self.open = True
        self._subscriptions: list[_Subscription] = []
        self._owners: dict[str, str] = {}
        # Signals that come in while a reply is awaited are taken at once: nothing would announce them later.
        self._connection.filter(MatchRule(type="signal"), queue=SimpleNamespace(append=self._take))

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
        """Call a method and return its results; with `start`, start the program that owns `name` if need be."""
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
        """Return whether a connection owns this name now."""
        return bool(self._ask(message_bus.NameHasOwner(name), name)[0])

    def subscribe(self, take: Callable[[Message], None], sender: str, signature: str, **rule: str) -> None:
        """Call `take` with each signal that fits `rule` (interface, member, path), as soon as it is read.

        Its body must have this signature, and it must come from the owner of the name `sender`. Signals are read by
        `pump`, or while a reply is awaited; `fileno` announces only those not read yet.
        """
        self._track_owner(sender)
        self._ask(message_bus.AddMatch(MatchRule(type="signal", sender=sender, **rule)), "AddMatch")
        # The sender is left out here: signals name it by number, and one sent to us alone passes all rules of the bus.
        self._subscriptions.append(_Subscription(sender, MatchRule(type="signal", **rule), signature, take))

    def owner(self, name: str) -> str:
        """Return the connection that owns a name we subscribed to, as far as was read; "" if there is none."""
        return self._owners[name]

    def pump(self) -> None:
        """Read the signals that have come, without waiting. SensorError if the bus is gone."""
        if not self.open:
            raise SensorError("the bus is gone")
        try:
            while True:
                self._take(self._connection.receive(timeout=0))
        except TimeoutError:
            pass
        except _TROUBLE as error:
            raise self._lost(error) from error

    def close(self) -> None:
        """Close the connection. May be called twice."""
        if self.open:
            self.open = False
            self._connection.close()

    def _track_owner(self, name: str) -> None:
        if name in self._owners:
            return
        changes = MatchRule(type="signal", sender=_BUS, interface=_BUS, member="NameOwnerChanged")
        changes.add_arg_condition(0, name)
        self._ask(message_bus.AddMatch(changes), "AddMatch")
        self._owners[name] = ""
        if self.has(name):
            (self._owners[name],) = self._ask(message_bus.GetNameOwner(name), name)

    def _take(self, message: Message) -> None:
        fields = message.header.fields
        sender, signature = fields.get(HeaderFields.sender), fields.get(HeaderFields.signature, "")
        if sender == _BUS:
            if fields.get(HeaderFields.member) == "NameOwnerChanged" and message.body[0] in self._owners:
                self._owners[message.body[0]] = message.body[2]
            return
        for one in self._subscriptions:
            if sender == self._owners[one.sender] and signature == one.signature and one.rule.matches(message):
                one.take(message)

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
