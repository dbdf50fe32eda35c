"""The control socket, and one instance for each user."""

from __future__ import annotations

import json
import os
import socket
import stat
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from getup_support import serving

from loosen.errors import GetUpError, InputError
from loosen.getup import control_socket
from loosen.getup.control_socket import ControlServer, ask, only_service


def hears(request: dict[str, Any]) -> dict[str, Any]:
    if request.get("do") == "refuse":
        raise GetUpError("not now")
    return {"heard": request.get("do")}


@pytest.mark.parametrize("unix", [True, False], ids=["socket", "port"])
def test_a_request_is_answered_and_a_refusal_told(tmp_path: Path, unix: bool) -> None:
    with serving(tmp_path, hears, unix=unix):
        assert ask(tmp_path, {"do": "status"}, unix=unix) == {"heard": "status"}
        with pytest.raises(GetUpError, match="not now"):
            ask(tmp_path, {"do": "refuse"}, unix=unix)
    with pytest.raises(GetUpError, match="not running"):
        ask(tmp_path, {"do": "status"}, unix=unix)


def test_the_socket_and_its_folder_are_the_users_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "run"
    with serving(folder, hears):
        assert stat.S_IMODE((folder / control_socket.SOCKET).stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not (folder / control_socket.SOCKET).exists()


def test_the_secret_of_a_port_is_the_users_alone_and_needed(tmp_path: Path) -> None:
    with serving(tmp_path, hears, unix=False):
        file = tmp_path / control_socket.PORT
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        told = json.loads(file.read_text())
        file.write_text(json.dumps(told | {"secret": "guessed"}))
        with pytest.raises(GetUpError, match="not allowed"):
            ask(tmp_path, {"do": "status"}, unix=False)


def test_another_users_process_is_neither_answered_nor_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path, hears):
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
    with serving(tmp_path, hears):
        me = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: me + 1)
        with pytest.raises(GetUpError, match="belongs to somebody else"):
            ask(tmp_path, {"do": "status"})


def test_a_folder_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(InputError, match="chmod go-w"):
        ControlServer(tmp_path, lambda asked: asked)


@pytest.mark.parametrize(
    "said", [b"\n", b"[]\n", b"nonsense\n", b"\xff\xfe\n", b"{" * 5000, b'{"do": ' + b"[" * 3000 + b"\n"]
)
def test_nonsense_on_the_socket_is_answered_and_ends_nothing(tmp_path: Path, said: bytes) -> None:
    with serving(tmp_path, hears):
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(tmp_path / control_socket.SOCKET))
            line.sendall(said)
            assert b"error" in line.recv(1000)
        assert ask(tmp_path, {"do": "status"}) == {"heard": "status"}


def test_silent_askers_hold_nobody_up(tmp_path: Path) -> None:
    with serving(tmp_path, hears):
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
    with pytest.raises(InputError, match="too long"):
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

    with serving(tmp_path, handle):
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
        with pytest.raises(InputError, match=r"cannot be used .* set XDG_RUNTIME_DIR or LOOSEN_HOME"):
            use(folder)
