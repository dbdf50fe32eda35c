"""The tables that come out, as Parquet: their schema, and how a partition gets there whole or not at all.

::

    OUT/archive.json                              what this is, and the schema's version
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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from loosen import __version__
from loosen.archive.storage import is_local, opened, put, trouble
from loosen.errors import ArchiveError, LoosenError

FORMAT = 1
MARK = "archive.json"
# In place of a unit: nothing lies at the address any more.
GONE = ""
MOST_ALIKE = 20
MEASURES = (
    "range", "stop_s", "still_s", "out_s", "back_s", "smoothness_out", "smoothness_back", "range_left",
    "range_right", "left_right",
)  # fmt: skip

_MEASURE = pa.struct([("value", pa.float64()), ("unit", pa.string()), ("plus_minus", pa.float64())])
_MOMENT = pa.timestamp("us")  # UTC, as Parquet readers without a time zone database like it

RECORDINGS = pa.schema([
    ("unit", pa.string()), ("input", pa.string()), ("bytes", pa.int64()), ("modified", _MOMENT),
    ("status", pa.string()), ("reason", pa.string()), ("broken_at_s", pa.float64()),
    ("exercise", pa.string()), ("found_by", pa.string()), ("view", pa.string()), ("facing", pa.string()),
    ("duration_s", pa.float64()), ("frames", pa.int64()), ("frames_with_pose", pa.int64()),
    ("counted", pa.int64()), ("attempts", pa.int64()),
    ("routine", pa.string()), ("loosen", pa.string()), ("took_s", pa.float64()), ("done_at", _MOMENT),
])  # fmt: skip
REPS = pa.schema([
    ("unit", pa.string()), ("number", pa.int32()), ("exercise", pa.string()),
    ("start_s", pa.float64()), ("peak_s", pa.float64()), ("end_s", pa.float64()), ("side", pa.string()),
    ("verdict", pa.string()), ("counted", pa.bool_()), ("faults", pa.list_(pa.string())),
    ("reasons", pa.list_(pa.string())), ("measures", pa.struct([(name, _MEASURE) for name in MEASURES])),
])  # fmt: skip
PLACES = pa.schema([
    ("address", pa.string()), ("stamp", pa.string()), ("unit", pa.string()), ("bytes", pa.int64()),
    ("modified", _MOMENT), ("seen_at", _MOMENT),
])  # fmt: skip
TABLES = {"reps": REPS, "places": PLACES, "recordings": RECORDINGS}

Row = dict[str, Any]


@dataclass(slots=True)
class Partition:
    """Rows that will be written together. `name`: the file's; written again, it takes its own place."""

    reps: list[Row] = field(default_factory=list)
    places: list[Row] = field(default_factory=list)
    recordings: list[Row] = field(default_factory=list)
    name: str = field(default_factory=lambda: f"part-{time.time_ns()}-{uuid.uuid4().hex[:8]}.parquet")

    def __len__(self) -> int:
        return len(self.places)


@dataclass(slots=True)
class Known:
    """What was done before, and which units have been since.

    `places`: address to (stamp, unit), as it was found last (unit GONE: nothing lies there any more); `copied`: units
    that lie at more than one address; `set_aside`: unit to reason. Units themselves are kept as eight of their bytes
    (two of a million agree by chance once in 40 million archives): a run of 100,000 must not grow by what it did.
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
        """Note a unit that was done by an earlier run, and how to guess which it is."""
        self.add(unit)
        self._by_size.setdefault(size, []).append(unit)
        self._by_stamp[stamp] = unit

    def unit_at(self, address: str, stamp: str) -> str | None:
        """Return which contents lie there still, by the storage's mark of change; None where that cannot be told."""
        found = self.places.get(address)
        return found[1] if found is not None and stamp and found[0] == stamp and found[1] in self else None

    def alike(self, size: int, stamp: str) -> tuple[str, ...]:
        """Return units of earlier runs that a file may turn out to be: few, for they travel with the work.

        Clips of one size are hardly ever two, but tracks may all be of one size; of those only the one whose
        storage's mark is the same too.
        """
        same = self._by_size.get(size, ())
        if len(same) <= MOST_ALIKE:
            return tuple(same)
        return (self._by_stamp[stamp],) if stamp in self._by_stamp else ()


def _short(unit: str) -> int:
    return int(unit[:16] or "0", 16)


