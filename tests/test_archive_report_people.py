"""Whom a report shows: who is told apart, whose a recording is, and what names of people come to light."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive_support import Clinic

from loosen import cli
from loosen.archive.report import overview
from loosen.archive.report_formats import as_page, lines
from loosen.errors import ArchiveError
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


def test_a_line_that_fits_two_peoples_recordings_is_refused(clinic: Clinic) -> None:
    """Phones name files alike: IMG_0001.MOV is everybody's first."""
    clinic.add("/c/anna/IMG_0001.MOV", "2026-01-05", ("full", 20.0))
    clinic.add("/c/ben/IMG_0001.MOV", "2026-01-05", ("full", 20.0))
    people = listed(clinic, "path,person\nnone.mov,p0\nIMG_0001.MOV,p1\n")
    with pytest.raises(ArchiveError) as refused:
        overview(clinic.tables.out, manifest=people)
    said = f"{people}:3: IMG_0001.MOV fits two recordings: /c/anna/IMG_0001.MOV and /c/ben/IMG_0001.MOV."
    assert str(refused.value).startswith(said)
    listed(clinic, "path,person\nanna/IMG_0001.MOV,p1\nIMG_0001.MOV,p2\n")
    seen = overview(clinic.tables.out, manifest=people)
    assert [(one.person, one.recordings) for one in seen.weeks] == [("p1", 1), ("p2", 1)]


def test_a_line_may_fit_one_recording_that_lies_in_two_places(clinic: Clinic) -> None:
    unit = clinic.add("/c/p1/a.mp4", "2026-01-05", ("full", 20.0))
    clinic.found(unit, "/copies/a.mp4", "2026-01-06")
    seen = overview(clinic.tables.out, manifest=listed(clinic, "path,person\na.mp4,blue\n"))
    assert ([(one.person, one.recordings) for one in seen.weeks], seen.warnings) == ([("blue", 1)], [])


def test_a_line_may_fit_what_has_taken_the_place_of_a_recording_that_is_gone(clinic: Clinic) -> None:
    clinic.add("/c/new/p1/a.mp4", "2026-01-05", ("full", 20.0))
    clinic.add("/c/old/p1/a.mp4", "2026-01-05", ("full", 20.0))
    clinic.found("", "/c/old/p1/a.mp4", "2026-01-06")
    seen = overview(clinic.tables.out, manifest=listed(clinic, "path,person\np1/a.mp4,blue\n"))
    assert [(one.person, one.recordings) for one in seen.weeks] == [("blue", 1)]


def test_a_list_may_have_paths_as_windows_writes_them(clinic: Clinic) -> None:
    clinic.add("/c/p1/a.mp4", "2026-01-05", ("full", 20.0))
    clinic.add("/c/p2/a.mp4", "2026-01-05", ("full", 20.0))
    people = listed(clinic, "path,person\np1\\a.mp4,blue\np2\\a.mp4,red\n")
    seen = overview(clinic.tables.out, manifest=people)
    assert ([one.person for one in seen.weeks], seen.warnings) == (["blue", "red"], [])


def test_lines_and_patterns_that_fit_nothing_are_said(clinic: Clinic, capsys: Out) -> None:
    clinic.add("/c/p1/a.mp4", "2026-01-05", ("full", 20.0))
    people = listed(clinic, "path,person\nb.mp4,blue\na.mp4,blue\nc.mp4,red\n")
    assert cli.main(["archive", "report", clinic.tables.out, "--manifest", str(people)]) == 0
    assert f"{people}, line 2: b.mp4 fits no recording (there are 2 such)." in capsys.readouterr().err
    assert cli.main(["archive", "report", clinic.tables.out, "--person", "{person}/x/*"]) == 0
    assert "The pattern '{person}/x/*' fits no recording" in capsys.readouterr().err
    assert overview(clinic.tables.out, path_pattern="{person}/*").warnings == []


@pytest.mark.parametrize(
    "address",
    [
        "/c/anna.muster/a.mp4", "/c/p1/anna.muster.mp4", "/c/p1/Anna_Muster_01.mp4", "/c/p1/Muster,Anna.mov",
        "/c/p1/Dr. Anna Muster/1.mp4", "s3://clinic/anna@example.org/a.mp4", "/c/Зоя Иванова/a.mp4",
        "/c/p1/Anna Muster",
    ],
)  # fmt: skip
def test_a_name_anywhere_in_a_path_is_found(clinic: Clinic, address: str) -> None:
    clinic.add("/c/p1/reach_sky_good.mp4", "2026-01-05", ("full", 20.0))
    assert overview(clinic.tables.out).warnings == []
    clinic.add(address, "2026-01-05", ("full", 20.0))
    assert len(overview(clinic.tables.out).warnings) == 1


@pytest.mark.parametrize("given", ["pattern", "list", "nothing"])
def test_a_name_in_a_path_is_warned_of_however_people_are_told_apart(clinic: Clinic, given: str) -> None:
    """But of somebody whom a list leaves out nothing is said: the page may go to another."""
    clinic.add("/c/p01/Anna Muster/2026-11-02/reach_sky_good.mp4", "2026-01-05", ("full", 20.0))
    clinic.add("/c/p02/Hans_Berg_01.mp4", "2026-01-05", ("full", 20.0))
    pattern = "c/{person}/**" if given == "pattern" else None
    people = listed(clinic, "path,person\nreach_sky_good.mp4,p01\n") if given == "list" else None
    [warning] = overview(clinic.tables.out, path_pattern=pattern, manifest=people).warnings
    others = "" if given == "list" else " (there are 2 such)"
    assert warning.startswith(
        f"'Anna Muster' looks like a name or a mail address{others}. Keep pseudonyms in the paths"
    )


def test_days_that_a_pattern_takes_for_people_are_warned_of(tmp_path: Path) -> None:
    clinic = Clinic(tmp_path / "out")
    for day in ("2026-01-05", "20260106"):
        clinic.add(f"/c/p1/{day}/a.mp4", "2026-01-05", ("full", 20.0))
    [warning] = overview(str(tmp_path / "out"), path_pattern="{person}/*").warnings
    assert "takes '2026-01-05' for a person (there are 2 such), which looks like a day" in warning
    assert overview(str(tmp_path / "out"), path_pattern="{person}/{date}/*").warnings == []
