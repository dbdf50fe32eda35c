"""`loosen archive`: runs on recordings, and the report on what came out."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from loosen.cli.options import Parser, add_json, add_routine, at_least_1, command, print_data, print_json, words_of
from loosen.cli.terminal import Progress, show, table

if TYPE_CHECKING:
    from loosen.archive.report.report import ArchiveReport
    from loosen.archive.run import RunSummary
    from loosen.cli.options import Commands
    from loosen.cli.terminal import Shown
    from loosen.routine.model import Routine
    from loosen.routine.words import Words

PRINTED = Path("-")
LOG_EVERY_S = 60.0
# How many of a run's recordings are named for each kind of trouble, and how much of a report a terminal shows.
NAMED, TERMINAL_ROWS, TERMINAL_FAULTS = 20, 30, 2
EXTRA = ("cryptography", "dask", "distributed", "fsspec", "jinja2", "pyarrow", "duckdb", "bokeh")

_EXAMPLES = """\
examples:
  loosen archive recordings/ --to results
  loosen archive 's3://clinic/2026/*.mp4' --to s3://clinic/results --on tcp://head:8786
  loosen archive report results --person '{person}/*'

Run it again after more recordings have come, or after it was stopped: only what is new is watched.
A source that is called "report" is written as ./report."""


_REPORT_EXAMPLES = """\
examples:
  loosen archive report results --person '{person}/{date}/*'
  loosen archive report results --manifest people.csv --html report.html --csv report.csv

A pattern fits the end of a recording's address. A list is a CSV file with the columns path, person
and perhaps date. Without a date, the file's own counts. Use pseudonyms, no names."""


def add(commands: Commands) -> None:
    """Add the command and its report to the command line."""
    one = command(commands, "archive", _archive, "count and judge many recordings, on one or many machines", _EXAMPLES)
    one.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="a recording, a folder or a pattern; a path or s3://, gs://, ..."
    )
    one.add_argument("--to", required=True, metavar="OUT", dest="out", help="the folder for the tables")
    one.add_argument("--exercise", metavar="ID", help="what is done in them (default: found out by itself)")
    one.add_argument("--on", metavar="ADDRESS", help="a Dask scheduler, as tcp://host:8786 (default: this computer)")
    one.add_argument(
        "--workers", type=at_least_1, metavar="N", help="without --on: how many at a time (default: one a processor)"
    )
    one.add_argument(
        "--patience", type=at_least_1, metavar="S", default=60,
        help="set a recording aside when no picture of it comes for so long (default: 60 s)",
    )  # fmt: skip
    one.add_argument("--again", action="store_true", help="try once more what was set aside before")
    add_routine(one)
    add_json(one)
    one.own["report"] = report = Parser(
        prog=f"{one.prog} report", description="Say who moved when, how far and how well.", epilog=_REPORT_EXAMPLES
    )
    report.set_defaults(run=_report)
    report.add_argument("out", metavar="OUT", help="the tables' folder")
    whose = report.add_mutually_exclusive_group()
    whose.add_argument("--person", metavar="PATTERN", help="how a path tells whose a recording is")
    whose.add_argument("--manifest", type=Path, metavar="CSV", help="a list that tells it")
    report.add_argument("--planned", type=at_least_1, default=7, metavar="N", help="days a week planned (default: 7)")
    report.add_argument("--csv", type=Path, metavar="OUT.csv", help="write every row (-: print them)")
    report.add_argument("--html", type=Path, metavar="OUT.html", help="write a page (-: print it)")
    add_json(report)


def _archive(given: argparse.Namespace) -> int:
    check_extra()
    from loosen.archive.run import archive

    words = words_of()
    try:
        with Progress(words("archive.progress")) as bar:
            summary = archive(
                given.sources, given.out,
                routine=given.routine, exercise=given.exercise, on=given.on, workers=given.workers,
                patience_s=given.patience, again=given.again,
                say=_say, progress=RunProgress(bar, words).show,
            )  # fmt: skip
    except KeyboardInterrupt:
        print(words["archive.stopped"], file=sys.stderr)
        raise
    if given.json:
        print_json(summary)
    else:
        show(*summary_lines(summary, given.out, words))
    return 0 if summary.complete else 1


def _say(line: str) -> None:
    print(line, file=sys.stderr)


