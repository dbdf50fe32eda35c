"""Where the service's socket and lock lie."""

from __future__ import annotations

import os
from pathlib import Path


def runtime_folder(home: Path) -> Path:
    """Return the folder for the socket: the system's for such things; `home` where that was named, or there is none."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.environ.get("LOOSEN_HOME") or not given or not Path(given).is_dir():
        return home
    return Path(given) / "loosen"
