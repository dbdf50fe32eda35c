"""Where the journal lives."""

from __future__ import annotations

import os
from pathlib import Path

FILE_NAME = "journal.db"
HOME_VARIABLE = "LOOSEN_HOME"


def home() -> Path:
    """Return the folder for what loosen keeps: ``$LOOSEN_HOME``, or the system's place for user data."""
    given = os.environ.get(HOME_VARIABLE, "")
    if given:
        return Path(given).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("loosen", appauthor=False))


def journal_path(given: Path | None = None) -> Path:
    """Return the journal's file: the `given` one, or the one in `home`."""
    return given if given is not None else home() / FILE_NAME


def make_private(path: Path) -> None:
    """Make `path` an existing file that only its owner may read, in a folder that is private if it is new.

    A folder that was there before keeps its mode: it may be shared on purpose. The file is made before SQLite
    sees it because SQLite would use the umask; its side files then take over the file's mode.
    Raises OSError.
    """
    missing = [folder for folder in path.parents if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    if os.name == "posix" and path.stat().st_mode & 0o077 and path.stat().st_uid == os.geteuid():
        path.chmod(0o600)
