"""Places by address: a local folder, an object store, anything that fsspec knows."""

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

# What brings the storage libraries that fsspec does not have itself, where the name is not the protocol's.
PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "az": "adlfs"}
CHUNK = 2**20
# Where an object appears all at once, by fsspec's protocols; in others a file grows as it is written.
OBJECT_STORES = frozenset(
    {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oci", "oss", "hf", "memory"}
)

FileSystem = Any  # fsspec's AbstractFileSystem, which has no types


def is_local(fs: FileSystem) -> bool:
    """Whether addresses of `fs` are paths on this computer."""
    return isinstance(fs, LocalFileSystem)


def opened(address: str) -> tuple[FileSystem, str]:
    """Return the file system of an address and the path in it; ArchiveError or MissingPart if there is none."""
    if not address.strip():
        raise ArchiveError("An address is empty. Name a file, a folder, a pattern or a storage's address.")
    if "://" not in address:  # also with :: in it, which elsewhere chains storages
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
    """Yield those of the addresses in `places` at which nothing lies any more; only where their contents are in `of`.

    Each folder is listed once, not each file asked for: of a renamed folder every address is in question. What lies in
    a folder that cannot be listed just now is taken to be there.
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
    """Give a local path to a file's contents, and their SHA-256; what was brought from elsewhere is removed after.

    At the end, FileNotFoundError if the file has gone meanwhile, ArchiveError if it is another one by now.
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
