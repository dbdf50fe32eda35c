"""`loosen archive ...`."""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from loosen.cli.options import (
    Parser,
    add_json,
    add_routine,
    at_least_1,
    command,
    print_data,
    print_json,
    print_lines,
    words_of,
)

if TYPE_CHECKING:
    from loosen.cli.options import Commands

PRINTED = Path("-")
EXTRA = ("cryptography", "dask", "distributed", "fsspec", "pyarrow", "duckdb", "bokeh")

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


def add_commands(commands: Commands) -> None:
    """Add the commands to the command line."""
    one = command(
        commands, "archive", _archive, "count and judge many recordings, on one or many machines", _EXAMPLES
    )
    one.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="a recording, a folder or a pattern; a path or s3://, gs://, ...",
    )
    one.add_argument("--to", required=True, metavar="OUT", dest="out", help="the folder for the tables")
    one.add_argument("--exercise", metavar="ID", help="what is done in them (default: found out by itself)")
    one.add_argument(
        "--on", metavar="ADDRESS", help="a Dask scheduler, as tcp://host:8786 (default: this computer)"
    )
    one.add_argument(
        "--workers",
        type=at_least_1,
        metavar="N",
        help="without --on: how many at a time (default: one a processor)",
    )
    one.add_argument(
        "--patience", type=at_least_1, metavar="S", default=60,
        help="set a recording aside when no picture of it comes for so long (default: 60 s)",
    )  # fmt: skip
    one.add_argument("--again", action="store_true", help="try once more what was set aside before")
    add_routine(one)
    add_json(one)
    one.own["report"] = report = Parser(
        prog=f"{one.prog} report",
        description="Say who moved when, how far and how well.",
        epilog=_REPORT_EXAMPLES,
    )
    report.set_defaults(run=_report)
    report.add_argument("out", metavar="OUT", help="the tables' folder")
    whose = report.add_mutually_exclusive_group()
    whose.add_argument("--person", metavar="PATTERN", help="how a path tells whose a recording is")
    whose.add_argument("--manifest", type=Path, metavar="CSV", help="a list that tells it")
    report.add_argument(
        "--planned", type=at_least_1, default=7, metavar="N", help="days a week planned (default: 7)"
    )
    report.add_argument("--csv", type=Path, metavar="OUT.csv", help="write every row (-: print them)")
    report.add_argument("--html", type=Path, metavar="OUT.html", help="write a page (-: print it)")
    add_json(report)


def _archive(given: argparse.Namespace) -> int:
    check_extra()
    from loosen.archive.cluster import ended_in_order
    from loosen.archive.run import archive, say_summary

    try:
        with ended_in_order():
            summary = archive(
                given.sources, given.out,
                routine=given.routine, exercise=given.exercise, on=given.on, workers=given.workers,
                patience_s=given.patience, again=given.again,
            )  # fmt: skip
    except KeyboardInterrupt:
        print(words_of()["archive.stopped"], file=sys.stderr)
        raise
    if given.json:
        print_json(summary)
    else:
        print_lines(list(say_summary(summary, given.out, words_of())))
    return summary.exit_code


def _report(given: argparse.Namespace) -> int:
    check_extra()
    from loosen.archive.report import overview
    from loosen.archive.report_formats import as_csv, as_page, lines
    from loosen.errors import ArchiveError

    words = words_of()
    places = [place for place in (given.csv, given.html) if place is not None]
    if given.json + places.count(PRINTED) > 1:
        raise ArchiveError(
            "Only one of --json, --csv - and --html - can be printed; name files for the others."
        )
    for place in places:
        if place != PRINTED and (place.is_dir() or not place.parent.is_dir()):
            raise ArchiveError(f"{place}: not a place to write to; name a file in a folder that exists.")
    seen = overview(given.out, path_pattern=given.person, manifest=given.manifest)
    for warning in seen.warnings:
        print(f"loosen: {warning}", file=sys.stderr)
    if given.csv is not None:
        _give(given.csv, as_csv(seen, given.planned))
    if given.html is not None:
        _give(given.html, as_page(seen, given.planned, words))
    if given.json:
        print_json(seen)
    elif PRINTED not in places:
        print_lines(list(lines(seen, given.planned, words)))
    return 0


def _give(place: Path, text: str) -> None:
    """Write a file, whole or not at all, or print it."""
    from loosen.archive.storage import opened, put, trouble

    if place == PRINTED:
        print_data(text.encode())
        return
    fs, path = opened(str(place))
    try:
        put(fs, path, text.encode())
    except OSError as error:
        raise trouble(str(place), error) from error


def check_extra() -> None:
    """Refuse, saying what to install, when the extra's packages are not all there."""
    missing = [name for name in EXTRA if find_spec(name) is None]
    if missing:
        from loosen.errors import MissingPart

        raise MissingPart(
            f"`loosen archive` needs {', '.join(missing)}. Install loosen with its archive extra, in its source "
            "folder: python3 -m uv tool install --reinstall '.[archive]'"
        )
