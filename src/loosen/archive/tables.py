"""The tables that come out, as Parquet, and how a partition gets there whole or not at all.

::

    OUT/archive.json                              what this is, and the schema's version
    OUT/routines/engine=E.toml                    the routine, where it is not the built-in one
    OUT/recordings/engine=E/part-P.parquet        a row for each recording
    OUT/reps/engine=E/part-P.parquet              a row for each repetition
    OUT/places/engine=E/part-P.parquet            where each recording was found, to know it again

A partition is in all three; the one under `recordings` is written last and makes it count.
"""

from __future__ import annotations

import io
import json
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from loosen import __version__
from loosen.archive.schema import FORMAT, GONE, TABLES, TableRow
from loosen.archive.storage import is_local, opened, put, trouble, trouble_at
from loosen.errors import ArchiveError, LockedError, LoosenError
from loosen.files import lock

MARK = "archive.json"
# So many units of one size travel with a task at most.
MOST_ALIKE = 20


@dataclass(slots=True)
class Partition:
    """Rows that are written together. `name` is the files' name: written again, they replace themselves."""

    reps: list[TableRow] = field(default_factory=list)
    places: list[TableRow] = field(default_factory=list)
    recordings: list[TableRow] = field(default_factory=list)
    name: str = field(default_factory=lambda: f"part-{time.time_ns()}-{uuid.uuid4().hex[:8]}.parquet")

    def __len__(self) -> int:
        return len(self.places)


@dataclass(slots=True)
class KnownUnits:
    """The units that are done: by earlier runs, and by this one since.

    `places`: address to (stamp, unit), as it was found last (unit GONE: nothing lies there any more); `copied`: units
    that lie at more than one address; `set_aside`: unit to reason. Units are kept as eight of their bytes (two of a
    million agree by chance in one of 40 million archives), so that a run of 100,000 recordings hardly grows.
    """

    places: dict[str, tuple[str, str]] = field(default_factory=dict)
    copied: set[str] = field(default_factory=set)
    set_aside: dict[str, str] = field(default_factory=dict)
    _units: set[int] = field(default_factory=set)
    _by_size: dict[int, list[str]] = field(default_factory=dict)
    _by_stamp: dict[str, str] = field(default_factory=dict)

    def __contains__(self, unit: str) -> bool:
        return _short(unit) in self._units

    def add(self, unit: str) -> None:
        """Note a unit that is done."""
        self._units.add(_short(unit))

    def add_before(self, unit: str, size: int, stamp: str) -> None:
        """Note a unit that was done by an earlier run, with the size and the stamp by which to guess it."""
        self.add(unit)
        self._by_size.setdefault(size, []).append(unit)
        self._by_stamp[stamp] = unit

    def unit_at(self, address: str, stamp: str) -> str | None:
        """Return the unit that still lies at an address, by the storage's stamp; None where that cannot be told."""
        found = self.places.get(address)
        return found[1] if found is not None and stamp and found[0] == stamp and found[1] in self else None

    def alike(self, size: int, stamp: str) -> tuple[str, ...]:
        """Return the units of earlier runs that a file may turn out to be; few, because they travel with the task.

        Two clips hardly ever have the same size, but tracks may all have one: of these only the unit with the same
        stamp is returned.
        """
        same = self._by_size.get(size, ())
        if len(same) <= MOST_ALIKE:
            return tuple(same)
        return (self._by_stamp[stamp],) if stamp in self._by_stamp else ()


def _short(unit: str) -> int:
    """Return the first eight bytes of a unit as a number."""
    return int(unit[:16] or "0", 16)


