"""What a terminal can show: colour, width, marks, tables, and a progress bar. Plain text where it cannot."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Literal, TextIO

Colour = Literal["green", "yellow", "red", "dim", "bold"]
_CODES: dict[Colour, str] = {"green": "32", "yellow": "33", "red": "31", "dim": "2", "bold": "1"}
_REDRAW_EVERY_S = 0.1


class Terminal:
    """One stream and what it can show.

    Colour only for a person's terminal: not in a pipe or file, not with ``NO_COLOR`` set (no-color.org), not
    on ``TERM=dumb``. Never the only carrier of a meaning.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream: TextIO = sys.stdout if stream is None else stream
        self.is_person = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        self.colour = self.is_person and not os.environ.get("NO_COLOR")
        self.width = max(shutil.get_terminal_size((80, 24)).columns, 20)

    def paint(self, text: str, colour: Colour) -> str:
        """Return `text` in a colour, or as it is."""
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self.colour else text

    def can_write(self, text: str) -> bool:
        """Return whether the stream's encoding has these characters."""
        try:
            text.encode(self.stream.encoding or "utf-8")
        except (UnicodeEncodeError, LookupError):
            return False
        return True

    def plain(self, text: str) -> str:
        """Return `text` with what the stream cannot write replaced: a title must not end the program."""
        return text if self.can_write(text) else text.encode("ascii", "replace").decode()

    def say(self, line: str = "") -> None:
        """Write one line."""
        print(self.plain(line), file=self.stream)

    def wrap(self, text: str, indent: str = "") -> str:
        """Return `text` in lines no wider than the terminal, each after `indent`."""
        return textwrap.fill(
            text, self.width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
        )


def table(rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> list[str]:
    """Return rows as lines with aligned columns, those in `right` to the right; no space at the end."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))] if rows else []
    return [
        "  ".join(
            cell.rjust(width) if n in right else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


class Progress:
    """A bar on stderr for something long, only where a person looks on.

    ``with Progress("arch.mp4") as bar: ...; bar.at(0.4)``. It wipes itself out at the end.
    """

    def __init__(self, label: str, stream: TextIO | None = None) -> None:
        self._terminal = Terminal(sys.stderr if stream is None else stream)
        self._label, self._drawn_s, self._width = label, 0.0, 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._width:
            self._write("")

    def at(self, share: float, note: str = "") -> None:
        """Show how much (0..1) is done, and a note on it; as often as one likes."""
        now_s = time.monotonic()
        if not self._terminal.is_person or now_s - self._drawn_s < _REDRAW_EVERY_S:
            return
        self._drawn_s = now_s
        share = min(max(share, 0.0), 1.0)
        said = f" {share:4.0%}{note and '  ' + note}"
        # One column less than there are: a full line would be followed by an empty one.
        room = self._terminal.width - 1 - len(said)
        bar_width = min(max(room - 11, 0), 20)
        label_width = max(room - bar_width - 1, 0)
        label = self._label if len(self._label) <= label_width else "..." + self._label[3 - label_width :]
        full, empty = ("█", "░") if self._terminal.can_write("█░") else ("#", ".")
        filled = round(bar_width * share)
        bar = f"{full * filled}{empty * (bar_width - filled)}"
        self._write(f"{label} {bar}{said}" if label_width > 3 else f"{bar}{said}".lstrip())

    def _write(self, text: str) -> None:
        # Overwritten with spaces and not erased by an escape code: understood by every terminal.
        print("\r" + self._terminal.plain(text).ljust(self._width), end="", file=self._terminal.stream)
        if not text:
            print("\r", end="", file=self._terminal.stream)
        self._terminal.stream.flush()
        self._width = len(text)
