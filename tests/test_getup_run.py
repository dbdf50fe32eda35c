"""`loosen getup run` as a person would have it: a real process, a real X server, a real notification daemon."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from getup_support import PATIENCE_S, needs, press_a_key, private_bus, running, wait_until, x_server

from loosen.cli import main
from loosen.errors import GetUpError
from loosen.getup.control_socket import ask, is_running

if sys.platform != "linux":
    pytest.skip("a Linux desktop's parts", allow_module_level=True)

from loosen.getup.dbus import Bus

SOON = ("--after-s", "0.5", "--latest-s", "1", "--away-s", "30")

QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@pytest.fixture(scope="module")
def desktop_environment() -> Iterator[dict[str, str]]:
    """An X server with openbox and dunst on a bus of its own; gives the environment for programs on it."""
    needs("openbox", "dunst")
    with pytest.MonkeyPatch.context() as patched, x_server() as screen, private_bus() as address:
        environment = {
            "DISPLAY": screen,
            "DBUS_SESSION_BUS_ADDRESS": address,
            "DBUS_SYSTEM_BUS_ADDRESS": address,
            "PULSE_SERVER": "unix:/nowhere",
        }
        for name, value in environment.items():
            patched.setenv(name, value)
        with running("openbox", **QUIET), running("dunst", **QUIET):
            wait_until(dunst_is_there, "dunst")
            yield environment


@pytest.fixture
def desktop(desktop_environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desktop for the service; gives the folder of the service's socket."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    for name, value in (desktop_environment | {"LOOSEN_HOME": str(home)}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    press_a_key(desktop_environment["DISPLAY"])  # the person is there, however slow this machine is
    return home


def dunst_is_there() -> bool:
    bus = Bus("SESSION")
    there = bus.has("org.freedesktop.Notifications")
    bus.close()
    return there


def service(*options: str) -> Any:
    return running(sys.executable, "-m", "loosen", "getup", "run", *options, stderr=subprocess.DEVNULL)


def status(home: Path) -> dict[str, Any]:
    try:
        return ask(home, {"do": "status"})
    except GetUpError:
        return {}


def shown_by_dunst() -> int:
    bus = Bus("SESSION")
    name, path = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
    try:
        return int(bus.get(name, path, "org.dunstproject.cmd0", "displayedLength"))
    finally:
        bus.close()


def test_a_prompt_stands_on_the_screen_is_put_off_and_goes(desktop: Path) -> None:
    with service(*SOON):
        wait_until(lambda: status(desktop).get("prompt"), "a prompt")
        wait_until(lambda: shown_by_dunst() == 1, "the notification")
        told = ask(desktop, {"do": "snooze"})
        assert told["prompt"]["snoozed_until"]
        wait_until(lambda: shown_by_dunst() == 0, "its going")
        done = subprocess.run(
            [sys.executable, "-m", "loosen", "getup", "run"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert "already running" in done.stderr


def test_14_after_kill_9_the_sit_goes_on_and_the_status_says_so(
    desktop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with service() as first:
        wait_until(lambda: status(desktop).get("sitting"), "a sit")
        since = status(desktop)["since"]
        first.send_signal(signal.SIGKILL)
        first.wait()
    with service():
        wait_until(lambda: status(desktop).get("sitting"), "the sit")
        later = datetime.fromisoformat(status(desktop)["since"]) - datetime.fromisoformat(since)
        assert abs(later.total_seconds()) <= 5
        assert main(["getup", "status"]) == 0
        assert "Sitting since" in capsys.readouterr().out
        assert main(["getup", "status", "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
    assert {sensor["name"]: sensor["state"] for sensor in told["sensors"]}["x11"] == "ok"


def test_15_the_service_holds_neither_numerics_nor_web_and_has_no_children(desktop: Path) -> None:
    with service() as process:
        wait_until(lambda: status(desktop).get("sitting"), "a sit")
        maps = Path(f"/proc/{process.pid}/maps").read_text()
        heavy = [part for part in ("numpy", "cv2", "litert", "matplotlib", "msgspec", "/av/") if part in maps]
        assert heavy == []
        assert Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text() == ""
        line = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        assert line.split(b"\0")[1:4] == [b"-P", b"-m", b"loosen.cli.getup_service"]
        assert len(list(Path(f"/proc/{process.pid}/task").iterdir())) == 1
        process.terminate()
        assert process.wait(5) == 0
    assert not (desktop / "getup.sock").exists()


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer without a screen, a bus, a sound server or systemd; gives the folder of the service's socket."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS", "PULSE_SERVER"):
        monkeypatch.setenv(name, f"unix:path={tmp_path}/none")
    monkeypatch.setenv("LOOSEN_HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    return home


def test_17_without_any_daemon_it_asks_in_the_terminal(bare: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "loosen", "getup", "run", *SOON]
    with running(*command, stderr=theirs, stdout=subprocess.DEVNULL):
        os.close(theirs)
        said = b""
        while b"Time to get up" not in said and select.select([ours], [], [], PATIENCE_S)[0]:
            said += os.read(ours, 1000)
        assert b"Time to get up" in said
        assert b"\a" in said
        assert status(bare)["ways"]["asking"] == "tone"
    os.close(ours)


def test_a_terminal_that_is_closed_takes_the_prompt_along(desktop: Path) -> None:
    with service(*SOON) as process:
        wait_until(lambda: shown_by_dunst() == 1, "the notification")
        process.send_signal(signal.SIGHUP)
        assert process.wait(PATIENCE_S) == 0
    wait_until(lambda: shown_by_dunst() == 0, "its going")
    assert not is_running(desktop)


def test_what_was_started_to_outlive_its_terminal_does_and_imports_nothing_from_the_folder_one_stood_in(
    bare: Path, tmp_path: Path
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('not meant for you')")
    command = ["nohup", sys.executable, "-P", "-m", "loosen", "getup", "run"]
    with running(*command, cwd=tmp_path, **QUIET) as process:
        wait_until(lambda: status(bare), "the service")
        process.send_signal(signal.SIGHUP)
        assert ask(bare, {"do": "status"})["running"] is True
        assert ask(bare, {"do": "stop"})
        assert process.wait(PATIENCE_S) == 0


# -- 18: what is installed and what runs -----------------------------------------------------------------------------


@pytest.mark.parametrize(("command", "follows"), [("install", "next login"), ("uninstall", "has been stopped")])
def test_18_consent_that_is_taken_back_ends_with_the_service_that_had_it(
    bare: Path, capsys: pytest.CaptureFixture[str], command: str, follows: str
) -> None:
    assert main(["getup", "install", "--camera"]) == 0
    assert "It starts at your next login. Until then: loosen getup run --camera" in capsys.readouterr().out
    with service("--camera") as process:
        wait_until(lambda: status(bare), "the service")
        assert status(bare)["camera"] is True
        assert main(["getup", command]) == 0
        said = capsys.readouterr().out
        assert "The running service has been stopped." in said
        assert follows in said
        assert not is_running(bare)
        assert process.wait(PATIENCE_S) == 0
    assert main(["getup", "status"]) == 1


def test_18_the_unit_that_is_started_does_not_meet_the_one_that_ran_before(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run" / "systemd").mkdir(parents=True)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    met: list[bool] = []

    def systemctl(_: Any) -> int:
        met.append(is_running(bare))
        return 0

    monkeypatch.setattr("loosen.getup.autostart.run_command", systemctl)
    with service("--camera"):
        wait_until(lambda: status(bare), "the service")
        assert main(["getup", "install", "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
    assert (told["ended"], told["starts"]) == (True, "now")
    assert met
    assert not any(met)


def test_18_installed_already_leaves_alone_what_runs(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["getup", "install"]) == 0
    capsys.readouterr()
    with service():
        wait_until(lambda: status(bare), "the service")
        assert main(["getup", "install", "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["changed"], told["ended"], told["starts"]) == (False, False, "now")
        assert status(bare)
