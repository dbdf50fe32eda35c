"""Files wherever they lie: fetched, written whole, gone."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import fsspec
import pytest
from archive_support import write_tracks
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem

from loosen.archive.recordings import list_recordings
from loosen.archive.storage import fetched, gone, put
from loosen.archive.tables import Partition, Tables
from loosen.errors import ArchiveError


def test_any_storage_of_fsspec_will_do(tmp_path: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/clinic/p1/a.mp4", b"some clip")
    [found] = list_recordings(["memory://clinic"])
    assert (found.address, found.size) == ("memory:///clinic/p1/a.mp4", 9)
    with fetched(found.address) as (path, unit):
        assert (path.read_bytes(), path.suffix, len(unit)) == (b"some clip", ".mp4", 64)
    assert not path.exists()
    tables = Tables("memory://clinic/out", "e")
    tables.prepare()
    with tables.writing() as known:
        assert unit not in known
    place = {"address": found.address, "stamp": found.stamp, "unit": unit, "bytes": 9}
    tables.write(Partition(places=[place], recordings=[{"unit": unit, "bytes": 9, "status": "watched"}]))
    with tables.writing() as known:
        assert known.places == {found.address: (found.stamp, unit)}
        assert unit in known
        assert (known.alike(9, ""), known.alike(8, "")) == ((unit,), ())
    memory.rm("/clinic", recursive=True)


def test_of_a_renamed_folder_each_address_is_gone_and_one_that_is_not_asked_for_is_left_alone(tmp_path: Path) -> None:
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
    monkeypatch.setattr(LocalFileSystem, "ls", Mock(side_effect=PermissionError(13, "no")))
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
    monkeypatch.setattr(os, "fsync", Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        put(fs, str(target), b"another page")
    assert target.read_bytes() == b"page"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["link", "pipe", "r.html"]


def test_a_file_that_changes_or_goes_while_it_is_watched_is_not_taken_for_what_it_was(tmp_path: Path) -> None:
    place = tmp_path / "a.mp4"
    place.write_bytes(b"half of a clip")
    with pytest.raises(ArchiveError, match="changed while it was watched"), fetched(str(place)):
        place.write_bytes(b"half of a clip, and the rest")
    with pytest.raises(FileNotFoundError), fetched(str(place)):
        place.unlink()


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
