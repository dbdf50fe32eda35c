"""The control socket, and one instance for each user."""

from __future__ import annotations

import json
import os
import select
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from loosen.cli import main
from loosen.cli.getup import seconds_until
from loosen.errors import GetUpError
from loosen.getup import control_socket
from loosen.getup.control_socket import ControlServer, ask, only_service


def hears(asked: dict[str, Any]) -> dict[str, Any]:
    if asked.get("do") == "refuse":
        raise GetUpError("not now")
    return {"heard": asked.get("do")}


@contextmanager
def serving(
    folder: Path, *, unix: bool = True, handle: control_socket.Handle = hears
) -> Iterator[ControlServer]:
    server, over = ControlServer(folder, handle, unix=unix), threading.Event()

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
        assert stat.S_IMODE((folder / control_socket.SOCKET).stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not (folder / control_socket.SOCKET).exists()


def test_the_secret_of_a_port_is_the_users_alone_and_needed(tmp_path: Path) -> None:
    with serving(tmp_path, unix=False):
        file = tmp_path / control_socket.PORT
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        told = json.loads(file.read_text())
        file.write_text(json.dumps(told | {"secret": "guessed"}))
        with pytest.raises(GetUpError, match="not allowed"):
            ask(tmp_path, {"do": "status"}, unix=False)


def test_another_users_process_is_neither_answered_nor_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path):
        monkeypatch.setattr(control_socket, "is_ours", lambda _: False)
        with pytest.raises(GetUpError, match="somebody else's program"):
            ask(tmp_path, {"do": "pause", "seconds": 60})
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(tmp_path / control_socket.SOCKET))
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
        ControlServer(tmp_path, lambda asked: asked)


@pytest.mark.parametrize(
    "said", [b"\n", b"[]\n", b"nonsense\n", b"\xff\xfe\n", b"{" * 5000, b'{"do": ' + b"[" * 3000 + b"\n"]
)
def test_nonsense_on_the_socket_is_answered_and_ends_nothing(tmp_path: Path, said: bytes) -> None:
    with serving(tmp_path):
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(tmp_path / control_socket.SOCKET))
            line.sendall(said)
            assert b"error" in line.recv(1000)
        assert ask(tmp_path, {"do": "status"}) == {"heard": "status"}


def test_silent_askers_hold_nobody_up(tmp_path: Path) -> None:
    with serving(tmp_path):
        silent = [socket.socket(socket.AF_UNIX) for _ in range(20)]
        for line in silent:
            line.connect(str(tmp_path / control_socket.SOCKET))
        assert ask(tmp_path, {"do": "status"}) == {"heard": "status"}
        for line in silent:
            line.close()


@pytest.mark.skipif(os.name != "posix", reason="limits are of POSIX")
def test_where_no_more_files_can_be_opened_it_rests_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import resource

    rests: list[float] = []
    monkeypatch.setattr("loosen.getup.control_socket.time.sleep", rests.append)
    server = ControlServer(tmp_path, lambda asked: {"heard": asked["do"]}, unix=True)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        line.connect(str(tmp_path / control_socket.SOCKET))
        line.sendall(b'{"do": "status"}\n')
        resource.setrlimit(resource.RLIMIT_NOFILE, (line.fileno(), limits[1]))
        try:
            for _ in range(3):
                server.serve()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert rests == [control_socket.FULL_S] * 3
        server.serve()
        assert json.loads(line.recv(100)) == {"heard": "status"}
    server.close()
    assert len(rests) == 3


def test_18_there_is_one_instance_for_each_user(tmp_path: Path) -> None:
    with only_service(tmp_path), pytest.raises(GetUpError, match="already running"):
        only_service(tmp_path).__enter__()
    with only_service(tmp_path):
        pass


def test_a_name_too_long_for_a_socket_is_said(tmp_path: Path) -> None:
    with pytest.raises(GetUpError, match="too long"):
        ControlServer(tmp_path / ("x" * 100), lambda asked: asked, unix=True)


def test_a_service_that_is_told_to_stop_has_ended_when_that_is_said(tmp_path: Path) -> None:
    assert control_socket.stop(tmp_path) is False
    requests = []
    running = ExitStack()
    running.enter_context(only_service(tmp_path))

    def handle(request: dict[str, Any]) -> dict[str, Any]:
        requests.append(request)
        threading.Timer(0.1, running.close).start()
        return {}

    with serving(tmp_path, handle=handle):
        assert control_socket.is_running(tmp_path)
        assert control_socket.stop(tmp_path) is True
    assert not control_socket.is_running(tmp_path)
    assert requests[0] == {"do": "stop"}


def test_a_service_that_does_not_stop_is_said_and_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_socket, "STOP_S", 0.2)
    with only_service(tmp_path), pytest.raises(GetUpError, match="does not end"):
        control_socket.stop(tmp_path)


@pytest.mark.parametrize(
    "use",
    [lambda folder: only_service(folder).__enter__(), lambda folder: ControlServer(folder, dict)],
    ids=["lock", "socket"],
)
def test_a_folder_that_is_none_is_said_with_what_to_do(tmp_path: Path, use: Callable[[Path], object]) -> None:
    file = tmp_path / "file"
    file.touch()
    for folder in (file, file / "below"):
        with pytest.raises(GetUpError, match=r"cannot be used .* set XDG_RUNTIME_DIR or LOOSEN_HOME"):
            use(folder)


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


@pytest.mark.parametrize("command", ["run", "install"])
def test_a_file_that_is_no_journal_is_refused_and_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr("loosen.cli.getup_service.start", lambda _: 0)
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Anna, ")
    assert main(["getup", command, "--journal", str(letter)]) == 2
    assert "no journal of loosen's" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == [letter]


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
