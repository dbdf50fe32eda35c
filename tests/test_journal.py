"""What was done is kept, and comes back as it was."""

from __future__ import annotations

import os
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from exchange_strategies import reps
from hypothesis import given
from hypothesis import strategies as st
from journal_makers import EVENING, rep_done, session_begun

from loosen.coach.counting.rep import Measure, Rep
from loosen.coach.guidance.stage import Happened
from loosen.journal.store.journal import Journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "journal.db"


def test_a_session_comes_back_whole_after_closing(path: Path) -> None:
    with Journal.open(path) as journal:
        session = journal.begin_session("lower-back", camera=True, now=EVENING)
        journal.happened(session, Happened(1.0, "answer", detail="soreness-before", value=6))
        journal.happened(session, Happened(2.0, "answer", detail="stiffness-before", value=None))
        journal.happened(session, Happened(3.0, "exercise-begun", exercise="back-arches"))
        journal.add_rep(session, rep_done(0))
        journal.add_rep(session, rep_done(1, verdict="shallow", counted=False, reasons=("Not far enough.",)))
        journal.end_session(session, "finished", EVENING + timedelta(minutes=9))
    with Journal.open(path) as journal:
        detail = journal.session(session)
    assert detail.reps == (rep_done(0), rep_done(1, verdict="shallow", counted=False, reasons=("Not far enough.",)))
    assert [(answer.question, answer.value) for answer in detail.answers] == [
        ("soreness-before", 6),
        ("stiffness-before", None),
    ]
    assert [event.what for event in detail.events] == ["exercise-begun"]
    assert detail.how == "finished"
    assert detail.minutes == 9.0
    assert (detail.attempts, detail.counted) == (2, 1)
    assert detail.exercises[0].verdicts == {"full": 1, "shallow": 1}


@given(rep=reps())
def test_any_repetition_comes_back_as_it_was(rep: Rep) -> None:
    with session_begun() as (journal, session):
        journal.add_rep(session, rep)
        assert journal.session(session).reps == (rep,)


def test_an_unknown_measure_stays_unknown() -> None:
    done = rep_done(0, measures={"range": Measure(float("nan"), "deg", 1.0), "stop_s": Measure(2.0, "s", 0.1)})
    with session_begun() as (journal, session):
        journal.add_rep(session, done)
        assert set(journal.session(session).reps[0].measures) == {"stop_s"}


def test_the_last_answer_to_a_question_counts() -> None:
    with Journal.in_memory() as journal:
        session = journal.begin_session("r", camera=False, now=EVENING)
        for value in (3, 7):
            journal.happened(session, Happened(float(value), "answer", detail="soreness-before", value=value))
        assert [answer.value for answer in journal.session(session).answers] == [7]


def test_the_newest_session_stands_first_by_the_moment_not_by_the_local_clock() -> None:
    abroad = datetime(2026, 11, 22, 19, 30, tzinfo=UTC)  # a quarter of an hour after EVENING
    with Journal.in_memory() as journal:
        first, third, second = (
            journal.begin_session("r", camera=True, now=at) for at in (EVENING, EVENING + timedelta(days=1), abroad)
        )
        assert [row.uuid for row in journal.sessions()] == [third, second, first]
        assert [row.uuid for row in journal.sessions(limit=1)] == [third]


def test_a_session_that_was_killed_shows_as_stopped(path: Path) -> None:
    with session_begun(path) as (journal, session):
        journal.happened(session, Happened(1000.0, "exercise-begun", exercise="back-arches"))
        journal.add_rep(session, rep_done(0, start_s=1100.0, peak_s=1102.0, end_s=1180.0))
    with Journal.open(path) as journal:
        row = journal.sessions()[0]
    assert row.how == "stopped"
    assert row.ended is None
    assert row.minutes == 3.0  # as far as was kept; the clock of these times may begin anywhere


def test_the_first_end_counts() -> None:
    with session_begun() as (journal, session):
        journal.end_session(session, "finished", EVENING + timedelta(minutes=8))
        journal.end_session(session, "stopped", EVENING + timedelta(minutes=30))
        assert (journal.sessions()[0].how, journal.sessions()[0].minutes) == ("finished", 8.0)


def test_a_late_session_belongs_to_the_day_it_was_at_the_place_where_it_was_done() -> None:
    with Journal.in_memory() as journal:
        late = datetime(2026, 11, 22, 23, 50, tzinfo=EVENING.tzinfo)
        session = journal.begin_session("r", camera=True, now=late)
        row = journal.session(session)
    assert row.local_date == "2026-11-22"
    assert row.started == late
    assert row.started.utcoffset() == timedelta(hours=1)


def test_a_time_without_its_offset_is_refused() -> None:
    with Journal.in_memory() as journal, pytest.raises(ValueError, match="offset"):
        journal.begin_session("r", camera=True, now=datetime(2026, 11, 22, 20, 15))


def test_the_week_runs_from_monday_to_sunday_and_shows_days_on_which_something_was_done() -> None:
    sunday = date(2026, 11, 22)
    with Journal.in_memory() as journal:
        tuesday = journal.begin_session("r", camera=True, now=EVENING - timedelta(days=5))
        journal.add_rep(tuesday, rep_done())
        thursday = journal.begin_session("r", camera=False, now=EVENING - timedelta(days=3))
        journal.happened(thursday, Happened(60.0, "exercise-ended", exercise="back-arches", value=5))
        on_sunday = journal.begin_session("r", camera=False, now=EVENING)  # opened, but nothing done
        journal.happened(on_sunday, Happened(9.0, "exercise-ended", exercise="back-arches", value=0))
        last_week = journal.begin_session("r", camera=True, now=EVENING - timedelta(days=7))
        journal.end_session(last_week, "finished", EVENING - timedelta(days=7))
        assert journal.week(sunday) == (False, True, False, True, False, False, False)
        assert journal.week(sunday + timedelta(days=1)) == (False,) * 7


@given(value=st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), st.lists))
def test_a_setting_comes_back(value: object) -> None:
    with Journal.in_memory() as journal:
        assert journal.get_setting("key", "default") == "default"
        journal.set_setting("key", "earlier")
        journal.set_setting("key", value)
        assert journal.get_setting("key", "default") == value


@pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX thing")
def test_nobody_else_on_the_computer_can_read_it(path: Path) -> None:
    before = os.umask(0)
    try:
        with Journal.open(path) as journal, journal.using():
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert modes == {"journal.db": 0o600, "journal.db-wal": 0o600, "journal.db-shm": 0o600}


def test_it_lives_in_the_home_that_was_named(own_home: Path) -> None:
    with Journal.open() as journal:
        assert journal.path == own_home / "journal.db"


def test_a_demo_leaves_nothing_behind(own_home: Path) -> None:
    with session_begun() as (journal, session):
        journal.add_rep(session, rep_done())
        assert journal.kept
    assert not own_home.exists()