class Tables:
    """The results of one engine in OUT. There may be one writer at a time: see `writing`."""

    def __init__(self, out: str, engine: str) -> None:
        self.out, self.engine = out, engine
        self.fs, root = opened(out)
        self.root = root.rstrip("/")

    def folder(self, table: str) -> str:
        """Return the folder of this engine's partitions of a table."""
        return f"{self.root}/{table}/engine={self.engine}"

    def prepare(self, routine: str | None = None) -> None:
        """Begin OUT, or make sure that it is an archive that this version can add to. Raises ArchiveError.

        `routine`: the text of the routine file, kept for the report's words (None: the built-in routine).
        """
        with trouble_at(self.out):
            if not is_archive(self.out):
                self._begin()
            place = f"{self.root}/routines/engine={self.engine}.toml"
            if routine is not None and not self.fs.exists(place):
                put(self.fs, place, routine.encode())

    def _begin(self) -> None:
        if any(sign in self.out for sign in "*?["):
            raise ArchiveError(f"{self.out}: a results folder's name may not hold *, ? or [.")
        root = self.root or "/"
        # What a killed run, or a file manager, leaves in a new folder has a dot before its name.
        if self.fs.exists(root) and any(not _name(path).startswith(".") for path in self.fs.ls(root, detail=False)):
            raise ArchiveError(f"{self.out} holds other things and no archive. Name a folder that is new or empty.")
        text = {"what": "loosen archive", "format": FORMAT, "loosen": __version__}
        put(self.fs, f"{self.root}/{MARK}", (json.dumps(text) + "\n").encode())

    def routines(self) -> list[str]:
        """Return the texts of the routine files, other than the built-in one, that were watched by."""
        folder = f"{self.root}/routines"
        with trouble_at(self.out):
            paths = sorted(self.fs.ls(folder, detail=False)) if self.fs.exists(folder) else []
            return [self.fs.cat_file(path).decode() for path in paths if path.endswith(".toml")]

    @contextmanager
    def writing(self, again: bool = False) -> Iterator[KnownUnits]:
        """Keep other writers out, as far as the storage can lock, and yield what is done already.

        `again`: what was set aside counts as not done. Raises ArchiveError when another run is writing.
        """
        with ExitStack() as stack:
            with trouble_at(self.out):
                if is_local(self.fs) and self._lock(stack):
                    self._remove_unfinished()
                known = self._known(again)
            yield known

    def _lock(self, stack: ExitStack) -> bool:
        """Lock OUT until `stack` ends; return whether it is locked, which not every disk can do."""
        place = Path(f"{self.root}/.lock")
        place.touch()  # with the folder's usual rights, for others may write here too
        try:
            return stack.enter_context(lock(place))
        except BlockingIOError:
            raise LockedError(f"Another run is writing to {self.out}. Wait for it, or stop it.") from None

    def write(self, part: Partition) -> None:
        """Write a partition's files, `recordings` last, which makes it count."""
        with trouble_at(self.out):
            for table, schema in TABLES.items():
                data = io.BytesIO()
                rows = pa.Table.from_pylist(getattr(part, table), schema=schema)
                pq.write_table(rows, data, compression="zstd")
                put(self.fs, f"{self.folder(table)}/{part.name}", data.getvalue())

    def counting(self) -> list[str]:
        """Return the partitions of every engine that count, as `engine=E/part-P.parquet`."""
        folder = f"{self.root}/recordings"
        if not self.fs.exists(folder):
            return []
        # Listed, not globbed: a folder above may have * or [ in its name.
        paths = [
            f"{engine}/{_name(path)}"
            for engine in map(_name, self.fs.ls(folder, detail=False))
            if engine.startswith("engine=")
            for path in self.fs.ls(f"{folder}/{engine}", detail=False)
        ]
        return sorted(path for path in paths if "/part-" in path and path.endswith(".parquet"))

    def first_damaged(self) -> LoosenError | None:
        """Return the error for the first file that is damaged, gone or not readable, of any engine; None if none is."""
        for name in self.counting():
            for table in TABLES:
                path = f"{self.root}/{table}/{name}"
                try:
                    with self.fs.open(path, "rb") as file:
                        pq.read_metadata(file)
                except (pa.ArrowInvalid, FileNotFoundError):
                    return damaged(self.out, path)
                except PermissionError as error:
                    return trouble(path, error)
        return None

    def _remove_unfinished(self) -> None:
        """Remove the files that a killed run did not finish. Needs the lock: another run may just be writing them."""
        done = self._parts("recordings")
        for table in ("reps", "places"):
            for name in self._parts(table) - done:
                self.fs.rm_file(f"{self.folder(table)}/{name}")
        for table in TABLES:
            for name in self._parts(table, ".part-"):
                self.fs.rm_file(f"{self.folder(table)}/{name}")

    def _known(self, again: bool) -> KnownUnits:
        done = self._parts("recordings")
        known = KnownUnits()
        stamps: dict[str, str] = {}
        # A partition's name begins with its time, so that later rows come later.
        for row in self._read("places", done, ["address", "stamp", "unit"]):
            address, unit = row["address"], row["unit"]
            known.places[address] = (row["stamp"], unit)
            if row["stamp"]:
                stamps[unit] = row["stamp"]
        addresses = Counter(unit for _, unit in known.places.values() if unit != GONE)
        known.copied = {unit for unit, n in addresses.items() if n > 1}
        for row in self._read("recordings", done, ["unit", "bytes", "status", "reason"]):
            if row["status"] == "watched":
                known.set_aside.pop(row["unit"], None)
            elif again:
                continue
            else:
                known.set_aside[row["unit"]] = row["reason"]
            known.add_before(row["unit"], row["bytes"], stamps.get(row["unit"], ""))
        return known

    def _parts(self, table: str, begins: str = "part-") -> set[str]:
        folder = self.folder(table)
        if not self.fs.exists(folder):
            return set()
        return {name for path in self.fs.ls(folder, detail=False) if (name := _name(path)).startswith(begins)}

    def _read(self, table: str, names: set[str], columns: Sequence[str]) -> Iterator[TableRow]:
        for path in [f"{self.folder(table)}/{name}" for name in sorted(names)]:
            try:
                part = ds.dataset(path, schema=TABLES[table], filesystem=self.fs, format="parquet")
                rows = part.to_table(columns=list(columns)).to_pylist()
            except (PermissionError, ConnectionError, TimeoutError):
                raise
            except (pa.ArrowInvalid, OSError) as error:
                raise damaged(self.out, path) from error
            yield from rows


def _name(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def damaged(out: str, path: str) -> ArchiveError:
    """Return the error for a partition's file that is damaged or gone."""
    return ArchiveError(
        f"{path}: this table is damaged or gone. Delete the files called {_name(path)} in the folders below "
        f"{out}/recordings, {out}/reps and {out}/places, and run the archive again: what they held is watched once "
        "more."
    )


def is_archive(out: str) -> bool:
    """Return whether OUT has an archive.json; ArchiveError if this version cannot use it."""
    fs, root = opened(out)
    mark = f"{root.rstrip('/')}/{MARK}"
    with trouble_at(out):
        if not fs.exists(mark):
            return False
        text = fs.cat_file(mark)
    try:
        said = json.loads(text)
        made_with, by = int(said["format"]), str(said["loosen"])
    except (ValueError, KeyError, TypeError):
        raise ArchiveError(f"{out}/{MARK} is damaged. Name another folder, or put it back.") from None
    if made_with > FORMAT:
        raise ArchiveError(
            f"{out} was made by loosen {by} (format {made_with}); this is loosen {__version__}, which knows "
            f"format {FORMAT}. Use that version or a newer one."
        )
    return True
