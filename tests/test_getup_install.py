"""What starts the service with the desktop, and what ends it. The number 18 is the point."""

from __future__ import annotations

import json
import plistlib
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest

from loosen.cli import main
from loosen.errors import GetUpError
from loosen.getup.autostart import Way, install, uninstall, ways


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


def test_18_a_home_named_with_a_tilde_is_the_persons_wherever_it_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (way, *_) = ways(platform="linux", environment={"LOOSEN_HOME": "~/own"}, home=tmp_path)
    assert f"LOOSEN_HOME={tmp_path / 'own'}" in way.text


def test_18_what_could_not_run_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    file = tmp_path / "file"
    file.touch()
    for home in (file, shared, tmp_path / ("x" * 100)):
        monkeypatch.setenv("LOOSEN_HOME", str(home))
        assert main(["getup", "install"]) == 2
        assert str(home) in capsys.readouterr().err
    assert not (tmp_path / "config").exists()


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
    assert told["ProgramArguments"][3:] == ["loosen", "getup", "run", "--routine", '/my "own"/50% $HOME.toml']
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
    monkeypatch.setattr("loosen.getup.autostart._run", lambda _: 1)  # no systemd any more
    assert main(["getup", "uninstall"]) == 0
    said = capsys.readouterr().out
    assert all(way.name in said and str(way.file) in said for way in left)
    assert [way for way in left if way.file.exists()] == []
    assert main(["getup", "uninstall", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"removed": [], "changed": False, "ended": False}


def test_18_install_leaves_one_way_so_that_consent_of_before_does_not_live_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr("loosen.getup.autostart._run", lambda _: 0)
    assert main(["getup", "install", "--camera"]) == 0
    capsys.readouterr()
    (tmp_path / "systemd").mkdir()  # from now on there is one
    assert main(["getup", "install", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    systemd, autostart = ways(platform="linux")
    assert told["removed"] == [{"way": autostart.name, "file": str(autostart.file)}]
    assert systemd.file.exists()
    assert not autostart.file.exists()
