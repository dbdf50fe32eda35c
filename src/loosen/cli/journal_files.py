"""`loosen journal report`, `export`, `import` and `backup`: the journal written into files, and read from them."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from loosen.cli import options
from loosen.cli.options import (
    a_day,
    add_journal,
    add_routine,
    at_least_1,
    command,
    journal_of,
    print_json,
    routine_of,
    words_of,
)
from loosen.errors import InputError, JournalError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from loosen.cli.options import Commands

_TABLES = ("exercises", "repetitions", "sits")
_UNKNOWN_NAMED = 5
_REPORT_EXAMPLES = """\
examples:
  loosen journal report for-my-physio.pdf
  loosen journal report autumn.html --weeks 26 --until 2026-11-22"""
_EXPORT_EXAMPLES = """\
examples:
  loosen journal export journal.json        to move to a new computer (see also backup)
  loosen journal export --as csv > exercises.csv
  loosen journal export --as csv --table sits sits.csv
  loosen journal export --as fhir bundle.json"""


def add(of_journal: Commands) -> None:
    """Add report, export and import to the group."""
    text = "one page to print, or to show to somebody"
    report = command(of_journal, "report", _report, text, _REPORT_EXAMPLES)
    report.add_argument("out", type=Path, metavar="OUT", help="a new file whose name ends in .pdf or .html")
    text = "how many weeks it looks back (default: 12)"
    report.add_argument("--weeks", type=at_least_1, default=12, metavar="N", help=text)
    text = "its last day, as 2026-11-22 (default: today)"
    report.add_argument("--until", type=a_day, metavar="DAY", help=text)
    add_routine(report)
    export = command(of_journal, "export", _export, "write the journal for another program", _EXPORT_EXAMPLES)
    export.add_argument("out", nargs="?", type=Path, metavar="OUT", help="a new file (default: print it)")
    kinds = ("json", "csv", "fhir")
    export.add_argument("--as", dest="kind", choices=kinds, default="json", help="default: json")
    export.add_argument("--table", choices=_TABLES, default="exercises", help="for csv (default: exercises)")
    text = "for json: leave out each repetition's signal"
    export.add_argument("--no-signals", action="store_true", help=text)
    export.add_argument("--schema", action="store_true", help="print the JSON Schema of an export instead")
    text = "take in an export or a backup; nothing comes twice"
    taking = command(of_journal, "import", _import, text)
    taking.add_argument("file", type=Path, metavar="FILE", help="what export (json) or backup wrote")
    for one in (report, export, taking):
        add_journal(one)


def add_backup(of_journal: Commands) -> None:
    """Add backup to the group."""
    text = "write the whole journal into one file, to keep elsewhere"
    backup = command(of_journal, "backup", _backup, text)
    backup.add_argument("out", type=Path, metavar="OUT", help="a new file; `import` takes it in again")
    add_journal(backup)


def _report(given: argparse.Namespace) -> int:
    from loosen.journal.outcomes.choices import dose_changes
    from loosen.journal.outcomes.period import monday_of, read_period
    from loosen.journal.report.html import as_html
    from loosen.journal.report.pdf import as_pdf
    from loosen.journal.report.report import period_report

    last = given.until or options.now().date()
    try:
        first = monday_of(last) - timedelta(weeks=given.weeks - 1)
    except OverflowError:
        raise InputError(f"The calendar has no {given.weeks} weeks before {last}: name fewer with --weeks.") from None
    routine = routine_of(given.routine)
    with journal_of(given.journal) as journal, journal.using() as db:
        period = read_period(db, first, last)
        changes = dose_changes(db, routine.id)
    report = period_report(period, routine, changes, words_of(), options.now())
    make = {".html": as_html, ".pdf": as_pdf}.get(given.out.suffix.lower())
    if make is None:
        raise InputError(f"{given.out}: expected a name that ends in .html or .pdf.")
    _write_new(given.out, [make(report, words_of())])
    return 0


def _export(given: argparse.Namespace) -> int:
    from loosen.journal.transfer import exporter

    if given.schema:
        print_json(exporter.schema())
        return 0
    with journal_of(given.journal) as journal, journal.using() as db:
        _write_new(given.out, _exported(given, db))
    return 0


def _exported(given: argparse.Namespace, db: sqlite3.Connection) -> Iterator[bytes]:
    from loosen.journal.outcomes.period import everything
    from loosen.journal.transfer import csv_tables, exporter, fhir

    if given.kind == "json":
        yield from exporter.json_chunks(db, options.now(), signals=not given.no_signals)
    elif given.kind == "fhir":
        import msgspec

        arms = frozenset(it.id for it in routine_of(None).all_exercises() if it.seen.signal.startswith("arm_"))
        made = fhir.bundle(everything(db), options.now(), arms)
        yield msgspec.json.format(msgspec.json.encode(made)) + b"\n"
    elif given.table == "exercises":
        yield from (text.encode() for text in csv_tables.exercises_csv(everything(db)))
    else:
        write = {"repetitions": csv_tables.repetitions_csv, "sits": csv_tables.sits_csv}[given.table]
        yield from (text.encode() for text in write(exporter.contents(db, signals=False)))


def _import(given: argparse.Namespace) -> int:
    from loosen.journal.transfer import importer

    with importer.opened(given.file, options.now()) as contents, journal_of(given.journal, begin=True) as journal:
        with journal.changing() as db:
            merged = importer.merge(db, contents)
        words = words_of()
        new = {name: words.count(f"journal.{name}", getattr(merged, name)) for name in ("sessions", "sits")}
        print(words("journal.imported", **new, known=merged.known))
        if merged.unknown:
            names = ", ".join(merged.unknown[:_UNKNOWN_NAMED])
            print(words("journal.imported-unknown", n=len(merged.unknown), names=names), file=sys.stderr)
    return 0


def _backup(given: argparse.Namespace) -> int:
    from loosen.journal.transfer.backup import back_up

    with journal_of(given.journal) as journal:
        if journal.path is None:
            raise JournalError(words_of()["journal.none-yet"])
        with journal.using() as db:
            back_up(db, given.out)
    print(words_of()("journal.backed-up", file=given.out))
    return 0


def _write_new(out: Path | None, chunks: Iterable[bytes]) -> None:
    """Write chunks into a new file, whole or not at all, or onto stdout."""
    if out is None:
        for chunk in chunks:
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        return
    from loosen.files import new_file

    with new_file(out) as part, part.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
    print(out)
