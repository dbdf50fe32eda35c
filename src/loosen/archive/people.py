"""Whose a recording is, and of which day: from its path, or from a list. Pseudonyms only."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from loosen.errors import ArchiveError

# What a pattern's parts stand for; only the end of the address has to fit.
PARTS = {
    "{person}": r"(?P<person>[^/]+)",
    "{date}": r"(?P<date>\d{4}-?\d{2}-?\d{2})",
    "**": r".*",
    "*": r"[^/]*",
    "?": r"[^/]",
}
PATH_COLUMNS, PERSON_COLUMNS, DATE_COLUMNS = (
    ("path", "recording", "file"),
    ("person", "id", "pseudonym"),
    ("date",),
)
MAIL = re.compile(r"[^\s@]+@[^\s@]+\.\w+")
# Two or more words with capitals, as in a name; a pseudonym is one word.
NAME = re.compile(r"^[^\W\d_]+[.,]?( [^\W\d_]+[.,]?)+$")
NAMING_COLUMNS = re.compile(
    r"(^|[_ -])(name|firstname|lastname|surname|vorname|nachname|e?-?mail|birth\w*|address)([_ -]|$)"
)


@dataclass(frozen=True, slots=True)
class Whose:
    """A person's pseudonym, and the day if it is known."""

    person: str
    day: date | None = None


def pattern(text: str) -> str:
    """Return the regular expression of a path pattern as ``{person}/{date}/*``; ArchiveError if it names nobody."""
    if text.count("{person}") != 1 or text.count("{date}") > 1:
        raise ArchiveError(
            f"{text!r}: expected {{person}} once, and {{date}} at most once, as in '{{person}}/{{date}}/*'."
        )
    signs = "|".join(re.escape(sign) for sign in PARTS)
    parts = re.split(f"({signs})", text)
    return "(?:^|/)" + "".join(PARTS.get(part, re.escape(part)) for part in parts) + "$"


def read_manifest(path: Path) -> dict[str, Whose]:
    """Return who is in which recording, by address or the end of one; ArchiveError if the file does not say so."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            columns = {name.strip().lower(): name for name in rows.fieldnames or ()}
            of_path, of_person, of_date = (
                next((columns[name] for name in names if name in columns), None)
                for names in (PATH_COLUMNS, PERSON_COLUMNS, DATE_COLUMNS)
            )
            if of_path is None or of_person is None:
                raise ArchiveError(f"{path}: expected the columns path and person, and perhaps date.")
            return {
                (row[of_path] or "").strip(): Whose(
                    (row[of_person] or "").strip(), _day(path, number, row.get(of_date or ""))
                )
                for number, row in enumerate(rows, 2)
            }
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ArchiveError(f"{path}: cannot be read as a CSV file ({error}).") from error


def _day(path: Path, number: int, text: str | None) -> date | None:
    if not text or not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ArchiveError(f"{path}:{number}: {text!r} is no date; write it as 2026-11-30.") from None


def whose(address: str, manifest: Mapping[str, Whose]) -> Whose | None:
    """Return who an address belongs to: the longest end of it that the manifest has."""
    if address in manifest:
        return manifest[address]
    parts = address.split("/")
    ends = ("/".join(parts[at:]) for at in range(1, len(parts)))
    return next((manifest[end] for end in ends if end in manifest), None)


def naming(manifest: Path) -> str | None:
    """Return where a manifest holds what looks like names or mail addresses, None if nowhere."""
    with manifest.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(file), 1):
            for cell in row:
                text = cell.strip()
                if (
                    MAIL.search(text)
                    or (number == 1 and NAMING_COLUMNS.search(text.lower()))
                    or NAME.match(text)
                ):
                    return f"line {number}: {text!r}"
    return None


def names(persons: Iterable[str]) -> Iterator[str]:
    """Yield the persons who are called as people are and not by a pseudonym."""
    return (person for person in persons if MAIL.search(person) or NAME.match(person))
