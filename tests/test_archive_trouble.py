"""What goes wrong around an archive: names, rights, disks, readers and schedulers that end."""

from __future__ import annotations

import errno
import os
import signal
import textwrap
from collections import deque
from pathlib import Path
from typing import Any

import pytest
from archive_support import run_archive, table, write_tracks
from fsspec.implementations.local import LocalFileSystem

from loosen import cli
from loosen.archive import run as running
from loosen.archive.decoder_process import DecoderProcess, WatchRequest, WatchSettings
from loosen.archive.known_units import KnownUnits
from loosen.archive.recordings import SourceFile, list_recordings
from loosen.archive.tables import Partition, Tables
from loosen.errors import ArchiveError, BrokenRecording, ClusterLost
from loosen.routine.words import load_words

Out = pytest.CaptureFixture[str]
SETTINGS = WatchSettings(None, None, 60)
UNIT = "ab" * 32

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


# -- readers -----------------------------------------------------------------------------------------------


def test_how_a_reader_ended_is_said_as_it_was(broken_reader: Path) -> None:
    eye = DecoderProcess(SETTINGS)
    with pytest.raises(BrokenRecording, match=r"^reading it crashed \(exit code 1\)$"):
        eye.watch(WatchRequest(str(broken_reader), "a.mp4"))


def test_a_signal_to_all_is_not_held_against_the_recording(tmp_path: Path) -> None:
    """A time limit of a cluster tells every process to end; the reader ends with its worker instead."""
    [track] = write_tracks(tmp_path, 1)
    eye = DecoderProcess(SETTINGS)
    try:
        os.kill(eye._process.pid, signal.SIGTERM)
        assert eye.watch(WatchRequest(str(track), "a.npz")).report is not None
    finally:
        eye.close()


@pytest.mark.slow
def test_what_was_set_aside_is_tried_again_when_asked_for(
    tmp_path: Path, broken_reader: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    write_tracks(source, 1)
    broken_reader.rename(source / "a.mp4")
    arguments = (source, "--to", out, "--workers", 1)
    assert run_archive(*arguments)[0] == 1
    monkeypatch.delenv("PYTHONPATH")
    assert "Watched now: 0, known from before: 2" in run_archive(*arguments)[1]
    said = run_archive(*arguments, "--again")[1]
    assert "Watched now: 0, known from before: 1" in said  # it is no clip, but now that is what is said
    assert "this is not a video that can be read" in said
    assert "this is not a video that can be read" in run_archive(*arguments)[1]
    assert sorted(row["status"] for row in table(out, "recordings")) == ["set aside", "set aside", "watched"]
    cli.main(["archive", "report", str(out), "--json"])
    assert '"recordings":2' in capsys.readouterr().out.replace(" ", "")


# -- the scheduler -----------------------------------------------------------------------------------------


class Gone:
    """A client whose scheduler has just gone."""

    status = "closed"

    def nthreads(self) -> dict[str, int]:
        raise OSError("Timed out trying to connect")


def test_a_scheduler_that_goes_while_work_is_handed_out_is_said(tmp_path: Path) -> None:
    tables = Tables(str(tmp_path / "out"), "e")
    client: Any = Gone()
    one = running.ArchiveRun(
        client, tables, KnownUnits(), SETTINGS, load_words("en"), running.RunSummary(), "r"
    )
    with pytest.raises(ClusterLost, match="What was done is kept"):
        one._fill(None, deque([SourceFile("a.npz", "s", 1, None)]))


# -- tables ------------------------------------------------------------------------------------------------


def partition(status: str = "watched") -> Partition:
    row: dict[str, Any] = {"unit": UNIT, "bytes": 1, "status": status, "reason": "why"}
    return Partition([{"unit": UNIT, "number": 1}], [{"address": "a", "stamp": "s", "unit": UNIT}], [row])


def test_a_partition_that_is_written_again_is_there_once(tmp_path: Path) -> None:
    tables, part = Tables(str(tmp_path / "out"), "e"), partition()
    tables.prepare()
    tables.write(part)
    tables.write(part)
    assert [len(table(tmp_path / "out", name)) for name in ("recordings", "reps", "places")] == [1, 1, 1]


def test_what_was_set_aside_counts_as_not_done_when_asked_for_and_the_last_word_holds(tmp_path: Path) -> None:
    tables = Tables(str(tmp_path / "out"), "e")
    tables.prepare()
    tables.write(partition("set aside"))
    with tables.writing() as known:
        assert (UNIT in known, known.set_aside) == (True, {UNIT: "why"})
    with tables.writing(again=True) as known:
        assert (UNIT in known, known.set_aside, known.alike(1, "s")) == (False, {}, ())
    tables.write(partition("watched"))
    for again in (False, True):
        with tables.writing(again) as known:
            assert (UNIT in known, known.set_aside) == (True, {})


@pytest.mark.parametrize("name", ["recordings", "places"])
@pytest.mark.parametrize("gone", [True, False])
def test_a_damaged_table_is_named_with_what_to_do(tmp_path: Path, name: str, gone: bool) -> None:
    tables = Tables(str(tmp_path / "out"), "e")
    tables.prepare()
    tables.write(partition())
    [part] = (tmp_path / "out" / name / "engine=e").iterdir()
    if gone and name == "recordings":
        return  # then it does not count, and all is done anew
    if gone:
        part.unlink()
    else:
        part.write_bytes(part.read_bytes()[:50])
    with pytest.raises(ArchiveError, match=f"{part.name}: this table is damaged or gone"), tables.writing():
        pass


@pytest.mark.parametrize(
    ("name", "gone"),  # without its recordings, a partition does not count
    [("recordings", False), ("reps", False), ("places", False), ("reps", True), ("places", True)],
)
def test_a_report_names_a_damaged_table_too(tmp_path: Path, capsys: Out, name: str, gone: bool) -> None:
    tables = Tables(str(tmp_path / "out"), "e")
    tables.prepare()
    for _ in range(2):
        tables.write(partition())
    part = min((tmp_path / "out" / name / "engine=e").iterdir())
    if not gone:
        part.write_bytes(b"PAR1 and no more")
    else:
        part.unlink()
    assert cli.main(["archive", "report", str(tmp_path / "out")]) == 2
    assert f"{name}/engine=e/{part.name}: this table is damaged or gone. Delete" in capsys.readouterr().err


def test_a_table_that_may_not_be_read_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object, **__: object) -> None:
        raise PermissionError(13, "no")

    tables = Tables(str(tmp_path / "out"), "e")
    tables.prepare()
    tables.write(partition())
    monkeypatch.setattr(LocalFileSystem, "open", locked)
    assert "no right to read or write it" in str(tables.first_damaged())