class Tables:
    """The results of one engine in OUT. Only one writer at a time: see `writing`."""

    def __init__(self, out: str, engine: str) -> None:
        self.out, self.engine = out, engine
        self.fs, self.root = opened(out)

    def folder(self, table: str) -> str:
        """Return the folder of this engine's partitions of a table."""
        return f"{self.root.rstrip('/')}/{table}/engine={self.engine}"

    def prepare(self) -> None:
        """Begin OUT, or make sure that it is an archive that this version can add to. Raises ArchiveError."""
        mark = f"{self.root.rstrip('/')}/{MARK}"
        try:
            if check_mark(self.out) is not None:
                return
            if any(sign in self.out for sign in "*?["):
                raise ArchiveError(f"{self.out}: a results folder's name may not hold *, ? or [.")
            if self.fs.exists(self.root) and _holds_things(self.fs.ls(self.root, detail=False)):
                raise ArchiveError(
                    f"{self.out} holds other things and no archive. Name a folder that is new or empty."
                )
            text = {"what": "loosen archive", "format": FORMAT, "loosen": __version__}
            put(self.fs, mark, (json.dumps(text) + "\n").encode())
        except LoosenError:
            raise
        except Exception as error:
            raise trouble(self.out, error) from error

    @contextmanager
    def writing(self, again: bool = False) -> Iterator[Known]:
        """Keep other writers out, as far as the storage lets us, and give what is done already.

        `again`: what was set aside counts as not done.
        """
        with _locked(Path(self.root) / ".lock" if is_local(self.fs) else None, self.out) as alone:
            try:
                if alone:
                    self._remove_unfinished()
                known = self._known(again)
            except LoosenError:
                raise
            except Exception as error:
                raise trouble(self.out, error) from error
            yield known

    def write(self, part: Partition) -> None:
        """Write a partition; it counts once its recordings are there."""
        try:
            for table, schema in TABLES.items():
                data = io.BytesIO()
                rows = pa.Table.from_pylist(getattr(part, table), schema=schema)
                pq.write_table(rows, data, compression="zstd")
                put(self.fs, f"{self.folder(table)}/{part.name}", data.getvalue())
        except Exception as error:
            raise trouble(self.out, error) from error

    def counting(self) -> list[str]:
        """Return the partitions of every engine that count, as `engine=E/part-P.parquet`.

        Listed and not searched for: a folder above may have * or [ in its name.
        """
        folder = f"{self.root.rstrip('/')}/recordings"
        if not self.fs.exists(folder):
            return []
        engines = [path.rstrip("/").rpartition("/")[2] for path in self.fs.ls(folder, detail=False)]
        paths = [
            f"{engine}/{path.rpartition('/')[2]}"
            for engine in engines
            if engine.startswith("engine=")
            for path in self.fs.ls(f"{folder}/{engine}", detail=False)
        ]
        return sorted(path for path in paths if "/part-" in path and path.endswith(".parquet"))

    def first_damaged(self) -> LoosenError | None:
        """Return what to say of the first file of any engine that is damaged, gone or locked, None if there is none."""
        root = self.root.rstrip("/")
        for name in self.counting():
            for table in TABLES:
                path = f"{root}/{table}/{name}"
                try:
                    with self.fs.open(path, "rb") as file:
                        pq.read_metadata(file)
                except (pa.ArrowInvalid, FileNotFoundError):
                    return damaged(self.out, path)
                except PermissionError as error:
                    return trouble(path, error)
        return None

    def _remove_unfinished(self) -> None:
        """Remove what a run that was killed had not finished; without a lock another run may just be writing it."""
        done = self._parts("recordings")
        for table in ("reps", "places"):
            for name in self._parts(table) - done:
                self.fs.rm_file(f"{self.folder(table)}/{name}")
        for table in TABLES:
            for name in self._parts(table, ".part-"):
                self.fs.rm_file(f"{self.folder(table)}/{name}")

    def _known(self, again: bool) -> Known:
        done = self._parts("recordings")
        known = Known()
        stamps: dict[str, str] = {}
        # Partitions are called by the time of their beginning, and their rows are in order.
        for row in self._read("places", done, ["address", "stamp", "unit"]):
            address, unit = row["address"], row["unit"]
            known.places[address] = (row["stamp"], unit)
            if row["stamp"]:
                stamps[unit] = row["stamp"]
        once: set[int] = set()
        for unit in (unit for _, unit in known.places.values() if unit != GONE):
            if _short(unit) in once:
                known.copied.add(unit)
            once.add(_short(unit))
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
        names = (path.rpartition("/")[2] for path in self.fs.ls(folder, detail=False))
        return {name for name in names if name.startswith(begins)}

    def _read(self, table: str, names: set[str], columns: Sequence[str]) -> Iterator[Row]:
        for path in [f"{self.folder(table)}/{name}" for name in sorted(names)]:
            try:
                part = ds.dataset(path, schema=TABLES[table], filesystem=self.fs, format="parquet")
                rows = part.to_table(columns=list(columns)).to_pylist()
            except (PermissionError, ConnectionError, TimeoutError):
                raise
            except (pa.ArrowInvalid, OSError) as error:
                raise damaged(self.out, path) from error
            yield from rows


def _holds_things(paths: Sequence[str]) -> bool:
    """Whether there is more than what a killed beginning, or a file manager, leaves."""
    return any(not path.rstrip("/").rpartition("/")[2].startswith(".") for path in paths)


def damaged(out: str, path: str) -> ArchiveError:
    """Return what to say of a partition's file that is damaged, or gone."""
    name = path.rpartition("/")[2]
    return ArchiveError(
        f"{path}: this table is damaged or gone. Delete the files called {name} in the folders below {out}/recordings, "
        f"{out}/reps and {out}/places, and run the archive again: what they held is watched once more."
    )


def check_mark(out: str) -> dict[str, Any] | None:
    """Return what OUT says of itself, None if it says nothing; ArchiveError if this version cannot use it."""
    fs, root = opened(out)
    mark = f"{root.rstrip('/')}/{MARK}"
    try:
        if not fs.exists(mark):
            return None
        text = fs.cat_file(mark)
    except Exception as error:
        raise trouble(out, error) from error
    try:
        said: dict[str, Any] = json.loads(text)
        made_with, by = int(said["format"]), str(said["loosen"])
    except (ValueError, KeyError, TypeError):
        raise ArchiveError(f"{out}/{MARK} is damaged. Name another folder, or put it back.") from None
    if made_with > FORMAT:
        raise ArchiveError(
            f"{out} was made by loosen {by} (format {made_with}); this is loosen {__version__}, which knows "
            f"format {FORMAT}. Use that version or a newer one."
        )
    return said


@contextmanager
def _locked(place: Path | None, out: str) -> Iterator[bool]:
    """Hold a lock that ends with this process, however it ends, and give True; False where there is none to be had."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        place = None
    if place is None:
        yield False
        return
    try:
        file = place.open("a")
    except OSError as error:
        raise trouble(out, error) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArchiveError(f"Another run is writing to {out}. Wait for it, or stop it.") from None
        except OSError:  # a network's disk that has no locks
            yield False
            return
        yield True
