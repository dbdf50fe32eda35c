"""Files: where loosen keeps its own, how one is written whole or not at all, and locks between processes.

Imports nothing heavy: the get-up service uses it.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from loosen.errors import InputError

HOME_VARIABLE = "LOOSEN_HOME"
JOURNAL_NAME = "journal.db"
_RETRY_S = 0.01

# -- places --------------------------------------------------------------------------------------------------


def home() -> Path:
    """Return the folder for what loosen keeps: ``$LOOSEN_HOME``, or the system's place for user data."""
    if given := os.environ.get(HOME_VARIABLE):
        return Path(given).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("loosen", appauthor=False))


def journal_path(given: Path | None = None) -> Path:
    """Return the journal's file: the `given` one, or the one in `home`."""
    return given if given is not None else home() / JOURNAL_NAME


def runtime_folder() -> Path:
    """Return the folder for sockets and locks: the system's for such things; `home` if set, or if there is none."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.environ.get(HOME_VARIABLE) or not given or not Path(given).is_dir():
        return home()
    return Path(given) / "loosen"


def make_private_folder(folder: Path) -> None:
    """Make `folder` and those above it that are missing, for their owner only. Raises OSError.

    A folder that exists keeps its mode: it may be shared on purpose.
    """
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)


def make_private(path: Path) -> None:
    """Make `path` an existing file that only its owner may read, in a folder that is private if it is new.

    SQLite would make a database with the mode that the umask gives, so its file is made first; the files that SQLite
    makes beside it take over the mode. Raises OSError.
    """
    make_private_folder(path.parent)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    if os.name == "posix" and path.stat().st_mode & 0o077 and path.stat().st_uid == os.geteuid():
        path.chmod(0o600)


# -- writing -------------------------------------------------------------------------------------------------


def atomic_write(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write `data` to `path`, replacing what was there, whole or not at all. See `replacing`; raises OSError."""
    with replacing(path, private=private) as part:
        part.write_bytes(data)


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[Path]:
    """Yield the name of a file to write; when the block ends it is synced to the disk and replaces `path`.

    If the block raises, `path` is unchanged and nothing is left beside it. A symbolic link stays a link, and its target
    is replaced; for a pipe or a device its own name is yielded. With `private`, only the owner may read the new file.
    Raises OSError.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        yield target
        return
    part = target.with_name(f".{target.name}.part")
    try:
        if private:
            _make_private_part(part)
        yield part
        _sync(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Yield an empty file beside `path`, readable by its owner only; when the block ends, it becomes `path`.

    It is synced to the disk by then. If the block raises, nothing is left; what a killed process leaves beside `path`
    is removed by the next call. (Where files cannot be locked, nobody can tell whether that process is still writing,
    so its part must be deleted by hand.) Of two at once, the first to end has `path`.

    Raises InputError if `path` exists already or cannot be written.
    """
    part = path.with_name(f".loosen-{path.name}.{os.urandom(4).hex()}.part")
    with _refusing(path):
        if os.path.lexists(path):
            raise FileExistsError
        for left in [it for it in path.parent.iterdir() if _is_part_of(it.name, path.name)]:
            with suppress(OSError), _locked_part(left) as alone:
                if alone:
                    left.unlink()
        _make_private_part(part)
    try:
        with _refusing(path):
            with _locked_part(part):
                yield part
            _sync(part)
            try:
                os.link(part, path)  # never replaces a file that has appeared meanwhile
            except FileExistsError:
                raise
            except OSError:  # there are no hard links here
                if os.path.lexists(path):
                    raise FileExistsError from None
                part.rename(path)
    finally:
        part.unlink(missing_ok=True)


def _is_part_of(part: str, name: str) -> bool:
    return part.startswith(f".loosen-{name}.") and part.endswith(".part") and len(part) == len(name) + 22


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turn an error of the disk into a sentence on `path`."""
    try:
        yield
    except FileExistsError:
        raise InputError(f"{path} is there already: name a new file.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror or error}).") from None


@contextmanager
def _locked_part(part: Path) -> Iterator[bool]:
    """Hold a lock on a part, which tells that its process is still writing; False where files cannot be locked.

    On Windows nothing is locked: a locked file cannot be written through another handle there. Raises OSError.
    """
    if sys.platform == "win32":
        yield False
        return
    with lock(part) as alone:
        yield alone


def _make_private_part(part: Path) -> None:
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


# -- locks ---------------------------------------------------------------------------------------------------


@contextmanager
def lock(path: Path, *, shared: bool = False, timeout_s: float = 0.0) -> Iterator[bool]:
    """Hold a lock on a folder, or on a file that is made if it is missing, for the block; yield whether there is one.

    It is False where nothing can be locked: folders on Windows, some network disks. The system lets go of a lock when
    its process ends, however it ends. `shared`: several may hold it at once, none beside an exclusive one.

    Raises BlockingIOError if another process (or another block of this one) still holds it after `timeout_s`
    (math.inf: wait for ever); another OSError if `path` cannot be opened.
    """
    if path.is_dir():
        if sys.platform == "win32":
            yield False
            return
        number = os.open(path, os.O_RDONLY)
    else:
        number = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        yield _take(number, shared, time.monotonic() + timeout_s)
    finally:
        os.close(number)


def _take(number: int, shared: bool, until_s: float) -> bool:
    """Lock an open file until it is closed; False if it cannot be locked. BlockingIOError after `until_s`."""
    while True:
        try:
            _lock(number, shared)
            return True
        except BlockingIOError:
            if time.monotonic() >= until_s:
                raise
        except OSError:
            return False
        time.sleep(_RETRY_S)


def _lock(number: int, shared: bool) -> None:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError(errno.EWOULDBLOCK, "another process holds it") from error
    else:
        import fcntl

        fcntl.flock(number, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
