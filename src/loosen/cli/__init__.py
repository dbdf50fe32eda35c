"""The commands: parse, call, print. The only room that knows of arguments, terminals and exit codes.

Results go to stdout, everything else to stderr. Nothing heavy is imported before a command needs it: `loosen --help`
must come at once, and the get-up service, which lies in this room too, stays small.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import TextIOWrapper

from loosen.errors import LoosenError

INTERRUPTED, PIPE_CLOSED, TERMINATED = 130, 141, 143
"""Exit codes of a program that a signal ended: 128 + SIGINT, SIGPIPE, SIGTERM. The others: see `loosen.errors`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    if sys.stdout is None:  # closed by whoever started us
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115  (for the whole run)
    if isinstance(sys.stdout, TextIOWrapper):
        # A title with a letter that the terminal does not have must not end the program.
        sys.stdout.reconfigure(errors="replace")
    try:
        from loosen.cli.parser import parser

        arguments = parser().parse_args(argv)
        with _sigterm_like_ctrl_c():
            code: int = arguments.run(arguments)
        sys.stdout.flush()
        return code
    except LoosenError as error:
        print(f"loosen: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt as error:
        return TERMINATED if signal.SIGTERM in error.args else INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has stopped, as `head` does. Python would complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else f"could not write ({error.strerror})"
        print(f"loosen: {what}", file=sys.stderr)
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


@contextmanager
def _sigterm_like_ctrl_c() -> Iterator[None]:
    """Have SIGTERM unwind a command as Ctrl-C does: half-written files are removed, child processes end.

    A shell starts what runs in the background with SIGINT ignored, so SIGTERM is all that such a command hears.
    """

    def end(*_: object) -> None:
        raise KeyboardInterrupt(signal.SIGTERM)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
