"""`loosen journal ...`."""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from loosen.cli.options import (
    add_journal,
    add_json,
    add_routine,
    at_least_1,
    command,
    print_json,
    print_lines,
    routine_of,
    words_of,
)

TABLES = ("exercises", "repetitions", "sits")
UNKNOWN_NAMED, DELETED_NAMED = 5, 20

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from loosen.cli.options import Commands
    from loosen.journal.store.journal import Journal
    from loosen.journal.store.records import Named


def add_commands(commands: Commands) -> None:
    """Add the group to the command line."""
    journal = command(commands, "journal", None, "see what you have done")
    of_journal = journal.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = command(of_journal, "list", _journal_list, "your sessions, the newest first")
    listing.add_argument("-n", "--limit", type=at_least_1, metavar="N", help="no more than N (default: all)")
    show = command(of_journal, "show", _journal_show, "one session in full")
    show.add_argument(
        "id", nargs="?", type=int, metavar="ID", help="its number in the list (default: the last)"
    )
    for one in (listing, show):
        add_journal(one)
        add_json(one)
    _add_file_commands(of_journal)


def _add_file_commands(of_journal: Commands) -> None:
    report = command(
        of_journal, "report", _journal_report, "one page to print, or to show to somebody", _REPORTS
    )
    report.add_argument("out", type=Path, metavar="OUT", help="a new file whose name ends in .pdf or .html")
    report.add_argument(
        "--weeks", type=at_least_1, default=12, metavar="N", help="how many weeks it looks back (default: 12)"
    )
    report.add_argument(
        "--until", type=a_day, metavar="DAY", help="its last day, as 2026-11-22 (default: today)"
    )
    add_routine(report)
    export = command(of_journal, "export", _journal_export, "write the journal for another program", _EXPORTS)
    export.add_argument("out", nargs="?", type=Path, metavar="OUT", help="a new file (default: print it)")
    export.add_argument(
        "--as", dest="kind", choices=("json", "csv", "fhir"), default="json", help="default: json"
    )
    export.add_argument("--table", choices=TABLES, default="exercises", help="for csv (default: exercises)")
    export.add_argument(
        "--no-signals", action="store_true", help="for json: leave out each repetition's signal"
    )
    export.add_argument("--schema", action="store_true", help="print the JSON Schema of an export instead")
    taking = command(
        of_journal, "import", _journal_import, "take in an export or a backup; nothing comes twice"
    )
    taking.add_argument("file", type=Path, metavar="FILE", help="what export (json) or backup wrote")
    delete = command(
        of_journal, "delete", _journal_delete, "delete sessions, or everything, for good", _DELETES
    )
    delete.add_argument("ids", nargs="*", type=int, metavar="ID", help="numbers in the list")
    delete.add_argument(
        "--before", type=a_day, metavar="DAY", help="sessions, sits, plans and replaced doses before this day"
    )
    delete.add_argument("--all", action="store_true", help="everything")
    delete.add_argument("--yes", action="store_true", help="do not ask first")
    backup = command(
        of_journal, "backup", _journal_backup, "write the whole journal into one file, to keep elsewhere"
    )
    backup.add_argument("out", type=Path, metavar="OUT", help="a new file; `import` takes it in again")
    for one in (report, export, taking, delete, backup):
        add_journal(one)


_REPORTS = """\
examples:
  loosen journal report for-my-physio.pdf
  loosen journal report autumn.html --weeks 26 --until 2026-11-22"""

_EXPORTS = """\
examples:
  loosen journal export journal.json        to move to a new computer (see also backup)
  loosen journal export --as csv > exercises.csv
  loosen journal export --as csv --table sits sits.csv
  loosen journal export --as fhir bundle.json"""

_DELETES = """\
examples:
  loosen journal delete 12 13
  loosen journal delete --before 2026-01-01
  loosen journal delete --all"""


def _journal_list(given: argparse.Namespace) -> int:
    from loosen.journal.outcomes.session_text import list_lines
    from loosen.terminal import Terminal

    with journal_of(given.journal) as journal:
        rows = journal.sessions(given.limit)
    if given.json:
        print_json(rows)
    elif rows:
        print_lines(list_lines(rows, Terminal(), words_of()))
    else:
        print(words_of()["journal.none-yet"], file=sys.stderr)
    return 0