def test_what_a_killed_write_left_is_cleared_away(tmp_path: Path) -> None:
    tables = Tables(str(tmp_path / "out"), "e")
    tables.prepare()
    tables.write(partition())
    left = tmp_path / "out" / "reps" / "engine=e" / ".part-1.parquet.part"
    left.write_bytes(b"half")
    with tables.writing():
        assert not left.exists()


def test_a_disk_without_locks_is_no_other_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def none(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    tables = Tables(str(tmp_path / "out"), "e")
    tables.prepare()
    with tables.writing() as known:
        assert not known.places


def test_a_results_folder_has_no_signs_of_a_pattern(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="may not hold"):
        Tables(str(tmp_path / "res[1]"), "e").prepare()


# -- names and rights --------------------------------------------------------------------------------------


def test_names_that_look_like_patterns_are_names_where_there_is_such_a_file(tmp_path: Path) -> None:
    for name in ("clip[1].mp4", "clip1.mp4"):
        (tmp_path / name).write_bytes(b"x")
    assert [Path(one.address).name for one in list_recordings([str(tmp_path / "clip[1].mp4")])] == [
        "clip[1].mp4"
    ]
    assert [Path(one.address).name for one in list_recordings([str(tmp_path / "clip[12].mp4")])] == [
        "clip1.mp4"
    ]


def test_each_source_must_have_a_recording(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"x")
    with pytest.raises(ArchiveError, match="b\\*: there is no recording in it"):
        list_recordings([str(tmp_path), str(tmp_path / "b*")])
    assert len(list_recordings([str(tmp_path), str(tmp_path / "a*")])) == 1


def test_a_folder_that_may_not_be_read_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "a.mp4").write_bytes(b"x")
    real = LocalFileSystem.ls

    def refusing(self: LocalFileSystem, path: str, **options: Any) -> Any:
        if path.endswith("/in"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return real(self, path, **options)

    monkeypatch.setattr(LocalFileSystem, "ls", refusing)
    with pytest.raises(ArchiveError, match="/in: no right to read"):
        list_recordings([str(tmp_path)])


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.mp4").write_bytes(b"x")
    (tmp_path / "in" / "back").symlink_to(tmp_path)
    assert len(list_recordings([str(tmp_path)])) == 1


@pytest.mark.slow
def test_a_name_that_is_no_text_is_said_and_the_rest_goes_on(tmp_path: Path) -> None:
    source = tmp_path / "source"
    [track] = write_tracks(source, 1)
    try:
        Path(os.fsdecode(os.fsencode(source) + b"/n\xe9.npz")).write_bytes(track.read_bytes())
    except OSError:
        pytest.skip("this disk has no such names")
    code, said, err = run_archive(source, "--to", tmp_path / "out", "--workers", 1)
    assert (code, "Watched now: 1" in said, "Traceback" in err) == (1, True, False)
    assert "n\\udce9.npz: its name is not text" in said
