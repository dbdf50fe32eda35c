"""Which recordings are found: by files, folders and patterns."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from loosen.archive.recordings import list_recordings
from loosen.errors import ArchiveError

EVERY = ["a.mp4", "p1/b.mp4", "p1/x/y/c.mp4", "p2/b.mp4"]


def put(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def found(folder: Path, source: str = "") -> list[str]:
    """Return what is found in a folder or by a pattern below it, from the folder on."""
    return sorted(str(Path(one.address).relative_to(folder)) for one in list_recordings([f"{folder}/{source}"]))


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        *((all_of_it, EVERY) for all_of_it in ("", "**", "**/*", "**/*.mp4")),
        ("*.mp4", ["a.mp4"]), ("*/*.mp4", ["p1/b.mp4", "p2/b.mp4"]), ("p[12]/?.mp4", ["p1/b.mp4", "p2/b.mp4"]),
        ("p1/**/c.*", ["p1/x/y/c.mp4"]), ("**/x/*/*.mp4", ["p1/x/y/c.mp4"]), ("*/x/**", ["p1/x/y/c.mp4"]),
        (".hidden/*.mp4", [".hidden/d.mp4"]), (".h*/*.mp4", [".hidden/d.mp4"]),
    ],
)  # fmt: skip
def test_a_folder_and_a_pattern_find_what_fits(tmp_path: Path, pattern: str, wanted: list[str]) -> None:
    put(tmp_path, *EVERY, ".hidden/d.mp4", "p1/.e.mp4", "p1/note.txt", "p1/z.mp3")
    assert found(tmp_path, pattern) == wanted


def test_a_folder_in_a_pattern_may_be_called_like_one(tmp_path: Path) -> None:
    put(tmp_path, "rec [1]/p1/a.mp4", "rec 1/p1/a.mp4", "clip[1].mp4", "clip1.mp4")
    assert found(tmp_path, "rec [1]/*/*.mp4") == ["rec [1]/p1/a.mp4"]
    assert found(tmp_path, "clip[1].mp4") == ["clip[1].mp4"], "so may a file"
    assert found(tmp_path, "clip[12].mp4") == ["clip1.mp4"]


def test_of_an_object_store_only_the_folders_that_a_pattern_names_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    storage, real, listed = fsspec.filesystem("memory"), MemoryFileSystem.ls, set()
    for name in ("2025/p1/a.mp4", "2026/p1/a.mp4", "2026/p1/deep/b.mp4", "2026/x2/c.mp4", "2026/.p3/d.mp4"):
        storage.pipe_file(f"/clinic/{name}", b"x")

    def noted(self: MemoryFileSystem, path: str, **options: Any) -> Any:
        listed.add(path)
        return real(self, path, **options)

    monkeypatch.setattr(MemoryFileSystem, "ls", noted)
    [one] = list_recordings(["memory://clinic/2026/p*/*.mp4"])
    assert one.address == "memory:///clinic/2026/p1/a.mp4"
    assert listed == {"/clinic/2026", "/clinic/2026/p1"}
    storage.rm("/clinic", recursive=True)


@pytest.mark.parametrize("source", ["", "**/*.mp4", "*/x/*.mp4"])
def test_a_folder_that_may_not_be_read_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    put(tmp_path, "p1/x/a.mp4", "p2/x/b.mp4")
    scandir = os.scandir

    def guarded(path: Any) -> Any:
        if str(path).endswith("p2/x"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    with pytest.raises(ArchiveError, match="p2/x: no right to read"):
        found(tmp_path, source)
    assert found(tmp_path, "p1/**") == ["p1/x/a.mp4"]  # it is not asked for


@pytest.mark.parametrize("source", ["", "**/*.mp4"])
def test_links_to_folders_are_followed_and_a_loop_ends(tmp_path: Path, source: str) -> None:
    disk = put(tmp_path / "disk", "p2/b.mp4")
    rec = put(tmp_path / "rec", "p1/a.mp4")
    (rec / "p2").symlink_to(disk / "p2")
    (rec / "p1" / "up").symlink_to(rec)
    (rec / "also p1").symlink_to(rec / "p1")  # each recording is found once, where it lies
    (disk / "p2" / "back").symlink_to(rec / "p2")
    (rec / "nowhere").symlink_to(tmp_path / "gone")
    assert found(rec, source) == ["p1/a.mp4", "p2/b.mp4"]


@pytest.mark.parametrize("source", ["", "*.mp4", "a.mp4"])
def test_a_link_to_a_file_has_its_targets_size_and_time(tmp_path: Path, source: str) -> None:
    target = put(tmp_path, "target.bin") / "target.bin"
    (tmp_path / "rec").mkdir()
    (tmp_path / "rec" / "a.mp4").symlink_to(target)
    os.utime(target, (1_700_000_000, 1_700_000_000))
    [before] = list_recordings([f"{tmp_path}/rec/{source}"])
    assert before.modified is not None
    assert before.modified.timestamp() == pytest.approx(1_700_000_000, abs=86_400)
    target.write_bytes(b"other")
    [after] = list_recordings([f"{tmp_path}/rec/{source}"])
    assert (before.size, after.size) == (1, 5)
    os.utime(target, (1_800_000_000, 1_800_000_000))
    assert list_recordings([f"{tmp_path}/rec/{source}"])[0].stamp != after.stamp


def test_listing_takes_folders_patterns_and_files_each_once_and_each_must_have_a_recording(tmp_path: Path) -> None:
    put(tmp_path, "a.mp4", "b.MP4", "below/c.npz", "below/d.txt", ".hidden/e.mp4", "f.odd")
    found = list_recordings([str(tmp_path), str(tmp_path / "*.mp4"), str(tmp_path / "f.odd")])
    assert sorted(Path(one.address).name for one in found) == ["a.mp4", "b.MP4", "c.npz", "f.odd"]
    assert all(one.stamp and one.size == 1 and one.modified for one in found)
    with pytest.raises(ArchiveError, match="z\\*: there is no recording in it"):
        list_recordings([str(tmp_path), str(tmp_path / "z*")])
