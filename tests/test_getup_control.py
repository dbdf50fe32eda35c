"""The control socket, one instance for each user, and what starts it with the desktop."""

from __future__ import annotations

import json
import os
import plistlib
import select
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from loosen.cli import main
from loosen.errors import GetUpError
from loosen.getup import control
from loosen.getup.commands import seconds_until
from loosen.getup.control import Lock, Server, ask
from loosen.getup.install import Way, install, uninstall, ways
from loosen.getup.place import runtime_folder


@contextmanager
def serving(folder: Path, *, unix: bool = True) -> Iterator[Server]:
    def handle(asked: dict[str, Any]) -> dict[str, Any]:
        if asked.get("do") == "refuse":
            raise GetUpError("not now")
        return {"heard": asked.get("do")}

    server, over = Server(folder, handle, unix=unix), threading.Event()

    def serve() -> None:
        while not over.is_set():
            select.select(server.filenos(), [], [], 0.05)
            server.serve()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server
    finally:
        over.set()
        thread.join()
        server.close()


@pytest.mark.parametrize("unix", [True, False], ids=["socket", "port"])
def test_a_request_is_answered_and_a_refusal_told(tmp_path: Path, unix: bool) -> None:
    with serving(tmp_path, unix=unix):
        assert ask(tmp_path, {"do": "status"}, unix=unix) == {"heard": "status"}
        with pytest.raises(GetUpError, match="not now"):
            ask(tmp_path, {"do": "refuse"}, unix=unix)
    with pytest.raises(GetUpError, match="not running"):
        ask(tmp_path, {"do": "status"}, unix=unix)


def test_the_socket_and_its_folder_are_the_users_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "run"
    with serving(folder):
        assert stat.S_IMODE((folder / control.SOCKET).stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not (folder / control.SOCKET).exists()


def test_the_secret_of_a_port_is_the_users_alone_and_needed(tmp_path: Path) -> None:
    with serving(tmp_path, unix=False):
        file = tmp_path / control.PORT
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        told = json.loads(file.read_text())
        file.write_text(json.dumps(told | {"secret": "guessed"}))
        with pytest.raises(GetUpError, match="not allowed"):
            ask(tmp_path, {"do": "status"}, unix=False)


def test_another_users_process_is_neither_answered_nor_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path):
        monkeypatch.setattr(control, "is_ours", lambda _: False)
        with pytest.raises(GetUpError, match="somebody else's program"):
            ask(tmp_path, {"do": "pause", "seconds": 60})
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(tmp_path / control.SOCKET))
            with suppress(OSError):
                line.sendall(b'{"do": "status"}\n')
            with suppress(ConnectionError):
                assert line.recv(100) == b""


def test_a_socket_of_another_user_is_not_spoken_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path):
        me = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: me + 1)
        with pytest.raises(GetUpError, match="belongs to somebody else"):
            ask(tmp_path, {"do": "status"})


def test_a_folder_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(GetUpError, match="chmod go-w"):
        Server(tmp_path, lambda asked: asked)


@pytest.mark.parametrize(
    "said", [b"\n", b"[]\n", b"nonsense\n", b"\xff\xfe\n", b"{" * 5000, b'{"do": ' + b"[" * 3000 + b"\n"]
)
def test_nonsense_on_the_socket_is_answered_and_ends_nothing(tmp_path: Path, said: bytes) -> None:
    with serving(tmp_path):
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(tmp_path / control.SOCKET))
            line.sendall(said)
            assert b"error" in line.recv(1000)
        assert ask(tmp_path, {"do": "status"}) == {"heard": "status"}


def test_silent_askers_hold_nobody_up(tmp_path: Path) -> None:
    with serving(tmp_path):
        silent = [socket.socket(socket.AF_UNIX) for _ in range(20)]
        for line in silent:
            line.connect(str(tmp_path / control.SOCKET))
        assert ask(tmp_path, {"do": "status"}) == {"heard": "status"}
        for line in silent:
            line.close()


@pytest.mark.skipif(os.name != "posix", reason="limits are of POSIX")
def test_where_no_more_files_can_be_opened_it_rests_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import resource

    rests: list[float] = []
    monkeypatch.setattr("loosen.getup.control.time.sleep", rests.append)
    server = Server(tmp_path, lambda asked: {"heard": asked["do"]}, unix=True)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        line.connect(str(tmp_path / control.SOCKET))
        line.sendall(b'{"do": "status"}\n')
        resource.setrlimit(resource.RLIMIT_NOFILE, (line.fileno(), limits[1]))
        try:
            for _ in range(3):
                server.serve()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert rests == [control.FULL_S] * 3
        server.serve()
        assert json.loads(line.recv(100)) == {"heard": "status"}
    server.close()
    assert len(rests) == 3


