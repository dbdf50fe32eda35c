"""Weeks that do not jump: days count where they were lived."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from journals import fill, made_up

from loosen.coach.guidance.stage import Happened
from loosen.journal.outcomes.period import read_period
from loosen.journal.report.report import days_by_week
from loosen.journal.store.journal import Journal


def sessions_at(*moments: datetime) -> Journal:
    journal = Journal.in_memory()
    for moment in moments:
        number = journal.begin_session("r", camera=False, now=moment)
        journal.happened(number, Happened(60.0, "led", "back-arches", value=1))
        journal.end_session(number, "finished", moment + timedelta(minutes=8))
    return journal


def weeks_of(journal: Journal, first: date, last: date) -> list[int]:
    with journal.using() as db:
        return [n for _, n in days_by_week(read_period(db, first, last))]


@pytest.mark.parametrize("home", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("month", [3, 10, 4, 11])
def test_a_daily_session_makes_seven_days_a_week_whatever_the_clocks_do(home: str, month: int) -> None:
    zone, first = ZoneInfo(home), date(2026, month, 2)
    first -= timedelta(days=first.weekday())
    moments = [
        datetime(day.year, day.month, day.day, hour, 30, tzinfo=zone)
        for n in range(35)
        for day in [first + timedelta(days=n)]
        for hour in [(0, 23, 2)[n % 3]]
    ]
    journal = sessions_at(*moments)
    assert weeks_of(journal, first, first + timedelta(days=34)) == [7] * 5
    with journal.using() as db:
        period = read_period(db, first, first + timedelta(days=34))
    # A time that the change of the clocks leaves out comes back as the same moment, an hour on.
    assert [session.started.astimezone(UTC) for session in period.sessions] == sorted(
        moment.astimezone(UTC) for moment in moments
    )


def test_a_trip_round_the_world_moves_no_session_to_another_day() -> None:
    homes = ("Europe/Berlin", "Asia/Tokyo", "Pacific/Kiritimati", "Pacific/Honolulu", "Europe/Berlin")
    first = date(2026, 6, 1)
    moments = [datetime(2026, 6, 1 + n, 7, 0, tzinfo=ZoneInfo(homes[n % len(homes)])) for n in range(14)]
    journal = sessions_at(*moments)
    assert weeks_of(journal, first, first + timedelta(days=13)) == [7, 7]
    assert {row.local_date for row in journal.sessions()} == {moment.date().isoformat() for moment in moments}


def test_the_weeks_are_the_same_wherever_one_looks_at_them(tmp_path: Path) -> None:
    script = (
        "import sys; from datetime import date; from pathlib import Path\n"
        "from loosen.journal.store.journal import Journal; from loosen.journal.outcomes.period import read_period\n"
        "from loosen.journal.report.report import days_by_week\n"
        "j = Journal.open(Path(sys.argv[1]))\n"
        "with j.using() as db: print(days_by_week(read_period(db, date(2026, 10, 1), date(2026, 11, 30))))"
    )
    place = tmp_path / "journal.db"
    with Journal.open(place) as journal:
        fill(journal, made_up(20))
    told = {
        subprocess.run(
            [sys.executable, "-c", script, str(place)],
            env={"TZ": zone, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone in ("UTC", "Pacific/Kiritimati", "Pacific/Honolulu")
    }
    assert len(told) == 1


def test_a_session_in_which_nothing_was_done_is_no_day() -> None:
    first = date(2026, 6, 1)
    with Journal.in_memory() as journal:
        key = journal.begin_session("r", camera=True, now=datetime(2026, 6, 3, 7, 0, tzinfo=UTC))
        journal.happened(key, Happened(1.0, "exercise-begun", "back-arches"))
        journal.happened(key, Happened(9.0, "exercise-ended", "back-arches", value=0))
        journal.end_session(key, "finished", datetime(2026, 6, 3, 7, 5, tzinfo=UTC))
        assert weeks_of(journal, first, first + timedelta(days=6)) == [0]
        assert journal.week(first) == (False,) * 7
