"""Places by address: a local folder, an object store, anything that fsspec knows."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from loosen.errors import ArchiveError, LoosenError, MissingPart

# What brings the storage libraries that fsspec does not have itself, where the name is not the protocol's.
PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "az": "adlfs"}
CHUNK = 2**20

FileSystem = Any  # fsspec's AbstractFileSystem, which has no types


def is_local(fs: FileSystem) -> bool:
    """Whether addresses of `fs` are paths on this computer."""
    return isinstance(fs, LocalFileSystem)


def opened(address: str) -> tuple[FileSystem, str]:
    """Return the file system of an address and the path in it; ArchiveError or MissingPart if there is none."""
    if not address.strip():
        raise ArchiveError("An address is empty. Name a file, a folder, a pattern or a storage's address.")
    protocol = address.partition("://")[0] if "://" in address else "file"
    try:
        fs, path = fsspec.core.url_to_fs(address)
    except ImportError as error:
        package = PACKAGES.get(protocol, protocol)
        raise MissingPart(
            f"{address}: reading {protocol}:// needs the package {package}. Install it beside loosen, in its source "
            f"folder: python3 -m uv tool install --reinstall --with {package} '.[archive]'"
        ) from error
    except Exception as error:
        raise trouble(address, error) from error
    return fs, path


def trouble(address: str, error: Exception) -> LoosenError:
    """Return what a storage library raised as one sentence on the address."""
    if isinstance(error, LoosenError):
        return error
    if isinstance(error, FileNotFoundError):
        return ArchiveError(f"{address}: there is no such file, folder or bucket.")
    if isinstance(error, PermissionError):
        return ArchiveError(f"{address}: no right to read or write it; check who you are signed in as.")
    said = " ".join(str(error).split()) or type(error).__name__
    return ArchiveError(f"{address}: cannot be used ({said[:200]}).")


def put(fs: FileSystem, path: str, data: bytes) -> None:
    """Write a file whole or not at all.

    An object store shows an object only once it is complete; a local file is written beside its place and moved.
    """
    if not is_local(fs):
        fs.pipe_file(path, data)
        return
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_name(f".{place.name}.part")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(place)


@contextmanager
def fetched(address: str) -> Iterator[tuple[Path, str]]:
    """Give a local path to a file's contents, and their SHA-256; what was brought from elsewhere is removed after."""
    fs, path = opened(address)
    if is_local(fs):
        with open(path, "rb") as file:  # noqa: PTH123
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        yield Path(path), digest
        return
    hasher: Any = hashlib.sha256()
    with tempfile.TemporaryDirectory(prefix="loosen-") as folder:
        local = Path(folder) / ("recording" + Path(path).suffix)
        with fs.open(path, "rb") as source, local.open("wb") as copy:
            while chunk := source.read(CHUNK):
                hasher.update(chunk)
                copy.write(chunk)
        yield local, hasher.hexdigest()
