"""What the commands share: the parser, options, opening the routine and the journal, and printing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loosen.journal.store.journal import Journal
    from loosen.routine.model import Routine
    from loosen.routine.words import Words

    Commands = argparse._SubParsersAction["Parser"]


class Parser(argparse.ArgumentParser):
    """Keeps the line breaks of the examples; no abbreviations, which would break when an option is added."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options)
        self.own: dict[str, Parser] = {}
        """Commands by the word that selects them when it comes first, in a command that also takes other arguments."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if args and args[0] in self.own:
            return self.own[args[0]].parse_known_args(args[1:], namespace)
        return super().parse_known_args(args, namespace)


def command(
    commands: Commands,
    name: str,
    run: Callable[[argparse.Namespace], int] | None,
    summary: str,
    examples: str | None = None,
) -> Parser:
    """Add a command to its group, run by `run` (None: a group of its own)."""
    one = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".", epilog=examples)
    if run is not None:
        one.set_defaults(run=run)
    return one


# SUPPRESS, so that the X of `loosen --journal X journal list` is not undone by the inner command's default.
def add_routine(one: Parser) -> None:
    """Add `--routine FILE`."""
    text = "use this routine file, not the built-in"
    one.add_argument("--routine", type=Path, metavar="FILE", default=argparse.SUPPRESS, help=text)


def add_journal(one: Parser) -> None:
    """Add `--journal PATH`."""
    text = "the journal's file, if not the usual"
    one.add_argument("--journal", type=a_place, metavar="PATH", default=argparse.SUPPRESS, help=text)


def add_json(one: Parser, text: str = "print JSON, for a program") -> None:
    """Add `--json`."""
    one.add_argument("--json", action="store_true", help=text)


def a_place(text: str) -> Path:
    """Return a path with `~` expanded, which no shell does in `--journal=~/x`; for argparse."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise argparse.ArgumentTypeError(f"there is nobody's home in {text!r}") from None


def number(expected: str, least: int, most: int) -> Callable[[str], int]:
    """Return a function that parses a whole number from `least` to `most`; for argparse."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text[:20]) <= most):
            raise argparse.ArgumentTypeError(f"expected {expected}, got {text!r}")
        return int(text)

    return parse


at_least_1 = number("a whole number from 1 on", 1, 10**15)


def a_day(text: str) -> date:
    """Return a day written as 2026-11-22; for argparse."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day such as 2026-11-22, got {text!r}") from None


def routine_of(file: Path | None) -> Routine:
    """Return the routine in `file` (None: the built-in one). Raises RoutineError, with path and line."""
    from loosen import read_routine

    return read_routine(file)


def words_of(language: str = "en") -> Words:
    """Return the catalogue of words."""
    from loosen.routine.words import load_words

    return load_words(language)


def own_journal(path: Path | None) -> Path | None:
    """Return the journal's place as given; refuse a file that was never one, so that nothing else is set aside."""
    if path is not None and path.is_file() and path.stat().st_size:
        from loosen.journal.store.integrity import MAGIC

        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                from loosen.errors import JournalError

                raise JournalError(f"{path} is no journal of loosen's; it was left as it is. Name another file.")
    return path


def journal_of(path: Path | None, *, begin: bool = False) -> Journal:
    """Open the journal. Where there is none yet, it is begun only with `begin`; otherwise an empty one is returned."""
    from loosen.files import journal_path
    from loosen.journal.store.journal import Journal

    if not journal_path(own_journal(path)).exists() and not begin:
        return Journal.in_memory()
    journal = Journal.open(path)
    for notice in journal.notices:
        print(f"loosen: {notice}", file=sys.stderr)
    return journal


def now() -> datetime:
    """Return the local time, with its zone."""
    return datetime.now().astimezone()


def print_json(value: object, *, one_line: bool = False) -> None:
    """Print a value as JSON on stdout, in lines that a person can read or as one line."""
    import msgspec

    text = msgspec.json.encode(value)
    print_data((text if one_line else msgspec.json.format(text)) + b"\n")


def print_data(data: bytes) -> None:
    """Write what a program will read to stdout, in UTF-8 whatever the terminal's encoding is."""
    sys.stdout.flush()
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:  # in the place of stdout stands something without one
        sys.stdout.write(data.decode())
        return
    binary.write(data)
    binary.flush()