def _journal_show(given: argparse.Namespace) -> int:
    from loosen.errors import JournalError
    from loosen.journal.outcomes.session_text import session_lines
    from loosen.terminal import Terminal

    with journal_of(given.journal) as journal:
        number = given.id
        if number is None:
            last = journal.sessions(1)
            if not last:
                raise JournalError(words_of()["journal.none-yet"])
            number = last[0].id
        detail = journal.session(number)
    if given.json:
        print_json(detail)
    else:
        titles = {exercise.id: exercise.title for exercise in routine_of(None).exercises}
        print_lines(session_lines(detail, Terminal(), words_of(), titles))
    return 0


def _journal_report(given: argparse.Namespace) -> int:
    from loosen.errors import InputError
    from loosen.journal.outcomes.choices import dose_changes
    from loosen.journal.outcomes.period import monday_of, read_period
    from loosen.journal.report.report import report_of, write_report

    last = given.until or _now().date()
    try:
        first = monday_of(last) - timedelta(weeks=given.weeks - 1)
    except OverflowError:
        raise InputError(
            f"The calendar has no {given.weeks} weeks before {last}: name fewer with --weeks."
        ) from None
    routine = routine_of(given.routine)
    with journal_of(given.journal) as journal, journal.using() as db:
        period = read_period(db, first, last)
        changes = dose_changes(db, routine.id)
    write_report(given.out, report_of(period, routine, changes, words_of(), _now()), words_of())
    print(given.out)
    return 0


def _journal_export(given: argparse.Namespace) -> int:
    from loosen.journal.transfer import export_schema
    from loosen.journal.transfer.exporter import unchanging

    if given.schema:
        print_json(export_schema.schema())
        return 0
    with journal_of(given.journal) as journal, journal.using() as db, unchanging(db):
        _write_new(given.out, _exported(given, db))
    return 0


def _exported(given: argparse.Namespace, db: sqlite3.Connection) -> Iterator[bytes]:
    from loosen.journal.outcomes.period import everything
    from loosen.journal.transfer import csv_tables, exporter, fhir

    if given.kind == "json":
        yield from exporter.json_chunks(db, _now(), signals=not given.no_signals)
    elif given.kind == "fhir":
        import msgspec

        arms = frozenset(it.id for it in routine_of(None).exercises if it.seen.signal.startswith("arm_"))
        made = fhir.bundle(everything(db), _now(), arms)
        yield msgspec.json.format(msgspec.json.encode(made)) + b"\n"
    elif given.table == "exercises":
        yield from (text.encode() for text in csv_tables.exercises_csv(everything(db)))
    else:
        write = {"repetitions": csv_tables.repetitions_csv, "sits": csv_tables.sits_csv}[given.table]
        yield from (text.encode() for text in write(exporter.contents(db, signals=False)))


def _journal_import(given: argparse.Namespace) -> int:
    from loosen.journal.transfer import importer

    with importer.opened(given.file, _now()) as contents, _journal_to_change(given.journal) as journal:
        with journal.changing() as db:
            merged = importer.merge(db, contents)
        words = words_of()
        print(words("journal.imported", sessions=merged.sessions, sits=merged.sits, known=merged.known))
        if merged.unknown:
            names = ", ".join(merged.unknown[:UNKNOWN_NAMED])
            print(words("journal.imported-unknown", n=len(merged.unknown), names=names), file=sys.stderr)
    return 0


