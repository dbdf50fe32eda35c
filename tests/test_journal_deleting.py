"""Deleting for good, and saying what."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from journal_makers import EVENING, each_opening, rep_done, with_little_room
from journals import SECRET, everything_in, fill, made_up

from loosen.cli import main
from loosen.journal.store.journal import Journal
from loosen.journal.transfer import backup


def traces_of(text: str, path: Path) -> list[str]:
    return [it.name for it in path.parent.glob("journal.db*") if text.encode() in it.read_bytes()]


def test_what_is_deleted_is_in_no_file_any_more(six: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert traces_of(SECRET, six)
    assert main(["journal", "delete", "--all", "--yes"]) == 0
    assert traces_of(SECRET, six) == []
    assert main(["journal", "list"]) == 0
    assert "No session yet" in capsys.readouterr().err


def test_it_is_gone_from_the_log_too_while_another_loosen_has_the_journal_open(six: Path) -> None:
    with Journal.open(six) as page:
        number = page.begin_session(SECRET, camera=True, now=EVENING)
        page.add_rep(number, rep_done())
        assert traces_of(SECRET, six)
        assert main(["journal", "delete", "--all", "--yes"]) == 0
        assert traces_of(SECRET, six) == []
        page.begin_session("later", camera=True, now=EVENING)
        assert len(page.sessions()) == 1


def test_a_reader_that_holds_on_to_the_log_is_named(
    six: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(backup, "CHECKPOINT_AT_MOST_S", 0.1)
    monkeypatch.setattr("loosen.journal.store.database.BUSY_S", 0.05)
    with closing(sqlite3.connect(six, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sessions").fetchone()
        assert main(["journal", "delete", "--all", "--yes"]) == 0
        assert "close it and run this again" in capsys.readouterr().err
    assert main(["journal", "delete", "--all", "--yes"]) == 0
    assert traces_of(SECRET, six) == []


def test_one_session_or_those_before_a_day_can_go_alone(six: Path) -> None:
    with Journal.open(six) as journal:
        days = [row.local_date for row in journal.sessions()]
    assert main(["journal", "delete", "6", "--yes"]) == 0
    assert main(["journal", "delete", "--before", days[2], "--yes"]) == 0
    with Journal.open(six) as journal:
        assert [row.local_date for row in journal.sessions()] == days[1:3]
        with journal.using() as db:
            assert db.execute("SELECT count(*) FROM sits WHERE local_date < ?", (days[2],)).fetchone()[0] == 0
            assert db.execute("SELECT count(*) FROM prompts").fetchone()[0] > 0
            assert db.execute("SELECT count(*) FROM reps").fetchone()[0] > 0


def test_before_a_day_plans_replaced_doses_and_what_was_learnt_go_too(six: Path) -> None:
    row = "(uuid, at_utc, local_date, utc_offset_min, routine, exercise, sets, reps, what)"
    with Journal.open(six) as journal:
        routine = journal.sessions(1)[0].routine
        journal.set_setting(f"template.{routine}.a", 1)
        journal.set_setting("template.another.a", 1)
        journal.set_setting("care_read", True)
        with journal.changing() as db:
            db.execute("DELETE FROM doses")
            for n, day in enumerate(("2020-01-01", "2020-01-02")):
                db.execute(
                    f"INSERT INTO doses {row} VALUES (?, ?, ?, 0, ?, 'a', 1, ?, 'own')",
                    (f"u{n}", f"{day}T08:00:00Z", day, routine, n + 1),
                )
        last = journal.sessions(1)[0].local_date
    assert traces_of(SECRET, six)
    assert main(["journal", "delete", "--before", last, "--yes"]) == 0
    with Journal.open(six) as journal, journal.using() as db:
        assert db.execute("SELECT count(*) FROM plans").fetchone()[0] == 0
        assert db.execute("SELECT uuid FROM doses").fetchall() == [("u1",)]
        keys = {key for (key,) in db.execute("SELECT key FROM settings")}
    assert {f"template.{routine}.a", "care_read"} <= keys
    assert "template.another.a" not in keys
    assert traces_of(SECRET, six) == []


def test_another_writer_at_the_vacuum_does_not_make_a_deletion_a_failure(six: Path) -> None:
    with Journal.open(six) as journal, closing(sqlite3.connect(six, isolation_level=None)) as other:
        with journal.changing() as db:
            backup.delete_all(db)
        other.execute("BEGIN IMMEDIATE")
        with each_opening("PRAGMA busy_timeout = 50"):
            assert backup.sweep(journal) == "busy"
        other.execute("ROLLBACK")
        assert journal.sessions() == ()


def test_on_a_full_disk_it_is_told_what_went_and_that_traces_stay(own_home: Path) -> None:
    path = own_home / "journal.db"
    with Journal.open(path) as journal:
        fill(journal, made_up(40))
    done = with_little_room(path.stat().st_size // 2, "journal", "delete", "6", "--yes")
    assert done.stdout.startswith("Session 6, ")
    assert "Deleted for good. Sessions: 1," in done.stdout
    assert done.stderr.startswith("The disk has no room to tidy up")
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    with Journal.open(path) as journal:
        assert 6 not in {row.id for row in journal.sessions()}
        assert len(journal.sessions()) == 39
    assert main(["journal", "delete", "--before", "2000-01-01", "--yes"]) == 0


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE reps SET measures = 'coffee' WHERE session = 2",
        "UPDATE sessions SET started_utc = 'yesterday' WHERE id = 2",
    ],
    ids=["an entry", "the row"],
)
def test_a_session_that_cannot_be_read_can_be_deleted_by_its_number(
    six: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil: str
) -> None:
    with Journal.open(six) as journal, journal.changing() as db:
        db.execute(spoil)
    assert main(["journal", "show", "2"]) == 2
    assert "(an entry in it is not as loosen wrote it): see `loosen doctor`" in capsys.readouterr().err
    assert main(["journal", "delete", "2", "--yes"]) == 0
    assert capsys.readouterr().out.startswith("Session 2, ")
    assert main(["journal", "export", str(tmp_path / "e.json")]) == 0


@pytest.mark.parametrize("arguments", [[], ["1", "--all"], ["--all", "--before", "2026-01-01"], ["77"], ["--all"]])
def test_without_a_clear_wish_and_a_yes_nothing_is_deleted(
    six: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything_in(six)
    assert main(["journal", "delete", *arguments]) == 2
    assert everything_in(six) == before


@pytest.mark.parametrize(("answer", "left"), [("y", 0), ("n", 6), ("", 6)])
def test_deleting_asks_first(
    six: Path, answer: str, left: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = SimpleNamespace(isatty=lambda: True, readline=lambda: f"{answer}\n")
    monkeypatch.setattr(sys, "stdin", terminal)
    assert main(["journal", "delete", "--all"]) == (0 if left == 0 else 1)
    assert "everything in the journal? It cannot be undone" in capsys.readouterr().err
    with Journal.open(six) as journal:
        assert len(journal.sessions()) == left


@pytest.mark.parametrize("number", ["77", "99999999999999999999", "-99999999999999999999"])
@pytest.mark.parametrize("command", [["show"], ["delete", "--yes"]])
def test_a_number_that_is_none_is_said_plainly(
    six: Path, command: list[str], number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything_in(six)
    assert main(["journal", *command, "--", number]) == 2
    assert capsys.readouterr().err == f"loosen: There is no session {number}: see `loosen journal list`\n"
    assert everything_in(six) == before


def test_what_was_deleted_is_told(six: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Journal.open(six) as journal:
        rows = {row.id: row for row in journal.sessions()}
    assert main(["journal", "delete", "6", "2", "6", "--yes"]) == 0
    *named, whole = capsys.readouterr().out.splitlines()
    assert named == [f"Session {n}, {rows[n].started:%Y-%m-%d %H:%M}, repetitions: {rows[n].attempts}" for n in (6, 2)]
    reps = rows[6].attempts + rows[2].attempts
    assert whole == f"Deleted for good. Sessions: 2, repetitions: {reps}, sits: 0, plans: 0, doses: 0."
    assert main(["journal", "delete", "--before", rows[5].local_date, "--yes"]) == 0
    told = capsys.readouterr().out
    assert [line.partition(",")[0] for line in told.splitlines()[:-1]] == ["Session 1", "Session 3", "Session 4"]
    assert "Sessions: 3," in told
    assert "sits: 0" not in told


def test_many_are_not_named_one_by_one(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Journal.open(own_home / "journal.db") as journal:
        fill(journal, made_up(25))
    assert main(["journal", "delete", "--all", "--yes"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 22
    assert lines[20] == "and 5 more sessions"


def test_the_number_of_a_deleted_session_is_not_given_to_another(six: Path) -> None:
    assert main(["journal", "delete", "6", "5", "--yes"]) == 0
    with Journal.open(six) as journal:
        assert journal.session(journal.begin_session("r", camera=True, now=EVENING)).id == 7
        fill(journal, made_up(1, seed=9))
        assert sorted(row.id for row in journal.sessions()) == [1, 2, 3, 4, 7, 8]
    assert main(["journal", "delete", "--all", "--yes"]) == 0
    with Journal.open(six) as journal:  # nothing is left that a number could be taken for
        assert journal.session(journal.begin_session("r", camera=True, now=EVENING)).id == 1
