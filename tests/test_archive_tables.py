"""The tables: a partition counts once it is whole, and damage is named with what to do."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import fsspec
import pytest
from archive_support import table
from fsspec.implementations.local import LocalFileSystem

from loosen import cli
from loosen.archive.tables import MARK, KnownUnits, Partition, Tables
from loosen.errors import ArchiveError

Out = pytest.CaptureFixture[str]
UNIT = "ab" * 32


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    one = Tables(str(tmp_path / "out"), "e")
    one.prepare()
    return one


def partition(status: str = "watched") -> Partition:
    row: dict[str, Any] = {"unit": UNIT, "bytes": 1, "status": status, "reason": "why"}
    return Partition([{"unit": UNIT, "number": 1}], [{"address": "a", "stamp": "s", "unit": UNIT}], [row])


def test_what_may_be_the_same_stays_few_however_many_are_of_one_size() -> None:
    """It travels with every unit of work: tracks are often all of one size."""
    known = KnownUnits()
    for n in range(1000):
        known.add_before(f"{n:064x}", 9, f"s{n}")
    assert known.alike(9, "s7") == (f"{7:064x}",)
    assert known.alike(9, "new") == ()


def test_a_partition_counts_only_once_it_is_whole(tmp_path: Path, tables: Tables) -> None:
    """A run that was killed between two of its files leaves nothing that counts; the next one clears it away."""
    tables.write(partition())
    [whole] = (tmp_path / "out" / "recordings" / "engine=e").iterdir()
    for name in ("reps", "places"):
        (tmp_path / "out" / name / "engine=e" / "part-1-half.parquet").write_bytes(b"half")
    with tables.writing() as known:
        assert UNIT in known
    assert {path.name for path in (tmp_path / "out").rglob("*.parquet")} == {whole.name}


def test_where_there_is_no_lock_what_another_run_is_writing_is_left_alone() -> None:
    memory = fsspec.filesystem("memory")
    tables = Tables("memory://two-runs/out", "e")
    tables.prepare()
    others = [f"{tables.folder(name)}/part-1-others.parquet" for name in ("reps", "places")]
    for path in others:
        memory.pipe_file(path, b"not all of it yet")
    with tables.writing() as known:
        assert not known.places
    assert all(memory.exists(path) for path in others)
    memory.rm("/two-runs", recursive=True)


def test_a_partition_that_is_written_again_is_there_once(tmp_path: Path, tables: Tables) -> None:
    part = partition()
    tables.write(part)
    tables.write(part)
    assert [len(table(tmp_path / "out", name)) for name in ("recordings", "reps", "places")] == [1, 1, 1]


def test_what_was_set_aside_counts_as_not_done_when_asked_for_and_the_last_word_holds(
    tmp_path: Path, tables: Tables
) -> None:
    tables.write(partition("set aside"))
    with tables.writing() as known:
        assert (UNIT in known, known.set_aside) == (True, {UNIT: "why"})
    with tables.writing(again=True) as known:
        assert (UNIT in known, known.set_aside, known.alike(1, "s")) == (False, {}, ())
    tables.write(partition("watched"))
    for again in (False, True):
        with tables.writing(again) as known:
            assert (UNIT in known, known.set_aside) == (True, {})


@pytest.mark.parametrize(
    ("name", "gone"),  # without its recordings, a partition does not count
    [("recordings", False), ("reps", False), ("places", False), ("reps", True), ("places", True)],
)
def test_a_damaged_table_is_named_by_a_run_and_a_report_with_what_to_do(
    tmp_path: Path, tables: Tables, capsys: Out, name: str, gone: bool
) -> None:
    for _ in range(2):
        tables.write(partition())
    part = min((tmp_path / "out" / name / "engine=e").iterdir())
    if not gone:
        part.write_bytes(b"PAR1 and no more")
    else:
        part.unlink()
    if name != "reps":  # a run reads no repetitions
        with pytest.raises(ArchiveError, match=f"{part.name}: this table is damaged or gone"), tables.writing():
            pass
    assert cli.main(["archive", "report", str(tmp_path / "out")]) == 2
    assert f"{name}/engine=e/{part.name}: this table is damaged or gone. Delete" in capsys.readouterr().err


def test_a_table_that_may_not_be_read_is_not_called_damaged(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    tables.write(partition())
    monkeypatch.setattr(LocalFileSystem, "open", Mock(side_effect=PermissionError(13, "no")))
    assert "no right to read or write it" in str(tables.first_damaged())


def test_a_disk_without_locks_is_no_other_run(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(fcntl, "flock", Mock(side_effect=OSError(errno.ENOLCK, "No locks available")))
    with tables.writing() as known:
        assert not known.places


def test_a_results_folder_has_no_signs_of_a_pattern(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="may not hold"):
        Tables(str(tmp_path / "res[1]"), "e").prepare()


def test_what_a_killed_beginning_and_a_file_manager_leave_is_nobodys_results(tmp_path: Path) -> None:
    for name in (f".{MARK}.part", ".DS_Store"):
        (tmp_path / name).write_bytes(b"")
    Tables(str(tmp_path), "e").prepare()
    assert (tmp_path / MARK).exists()


def test_results_that_may_not_be_written_are_refused_with_what_to_do(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "touch", Mock(side_effect=PermissionError(13, "Permission denied", "out")))
    with pytest.raises(ArchiveError, match="no right to read or write it; check who you are"), tables.writing():
        pass