def test_18_there_is_one_instance_for_each_user(tmp_path: Path) -> None:
    first = Lock(tmp_path)
    with pytest.raises(GetUpError, match="already running"):
        Lock(tmp_path)
    first.close()
    Lock(tmp_path).close()


def test_a_name_too_long_for_a_socket_is_said(tmp_path: Path) -> None:
    with pytest.raises(GetUpError, match="too long"):
        Server(tmp_path / ("x" * 100), lambda asked: asked, unix=True)


def test_the_socket_lies_in_the_systems_folder_unless_another_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert runtime_folder(Path("/home/me")) == Path("/home/me")  # LOOSEN_HOME is set in every test
    monkeypatch.delenv("LOOSEN_HOME")
    assert runtime_folder(Path("/home/me")) == tmp_path / "loosen"
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "gone"))
    assert runtime_folder(Path("/home/me")) == Path("/home/me")


@pytest.mark.parametrize("make", [Lock, lambda folder: Server(folder, dict)], ids=["lock", "socket"])
def test_a_folder_that_is_none_is_said_with_what_to_do(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    file = tmp_path / "file"
    file.touch()
    for folder in (file, file / "below"):
        with pytest.raises(GetUpError, match=r"cannot be used .* set XDG_RUNTIME_DIR or LOOSEN_HOME"):
            make(folder)


# -- the commands -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["status", "snooze", "pause", "resume"])
def test_without_a_service_it_is_said_what_to_do(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["getup", command]) == 2
    assert "loosen getup run" in capsys.readouterr().err


def test_a_service_that_has_no_folder_cannot_run_as_it_was_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2: what starts it with the desktop then leaves it alone."""
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("LOOSEN_HOME", str(file))
    assert main(["getup", "run"]) == 2
    assert "LOOSEN_HOME" in capsys.readouterr().err


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneInfo]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield ZoneInfo("Europe/Berlin")
    monkeypatch.undo()
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone cannot be set")
@pytest.mark.parametrize(
    ("now", "fold", "until", "minutes"),
    [
        ("2026-10-25T02:10", 0, "02:30", 20),
        ("2026-10-25T02:10", 1, "02:30", 20),
        ("2026-10-25T02:40", 0, "02:30", 50),
        ("2026-10-25T02:40", 1, "02:30", 23 * 60 + 50),
        ("2026-10-25T01:50", 0, "03:10", 140),
        ("2026-10-24T23:00", 0, "23:00", 24 * 60),  # 25 hours, and no pause is longer than a day
        ("2026-03-29T01:50", 0, "03:10", 20),
        ("2026-03-29T01:20", 0, "02:30", 70),  # a time that never comes: as if the clocks had not been set
        ("2026-03-29T01:50", 0, "02:30", 40),
        ("2026-11-23T14:30", 0, "14:30", 24 * 60),
        ("2026-11-23T14:30", 0, "14:29", 24 * 60 - 1),
    ],
)
def test_17_until_is_the_next_time_that_the_clocks_show_it(
    in_berlin: ZoneInfo, now: str, fold: int, until: str, minutes: int
) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=in_berlin, fold=fold)
    assert seconds_until(datetime.strptime(until, "%H:%M").time(), at) == minutes * 60


@pytest.mark.parametrize(
    "given",
    [
        ["--for", "soon"],
        ["--for", "0m"],
        ["--for", "-5m"],
        ["--for", "99h"],
        ["--for", ""],
        ["--until", "25:00"],
        ["--until", "noon"],
        ["--for", "1h", "--until", "12:00"],
    ],
)
def test_nonsense_durations_are_refused(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["getup", "pause", *given])
    assert ended.value.code == 2
    assert "pause" in capsys.readouterr().err


# -- 18: starting with the desktop ------------------------------------------------------------------------------------


def every_way(home: Path) -> list[Way]:
    systemd = home / "run"
    (systemd / "systemd").mkdir(parents=True)
    command = ["--routine", '/my "own"/50% $HOME.toml']
    return [
        ways(command, platform="linux", environment={"XDG_RUNTIME_DIR": str(systemd)}, home=home)[0],
        ways(command, platform="linux", environment={}, home=home)[0],
        ways(command, platform="darwin", environment={}, home=home)[0],
        ways(command, platform="win32", environment={}, home=home)[0],
    ]


@pytest.mark.parametrize("n", range(4), ids=["systemd", "autostart", "macOS", "Windows"])
def test_18_install_and_uninstall_are_idempotent(tmp_path: Path, n: int) -> None:
    way, ran = every_way(tmp_path)[n], []

    def run(command: Any) -> int:
        ran.append(command)
        return 0

    assert [install(way, run), install(way, run)] == [True, False]
    assert way.file.read_bytes().decode() == way.text
    assert [uninstall(way, run), uninstall(way, run)] == [True, False]
    assert not way.file.exists()
    assert not list(way.file.parent.iterdir())
    if n == 0:
        assert ("systemctl", "--user", "enable", "--now", "loosen-getup.service") in ran


@pytest.mark.parametrize("n", [0, 2], ids=["systemd", "macOS"])
def test_18_what_is_installed_otherwise_is_started_anew(tmp_path: Path, n: int) -> None:
    """Consent that is taken back must not live on in the service that runs."""
    way, ran = every_way(tmp_path)[n], []

    def run(command: Any) -> int:
        ran.append(command)
        return 0

    install(way._replace(text="with --camera"), run)
    ran.clear()
    assert install(way, run)
    assert {"restart", "unload"} & {part for command in ran for part in command}


def test_18_a_system_that_refuses_to_start_it_is_said_and_the_file_stays(tmp_path: Path) -> None:
    way = every_way(tmp_path)[0]
    with pytest.raises(GetUpError, match="from your next login on"):
        install(way, lambda _: 1)
    assert way.file.exists()
    assert uninstall(way, lambda _: 1)


def test_18_the_service_finds_the_same_journal_and_does_not_start_in_vain(tmp_path: Path) -> None:
    own = {"LOOSEN_HOME": str(tmp_path / "my own")}
    (tmp_path / "run" / "systemd").mkdir(parents=True)
    systemd = own | {"XDG_RUNTIME_DIR": str(tmp_path / "run")}
    texts = [
        ways(platform=platform, environment=environment, home=tmp_path)[0].text
        for platform, environment in (("linux", systemd), ("linux", own), ("darwin", own), ("win32", own))
    ]
    assert all("LOOSEN_HOME" in text and "my own" in text for text in texts)
    unit = ConfigParser(interpolation=None)
    unit.read_string(texts[0])
    assert unit["Service"]["RestartPreventExitStatus"] == "2"
    assert unit["Service"]["KillMode"] == "process"


def test_18_what_is_written_is_what_each_system_reads(tmp_path: Path) -> None:
    unit, entry, agent, script = every_way(tmp_path)
    parser = ConfigParser(interpolation=None)
    parser.read_string(unit.text)
    assert '"/my \\"own\\"/50%% $$HOME.toml"' in parser["Service"]["ExecStart"]
    assert parser["Service"]["Restart"] == "on-failure"
    parser = ConfigParser(interpolation=None)
    parser.read_string(entry.text)
    assert parser["Desktop Entry"]["Type"] == "Application"
    assert "\\$HOME" in parser["Desktop Entry"]["Exec"]
    told = plistlib.loads(agent.text.encode())
    assert told["ProgramArguments"][2:] == ["loosen", "getup", "run", "--routine", '/my "own"/50% $HOME.toml']
    assert told["RunAtLoad"] is True
    assert told["KeepAlive"] == {"Crashed": True}  # SuccessfulExit would start it again after exit code 2
    assert "loosen getup run" in script.text.replace('"', "")


def test_18_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / ".config").write_text("a file in the way")
    way = ways(platform="linux", environment={}, home=tmp_path)[0]
    with pytest.raises(GetUpError, match="cannot be written"):
        install(way, lambda _: 0)


def test_18_the_commands_say_what_they_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    told = []
    for command in ("install", "install", "uninstall", "uninstall"):
        assert main(["getup", command, "--json"]) == 0
        told.append(json.loads(capsys.readouterr().out)["changed"])
    assert told == [True, False, True, False]


def test_18_uninstall_takes_away_what_each_way_left_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    left = ways(platform="linux")
    for way in left:
        install(way, lambda _: 0)
    monkeypatch.setattr("loosen.getup.install._run", lambda _: 1)  # no systemd any more
    assert main(["getup", "uninstall"]) == 0
    said = capsys.readouterr().out
    assert all(way.name in said and str(way.file) in said for way in left)
    assert [way for way in left if way.file.exists()] == []
    assert main(["getup", "uninstall", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"removed": [], "changed": False}


def test_18_install_leaves_one_way_so_that_consent_of_before_does_not_live_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr("loosen.getup.install._run", lambda _: 0)
    assert main(["getup", "install", "--camera"]) == 0
    capsys.readouterr()
    (tmp_path / "systemd").mkdir()  # from now on there is one
    assert main(["getup", "install", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    systemd, autostart = ways(platform="linux")
    assert told["removed"] == [{"way": autostart.name, "file": str(autostart.file)}]
    assert systemd.file.exists()
    assert not autostart.file.exists()
