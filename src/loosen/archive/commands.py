"""`loosen archive ...`."""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from loosen.commands import (
    add_json,
    add_routine,
    at_least_1,
    command,
    print_json,
    print_lines,
    words_of,
)

if TYPE_CHECKING:
    from loosen.commands import Commands

EXTRA = ("dask", "distributed", "fsspec", "pyarrow", "duckdb", "bokeh")

_EXAMPLES = """\
examples:
  loosen archive recordings/ --to results
  loosen archive 's3://clinic/2026/*.mp4' --to s3://clinic/results --on tcp://head:8786
  loosen archive report results --person '{person}/*'

Run it again after more recordings have come, or after it was stopped: only what is new is watched.
A source that is called "report" is written as ./report."""


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
    add_routine(one)
    add_json(one)


def _archive(given: argparse.Namespace) -> int:
    check_extra()
    from loosen.archive.run import archive, say_summary

    try:
        summary = archive(
            given.sources, given.out,
            routine=given.routine, exercise=given.exercise, on=given.on, workers=given.workers,
            patience_s=given.patience,
        )  # fmt: skip
    except KeyboardInterrupt:
        print(words_of()["archive.stopped"], file=sys.stderr)
        raise
    if given.json:
        print_json(summary)
    else:
        print_lines(list(say_summary(summary, given.out, words_of())))
    return summary.exit_code


def check_extra() -> None:
    """Refuse, saying what to install, when the extra's packages are not all there."""
    missing = [name for name in EXTRA if find_spec(name) is None]
    if missing:
        from loosen.errors import MissingPart

        raise MissingPart(
            f"`loosen archive` needs {', '.join(missing)}. Install loosen with its archive extra, in its source "
            "folder: python3 -m uv tool install --reinstall '.[archive]'"
        )
