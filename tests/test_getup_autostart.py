"""What starts the service with the desktop, and what ends it. The number 18 is the point."""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from configparser import ConfigParser
from pathlib import Path

import pytest

from loosen.errors import GetUpError
from loosen.getup.autostart import autostarts, install, uninstall
from loosen.getup.systems.base import Autostart, System
from loosen.getup.systems.linux import Linux
from loosen.getup.systems.macos import MacOS
from loosen.getup.systems.windows import Windows


def systems(folder: Path, **environment: str) -> list[System]:
    """Return Linux with and without systemd, macOS and Windows, with the person's folder in `folder`."""
    (folder / "run" / "systemd").mkdir(parents=True)
    with_systemd = environment | {"XDG_RUNTIME_DIR": str(folder / "run")}
    return [
        Linux(with_systemd, folder),
        Linux(environment, folder),
        MacOS(environment, folder),
        Windows(environment, folder),
    ]


def each_first(folder: Path) -> list[Autostart]:
    """Return the autostart that each of these systems uses."""
    options = ["--routine", '/my "own"/50% $HOME.toml']
    return [autostarts(options, system)[0] for system in systems(folder)]


@pytest.fixture(autouse=True)
def ran(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """The commands that were run; none of them reaches the system."""
    commands: list[Sequence[str]] = []

    def run(command: Sequence[str]) -> int:
        commands.append(command)
        return 0

    monkeypatch.setattr("loosen.getup.autostart.run_command", run)
    return commands


@pytest.mark.parametrize("n", range(4), ids=["systemd", "autostart", "macOS", "Windows"])
def test_18_install_and_uninstall_are_idempotent(tmp_path: Path, ran: list[Sequence[str]], n: int) -> None:
    autostart = each_first(tmp_path)[n]
    assert [install(autostart), install(autostart)] == [True, False]
    assert autostart.file.read_bytes().decode() == autostart.text
    assert [uninstall(autostart), uninstall(autostart)] == [True, False]
    assert not list(autostart.file.parent.iterdir())
    if n == 0:
        assert ("systemctl", "--user", "enable", "--now", "loosen-getup.service") in ran


@pytest.mark.parametrize("n", [0, 2], ids=["systemd", "macOS"])
def test_18_what_is_installed_otherwise_is_started_anew(tmp_path: Path, ran: list[Sequence[str]], n: int) -> None:
    """Consent that is taken back must not live on in the service that runs."""
    autostart = each_first(tmp_path)[n]
    install(autostart._replace(text="with --camera"))
    ran.clear()
    assert install(autostart)
    assert {"restart", "unload"} & {part for command in ran for part in command}


def test_18_a_system_that_refuses_to_start_it_is_said_and_the_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loosen.getup.autostart.run_command", lambda _: 1)
    autostart = each_first(tmp_path)[0]
    with pytest.raises(GetUpError, match="from your next login on"):
        install(autostart)
    assert autostart.file.exists()
    assert uninstall(autostart)


def test_18_the_service_finds_the_same_journal_and_does_not_start_in_vain(tmp_path: Path) -> None:
    own = systems(tmp_path, LOOSEN_HOME=str(tmp_path / "my own"))
    texts = [autostarts((), system)[0].text for system in own]
    assert all("LOOSEN_HOME" in text and "my own" in text for text in texts)
    unit = ConfigParser(interpolation=None)
    unit.read_string(texts[0])
    assert unit["Service"]["RestartPreventExitStatus"] == "2"
    assert unit["Service"]["KillMode"] == "process"


def test_18_a_home_named_with_a_tilde_is_the_persons_wherever_it_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    autostart = autostarts((), Linux({"LOOSEN_HOME": "~/own"}, tmp_path))[0]
    assert f"LOOSEN_HOME={tmp_path / 'own'}" in autostart.text


def test_18_what_is_written_is_what_each_system_reads(tmp_path: Path) -> None:
    unit, entry, agent, script = each_first(tmp_path)
    parser = ConfigParser(interpolation=None)
    parser.read_string(unit.text)
    assert '"/my \\"own\\"/50%% $$HOME.toml"' in parser["Service"]["ExecStart"]
    assert parser["Service"]["Restart"] == "on-failure"
    parser = ConfigParser(interpolation=None)
    parser.read_string(entry.text)
    assert parser["Desktop Entry"]["Type"] == "Application"
    assert "\\$HOME" in parser["Desktop Entry"]["Exec"]
    told = plistlib.loads(agent.text.encode())
    assert told["ProgramArguments"][3:] == ["loosen", "getup", "run", "--routine", '/my "own"/50% $HOME.toml']
    assert told["RunAtLoad"] is True
    assert told["KeepAlive"] == {"Crashed": True}  # SuccessfulExit would start it again after exit code 2
    assert "loosen getup run" in script.text.replace('"', "")


def test_18_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / ".config").write_text("a file in the way")
    autostart = autostarts((), Linux({}, tmp_path))[0]
    with pytest.raises(GetUpError, match="cannot be written"):
        install(autostart)
