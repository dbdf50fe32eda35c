"""The prompter where there are no notifications: a tone, with a line in the terminal or the page."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from loosen.getup.prompts.prompter import PromptAnswer, Prompter, PromptText

if TYPE_CHECKING:
    import subprocess

_PLAYERS: Mapping[str, tuple[str, ...]] = {"pw-play": (), "paplay": (), "aplay": ("-q",), "afplay": ()}
_NOTES = ((659.3, 0.35), (880.0, 0.55))
"""E5 and A5: frequencies in Hz, and seconds."""
_RATE_HZ = 22_050
_LOUDNESS = 9000  # of 32767
_ATTACK_S = 0.02


class TonePrompter(Prompter):
    """Plays a tone and prints a line in the terminal, or calls `open_page` where there is no terminal.

    It takes no answers: a page that is open reads the service's status and asks by itself.
    """

    name = "tone"

    def __init__(self, open_page: Callable[[], None], terminal: TextIO | None = None) -> None:
        self._open_page = open_page
        self._terminal = terminal if terminal is not None else sys.stderr
        self._player: subprocess.Popen[bytes] | None = None
        self._file: Path | None = None

    def show(self, prompt: PromptText) -> None:
        if self._terminal is not None and self._terminal.isatty():
            print(f"\a{prompt.title} {prompt.text}", file=self._terminal, flush=True)
        else:
            self._open_page()
        self._play()

    def withdraw(self) -> None:
        self._reap()

    def answers(self) -> list[PromptAnswer]:
        self._reap()
        return []

    def close(self) -> None:
        if self._player is not None:
            self._player.kill()
            self._player.wait()
        self._reap()
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def _play(self) -> None:
        # Imported only where there are no notifications: they need as much memory as the rest of the service.
        import shutil
        import tempfile
        from subprocess import DEVNULL, Popen

        command = next((found for name in _PLAYERS if (found := shutil.which(name))), None)
        if command is None or self._player is not None:
            return
        if self._file is None:
            with tempfile.NamedTemporaryFile(prefix="loosen-", suffix=".wav", delete=False) as file:
                file.write(tone_wav())
            self._file = Path(file.name)
        playing = [command, *_PLAYERS[Path(command).name], str(self._file)]
        self._player = Popen(playing, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)

    def _reap(self) -> None:
        if self._player is not None and self._player.poll() is not None:
            self._player = None


def tone_wav() -> bytes:
    """Return two soft rising notes (0.9 s) as a WAV file: mono, 16 bits."""
    import io
    import wave
    from array import array

    samples = array("h")
    for pitch_hz, seconds in _NOTES:
        n = int(seconds * _RATE_HZ)
        for i in range(n):
            fade = min(1.0, i / (_ATTACK_S * _RATE_HZ)) * math.exp(-4.0 * i / n)
            samples.append(int(_LOUDNESS * fade * math.sin(2 * math.pi * pitch_hz * i / _RATE_HZ)))
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(samples.itemsize)
        sound.setframerate(_RATE_HZ)
        sound.writeframes(samples.tobytes())
    return out.getvalue()
