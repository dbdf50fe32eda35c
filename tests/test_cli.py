"""The command line keeps the conventions of the field."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from unittest.mock import Mock

import pytest
from journal_makers import EVENING, rep_done

from loosen import __version__, cli
from loosen.cli import getup_service, journal
from loosen.errors import ClusterLost, InputError
from loosen.journal.store.journal import Journal

Out = pytest.CaptureFixture[str]


@pytest.fixture
def a_session(own_home: Path) -> int:
    with Journal.open() as journal:
        session = journal.begin_session("loosen-lower-back", camera=True, now=EVENING)
        journal.add_rep(session, rep_done())
        journal.end_session(session, "finished", EVENING)
        return journal.session(session).id


def test_the_version(capsys: Out) -> None:
    with pytest.raises(SystemExit) as exit_:
        cli.main(["--version"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out == f"loosen {__version__}\n"


COMMANDS = ["", "demo", "watch", "routine", "routine show", "journal", "journal list", "doctor", "archive"]


@pytest.mark.parametrize("command", [*map(str.split, COMMANDS), ["archive", "report"]], ids=" ".join)
def test_every_command_explains_itself_within_the_width(
    command: list[str], capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as exit_:
        cli.main([*command, "--help"])
    assert exit_.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith("usage: " + " ".join(["loosen", *command]))
    assert max(len(line) for line in text.splitlines()) <= 100


def test_help_comes_without_the_heavy_parts() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "loosen", "--help"], capture_output=True, text=True, check=True
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "argparse" in imported
    assert not imported & {"numpy", "cv2", "av", "starlette", "uvicorn", "msgspec", "sqlite3", "matplotlib", "asyncio"}


MEANINGLESS = [
    "dance", "--port 70000", "--port -1", "--port ²", "journal", "journal list --limit 0", "journal show x", "watch",
    "demo --no-brow", "--journal=~nobody-of-that-name/j.db journal list",
]  # fmt: skip


@pytest.mark.parametrize("command", MEANINGLESS)
def test_what_cannot_be_meant_is_refused_with_2(command: str, capsys: Out) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(command.split())
    captured = capsys.readouterr()
    assert captured.out == ""
    assert ("nobody's home" if "~" in command else "error:") in captured.err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InputError("No such thing"), 2, "loosen: No such thing\n"),
        (ClusterLost("It went"), 1, "loosen: It went\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_trouble_is_one_line_on_stderr_and_ctrl_c_ends_quietly(
    error: BaseException, code: int, said: str, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_list", Mock(side_effect=error))
    assert cli.main(["journal", "list"]) == code
    assert tuple(capsys.readouterr()) == ("", said)


@pytest.mark.skipif(os.name != "posix", reason="pipes close otherwise on Windows")
def test_a_reader_who_has_seen_enough_is_no_trouble() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        command = [sys.executable, "-m", "loosen", "routine", "schema"]
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_an_option_before_the_command_holds_for_it(tmp_path: Path, capsys: Out) -> None:
    other = tmp_path / "other.db"
    with Journal.open(other) as journal:
        journal.begin_session("r", camera=True, now=EVENING)
    for arguments in (["--journal", str(other), "journal", "list"], ["journal", "list", "--journal", str(other)]):
        assert cli.main([*arguments, "--json"]) == 0
        assert len(json.loads(capsys.readouterr().out)) == 1


@pytest.mark.parametrize("command", [["journal", "list"], ["journal", "delete", "1", "--yes"], ["doctor"]])
def test_a_persons_own_file_in_the_home_folder_is_no_journal_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out, command: list[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("On the lower back " * 100)
    assert cli.main(["--journal=~/thesis.txt", *command]) == 2
    assert "is no journal of loosen's; it was left as it is" in capsys.readouterr().err
    assert [it.name for it in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_service_and_its_page_keep_the_same_journal_in_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = Mock(return_value=0)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(getup_service, "start", start)
    assert cli.main(["getup", "run", "--journal=~/j.db"]) == 0
    [settings] = start.call_args.args
    assert settings.journal == str(tmp_path / "j.db")
    assert settings.page_options == ("--journal", str(tmp_path / "j.db"))


def test_before_the_first_session_the_journal_is_empty_and_none_is_begun(own_home: Path, capsys: Out) -> None:
    assert cli.main(["journal", "list"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "No session yet" in captured.err
    assert cli.main(["journal", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert cli.main(["journal", "show"]) == 2
    assert not own_home.exists()


def test_the_journal_shows_the_last_session_if_none_is_named(a_session: int, capsys: Out) -> None:
    assert cli.main(["journal", "show"]) == 0
    last = capsys.readouterr().out
    assert cli.main(["journal", "show", str(a_session)]) == 0
    assert capsys.readouterr().out == last
    assert "Back Arches" in last
    assert cli.main(["journal", "show", "99"]) == 2
    assert "no session 99" in capsys.readouterr().err


def test_the_journal_can_be_read_by_a_program(a_session: int, capsys: Out) -> None:
    assert cli.main(["journal", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(row["id"], row["counted"], row["how"]) for row in listed] == [(a_session, 1, "finished")]
    assert listed[0]["started"] == "2026-11-22T20:15:00+01:00"
    assert cli.main(["journal", "show", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["reps"][0]["measures"]["range"] == {"value": 20.0, "unit": "deg", "plus_minus": 4.0}


def test_a_damaged_journal_is_said_on_stderr(own_home: Path, capsys: Out) -> None:
    own_home.mkdir()
    (own_home / "journal.db").write_bytes(b"coffee")
    assert cli.main(["journal", "list", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == []
    assert "damaged" in captured.err


def test_the_routine_is_listed_and_shown(capsys: Out) -> None:
    assert cli.main(["routine", "list"]) == 0
    assert "Back Arches, 1 set of 5 on each side" in capsys.readouterr().out
    assert cli.main(["routine", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["id"] == "loosen-lower-back"
    assert cli.main(["routine", "show"]) == 0
    assert "every 30 to 45 minutes" in capsys.readouterr().out
    assert cli.main(["routine", "show", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["get_up"]["after_min"], shown["get_up"]["latest_min"]) == (30, 45)
    doses = [(one["dose"]["sets"], one["dose"]["reps"], one["dose"]["sides"]) for one in shown["exercises"]]
    assert doses == [(1, 5, "each"), (1, 5, "together"), (1, 5, "together"), (1, 5, "each")]
    assert cli.main(["routine", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"].startswith("https://json-schema.org/")


def test_a_routine_that_is_none_is_refused_by_name_and_nothing_is_begun(tmp_path: Path, capsys: Out) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("format = 1\nwrong = 2\n")
    for command in (["show", str(file)], ["check", str(file)]):
        assert cli.main(["routine", *command]) == 2
    assert cli.main(["--routine", str(file), "watch", "clip.mp4"]) == 2
    assert cli.main(["demo", "--routine", str(file)]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count(f"loosen: {file}")) == ("", 4)
    assert cli.main(["--routine", str(tmp_path / "none.toml"), "routine", "show"]) == 2


def test_a_journal_of_a_newer_loosen_keeps_the_page_closed(own_home: Path, capsys: Out) -> None:
    Journal.open().close()
    with closing(sqlite3.connect(own_home / "journal.db")) as db:
        db.execute("PRAGMA user_version = 999")
    assert cli.main(["--no-browser"]) == 2
    assert "newer loosen" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent otherwise on Windows")
@pytest.mark.parametrize("command", [[], ["demo"]])
def test_the_page_is_served_until_ctrl_c(command: list[str], own_home: Path) -> None:
    line = [sys.executable, "-m", "loosen", *command, "--no-browser"]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    address = process.stderr.readline().partition("http://127.0.0.1:")[2].split()[0]
    with socket.create_connection(("127.0.0.1", int(address.partition("/")[0]))) as page:
        page.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{address.partition('/')[0]}\r\n\r\n".encode())
        assert page.recv(12).startswith(b"HTTP/1.1 ")
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate()
    assert process.returncode == 0
    assert output == ""
    assert "Traceback" not in errors
    assert own_home.exists() is (command == [])  # a demo keeps nothing
