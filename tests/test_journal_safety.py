"""Whatever happens to the computer, what was kept stays kept, and a session goes on."""

from __future__ import annotations

import itertools
import random
import re
import signal
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from journal_makers import EVENING, each_opening, rep_done, session_begun, writer

from loosen.coach.guidance.stage import Happened
from loosen.errors import JournalError
from loosen.journal.store import integrity, schema, statements
from loosen.journal.store.journal import Journal

FULL = "PRAGMA max_page_count = 1"  # no page more than there are


def kept_numbers(path: Path, tag: str) -> list[float]:
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute(
            "SELECT start_s FROM reps JOIN sessions s ON s.id = session WHERE routine = ? ORDER BY reps.id", (tag,)
        )
        return [row[0] / 8.0 for row in rows]


@pytest.mark.slow
def test_a_hundred_kills_lose_no_repetition_that_was_kept(path: Path) -> None:
    dice = random.Random(20261122)
    acknowledged: dict[str, int] = {}
    for kill in range(100):
        tag = f"kill-{kill}"
        process = writer(path, tag)
        assert process.stdout is not None
        assert process.stderr is not None
        n = dice.randint(2, 4)
        for _ in range(n):
            begun_s = time.monotonic()
            process.stdout.readline()
        # At any moment of the next one, however slow the machine is.
        time.sleep(dice.uniform(0, time.monotonic() - begun_s))
        process.kill()
        acknowledged[tag] = n + process.stdout.read().count("\n")
        assert process.stderr.read() == ""
        assert process.wait() == -signal.SIGKILL
        process.stdout.close()
        process.stderr.close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    for tag, number in acknowledged.items():
        kept = kept_numbers(path, tag)
        assert kept == list(range(len(kept)))
        assert number <= len(kept) <= number + 1
    assert not list(path.parent.glob("*damaged*"))


