"""Whom a report shows: who is told apart, whose a recording is, and who has no pseudonym."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive_support import Clinic
from people import ROUTINE, WORDS

from loosen import cli
from loosen.archive.report.formats import as_page, headline
from loosen.archive.report.report import read_report
from loosen.errors import ArchiveError

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
    seen = read_report(clinic.tables.out, manifest=listed(clinic, "path,person\np2/c.mp4,blue\n"))
    assert (seen.broken, seen.set_aside, seen.nobodys) == (0, [], 2)
    page = as_page(seen, 7, WORDS, [ROUTINE])
    for others in ("Set aside", "SIGSEGV", "Watched only as far", "the knees bent", "p1"):
        assert others not in page, others


def test_people_are_counted_only_where_they_are_told_apart(clinic: Clinic) -> None:
    clinic.add("/c/p1/a.mp4", "2026-01-05", ("full", 20.0))
    clinic.add("/c/p2/b.mp4", "2026-01-05", ("full", 20.0))
    apart = read_report(clinic.tables.out, path_pattern="{person}/*")
    assert headline(apart, WORDS).startswith("Recordings: 2. People: 2. ")
    assert "People:" not in headline(read_report(clinic.tables.out), WORDS)


def test_a_line_that_fits_two_peoples_recordings_is_refused(clinic: Clinic) -> None:
    """Phones name files alike: IMG_0001.MOV is everybody's first."""
    clinic.add("/c/anna/IMG_0001.MOV", "2026-01-05", ("full", 20.0))
    clinic.add("/c/ben/IMG_0001.MOV", "2026-01-05", ("full", 20.0))
    people = listed(clinic, "path,person\nnone.mov,p0\nIMG_0001.MOV,p1\n")
    with pytest.raises(ArchiveError) as refused:
        read_report(clinic.tables.out, manifest=people)
    said = f"{people}:3: IMG_0001.MOV fits two recordings: /c/anna/IMG_0001.MOV and /c/ben/IMG_0001.MOV."
    assert str(refused.value).startswith(said)
    listed(clinic, "path,person\nanna/IMG_0001.MOV,p1\nIMG_0001.MOV,p2\n")
    seen = read_report(clinic.tables.out, manifest=people)
    assert [(one.person, one.recordings) for one in seen.weeks] == [("p1", 1), ("p2", 1)]


@pytest.mark.parametrize(
    ("recordings", "again", "lines", "shown"),
    [
        (["/c/p1/a.mp4"], ("unit1", "/copies/a.mp4"), "a.mp4,blue\n", ["blue"]),
        (["/c/new/p1/a.mp4", "/c/old/p1/a.mp4"], ("", "/c/old/p1/a.mp4"), "p1/a.mp4,blue\n", ["blue"]),
        (["/c/p1/a.mp4", "/c/p2/a.mp4"], None, "p1\\a.mp4,blue\np2\\a.mp4,red\n", ["blue", "red"]),
    ],
    ids=["one recording in two places", "one that took the place of another", "paths as Windows writes them"],
)
def test_a_line_fits_one_recording_wherever_it_lies_and_however_its_path_is_written(
    clinic: Clinic, recordings: list[str], again: tuple[str, str] | None, lines: str, shown: list[str]
) -> None:
    for address in recordings:
        clinic.add(address, "2026-01-05", ("full", 20.0))
    if again:
        clinic.found(*again, "2026-01-06")
    seen = read_report(clinic.tables.out, manifest=listed(clinic, f"path,person\n{lines}"))
    assert ([(one.person, one.recordings) for one in seen.weeks], seen.warnings) == ([(one, 1) for one in shown], [])


def test_lines_and_patterns_that_fit_nothing_are_said(clinic: Clinic, capsys: Out) -> None:
    clinic.add("/c/p1/a.mp4", "2026-01-05", ("full", 20.0))
    people = listed(clinic, "path,person\nb.mp4,blue\na.mp4,blue\nc.mp4,red\n")
    assert cli.main(["archive", "report", clinic.tables.out, "--manifest", str(people)]) == 0
    assert f"{people}, line 2: b.mp4 fits no recording (there are 2 such)." in capsys.readouterr().err
    assert cli.main(["archive", "report", clinic.tables.out, "--person", "{person}/x/*"]) == 0
    assert "The pattern '{person}/x/*' fits no recording" in capsys.readouterr().err
    assert read_report(clinic.tables.out, path_pattern="{person}/*").warnings == []


@pytest.mark.parametrize("given", ["pattern", "list"])
def test_a_person_without_a_pseudonym_is_warned_of_in_one_line(clinic: Clinic, given: str) -> None:
    for person in ("p01", "Anna Muster", "hans.berg"):
        clinic.add(f"/c/{person}/a.mp4", "2026-01-05", ("full", 20.0))
    names = "path,person\n/c/p01/a.mp4,p01\nAnna Muster/a.mp4,Anna Muster\nhans.berg/a.mp4,hans.berg\n"
    people = listed(clinic, names) if given == "list" else None
    pattern = "{person}/*" if given == "pattern" else None
    report = read_report(clinic.tables.out, path_pattern=pattern, manifest=people)
    assert report.warnings == [
        "'Anna Muster' is no pseudonym (there are 2 such). Use one word of letters and digits, as p07."
    ]


def test_days_that_a_pattern_takes_for_people_are_warned_of(tmp_path: Path) -> None:
    clinic = Clinic(tmp_path / "out")
    for day in ("2026-01-05", "20260106"):
        clinic.add(f"/c/p1/{day}/a.mp4", "2026-01-05", ("full", 20.0))
    [warning] = read_report(str(tmp_path / "out"), path_pattern="{person}/*").warnings
    assert "takes '2026-01-05' for a person (there are 2 such), which looks like a day" in warning
    assert read_report(str(tmp_path / "out"), path_pattern="{person}/{date}/*").warnings == []
