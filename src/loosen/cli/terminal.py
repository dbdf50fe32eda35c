"""How results are shown: tables, wrapped text and a progress bar by rich on a terminal, plain text in a pipe or file.

Colour is never the only carrier of a meaning. rich is imported when the first of them is made, not before.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.padding import Padding
    from rich.progress import Progress as Bar
    from rich.text import Text

    Shown = str | Padding

_REDRAW_EVERY_S = 0.1
_NATURAL = 10_000
"""More columns than any table has."""


def is_person(stream: TextIO) -> bool:
    """Return whether a person looks on: a terminal that can move its cursor."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def console(stream: TextIO, width: int | None = None) -> Console:
    """Return rich's console on a stream; `width`: its columns, if not those that it has.

    No colour in a pipe or a file, with ``NO_COLOR`` set (no-color.org), or on ``TERM=dumb``.
    """
    from rich.console import Console

    return Console(
        file=stream,
        width=width,
        force_terminal=is_person(stream),
        color_system="standard" if is_person(stream) and not os.environ.get("NO_COLOR") else None,
        highlight=False,
        markup=False,
        emoji=False,
    )


def show(*items: Shown) -> None:
    """Print lines, tables and paragraphs on stdout; a line is printed as it is, the others fit the terminal."""
    for item in items:
        if not isinstance(item, str) and is_person(sys.stdout):
            console(sys.stdout).print(item)
        else:
            print("\n".join(plain(item)))


def plain(*items: Shown) -> list[str]:
    """Return the lines that a pipe is given: without colours, and a table as wide as it is."""
    lines = []
    for item in items:
        if isinstance(item, str):
            lines.append(item)
            continue
        from rich.table import Table

        out = console(sys.stdout, width=_NATURAL if isinstance(item.renderable, Table) else None)
        rendered = out.render_lines(item, pad=False)
        lines += ["".join(part.text for part in line).rstrip() for line in rendered]
    return lines


def paragraph(text: str, indent: int = 0, style: str = "") -> Padding:
    """Return text that is wrapped between words, each line after `indent` spaces."""
    from rich.padding import Padding
    from rich.text import Text

    return Padding(Text(text, style), (0, 0, 0, indent), expand=False)


def table(rows: Sequence[Sequence[str | Text]], right: frozenset[int] = frozenset(), indent: int = 0) -> Padding:
    """Return rows as aligned columns, those in `right` to the right, after `indent` spaces.

    A column without a word is left out: it would still take its room.
    """
    from rich.padding import Padding
    from rich.table import Table

    grid = Table.grid(padding=(0, 2, 0, 0))
    told = [number for number in range(len(rows[0]) if rows else 0) if any(len(row[number]) for row in rows)]
    for number in told:
        grid.add_column(justify="right" if number in right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(row[number] for number in told))
    return Padding(grid, (0, 0, 0, indent), expand=False)


class Progress:
    """A bar on stderr for something long, only where a person looks on.

    ``with Progress("arch.mp4") as bar: ...; bar.at(0.4)``. It wipes itself out at the end.
    """

    def __init__(self, label: str, stream: TextIO | None = None) -> None:
        stream = sys.stderr if stream is None else stream
        self._bar = _bar(label, console(stream)) if is_person(stream) else None
        self._drawn_s = 0.0

    def __enter__(self) -> Progress:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    @property
    def is_drawn(self) -> bool:
        """Whether a person sees it."""
        return self._bar is not None

    def at(self, share: float, note: str = "") -> None:
        """Show how much (0..1) is done, and a note on it; as often as one likes."""
        if self._bar is None:
            return
        now_s, note = time.monotonic(), f"  {note}" if note else ""
        is_due = now_s - self._drawn_s >= _REDRAW_EVERY_S
        self._drawn_s = now_s if is_due else self._drawn_s
        done = min(max(share, 0.0), 1.0)
        self._bar.update(self._bar.task_ids[0], completed=done, note=note, refresh=is_due)


def _bar(label: str, out: Console) -> Bar:
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.table import Column

    # The bar takes what room the label and the figures leave; on a narrow terminal the label goes.
    label_column = Column(no_wrap=True, overflow="ellipsis", max_width=max(out.width - 40, 10))
    bar = Progress(
        *([TextColumn("{task.description}", table_column=label_column)] if out.width >= 40 else []),
        BarColumn(bar_width=None),
        TextColumn("{task.percentage:>3.0f}%{task.fields[note]}", table_column=Column(no_wrap=True)),
        console=out,
        transient=True,
        auto_refresh=False,
    )
    bar.add_task(label, total=1.0, note="")
    return bar
