"""What the tables say: who moved when, how far and how well. DuckDB reads the Parquet as it lies there.

Errors: a share's is Wilson's 95% interval (Wilson 1927); a mean range's joins in quadrature the repetitions' own ±,
which does not average away (docs/measuring.md), and 1.96 standard errors of the mean, n the ranges measured.
Both take repetitions for independent, though those of one recording are alike: the true intervals are wider.
A week's days have no sampling
error; what they lack is the days of which every recording was set aside, given beside them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from loosen.archive.people import names, naming, pattern, read_manifest, whose
from loosen.archive.storage import is_local, trouble
from loosen.archive.tables import Tables, check_mark
from loosen.errors import ArchiveError

Z95 = 1.96
EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many, with Wilson's 95% interval."""

    k: int
    n: int

    @property
    def value(self) -> float:
        """The share itself, 0..1; NaN of nothing."""
        return self.k / self.n if self.n else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end, 0..1."""
        if not self.n:
            return math.nan, math.nan
        p, n, z2 = self.k / self.n, self.n, Z95 * Z95
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = Z95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        return max(middle - half, 0.0), min(middle + half, 1.0)


@dataclass(frozen=True, slots=True)
class Week:
    """A person's week, from Monday on: days with a counted repetition, and days whose recordings were all set aside."""

    person: str
    week: date
    days: int
    days_unread: int
    recordings: int
    set_aside: int
    counted: int


