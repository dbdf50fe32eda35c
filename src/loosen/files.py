"""Writing a file whole or not at all: a new one, never over another; or one in the place of another."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from loosen.errors import InputError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Lend the name of a file to write, which becomes `path` at the end and is on the disk by then.

    Where something goes wrong inside, what was at `path` stays, and nothing is left beside it. A link stays a link; a
    pipe or a device is lent itself. Raises OSError.
    """
    place = path.resolve()
    if place.exists() and not place.is_file():
        yield place
        return
    part = place.with_name(f".{place.name}.part")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Lend an empty file beside `path` to write into, readable by its owner only; it becomes `path` at the end.

    It is on the disk by then. Where something goes wrong inside, nothing is left of it. A kill leaves `path` empty and
    the part beside it; the next one to the same `path` removes that part and takes the empty file's place. (Not on
    Windows, or where files cannot be locked: whether somebody is still at it cannot be told there, so the empty file
    must be deleted by hand; the part goes then, too.)

    Raises InputError if `path` is there already or cannot be written.
    """
    try:
        held = _reserve(path)
    except FileExistsError:
        raise InputError(f"{path} is there already: name a new file.") from None
    except OSError as error:
        raise _cannot(path, error) from None
    part: Path | None = None
    try:
        for left in _parts(path):
            left.unlink(missing_ok=True)
        number, name = tempfile.mkstemp(prefix=_prefix(path), suffix=".part", dir=path.parent)
        part = Path(name)
        os.close(number)
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if part is not None:
            part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _cannot(path, error) from None
        raise
    finally:
        if held is not None:
            os.close(held)


def _reserve(path: Path) -> int | None:
    """Make `path`, empty, and lock it as long as what is returned is open. FileExistsError if it is there already.

    Reserved first: whoever else makes it meanwhile is told so, and is not written over.
    """
    try:
        number = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return _left_by_a_kill(path)
    if sys.platform == "win32":
        os.close(number)  # an open file cannot be replaced there
        return None
    try:
        _lock(number)
    except BlockingIOError:
        # Between making and locking it, it was taken for one left by a kill: it is somebody else's now.
        os.close(number)
        raise FileExistsError from None
    except OSError:
        pass  # files cannot be locked here
    return number


def _left_by_a_kill(path: Path) -> int:
    """Lock and return the empty file that a killed process left at `path`. FileExistsError if it is not one."""
    if sys.platform == "win32" or path.is_symlink() or not path.is_file() or not _parts(path):
        raise FileExistsError
    number = os.open(path, os.O_WRONLY)
    try:
        # Whoever is still at it holds the lock; who has just ended has put another file in its place.
        _lock(number)
        if os.fstat(number).st_size or not os.path.samestat(os.fstat(number), path.stat()):
            raise FileExistsError
    except OSError:
        os.close(number)
        raise FileExistsError from None
    return number


def _lock(number: int) -> None:
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _prefix(path: Path) -> str:
    return f".loosen-{path.name}-"


def _parts(path: Path) -> list[Path]:
    """Return what was written of this very file by whoever did not come to an end."""
    name = re.compile(re.escape(_prefix(path)) + r"[a-z0-9_]{8}\.part")
    with suppress(OSError):
        return [it for it in path.parent.iterdir() if name.fullmatch(it.name)]
    return []


def _cannot(path: Path, error: OSError) -> InputError:
    return InputError(f"{path} cannot be written ({error.strerror or error}).")