def _journal_delete(given: argparse.Namespace) -> int:
    from loosen.errors import InputError
    from loosen.journal.transfer import backup

    words = words_of()
    if sum((bool(given.ids), given.before is not None, given.all)) != 1:
        raise InputError(
            "Name what to delete: numbers from `loosen journal list`, or --before DAY, or --all."
        )
    with journal_of(given.journal) as journal:
        rows = _to_delete(journal, given)
        what = words(
            "journal.delete-named", n=len(rows), days=", ".join(dict.fromkeys(row.local_date for row in rows))
        )
        if given.all:
            what = words["journal.delete-all"]
        elif given.before is not None:
            what = words("journal.delete-before", n=len(rows), day=given.before)
        if given.before is not None and not given.yes:
            print(words["journal.delete-goes-too"], file=sys.stderr)
        if not (given.yes or _agreed(words("journal.delete-ask", what=what))):
            print(words["journal.delete-not"], file=sys.stderr)
            return 1
        with journal.changing() as db:
            if given.all:
                gone = backup.delete_all(db)
            else:
                gone = backup.delete(db, [row.id for row in rows], before=given.before)
        for row in rows[:DELETED_NAMED]:
            print(
                words(
                    "journal.deleted-session",
                    id=row.id,
                    date=row.when,
                    reps=row.attempts,
                )
            )
        if len(rows) > DELETED_NAMED:
            print(words("journal.deleted-more", n=len(rows) - DELETED_NAMED))
        print(words("journal.deleted", **gone._asdict()))
        with journal.using() as db:
            swept = backup.sweep(db)
        if swept != "clean":
            print(words[f"journal.delete-{swept}"], file=sys.stderr)
        if journal.path is not None:
            for copy in sorted(journal.path.parent.glob(f"{journal.path.stem}.damaged-*")):
                print(words("journal.delete-copy", file=copy), file=sys.stderr)
    return 0


def _to_delete(journal: Journal, given: argparse.Namespace) -> list[Named]:
    """Return the sessions that are meant. Raises JournalError for a number that is none."""
    from loosen.errors import JournalError
    from loosen.journal.store import queries

    with journal.using() as db:
        rows = {row.id: row for row in queries.named(db)}
    for number in given.ids:
        if number not in rows:
            raise JournalError(f"There is no session {number}: see `loosen journal list`")
    if given.ids:
        return [rows[number] for number in dict.fromkeys(given.ids)]
    return [row for row in rows.values() if given.all or row.local_date < given.before.isoformat()]


def _journal_backup(given: argparse.Namespace) -> int:
    from loosen.errors import JournalError
    from loosen.journal.transfer.backup import back_up

    with journal_of(given.journal) as journal:
        if journal.path is None:
            raise JournalError(words_of()["journal.none-yet"])
        with journal.using() as db:
            back_up(db, given.out)
    print(words_of()("journal.backed-up", file=given.out))
    return 0


def _agreed(question: str) -> bool:
    """Ask on the terminal; where there is none to ask, refuse."""
    from loosen.errors import InputError

    if not sys.stdin.isatty():
        raise InputError("There is nobody to ask here: add --yes if you mean it.")
    print(f"{question} ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _write_new(out: Path | None, chunks: Iterator[bytes]) -> None:
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


def a_day(text: str) -> date:
    """Return a day written as 2026-11-22; for argparse."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day such as 2026-11-22, got {text!r}") from None


def _now() -> datetime:
    return datetime.now().astimezone()


def _journal_to_change(path: Path | None) -> Journal:
    """Open the journal to write into it; where there is none yet, it is begun."""
    from loosen.journal.store.journal import Journal

    journal = Journal.open(own_journal(path))
    for notice in journal.notices:
        print(f"loosen: {notice}", file=sys.stderr)
    return journal


def own_journal(path: Path | None) -> Path | None:
    """Return the journal's place as given; refuse a file that was never one, so that nothing else is set aside."""
    if path is not None and path.is_file() and path.stat().st_size:
        from loosen.journal.store.integrity import MAGIC

        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                from loosen.errors import JournalError

                raise JournalError(
                    f"{path} is no journal of loosen's; it was left as it is. Name another file."
                )
    return path


def journal_of(path: Path | None) -> Journal:
    """Open the journal to look into it. Where there is none yet, none is begun."""
    from loosen.files import journal_path
    from loosen.journal.store.journal import Journal

    if not journal_path(own_journal(path)).exists():
        return Journal.in_memory()
    journal = Journal.open(path)
    for notice in journal.notices:
        print(f"loosen: {notice}", file=sys.stderr)
    return journal