@pytest.mark.parametrize("content", [b"not a database at all", bytes(5000), b"SQLite format 3\x00" + b"\xa5" * 9000])
def test_a_damaged_journal_is_set_aside_said_and_begun_anew(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.with_name("journal.db-wal").write_bytes(b"old log")
    with Journal.open(path, now=EVENING) as journal:
        assert journal.sessions() == ()
        session = journal.begin_session("r", camera=True, now=EVENING)
        journal.add_rep(session, rep_done())
        assert journal.kept
        assert len(journal.notices) == 1
        assert "journal.damaged-2026-11-22T201500.db" in journal.notices[0]
    assert (path.parent / "journal.damaged-2026-11-22T201500.db").read_bytes() == content
    assert (path.parent / "journal.damaged-2026-11-22T201500.db-wal").read_bytes() == b"old log"


def three_hundred(journal: Journal) -> str:
    """Fill a journal with a session of so many repetitions; return its uuid."""
    session = journal.begin_session("r", camera=True, now=EVENING)
    with journal.changing() as db:
        for number in range(300):
            db.execute(*statements.rep(session, rep_done(number)))
    return session


def test_a_page_that_rotted_in_the_middle_is_noticed(path: Path) -> None:
    with Journal.open(path) as journal:
        three_hundred(journal)
    content = bytearray(path.read_bytes())
    content[40_000:48_000] = bytes(8_000)
    path.write_bytes(content)
    with Journal.open(path, now=EVENING) as journal:
        assert journal.sessions() == ()
        (notice,) = journal.notices
    assert re.fullmatch(
        r"The journal was damaged \(parts of it can no longer be read\). It is kept as \S+, and a new one was begun."
        r" If you have a backup or an export, take it in: loosen journal import FILE",
        notice,
    )


def test_damage_that_shows_only_while_reading_is_said_in_words(path: Path) -> None:
    with Journal.open(path) as journal:
        session = three_hundred(journal)
        content = bytearray(path.read_bytes())
        content[12_000:] = bytes(len(content) - 12_000)
        path.write_bytes(content)
        with pytest.raises(JournalError) as told:
            journal.session(session)
    assert str(told.value) == "The journal cannot be read (parts of it can no longer be read): see `loosen doctor`"


def test_a_disk_that_may_only_be_read_is_said_in_words(path: Path) -> None:
    with Journal.open(path) as journal:
        with each_opening("PRAGMA query_only = ON"):
            journal.begin_session("r", camera=True, now=EVENING)
        assert not journal.kept
        assert journal.trouble.startswith("it may be read only")


def test_where_an_export_goes_to_is_no_fault_of_the_journal(path: Path) -> None:
    with Journal.open(path) as journal, pytest.raises(BrokenPipeError), journal.using():
        raise BrokenPipeError


def test_two_damaged_journals_in_one_second_are_both_kept(path: Path) -> None:
    for content in (b"first", b"second"):
        path.write_bytes(content)
        integrity.set_aside(path, EVENING)
    assert sorted(file.read_bytes() for file in path.parent.iterdir()) == [b"first", b"second"]


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_a_kill_while_a_damaged_journal_is_set_aside_mixes_no_old_log_into_the_new_one(
    path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    files = {"journal.db": b"not a database", "journal.db-wal": b"old log", "journal.db-shm": b"old index"}
    for name, content in files.items():
        path.with_name(name).write_bytes(content)
    rename = Path.rename
    done: list[Path] = []

    def killed(self: Path, target: Path) -> Path:
        if len(done) == steps:
            raise KeyboardInterrupt
        done.append(target)
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            Journal.open(path, now=EVENING)
    assert path.exists()
    with Journal.open(path, now=EVENING) as journal:
        assert journal.sessions() == ()
        assert journal.kept
    kept = {file.read_bytes() for file in path.parent.glob("*damaged*")}
    assert kept == set(files.values())


NEWER = f"PRAGMA user_version = {schema.newest() + 1}"


@pytest.mark.parametrize(
    ("change", "why"), [(NEWER, "newer loosen"), ("CREATE TABLE bookmarks (url TEXT)", "another program")]
)
def test_a_journal_of_a_newer_loosen_or_another_programs_is_refused_and_left_as_it_is(
    path: Path, change: str, why: str
) -> None:
    if change == NEWER:
        Journal.open(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(change)
    before = path.read_bytes()
    for or_unsaved in (False, True):
        with pytest.raises(JournalError, match=why):
            Journal.open(path, or_unsaved=or_unsaved)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["journal.db"]


def test_a_newer_version_that_stands_only_in_the_log_is_refused_too(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.set_setting("key", 1)
    with closing(sqlite3.connect(path)) as other:
        other.execute("SELECT count(*) FROM sessions").fetchone()
        with closing(sqlite3.connect(path)) as db:
            db.execute(NEWER)  # while another has it open, the change stays in the log
        log = path.with_name("journal.db-wal")
        before = path.read_bytes(), log.read_bytes()
        with pytest.raises(JournalError, match="newer loosen"):
            Journal.open(path)
        assert (path.read_bytes(), log.read_bytes()) == before


def fill_up(journal: Journal, session: str) -> int:
    """Keep repetitions until one cannot be kept; return how many that makes."""
    for number in itertools.count():
        journal.add_rep(session, rep_done(number))
        if not journal.kept:
            return number + 1
    raise AssertionError


def test_a_full_disk_is_said_and_the_session_goes_on(path: Path) -> None:
    with session_begun(path) as (journal, session):
        with each_opening(FULL):
            number = fill_up(journal, session)
            assert journal.trouble.startswith("the disk is full")
            journal.add_rep(session, rep_done(number))
            journal.happened(session, Happened(9.0, "hurt", exercise="back-arches"))
            assert not journal.kept
        journal.add_rep(session, rep_done(number + 1))
        assert journal.kept
        assert journal.trouble == ""
        detail = journal.session(session)
    assert detail.reps == tuple(rep_done(n) for n in range(number + 2))
    assert detail.hurt


def test_a_session_that_begins_on_a_full_disk_is_kept_once_there_is_room(path: Path) -> None:
    with Journal.open(path) as journal:
        with each_opening(FULL):
            for number in itertools.takewhile(lambda _: journal.kept, itertools.count()):
                journal.set_setting("filler" * 100 + str(number), "x" * 500)
            session = journal.begin_session("late", camera=True, now=EVENING)
            journal.add_rep(session, rep_done(0))
            assert journal.sessions() == ()
        journal.end_session(session, "finished", EVENING + timedelta(minutes=8))
        row = journal.sessions()[0]
        assert (row.routine, row.counted, row.how) == ("late", 1, "finished")


def test_a_real_limit_of_the_system_is_said_and_nothing_kept_is_lost(path: Path) -> None:
    """The system refuses to let the file grow, as a full disk does; the writer goes on to its end."""
    process = writer(path, "limited", "500", "166000")
    output, errors = process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert errors.strip()  # the trouble was said
    acknowledged = [int(line) for line in output.splitlines()]
    assert 10 < len(acknowledged) < 500
    kept = kept_numbers(path, "limited")
    assert kept[: len(acknowledged)] == acknowledged


def test_a_folder_that_cannot_be_written_at_the_start_keeps_the_session_once_it_can_be(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("a file where the folder should be")
    with pytest.raises(JournalError, match="cannot be used"):
        Journal.open(in_the_way / "journal.db")
    with Journal.open(in_the_way / "journal.db", or_unsaved=True) as journal:
        assert "cannot be used" in journal.trouble
        session = journal.begin_session("r", camera=True, now=EVENING)
        journal.add_rep(session, rep_done())
        assert not journal.kept
        with pytest.raises(JournalError):
            journal.session(session)
        in_the_way.unlink()
        journal.add_rep(session, rep_done(1))
        assert journal.kept
        assert journal.session(session).counted == 2


def test_writers_at_once_lose_nothing(path: Path) -> None:
    processes = [writer(path, f"writer-{n}", "60") for n in range(4)]
    # All of them end before anything is claimed: a pipe left open would be the next test's trouble.
    ended = [(process.communicate()[1], process.returncode) for process in processes]
    assert ended == [("", 0)] * 4
    for n in range(4):
        assert kept_numbers(path, f"writer-{n}") == list(range(60))


def test_a_stalled_writer_costs_nothing_but_a_wait(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loosen.journal.store.database.BUSY_S", 0.05)
    with session_begun(path) as (journal, session), closing(sqlite3.connect(path, isolation_level=None)) as stalled:
        stalled.execute("BEGIN IMMEDIATE")
        journal.add_rep(session, rep_done(0))
        assert not journal.kept
        assert journal.trouble == "another program is writing to it"
        stalled.execute("ROLLBACK")
        journal.add_rep(session, rep_done(1))
        assert journal.kept
        assert len(journal.session(session).reps) == 2


def test_closing_writes_what_still_waits(path: Path) -> None:
    with session_begun(path) as (journal, session), each_opening(FULL):
        number = fill_up(journal, session)
    with Journal.open(path) as journal:
        assert len(journal.session(session).reps) == number


def test_a_fault_of_the_caller_is_not_taken_for_trouble_with_the_disk(path: Path) -> None:
    with session_begun(path) as (journal, session):
        with pytest.raises(sqlite3.IntegrityError):
            journal.end_session(session, "vanished", EVENING)  # type: ignore[arg-type]
        assert journal.kept
        journal.add_rep(session, rep_done())
        assert journal.kept


def test_one_statement_at_fault_takes_nothing_with_it_that_had_waited(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("loosen.journal.store.database.BUSY_S", 0.05)
    with session_begun(path) as (journal, session), closing(sqlite3.connect(path, isolation_level=None)) as stalled:
        stalled.execute("BEGIN IMMEDIATE")
        journal.add_rep(session, rep_done(0))
        journal.end_session(session, "vanished", EVENING)  # type: ignore[arg-type]
        journal.add_rep(session, rep_done(1))
        stalled.execute("ROLLBACK")
        with pytest.raises(sqlite3.IntegrityError):
            journal.end_session(session, "melted", EVENING)  # type: ignore[arg-type]
        assert journal.kept
        assert journal.session(session).reps == (rep_done(0), rep_done(1))
    assert [record.name for record in caplog.records] == ["loosen.journal"]


@pytest.mark.parametrize("value", [2**70, "\ud800"], ids=["too large", "no text"])
def test_a_value_that_no_journal_can_hold_leaves_it_usable(value: object) -> None:
    with session_begun() as (journal, session):
        with pytest.raises((OverflowError, ValueError)):
            journal.happened(session, Happened(1.0, "hurt", value=value))  # type: ignore[arg-type]
        journal.add_rep(session, rep_done())
        assert len(journal.session(session).reps) == 1


def test_a_folder_in_its_place_is_no_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="it is a folder"):
        Journal.open(tmp_path)
