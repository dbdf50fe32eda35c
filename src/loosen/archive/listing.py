"""Which recordings there are: files, folders and patterns, by address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from loosen.archive.storage import FileSystem, is_local, opened, trouble
from loosen.errors import ArchiveError, LoosenError

# What is taken from a folder. A file named by itself is taken whatever it is called.
VIDEOS = (
    "mp4",
    "m4v",
    "mov",
    "mkv",
    "webm",
    "avi",
    "mpg",
    "mpeg",
    "ts",
    "mts",
    "m2ts",
    "wmv",
    "flv",
    "ogv",
    "3gp",
)
SUFFIXES = frozenset(f".{kind}" for kind in (*VIDEOS, "npz", "trc"))
# How the storages call what changes whenever a file does.
STAMPS = (
    "ETag",
    "etag",
    "md5Hash",
    "content_hash",
    "mtime",
    "LastModified",
    "last_modified",
    "updated",
    "created",
)
TIMES = ("mtime", "LastModified", "last_modified", "updated", "created")


@dataclass(frozen=True, slots=True)
class Found:
    """A file: `stamp` changes whenever its contents do, empty where the storage cannot tell; `modified` in UTC."""

    address: str
    stamp: str
    size: int
    modified: datetime | None


def list_recordings(sources: Sequence[str]) -> list[Found]:
    """Return the recordings in files, folders (with all below) and patterns, each once; ArchiveError if none."""
    found: dict[str, Found] = {}
    for source in sources:
        fs, path = opened(source)
        try:
            of_source = [_found(fs, info) for info in _files(fs, path)]
        except LoosenError:
            raise
        except Exception as error:  # each storage library has errors of its own
            raise trouble(source, error) from error
        if not of_source:
            kinds = ", ".join(sorted(SUFFIXES))
            raise ArchiveError(f"{source}: there is no recording in it (looked for {kinds}).")
        found.update((one.address, one) for one in of_source)
    return list(found.values())


def _files(fs: FileSystem, path: str) -> Iterator[dict[str, Any]]:
    if any(sign in path for sign in "*?[") and not fs.exists(path):
        matches: dict[str, dict[str, Any]] = fs.glob(path, detail=True)
        yield from _recordings(matches.values())
        return
    info = fs.info(path)
    if info["type"] != "directory":
        yield info
        return
    yield from _below(fs, path)


def _below(fs: FileSystem, folder: str) -> Iterator[dict[str, Any]]:
    """Yield what is in a folder and below; its own walk would pass over folders that may not be read."""
    try:
        infos = fs.ls(folder, detail=True)
    except Exception as error:
        raise trouble(folder, error) from error
    yield from _recordings(infos)
    for info in infos:
        name = PurePosixPath(info["name"])
        if info["type"] == "directory" and not name.name.startswith(".") and info["name"] != folder:
            yield from _below(fs, info["name"])


def _recordings(files: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for info in files:
        name = PurePosixPath(info["name"])
        if info["type"] != "directory" and name.suffix.lower() in SUFFIXES and not name.name.startswith("."):
            yield info


def _found(fs: FileSystem, info: dict[str, Any]) -> Found:
    size = int(info.get("size") or 0)
    sign = next((str(info[key]) for key in STAMPS if info.get(key)), "")
    address = info["name"] if is_local(fs) else fs.unstrip_protocol(info["name"])
    return Found(address, f"{size}-{sign}" if sign else "", size, _modified(info))


def _modified(info: dict[str, Any]) -> datetime | None:
    for key in TIMES:
        match info.get(key):
            case datetime() as moment:
                return _utc(moment)
            case int() | float() as seconds:
                return _utc(datetime.fromtimestamp(seconds, UTC))
            case str() as text:
                with suppress(ValueError):
                    return _utc(datetime.fromisoformat(text))
    return None


def _utc(moment: datetime) -> datetime:
    """Return a moment in UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
