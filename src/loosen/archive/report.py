"""What the tables say: who moved when, how far and how well. DuckDB reads the Parquet as it lies there.

Shares and mean ranges have 95% intervals (intervals.py), in which the repetitions of one recording, and in what is said
of everybody those of one person, count for as many independent ones as they are worth. A week's days have no sampling
error; what they lack is the days of which every recording was set aside, given beside them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from loosen.archive import report_queries
from loosen.archive.confidence_intervals import Groups, Share, plus_minus, worth
from loosen.archive.names import looks_like_name
from loosen.archive.storage import is_local, trouble
from loosen.archive.subjects import DAY, naming, pattern, read_manifest, shared_out
from loosen.archive.tables import TABLES, Tables, check_mark
from loosen.errors import ArchiveError

EVERYONE = "everyone"
# With fewer, how alike a person's repetitions (a week's recordings) are cannot be told from these alone.
ENOUGH_PERSONS, ENOUGH_WEEKS = 30, 10
# Over a longer one no weeks are said to be without a recording.
LONGEST_GAP_DAYS = 366

Rows = Callable[[str], list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Week:
    """A person's week, from Monday on: days with a counted repetition, and days whose recordings were all set aside.

    Of the recordings, those that were set aside, that can be read in part only, and that have none of the movements.
    `week`: None of the recordings whose day is not known; how many days these are is not known either, and 0 here.
    """

    person: str
    week: date | None
    days: int
    days_unread: int
    recordings: int
    set_aside: int
    in_part: int
    other: int
    counted: int


@dataclass(frozen=True, slots=True)
class Movement:
    """A person's week of one exercise: `full` of the counted ones; mean range and ±; faults, most often first.

    `faults`: how many of the attempts had them.
    """

    person: str
    week: date | None
    exercise: str
    counted: int
    attempts: int
    full: Share
    range_mean: float | None
    range_plus_minus: float | None
    unit: str
    faults: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it: weeks, movements, and over everybody each exercise's verdicts and faults.

    `told_apart`: whether a pattern or a list told persons apart; else all are one, EVERYONE. `nobodys`: of all
    `recordings` those of nobody known, which are in nothing else here. `first`, `last`: the days there are recordings
    of; `days_of_files`: how many recordings have theirs from the file, in this computer's `zone`.
    """

    weeks: list[Week]
    movements: list[Movement]
    verdicts: list[tuple[str, str, Share]]
    faults: list[tuple[str, str, Share]]
    told_apart: bool
    recordings: int
    set_aside: list[tuple[str, int]]
    nobodys: int
    broken: int
    first: date | None
    last: date | None
    days_of_files: int
    zone: str
    warnings: list[str]


def overview(out: str, *, path_pattern: str | None = None, manifest: Path | None = None) -> Overview:
    """Read an archive's tables. Raises ArchiveError."""
    if check_mark(out) is None:
        raise ArchiveError(f"{out}: there is no archive. `loosen archive SOURCE... --to {out}` makes one.")
    database, tables = duckdb.connect(), Tables(out, "")
    try:
        return _read(database, tables, path_pattern, manifest)
    except duckdb.Error as error:
        raise tables.first_damaged() or trouble(out, error) from error
    finally:
        database.close()


