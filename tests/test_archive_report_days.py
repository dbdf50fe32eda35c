"""Of which day and week a recording is: by the clinic's clock, and where there is no telling."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from archive_support import Clinic, rep
from people import ROUTINE, WORDS

from loosen.archive.report.formats import as_csv, as_page
from loosen.archive.report.report import read_report
from loosen.archive.tables import Partition


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path / "out")


@pytest.fixture
def live_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    def move(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    with pytest.MonkeyPatch.context() as monkeypatch:
        yield move
    time.tzset()


def test_an_evening_is_of_its_own_day_and_week(clinic: Clinic, live_in: Callable[[str], None]) -> None:
    """In New York: Monday and Sunday at 20:30, in winter and in summer."""
    clinic.add("/c/p1/a.mp4", "2026-01-06T01:30", ("full", 20.0))
    clinic.add("/c/p1/b.mp4", "2026-01-12T01:30", ("full", 20.0))
    clinic.add("/c/p2/c.mp4", "2026-07-06T03:30", ("full", 20.0))  # Sunday 23:30 in summer, 22:30 in winter
    clinic.add("/c/p2/d.mp4", "2026-07-06T04:30", ("full", 20.0))  # Monday 00:30 in summer
    live_in("America/New_York")
    seen = read_report(clinic.tables.out, path_pattern="{person}/*")
    assert [(one.person, one.week, one.days, one.recordings) for one in seen.weeks] == [
        ("p1", date(2026, 1, 5), 2, 2), ("p2", date(2026, 6, 29), 1, 1), ("p2", date(2026, 7, 6), 1, 1),
    ]  # fmt: skip
    assert (seen.first, seen.last) == (date(2026, 1, 5), date(2026, 7, 6))
    assert "s clock (EST/EDT)." in as_page(seen, 7, WORDS, [ROUTINE])
    live_in("UTC")
    seen = read_report(clinic.tables.out, path_pattern="{person}/*")
    assert (seen.first, seen.zone) == (date(2026, 1, 6), "UTC")


def test_a_day_that_a_path_gives_is_of_no_zone(clinic: Clinic, live_in: Callable[[str], None]) -> None:
    clinic.add("/c/p1/2026-01-05/a.mp4", "2026-02-03", ("full", 20.0))
    live_in("Pacific/Auckland")
    seen = read_report(clinic.tables.out, path_pattern="{person}/{date}/*")
    assert (seen.first, seen.days_of_files) == (date(2026, 1, 5), 0)
    assert "clock" not in as_page(seen, 7, WORDS, [ROUTINE])


def test_weeks_without_a_recording_are_said_but_not_decades_of_them(clinic: Clinic) -> None:
    """A camera whose clock was never set says 1970."""
    for name, day in (("a", "1970-01-02"), ("b", "2025-01-06"), ("c", "2026-01-05"), ("d", "2026-01-20")):
        clinic.add(f"/c/p1/{name}.mp4", day, ("full", 20.0))
    weeks = read_report(clinic.tables.out, path_pattern="{person}/*").weeks
    assert [one.week for one in weeks if one.recordings] == [
        date(1969, 12, 29), date(2025, 1, 6), date(2026, 1, 5), date(2026, 1, 19),
    ]  # fmt: skip
    assert len(weeks) == 1 + 52 + 3
    assert weeks[1].week == date(2025, 1, 6)


def test_what_has_no_day_is_shown_without_one(clinic: Clinic) -> None:
    """Not every storage tells when a file changed."""
    clinic.add("/c/p1/a.mp4", "2026-01-05", ("full", 20.0), ("partial", 9.0))
    place = clinic.place("unit2", "/c/p1/b.mp4", "2026-01-05") | {"modified": None}
    clinic.tables.write(Partition([rep("unit2", 1, "full", 30.0)], [place], [clinic.recording("unit2", 1)]))
    seen = read_report(clinic.tables.out, path_pattern="{person}/*")
    assert [(one.week, one.days, one.recordings) for one in seen.weeks] == [(date(2026, 1, 5), 1, 1), (None, 0, 1)]
    assert [(one.week, one.range_mean) for one in seen.movements] == [(date(2026, 1, 5), 20.0), (None, 30.0)]
    assert seen.days_of_files == 1
    first, second = csv.DictReader(as_csv(seen, 7).splitlines())
    assert (first["week"], first["days"], first["days_planned"]) == ("2026-01-05", "1", "7")
    assert (second["week"], second["days"], second["days_planned"], second["range_mean"]) == ("", "", "", "30")
    assert "<td>p1</td><td>day not known</td><td>-</td>" in as_page(seen, 7, WORDS, [ROUTINE])
