"""`loosen`: serves the page; and `loosen demo`: serves it with a made-up person before the coach."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from loosen.cli.options import Parser, add_journal, add_routine, at_least_1, command, number, own_journal, routine_of
from loosen.errors import InputError

if TYPE_CHECKING:
    from loosen.cli.options import Commands
    from loosen.routine.model import Routine


def add_to(whole: Parser) -> None:
    """Make serving the page what `loosen` does without a command."""
    whole.set_defaults(run=run, routine=None, journal=None, port=None, no_browser=False, movement=None)
    _add_page_options(whole)
    add_journal(whole)
    text = "open the page at this one movement, for a break of a minute or two"
    whole.add_argument("--movement", metavar="ID", default=argparse.SUPPRESS, help=text)


def add_demo(commands: Commands) -> None:
    """Add `loosen demo`."""
    summary = "watch a figure do the routine before the coach; nothing is kept"
    demo = command(commands, "demo", lambda given: run(given, demo=True), summary)
    _add_page_options(demo)
    text = "with a made-up journal of N sessions to look back on (default: 60); your own is left alone"
    demo.add_argument("--history", type=at_least_1, nargs="?", const=60, metavar="N", help=text)


def run(given: argparse.Namespace, *, demo: bool = False) -> int:
    """Serve the page until Ctrl-C."""
    from loosen.files import journal_path, runtime_folder
    from loosen.page.running_servers import ServerRegister
    from loosen.page.server import serve
    from loosen.page.setup import page_setup

    made_up = given.history or 0 if demo else 0
    journal = own_journal(given.journal)
    setup = page_setup(routine_of(given.routine), journal=journal, demo=demo, made_up=made_up)
    _log_to_stderr()
    try:
        with _hearing_ctrl_c():
            serve(
                setup,
                port=given.port,
                open_browser=not given.no_browser,
                movement=_movement(given.movement, setup.routine),
                # A demo neither opens the real page nor is found by who looks for that.
                register=None if demo else ServerRegister(runtime_folder(), journal_path(journal), setup.routine),
                say=_say,
            )
    except KeyboardInterrupt as signalled:
        # The server has stopped in order by now, or had not begun; uvicorn only passes the signal on.
        if signalled.args:
            raise
        _say("\n" + setup.words["server.stopped"])
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def _hearing_ctrl_c() -> Iterator[None]:
    """Have Ctrl-C raise, also where it was ignored.

    A script that starts a program in the background lets it inherit an ignored SIGINT. uvicorn takes the signal only
    once it runs: until then a Ctrl-C would be lost, and the server would stay.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _log_to_stderr() -> None:
    """Send warnings to stderr; an error comes with its trace."""
    import logging

    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("loosen: %(message)s"))
    for name in ("loosen.page", "uvicorn.error", "asyncio"):
        log = logging.getLogger(name)
        log.handlers[:] = [handler]
        log.setLevel(logging.WARNING)
        log.propagate = False


def _movement(wanted: str | None, routine: Routine) -> str | None:
    known = [exercise.id for exercise in routine.all_exercises()]
    if wanted is not None and wanted not in known:
        raise InputError(f"there is no movement {wanted!r} in the routine: expected one of {', '.join(known)}")
    return wanted


def _add_page_options(one: Parser) -> None:
    add_routine(one)
    text = "port on this computer (default: 8747, or a free one)"
    port = number("a port from 0 to 65535", 0, 65535)
    one.add_argument("--port", type=port, metavar="N", default=argparse.SUPPRESS, help=text)
    text = "only print the address"
    one.add_argument("--no-browser", action="store_true", default=argparse.SUPPRESS, help=text)
