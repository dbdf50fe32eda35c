"""Whose a recording is and of which day: from its path by a pattern, or from a list (the manifest)."""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from pathlib import Path

from loosen.errors import ArchiveError

# What a pattern's signs stand for. Only the end of the address has to match; `**/` may stand for no folder at all.
PARTS = {
    "{person}": r"(?P<person>[^/]+)",
    "{date}": r"(?P<date>\d{4}-?\d{2}-?\d{2})",
    "/**/": r"/(?:.*/)?",
    "**": r".*",
    "*": r"[^/]*",
    "?": r"[^/]",
}
PATH_COLUMNS, PERSON_COLUMNS, DATE_COLUMNS = (("path", "recording", "file"), ("person", "id", "pseudonym"), ("date",))
DAY = re.compile(r"\d{4}-?\d{2}-?\d{2}")
PSEUDONYM = re.compile(r"[^\W_]+(-[^\W_]+)*(_\d+)*")
"""One word of letters and digits, perhaps with hyphens, and numbers after a `_`: p01, P-007, blue-heron, subject_12."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A person's pseudonym, the day if it is known, and the manifest's line that says so."""

    person: str
    day: date | None = None
    line: int = field(default=0, compare=False)


def pattern(text: str) -> str:
    """Return the regular expression for a path pattern such as ``{person}/{date}/*``.

    Raises ArchiveError if it does not say where the person stands, or cannot tell persons apart.
    """
    if text.count("{person}") != 1 or text.count("{date}") > 1:
        raise ArchiveError(
            f"{text!r}: expected {{person}} once, and {{date}} at most once, as in '{{person}}/{{date}}/*'."
        )
    if unknown := re.search(r"\{(?!person\}|date\})[^}]*\}", text):
        raise ArchiveError(f"{text!r}: {unknown[0]} stands for nothing; there are {{person}}, {{date}}, *, ** and ?.")
    before, _, after = text.partition("{person}")
    if "**" in after and not re.search(r"[^/*?]", before):
        raise ArchiveError(
            f"{text!r}: with ** after it, {{person}} would be whatever the address begins with. Write the folder "
            f"before it, as in 'recordings/{{person}}{after}'."
        )
    signs = "|".join(re.escape(sign) for sign in PARTS)
    parts = re.split(f"({signs})", re.sub(r"(\*\*/)+", "**/", text).removeprefix("**/"))
    return "(?:^|/)" + "".join(PARTS.get(part, re.escape(part)) for part in parts) + "$"


def read_manifest(path: Path) -> dict[str, Subject]:
    """Return the subjects by address, or the end of one; ArchiveError if the file does not tell them."""
    known: dict[str, Subject] = {}
    header, *rows = _rows(path)
    of_path, of_person, of_date = _columns(header[1])
    if of_path is None or of_person is None:
        raise ArchiveError(f"{path}: expected the columns path and person, and perhaps date, with commas between them.")
    for number, row in rows:
        cells = [*map(str.strip, row), *[""] * len(header[1])]
        if not any(cells):
            continue
        address, person = _slashes(cells[of_path]), cells[of_person]
        if not address or not person:
            missing = "person" if address else "path"
            raise ArchiveError(f"{path}:{number}: the {missing} is empty. Fill it in, or remove the line.")
        one = Subject(person, None if of_date is None else _day(path, number, cells[of_date]), number)
        if known.setdefault(address, one) != one:
            raise ArchiveError(
                f"{path}:{number}: {address} stands above already, with another person or date. Keep one line."
            )
    return known


def _columns(header: Sequence[str]) -> tuple[int | None, int | None, int | None]:
    """Return the columns of path, person and date."""
    columns = {name.strip().lower(): at for at, name in reversed(list(enumerate(header)))}
    path, person, day = (
        next((columns[name] for name in names if name in columns), None)
        for names in (PATH_COLUMNS, PERSON_COLUMNS, DATE_COLUMNS)
    )
    return path, person, day


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Return a CSV file's numbered lines, the header first; also as Excel writes them (UTF-16, tabs or ;)."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-16" if data[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) else "utf-8-sig")
        header = text.partition("\n")[0]
        rows = csv.reader(StringIO(text, newline=""), delimiter=max(",;\t", key=header.count))
        return [(rows.line_num, row) for row in rows] or [(1, [])]
    except UnicodeDecodeError:
        raise ArchiveError(f'{path}: neither UTF-8 nor UTF-16. Save it as "CSV UTF-8".') from None
    except FileNotFoundError:
        raise ArchiveError(f"{path}: there is no such file.") from None
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be read ({error.strerror}).") from error
    except csv.Error as error:
        raise ArchiveError(f"{path}: cannot be read as a CSV file ({error}).") from error


def _day(path: Path, number: int, text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArchiveError(f"{path}:{number}: {text!r} is no date; write it as 2026-11-30.") from None


def _slashes(path: str) -> str:
    r"""Return a path as addresses have it, though Windows writes ``p1\a.mp4``."""
    return path.replace("\\", "/")


def matching_ends(address: str, manifest: Mapping[str, Subject]) -> list[str]:
    """Return the manifest's paths that are an end of an address; the longest, which decides, is first."""
    parts = _slashes(address).split("/")
    ends = ("/".join(parts[at:]) for at in range(len(parts)))
    return [end for end in ends if end in manifest]


def match_manifest(
    places: Iterable[tuple[str, str]], manifest: Mapping[str, Subject], path: Path
) -> tuple[dict[str, Subject], list[str]]:
    """Return the person each recording belongs to, by address, and the manifest's paths that match no recording.

    `places`: (address, unit). Raises ArchiveError, naming the line, where one line matches several recordings, because
    phones give files the same names.
    """
    owners: dict[str, Subject] = {}
    first: dict[str, tuple[str, str]] = {}
    matched: set[str] = set()
    for address, unit in sorted(places):
        if not (ends := matching_ends(address, manifest)):
            continue
        matched.update(ends)
        subject = owners[address] = manifest[ends[0]]
        first_address, first_unit = first.setdefault(ends[0], (address, unit))
        if unit != first_unit:
            raise ArchiveError(
                f"{path}:{subject.line}: {ends[0]} fits two recordings: {first_address} and {address}. Write more of "
                "the path there, and a line for each."
            )
    return owners, [end for end in manifest if end not in matched]
