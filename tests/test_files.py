"""Where loosen keeps its files; that one is written whole or not at all; and that a lock keeps others out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from loosen.errors import InputError
from loosen.files import atomic_write, lock, make_private, new_file, replacing, runtime_folder


def names(folder: Path) -> list[str]:
    return sorted(it.name for it in folder.iterdir() if it.name != "home")


def test_it_is_whole_private_and_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    umask = os.umask(0)
    try:
        with new_file(tmp_path / "a.txt") as part:
            assert part.stat().st_mode & 0o077 == 0
            assert not (tmp_path / "a.txt").exists()
            part.write_text("whole")
    finally:
        os.umask(umask)
    assert (tmp_path / "a.txt").read_text() == "whole"
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["a.txt"]
    assert synced


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), ValueError("x"), OSError(28, "No space left on device")])
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


KILLED = """
import sys, time
from pathlib import Path
from loosen.files import new_file
with new_file(Path(sys.argv[1])) as part:
    part.write_text("half of my journal")
    print(flush=True)
    time.sleep(60)
"""


@contextmanager
def half_written(path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def test_what_a_kill_left_is_gone_with_the_next_one_to_the_same_place(tmp_path: Path) -> None:
    for name in ("a.txt", "a.txt.b"):  # one's name begins as the other's
        with half_written(tmp_path / name):
            pass
    assert len(names(tmp_path)) == 2
    with new_file(tmp_path / "a.txt") as part:
        part.write_text("whole")
    assert (tmp_path / "a.txt").read_text() == "whole"
    # The part of another file is left to the next one to that.
    left, whole = names(tmp_path)
    assert left.startswith(".loosen-a.txt.b.")
    assert whole == "a.txt"


def test_who_is_still_writing_is_not_taken_for_killed(tmp_path: Path) -> None:
    with half_written(tmp_path / "a.txt"):
        (theirs,) = names(tmp_path)
        with new_file(tmp_path / "a.txt") as part:
            part.write_text("the first to end")
        assert names(tmp_path) == [theirs, "a.txt"]


def publish_late(path: Path) -> None:
    with new_file(path) as part:
        part.write_text("mine")
        path.write_text("precious")


def test_a_file_that_appears_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is there already"):
        publish_late(tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text() == "precious"
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("without", ["fcntl.flock", "os.link"])
def test_a_file_system_without_locks_or_links_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(without, refuse)
    with new_file(tmp_path / "a.txt") as part:
        with new_file(tmp_path / "b.txt") as other:
            other.write_text("whole too")
        part.write_text("whole")
    assert names(tmp_path) == ["a.txt", "b.txt"]
    with pytest.raises(InputError, match="is there already"):
        publish_late(tmp_path / "c.txt")
    assert (tmp_path / "c.txt").read_text() == "precious"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be written \(No such file or directory\)"):
        new_file(tmp_path / "no" / "a.txt").__enter__()


def test_a_file_replaces_another_whole_and_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("before")
    (tmp_path / "link.txt").symlink_to("real.txt")
    atomic_write(tmp_path / "link.txt", b"after")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "after"
    assert names(tmp_path) == ["link.txt", "real.txt"]


def test_what_was_there_stays_where_writing_fails(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("before")

    def fail() -> None:
        with replacing(tmp_path / "a.txt") as part:
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert (tmp_path / "a.txt").read_text() == "before"
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_a_private_file_is_never_readable_by_others(tmp_path: Path) -> None:
    (tmp_path / ".a.txt.part").write_text("left over by a kill, for all to read")
    with replacing(tmp_path / "a.txt", private=True) as part:
        assert part.stat().st_mode & 0o777 == 0o600
        part.write_text("secret")
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_new_folders_are_their_owners_and_old_ones_keep_their_mode(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o755)
    make_private(tmp_path / "shared" / "new" / "newer" / "journal.db")
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("shared", "shared/new", "shared/new/newer")]
    assert modes == [0o755, 0o700, 0o700]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_lock_keeps_others_out_until_its_end(tmp_path: Path, kind: str) -> None:
    place = tmp_path if kind == "folder" else tmp_path / "lock"
    with lock(place) as alone:
        assert alone
        for shared in (False, True):
            with pytest.raises(BlockingIOError), lock(place, shared=shared, timeout_s=0.02):
                pytest.fail("let in beside another")
    with lock(place, shared=True) as first, lock(place, shared=True) as second:
        assert first
        assert second
        with pytest.raises(BlockingIOError), lock(place):
            pytest.fail("let in beside two who share")


def test_where_nothing_can_be_locked_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", no_locks)
    with lock(tmp_path / "lock") as alone:
        assert not alone


def test_sockets_lie_in_the_systems_folder_unless_another_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOSEN_HOME", "/home/me")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert runtime_folder() == Path("/home/me")
    monkeypatch.delenv("LOOSEN_HOME")
    assert runtime_folder() == tmp_path / "loosen"
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "gone"))
    monkeypatch.setattr("loosen.files.home", lambda: Path("/data/loosen"))
    assert runtime_folder() == Path("/data/loosen")
