"""What the tables say: who moved when, how far and how well. DuckDB reads the Parquet as it lies there.

Shares and mean ranges have 95% intervals (intervals.py), in which the repetitions of one recording, and in what is said
of everybody those of one person, count for as many independent ones as they are worth. A week's days have no sampling
error; what they lack is the days of which every recording was set aside, given beside them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from loosen.archive.intervals import Groups, Share, plus_minus, worth
from loosen.archive.people import names, naming, pattern, read_manifest, whose
from loosen.archive.storage import is_local, trouble
from loosen.archive.tables import Tables, check_mark
from loosen.errors import ArchiveError

EVERYONE = "everyone"
# With fewer, how alike a person's repetitions (a week's recordings) are cannot be told from these alone.
ENOUGH_PERSONS, ENOUGH_WEEKS = 30, 10

Rows = Callable[[str], list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Week:
    """A person's week, from Monday on: days with a counted repetition, and days whose recordings were all set aside."""

    person: str
    week: date
    days: int
    days_unread: int
    recordings: int
    set_aside: int
    in_part: int
    counted: int


@dataclass(frozen=True, slots=True)
class Movement:
    """A person's week of one exercise: `full` of the counted ones; mean range and ±; faults, most often first.

    `faults`: how many of the attempts had them.
    """

    person: str
    week: date
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

    `first`, `last`: the days there are recordings of; `days_of_files`: how many recordings have theirs from the file.
    """

    weeks: list[Week]
    movements: list[Movement]
    verdicts: list[tuple[str, str, Share]]
    faults: list[tuple[str, str, Share]]
    recordings: int
    set_aside: list[tuple[str, int]]
    nobodys: int
    broken: int
    first: date | None
    last: date | None
    days_of_files: int
    warnings: list[str]


# Of an address only what was found there last counts: what it took the place of is gone.
_PLACES = """
CREATE TEMP TABLE places AS
WITH place AS (
    SELECT address, arg_max(unit, seen_at) AS unit, max(seen_at) AS seen_at, arg_max(modified, seen_at) AS modified
    FROM read_parquet({places}) GROUP BY address
)
SELECT place.*, {person} AS person, {day} AS day FROM place {join} WHERE place.unit != ''
"""
# Of a recording that was watched more than once (by another version, or for another exercise) the last one counts.
_RECORDINGS = """
CREATE TEMP TABLE recordings AS
WITH last AS (
    SELECT *, parse_filename(filename) AS part FROM read_parquet({recordings}, filename = true)
    QUALIFY row_number() OVER (PARTITION BY unit ORDER BY done_at DESC, filename DESC) = 1
), place AS (
    SELECT unit, person, day IS NULL AS day_of_file, coalesce(day, min(modified) OVER places_of::DATE) AS day
    FROM places
    WINDOW places_of AS (
        PARTITION BY unit ORDER BY person IS NULL, seen_at DESC, address
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    )
    QUALIFY row_number() OVER places_of = 1
)
SELECT row_number() OVER () AS number, unit, part, status, reason, broken_at_s, counted, person, day, day_of_file,
       date_trunc('week', day)::DATE AS week
FROM last JOIN place USING (unit)
"""
_OF_TWO = """
SELECT arg_min(address, person), arg_max(address, person), count(*) OVER ()
FROM places SEMI JOIN (SELECT unit FROM places GROUP BY unit HAVING count(*) > 1) USING (unit)
GROUP BY unit HAVING min(person) != max(person) ORDER BY ALL LIMIT 1
"""
_REPS = """
CREATE TEMP TABLE reps AS
SELECT r.number AS recording, r.person, r.week, p.exercise, p.verdict, p.counted, p.faults,
       p.measures."range".value AS reach, p.measures."range".plus_minus AS error, p.measures."range".unit AS unit
FROM read_parquet({reps}, filename = true) AS p
JOIN recordings AS r ON p.unit = r.unit AND parse_filename(p.filename) = r.part
WHERE r.person IS NOT NULL
"""
_WHOLE = """
SELECT count(*), count_if(person IS NULL), count_if(broken_at_s IS NOT NULL),
       min(day) FILTER (person IS NOT NULL), max(day) FILTER (person IS NOT NULL),
       count_if(person IS NOT NULL AND day_of_file)
FROM recordings
"""
_WEEKS = """
WITH days AS (
    SELECT person, day, count(*) AS recordings, count_if(status != 'watched') AS set_aside,
           count_if(broken_at_s IS NOT NULL) AS in_part, sum(coalesce(counted, 0)) AS counted
    FROM recordings WHERE person IS NOT NULL AND day IS NOT NULL GROUP BY ALL
), weeks AS (
    SELECT person, date_trunc('week', day)::DATE AS week, count_if(counted > 0) AS days,
           count_if(recordings = set_aside) AS days_unread, sum(recordings) AS recordings,
           sum(set_aside) AS set_aside, sum(in_part) AS in_part, sum(counted) AS counted
    FROM days GROUP BY ALL
), every AS (
    SELECT person, unnest(generate_series(min(week), max(week), INTERVAL 7 DAY))::DATE AS week
    FROM weeks GROUP BY person
)
SELECT every.person, every.week, coalesce(days, 0), coalesce(days_unread, 0), coalesce(recordings, 0)::BIGINT,
       coalesce(set_aside, 0)::BIGINT, coalesce(in_part, 0)::BIGINT, coalesce(counted, 0)::BIGINT