def _read(
    database: duckdb.DuckDBPyConnection, tables: Tables, path_pattern: str | None, manifest: Path | None
) -> Overview:
    database.execute(
        "SET autoinstall_known_extensions = false; SET autoload_known_extensions = false;"
        "SET preserve_insertion_order = false"
    )
    files = _files(database, tables)
    person, day, join = f"'{EVERYONE}'", "NULL", ""
    warnings: list[str] = []
    if path_pattern is not None:
        expression = pattern(path_pattern)
        person = f"nullif(regexp_extract(place.address, $pattern, {_group(expression, 'person')}), '')"
        if "{date}" in path_pattern:
            digits = (
                f"replace(regexp_extract(place.address, $pattern, {_group(expression, 'date')}), '-', '')"
            )
            day = f"try_strptime({digits}, '%Y%m%d')::DATE"
        given: dict[str, Any] = {"pattern": expression.replace("?P<person>", "").replace("?P<date>", "")}
    else:
        given = {}
    if manifest is not None:
        known = read_manifest(manifest)
        if found := naming(manifest):
            warnings.append(
                f"{manifest}, {found[0]} looks like a name or a mail address{_so(len(found))}. "
                "Keep pseudonyms there, no names."
            )
        places = database.execute(report_queries.CONTENTS.format(**files)).fetchall()
        owned, idle = shared_out(places, known, manifest)
        if idle:
            warnings.append(
                f"{manifest}, line {known[idle[0]].line}: {idle[0]} fits no recording{_so(len(idle))}."
            )
        database.register("people", pa.table({
            "address": pa.array(owned, pa.string()),
            "person": pa.array([one.person for one in owned.values()], pa.string()),
            "day": pa.array([one.day for one in owned.values()], pa.date32()),
        }))  # fmt: skip
        person, day, join = (
            "people.person",
            "people.day",
            "LEFT JOIN people ON people.address = place.address",
        )
    database.execute(report_queries.PLACES.format(person=person, day=day, join=join, **files), given or None)
    quarters = [quarter for (quarter,) in database.execute(report_queries.QUARTERS).fetchall()]
    database.register("clock", pa.table({
        "quarter": pa.array(quarters, pa.int64()),
        "ahead_s": pa.array(map(_ahead_s, quarters), pa.int64()),
    }))  # fmt: skip
    database.execute(report_queries.RECORDINGS.format(**files))
    database.execute(report_queries.REPS.format(**files))
    persons = [
        one
        for (one,) in database.execute("SELECT DISTINCT person FROM recordings ORDER BY 1").fetchall()
        if one
    ]
    warnings += _doubts(database, persons, path_pattern, listed=manifest is not None)
    told_apart = path_pattern is not None or manifest is not None
    if not told_apart:
        ones = ["recording"]
    else:
        ones = ["person"] if len(persons) >= ENOUGH_PERSONS else ["person", "recording"]
    return _overview(database, ones, told_apart, warnings)


def _doubts(
    database: duckdb.DuckDBPyConnection, persons: Sequence[str], path_pattern: str | None, *, listed: bool
) -> Iterator[str]:
    """Say what looks wrong with who the recordings were found to belong to; `listed`: a list told it."""
    if path_pattern is not None and not persons:
        yield f"The pattern {path_pattern!r} fits no recording; the end of an address has to fit it."
    if path_pattern is not None and (days := [one for one in persons if DAY.fullmatch(one)]):
        yield (
            f"The pattern {path_pattern!r} takes {days[0]!r} for a person{_so(len(days))}, which looks like a day. "
            "Write {date} for that part of the path."
        )
    called = {one for one in persons if not listed and looks_like_name(one, of_person=True)}
    called |= {
        part
        for (part,) in database.execute(report_queries.WORDS_OF_PATHS).fetchall()
        if looks_like_name(part)
    }
    if called:
        yield (
            f"{min(called)!r} looks like a name or a mail address{_so(len(called))}. "
            "Keep pseudonyms in the paths, no names."
        )
    for one, other, n in database.execute(report_queries.OF_TWO).fetchall():
        yield (
            f"One recording lies under two people: {one} and {other}{_so(n)}. "
            "It counts only where it was found last; give it to one of them."
        )


def _ahead_s(quarter: int) -> int:
    """Return how far this computer's clock is ahead of UTC, in s. DuckDB knows no zone without an extension."""
    try:
        return time.localtime(quarter * 900).tm_gmtoff
    except (OSError, OverflowError):  # a day that this computer's clock cannot show
        return 0


def _so(n: int) -> str:
    """Say how many there are of what one was named of."""
    return f" (there are {n} such)" if n > 1 else ""


def _overview(
    database: duckdb.DuckDBPyConnection, ones: Sequence[str], told_apart: bool, warnings: list[str]
) -> Overview:
    """`ones`: by which columns repetitions are alike when everybody is taken together."""

    def rows(query: str) -> list[tuple[Any, ...]]:
        return database.execute(query).fetchall()

    database.execute(report_queries.SETS)
    database.execute(report_queries.BLOCKS)
    [(recordings, nobodys, broken, first, last, days_of_files)] = rows(report_queries.WHOLE)
    return Overview(
        weeks=[Week(*row) for row in rows(report_queries.WEEKS.format(longest_gap_days=LONGEST_GAP_DAYS))],
        movements=list(_movements(rows)),
        verdicts=_of_everybody(rows, "verdict", ones),
        faults=_of_everybody(rows, "unnest(faults)", ones),
        told_apart=told_apart,
        recordings=recordings,
        set_aside=rows(report_queries.SET_ASIDE),
        nobodys=nobodys,
        broken=broken,
        first=first,
        last=last,
        days_of_files=days_of_files,
        zone="/".join(dict.fromkeys(time.tzname)),
        warnings=warnings,
    )


