"""What a terminal of some width shows."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from loosen.cli.terminal import console

if TYPE_CHECKING:
    from loosen.cli.terminal import Shown


def fitted(columns: int, *items: Shown) -> list[str]:
    """Return the lines of what is shown, none of them wider than the terminal."""
    screen = StringIO()
    for item in items:
        console(screen, columns).print(item)
    lines = [line.rstrip() for line in screen.getvalue().splitlines()]
    assert max(map(len, lines)) <= columns
    return lines
