"""How far a long run is: a bar with the rate and the time left for a person, a line now and then in a log."""

from __future__ import annotations

import io
import os
import re
import select
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from archive_support import write_tracks
from people import WORDS

from loosen.cli import archive
from loosen.cli.terminal import Progress

pty = pytest.importorskip("pty")  # not on Windows


class Clock:
    """Time that goes by as we say."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    one = Clock()
    monkeypatch.setattr(archive, "time", SimpleNamespace(monotonic=one.monotonic))
    return one


def all_said(seen: int) -> str:
    """Return what has come to a terminal whose writers have gone."""
    said = b""
    with suppress(OSError):  # how it says that there is nobody any more
        while select.select([seen], [], [], 5.0)[0] and (more := os.read(seen, 100_000)):
            said += more
    os.close(seen)
    return said.decode()


def seen_at_a_terminal(monkeypatch: pytest.MonkeyPatch, write: Callable[[], None]) -> str:
    """Return what a person sees when stderr is a terminal."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    seen, given = pty.openpty()
    with open(given, "w", encoding="utf-8") as stderr:  # noqa: PTH123
        monkeypatch.setattr(sys, "stderr", stderr)
        write()
    return all_said(seen)


def watched(clock: Clock, total: int, done: int, each_s: float) -> None:
    with Progress(WORDS["archive.progress"]) as bar:
        progress = archive.RunProgress(bar, WORDS)
        progress.show(0, total)
        for n in range(1, done + 1):
            clock.now_s += each_s
            progress.show(n, total)


@pytest.mark.parametrize(
    ("total", "each_s", "said"),
    [
        (100, 0.05, "10%  20/s, 4 s left"),
        (1000, 0.5, "1%  2.0/s, 8 min left"),
        (1000, 20.0, "1%  3.0/min, 5.5 h left"),
    ],
)
def test_a_person_at_a_terminal_sees_the_rate_and_the_time_left(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, total: int, each_s: float, said: str
) -> None:
    seen = seen_at_a_terminal(monkeypatch, lambda: watched(clock, total, 10, each_s))
    assert said in seen


def test_a_log_has_a_line_a_minute_and_no_bar(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    watched(clock, 600, 65, 2.0)
    assert log.getvalue().splitlines() == [
        "31 of 600 recordings, 30.0/min, 19 min left", "62 of 600 recordings, 30.0/min, 18 min left",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_run_shows_it(tmp_path: Path) -> None:
    write_tracks(tmp_path / "source", 3)
    seen, given = pty.openpty()
    arguments = [tmp_path / "source", "--to", tmp_path / "out", "--workers", 1]
    command = [sys.executable, "-m", "loosen", "archive", *map(str, arguments)]
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    ended = subprocess.run(
        command, check=False, stdout=subprocess.DEVNULL, stderr=given, env=env, timeout=120
    )
    os.close(given)
    assert ended.returncode == 0
    said = all_said(seen)
    assert re.search(r"\d+%  [\d.]+/(s|min), \d+ s left", said), said
