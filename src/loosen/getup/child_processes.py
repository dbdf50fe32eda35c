"""Processes that the service starts for a moment, inside a prompt only: the camera's look, and the page."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from loosen.getup.decisions import Glance, Sight
from loosen.getup.standing import Glimpse, is_seat, judge

if TYPE_CHECKING:
    import subprocess

LOOK_S: dict[Glance, float] = {"seat": 2.0, "up": 6.0, "seat-again": 2.0}
START_S = 15.0
"""What loading the eye may take on a slow machine."""

LOOKING = (sys.executable, "-P", "-m", "loosen.cli.camera_look")
PAGE = (sys.executable, "-P", "-m", "loosen")


class Looker:
    """Has the camera look. One look at a time; `stop` puts its light out at once.

    The process does what the service must not: bring numerics and a neural network into memory.
    """

    def __init__(self, command: Sequence[str] = LOOKING) -> None:
        self._command = tuple(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._glance: Glance = "seat"
        self._until_s = 0.0
        self._seat: Glimpse | None = None

    def start(self, glance: Glance, t_s: float) -> None:
        """Begin to look."""
        import subprocess

        self.stop()
        self._glance, self._until_s = glance, t_s + LOOK_S[glance] + START_S
        try:
            self._process = subprocess.Popen(
                [*self._command, str(LOOK_S[glance])],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            self._until_s = t_s  # told as unknown by `seen`

    def stop(self) -> None:
        """End the look, at once."""
        process, self._process = self._process, None
        self._until_s = 0.0
        if process is not None:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()

    def fileno(self) -> int | None:
        """Return what becomes readable when the look is over."""
        if self._process is None or self._process.stdout is None:
            return None
        return self._process.stdout.fileno()

    @property
    def until_s(self) -> float | None:
        """When the look must be over at the latest; None if there is none."""
        return self._until_s or None

    def seen(self, t_s: float, *, ready: bool) -> tuple[Glance, Sight] | None:
        """Return what was seen, once: `ready` as `fileno` told, or at the latest when its time is over."""
        if not self._until_s or not (ready or t_s >= self._until_s):
            return None
        said = b""
        if ready and self._process is not None and self._process.stdout is not None:
            said = os.read(self._process.stdout.fileno(), 4096)
        self.stop()
        glimpse = _read(said)
        if self._glance == "seat":
            if glimpse is not None and is_seat(glimpse):
                self._seat = glimpse
            return "seat", "unknown" if glimpse is None else "sitting"
        return self._glance, "unknown" if glimpse is None else judge(self._seat, glimpse)


class Opener:
    """Brings the page up at a movement, in a process that does not belong to the service."""

    def __init__(self, command: Sequence[str] = PAGE) -> None:
        self._command = tuple(command)
        self._started: list[subprocess.Popen[bytes]] = []

    def open(self, exercise: str) -> None:
        """Open the page at this movement; at its home if there is none."""
        import subprocess

        self.reap()
        more = ("--movement", exercise) if exercise else ()
        try:
            process = subprocess.Popen(
                [*self._command, *more],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            return
        self._started.append(process)

    def reap(self) -> None:
        """Let go of those that have ended."""
        self._started = [process for process in self._started if process.poll() is None]


def _read(said: bytes) -> Glimpse | None:
    try:
        return Glimpse(**json.loads(said))
    except (ValueError, TypeError):
        return None
