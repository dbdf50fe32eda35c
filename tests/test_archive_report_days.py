"""Of which day and week a recording is: by the clinic's clock, and where there is no telling."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from archive_support import Clinic

from loosen.archive.report import overview
from loosen.archive.shown import as_page
from loosen.routine.words import load_words


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
    seen = overview(clinic.tables.out, path_pattern="{person}/*")
    assert [(one.person, one.week, one.days, one.recordings) for one in seen.weeks] == [
        ("p1", date(2026, 1, 5), 2, 2), ("p2", date(2026, 6, 29), 1, 1), ("p2", date(2026, 7, 6), 1, 1),
    ]  # fmt: skip
    assert (seen.first, seen.last) == (date(2026, 1, 5), date(2026, 7, 6))
    assert "s clock (EST/EDT)." in as_page(seen, 7, load_words())
    live_in("UTC")
    seen = overview(clinic.tables.out, path_pattern="{person}/*")
    assert (seen.first, seen.zone) == (date(2026, 1, 6), "UTC")


def test_a_day_that_a_path_gives_is_of_no_zone(clinic: Clinic, live_in: Callable[[str], None]) -> None:
    clinic.add("/c/p1/2026-01-05/a.mp4", "2026-02-03", ("full", 20.0))
    live_in("Pacific/Auckland")
    seen = overview(clinic.tables.out, path_pattern="{person}/{date}/*")
    assert (seen.first, seen.days_of_files) == (date(2026, 1, 5), 0)
    assert "clock" not in as_page(seen, 7, load_words())
