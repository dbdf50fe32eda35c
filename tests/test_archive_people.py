"""Whose a recording is, by a pattern or a list, and what looks like people's names there."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from loosen.archive.names import looks_like_name
from loosen.archive.subjects import Whose, naming, pattern, read_manifest, whose
from loosen.errors import ArchiveError


@pytest.mark.parametrize("text", ["*", "{person}{person}", "{date}/*"])
def test_a_pattern_names_the_person_once(text: str) -> None:
    with pytest.raises(ArchiveError, match="person"):
        pattern(text)


@pytest.mark.parametrize("text", ["{person}/**", "*/{person}/**/*.mp4", "/{person}/x/**", "**/{person}/**"])
def test_a_pattern_in_which_everybody_would_be_one_person_is_refused(text: str) -> None:
    after = text.partition("{person}")[2]
    with pytest.raises(
        ArchiveError, match=re.escape(f"Write the folder before it, as in 'recordings/{{person}}{after}'")
    ):
        pattern(text)


@pytest.mark.parametrize(
    ("text", "address", "person"),
    [
        ("rec/{person}/**/*.mp4", "/c/rec/p1/a.mp4", "p1"),
        ("rec/{person}/**/*.mp4", "/c/rec/p1/2026/x/a.mp4", "p1"),
        ("rec/{person}/**/**/a.mp4", "/c/rec/p1/a.mp4", "p1"),
        ("rec/{person}/**", "s3://clinic/rec/p1/2026/a.mp4", "p1"),
        ("**/{person}/*", "p1/a.mp4", "p1"),
        ("{date}/{person}/**", "/c/2026-01-05/p1/x/a.mp4", "p1"),
        ("rec/**/{person}/*", "/c/rec/p1/a.mp4", "p1"),
        ("rec/{person}/*", "/c/rec/p1/2026/a.mp4", None),
    ],
)
def test_a_pattern_tells_whose_an_address_is(text: str, address: str, person: str | None) -> None:
    found = re.search(pattern(text), address)
    assert (found and found["person"]) == person


@pytest.mark.parametrize(
    "data",
    [
        b"path;person;date\na.mp4;p1;2026-01-05\n;;\n",
        "path\tperson\tdate\r\na.mp4\tp1\t2026-01-05\r\n".encode("utf-16"),
        b"\xef\xbb\xbf Path , Person,DATE\r\na.mp4, p1 ,2026-01-05\r\n\r\n",
        b'note,person,path,date\n"two\nlines",p1,a.mp4,2026-01-05\n,p1,a.mp4,2026-01-05\n',
    ],
)
def test_a_list_may_be_as_a_spreadsheet_writes_it(tmp_path: Path, data: bytes) -> None:
    people = tmp_path / "people.csv"
    people.write_bytes(data)
    assert read_manifest(people) == {"a.mp4": Whose("p1", date(2026, 1, 5))}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file\n", "expected the columns path and person"),
        ("", "expected the columns path and person"),
        ("path,person,date\na,b,5.1.26\n", ":2: '5.1.26' is no date"),
        ("path,person\na,b\nc, \n", ":3: the person is empty"),
        ("path,person\n,b\n", ":2: the path is empty"),
        ('path,person,note\na,b,"1\n2"\na,c,\n', ":4: a stands above already, with another person"),
        ("path,person\na,b\xe9\n", 'Save it as "CSV UTF-8"'),
    ],
)
def test_a_list_that_is_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    people = tmp_path / "people.csv"
    people.write_text(text, "latin-1")
    with pytest.raises(ArchiveError, match=said):
        read_manifest(people)


def test_the_longest_end_of_an_address_decides() -> None:
    manifest = {"a.mp4": Whose("x"), "p1/a.mp4": Whose("y")}
    assert whose("s3://b/p1/a.mp4", manifest) == ["p1/a.mp4", "a.mp4"]
    assert whose("s3://b/p2/a.mp4", manifest) == ["a.mp4"]
    assert whose("s3://b/p2/aa.mp4", manifest) == []


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("path,person\na.mp4,p1\n", None),
        ("path,person\na b.mp4,P01-x\n", None),
        ("path,person,e-mail\na.mp4,p1,\n", "line 1"),
        ("path,person,first_name\na.mp4,p1,\n", "line 1"),
        ("path,person\na.mp4,Anna Muster\n", "line 2"),
        ("path,person,note\na.mp4,p1,write to anna@example.org\n", "line 2"),
        ("path,person\nrec/Anna Muster/a.mp4,p1\n", "line 2"),
        ("path,person\nanna.muster.mp4,p1\n", "line 2"),
        ("path,person\nreach/good one.mov,anna muster\n", "line 2"),
        ("path;person\na.mp4;Muster,Anna\n", "line 2"),
        ("path,person,first session,note\nrec/back arches.mov,p1,,a bit sore today\n", None),
    ],
)
def test_a_list_with_names_or_mail_addresses_is_found_out(
    tmp_path: Path, text: str, where: str | None
) -> None:
    people = tmp_path / "people.csv"
    people.write_text(text)
    assert [found.partition(":")[0] for found in naming(people)] == ([where] if where else [])


@pytest.mark.parametrize(
    "text",
    [
        "Anna Muster", "Anna-Lena Muster", "Pat O'Brien", "Anna_Muster", "anna.muster", "Muster,Anna", "A. Muster",
        "Müller-Lüdenscheidt, Hans", "Hans von Berg", "Зоя Иванова", "muster, anna", "anna@example.org",
        "Dr. Anna Muster", "Anna_Muster_01", "Anna Muster 2026-11-02",
    ],
)  # fmt: skip
def test_a_persons_name_is_known_as_one(text: str) -> None:
    assert looks_like_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "reach_sky_good", "back-arches", "p01", "P01-x", "2026-11-02", "Back Arches", "back_arches", "IMG_0001", "a.b",
        "GX_FRONT_2", "left.knee", "My Videos", "s3:", "clinic.example.org", "", "Anna", "blue-heron", "blue_heron",
        "lower back", "Zoë-1", "New folder", "week 3", "Group A", "Reach For The Sky", "pytest-of-root", "Patient_Blue",
    ],
)  # fmt: skip
def test_what_files_and_pseudonyms_are_called_is_no_name(text: str) -> None:
    assert not looks_like_name(text)


def test_what_stands_for_nothing_in_a_pattern_is_refused_by_name() -> None:
    with pytest.raises(ArchiveError, match=r"\{name\} stands for nothing"):
        pattern("{person}/{name}/*")


def test_a_list_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"people\.csv: there is no such file\.$"):
        read_manifest(tmp_path / "people.csv")
