"""The whole command line as one parser. Rooms are imported inside the commands, so that help comes at once."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from loosen import __version__
from loosen.cli import archive as archive_commands
from loosen.cli import getup as getup_commands
from loosen.cli import journal as journal_commands
from loosen.cli.journal import own_journal
from loosen.cli.options import (
    Parser,
    add_journal,
    add_json,
    add_routine,
    at_least_1,
    command,
    port,
    print_json,
    print_lines,
    routine_of,
    words_of,
)
from loosen.errors import InputError

if TYPE_CHECKING:
    from loosen.cli.options import Commands
    from loosen.routine.model import Routine

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
  loosen getup run            be asked to get up every 30 to 45 minutes
  loosen doctor               find out what works here, and what to do about the rest

With nothing but `loosen`, allow the camera when the browser asks, or go on by voice.
Everything is kept in your own user folder; LOOSEN_HOME names another one."""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    whole = Parser(prog="loosen", description=_ABOUT, epilog=_EXAMPLES)
    whole.add_argument("--version", action="version", version=f"loosen {__version__}")
    whole.set_defaults(run=_serve, routine=None, journal=None, port=None, no_browser=False, movement=None)
    _add_page_options(whole)
    add_journal(whole)
    text = "open the page at this one movement, for a break of a minute or two"
    whole.add_argument("--movement", metavar="ID", default=argparse.SUPPRESS, help=text)
    commands = whole.add_subparsers(title="commands", metavar="COMMAND")

    demo = command(commands, "demo", _demo, "watch a figure do the routine before the coach; nothing is kept")
    _add_page_options(demo)
    text = "with a made-up journal of N sessions to look back on (default: 60); your own is left alone"
    demo.add_argument("--history", type=at_least_1, nargs="?", const=60, metavar="N", help=text)

    watch = command(
        commands, "watch", _watch, "count and judge the repetitions in recordings", _WATCH_EXAMPLES
    )
    watch.add_argument(
        "inputs", nargs="+", type=Path, metavar="CLIP", help="video, or landmark track (.npz, .trc)"
    )
    watch.add_argument("--exercise", metavar="ID", help="what is done in it (default: found out by itself)")
    watch.add_argument(
        "--overlay", type=Path, metavar="OUT.mp4", help="write the clip with the points drawn in"
    )
    watch.add_argument("--chart", type=Path, metavar="OUT.png", help="draw the movement over time")
    for kind, what in (
        ("trc", "points for OpenSim"),
        ("mot", "angles for OpenSim"),
        ("npz", "landmark track"),
    ):
        text = f"write what was seen: {what}"
        watch.add_argument(f"--{kind}", type=_ending(f".{kind}"), metavar=f"OUT.{kind}", help=text)
    add_routine(watch)
    add_json(watch, "print one object for each input, one to a line")

    _add_routine_commands(commands)
    journal_commands.add_commands(commands)
    archive_commands.add_commands(commands)
    getup_commands.add_commands(commands)

    doctor = command(commands, "doctor", _doctor, "say what works here, what does not, and what to do")
    add_journal(doctor)
    add_json(doctor)
    return whole


def _ending(suffix: str) -> Callable[[str], Path]:
    """Return what makes a path of an argument, and refuses another ending; for argparse."""

    def path(text: str) -> Path:
        if not text.lower().endswith(suffix):
            raise argparse.ArgumentTypeError(f"expected a name that ends in {suffix}, got {text!r}")
        return Path(text)

    return path


_WATCH_EXAMPLES = """\
examples:
  loosen watch arch.mp4 reach.mp4
  loosen watch --exercise back-arches --chart arch.png arch.mp4
  loosen watch --trc arch.trc --mot arch.mot arch.mp4
  loosen watch --json *.npz > reports.jsonl"""


