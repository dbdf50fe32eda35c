"""`loosen archive` on the command line: what is refused, and how far a long run is."""

from __future__ import annotations

import io
import os
import select
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import fsspec
import pytest
from archive_support import archive, write_tracks
from fsspec.implementations.memory import MemoryFileSystem
from people import IDS, WORDS

from loosen import __version__, cli
from loosen.archive.decoder_process import WatchSettings
from loosen.archive.run import RunSummary, engine_name
from loosen.archive.tables import MARK, Tables
from loosen.cli import archive as archive_command
from loosen.cli.terminal import Progress

Out = pytest.CaptureFixture[str]
SETTINGS = WatchSettings(None, None, 60)
pty = pytest.importorskip("pty")  # not on Windows


class Locked(MemoryFileSystem):  # type: ignore[misc]
    """A storage that lets nobody in."""

    protocol = "locked"

    def info(self, path: str, **options: Any) -> Any:
        raise PermissionError(13, "Forbidden")


fsspec.register_implementation("locked", Locked, clobber=True)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("memory://none/clips", "memory://none/clips: there is no such file, folder or bucket."),
        ("locked://bucket", "locked://bucket: no right to read or write it"),
        ("s3://bucket/clips", "needs the package s3fs. Install it beside loosen, in its source folder: "),
        ("sausage://bucket", "sausage://bucket: cannot be used (Protocol not known: sausage"),
        ("EMPTY", "there is no recording in it (looked for .3gp, .avi"),
        ("EMPTY/*.mp4", "there is no recording in it"),
    ],
)
def test_a_source_that_cannot_be_used_is_said_in_one_line(tmp_path: Path, capsys: Out, source: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    code, out, err = archive(capsys, source.replace("EMPTY", str(tmp_path / "empty")), "--to", tmp_path / "out")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"format": 2, "loosen": "7.0.0"}', f"was made by loosen 7.0.0 (format 2); this is loosen {__version__}"),
        ("{", "is damaged"),
        (None, "holds other things and no archive"),
    ],
)
def test_an_out_that_is_newer_damaged_or_somebody_elses_is_refused_untouched(
    tmp_path: Path, capsys: Out, text: str | None, said: str
) -> None:
    write_tracks(tmp_path / "source", 1)
    mark = tmp_path / "out" / (MARK if text else "other")
    mark.parent.mkdir()
    mark.write_text(text or "")
    code, _, err = archive(capsys, tmp_path / "source", "--to", mark.parent)
    assert (code, err.count("\n"), list(mark.parent.iterdir())) == (2, 1, [mark])
    assert said in err


def test_two_runs_at_once_on_one_out_are_refused(tmp_path: Path, capsys: Out) -> None:
    write_tracks(tmp_path / "source", 1)
    tables = Tables(str(tmp_path / "out"), engine_name(SETTINGS))
    tables.prepare()
    with tables.writing():
        code, _, err = archive(capsys, tmp_path / "source", "--to", tmp_path / "out")
    assert (code, "Another run is writing" in err) == (1, True)


def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_command, "find_spec", lambda name: None if name in ("dask", "duckdb") else object())
    code, out, err = archive(capsys, tmp_path, "--to", tmp_path / "out")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "needs dask, duckdb" in err
    assert "[archive]" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["", "--to", "out"], "An address is empty."),
        (["source", "--to", " "], "An address is empty."),
        (["source", "--to", "out", "--exercise", "dancing"], IDS[0]),
        (["source", "--to", "out", "--on", "tcp://127.0.0.1:9"], "no Dask scheduler answers there"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(
    tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    write_tracks(tmp_path / "source", 1)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("loosen.archive.cluster.CONNECT_S", 0.3)
    code, _, err = archive(capsys, *arguments)
    assert (code, said in err) == (2, True)


class Clock:
    """Time that goes by as we say."""

    now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    one = Clock()
    monkeypatch.setattr(archive_command, "time", one)
    return one


def all_said(seen: int) -> str:
    """Return what has come to a terminal whose writers have gone."""
    said = b""
    with suppress(OSError):  # how it says that there is nobody any more
        while select.select([seen], [], [], 5.0)[0] and (more := os.read(seen, 100_000)):
            said += more
    os.close(seen)
    return said.decode()


def seen_at_a_terminal(monkeypatch: pytest.MonkeyPatch, write: Callable[[], object]) -> str:
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
        progress = archive_command.RunProgress(bar, WORDS)
        progress.show(0, total)
        for n in range(1, done + 1):
            clock.now_s += each_s
            progress.show(n, total)


@pytest.mark.parametrize(
    ("total", "each_s", "said"),
    [(100, 0.05, "10%  20/s, 4 s left"), (1000, 0.5, "1%  2.0/s, 8 min left"), (1000, 20.0, "1%  3.0/min, 5.5 h left")],
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


def test_the_command_shows_how_far_its_run_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    def run(*_: object, say: Callable[[str], None], progress: Callable[[int, int], None], **__: object) -> RunSummary:
        say("Watch the work at http://127.0.0.1:8787/status")
        progress(0, 4)
        clock.now_s += 1.0
        progress(1, 4)
        return RunSummary(listed=4, watched=4)

    monkeypatch.setattr("loosen.archive.run.archive", run)
    arguments = ["archive", str(tmp_path), "--to", str(tmp_path / "out")]
    seen = seen_at_a_terminal(monkeypatch, lambda: [cli.main(arguments)])
    assert "Watch the work at http://127.0.0.1:8787/status" in seen
    assert "25%  1.0/s, 3 s left" in seen