FROM every LEFT JOIN weeks USING (person, week) ORDER BY ALL
"""
# Of a recording: n attempts, m counted, k of these full, c with a range; t and q the sums of these ranges and of their
# squares.
_SETS = """
CREATE TEMP TABLE sets AS
SELECT exercise, recording, count(*) AS n, count_if(counted) AS m, count_if(counted AND verdict = 'full') AS k,
       count(reach) FILTER (counted) AS c, sum(reach) FILTER (counted) AS t, sum(reach * reach) FILTER (counted) AS q,
       sum(error) FILTER (counted AND reach IS NOT NULL) AS errors,
       count(error) FILTER (counted AND reach IS NOT NULL) AS with_error, any_value(unit) AS unit
FROM reps GROUP BY ALL
"""
_BLOCKS = """
CREATE TEMP TABLE blocks AS
SELECT person, week, exercise, sum(n)::BIGINT AS n, sum(m)::BIGINT AS m, sum(k)::BIGINT AS k, sum(c)::BIGINT AS c,
       sum(t) AS t, sum(q) AS q, sum(m * m)::DOUBLE AS mm, sum(c * c)::DOUBLE AS cc, count_if(m > 0) AS m_groups,
       count_if(c > 0) AS c_groups, sum(k * k / m) FILTER (m > 0) AS k_groups,
       sum(t * t / c) FILTER (c > 0) AS t_groups, sum(errors) / sum(with_error) AS error,
       any_value(sets.unit) AS unit
FROM sets JOIN recordings ON recording = number GROUP BY ALL
"""
_MOVEMENTS = "SELECT person, week, exercise, m, n, k, c, t, mm, cc, error, unit FROM blocks ORDER BY ALL"
# Over an exercise's blocks: the sums of its verdicts and of its ranges, each with the blocks that have two recordings.
_ALIKE = """
SELECT exercise,
       sum(m)::DOUBLE, sum(m_groups)::BIGINT, count_if(m > 0), sum(mm / m) FILTER (m > 0), sum(k)::DOUBLE,
       sum(k_groups), sum(k * k / m) FILTER (m > 0), count_if(m_groups > 1),
       sum(c)::DOUBLE, sum(c_groups)::BIGINT, count_if(c > 0), sum(cc / c) FILTER (c > 0), sum(q),
       sum(t_groups), sum(t * t / c) FILTER (c > 0), count_if(c_groups > 1)
FROM {blocks} GROUP BY exercise ORDER BY exercise
"""
_PERSONS = """
(SELECT exercise, sum(m) AS m, sum(k) AS k, sum(c) AS c, sum(t) AS t, sum(q) AS q, sum(mm) AS mm, sum(cc) AS cc,
        sum(m_groups) AS m_groups, sum(c_groups) AS c_groups, sum(k_groups) AS k_groups, sum(t_groups) AS t_groups
 FROM blocks GROUP BY exercise, person)
