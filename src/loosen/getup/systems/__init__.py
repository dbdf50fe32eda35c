"""What differs between operating systems, in one file for each."""

from __future__ import annotations

import sys

from loosen.getup.systems.base import System


def this_system() -> System:
    """Return the system that this process runs on. What is neither macOS nor Windows is taken for Linux."""
    if sys.platform == "darwin":
        from loosen.getup.systems.macos import MacOS

        return MacOS()
    if sys.platform == "win32":
        from loosen.getup.systems.windows import Windows

        return Windows()
    from loosen.getup.systems.linux import Linux

    return Linux()
