"""Where an archive meets the world: machines that lack something, files that move, storages of every kind, Ctrl-C."""

from __future__ import annotations

import csv
import errno
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any, Self

import psutil
import pytest
from archive_support import ARCH, cluster, pretending, run_archive, table, wait_for, write_tracks
from distributed.scheduler import KilledWorker, WorkerState
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem
from people import filmed, good, watched

from loosen import cli
from loosen.archive.cluster import _deaf_to_ctrl_c, check_versions
from loosen.archive.decoder_process import MEMORY_BYTES, DecoderProcess, WatchRequest, WatchSettings
from loosen.archive.known_units import KnownUnits
from loosen.archive.recordings import SourceFile, list_recordings
from loosen.archive.run import ArchiveRun, RunSummary
from loosen.archive.storage import fetched, gone, put
from loosen.archive.tables import MARK, Tables
from loosen.archive.worker import RecordingResult
from loosen.errors import ArchiveError, MissingPart, VersionMismatch
from loosen.routine.words import load_words

Out = pytest.CaptureFixture[str]
REACH = "reach-for-the-sky"
FIXTURES = Path(__file__).parent / "fixtures"
SETTINGS = WatchSettings(None, None, 60)
UNIT = "ab" * 32


# -- a machine that lacks something ---------------------------------------------------------------------------

MISSING = """
    import sys
    if "loosen.archive.decoder_process" in sys.orig_argv:
        from loosen.camera.blazepose import tracker
        from loosen.errors import MissingPart
        def missing(*_):
            raise MissingPart("The pose model file is missing. Install loosen again.")
        tracker.Tracker = missing
"""


@pytest.mark.slow
def test_what_a_machine_lacks_is_held_against_no_recording(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(MISSING))
    source, out = tmp_path / "source", tmp_path / "out"
    source.mkdir()
    shutil.copy(FIXTURES / "arch.mp4", source)
    code, said, err = run_archive(source, "--to", out, "--workers", 1, env={"PYTHONPATH": str(tmp_path)})
    assert (code, said) == (2, "")
    assert err.splitlines()[-1].endswith("The pose model file is missing. Install loosen again.")
    assert "Traceback" not in err
    assert not list(out.glob("recordings/*/*"))


def test_a_reader_imports_nothing_from_the_folder_one_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "queue.py").write_text("raise SystemExit('not meant for you')")
    [track] = write_tracks(tmp_path, 1)
    monkeypatch.chdir(tmp_path)
    eye = DecoderProcess(SETTINGS)
    try:
        assert eye.watch(WatchRequest(str(track), "a.npz")).report is not None
    finally:
        eye.close()


@pytest.mark.skipif(sys.platform != "linux", reason="limits are Linux's")
def test_a_reader_may_take_so_much_memory_and_no_more() -> None:
    eye = DecoderProcess(SETTINGS)
    try:
        assert psutil.Process(eye._process.pid).rlimit(psutil.RLIMIT_DATA) == (MEMORY_BYTES, MEMORY_BYTES)
    finally:
        eye.close()


# -- who may work ----------------------------------------------------------------------------------------------


class Asked:
    """A client whose scheduler and one worker answer so when they are asked for their version."""

    def __init__(self, scheduler: str | Exception, worker: str | Exception) -> None:
        self.scheduler, self.worker = scheduler, worker

    def run_on_scheduler(self, *_: object) -> str:
        if isinstance(self.scheduler, Exception):
            raise self.scheduler
        return self.scheduler

    def run(self, *_: object, **__: object) -> dict[str, str | Exception]:
        return {"tcp://w:1": self.worker}


@pytest.mark.parametrize(
    ("scheduler", "worker", "kind", "said"),
    [
        (metadata.PackageNotFoundError("loosen"), "0.1.0", VersionMismatch, r"^The scheduler has no loosen\. Install"),
        ("9.9.9", "0.1.0", VersionMismatch, r"^The scheduler has loosen 9\.9\.9, this computer has"),
        ("0.1.0", metadata.PackageNotFoundError("loosen"), VersionMismatch, "^The worker at tcp://w:1 has no loosen"),
        ("0.1.0", "9.9.9", VersionMismatch, r"^The worker at tcp://w:1 has loosen 9\.9\.9"),
        ("0.1.0", TimeoutError("slow"), ArchiveError, r"^The worker at tcp://w:1 does not answer .*slow.*again\.$"),
    ],
)  # fmt: skip
def test_who_has_another_loosen_or_none_is_told_apart_from_who_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, scheduler: Any, worker: Any, kind: type[Exception], said: str
) -> None:
    monkeypatch.setattr("loosen.archive.cluster.__version__", "0.1.0")
    client: Any = Asked(scheduler, worker)
    with pytest.raises(kind, match=said):
        check_versions(client)


