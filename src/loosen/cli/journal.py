"""`loosen journal`: lists, shows and deletes sessions. Reports, exports and backups: see journal_files.py."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from loosen.cli import journal_files
from loosen.cli.options import (
    a_day,
    add_journal,
    add_json,
    at_least_1,
    command,
    journal_of,
    print_json,
    routine_of,
    words_of,
)
from loosen.cli.terminal import show
from loosen.errors import InputError, JournalError

if TYPE_CHECKING:
    from loosen.cli.options import Commands
    from loosen.journal.store.journal import Journal
    from loosen.journal.store.records import Named

_DELETED_NAMED = 20
_DELETE_EXAMPLES = """\
examples:
  loosen journal delete 12 13
  loosen journal delete --before 2026-01-01
  loosen journal delete --all"""


def add(commands: Commands) -> None:
    """Add the group to the command line."""
    journal = command(commands, "journal", None, "see what you have done")
    of_journal = journal.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = command(of_journal, "list", _list, "your sessions, the newest first")
    listing.add_argument("-n", "--limit", type=at_least_1, metavar="N", help="no more than N (default: all)")
    show = command(of_journal, "show", _show, "one session in full")
    text = "its number in the list (default: the last)"
    show.add_argument("id", nargs="?", type=int, metavar="ID", help=text)
    for one in (listing, show):
        add_journal(one)
        add_json(one)
    journal_files.add(of_journal)
    text = "delete sessions, or everything, for good"
    delete = command(of_journal, "delete", _delete, text, _DELETE_EXAMPLES)
    delete.add_argument("ids", nargs="*", type=int, metavar="ID", help="numbers in the list")
    text = "sessions, sits, plans and replaced doses before this day"
    delete.add_argument("--before", type=a_day, metavar="DAY", help=text)
    delete.add_argument("--all", action="store_true", help="everything")
    delete.add_argument("--yes", action="store_true", help="do not ask first")
    add_journal(delete)
    journal_files.add_backup(of_journal)


def _list(given: argparse.Namespace) -> int:
    from loosen.cli.journal_text import list_table

    with journal_of(given.journal) as journal:
        rows = journal.sessions(given.limit)
    if given.json:
        print_json(rows)
    elif rows:
        show(list_table(rows, words_of()))
    else:
        print(words_of()["journal.none-yet"], file=sys.stderr)
    return 0


def _show(given: argparse.Namespace) -> int:
    from msgspec.structs import asdict

    from loosen.cli.journal_text import session_text

    with journal_of(given.journal) as journal:
        number = given.id
        if number is None:
            last = journal.sessions(1)
            if not last:
                raise JournalError(words_of()["journal.none-yet"])
            number = last[0].id
        session = journal.session(number)
    if given.json:
        row = asdict(session)
        whole = {name: row.pop(name) for name in ("answers", "exercises", "hurts", "reps", "events")}
        print_json({"session": row} | whole)
    else:
        exercises = {exercise.id: exercise for exercise in routine_of(None).all_exercises()}
        show(*session_text(session, words_of(), exercises))
    return 0


def _delete(given: argparse.Namespace) -> int:
    from loosen.journal.transfer import backup

    words = words_of()
    if sum((bool(given.ids), given.before is not None, given.all)) != 1:
        raise InputError("Name what to delete: numbers from `loosen journal list`, or --before DAY, or --all.")
    with journal_of(given.journal) as journal:
        rows = _to_delete(journal, given)
        sessions, days = words.count("journal.sessions", len(rows)), dict.fromkeys(row.local_date for row in rows)
        what = words("journal.delete-named", sessions=sessions, days=", ".join(days))
        if given.all:
            what = words["journal.delete-all"]
        elif given.before is not None:
            what = words("journal.delete-before", sessions=sessions, day=given.before)
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
        for row in rows[:_DELETED_NAMED]:
            print(words("journal.deleted-session", id=row.id, date=row.when, reps=row.attempts))
        if len(rows) > _DELETED_NAMED:
            print(words.count("journal.deleted-more", len(rows) - _DELETED_NAMED))
        print(words("journal.deleted", **gone._asdict()))
        swept = backup.sweep(journal)
        if swept != "clean":
            print(words[f"journal.delete-{swept}"], file=sys.stderr)
        if journal.path is not None:
            for copy in sorted(journal.path.parent.glob(f"{journal.path.stem}.damaged-*")):
                print(words("journal.delete-copy", file=copy), file=sys.stderr)
    return 0


def _to_delete(journal: Journal, given: argparse.Namespace) -> list[Named]:
    """Return the sessions that are meant. Raises JournalError for a number that is none."""
    from loosen.journal.store import queries

    with journal.using() as db:
        rows = {row.id: row for row in queries.named(db)}
    for number in given.ids:
        if number not in rows:
            raise JournalError(f"There is no session {number}: see `loosen journal list`")
    if given.ids:
        return [rows[number] for number in dict.fromkeys(given.ids)]
    return [row for row in rows.values() if given.all or row.local_date < given.before.isoformat()]


def _agreed(question: str) -> bool:
    """Ask on the terminal; where there is none to ask, refuse."""

    if not sys.stdin.isatty():
        raise InputError("There is nobody to ask here: add --yes if you mean it.")
    print(f"{question} ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
