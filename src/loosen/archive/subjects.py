"""Whose a recording is, and of which day: from its path, or from a list. Pseudonyms only."""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from pathlib import Path

from loosen.archive.names import looks_like_name
from loosen.errors import ArchiveError

# What a pattern's parts stand for; only the end of the address has to fit. Folders of `**/` may also be none.
PARTS = {
    "{person}": r"(?P<person>[^/]+)",
    "{date}": r"(?P<date>\d{4}-?\d{2}-?\d{2})",
    "/**/": r"/(?:.*/)?",
    "**": r".*",
    "*": r"[^/]*",
    "?": r"[^/]",
}
PATH_COLUMNS, PERSON_COLUMNS, DATE_COLUMNS = (
    ("path", "recording", "file"),
    ("person", "id", "pseudonym"),
    ("date",),
)
DAY = re.compile(r"\d{4}-?\d{2}-?\d{2}")
ENDING = re.compile(r"\.\w{1,5}$")
NAMING_COLUMNS = re.compile(
    r"(^|[_ -])(name|firstname|lastname|surname|vorname|nachname|e?-?mail|birth\w*|address)([_ -]|$)"
)


@dataclass(frozen=True, slots=True)
class Whose:
    """A person's pseudonym, the day if it is known, and the list's line that says so."""

    person: str
    day: date | None = None
    line: int = field(default=0, compare=False)


def pattern(text: str) -> str:
    """Return the regular expression of a path pattern as ``{person}/{date}/*``.

    ArchiveError if it names nobody, or whom cannot be told.
    """
    if text.count("{person}") != 1 or text.count("{date}") > 1:
        raise ArchiveError(
            f"{text!r}: expected {{person}} once, and {{date}} at most once, as in '{{person}}/{{date}}/*'."
        )
    if unknown := re.search(r"\{(?!person\}|date\})[^}]*\}", text):
        raise ArchiveError(
            f"{text!r}: {unknown[0]} stands for nothing; there are {{person}}, {{date}}, *, ** and ?."
        )
    before, _, after = text.partition("{person}")
    if "**" in after and not re.search(r"[^/*?]", before):
        raise ArchiveError(
            f"{text!r}: with ** after it, {{person}} would be whatever the address begins with. Write the folder "
            f"before it, as in 'recordings/{{person}}{after}'."
        )
    signs = "|".join(re.escape(sign) for sign in PARTS)
    parts = re.split(f"({signs})", re.sub(r"(\*\*/)+", "**/", text).removeprefix("**/"))
    return "(?:^|/)" + "".join(PARTS.get(part, re.escape(part)) for part in parts) + "$"


def read_manifest(path: Path) -> dict[str, Whose]:
    """Return who is in which recording, by address or the end of one; ArchiveError if the file does not say so."""
    known: dict[str, Whose] = {}
    header, *rows = _rows(path)
    of_path, of_person, of_date = _columns(header[1])
    if of_path is None or of_person is None:
        raise ArchiveError(
            f"{path}: expected the columns path and person, and perhaps date, with commas between them."
        )
    for number, row in rows:
        cells = [*map(str.strip, row), *[""] * len(header[1])]
        if not any(cells):
            continue
        address, person = _slashes(cells[of_path]), cells[of_person]
        if not address or not person:
            missing = "person" if address else "path"
            raise ArchiveError(f"{path}:{number}: the {missing} is empty. Fill it in, or remove the line.")
        one = Whose(person, None if of_date is None else _day(path, number, cells[of_date]), number)
        if known.setdefault(address, one) != one:
            raise ArchiveError(
                f"{path}:{number}: {address} stands above already, with another person or date. Keep one line."
            )
    return known


def _columns(header: Sequence[str]) -> tuple[int | None, int | None, int | None]:
    """Return where path, person and date stand."""
    columns = {name.strip().lower(): at for at, name in reversed(list(enumerate(header)))}
    path, person, day = (
        next((columns[name] for name in names if name in columns), None)
        for names in (PATH_COLUMNS, PERSON_COLUMNS, DATE_COLUMNS)
    )
    return path, person, day


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Return a CSV file's lines with their numbers, the header first; also as Excel writes them (UTF-16; tabs or ;)."""
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


def whose(address: str, manifest: Mapping[str, Whose]) -> list[str]:
    """Return the list's paths that are an end of an address; the longest, whose the recording is, first."""
    parts = _slashes(address).split("/")
    ends = ("/".join(parts[at:]) for at in range(len(parts)))
    return [end for end in ends if end in manifest]


def shared_out(
    places: Iterable[tuple[str, str]], manifest: Mapping[str, Whose], path: Path
) -> tuple[dict[str, Whose], list[str]]:
    """Return whose each address is, of (address, contents), and the list's paths that fit none.

    ArchiveError, naming the line, where one line takes several recordings: phones call files alike.
    """
    owned: dict[str, Whose] = {}
    first: dict[str, tuple[str, str]] = {}
    fitting: set[str] = set()
    for address, contents in sorted(places):
        if not (ends := whose(address, manifest)):
            continue
        fitting.update(ends)
        one = owned[address] = manifest[ends[0]]
        other, others = first.setdefault(ends[0], (address, contents))
        if contents != others:
            raise ArchiveError(
                f"{path}:{one.line}: {ends[0]} fits two recordings: {other} and {address}. Write more of the path "
                "there, and a line for each."
            )
    return owned, [end for end in manifest if end not in fitting]


def naming(manifest: Path) -> list[str]:
    """Return where a manifest holds what looks like names or mail addresses."""
    header, *rows = _rows(manifest)
    of_path, of_person, _ = _columns(header[1])

    def looks(at: int, text: str) -> bool:
        if at == of_path:
            return any(looks_like_name(part) for part in ENDING.sub("", _slashes(text)).split("/"))
        return looks_like_name(text, of_person=at == of_person)

    called = [text for text in map(str.strip, header[1]) if NAMING_COLUMNS.search(text.lower())]
    found = [
        (number, text)
        for number, row in rows
        for at, text in enumerate(map(str.strip, row))
        if looks(at, text)
    ]
    return [f"line {number}: {text!r}" for number, text in [*((header[0], text) for text in called), *found]]
