"""Files: where loosen keeps its own, how one is written whole or not at all, and locks between processes.

Imports nothing heavy: the get-up service uses it.
"""

from __future__ import annotations

import errno
import os
import re
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
            part.unlink(missing_ok=True)
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield part
        _sync(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Yield an empty file beside `path`, readable by its owner only; when the block ends, it becomes `path`.

    It is synced to the disk by then. If the block raises, nothing is left. A process that is killed leaves `path`
    empty and the part beside it; the next call for the same `path` removes that part and takes over the empty file.
    (On Windows, and where files cannot be locked, nobody can tell whether another process is still writing, so the
    empty file must be deleted by hand; the next call then removes the part.)

    Raises InputError if `path` exists already or cannot be written.
    """
    import tempfile  # late: the get-up service has no need of its 1.4 MiB

    try:
        reserved = _reserve(path)
    except FileExistsError:
        raise InputError(f"{path} is there already: name a new file.") from None
    except OSError as error:
        raise _cannot(path, error) from None
    part: Path | None = None
    try:
        for left_over in _parts(path):
            left_over.unlink(missing_ok=True)
        number, name = tempfile.mkstemp(prefix=_prefix(path), suffix=".part", dir=path.parent)
        part = Path(name)
        os.close(number)
        yield part
        _sync(part)
        part.replace(path)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if part is not None:
            part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _cannot(path, error) from None
        raise
    finally:
        if reserved is not None:
            os.close(reserved)


def _reserve(path: Path) -> int | None:
    """Make `path` as an empty file and return its locked descriptor; FileExistsError if it exists already.

    It is made before anything is written, so that a second process asking for the same name is refused.
    """
    try:
        number = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return _take_over(path)
    if sys.platform == "win32":
        os.close(number)  # Windows cannot replace a file that is open.
        return None
    try:
        _take(number)
    except BlockingIOError:
        # Another process found it empty and locked it in the moment between; the file is that process's now.
        os.close(number)
        raise FileExistsError from None
    return number


def _take_over(path: Path) -> int:
    """Lock and return the empty file that a killed process left at `path`; FileExistsError if it is not one."""
    if sys.platform == "win32" or path.is_symlink() or not path.is_file() or not _parts(path):
        raise FileExistsError
    number = os.open(path, os.O_WRONLY)
    try:
        # A process that still writes holds the lock; one that has just ended has put another file in its place.
        ours = _take(number) and os.path.samestat(os.fstat(number), path.stat())
        if not ours or os.fstat(number).st_size:
            raise FileExistsError
    except OSError:
        os.close(number)
        raise FileExistsError from None
    return number


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _prefix(path: Path) -> str:
    return f".loosen-{path.name}-"


def _parts(path: Path) -> list[Path]:
    """Return the unfinished files that killed processes left of exactly this `path`."""
    name = re.compile(re.escape(_prefix(path)) + r"[a-z0-9_]{8}\.part")
    with suppress(OSError):
        return [it for it in path.parent.iterdir() if name.fullmatch(it.name)]
    return []


def _cannot(path: Path, error: OSError) -> InputError:
    return InputError(f"{path} cannot be written ({error.strerror or error}).")


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
        yield _take(number, shared, timeout_s)
    finally:
        os.close(number)


def _take(number: int, shared: bool = False, timeout_s: float = 0.0) -> bool:
    """Lock an open file until it is closed; False if it cannot be locked. BlockingIOError after `timeout_s`."""
    end_s = time.monotonic() + timeout_s
    while True:
        try:
            _lock(number, shared)
            return True
        except BlockingIOError:
            if time.monotonic() >= end_s:
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
