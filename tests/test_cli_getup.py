"""The commands `loosen getup ...`, without a service that runs; see test_getup_run.py for those with one."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from loosen.cli import main
from loosen.cli.getup import seconds_until
from loosen.cli.getup_movements import titles_of
from loosen.cli.getup_service import titles_now
from loosen.coach.guidance.past import Past
from loosen.getup.autostart import autostarts, install
from loosen.getup.systems.linux import Linux
from loosen.journal.outcomes.ways import keep_way
from loosen.journal.store.journal import Journal
from loosen.routine.reader import builtin

Out = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test may touch the autostart of the person who runs it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    return tmp_path / "config"


@pytest.mark.parametrize("command", ["status", "snooze", "pause", "resume"])
def test_without_a_service_it_is_said_what_to_do(command: str, capsys: Out) -> None:
    assert main(["getup", command]) == 1
    assert "loosen getup run" in capsys.readouterr().err


def test_a_service_that_has_no_folder_cannot_run_as_it_was_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    """Exit code 2: what starts it with the desktop then leaves it alone."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("LOOSEN_HOME", str(tmp_path / "file"))
    assert main(["getup", "run"]) == 2
    assert "LOOSEN_HOME" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "install"])
def test_a_file_that_is_no_journal_is_refused_and_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out, command: str
) -> None:
    monkeypatch.setattr("loosen.cli.getup_service.start", lambda _: 0)
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Anna, ")
    assert main(["getup", command, "--journal", str(letter)]) == 2
    assert "no journal of loosen's" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == [letter]


# -- arguments -------------------------------------------------------------------------------------------------


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneInfo]:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield ZoneInfo("Europe/Berlin")
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
    "arguments",
    [
        *(["pause", "--for", text] for text in ("soon", "0m", "-5m", "99h", "")),
        *(["pause", "--until", text] for text in ("25:00", "noon")),
        ["pause", "--for", "1h", "--until", "12:00"],
        *(["log", f"--days={text}"] for text in ("0", "-3", "soon", "99999")),
    ],
)
def test_nonsense_durations_and_days_are_refused(arguments: list[str], capsys: Out) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["getup", *arguments])
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


# -- 18: install and uninstall -----------------------------------------------------------------------------------


def test_18_what_could_not_run_is_not_installed(
    own_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    file = tmp_path / "file"
    file.touch()
    for home in (file, shared, tmp_path / ("x" * 100)):
        monkeypatch.setenv("LOOSEN_HOME", str(home))
        assert main(["getup", "install"]) == 2
        assert str(home) in capsys.readouterr().err
    assert not own_config.exists()


def test_18_uninstall_takes_away_what_each_way_left_and_says_so(monkeypatch: pytest.MonkeyPatch, capsys: Out) -> None:
    left = autostarts((), Linux())
    monkeypatch.setattr("loosen.getup.autostart.run_command", lambda _: 0)
    for autostart in left:
        install(autostart)
    monkeypatch.setattr("loosen.getup.autostart.run_command", lambda _: 1)  # no systemd any more
    assert main(["getup", "uninstall"]) == 0
    said = capsys.readouterr().out
    assert all(autostart.name in said and str(autostart.file) in said for autostart in left)
    assert [autostart for autostart in left if autostart.file.exists()] == []
    assert main(["getup", "uninstall", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"removed": [], "changed": False, "ended": False}


def test_18_install_leaves_one_way_so_that_consent_of_before_does_not_live_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr("loosen.getup.autostart.run_command", lambda _: 0)
    assert main(["getup", "install", "--camera"]) == 0
    capsys.readouterr()
    (tmp_path / "systemd").mkdir()  # from now on there is one
    assert main(["getup", "install", "--json"]) == 0
    systemd, entry = autostarts((), Linux())
    assert json.loads(capsys.readouterr().out)["removed"] == [{"way": entry.name, "file": str(entry.file)}]
    assert systemd.file.exists()
    assert not entry.file.exists()


def test_a_prompt_shows_neither_what_is_left_out_nor_what_hurts_nor_what_was_worse(tmp_path: Path) -> None:
    arches, reach, roof, walk = (one.id for one in builtin().exercises)
    variant = builtin().exercises[1].variants[0]

    def shown(**past: Any) -> set[str]:
        return set(titles_of(builtin(), msgspec.convert(past, Past)))

    every = {arches, reach, roof, walk} & set(shown())
    assert {reach, roof} < every
    assert every - shown(left_out=[reach], hurting=[f"{roof}.seated"]) == {reach, roof}
    assert (
        every - shown(first_look="worse")
        == {one.id for one in builtin().exercises if "extension" in one.family} & every
    )
    journal = tmp_path / "journal.db"
    with Journal.open(journal) as held, held.changing() as db:
        keep_way(db, builtin(), reach, variant.id, "", datetime.now().astimezone())
        keep_way(db, builtin(), roof, "", "always", datetime.now().astimezone())
    titles = titles_now(("--journal", str(journal)))
    assert titles is not None
    assert titles[reach] == variant.title
    assert every - set(titles) == {roof}
    assert titles_now(("--routine", str(tmp_path / "gone.toml"))) is None
