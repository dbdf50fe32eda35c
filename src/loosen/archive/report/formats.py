"""The report as tables of texts, as CSV, and as one HTML page that loads nothing."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from math import isnan
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from loosen.archive.report.confidence_intervals import Share
from loosen.archive.report.report import ArchiveReport, MovementWeek, PersonWeek
from loosen.routine.model import Routine
from loosen.routine.words import Words

PAGE_ROWS = 5000
TEMPLATE = Path(__file__).with_name("page.html")
CSV_HEAD = (
    "person", "week", "days", "days_unread", "days_planned", "recordings", "set_aside", "in_part",
    "other", "exercise",
    "counted", "attempts", "full_share", "full_low", "full_high", "range_mean", "range_plus_minus", "range_unit",
    "faults",
)  # fmt: skip

Cells = list[list[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its title; `cells_of` makes a row of cells from one of `rows`, for as many as are shown.

    `right`: the columns of numbers; `long`: the column whose text may be broken into lines.
    """

    title: str
    head: list[str]
    rows: Sequence[Any]
    cells_of: Callable[[Any], list[str]]
    right: frozenset[int]
    long: int | None = None

    def first(self, n: int) -> tuple[Cells, int]:
        """Return the head and the first `n` rows, and how many are left."""
        return [self.head, *map(self.cells_of, self.rows[:n])], max(len(self.rows) - n, 0)

    def kind(self, column: int) -> str:
        """Return the HTML attribute of a column's cells."""
        return " class=n" if column in self.right else " class=long" if column == self.long else ""


def as_csv(report: ArchiveReport, planned: int) -> str:
    """Return CSV with a row for each person, week and exercise; a week without any has one row."""
    of_week: dict[tuple[object, ...], list[MovementWeek]] = {}
    for one in report.movements:
        of_week.setdefault((one.person, one.week), []).append(one)
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_HEAD)
    for week in report.weeks:
        days = ["", "", ""] if week.week is None else [week.days, week.days_unread, planned]
        start = [week.person, week.week, *days, week.recordings, week.set_aside, week.in_part, week.other]
        cells = [_movement_cells(one) for one in of_week.get((week.person, week.week), ())]
        writer.writerows([*map(_tame, start), *of_one] for of_one in cells or [[""] * 10])
    return text.getvalue()


def _tame(value: object) -> object:
    """Return a value that a spreadsheet does not take for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(tuple("=+-@\t\r")) else value


def _movement_cells(one: MovementWeek) -> list[object]:
    low, high = one.full.interval
    return [
        one.exercise, one.counted, one.attempts, _number(one.full.value), _number(low), _number(high),
        _number(one.range_mean), _number(one.range_plus_minus), one.unit,
        "; ".join(f"{fault} {n}" for fault, n in one.faults),
    ]  # fmt: skip


def _number(value: float | None) -> str:
    return "" if value is None or isnan(value) else f"{value:.4g}"


def as_page(
    report: ArchiveReport, planned: int, words: Words, routines: Sequence[Routine], made: date | None = None
) -> str:
    """Return one HTML page, made today, that loads nothing: no script, no picture, no address."""
    page = Environment(autoescape=True, trim_blocks=True, undefined=StrictUndefined)
    tables = [(one, *one.first(PAGE_ROWS)) for one in sections(report, planned, words, routines)]
    return page.from_string(TEMPLATE.read_text("utf-8")).render(
        words=words, headline=headline(report, words), made=made or date.today(), warnings=report.warnings,
        tables=tables,
    )  # fmt: skip


def headline(report: ArchiveReport, words: Words) -> str:
    """Return the sentences above the tables."""
    said = [words("clinic.head", recordings=report.recordings)]
    if report.told_apart:
        said.append(words("clinic.people", people=len({week.person for week in report.weeks})))
    if report.first is not None:
        said.append(words("clinic.period", first=report.first, last=report.last))
    more = (("nobodys", report.nobodys), ("broken", report.broken), ("days-of-files", report.days_of_files))
    return " ".join([*said, *(words(f"clinic.{key}", n=n, zone=report.zone) for key, n in more if n)])


class _Names:
    """What a person reads for an exercise, a verdict and a fault: the routines' words; else the id."""

    def __init__(self, words: Words, routines: Sequence[Routine]) -> None:
        exercises = [one for routine in routines for one in routine.all_exercises()]
        self.words = words
        self._titles = {one.id: one.title for one in exercises}
        self._reasons = {(one.id, fault.id): fault.reason for one in exercises for fault in one.faults}

    def exercise(self, exercise: str) -> str:
        return self._titles.get(exercise, exercise)

    def of(self, exercise: str, name: str) -> str:
        """Return what a verdict or a fault is called."""
        general = self.words.sections["clinic"].get(f"called-{name}", name)
        return self._reasons.get((exercise, name), general)


