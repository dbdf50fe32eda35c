"""Writing a new file, whole or not at all, and never over another one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loosen.errors import InputError


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Lend an empty file beside `path` to write into, readable by its owner only; it becomes `path` at the end.

    It is on the disk by then. Where something goes wrong inside, nothing is left of it; a kill leaves `path` empty at
    worst. Raises InputError if `path` is there already or cannot be written.
    """
    try:
        # Reserved first: whoever else makes it meanwhile is told so, and is not written over.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise InputError(f"{path} is there already: name a new file.") from None
    except OSError as error:
        raise _cannot(path, error) from None
    part: Path | None = None
    try:
        number, name = tempfile.mkstemp(prefix=".loosen-", suffix=".part", dir=path.parent)
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


def _cannot(path: Path, error: OSError) -> InputError:
    return InputError(f"{path} cannot be written ({error.strerror or error}).")