def _add_routine_commands(commands: Commands) -> None:
    routine = command(commands, "routine", None, "look at a routine, or check one of your own")
    of_routine = routine.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = command(of_routine, "list", _routine_list, "the routines that loosen knows")
    show = command(of_routine, "show", _routine_show, "a routine in full")
    check = command(
        of_routine,
        "check",
        _routine_check,
        "prove a file: its figure's own repetitions must be counted, all full",
    )
    schema = command(
        of_routine, "schema", _routine_schema, "the JSON Schema of a routine file, for your editor"
    )
    for one in (show, check):
        one.add_argument(
            "file", nargs="?", type=Path, metavar="FILE", help="routine file (default: the built-in)"
        )
    for one in (listing, show, check):
        add_routine(one)
        add_json(one)
    schema.add_argument("--json", action="store_true", help=argparse.SUPPRESS)  # it is JSON anyway


# -- the commands --------------------------------------------------------------------------------------


def _serve(given: argparse.Namespace, *, demo: bool = False) -> int:
    from loosen.files import journal_path, runtime_folder
    from loosen.page.running_servers import ServerRegister
    from loosen.page.server import serve
    from loosen.page.setup import page_setup

    made_up = given.history or 0 if demo else 0
    journal = own_journal(given.journal)
    setup = page_setup(routine_of(given.routine), journal=journal, demo=demo, made_up=made_up)
    return serve(
        setup,
        port=given.port,
        open_browser=not given.no_browser,
        movement=_movement(given.movement, setup.routine),
        # A demo neither opens the real page nor is found by who looks for that.
        register=None if demo else ServerRegister(runtime_folder(), journal_path(journal), setup.routine),
    )


def _movement(wanted: str | None, routine: Routine) -> str | None:
    known = [exercise.id for exercise in routine.exercises]
    if wanted is not None and wanted not in known:
        raise InputError(
            f"there is no movement {wanted!r} in the routine: expected one of {', '.join(known)}"
        )
    return wanted


def _demo(given: argparse.Namespace) -> int:
    return _serve(given, demo=True)


def _watch(given: argparse.Namespace) -> int:
    from loosen.cli.watch import watch

    return watch(
        given.inputs,
        routine=routine_of(given.routine),
        exercise=given.exercise,
        overlay=given.overlay,
        chart=given.chart,
        points=[place for place in (given.trc, given.mot, given.npz) if place is not None],
        as_json=given.json,
    )


def _routine_list(given: argparse.Namespace) -> int:
    from loosen.cli.routine_text import list_lines

    words = words_of()
    known = [(routine_of(None), words["routine.built-in"])]
    if given.routine is not None:
        known.append((routine_of(given.routine), str(given.routine)))
    if given.json:
        print_json(
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
        print_lines([line for it, where in known for line in list_lines(it, where, words)])
    return 0


def _routine_show(given: argparse.Namespace) -> int:
    from loosen.cli.routine_text import show_lines
    from loosen.routine.reader import as_json

    routine = routine_of(given.file or given.routine)
    if given.json:
        print(as_json(routine))
    else:
        print_lines(show_lines(routine, words_of()))
    return 0


def _routine_check(given: argparse.Namespace) -> int:
    from loosen.cli.routine_check import check

    return check(routine_of(given.file or given.routine), as_json=given.json)


def _routine_schema(_: argparse.Namespace) -> int:
    from loosen.routine.reader import schema

    print_json(schema())
    return 0


def _doctor(given: argparse.Namespace) -> int:
    from loosen.cli.doctor import Doctor, lines, works
    from loosen.terminal import Terminal

    words = words_of()
    checks = Doctor(words, own_journal(given.journal))()
    if given.json:
        print_json({"works": works(checks), "checks": checks})
    else:
        print_lines(lines(checks, Terminal(), words))
    return 0 if works(checks) else 1


def _add_page_options(one: Parser) -> None:
    add_routine(one)
    text = "port on this computer (default: 8747, or a free one)"
    one.add_argument("--port", type=port, metavar="N", default=argparse.SUPPRESS, help=text)
    text = "only print the address"
    one.add_argument("--no-browser", action="store_true", default=argparse.SUPPRESS, help=text)
