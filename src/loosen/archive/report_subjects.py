"""For the report: finds the person and the day of each recording, and what looks wrong with them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from loosen.archive import report_queries as queries
from loosen.archive.subjects import DAY, PSEUDONYM, match_manifest, pattern, read_manifest

EVERYONE = "everyone"


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
        parameters = {"pattern": expression.replace("?P<person>", "").replace("?P<date>", "")}
        person = f"nullif(regexp_extract(place.address, $pattern, {_group(expression, 'person')}), '')"
        if "{date}" in path_pattern:
            digits = f"regexp_extract(place.address, $pattern, {_group(expression, 'date')})"
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


def _group(expression: str, name: str) -> int:
    """Return the number of a named group, for DuckDB knows groups by number only."""
    return re.compile(expression).groupindex[name]
