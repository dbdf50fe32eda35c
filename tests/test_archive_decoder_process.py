"""The process that decodes: what ends it is said, and it leaves the rest of the machine alone."""

from __future__ import annotations

import io
import os
import signal
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from unittest.mock import Mock

import psutil
import pytest
from archive_support import write_tracks

from loosen.archive import decoder_process
from loosen.archive.decoder_process import MEMORY_BYTES, DecoderProcess, WatchRequest, WatchSettings
from loosen.errors import BrokenRecording

SETTINGS = WatchSettings(None, None, 60)
BREAKING = """
    import sys
    if "loosen.archive.decoder_process" in sys.orig_argv:
        import av
        def broken(*arguments, **options):
            sys.exit("no more")
        av.open = broken
"""


@pytest.fixture
def broken_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A reader that ends at every clip; returns a clip."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(textwrap.dedent(BREAKING))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    (tmp_path / "a.mp4").write_bytes(b"a clip")
    return tmp_path / "a.mp4"


@pytest.fixture
def reader() -> Iterator[DecoderProcess]:
    with closing(DecoderProcess(SETTINGS)) as one:
        yield one


def test_how_a_reader_ended_is_said_as_it_was(broken_reader: Path) -> None:
    with pytest.raises(BrokenRecording, match=r"^reading it crashed \(exit code 1\)$"):
        DecoderProcess(SETTINGS).watch(WatchRequest(str(broken_reader), "a.mp4"))


def test_a_signal_to_all_is_not_held_against_the_recording(tmp_path: Path, reader: DecoderProcess) -> None:
    """A time limit of a cluster tells every process to end; the reader ends with its worker instead."""
    [track] = write_tracks(tmp_path, 1)
    os.kill(reader._process.pid, signal.SIGTERM)
    assert reader.watch(WatchRequest(str(track), "a.npz")).report is not None


def test_a_reader_imports_nothing_from_the_folder_one_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "queue.py").write_text("raise SystemExit('not meant for you')")
    [track] = write_tracks(tmp_path, 1)
    monkeypatch.chdir(tmp_path)
    with closing(DecoderProcess(SETTINGS)) as reader:
        assert reader.watch(WatchRequest(str(track), "a.npz")).report is not None


@pytest.mark.skipif(sys.platform != "linux", reason="limits are Linux's")
def test_a_reader_may_take_so_much_memory_and_no_more(reader: DecoderProcess) -> None:
    assert psutil.Process(reader._process.pid).rlimit(psutil.RLIMIT_DATA) == (MEMORY_BYTES, MEMORY_BYTES)


def test_a_recording_that_takes_too_much_memory_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loosen.camera.watch.watch", Mock(side_effect=MemoryError))
    answer = decoder_process._watch(decoder_process.WatchRequest("a.mp4", "a.mp4"), SETTINGS, io.BytesIO())
    assert answer == decoder_process.WatchResult(error="reading it takes more than 1 GiB of memory.")
