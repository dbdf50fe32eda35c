"""Where there are no notifications: a tone, the terminal, and the page."""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from loosen.getup.prompts.base import Answer, Ask

if TYPE_CHECKING:
    import subprocess

_PLAYERS: Mapping[str, tuple[str, ...]] = {
    "pw-play": (),
    "paplay": (),
    "aplay": ("-q",),
    "afplay": (),
}
_RATE = 22_050


class Plain:
    """A tone and a line in the terminal. The page, where it is open, asks by itself (it reads the service's status).

    Where no terminal is there to be read, `open_page` brings the page up.
    """

    name = "tone"

    def __init__(self, open_page: Callable[[], None], terminal: TextIO | None = None) -> None:
        self._open_page = open_page
        self._terminal = terminal if terminal is not None else sys.stderr
        self._playing: subprocess.Popen[bytes] | None = None
        self._file: Path | None = None

    def fileno(self) -> int | None:
        return None

    def show(self, ask: Ask) -> None:
        if self._is_read:
            print(f"\a{ask.title} {ask.text}", file=self._terminal, flush=True)
        else:
            self._open_page()
        self._play()

    def withdraw(self) -> None:
        self._reap()

    def answers(self) -> list[Answer]:
        self._reap()
        return []

    def has_answers(self) -> bool:
        return False

    def close(self) -> None:
        if self._playing is not None:
            self._playing.kill()
            self._playing.wait()
        self._reap()
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    @property
    def _is_read(self) -> bool:
        return self._terminal is not None and self._terminal.isatty()

    def _play(self) -> None:
        # Brought in only where there are no notifications: it is as large as the rest of this room.
        import shutil
        import subprocess
        import tempfile

        player = next((found for name in _PLAYERS if (found := shutil.which(name))), None)
        if player is None or self._playing is not None:
            return
        if self._file is None:
            with tempfile.NamedTemporaryFile(prefix="loosen-", suffix=".wav", delete=False) as file:
                file.write(tone())
            self._file = Path(file.name)
        self._playing = subprocess.Popen(
            [player, *_PLAYERS[Path(player).name], str(self._file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _reap(self) -> None:
        if self._playing is not None and self._playing.poll() is not None:
            self._playing = None


def tone(rate: int = _RATE) -> bytes:
    """Return two soft rising notes (E5, A5; 0.9 s) as a WAV file: mono, 16 bits."""
    samples = []
    for pitch, seconds in ((659.3, 0.35), (880.0, 0.55)):
        n = int(seconds * rate)
        for i in range(n):
            fade = min(1.0, i / (0.02 * rate)) * math.exp(-4.0 * i / n)
            samples.append(int(9000 * fade * math.sin(2 * math.pi * pitch * i / rate)))
    data = struct.pack(f"<{len(samples)}h", *samples)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", len(data)) + data
    return struct.pack("<4sI", b"RIFF", len(body)) + body
