"""Files and folders by address: local, in an object store, or anything else that fsspec knows."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from loosen.errors import ArchiveError, LoosenError, MissingPart
from loosen.files import replacing

# The packages for storages that fsspec needs a library for, where the package's name is not the protocol's.
PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "az": "adlfs"}
CHUNK = 2**20
# The storages, by fsspec's protocols, in which an object appears all at once; in others a file grows as it is written.
OBJECT_STORES = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oci", "oss", "hf", "memory"})

FileSystem = Any  # fsspec's AbstractFileSystem, which has no types


def is_local(fs: FileSystem) -> bool:
    """Return whether the addresses of `fs` are paths on this computer."""
    return isinstance(fs, LocalFileSystem)


def opened(address: str) -> tuple[FileSystem, str]:
    """Return the file system of an address and the path in it. Raises ArchiveError or MissingPart."""
    if not address.strip():
        raise ArchiveError("An address is empty. Name a file, a folder, a pattern or a storage's address.")
    if "://" not in address:  # also when it has :: in it, which chains storages in other addresses
        local = LocalFileSystem()
        return local, local._strip_protocol(address)
    protocol = address.partition("://")[0]
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


@contextmanager
def trouble_at(address: str) -> Iterator[None]:
    """Raise the errors of a storage library, of which each has its own, as one sentence about the address."""
    try:
        yield
    except LoosenError:
        raise
    except Exception as error:
        raise trouble(address, error) from error


def trouble(address: str, error: Exception) -> ArchiveError:
    """Return the error of a storage library as one sentence about the address."""
    if isinstance(error, FileNotFoundError):
        return ArchiveError(f"{address}: there is no such file, folder or bucket.")
    if isinstance(error, PermissionError):
        return ArchiveError(f"{address}: no right to read or write it; check who you are signed in as.")
    said = " ".join(str(error).split()) or type(error).__name__
    return ArchiveError(f"{address}: cannot be used ({said[:200]}).")


def put(fs: FileSystem, path: str, data: bytes) -> None:
    """Write a file whole or not at all.

    An object store shows an object only once it is complete; elsewhere a file is written beside its place and moved.
    """
    if OBJECT_STORES.intersection([fs.protocol] if isinstance(fs.protocol, str) else fs.protocol):
        fs.pipe_file(path, data)
        return
    if not is_local(fs):
        folder, _, name = path.rpartition("/")
        fs.makedirs(folder, exist_ok=True)
        fs.pipe_file(f"{folder}/.{name}.part", data)
        fs.mv(f"{folder}/.{name}.part", path)
        return
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with replacing(Path(path)) as part:
        part.write_bytes(data)


def gone(places: Mapping[str, str], of: Collection[str]) -> Iterator[str]:
    """Yield the addresses in `places` (address to unit) at which nothing lies any more, of the units in `of`.

    Each folder is listed once, because after a folder was renamed all its addresses are in question. Files in a folder
    that cannot be listed at the moment are taken to be there.
    """
    folders: dict[str, set[str] | None] = {}
    for address in (address for address, contents in places.items() if contents in of):
        fs, path = opened(address)
        folder = path.rpartition("/")[0]
        key = folder if is_local(fs) else fs.unstrip_protocol(folder)
        if key not in folders:
            try:
                folders[key] = set(fs.ls(folder, detail=False))
            except (FileNotFoundError, NotADirectoryError):
                folders[key] = set()
            except Exception:  # each storage library has errors of its own
                folders[key] = None
        there = folders[key]
        if there is not None and path not in there:
            yield address


@contextmanager
def fetched(address: str) -> Iterator[tuple[Path, str]]:
    """Yield a local path with a file's contents, and their SHA-256; a copy that was downloaded is removed at the end.

    At the end of the block it raises FileNotFoundError if the file is gone, ArchiveError if it has changed meanwhile.
    """
    fs, path = opened(address)
    if is_local(fs):
        place = Path(path)
        before = _state(place)
        with place.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        yield place, digest
        if _state(place) != before:
            raise ArchiveError("it changed while it was watched; it is watched again by the next run.")
        return
    hasher: Any = hashlib.sha256()
    with tempfile.TemporaryDirectory(prefix="loosen-") as folder:
        local = Path(folder) / ("recording" + Path(path).suffix)
        with fs.open(path, "rb") as source, local.open("wb") as copy:
            while chunk := source.read(CHUNK):
                hasher.update(chunk)
                copy.write(chunk)
        yield local, hasher.hexdigest()


def _state(place: Path) -> tuple[int, int]:
    state = place.stat()
    return state.st_size, state.st_mtime_ns
