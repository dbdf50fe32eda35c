"""The doctor says what works, what does not, and what to do."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from journal_makers import EVENING, rep_done
from screens import fitted

from loosen import cli
from loosen.camera import weights
from loosen.cli import doctor
from loosen.cli.doctor import Check, CheckState, Doctor
from loosen.errors import LockedError
from loosen.journal.store.journal import Journal
from loosen.routine.words import load_words


def found(name: str, journal: Path | None = None, system: str = "linux") -> Check:
    return next(check for check in Doctor(load_words(), journal, system)() if check.name == name)


def test_this_computer_can_do_it(capsys: pytest.CaptureFixture[str], own_home: Path) -> None:
    assert cli.main(["doctor", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    states = {check["name"]: check["state"] for check in report["checks"]}
    assert report["works"] is True
    assert {states[name] for name in ("program", "libraries", "weights", "watching", "port", "journal")} == {"ok"}
    assert not own_home.exists()  # looking leaves nothing behind


def test_a_missing_model_is_said_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    assert cli.main(["doctor"]) == 1
    text = " ".join(capsys.readouterr().out.split())
    assert "missing pose model The pose model file pose_detection.tflite is missing. Install loosen again" in text
    assert "cannot work here yet" in text


def test_a_model_of_other_bytes_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in weights.SHA256:
        (tmp_path / name).write_bytes(b"something else")
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    assert "damaged" in found("weights").found
    assert found("watching").state == "missing"


def test_a_library_that_does_not_load_and_a_port_that_is_forbidden_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_LIBRARIES", {"numpy": "numpy", "av": "av_that_is_not_there"})
    monkeypatch.setattr(socket.socket, "bind", Mock(side_effect=PermissionError(13, "Permission denied")))
    libraries, port = found("libraries"), found("port")
    assert (libraries.state, libraries.needed, libraries.found[:4]) == ("missing", True, "av (")
    assert (port.state, port.needed, "127.0.0.1" in port.advice) == ("missing", True, True)


def test_no_browser_and_no_voice_are_no_reason_not_to_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    checks = Doctor(load_words())()
    states = {check.name: check.state for check in checks}
    assert (states["browser"], states["voice"]) == ("look", "look")
    assert doctor.works(checks)


@pytest.mark.parametrize(
    ("devices", "usable", "state", "remedy"),
    [([], True, "look", "Plug one in"), (["video0"], True, "ok", ""), (["video0"], False, "look", "usermod -aG video")],
    ids=["none", "one", "one that may not be used"],
)
def test_a_camera_is_seen_or_comes_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, devices: list[str], usable: bool, state: CheckState, remedy: str
) -> None:
    for name in devices:
        (tmp_path / name).touch()
    monkeypatch.setattr(doctor, "_video_devices", lambda: tmp_path.glob("video*"))
    monkeypatch.setattr(os, "access", lambda *_: usable)
    check = found("camera")
    assert check.state == state
    assert remedy in check.advice


@pytest.mark.parametrize(("system", "words"), [("darwin", "System Settings"), ("win32", "desktop apps")])
def test_elsewhere_it_says_where_to_allow_the_camera(system: str, words: str) -> None:
    assert words in found("camera", system=system).advice
    assert found("browser", system=system).state == "ok"


def test_a_damaged_journal_is_said_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(b"coffee")
    check = found("journal", path)
    assert check.state == "look"
    assert "damaged" in check.found
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith("journal")] == ["journal.db"]
    assert path.read_bytes() == b"coffee"


def test_another_programs_file_in_its_place_keeps_loosen_from_working(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE bookmarks (url TEXT)")
    assert not doctor.works(Doctor(load_words(), path)())


def test_a_full_disk_is_seen_before_the_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
    assert "almost full" in found("journal", tmp_path / "journal.db").found


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE reps SET measures = 'coffee' WHERE session = 2",
        "UPDATE reps SET trace = x'00ff' WHERE session = 2",
        "UPDATE reps SET reasons = '[1]' WHERE session = 2",
        "UPDATE sessions SET started_utc = 'yesterday' WHERE id = 2",
    ],
)
def test_a_session_that_cannot_be_read_is_named_with_what_to_do(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "journal.db"
    with Journal.open(path) as journal:
        for _ in range(3):
            journal.add_rep(journal.begin_session("r", camera=True, now=EVENING), rep_done())
        with journal.changing() as db:
            db.execute(spoil)
    check = found("journal", path)
    assert (check.state, check.needed) == ("look", False)
    assert check.found == f"{path}: sessions with an entry that cannot be read: 2"
    assert check.advice.endswith("loosen journal delete 2")


def test_each_finding_is_a_mark_and_a_word_and_fits_the_terminal() -> None:
    checks = (
        Check("port", "ok", "fine"),
        Check("camera", "look", "none connected", "Plug one in, or take its cover off. " * 3),
        Check("weights", "missing", "gone " * 20, needed=True),
    )
    lines = fitted(50, *doctor.findings(checks, load_words()))
    assert lines[0] == "✓ ok       port        fine"
    assert any(line.startswith("! look     camera") for line in lines)
    assert any(line.startswith("✗ missing  pose") for line in lines)


def test_a_check_that_itself_fails_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Doctor, "port", Mock(side_effect=RuntimeError("no idea"), __name__="port"))
    check = found("port")
    assert (check.state, check.found) == ("missing", "RuntimeError: no idea")


def test_a_journal_in_use_is_well_and_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with Journal.open(path) as journal:
        journal.begin_session("r", camera=True, now=EVENING)
    before = path.read_bytes()
    assert found("journal", path).state == "ok"
    assert [file.name for file in tmp_path.glob("journal*")] == ["journal.db"]
    assert path.read_bytes() == before


@pytest.mark.parametrize(("mode", "lock"), [("WAL", "IMMEDIATE"), ("DELETE", "EXCLUSIVE")])
def test_a_journal_that_another_program_holds_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, lock: str
) -> None:
    monkeypatch.setattr("loosen.journal.store.database.BUSY_S", 0.05)
    path = tmp_path / "journal.db"
    with Journal.open(path) as journal, journal.database.open() as db:
        db.execute(f"PRAGMA journal_mode = {mode}")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(f"BEGIN {lock}")
        check = found("journal", path)
        if lock == "EXCLUSIVE":  # nobody may even read
            with pytest.raises(LockedError, match="another program is writing to it"):
                Journal.open(path)
            assert cli.main(["journal", "list", "--journal", str(path)]) == 1  # worth another try
    assert (check.state, check.found) == ("look", f"{path}: another program is writing to it")
    assert check.advice.startswith("Try again in a minute")
