"""The camera's look inside a prompt: the process that looks, and what its numbers say of the person.

No picture comes here: the process sums up a few pictures and prints where head and shoulders were.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from loosen.getup.decisions import Glance, Sight

if TYPE_CHECKING:
    import subprocess

LOOK_S: dict[Glance, float] = {"seat": 2.0, "up": 6.0, "seat-again": 2.0}
START_S = 15.0
"""What loading the tracker may take on a slow machine."""
COMMAND = (sys.executable, "-P", "-m", "loosen.cli.camera_look")

STANDING_RISE = 0.6
"""Shoulder widths that head and shoulders must rise by. Standing up lifts them by about the height of a seat, 40 to
50 cm, and shoulder joints lie 30 to 40 cm apart (both: ordinary adult body measures), so a real rise is over 1."""
SITTING_RISE = 0.3
"""A smaller rise or fall is shifting about in the chair."""
FEW_PICTURES = 3
MOSTLY, HARDLY = 0.5, 0.2
"""The share of pictures with a person that says somebody is there, and that says nobody is."""


class LookSummary(NamedTuple):
    """A few pictures summed up: how many `pictures` there were, and in how many of them a person was `found`.

    `head_y` and `shoulders_y` (y down) and `shoulders_w` are shares of the picture's height, medians over the pictures.
    `bright` is False if it was too dark, or the camera covered.
    """

    pictures: int
    found: int
    head_y: float = 0.0
    shoulders_y: float = 0.0
    shoulders_w: float = 0.0
    bright: bool = True

    @property
    def shows_somebody(self) -> bool:
        """Whether it shows a person plainly enough to compare with."""
        enough = self.bright and self.pictures >= FEW_PICTURES and self.found / self.pictures >= MOSTLY
        return enough and self.shoulders_w > 0


def judge(seat: LookSummary | None, now: LookSummary) -> Sight:
    """Return what is seen `now`, compared with the look at the person sitting. What is not plain is "unknown"."""
    if not now.bright or now.pictures < FEW_PICTURES:
        return "unknown"
    if now.found / now.pictures <= HARDLY:
        return "empty"
    if seat is None or not (seat.shows_somebody and now.shows_somebody):
        return "unknown"
    rise = _rise(seat, now)
    if rise >= STANDING_RISE:
        return "standing"
    return "sitting" if abs(rise) <= SITTING_RISE else "unknown"


def _rise(seat: LookSummary, now: LookSummary) -> float:
    """Return the rise in shoulder widths; by the shoulders alone where the head has left the picture."""
    width = (seat.shoulders_w + now.shoulders_w) / 2
    head = seat.head_y - now.head_y
    shoulders = seat.shoulders_y - now.shoulders_y
    return (max(head, shoulders) if now.head_y <= 0 else min(head, shoulders)) / width


class CameraLook:
    """Runs one look at a time in a process of its own; `stop` puts the camera's light out at once.

    The process does what the service must not: it loads numpy and a neural network.
    """

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = tuple(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._glance: Glance = "seat"
        self.until_s: float | None = None
        """When the look must be over at the latest; None if there is none."""
        self._seat: LookSummary | None = None

    def start(self, glance: Glance, t_s: float) -> None:
        """Begin to look."""
        from subprocess import DEVNULL, PIPE, Popen

        self.stop()
        self._glance, self.until_s = glance, t_s + LOOK_S[glance] + START_S
        try:
            command = [*self._command, str(LOOK_S[glance])]
            self._process = Popen(command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL)
        except OSError:
            self.until_s = t_s  # `seen` then returns "unknown"

    def stop(self) -> None:
        """End the look at once."""
        process, self._process = self._process, None
        self.until_s = None
        if process is not None:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()

    def fileno(self) -> int | None:
        """Return the descriptor that becomes readable when the look is over; None if there is no look."""
        if self._process is None or self._process.stdout is None:
            return None
        return self._process.stdout.fileno()

    def seen(self, t_s: float, *, ready: bool) -> tuple[Glance, Sight] | None:
        """Return what was seen, once: when `fileno` is `ready`, or at the latest when the look's time is over."""
        if self.until_s is None or not (ready or t_s >= self.until_s):
            return None
        printed = b""
        if ready and self._process is not None and self._process.stdout is not None:
            printed = os.read(self._process.stdout.fileno(), 4096)
        self.stop()
        summary = _read(printed)
        if self._glance == "seat":
            if summary is not None and summary.shows_somebody:
                self._seat = summary
            return "seat", "unknown" if summary is None else "sitting"
        return self._glance, "unknown" if summary is None else judge(self._seat, summary)


def _read(printed: bytes) -> LookSummary | None:
    try:
        return LookSummary(**json.loads(printed))
    except (ValueError, TypeError):
        return None
