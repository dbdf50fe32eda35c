"""Several programs at one journal: begun by two at once, set aside under one that has it open."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from journal_makers import EVENING, each_opening, rep_done, session_begun, sits_of

from loosen.coach.counting.rep import Rep
from loosen.coach.guidance.stage import Happened
from loosen.errors import LockedError
from loosen.journal.store import database, integrity, schema, writer
from loosen.journal.store.journal import Journal
from loosen.journal.store.sits import Sits
from loosen.journal.transfer import backup


def rot(path: Path) -> None:
    """Spoil what lies at the path, for whoever has it open too."""
    path.write_bytes(b"coffee" * 2000)


def set_aside(path: Path) -> None:
    """Have somebody start loosen at a journal that has rotted."""
    rot(path)
    with Journal.open(path, now=EVENING) as journal:
        assert "was damaged" in journal.notices[0]


def test_a_journal_that_another_program_begins_meanwhile_is_not_taken_for_a_strangers(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        only_to_read = integrity.only_to_read

        def with_the_other_at_work(path: Path) -> sqlite3.Connection:
            def begun(statement: str) -> None:
                if "sqlite_master" in statement:
                    schema.migrate(other)

            db = only_to_read(path)
            db.set_trace_callback(begun)
            return db

        monkeypatch.setattr(integrity, "only_to_read", with_the_other_at_work)
        assert integrity.examine(path).state == "new"
        assert schema.version_of(other) == schema.newest()


def test_two_that_find_a_damaged_journal_at_once_set_aside_that_one_and_share_the_new_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rot(path)
    both, examine = Barrier(2), integrity.examine
    looks: list[str] = []

    def at_once(path: Path, *, whole: bool = True) -> integrity.Health:
        found = examine(path, whole=whole)
        looks.append(found.state)
        if len(looks) <= 2:
            both.wait(5)
        return found

    def a_session(routine: str) -> None:
        with Journal.open(path) as journal:
            journal.add_rep(journal.begin_session(routine, camera=True, now=EVENING), rep_done())

    monkeypatch.setattr(integrity, "examine", at_once)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(a_session, ("one", "other")))
    with Journal.open(path) as journal:
        assert {row.routine for row in journal.sessions()} == {"one", "other"}
    assert len(list(path.parent.glob("*damaged*"))) == 1


def test_the_service_goes_on_in_the_new_journal_when_its_own_was_set_aside(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Sits.open(path) as log:
        log.begin("sit", EVENING)
        log.goes_on("sit", EVENING, 600)
        log.prompt("asked", "sit", EVENING + timedelta(minutes=30), 1800, "pause", "back-arches")
        assert log.write()
        log.snoozed("asked", 1)
        set_aside(path)
        log.end("sit", EVENING + timedelta(minutes=35), 2100, "up")
        log.settled("asked", EVENING + timedelta(minutes=35), "said")
        assert log.write()
        assert log.trouble == ""
        (sit,) = sits_of(log)
        assert (sit.seconds, sit.ending, sit.prompts[0].outcome, sit.prompts[0].snoozes) == (2100, "up", "said", 1)
        assert "set aside, moved or deleted" in log.notices[0]
    with Journal.open(path) as journal:
        assert journal.sits(EVENING.date(), EVENING.date()) == (sit,)
    assert {record.name for record in caplog.records} == {"loosen.journal"}


def test_a_session_under_way_is_whole_in_the_new_journal(path: Path) -> None:
    with Journal.open(path) as journal:
        earlier = journal.begin_session("earlier", camera=True, now=EVENING - timedelta(days=1))
        journal.end_session(earlier, "finished", EVENING)
        session = journal.begin_session("r", camera=True, now=EVENING)
        journal.happened(session, Happened(1.0, "answer", detail="soreness-before", value=4))
        for number in range(3):
            journal.add_rep(session, rep_done(number))
        set_aside(path)
        journal.add_rep(session, rep_done(3))
        journal.end_session(session, "finished", EVENING + timedelta(minutes=8))
        assert journal.kept
        assert any("set aside, moved or deleted" in notice for notice in journal.notices)
    with Journal.open(path) as journal:
        (row,) = journal.sessions()
        detail = journal.session(row.id)
    assert (row.routine, row.how, detail.answers[0].value) == ("r", "finished", 4)
    assert detail.reps == tuple(rep_done(number) for number in range(4))


def test_what_waited_goes_into_the_new_journal_and_no_repetition_comes_twice(path: Path) -> None:
    with session_begun(path) as (journal, session):
        journal.add_rep(session, rep_done(0))
        with each_opening("PRAGMA query_only = ON"):
            journal.add_rep(session, rep_done(1))
            journal.end_session(session, "finished", EVENING + timedelta(minutes=8))
            assert not journal.kept
        set_aside(path)
    with Journal.open(path) as journal:
        (row,) = journal.sessions()
        assert journal.session(row.id).reps == (rep_done(0), rep_done(1))


def test_a_number_that_the_new_journal_gives_again_names_the_later_session(path: Path) -> None:
    with Journal.open(path) as journal:
        first = journal.begin_session("first", camera=True, now=EVENING)
        journal.end_session(first, "stopped", EVENING)
        set_aside(path)
        second = journal.begin_session("second", camera=True, now=EVENING + timedelta(minutes=1))
        assert second != first
        journal.add_rep(second, rep_done())
        assert [(row.routine, row.attempts) for row in journal.sessions()] == [("second", 1)]


def test_a_session_that_the_person_deletes_while_it_is_led_does_not_come_back(path: Path) -> None:
    with session_begun(path) as (journal, session):
        journal.add_rep(session, rep_done(0))
        with Journal.open(path) as other, other.changing() as db:
            backup.delete_all(db)
        journal.add_rep(session, rep_done(1))
        journal.happened(session, Happened(60.0, "exercise-ended", "back-arches", "on", 2))
        journal.end_session(session, "finished", EVENING + timedelta(minutes=8))
        journal.add_rep(session, rep_done(2))  # a late one
        assert journal.kept
        assert journal.sessions() == ()


def test_a_sit_that_the_person_deletes_does_not_come_back(path: Path) -> None:
    with Sits.open(path) as log:
        log.begin("sit", EVENING)
        log.goes_on("sit", EVENING, 600)
        assert log.write()
        with Journal.open(path) as other, other.changing() as db:
            backup.delete_all(db)
        log.goes_on("sit", EVENING + timedelta(minutes=15), 900)
        log.end("sit", EVENING + timedelta(minutes=20), 1200, "up")
        assert log.write()
        assert sits_of(log) == ()
        log.begin("next", EVENING + timedelta(hours=1))
        assert log.write()
        assert [sit.uuid for sit in sits_of(log)] == ["next"]


def test_a_session_without_end_is_written_to_its_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "STATEMENTS_AT_MOST", 3)
    with session_begun(path) as (journal, session):
        for number in range(6):
            journal.add_rep(session, rep_done(number))
        journal.end_session(session, "finished", EVENING + timedelta(minutes=8))
        detail = journal.session(session)
    assert detail.how == "finished"
    assert detail.reps == tuple(rep_done(number) for number in range(6))


@given(st.lists(st.sampled_from(["rep", "refuse", "allow", "set aside", "back up", "put back", "delete"]), max_size=12))
@example(["rep", "back up", "rep", "put back"])
@example(["rep", "back up", "put back"])
@example(["rep", "rep", "set aside", "refuse", "rep"])
@settings(max_examples=25, deadline=None)
def test_what_is_kept_is_in_the_file_and_what_was_deleted_is_nowhere(steps: list[str]) -> None:
    with TemporaryDirectory() as folder, ExitStack() as refused:
        path, copy = Path(folder) / "journal.db", Path(folder) / "backup.db"
        done: list[Rep] = []
        deleted = False
        with session_begun(path) as (journal, session):
            for step in [*steps, "allow", "rep"]:
                match step:
                    case "rep":
                        done.append(rep_done(len(done)))
                        journal.add_rep(session, done[-1])
                    case "refuse":
                        refused.enter_context(each_opening("PRAGMA query_only = ON"))
                    case "allow":
                        refused.close()
                    case "set aside":
                        refused.close()
                        set_aside(path)
                    case "back up":
                        refused.close()
                        copy.unlink(missing_ok=True)
                        with journal.using() as db:
                            backup.back_up(db, copy)
                    case "put back" if copy.exists() and not deleted:
                        copy.replace(path)
                    case "delete":
                        refused.close()
                        journal.add_rep(session, rep_done(99))  # it is in the file, whatever became of that
                        with Journal.open(path) as other, other.changing() as db:
                            backup.delete_all(db)
                        journal.add_rep(session, rep_done(99))
                        deleted = True
            assert journal.kept
            kept = [row for row in journal.sessions() if row.uuid == session]
            assert [journal.session(row.id).reps for row in kept] == ([] if deleted else [tuple(done)])


def test_a_backup_that_takes_the_journals_place_gets_the_session_under_way_whole(path: Path, tmp_path: Path) -> None:
    with Journal.open(path) as journal:
        with journal.using() as db:
            backup.back_up(db, tmp_path / "backup.db")
        session = journal.begin_session("r", camera=True, now=EVENING)
        journal.add_rep(session, rep_done(0))
        (tmp_path / "backup.db").replace(path)
        journal.add_rep(session, rep_done(1))
        assert journal.session(journal.sessions()[0].id).reps == (rep_done(0), rep_done(1))


def test_nobody_sets_a_journal_aside_while_another_has_it_open(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "OPENING_S", 0.05)
    with Journal.open(path) as journal, journal.using():
        rot(path)
        with pytest.raises(LockedError, match="another program is just opening it"):
            Journal.open(path)
        assert not list(path.parent.glob("*damaged*"))
        assert path.read_bytes().startswith(b"coffee")


def test_a_journal_whose_disk_was_taken_out_is_not_begun_anew_and_waits(path: Path, tmp_path: Path) -> None:
    disk = tmp_path / "stick"
    disk.mkdir()
    with Journal.open(disk / "journal.db") as journal:
        session = journal.begin_session("r", camera=True, now=EVENING)
        disk.rename(tmp_path / "pocket")
        journal.add_rep(session, rep_done())
        assert not journal.kept
        assert "its folder is gone" in journal.trouble
        assert not disk.exists()
        (tmp_path / "pocket").rename(disk)
        journal.add_rep(session, rep_done(1))
        assert journal.kept
        assert len(journal.session(session).reps) == 2
