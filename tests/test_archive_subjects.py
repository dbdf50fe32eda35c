"""Subject a recording is, by a pattern or a list, and what looks like people's names there."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from loosen.archive.subjects import PSEUDONYM, Subject, matching_ends, pattern, read_manifest
from loosen.errors import ArchiveError


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *((text, "expected {person} once") for text in ("*", "{person}{person}", "{date}/*")),
        ("{person}/{name}/*", "{name} stands for nothing"),
        *(
            (f"{before}{{person}}{after}", f"Write the folder before it, as in 'recordings/{{person}}{after}'")
            for before, after in (("", "/**"), ("*/", "/**/*.mp4"), ("/", "/x/**"), ("**/", "/**"))
        ),
    ],
)
def test_a_pattern_that_does_not_tell_who_a_person_is_is_refused(text: str, said: str) -> None:
    with pytest.raises(ArchiveError, match=re.escape(said)):
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
    assert read_manifest(people) == {"a.mp4": Subject("p1", date(2026, 1, 5))}


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
        (None, r"people\.csv: there is no such file\.$"),
    ],
)
def test_a_list_that_is_none_is_refused(tmp_path: Path, text: str | None, said: str) -> None:
    people = tmp_path / "people.csv"
    if text is not None:
        people.write_text(text, "latin-1")
    with pytest.raises(ArchiveError, match=said):
        read_manifest(people)


def test_the_longest_end_of_an_address_decides() -> None:
    manifest = {"a.mp4": Subject("x"), "p1/a.mp4": Subject("y")}
    assert matching_ends("s3://b/p1/a.mp4", manifest) == ["p1/a.mp4", "a.mp4"]
    assert matching_ends("s3://b/p2/a.mp4", manifest) == ["a.mp4"]
    assert matching_ends("s3://b/p2/aa.mp4", manifest) == []


def test_a_pseudonym_is_one_word_of_letters_and_digits() -> None:
    for text in ("p01", "P-007", "P01-x", "blue-heron", "subject_12", "Anna", "Зоя-1", "9f3ab2"):
        assert PSEUDONYM.fullmatch(text), text
    for text in (
        "Anna Muster", "Pat O'Brien", "Anna_Muster", "Anna_Muster_01", "anna.muster", "Muster,Anna", "Dr. Anna", "",
        "Müller-Lüdenscheidt, Hans", "Зоя Иванова", "anna@example.org", "Anna Muster 2026-11-02", "-", "_1",
    ):  # fmt: skip
        assert not PSEUDONYM.fullmatch(text), text