@pytest.mark.slow
def test_a_scheduler_with_another_loosen_is_refused_before_any_work(tmp_path: Path) -> None:
    write_tracks(tmp_path / "source", 1)
    with cluster(tmp_path, workers=0, env=pretending(tmp_path, "9.9.9")) as machines:
        wait_for(lambda: "Scheduler at" in machines.log.read_text(), "a scheduler")
        code, out, err = run_archive(tmp_path / "source", "--to", tmp_path / "out", "--on", machines.address)
    assert (code, out) == (2, "")
    assert "The scheduler has loosen 9.9.9" in err
    assert "Traceback" not in err


# -- files that come back and files that change -----------------------------------------------------------------


@pytest.mark.slow
def test_what_is_put_back_or_moved_back_is_where_it_lies(tmp_path: Path, capsys: Out) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    a, b = source / "p1" / "a.npz", source / "p2" / "b.npz"
    [reach], [arch] = write_tracks(tmp_path, 1, REACH), write_tracks(tmp_path, 1, ARCH)
    for place in (a, b):
        place.parent.mkdir(parents=True)
    arguments = (source, "--to", out, "--workers", 1)

    def report() -> dict[str, str]:
        assert cli.main(["archive", "report", str(out), "--person", "{person}/*", "--csv", "-"]) == 0
        captured = capsys.readouterr()
        assert captured.err == ""
        return {row["person"]: row["exercise"] for row in csv.DictReader(captured.out.splitlines())}

    shutil.copy2(reach, a)
    assert run_archive(*arguments)[0] == 0
    assert report() == {"p1": REACH}
    a.rename(b)
    shutil.copy2(arch, a)
    assert run_archive(*arguments)[0] == 0
    assert report() == {"p1": ARCH, "p2": REACH}
    b.rename(a)  # back, as it was: the storage's mark is the one of before
    code, said, _ = run_archive(*arguments)
    assert (code, "Watched now: 0" in said) == (0, True)
    assert report() == {"p1": REACH}
    a.rename(b)
    assert run_archive(*arguments)[0] == 0
    assert report() == {"p2": REACH}
    places = len(table(out, "places"))
    assert "known from before: 1." in run_archive(*arguments)[1]
    assert len(table(out, "places")) == places


def test_of_a_renamed_folder_each_address_is_gone_and_one_that_is_not_asked_for_is_left_alone(
    tmp_path: Path,
) -> None:
    for name in ("p1/kept.npz", "p1/of-no-matter.npz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    names = ("p1/kept.npz", "p1/moved.npz", "p9/of-a-folder-that-is-gone.npz", "p9/unasked.npz")
    places = {str(tmp_path / name): "b" if "unasked" in name else "a" for name in names}
    found = [str(Path(one).relative_to(tmp_path)) for one in gone(places, {"a"})]
    assert found == ["p1/moved.npz", "p9/of-a-folder-that-is-gone.npz"]


def test_what_lies_where_nobody_may_look_just_now_is_taken_to_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object, **__: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr(LocalFileSystem, "ls", locked)
    assert list(gone({str(tmp_path / "p1" / "a.npz"): "a"}, {"a"})) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_a_name_with_two_colons_is_a_name(tmp_path: Path) -> None:
    [track] = write_tracks(tmp_path, 1)
    odd = track.rename(tmp_path / "a::b.npz")
    [found] = list_recordings([str(tmp_path)])
    with fetched(found.address) as (path, _):
        assert path == odd


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes in folders")
def test_a_report_is_written_through_links_and_into_pipes_and_leaves_nothing_where_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fs, target, link, pipe = LocalFileSystem(), tmp_path / "r.html", tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(target)
    put(fs, str(link), b"page")
    assert (link.is_symlink(), target.read_bytes()) == (True, b"page")
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    put(fs, str(pipe), b"page")
    assert os.read(reading, 10) == b"page"
    os.close(reading)
    assert pipe.is_fifo()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        put(fs, str(target), b"another page")
    assert (target.read_bytes(), sorted(one.name for one in tmp_path.iterdir())) == (
        b"page",
        ["link", "pipe", "r.html"],
    )


def test_a_file_that_changes_or_goes_while_it_is_watched_is_not_taken_for_what_it_was(tmp_path: Path) -> None:
    place = tmp_path / "a.mp4"
    place.write_bytes(b"half of a clip")
    with pytest.raises(ArchiveError, match="changed while it was watched"), fetched(str(place)):
        place.write_bytes(b"half of a clip, and the rest")
    with pytest.raises(FileNotFoundError), fetched(str(place)):
        place.unlink()


# -- storages ----------------------------------------------------------------------------------------------------


def test_where_files_grow_as_they_are_written_they_are_moved_into_place(tmp_path: Path) -> None:
    """Servers by SFTP, SMB, FTP: fsspec writes a file there bit by bit, and makes no folder for it."""
    seen: list[list[str]] = []

    class Watched(LocalFileSystem):  # type: ignore[misc]
        protocol = "watched"

        def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **options: Any) -> None:
            super().pipe_file(path, value, mode, **options)
            seen.append(sorted(one.name for one in (tmp_path / "below").iterdir()))

    put(DirFileSystem(str(tmp_path), Watched()), "below/table.parquet", b"rows")
    assert seen == [[".table.parquet.part"]]
    assert [one.name for one in (tmp_path / "below").iterdir()] == ["table.parquet"]
    assert (tmp_path / "below" / "table.parquet").read_bytes() == b"rows"