"""
_MOVEMENT_FAULTS = """
SELECT person, week, exercise, fault, count(*) AS n
FROM (SELECT person, week, exercise, unnest(faults) AS fault FROM reps)
GROUP BY ALL ORDER BY n DESC, fault
"""
# Everybody together, in groups of one person's (of one recording's, if persons are not told apart).
_EVERYBODY = """
WITH of_one AS (
    SELECT exercise, {one} AS one, sum(n)::BIGINT AS n FROM sets JOIN recordings ON recording = number GROUP BY ALL
), found AS (
    SELECT exercise, name, one, count(*) AS k FROM (SELECT exercise, {name} AS name, {one} AS one FROM reps)
    GROUP BY ALL
), every AS (
    SELECT exercise, sum(n)::BIGINT AS n, count(*) AS groups, sum(n * n)::DOUBLE AS nn FROM of_one GROUP BY ALL
)
SELECT exercise, name, sum(k)::BIGINT AS times, every.n, groups, nn, sum(k * k / of_one.n)
FROM found JOIN of_one USING (exercise, one) JOIN every USING (exercise)
GROUP BY ALL ORDER BY exercise, times DESC, name
"""


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
        addresses = database.execute(
            f"SELECT DISTINCT address FROM read_parquet({files['places']})"
        ).fetchall()
        owned = [(address, one) for (address,) in addresses if (one := whose(address, known)) is not None]
        database.register("people", pa.table({
            "address": pa.array([address for address, _ in owned], pa.string()),
            "person": pa.array([one.person for _, one in owned], pa.string()),
            "day": pa.array([one.day for _, one in owned], pa.date32()),
        }))  # fmt: skip
        person, day, join = (
            "people.person",
            "people.day",
            "LEFT JOIN people ON people.address = place.address",
        )
    database.execute(_PLACES.format(person=person, day=day, join=join, **files), given or None)
    database.execute(_RECORDINGS.format(**files))
    database.execute(_REPS.format(**files))
    persons = [
        one
        for (one,) in database.execute("SELECT DISTINCT person FROM recordings ORDER BY 1").fetchall()
        if one
    ]
    if manifest is None and (called := list(names(persons))):
        warnings.append(
            f"{called[0]!r} looks like a name or a mail address{_so(len(called))}. "
            "Keep pseudonyms in the paths, no names."
        )
    for one, other, n in database.execute(_OF_TWO).fetchall():
        warnings.append(
            f"One recording lies under two people: {one} and {other}{_so(n)}. "
            "It counts only where it was found last; give it to one of them."
        )
    if path_pattern is None and manifest is None:
        ones = ["recording"]
    else:
        ones = ["person"] if len(persons) >= ENOUGH_PERSONS else ["person", "recording"]
    return _overview(database, ones, warnings)


def _so(n: int) -> str:
    """Say how many there are of what one was named of."""
    return f" (there are {n} such)" if n > 1 else ""


def _overview(database: duckdb.DuckDBPyConnection, ones: Sequence[str], warnings: list[str]) -> Overview:
    """`ones`: by which columns repetitions are alike when everybody is taken together."""

    def rows(query: str) -> list[tuple[Any, ...]]:
        return database.execute(query).fetchall()

    database.execute(_SETS)
    database.execute(_BLOCKS)
    [(recordings, nobodys, broken, first, last, days_of_files)] = rows(_WHOLE)
    return Overview(
        weeks=[Week(*row) for row in rows(_WEEKS)],
        movements=list(_movements(rows)),
        verdicts=_of_everybody(rows, "verdict", ones),
        faults=_of_everybody(rows, "unnest(faults)", ones),
        recordings=recordings,
        set_aside=rows(
            "SELECT reason, count(*) AS n FROM recordings WHERE status != 'watched' GROUP BY 1 ORDER BY n DESC, 1"
        ),
        nobodys=nobodys,
        broken=broken,
        first=first,
        last=last,
        days_of_files=days_of_files,
        warnings=warnings,
    )


def _movements(rows: Rows) -> Iterator[Movement]:
    of_faults: dict[tuple[Any, ...], list[tuple[str, int]]] = {}
    for person, week, exercise, fault, n in rows(_MOVEMENT_FAULTS):
        of_faults.setdefault((person, week, exercise), []).append((fault, n))
    alike = dict(_alike(rows))
    for person, week, exercise, m, n, k, c, t, mm, cc, error, unit in rows(_MOVEMENTS):
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
    every = zip(rows(_ALIKE.format(blocks="blocks")), rows(_ALIKE.format(blocks=_PERSONS)), strict=True)
    for of_weeks, of_persons in every:
        full = of_weeks if of_weeks[8] >= ENOUGH_WEEKS else of_persons
        reach = of_weeks if of_weeks[16] >= ENOUGH_WEEKS else of_persons
        yield of_weeks[0], (Groups(*full[1:8]), Groups(*reach[9:16]))


def _of_everybody(rows: Rows, name: str, ones: Sequence[str]) -> list[tuple[str, str, Share]]:
    """Return the shares of everybody's attempts, worth the least of what they are by each of `ones`."""

    def share(times: int, n: int, groups: int, nn: float, of_groups: float) -> Share:
        icc = Groups(n, groups, 1, nn / n, times, of_groups, times * times / n).icc
        return Share(times, n, worth(n, nn, icc))

    every = zip(*(rows(_EVERYBODY.format(name=name, one=one)) for one in ones), strict=True)
    return [
        (*alike[0][:2], min((share(*row[2:]) for row in alike), key=lambda one: one.worth or 0))
        for alike in every
    ]


def _group(expression: str, name: str) -> int:
    """Return the number of a named group, which is what DuckDB's expressions know."""
    return re.compile(expression).groupindex[name]


def _files(database: duckdb.DuckDBPyConnection, tables: Tables) -> dict[str, str]:
    """Return, for each table, its partitions as a list in SQL; only those that count."""
    fs, root = tables.fs, tables.root.rstrip("/")
    try:
        counting = [
            path.removeprefix(f"{root}/recordings/")
            for path in fs.glob(f"{root}/recordings/*/part-*.parquet")
        ]
    except Exception as error:
        raise trouble(tables.out, error) from error
    if not counting:
        raise ArchiveError(f"{tables.out}: nothing has been watched yet.")
    if not is_local(fs):
        database.register_filesystem(fs)
    shown = (lambda path: path) if is_local(fs) else fs.unstrip_protocol
    return {
        table: _sql_list([shown(f"{root}/{table}/{path}") for path in counting])
        for table in ("recordings", "reps", "places")
    }


def _sql_list(texts: Sequence[str]) -> str:
    quoted = ", ".join("'" + text.replace("'", "''") + "'" for text in texts)
    return f"[{quoted}]"