class RunProgress:
    """Shows how far a run is, how fast it goes and how long it will take: as a bar, or now and then in a log."""

    def __init__(self, bar: Progress, words: Words) -> None:
        self._bar, self._words = bar, words
        self._begun_s = self._said_s = time.monotonic()

    def show(self, done: int, total: int) -> None:
        """Show that `done` of `total` recordings are done; with none, the work begins now."""
        now_s = time.monotonic()
        if not done:
            self._begun_s = self._said_s = now_s
            return
        rate = done / max(now_s - self._begun_s, 1e-3)
        if not self._bar.is_drawn and now_s - self._said_s <= LOG_EVERY_S:
            return
        note = self._words("archive.rate", rate=_per_second(rate), left=_duration((total - done) / rate))
        if self._bar.is_drawn:
            self._bar.at(done / total, note)
        else:
            self._said_s = now_s
            _say(self._words("archive.log", done=done, total=total, at=note))


def _per_second(rate: float) -> str:
    return f"{rate:.0f}/s" if rate >= 10 else f"{rate:.1f}/s" if rate >= 1 else f"{rate * 60:.1f}/min"


def _duration(seconds: float) -> str:
    minutes, hours = seconds / 60, seconds / 3600
    return f"{seconds:.0f} s" if seconds < 90 else f"{minutes:.0f} min" if minutes < 90 else f"{hours:.1f} h"


def summary_lines(summary: RunSummary, out: str, words: Words) -> Iterator[str]:
    """Yield the lines that tell the result of a run."""
    yield words(
        "archive.summary", listed=summary.listed, watched=summary.watched, known=summary.known, out=out,
        took=_duration(summary.took_s),
    )  # fmt: skip
    if summary.copies:
        yield words("archive.copies", n=summary.copies)
    broken = [(address, words("archive.beyond", at=f"{at_s:.1f}")) for address, at_s in summary.broken]
    for key, of_kind in (("broken", broken), ("set-aside", summary.set_aside), ("failed", summary.failed)):
        if of_kind:
            yield words(f"archive.{key}", n=len(of_kind))
            yield from (f"  {address}: {reason}" for address, reason in of_kind[:NAMED])
            if len(of_kind) > NAMED:
                yield "  " + words("archive.more", n=len(of_kind) - NAMED)


def _report(given: argparse.Namespace) -> int:
    check_extra()
    from loosen.archive.report.formats import as_csv, as_page
    from loosen.archive.report.report import read_report, read_routines
    from loosen.errors import ArchiveError

    words = words_of()
    places = [place for place in (given.csv, given.html) if place is not None]
    if given.json + places.count(PRINTED) > 1:
        raise ArchiveError("Only one of --json, --csv - and --html - can be printed; name files for the others.")
    for place in places:
        if place != PRINTED and (place.is_dir() or not place.parent.is_dir()):
            raise ArchiveError(f"{place}: not a place to write to; name a file in a folder that exists.")
    report = read_report(given.out, path_pattern=given.person, manifest=given.manifest)
    routines = read_routines(given.out)
    for warning in report.warnings:
        print(f"loosen: {warning}", file=sys.stderr)
    if given.csv is not None:
        _give(given.csv, as_csv(report, given.planned))
    if given.html is not None:
        _give(given.html, as_page(report, given.planned, words, routines))
    if given.json:
        print_json(report)
    elif PRINTED not in places:
        show(*report_lines(report, given.planned, words, routines))
    return 0


def report_lines(report: ArchiveReport, planned: int, words: Words, routines: Sequence[Routine]) -> Iterator[Shown]:
    """Yield the report's lines; a terminal is read and not searched, so the rest of the rows is left to the CSV."""
    from loosen.archive.report.formats import headline, sections

    yield headline(report, words)
    yield words["clinic.explain"]
    for section in sections(report, planned, words, routines, TERMINAL_FAULTS):
        cells, left = section.first(TERMINAL_ROWS)
        yield ""
        yield section.title
        yield table(cells, section.right, indent=2)
        if left:
            yield "  " + words("clinic.more", n=left)


def _give(place: Path, text: str) -> None:
    """Write a file, whole or not at all, or print it."""
    from loosen.archive.storage import opened, put, trouble_at

    if place == PRINTED:
        print_data(text.encode())
        return
    fs, path = opened(str(place))
    with trouble_at(str(place)):
        put(fs, path, text.encode())


def check_extra() -> None:
    """Refuse, saying what to install, when the extra's packages are not all there."""
    missing = [name for name in EXTRA if find_spec(name) is None]
    if missing:
        from loosen.errors import MissingPart

        raise MissingPart(
            f"`loosen archive` needs {', '.join(missing)}. Install loosen with its archive extra, in its source "
            "folder: python3 -m uv tool install --reinstall '.[archive]'"
        )