def sections(
    report: ArchiveReport, planned: int, words: Words, routines: Sequence[Routine], most_faults: int | None = None
) -> Iterator[Section]:
    """Yield the report's tables.

    `planned`: days a week; `routines`: for the exercises' titles, a later one's before an earlier one's; `most_faults`:
    how many of a movement's faults are named (default: all).
    """

    def head(*names: str) -> list[str]:
        return [words[f"clinic.{name}"] for name in names]

    def times(one: tuple[str, str, Share]) -> list[str]:
        exercise, name, share = one
        return [names.exercise(exercise), names.of(exercise, name), str(share.k), _share(share)]

    names = _Names(words, routines)
    yield Section(
        words["clinic.weeks"], head("person", "week", "days", "recordings", "counted"),
        report.weeks, lambda one: _week(one, planned, words), frozenset({4}),
    )  # fmt: skip
    yield Section(
        words["clinic.movements"], head("person", "week", "exercise", "counted", "tried", "full", "range", "faults"),
        report.movements, lambda one: _movement(one, names, most_faults), frozenset({3, 4}), 7,
    )  # fmt: skip
    for title, kind, rows in (
        ("clinic.verdicts", "verdict", report.verdicts),
        ("clinic.all-faults", "fault", report.faults),
    ):
        if rows:
            columns = head("exercise", kind, "times", "share")
            yield Section(words[title], columns, rows, times, frozenset({2}))
    if report.set_aside:
        yield Section(
            words["clinic.set-aside"], head("reason", "recordings"),
            report.set_aside, lambda one: [one[0], str(one[1])], frozenset({1}), 0,
        )  # fmt: skip


def _week(one: PersonWeek, planned: int, words: Words) -> list[str]:
    days = "-" if one.week is None else words("clinic.of", n=one.days, planned=planned)
    if one.days_unread:
        days += " " + words("clinic.unread", n=one.days_unread)
    less = (("week-set-aside", one.set_aside), ("week-in-part", one.in_part), ("week-other", one.other))
    said = ", ".join(words(f"clinic.{key}", n=n) for key, n in less if n)
    recordings = f"{one.recordings} ({said})" if said else str(one.recordings)
    return [one.person, _date(one.week, words), days, recordings, str(one.counted)]


def _date(week: date | None, words: Words) -> str:
    return words["clinic.no-day"] if week is None else str(week)


def _movement(one: MovementWeek, names: _Names, most: int | None) -> list[str]:
    reach = "-"
    if one.range_mean is not None:
        unit, digits = ("°", 0) if one.unit == "deg" else (f" {one.unit}", 2)
        sure = "" if one.range_plus_minus is None else f" ±{one.range_plus_minus:.{digits}f}"
        reach = f"{one.range_mean:.{digits}f}{sure}{unit}"
    faults = [
        names.words("clinic.fault-of", fault=names.of(one.exercise, fault), n=n, of=one.attempts)
        for fault, n in one.faults[:most]
    ]
    if more := len(one.faults) - len(faults):
        faults.append(names.words("clinic.more-faults", n=more))
    return [
        one.person, _date(one.week, names.words), names.exercise(one.exercise), str(one.counted), str(one.attempts),
        _share(one.full), reach, ", ".join(faults),
    ]  # fmt: skip


def _share(share: Share) -> str:
    if not share.n:
        return "-"
    low, high = share.interval
    return f"{share.value:.0%} ({100 * low:.0f}-{100 * high:.0f})"
