"""A compositor that knows a seat and ext-idle-notify only; told on its standard input: idle, resume, end.

``python getup_compositor.py VERSION`` prints its socket's name, then each request for a notification.
"""

from __future__ import annotations

import select
import sys
from typing import Any

from pywayland import lib
from pywayland.protocol.ext_idle_notify_v1 import ExtIdleNotificationV1, ExtIdleNotifierV1
from pywayland.protocol.wayland import WlSeat
from pywayland.protocol_core.argument import ArgumentType
from pywayland.server import Display


class Request:
    """A request as a server reads it: the binding reads all messages as a client would."""

    def __init__(self, message: Any) -> None:
        self.message = message

    def c_to_arguments(self, values: Any) -> list[Any]:
        kinds = [argument.argument_type for argument in self.message.arguments]
        return [getattr(values[n], _FIELDS[kind]) for n, kind in enumerate(kinds)]


_FIELDS = {ArgumentType.NewId: "n", ArgumentType.Uint: "u", ArgumentType.Object: "o"}


def main() -> None:
    version = int(sys.argv[1])
    notifications: list[Any] = []
    held: list[Any] = []

    def hold(resource: Any) -> None:
        # The binding looks for the object where the library passes the "implementation", which it leaves empty.
        lib.wl_resource_set_dispatcher(
            resource._ptr, lib.dispatcher_func, resource._handle, resource._handle, lib.resource_destroy_func
        )
        resource.dispatcher.messages = [Request(message) for message in resource.dispatcher.messages]
        held.append(resource)

    def bound(resource: Any) -> None:
        hold(resource)
        resource.dispatcher["get_idle_notification"] = lambda *asked: notify("idle", *asked)
        if version >= 2:
            resource.dispatcher["get_input_idle_notification"] = lambda *asked: notify("input", *asked)

    def notify(kind: str, resource: Any, number: int, timeout: int, seat: Any) -> None:
        client = lib.wl_resource_get_client(resource._ptr)
        made = ExtIdleNotificationV1.resource_class(client, version, number)
        hold(made)
        notifications.append(made)
        print(kind, timeout, flush=True)

    display = Display()
    name = display.add_socket()
    seat = WlSeat.global_class(display, 1)
    seat.bind_func = hold
    ExtIdleNotifierV1.version = version
    notifier = ExtIdleNotifierV1.global_class(display, version)
    notifier.bind_func = bound
    loop = display.get_event_loop()
    print(name, flush=True)
    while True:
        display.flush_clients()
        loop.dispatch(10)
        if select.select([sys.stdin], [], [], 0)[0]:
            word = sys.stdin.readline().strip()
            if word in ("end", ""):
                break
            for made in notifications:
                made.idled() if word == "idle" else made.resumed()


if __name__ == "__main__":
    main()
