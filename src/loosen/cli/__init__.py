"""The commands: parse, call, print.

Exit codes: 0 done; 1 done, and something was found wrong; 2 what was given cannot be used; 130 Ctrl-C.
Results go to stdout, talk to stderr. Imports nothing heavy: the get-up service lies in this room too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from loosen.errors import LoosenError

INTERRUPTED, PIPE_CLOSED = 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    if sys.stdout is None:  # closed by whoever started us
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115  (for the whole run)
    try:
        from loosen.cli.parser import parser

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
        what = (
            f"{error.filename}: {error.strerror}" if error.filename else f"could not write ({error.strerror})"
        )
        print(f"loosen: {what}", file=sys.stderr)
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