def _movements(rows: Rows) -> Iterator[Movement]:
    of_faults: dict[tuple[Any, ...], list[tuple[str, int]]] = {}
    for person, week, exercise, fault, n in rows(report_queries.MOVEMENT_FAULTS):
        of_faults.setdefault((person, week, exercise), []).append((fault, n))
    alike = dict(_alike(rows))
    for person, week, exercise, m, n, k, c, t, mm, cc, error, unit in rows(report_queries.MOVEMENTS):
        of_full, of_range = alike[exercise]
        sure = None if error is None else plus_minus(error, of_range.variance, worth(c, cc, of_range.icc))
        yield Movement(
            person, week, exercise, m, n, Share(k, m, worth(m, mm, of_full.icc)), t / c if c else None, sure,
            unit or "", tuple(of_faults.get((person, week, exercise), ())),
        )  # fmt: skip


def _alike(rows: Rows) -> Iterator[tuple[str, tuple[Groups, Groups]]]:
    """Yield how alike each exercise's recordings are in verdict and in range.

    Within a person's week; where too few weeks have two recordings to tell, within a person.
    """
    within = [
        rows(report_queries.ALIKE.format(blocks=blocks)) for blocks in ("blocks", report_queries.PERSONS)
    ]
    for of_weeks, of_persons in zip(*within, strict=True):
        full = of_weeks if of_weeks[8] >= ENOUGH_WEEKS else of_persons
        reach = of_weeks if of_weeks[16] >= ENOUGH_WEEKS else of_persons
        yield of_weeks[0], (Groups(*full[1:8]), Groups(*reach[9:16]))


def _of_everybody(rows: Rows, name: str, ones: Sequence[str]) -> list[tuple[str, str, Share]]:
    """Return the shares of everybody's attempts, worth the least of what they are by each of `ones`."""

    def share(times: int, n: int, groups: int, nn: float, of_groups: float) -> Share:
        icc = Groups(n, groups, 1, nn / n, times, of_groups, times * times / n).icc
        return Share(times, n, worth(n, nn, icc))

    every = zip(*(rows(report_queries.EVERYBODY.format(name=name, one=one)) for one in ones), strict=True)
    return [
        (*alike[0][:2], min((share(*row[2:]) for row in alike), key=lambda one: one.worth or 0))
        for alike in every
    ]


def _group(expression: str, name: str) -> int:
    """Return the number of a named group, which is what DuckDB's expressions know."""
    return re.compile(expression).groupindex[name]


def _files(database: duckdb.DuckDBPyConnection, tables: Tables) -> dict[str, str]:
    """Return, for each table, what reads its partitions in SQL; only those that count."""
    fs, root = tables.fs, tables.root.rstrip("/")
    try:
        counting = tables.counting()
    except Exception as error:
        raise trouble(tables.out, error) from error
    if not counting:
        raise ArchiveError(f"{tables.out}: nothing has been watched yet.")
    if not is_local(fs):
        database.register_filesystem(fs)
    shown = (lambda path: path) if is_local(fs) else fs.unstrip_protocol
    found = {}
    for table, schema in TABLES.items():
        database.register(f"schema_of_{table}", schema.empty_table())
        paths = _sql_list([shown(f"{root}/{table}/{path}") for path in counting])
        found[table] = report_queries.FILES.format(files=paths, table=table)
    return found


def _sql_list(paths: Sequence[str]) -> str:
    """Return paths as a list in SQL, of which DuckDB takes each for itself and not for a pattern."""
    literally = (re.sub(r"[*?\[]", r"[\g<0>]", path).replace("'", "''") for path in paths)
    return "[" + ", ".join(f"'{path}'" for path in literally) + "]"
