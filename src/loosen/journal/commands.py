"""`loosen journal ...`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from loosen.commands import (
    add_journal,
    add_json,
    at_least_1,
    command,
    print_json,
    print_lines,
    routine_of,
    words_of,
)

if TYPE_CHECKING:
    from loosen.commands import Commands
    from loosen.journal.store import Journal


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


def _journal_list(given: argparse.Namespace) -> int:
    from loosen.journal.show import list_lines
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
    from loosen.journal.show import session_lines
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


def own_journal(path: Path | None) -> Path | None:
    """Return the journal's place as given; refuse a file that was never one, so that nothing else is set aside."""
    if path is not None and path.is_file() and path.stat().st_size:
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                from loosen.errors import JournalError

                raise JournalError(
                    f"{path} is no journal of loosen's; it was left as it is. Name another file."
                )
    return path


def journal_of(path: Path | None) -> Journal:
    """Open the journal to look into it. Where there is none yet, none is begun."""
    from loosen.journal.place import journal_path
    from loosen.journal.store import Journal

    if not journal_path(own_journal(path)).exists():
        return Journal.in_memory()
    journal = Journal.open(path)
    for notice in journal.notices:
        print(f"loosen: {notice}", file=sys.stderr)
    return journal
