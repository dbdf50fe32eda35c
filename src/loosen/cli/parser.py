"""The whole command line as one parser, collected from the commands' files."""

from __future__ import annotations

import argparse

from loosen import __version__
from loosen.cli import archive, doctor, getup, journal, page, routine, watch
from loosen.cli.options import Parser

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
Everything is kept in your own user folder; LOOSEN_HOME names another one.

exit codes: 0 done; 1 something is wrong, or it cannot be done now (try again later);
2 what was given cannot be used (it would fail again); 130 Ctrl-C; 143 ended by SIGTERM."""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line.

    What it parses has `run`, the command, which takes the arguments and returns the exit code.
    """
    whole = Parser(prog="loosen", description=_ABOUT, epilog=_EXAMPLES)
    whole.add_argument("--version", action="version", version=f"loosen {__version__}")
    page.add_to(whole)
    commands = whole.add_subparsers(title="commands", metavar="COMMAND")
    page.add_demo(commands)
    for one in (watch, routine, journal, archive, getup, doctor):
        one.add(commands)
    return whole
