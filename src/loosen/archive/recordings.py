"""Which recordings there are: files, folders and patterns, by address."""

from __future__ import annotations

import os
import re
import stat
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from fsspec.utils import glob_translate

from loosen.archive.storage import FileSystem, is_local, opened, trouble_at
from loosen.errors import ArchiveError

# What is taken from a folder; a file that is named itself is taken whatever its ending.
VIDEOS = "mp4 m4v mov mkv webm avi mpg mpeg ts mts m2ts wmv flv ogv 3gp"
SUFFIXES = frozenset(f".{kind}" for kind in (*VIDEOS.split(), "npz", "trc"))
# The storages' names for what changes whenever a file does.
TIMES = ("mtime", "LastModified", "last_modified", "updated", "created")
STAMPS = ("ETag", "etag", "md5Hash", "content_hash", *TIMES)
WILD = "*?["


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file where it was found. `stamp` changes with its contents, and is empty where the storage cannot tell;
    `modified` is in UTC."""

    address: str
    stamp: str
    size: int
    modified: datetime | None


def list_recordings(sources: Sequence[str]) -> list[SourceFile]:
    """Return the recordings in files, folders (with all below them) and patterns, each once.

    Raises ArchiveError for a source without any.
    """
    found: dict[str, SourceFile] = {}
    for source in sources:
        fs, path = opened(source)
        with trouble_at(source):
            of_source = [_source_file(fs, info) for info in _files(fs, path)]
        if not of_source:
            kinds = ", ".join(sorted(SUFFIXES))
            raise ArchiveError(f"{source}: there is no recording in it (looked for {kinds}).")
        found.update((one.address, one) for one in of_source)
    return list(found.values())


def _files(fs: FileSystem, path: str) -> Iterator[dict[str, Any]]:
    if any(sign in path for sign in WILD) and not fs.exists(path):
        yield from _below(fs, *_split_pattern(fs, path))
    elif (info := _target(fs, fs.info(path)))["type"] == "directory":
        yield from _below(fs, path)
    else:
        yield info


class _Pattern:
    """A path pattern below a folder, part by part; `**` stands for any number of folders."""

    def __init__(self, parts: Sequence[str]) -> None:
        self._parts = parts
        self._each = [re.compile(glob_translate(part)) for part in parts]
        self._whole = re.compile(glob_translate("/".join(parts)))
        self._deep = parts.index("**") if "**" in parts else len(parts)

    def matches(self, names: Sequence[str]) -> bool:
        """Return whether a file matches, by its folders and name."""
        return not self._hidden(names) and self._whole.match("/".join(names)) is not None

    def may_match_below(self, names: Sequence[str]) -> bool:
        """Return whether a file below a folder may match; its parent folders were found to hold some."""
        at = len(names) - 1
        if at >= self._deep:
            return not self._hidden(names)
        return at + 1 < len(self._parts) and not self._hidden(names) and bool(self._each[at].match(names[at]))

    def _hidden(self, names: Sequence[str]) -> bool:
        """Return whether the last name begins with a dot, and its part of the pattern does not."""
        at = len(names) - 1
        return names[at].startswith(".") and not (at < self._deep and self._parts[at].startswith("."))


ALL = _Pattern(["**"])


def _split_pattern(fs: FileSystem, path: str) -> tuple[str, _Pattern]:
    """Return the folder that a path begins with, and the pattern below it; a folder's own name may look like one."""
    parts, at = path.split("/"), 0
    while at + 1 < len(parts):
        if any(sign in parts[at] for sign in WILD) and not fs.exists("/".join(parts[: at + 1])):
            break
        at += 1
    return "/".join(parts[:at]) or ("/" if path.startswith("/") else ""), _Pattern(parts[at:])


def _below(fs: FileSystem, top: str, pattern: _Pattern = ALL) -> Iterator[dict[str, Any]]:
    """Yield the recordings below a folder that match; each folder is read once, those behind links last.

    The storage's own walk would pass over folders that may not be read, and over links.
    """
    seen: set[object] = set()
    folders: list[tuple[str, list[str]]] = [(top, [])]
    links: deque[tuple[str, list[str]]] = deque()
    while folders or links:
        folder, names = folders.pop() if folders else links.popleft()
        with trouble_at(folder):
            if (identity := _identity(fs, folder)) in seen:
                continue
            seen.add(identity)
            infos = [_target(fs, info) for info in fs.ls(folder, detail=True)]
        for info in sorted(infos, key=lambda info: str(info["name"])):
            if info["name"] == folder:  # an object store's mark of an empty folder
                continue
            name = PurePosixPath(info["name"]).name
            below = [*names, name]
            if info["type"] != "directory":
                if _suffix(name) in SUFFIXES and pattern.matches(below):
                    yield info
            elif pattern.may_match_below(below):
                (links if info.get("islink") else folders).append((info["name"], below))


def _identity(fs: FileSystem, folder: str) -> object:
    """Return what tells a folder from every other one, whichever links it was reached by."""
    if not is_local(fs):
        return folder
    at = os.stat(folder)  # noqa: PTH116
    return at.st_dev, at.st_ino


def _target(fs: FileSystem, info: dict[str, Any]) -> dict[str, Any]:
    """Return the info of a local link's target, under the link's name; a broken link keeps its own."""
    if not (is_local(fs) and info.get("islink")):
        return info
    try:
        at = os.stat(info["name"])  # noqa: PTH116
    except PermissionError:
        if _suffix(info["name"]) in SUFFIXES:
            return info
        raise
    except OSError:
        return info
    kind = "directory" if stat.S_ISDIR(at.st_mode) else "file"
    return info | {"type": kind, "size": at.st_size, "mtime": at.st_mtime}


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _source_file(fs: FileSystem, info: dict[str, Any]) -> SourceFile:
    size = int(info.get("size") or 0)
    sign = next((str(info[key]) for key in STAMPS if info.get(key)), "")
    address = info["name"] if is_local(fs) else fs.unstrip_protocol(info["name"])
    return SourceFile(address, f"{size}-{sign}" if sign else "", size, _modified(info))


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
    """Return a moment in UTC, without a time zone of its own."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
