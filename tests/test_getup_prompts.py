"""The prompters without D-Bus: the tone with the terminal or the page, and desktop-notifier with a fake library."""

from __future__ import annotations

import io
import sys
import wave
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from getup_support import PATIENCE_S

from loosen.cli.getup_service import PageOpener
from loosen.getup.prompts.desktop_notifier import DesktopNotifierPrompter
from loosen.getup.prompts.prompter import PromptText
from loosen.getup.prompts.tone import TonePrompter, tone_wav

PROMPT = PromptText("Time to get up", "30 minutes", (("up", "I'm up"), ("snooze", "In 5 minutes")))


def test_their_notification_has_buttons() -> None:
    sent: list[Any] = []

    class Notifier:
        def __init__(self, app_name: str) -> None:
            assert app_name == "loosen"

        async def send(self, **what: Any) -> None:
            sent.append(what)

        async def clear_all(self) -> None:
            sent.append("cleared")

    prompter = DesktopNotifierPrompter(SimpleNamespace(DesktopNotifier=Notifier, Button=SimpleNamespace))
    prompter.show(PROMPT)
    assert sent[-1]["title"] == "Time to get up"
    sent[-1]["buttons"][1].on_pressed()
    assert prompter.answers() == ["snooze"]
    assert prompter.answers() == []
    prompter.close()


class Terminal(io.StringIO):
    def __init__(self, there: bool) -> None:
        super().__init__()
        self.there = there

    def isatty(self) -> bool:
        return self.there


@pytest.mark.parametrize("there", [True, False], ids=["terminal", "none"])
def test_17_the_terminal_is_told_or_the_page_is_opened(monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    monkeypatch.setenv("PATH", "")
    opened: list[int] = []
    terminal = Terminal(there)
    prompter = TonePrompter(lambda: opened.append(1), terminal)
    prompter.show(PROMPT)
    assert ("Time to get up 30 minutes" in terminal.getvalue()) is there
    assert bool(opened) is not there
    prompter.close()


def test_17_the_tone_is_short_soft_and_a_wav(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with wave.open(io.BytesIO(tone_wav())) as sound:
        seconds = sound.getnframes() / sound.getframerate()
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
    assert 0.5 < seconds < 1.2
    assert 2000 < np.abs(samples.astype(int)).max() < 12_000
    assert np.abs(np.diff(samples.astype(int))).max() < 4000  # no clicks
    player = tmp_path / "aplay"
    player.write_text(f'#!/bin/sh\n/bin/cp "$2" "{tmp_path}/played.wav"\n')
    player.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    prompter = TonePrompter(lambda: None, Terminal(True))
    prompter.show(PROMPT)
    assert prompter._player is not None
    assert prompter._player.wait(PATIENCE_S) == 0
    assert (tmp_path / "played.wav").read_bytes() == tone_wav()
    prompter.close()


def test_show_me_starts_the_page_at_the_movement(tmp_path: Path) -> None:
    script = tmp_path / "page.py"
    script.write_text(f"import sys\nopen({str(tmp_path / 'told')!r}, 'w').write(' '.join(sys.argv[1:]))\n")
    opener = PageOpener((sys.executable, str(script)))
    opener.open("back-arches")
    (started,) = opener._started
    assert started.wait(PATIENCE_S) == 0
    opener.reap()
    assert opener._started == []
    assert (tmp_path / "told").read_text() == "--movement back-arches"
