"""The person and the day of each recording: from its path by a pattern, or from a list (the manifest)."""

from __future__ import annotations

import csv
import re
import time
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from loosen.archive.report import queries
from loosen.errors import ArchiveError

EVERYONE = "everyone"

# What a pattern's signs stand for. Only the end of the address has to match; `**/` may stand for no folder at all.
PARTS = {
    "{person}": r"(?P<person>[^/]+)",
    "{date}": r"(?P<date>\d{4}-?\d{2}-?\d{2})",
    "/**/": r"/(?:.*/)?",
    "**": r".*",
    "*": r"[^/]*",
    "?": r"[^/]",
}
COLUMNS = (("path", "recording", "file"), ("person", "id", "pseudonym"), ("date",))
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
    columns, rows = _rows(path)
    of_path, of_person, of_date = (next((name for name in names if name in columns), None) for names in COLUMNS)
    if of_path is None or of_person is None:
        raise ArchiveError(f"{path}: expected the columns path and person, and perhaps date, with commas between them.")
    for number, row in rows:
        address, person = _slashes(row[of_path]), row[of_person]
        if not address or not person:
            missing = "person" if address else "path"
            raise ArchiveError(f"{path}:{number}: the {missing} is empty. Fill it in, or remove the line.")
        one = Subject(person, None if of_date is None else _day(path, number, row[of_date]), number)
        if known.setdefault(address, one) != one:
            raise ArchiveError(
                f"{path}:{number}: {address} stands above already, with another person or date. Keep one line."
            )
    return known


def _rows(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Return a CSV file's columns and its numbered rows; also as Excel writes them (UTF-16, tabs or ;)."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-16" if data[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) else "utf-8-sig")
        header = text.partition("\n")[0]
        lines = csv.reader(StringIO(text, newline=""), delimiter=max(",;\t", key=header.count))
        columns = [name.strip().lower() for name in next(lines, [])]
        rows = [(lines.line_num, [*map(str.strip, line), *[""] * len(columns)]) for line in lines]
        # Reversed, so that of two columns with one name the first counts.
        return columns, [(n, dict(list(zip(columns, row, strict=False))[::-1])) for n, row in rows if any(row)]
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


def find_places(
    database: duckdb.DuckDBPyConnection,
    files: dict[str, str],
    path_pattern: str | None,
    manifest: Path | None,
    warnings: list[str],
) -> None:
    """Make the tables `places`, with whose each recording is and of which day, and `clock`."""
    person, day, join = f"'{EVERYONE}'", "NULL", ""
    parameters: dict[str, Any] | None = None
    if path_pattern is not None:
        expression = pattern(path_pattern)
        groups = re.compile(expression).groupindex  # DuckDB knows groups by number only
        parameters = {"pattern": expression.replace("?P<person>", "").replace("?P<date>", "")}
        person = f"nullif(regexp_extract(place.address, $pattern, {groups['person']}), '')"
        if "{date}" in path_pattern:
            digits = f"regexp_extract(place.address, $pattern, {groups['date']})"
            day = f"try_strptime(replace({digits}, '-', ''), '%Y%m%d')::DATE"
    if manifest is not None:
        listed = read_manifest(manifest)
        places = database.execute(queries.CONTENTS.format(**files)).fetchall()
        owners, unused = match_manifest(places, listed, manifest)
        if unused:
            line = f"{manifest}, line {listed[unused[0]].line}: {unused[0]}"
            warnings.append(f"{line} fits no recording{_such(len(unused))}.")
        database.register("people", pa.table({
            "address": pa.array(owners, pa.string()),
            "person": pa.array([one.person for one in owners.values()], pa.string()),
            "day": pa.array([one.day for one in owners.values()], pa.date32()),
        }))  # fmt: skip
        person, day = "people.person", "people.day"
        join = "LEFT JOIN people ON people.address = place.address"
    database.execute(queries.PLACES.format(person=person, day=day, join=join, **files), parameters)
    quarters = [quarter for (quarter,) in database.execute(queries.QUARTERS).fetchall()]
    database.register("clock", pa.table({
        "quarter": pa.array(quarters, pa.int64()),
        "ahead_s": pa.array(map(_ahead_s, quarters), pa.int64()),
    }))  # fmt: skip


def doubts(database: duckdb.DuckDBPyConnection, persons: Sequence[str], path_pattern: str | None) -> Iterator[str]:
    """Yield what looks wrong with the persons whom the recordings were found to belong to."""
    if path_pattern is not None and not persons:
        yield f"The pattern {path_pattern!r} fits no recording; the end of an address has to fit it."
    if path_pattern is not None and (days := [one for one in persons if DAY.fullmatch(one)]):
        yield (
            f"The pattern {path_pattern!r} takes {days[0]!r} for a person{_such(len(days))}, which looks like a day. "
            "Write {date} for that part of the path."
        )
    elif names := [one for one in persons if not PSEUDONYM.fullmatch(one)]:
        yield (f"{names[0]!r} is no pseudonym{_such(len(names))}. Use one word of letters and digits, as p07.")
    for one, other, n in database.execute(queries.OF_TWO).fetchall():
        yield (
            f"One recording lies under two people: {one} and {other}{_such(n)}. "
            "It counts only where it was found last; give it to one of them."
        )


def _ahead_s(quarter: int) -> int:
    """Return how far this computer's clock is ahead of UTC, in s. DuckDB knows no zone without an extension."""
    try:
        return time.localtime(quarter * 900).tm_gmtoff
    except (OSError, OverflowError):  # a day that this computer's clock cannot show
        return 0


def _such(n: int) -> str:
    """Return the number of things like the one that was named, in words, where it is not the only one."""
    return f" (there are {n} such)" if n > 1 else ""
