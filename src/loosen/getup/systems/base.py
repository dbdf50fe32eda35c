"""What the get-up service needs of an operating system."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import getnode

from loosen.getup.prompts.prompter import Prompter
from loosen.getup.sensor_registry import SensorKind

AUTOSTART_NAME = "loosen-getup"

CommandLine = tuple[str, ...]


class Autostart(NamedTuple):
    """One way to be started with the desktop: a file of the person's own, and the commands that go with it."""

    name: str
    file: Path
    text: str
    enable: tuple[CommandLine, ...] = ()
    """Commands to run once the file is written. If there are any, the system starts the service at once."""
    restart: tuple[CommandLine, ...] = ()
    """Commands to run instead, where the file had another text before."""
    disable: tuple[CommandLine, ...] = ()
    """Commands to run before the file is removed."""
    reload: tuple[CommandLine, ...] = ()
    """Commands to run after it was removed."""

    @property
    def starts_now(self) -> bool:
        """Whether the system starts the service as soon as it is installed, not only at the next login."""
        return bool(self.enable)


class System:
    """One operating system; a subclass for each. The clocks here are Python's own.

    `environment` and `home`, the person's folder, are this process's unless a test gives others.
    """

    can_select_pipes = True

    def __init__(self, environment: Mapping[str, str] | None = None, home: Path | None = None) -> None:
        self.environment = os.environ if environment is None else environment
        self._home = home

    @property
    def home(self) -> Path:
        """The person's folder. RuntimeError if there is none."""
        return Path.home() if self._home is None else self._home

    def boot_s(self) -> float:
        """Return seconds on a clock that goes on while the computer sleeps and that nobody sets."""
        return time.monotonic()

    def awake_s(self) -> float:
        """Return seconds on a clock that stands still while the computer sleeps."""
        return time.monotonic()

    def now(self) -> datetime:
        """Return the local time with its offset: for stamps in the log, never for intervals."""
        if hasattr(time, "tzset"):
            time.tzset()  # travellers change the zone, and Python reads it only once
        return datetime.now().astimezone()

    def boot_id(self) -> str:
        """Return a text that is another one after each boot of the computer; "" if there is none."""
        # The machine, and the time of the boot to ten minutes.
        return f"{getnode():x}-{round((time.time() - self.boot_s()) / 600)}"

    def peer_user_id(self, connection: socket.socket) -> int | None:  # noqa: ARG002
        """Return the user id of the process at the other end of a UNIX socket; None if the system does not tell."""
        return None

    def sensor_kinds(self) -> list[SensorKind]:
        """Return the sensors that may be there on this desktop, the best first."""
        raise NotImplementedError

    def notifications(self) -> Prompter:
        """Return the prompter that shows notifications. SensorError if there are none."""
        from loosen.getup.prompts.desktop_notifier import DesktopNotifierPrompter

        return DesktopNotifierPrompter()

    def autostarts(self, command: Sequence[str], own_home: str) -> list[Autostart]:
        """Return the ways to start `command` with the desktop, the one to be used here first.

        `own_home` is to be the command's LOOSEN_HOME; "" for none.
        """
        raise NotImplementedError


def this_system() -> System:
    """Return the system that this process runs on. What is neither macOS nor Windows is taken for Linux."""
    if sys.platform == "darwin":
        from loosen.getup.systems.macos import MacOS

        return MacOS()
    if sys.platform == "win32":
        from loosen.getup.systems.windows import Windows

        return Windows()
    from loosen.getup.systems.linux import Linux

    return Linux()
