"""The commands: parse, call, print. Rooms are imported inside the commands, so that help comes at once.

Exit codes: 0 done; 1 done, and something was found wrong; 2 what was given cannot be used; 130 Ctrl-C.
Results go to stdout, talk to stderr.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loosen import __version__
from loosen.errors import LoosenError

if TYPE_CHECKING:
    from loosen.journal.store import Journal
    from loosen.routine.model import Routine
    from loosen.routine.words import Words

INTERRUPTED, PIPE_CLOSED = 130, 141

_ABOUT = """\
A coach on your own computer for a tight and sore lower back. It shows four movements,
watches you through the camera if you let it, counts, and keeps a journal. No picture
leaves the computer and none is kept."""

_EXAMPLES = """\
examples:
  loosen                      start: the page opens in your browser
  loosen demo                 look on for a minute, no camera needed
  loosen watch arch.mp4       have a recording counted and judged
  loosen journal show         see your last session
  loosen doctor               find out what works here, and what to do about the rest

With nothing but `loosen`, allow the camera when the browser asks, or go on by voice.
Everything is kept in your own user folder; LOOSEN_HOME names another one."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    if sys.stdout is None:  # closed by whoever started us
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115  (for the whole run)
    try:
        arguments = parser().parse_args(argv)
        code: int = arguments.run(arguments)
        sys.stdout.flush()
        return code
    except LoosenError as error:
        print(f"loosen: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has stopped, as `head` does. Python would complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except OSError as error:
        print(f"loosen: could not write ({error.strerror})", file=sys.stderr)
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    whole = _Parser(prog="loosen", description=_ABOUT, epilog=_EXAMPLES)
    whole.add_argument("--version", action="version", version=f"loosen {__version__}")
    whole.set_defaults(run=_serve, routine=None, journal=None, port=None, no_browser=False)
    _add_page_options(whole)
    _add_journal(whole)
    commands = whole.add_subparsers(title="commands", metavar="COMMAND")

    demo = _command(
        commands, "demo", _demo, "watch a figure do the routine before the coach; nothing is kept"
    )
    _add_page_options(demo)

    watch = _command(
        commands, "watch", _watch, "count and judge the repetitions in recordings", _WATCH_EXAMPLES
    )
    watch.add_argument("inputs", nargs="+", type=Path, metavar="CLIP", help="video, or landmark track (.npz)")
    watch.add_argument("--exercise", metavar="ID", help="what is done in it (default: found out by itself)")
    watch.add_argument(
        "--overlay", type=Path, metavar="OUT.mp4", help="write the clip with the points drawn in"
    )
    watch.add_argument("--chart", type=Path, metavar="OUT.png", help="draw the movement over time")
    _add_routine(watch)
    _add_json(watch, "print one object for each input, one to a line")

    _add_routine_commands(commands)
    _add_journal_commands(commands)

    doctor = _command(commands, "doctor", _doctor, "say what works here, what does not, and what to do")
    _add_journal(doctor)
    _add_json(doctor)
    return whole


_WATCH_EXAMPLES = """\
examples:
  loosen watch arch.mp4 reach.mp4
  loosen watch --exercise back-arches --chart arch.png arch.mp4
  loosen watch --json *.npz > reports.jsonl"""


def _add_routine_commands(commands: _Commands) -> None:
    routine = _command(commands, "routine", None, "look at a routine, or check one of your own")
    of_routine = routine.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = _command(of_routine, "list", _routine_list, "the routines that loosen knows")
    show = _command(of_routine, "show", _routine_show, "a routine in full")
    check = _command(
        of_routine,
        "check",
        _routine_check,
        "prove a file: its figure's own repetitions must be counted, all full",
    )
    schema = _command(
        of_routine, "schema", _routine_schema, "the JSON Schema of a routine file, for your editor"
    )
    for one in (show, check):
        one.add_argument(
            "file", nargs="?", type=Path, metavar="FILE", help="routine file (default: the built-in)"
        )
    for one in (listing, show, check):
        _add_routine(one)
        _add_json(one)
    schema.add_argument("--json", action="store_true", help=argparse.SUPPRESS)  # it is JSON anyway


def _add_journal_commands(commands: _Commands) -> None:
    journal = _command(commands, "journal", None, "see what you have done")
    of_journal = journal.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = _command(of_journal, "list", _journal_list, "your sessions, the newest first")
    listing.add_argument("-n", "--limit", type=_at_least_1, metavar="N", help="no more than N (default: all)")
    show = _command(of_journal, "show", _journal_show, "one session in full")
    show.add_argument(
        "id", nargs="?", type=int, metavar="ID", help="its number in the list (default: the last)"
    )
    for one in (listing, show):
        _add_journal(one)
        _add_json(one)


class _Parser(argparse.ArgumentParser):
    """Keeps the line breaks of the examples; no abbreviations, which would break when an option is added."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options)


if TYPE_CHECKING:
    _Commands = argparse._SubParsersAction[_Parser]


def _command(
    commands: _Commands,
    name: str,
    run: Callable[[argparse.Namespace], int] | None,
    summary: str,
    examples: str | None = None,
) -> _Parser:
    one = commands.add_parser(
        name, help=summary, description=summary[0].upper() + summary[1:] + ".", epilog=examples
    )
    if run is not None:
        one.set_defaults(run=run)
    return one


# SUPPRESS, so that the X of `loosen --journal X journal list` is not undone by the inner command's default.
def _add_routine(one: _Parser) -> None:
    one.add_argument(
        "--routine",
        type=Path,
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="use this routine file, not the built-in",
    )


def _add_journal(one: _Parser) -> None:
    one.add_argument(
        "--journal",
        type=Path,
        metavar="PATH",
        default=argparse.SUPPRESS,
        help="the journal's file, if not the usual",
    )


def _add_json(one: _Parser, text: str = "print JSON, for a program") -> None:
    one.add_argument("--json", action="store_true", help=text)


def _add_page_options(one: _Parser) -> None:
    _add_routine(one)
    text = "port on this computer (default: 8747, or a free one)"
    one.add_argument("--port", type=_port, metavar="N", default=argparse.SUPPRESS, help=text)
    text = "only print the address"
    one.add_argument("--no-browser", action="store_true", default=argparse.SUPPRESS, help=text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, got {text!r}")
    return int(text)


def _at_least_1(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) >= 1):
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, got {text!r}")
    return int(text)


# -- the commands --------------------------------------------------------------------------------------


def _serve(given: argparse.Namespace, *, demo: bool = False) -> int:
    from loosen.page.server import serve
    from loosen.page.wiring import real_parts

    parts = real_parts(_routine(given.routine), journal=_own(given.journal), demo=demo)
    return serve(parts, port=given.port, open_browser=not given.no_browser)


def _demo(given: argparse.Namespace) -> int:
    return _serve(given, demo=True)


def _watch(given: argparse.Namespace) -> int:
    from loosen.watch import watch

    return watch(
        given.inputs,
        routine=_routine(given.routine),
        exercise=given.exercise,
        overlay=given.overlay,
        chart=given.chart,
        as_json=given.json,
    )


def _routine_list(given: argparse.Namespace) -> int:
    from loosen.routine.show import list_lines

    words = _words()
    known = [(_routine(None), words["routine.built-in"])]
    if given.routine is not None:
        known.append((_routine(given.routine), str(given.routine)))
    if given.json:
        _print_json(
            [
                {
                    "id": it.id,
                    "title": it.title,
                    "where": where,
                    "exercises": [one.id for one in it.exercises],
                }
                for it, where in known
            ]
        )
    else:
        _print_lines([line for it, where in known for line in list_lines(it, where, words)])
    return 0


def _routine_show(given: argparse.Namespace) -> int:
    from loosen.routine.files import as_json
    from loosen.routine.show import show_lines

    routine = _routine(given.file or given.routine)
    if given.json:
        print(as_json(routine))
    else:
        _print_lines(show_lines(routine, _words()))
    return 0


def _routine_check(given: argparse.Namespace) -> int:
    from loosen.proof import check

    return check(_routine(given.file or given.routine), as_json=given.json)


def _routine_schema(_: argparse.Namespace) -> int:
    from loosen.routine.files import schema

    _print_json(schema())
    return 0


def _journal_list(given: argparse.Namespace) -> int:
    from loosen.journal.show import list_lines
    from loosen.terminal import Terminal

    with _journal(given.journal) as journal:
        rows = journal.sessions(given.limit)
    if given.json:
        _print_json(rows)
    elif rows:
        _print_lines(list_lines(rows, Terminal(), _words()))
    else:
        print(_words()["journal.none-yet"], file=sys.stderr)
    return 0


def _journal_show(given: argparse.Namespace) -> int:
    from loosen.errors import JournalError
    from loosen.journal.show import session_lines
    from loosen.terminal import Terminal

    with _journal(given.journal) as journal:
        number = given.id
        if number is None:
            last = journal.sessions(1)
            if not last:
                raise JournalError(_words()["journal.none-yet"])
            number = last[0].id
        detail = journal.session(number)
    if given.json:
        _print_json(detail)
    else:
        titles = {exercise.id: exercise.title for exercise in _routine(None).exercises}
        _print_lines(session_lines(detail, Terminal(), _words(), titles))
    return 0


def _doctor(given: argparse.Namespace) -> int:
    from loosen.doctor import Doctor, lines, works
    from loosen.terminal import Terminal

    words = _words()
    checks = Doctor(words, _own(given.journal))()
    if given.json:
        _print_json({"works": works(checks), "checks": checks})
    else:
        _print_lines(lines(checks, Terminal(), words))
    return 0 if works(checks) else 1


# -- what several commands need ------------------------------------------------------------------------


def _routine(file: Path | None) -> Routine:
    from loosen.routine.files import builtin

    if file is None:
        return builtin()
    from loosen.coach.proof import load_routine

    return load_routine(file)


def _words() -> Words:
    from loosen.routine.words import load_words

    return load_words()


def _own(path: Path | None) -> Path | None:
    """Return the journal's place as given; refuse a file that was never one, so that nothing else is set aside."""
    if path is not None and path.is_file() and path.stat().st_size:
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                from loosen.errors import JournalError

                raise JournalError(
                    f"{path} is no journal of loosen's; it was left as it is. Name another file."
                )
    return path


def _journal(path: Path | None) -> Journal:
    """Open the journal to look into it. Where there is none yet, none is begun."""
    from loosen.journal.place import journal_path
    from loosen.journal.store import Journal

    if not journal_path(_own(path)).exists():
        return Journal.in_memory()
    journal = Journal.open(path)
    for notice in journal.notices:
        print(f"loosen: {notice}", file=sys.stderr)
    return journal


def _print_json(value: object) -> None:
    import msgspec

    print(msgspec.json.format(msgspec.json.encode(value)).decode())


def _print_lines(lines: Sequence[str]) -> None:
    from loosen.terminal import Terminal

    terminal = Terminal()
    for line in lines:
        terminal.say(line)