def test_what_a_killed_beginning_and_a_file_manager_leave_is_nobodys_results(tmp_path: Path) -> None:
    for name in (f".{MARK}.part", ".DS_Store"):
        (tmp_path / name).write_bytes(b"")
    Tables(str(tmp_path), "e").prepare()
    assert (tmp_path / MARK).exists()


def test_results_that_may_not_be_written_are_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    tables = Tables(str(tmp_path), "e")
    tables.prepare()
    monkeypatch.setattr(Path, "touch", refused)
    with (
        pytest.raises(ArchiveError, match="no right to read or write it; check who you are"),
        tables.writing(),
    ):
        pass


# -- interruptions -------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="Windows masks no signals")
def test_ctrl_c_while_a_cluster_starts_comes_once_it_has_and_its_processes_do_not_hear_it() -> None:
    child, went_on = None, False
    try:
        with pytest.raises(KeyboardInterrupt), _deaf_to_ctrl_c():  # noqa: PT012
            child = subprocess.Popen([sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"],
                                     stdout=subprocess.PIPE)  # fmt: skip
            assert child.stdout is not None
            child.stdout.readline()
            os.kill(os.getpid(), signal.SIGINT)
            child.send_signal(signal.SIGINT)
            time.sleep(0.2)
            went_on = True
        assert went_on
        assert child is not None
        assert child.poll() is None
    finally:
        if child is not None:
            child.kill()
            child.communicate()


class Interrupted(list[Any]):
    """A list into which Ctrl-C comes."""

    def __iadd__(self, _: Iterable[Any], /) -> Self:  # type: ignore[misc]
        raise KeyboardInterrupt


def run_of(tables: Tables, known: KnownUnits | None = None) -> ArchiveRun:
    client: Any = None
    return ArchiveRun(client, tables, known or KnownUnits(), SETTINGS, load_words("en"), RunSummary(), "r")


def test_ctrl_c_between_two_rows_leaves_no_recording_without_its_repetitions(tmp_path: Path) -> None:
    one = run_of(Tables(str(tmp_path / "out"), "e"))
    one._part.reps = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        one._keep(
            SourceFile("a.npz", "s", 1, None), RecordingResult(UNIT, watched(filmed(ARCH, good(ARCH)), ARCH))
        )
    assert one._part.recordings == []


class Ended:
    """What Dask gives for a unit of work that failed."""

    status = "error"

    def __init__(self, error: Exception) -> None:
        self.error = error

    def exception(self) -> Exception:
        return self.error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KilledWorker("task", object.__new__(WorkerState), 3), "workers ended"),
        (FileNotFoundError(2, "gone"), "no such file"),
        (PermissionError(13, "no"), "right"),
        (ArchiveError("it changed while it was watched"), "it changed while it was watched"),
        (RuntimeError("odd"), "RuntimeError: odd"),
    ],
)
def test_a_recording_that_could_not_be_worked_on_is_tried_again_next_time(
    tmp_path: Path, error: Exception, said: str
) -> None:
    one, future = run_of(Tables(str(tmp_path / "out"), "e")), Ended(error)
    client_future: Any = future
    one._take(SourceFile("a.npz", "s", 1, None), client_future, None)
    [(address, reason)] = one._summary.failed
    assert (address, said in reason) == ("a.npz", True), reason
    assert (one._summary.exit_code, len(one._part)) == (1, 0)


@pytest.mark.parametrize("error", [MissingPart("no model"), VersionMismatch("another one")])
def test_what_will_be_so_for_every_recording_ends_the_run(tmp_path: Path, error: Exception) -> None:
    future: Any = Ended(error)
    with pytest.raises(type(error)):
        run_of(Tables(str(tmp_path / "out"), "e"))._take(SourceFile("a.npz", "s", 1, None), future, None)
