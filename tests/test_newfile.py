"""A new file is whole or not there, its owner's only, and never written over another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from loosen.errors import InputError
from loosen.newfile import new_file


def names(folder: Path) -> list[str]:
    return sorted(it.name for it in folder.iterdir() if it.name != "home")


def test_it_is_whole_private_and_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    umask = os.umask(0)
    try:
        with new_file(tmp_path / "a.txt") as part:
            assert part.stat().st_mode & 0o077 == 0
            assert (tmp_path / "a.txt").stat().st_size == 0
            part.write_text("whole")
    finally:
        os.umask(umask)
    assert (tmp_path / "a.txt").read_text() == "whole"
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["a.txt"]
    assert synced


@pytest.mark.parametrize(
    "fault", [KeyboardInterrupt(), ValueError("x"), OSError(28, "No space left on device")]
)
def test_of_one_that_went_wrong_nothing_is_left(tmp_path: Path, fault: BaseException) -> None:
    expected = InputError if isinstance(fault, OSError) else type(fault)

    def fail() -> None:
        with new_file(tmp_path / "a.txt") as part:
            part.write_text("half")
            raise fault

    with pytest.raises(expected) as told:
        fail()
    if expected is InputError:
        assert str(told.value) == f"{tmp_path}/a.txt cannot be written (No space left on device)."
    assert names(tmp_path) == []


@pytest.mark.parametrize("kind", ["file", "folder", "link to nowhere"])
def test_nothing_is_written_over(tmp_path: Path, kind: str) -> None:
    there = tmp_path / "there"
    if kind == "file":
        there.write_text("precious")
    elif kind == "folder":
        there.mkdir()
    else:
        there.symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="is there already"), new_file(there):
        pytest.fail("lent in spite of it")
    assert names(tmp_path) == ["there"]
    assert kind != "file" or there.read_text() == "precious"


def test_two_at_once_do_not_write_over_each_other(tmp_path: Path) -> None:
    with new_file(tmp_path / "a.txt") as first:
        with pytest.raises(InputError, match="is there already"), new_file(tmp_path / "a.txt"):
            pytest.fail("lent twice")
        first.write_text("first")
    assert (tmp_path / "a.txt").read_text() == "first"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be written \(No such file or directory\)"):
        new_file(tmp_path / "no" / "a.txt").__enter__()