@dataclass(frozen=True, slots=True)
class Movement:
    """A person's week of one exercise: `full` of the counted ones; mean range and ±; faults, most often first."""

    person: str
    week: date
    exercise: str
    counted: int
    attempts: int
    full: Share
    range_mean: float | None
    range_plus_minus: float | None
    unit: str
    faults: tuple[tuple[str, Share], ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it: weeks, movements, and over everybody each exercise's verdicts and faults."""

    weeks: list[Week]
    movements: list[Movement]
    verdicts: list[tuple[str, str, Share]]
    faults: list[tuple[str, str, Share]]
    recordings: int
    set_aside: list[tuple[str, int]]
    nobodys: int
    broken: int
    warnings: list[str]


# Of a recording that was watched more than once (by another version, or for another exercise) the last one counts.
_RECORDINGS = """
CREATE TEMP TABLE recordings AS
WITH last AS (
    SELECT * FROM read_parquet({recordings}, hive_partitioning = true)
    QUALIFY row_number() OVER (PARTITION BY unit ORDER BY done_at DESC) = 1
), place AS (
    SELECT unit, last(address ORDER BY seen_at) AS address, min(modified) AS modified
    FROM read_parquet({places}, hive_partitioning = true) GROUP BY unit
)
SELECT unit, engine, status, reason, broken_at_s, counted, place.address, {person} AS person,
       coalesce({day}, place.modified::DATE) AS day
FROM last JOIN place USING (unit) {join}
"""
_REPS = """
CREATE TEMP TABLE reps AS
SELECT r.person, date_trunc('week', r.day)::DATE AS week, p.exercise, p.verdict, p.counted, p.faults,
       p.measures."range".value AS reach, p.measures."range".plus_minus AS error, p.measures."range".unit AS unit
FROM read_parquet({reps}, hive_partitioning = true) AS p
JOIN recordings AS r ON p.unit = r.unit AND p.engine = r.engine
WHERE r.person IS NOT NULL
"""
_WEEKS = """
WITH days AS (
    SELECT person, day, count(*) AS recordings, count_if(status != 'watched') AS set_aside,
           sum(coalesce(counted, 0)) AS counted
    FROM recordings WHERE person IS NOT NULL AND day IS NOT NULL GROUP BY ALL
), weeks AS (
    SELECT person, date_trunc('week', day)::DATE AS week, count_if(counted > 0) AS days,
           count_if(recordings = set_aside) AS days_unread, sum(recordings) AS recordings,
           sum(set_aside) AS set_aside, sum(counted) AS counted
    FROM days GROUP BY ALL
), every AS (
    SELECT person, unnest(generate_series(min(week), max(week), INTERVAL 7 DAY))::DATE AS week
    FROM weeks GROUP BY person
)
SELECT every.person, every.week, coalesce(days, 0), coalesce(days_unread, 0), coalesce(recordings, 0)::BIGINT,
       coalesce(set_aside, 0)::BIGINT, coalesce(counted, 0)::BIGINT
FROM every LEFT JOIN weeks USING (person, week) ORDER BY ALL
"""
_MOVEMENTS = """
SELECT person, week, exercise, count_if(counted) AS counted, count(*) AS attempts,
       count_if(counted AND verdict = 'full') AS full, avg(reach) FILTER (counted) AS mean,
       sqrt(pow(avg(error) FILTER (counted), 2)
            + coalesce(pow(1.96 * stddev_samp(reach) FILTER (counted), 2) / count(reach) FILTER (counted),
                       0)) AS plus_minus,
       any_value(unit) AS unit
FROM reps GROUP BY ALL ORDER BY ALL
"""
_MOVEMENT_FAULTS = """
SELECT person, week, exercise, fault, count(*) AS n
FROM (SELECT person, week, exercise, unnest(faults) AS fault FROM reps)
GROUP BY ALL ORDER BY n DESC, fault
"""
_VERDICTS = (
    "SELECT exercise, verdict, count(*) AS n FROM reps GROUP BY ALL ORDER BY exercise, n DESC, verdict"
)
_FAULTS = """
SELECT exercise, fault, count(*) AS n FROM (SELECT exercise, unnest(faults) AS fault FROM reps)
GROUP BY ALL ORDER BY exercise, n DESC, fault
"""


def overview(out: str, *, path_pattern: str | None = None, manifest: Path | None = None) -> Overview:
    """Read an archive's tables. Raises ArchiveError."""
    if check_mark(out) is None:
        raise ArchiveError(f"{out}: there is no archive. `loosen archive SOURCE... --to {out}` makes one.")
    database = duckdb.connect()
    try:
        return _read(database, Tables(out, ""), path_pattern, manifest)
    except duckdb.Error as error:
        raise trouble(out, error) from error
    finally:
        database.close()


def _read(
    database: duckdb.DuckDBPyConnection, tables: Tables, path_pattern: str | None, manifest: Path | None
) -> Overview:
    database.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
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
        if (where := naming(manifest)) is not None:
            warnings.append(
                f"{manifest}, {where} looks like a name or a mail address. Keep pseudonyms there, no names."
            )
        addresses = database.execute(
            f"SELECT DISTINCT address FROM read_parquet({files['places']})"
        ).fetchall()
        found = [(address, one) for (address,) in addresses if (one := whose(address, known)) is not None]
        database.register("people", pa.table({
            "address": pa.array([address for address, _ in found], pa.string()),
            "person": pa.array([one.person for _, one in found], pa.string()),
            "day": pa.array([one.day for _, one in found], pa.date32()),
        }))  # fmt: skip
        person, day, join = (
            "people.person",
            "people.day",
            "LEFT JOIN people ON people.address = place.address",
        )
    database.execute(_RECORDINGS.format(person=person, day=day, join=join, **files), given or None)
    database.execute(_REPS.format(**files))
    persons = [
        one
        for (one,) in database.execute("SELECT DISTINCT person FROM recordings ORDER BY 1").fetchall()
        if one
    ]
    if manifest is None and (called := list(names(persons))):
        warnings.append(
            f"{called[0]!r} looks like a name or a mail address. Keep pseudonyms in the paths, no names."
        )
    return _overview(database, warnings)


def _overview(database: duckdb.DuckDBPyConnection, warnings: list[str]) -> Overview:
    def rows(query: str) -> list[tuple[Any, ...]]:
        return database.execute(query).fetchall()

    of_faults: dict[tuple[Any, ...], list[tuple[str, int]]] = {}
    for person, week, exercise, fault, n in rows(_MOVEMENT_FAULTS):
        of_faults.setdefault((person, week, exercise), []).append((fault, n))
    movements = [
        Movement(
            person,
            week,
            exercise,
            counted,
            attempts,
            Share(full, counted),
            mean,
            plus_minus,
            unit or "",
            tuple((fault, Share(n, attempts)) for fault, n in of_faults.get((person, week, exercise), ())),
        )
        for person, week, exercise, counted, attempts, full, mean, plus_minus, unit in rows(_MOVEMENTS)
    ]
    verdicts = rows(_VERDICTS)
    attempts: dict[str, int] = {}
    for exercise, _, n in verdicts:
        attempts[exercise] = attempts.get(exercise, 0) + n
    [(recordings, nobodys, broken)] = rows(
        "SELECT count(*), count_if(person IS NULL), count_if(broken_at_s IS NOT NULL) FROM recordings"
    )
    return Overview(
        weeks=[Week(*row) for row in rows(_WEEKS)],
        movements=movements,
        verdicts=[(exercise, verdict, Share(n, attempts[exercise])) for exercise, verdict, n in verdicts],
        faults=[(exercise, fault, Share(n, attempts[exercise])) for exercise, fault, n in rows(_FAULTS)],
        recordings=recordings,
        set_aside=rows(
            "SELECT reason, count(*) AS n FROM recordings WHERE status != 'watched' GROUP BY 1 ORDER BY n DESC, 1"
        ),
        nobodys=nobodys,
        broken=broken,
        warnings=warnings,
    )


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
