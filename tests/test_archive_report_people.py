"""Whom a report shows: who is told apart, whose a recording is, and what names of people come to light."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive_support import Clinic

from loosen.archive.report import overview
from loosen.archive.shown import as_page, lines
from loosen.routine.words import load_words

Out = pytest.CaptureFixture[str]


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path / "out")


def listed(clinic: Clinic, text: str) -> Path:
    """Write a list of people beside the results."""
    people = Path(clinic.tables.root).parent / "people.csv"
    people.write_text(text, "utf-8")
    return people


def test_one_persons_page_holds_nothing_of_anybody_else(clinic: Clinic) -> None:
    clinic.add("/c/p1/a.mp4", "2026-01-05", ("full", 20.0, "knees-bend"), broken_at_s=4.0)
    clinic.add("/c/p1/b.mp4", "2026-01-05", reason="reading it crashed (SIGSEGV) (2 tries)")
    clinic.add("/c/p2/c.mp4", "2026-01-06", ("rushed", 21.0))
    seen = overview(clinic.tables.out, manifest=listed(clinic, "path,person\np2/c.mp4,blue\n"))
    assert (seen.broken, seen.set_aside, seen.nobodys) == (0, [], 2)
    page = as_page(seen, 7, load_words())
    for others in ("Set aside", "SIGSEGV", "Watched only as far", "the knees bent", "p1"):
        assert others not in page, others


def test_people_are_counted_only_where_they_are_told_apart(clinic: Clinic) -> None:
    clinic.add("/c/p1/a.mp4", "2026-01-05", ("full", 20.0))
    clinic.add("/c/p2/b.mp4", "2026-01-05", ("full", 20.0))
    words = load_words()
    assert next(lines(overview(clinic.tables.out, path_pattern="{person}/*"), 7, words)).startswith(
        "Recordings: 2. People: 2. "
    )
    assert "People:" not in next(lines(overview(clinic.tables.out), 7, words))
