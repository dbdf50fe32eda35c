"""The tables' columns and rows. The columns of what was seen are the fields of the coach's `Report` and `Rep`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from types import UnionType
from typing import Annotated, Any, Literal, TypeAlias, get_args, get_origin

import msgspec
import pyarrow as pa

from loosen import __version__
from loosen.archive.recordings import SourceFile
from loosen.archive.worker import RecordingResult
from loosen.coach.counting.rep import MEASURES, REPORTED, Measure, Rep, Report, plain

FORMAT = 1
GONE = ""
"""In place of a unit: nothing lies at the address any more."""

TableRow: TypeAlias = dict[str, Any]

_TEXT, _MOMENT = (pa.string(), pa.timestamp("us"))  # UTC, as Parquet readers without a time zone database like it
_ARROW_TYPES = {float: pa.float64(), int: pa.int64(), str: _TEXT, bool: pa.bool_()}


def _arrow_type(kind: Any) -> pa.DataType:
    """Return the column type of a record's field; a dict of measures becomes a struct of all there may be."""
    inner, origin = get_args(kind), get_origin(kind)
    if origin is Annotated:
        return _arrow_type(inner[0])
    if origin is Literal:
        return _TEXT
    if origin is UnionType:
        return _arrow_type(next(one for one in inner if one is not type(None)))
    if origin is tuple:
        return pa.list_(_arrow_type(inner[0]))
    if origin is dict:
        return pa.struct([(name, _arrow_type(inner[1])) for name in MEASURES])
    return pa.struct(_columns(Measure)) if kind is Measure else _ARROW_TYPES[kind]


def _columns(record: type[msgspec.Struct], names: Iterable[str] | None = None) -> list[tuple[str, pa.DataType]]:
    types = {field.name: field.type for field in msgspec.structs.fields(record)}
    return [(name, _arrow_type(types[name])) for name in names or types]


_REPORT_COLUMNS = [name for name in Report.__struct_fields__ if name not in ("input", "broken_at_s", "reps", "also")]


RECORDINGS = pa.schema([
    ("unit", _TEXT), ("input", _TEXT), ("bytes", pa.int64()), ("modified", _MOMENT), ("status", _TEXT),
    ("reason", _TEXT), ("broken_at_s", pa.float64()),
    *_columns(Report, _REPORT_COLUMNS),
    ("attempts", pa.int64()), ("routine", _TEXT), ("loosen", _TEXT), ("took_s", pa.float64()), ("done_at", _MOMENT),
])  # fmt: skip
REPS = pa.schema([("unit", _TEXT), ("number", pa.int32()), ("exercise", _TEXT), *_columns(Rep, REPORTED)])
PLACES = pa.schema([
    ("address", _TEXT), ("stamp", _TEXT), ("unit", _TEXT), ("bytes", pa.int64()), ("modified", _MOMENT),
    ("seen_at", _MOMENT),
])  # fmt: skip
TABLES = {"reps": REPS, "places": PLACES, "recordings": RECORDINGS}
"""In the order in which a partition's files are written."""


def place_row(file: SourceFile, unit: str) -> TableRow:
    """Return a row of `places`: the contents that lie at an address now, or `GONE`."""
    return {
        "address": file.address, "stamp": file.stamp, "unit": unit, "bytes": file.size, "modified": file.modified,
        "seen_at": datetime.now(UTC).replace(tzinfo=None),
    }  # fmt: skip


def recording_row(file: SourceFile, result: RecordingResult, routine: str, done_at: datetime) -> TableRow:
    """Return a recording's row; `routine` is the routine's id."""
    report = result.report
    return ({} if report is None else msgspec.structs.asdict(report)) | {
        "unit": result.unit, "input": file.address, "bytes": file.size, "modified": file.modified,
        "status": "set aside" if report is None else "watched", "reason": result.reason,
        "attempts": None if report is None else len(report.reps),
        "routine": routine, "loosen": __version__, "took_s": result.took_s, "done_at": done_at,
    }  # fmt: skip


def rep_rows(result: RecordingResult) -> list[TableRow]:
    """Return a row for each repetition of a recording."""
    if result.report is None:
        return []
    of = {"unit": result.unit, "exercise": result.report.exercise}
    return [of | {"number": n} | rep for n, rep in enumerate(plain(result.report)["reps"], 1)]
