"""The report on an archive: who moved when, how far and how well. DuckDB reads the Parquet files where they are.

Shares and mean ranges have 95% intervals (confidence_intervals.py), in which the repetitions of one recording, and for
everybody together those of one person, count for as many independent ones as they are worth. A week's days have no
sampling error; beside them stand the days of which every recording was set aside.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from loosen.archive.report import queries
from loosen.archive.report.confidence_intervals import Groups, Share, plus_minus, worth
from loosen.archive.schema import TABLES
from loosen.archive.storage import is_local, trouble, trouble_at
from loosen.archive.subjects import doubts, find_places
from loosen.archive.tables import Tables, is_archive
from loosen.errors import ArchiveError, RoutineError
from loosen.routine.model import Routine
from loosen.routine.reader import builtin, parse

# With fewer, these do not tell how alike a person's repetitions (a week's recordings) are.
ENOUGH_PERSONS, ENOUGH_WEEKS = 30, 10
# Over a longer gap, no weeks without a recording are listed.
LONGEST_GAP_DAYS = 366

Rows = Callable[[str], list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class PersonWeek:
    """A person's week: days with a counted repetition, and days whose recordings were all set aside.

    `week`: its Monday; None for the recordings whose day is not known, and then the days are 0. Of the `recordings`,
    some were set aside, can be read `in_part` only, or show none of the movements (`other`).
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
class MovementWeek:
    """A person's week of one exercise: `full` of the counted repetitions, the mean range and its ±.

    `faults`: (id, how many of the attempts had it), most frequent first.
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
class ArchiveReport:
    """The whole report: weeks, movements, and each exercise's verdicts and faults over everybody.

    `told_apart`: whether a pattern or a list tells persons apart; else all are one, EVERYONE. `nobodys`: the
    recordings that belong to no known person, which count in `recordings` only. `first`, `last`: the first and the last
    day with a recording; `days_of_files`: how many recordings have their day from the file, in this computer's `zone`.
    """

    weeks: list[PersonWeek]
    movements: list[MovementWeek]
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


def read_report(out: str, *, path_pattern: str | None = None, manifest: Path | None = None) -> ArchiveReport:
    """Return the report on the tables in `out`. Raises ArchiveError.

    `path_pattern` (`{person}/{date}/*`) or `manifest`, a CSV file, tells whose a recording is.
    """
    if not is_archive(out):
        raise ArchiveError(f"{out}: there is no archive. `loosen archive SOURCE... --to {out}` makes one.")
    database, tables, warnings = duckdb.connect(), Tables(out, ""), list[str]()
    told_apart = path_pattern is not None or manifest is not None

    def rows(query: str) -> list[tuple[Any, ...]]:
        return database.execute(query).fetchall()

    try:
        database.execute(queries.SETTINGS)
        files = _files(database, tables)
        find_places(database, files, path_pattern, manifest, warnings)
        for query in (queries.RECORDINGS, queries.REPS, queries.SETS, queries.BLOCKS):
            database.execute(query.format(**files))
        persons = [person for (person,) in rows(queries.TOLD_APART)]
        # The columns within which repetitions are alike when everybody is taken together.
        alike = ["recording"]
        if told_apart:
            warnings += doubts(database, persons, path_pattern)
            alike = ["person"] if len(persons) >= ENOUGH_PERSONS else ["person", "recording"]
        [(recordings, nobodys, broken, first, last, days_of_files)] = rows(queries.WHOLE)
        return ArchiveReport(
            weeks=[PersonWeek(*row) for row in rows(queries.WEEKS.format(longest_gap_days=LONGEST_GAP_DAYS))],
            movements=list(_movements(rows)),
            verdicts=_of_everybody(rows, "verdict", alike), faults=_of_everybody(rows, "unnest(faults)", alike),
            told_apart=told_apart, recordings=recordings, set_aside=rows(queries.SET_ASIDE), nobodys=nobodys,
            broken=broken, first=first, last=last, days_of_files=days_of_files,
            zone="/".join(dict.fromkeys(time.tzname)), warnings=warnings,
        )  # fmt: skip
    except duckdb.Error as error:
        raise tables.first_damaged() or trouble(out, error) from error
    finally:
        database.close()


def read_routines(out: str) -> list[Routine]:
    """Return the routines that the recordings in `out` were watched by, the built-in one first. Raises ArchiveError."""
    routines = [builtin()]
    for text in Tables(out, "").routines():
        with suppress(RoutineError):  # another version's, of which this one has no words
            routines.append(parse(text.encode()))
    return routines


def _movements(rows: Rows) -> Iterator[MovementWeek]:
    of_faults: dict[tuple[Any, ...], list[tuple[str, int]]] = {}
    for person, week, exercise, fault, n in rows(queries.MOVEMENT_FAULTS):
        of_faults.setdefault((person, week, exercise), []).append((fault, n))
    alike = dict(_alike(rows))
    for person, week, exercise, m, n, k, c, t, mm, cc, error, unit in rows(queries.MOVEMENTS):
        of_full, of_range = alike[exercise]
        sure = None if error is None else plus_minus(error, of_range.variance, worth(c, cc, of_range.icc))
        yield MovementWeek(
            person, week, exercise, m, n, Share(k, m, worth(m, mm, of_full.icc)), t / c if c else None, sure,
            unit or "", tuple(of_faults.get((person, week, exercise), ())),
        )  # fmt: skip


def _alike(rows: Rows) -> Iterator[tuple[str, tuple[Groups, Groups]]]:
    """Yield how alike each exercise's recordings are, in verdict and in range.

    They are compared within a person's week; where too few weeks have two recordings, within a person.
    """
    within = [rows(queries.ALIKE.format(blocks=blocks)) for blocks in ("blocks", queries.PERSONS)]
    for of_weeks, of_persons in zip(*within, strict=True):
        full = of_weeks if of_weeks[8] >= ENOUGH_WEEKS else of_persons
        reach = of_weeks if of_weeks[16] >= ENOUGH_WEEKS else of_persons
        yield of_weeks[0], (Groups(*full[1:8]), Groups(*reach[9:16]))


def _of_everybody(rows: Rows, name: str, ones: Sequence[str]) -> list[tuple[str, str, Share]]:
    """Return the shares of everybody's attempts; they are worth the least that one of the columns in `ones` gives."""

    def share(times: int, n: int, groups: int, nn: float, of_groups: float) -> Share:
        icc = Groups(n, groups, 1, nn / n, times, of_groups, times * times / n).icc
        return Share(times, n, worth(n, nn, icc))

    every = zip(*(rows(queries.EVERYBODY.format(name=name, one=one)) for one in ones), strict=True)
    return [(*alike[0][:2], min((share(*row[2:]) for row in alike), key=lambda one: one.worth)) for alike in every]


def _files(database: duckdb.DuckDBPyConnection, tables: Tables) -> dict[str, str]:
    """Return for each table the SQL that reads its partitions, those that count."""
    fs, root = tables.fs, tables.root
    with trouble_at(tables.out):
        counting = tables.counting()
    if not counting:
        raise ArchiveError(f"{tables.out}: nothing has been watched yet.")
    if not is_local(fs):
        database.register_filesystem(fs)
    shown = (lambda path: path) if is_local(fs) else fs.unstrip_protocol
    found = {}
    for table, schema in TABLES.items():
        database.register(f"schema_of_{table}", schema.empty_table())
        paths = _sql_list([shown(f"{root}/{table}/{path}") for path in counting])
        found[table] = queries.FILES.format(files=paths, table=table)
    return found


def _sql_list(paths: Sequence[str]) -> str:
    """Return paths as a list in SQL, escaped so that DuckDB takes none for a pattern."""
    literally = (re.sub(r"[*?\[]", r"[\g<0>]", path).replace("'", "''") for path in paths)
    return "[" + ", ".join(f"'{path}'" for path in literally) + "]"
