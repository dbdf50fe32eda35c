"""The log of sits and prompts: never torn, the person's own, and what it amounts to."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from journal_makers import BERLIN, sits_of

from loosen.cli import main
from loosen.cli.getup_text import as_csv, log_lines
from loosen.cli.terminal import plain
from loosen.errors import JournalError
from loosen.journal.outcomes.sit_log import as_values, totals
from loosen.journal.store.journal import Journal
from loosen.journal.store.sits import Sits
from loosen.routine.words import load_words

MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=BERLIN)
KILLER = Path(__file__).with_name("getup_killer.py")


def a_week(log: Sits, began: datetime = MORNING) -> None:
    outcomes = ["confirmed", "away", "said", "missed", None]
    for n, outcome in enumerate(outcomes):
        start = began + timedelta(days=n // 2, hours=2 * n)
        log.begin(f"s{n}", start)
        if outcome:
            log.prompt(f"p{n}", f"s{n}", start + timedelta(minutes=31), 1860.0, "pause", "back-arches")
            log.snoozed(f"p{n}", n % 3)
            log.settled(f"p{n}", start + timedelta(minutes=33), outcome)
        log.end(f"s{n}", start + timedelta(minutes=30 + n), 60.0 * (30 + n), "up")
    assert log.write()


def test_a_log_that_cannot_be_used_at_the_start_says_so_and_is_kept_once_it_can_be(path: Path) -> None:
    path.mkdir()
    with Sits.open(path, or_unsaved=True) as log:
        assert str(path) in log.trouble
        log.begin("s1", MORNING)
        assert not log.write()
        path.rmdir()
        assert log.write()
        assert (log.trouble, len(sits_of(log))) == ("", 1)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX")
def test_14_two_hundred_random_kills_never_tear_the_log(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(KILLER), str(path), "200"], capture_output=True, text=True, check=True, timeout=120
    )
    assert json.loads(done.stdout)["killed"] == 200
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        # A sit, its prompt, how it ended and the state are of one piece: all there, or none.
        rows = db.execute(
            "SELECT s.uuid, s.ending, p.outcome FROM sits s LEFT JOIN prompts p ON p.sit = s.id ORDER BY s.id"
        ).fetchall()
        assert len(rows) >= 200
        assert {(ending, outcome) for _, ending, outcome in rows} == {("up", "away")}
        (state,) = db.execute("SELECT value FROM settings WHERE key = 'getup-state'").fetchone()
    assert json.loads(state)["sit"] == rows[-1][0]
    assert not list(path.parent.glob("*damaged*"))


def test_what_is_kept_comes_back_in_local_time_and_an_outcome_once_known_is_not_changed(path: Path) -> None:
    with Sits.open(path) as log, Journal.open(path) as journal:
        a_week(log)
        log.settled("p0", MORNING, "missed")
        log.write()
        # The page reads the same while the service has it open.
        assert journal.sits(date(2026, 11, 1), date(2026, 11, 30)) == sits_of(log)
    with Sits.open(path) as log:
        sits = sits_of(log)[:4]
    begun = [sit.local(sit.started_utc) for sit in sits]
    assert [f"{at:%d %H:%M}" for at in begun] == ["23 09:00", "23 11:00", "24 13:00", "24 15:00"]
    assert sits[0].prompts[0].outcome == "confirmed"
    assert sits[0].local(sits[0].prompts[0].outcome_utc or "") == MORNING + timedelta(minutes=33)


def test_a_journal_of_a_newer_loosen_is_refused_or_the_service_goes_on_unsaved(path: Path) -> None:
    with Sits.open(path):
        pass
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(JournalError, match="newer loosen"):
        Sits.open(path)
    with Sits.open(path, or_unsaved=True) as log:
        assert "newer loosen" in log.trouble
        log.begin("s1", MORNING)
        assert not log.write()
        assert "newer loosen" in log.trouble


def test_trends_by_day_and_week() -> None:
    with Sits.in_memory() as log:
        a_week(log)
        sits = sits_of(log)
    days = totals(sits, "day")
    assert [(day["day"], day["sits"], day["longest_minutes"]) for day in days] == [
        ("2026-11-23", 2, 31),
        ("2026-11-24", 2, 33),
        ("2026-11-25", 1, 34),
    ]
    (week,) = totals(sits, "week")
    assert week["week"] == "2026-W48"
    assert [week[name] for name in ("confirmed", "away", "said", "missed", "prompts", "snoozes")] == [1, 1, 1, 1, 4, 3]


def test_the_log_goes_out_as_csv_json_and_text() -> None:
    with Sits.in_memory() as log:
        a_week(log)
        sits = sits_of(log)
    rows = list(csv.DictReader(io.StringIO(as_csv(sits))))
    assert [row["outcome"] for row in rows] == ["confirmed", "away", "said", "missed", ""]
    assert rows[0]["sit_started"] == "2026-11-23T09:00:00+01:00"
    assert json.loads(json.dumps(as_values(sits)))["sits"][3]["prompts"][0]["outcome"] == "missed"
    text = "\n".join(plain(*log_lines(sits, load_words())))
    assert "asked 09:31: up, confirmed by camera" in text
    assert "2026-W48: 4 asked, 1 confirmed by camera, 1 away, 1 said so, 1 unanswered" in text


def test_the_command_prints_it(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["getup", "log"]) == 0
    assert "No sitting noted yet" in capsys.readouterr().err
    assert not own_home.exists()  # looking begins nothing
    with Sits.open() as log:
        a_week(log, datetime.now().astimezone() - timedelta(days=3))
    for given, wanted in ((["--json"], '"weeks"'), (["--csv"], "sit_started,"), ([], "said so")):
        assert main(["getup", "log", *given]) == 0
        assert wanted in capsys.readouterr().out
