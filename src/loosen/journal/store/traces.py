"""A repetition's signal as a few hundred bytes: differences from point to point, packed by msgspec and zlib."""

from __future__ import annotations

import struct
import zlib
from array import array
from itertools import accumulate

import msgspec

from loosen.coach.counting.rep import Trace

_Series = tuple[int | None, ...]


class _Packed(msgspec.Struct, array_like=True):
    """A trace as it is stored: of both series, each known number's difference from the known one before it."""

    signal: str
    unit: str
    stop_s: tuple[float, float] | None
    target: float
    t_ms: _Series
    thousandths: _Series


_decoder = msgspec.msgpack.Decoder(_Packed)


def pack_trace(trace: Trace) -> bytes:
    """Pack a trace; nothing is lost."""
    steps = {"t_ms": _steps(trace.t_ms), "thousandths": _steps(trace.thousandths)}
    return zlib.compress(msgspec.msgpack.encode(_Packed(**msgspec.structs.asdict(trace) | steps)), 9)


def unpack_trace(blob: bytes) -> Trace:
    """Return the trace that `pack_trace` packed. Raises ValueError if it is not one."""
    try:
        packed = _decoder.decode(zlib.decompress(blob))
    except (zlib.error, msgspec.MsgspecError) as error:
        raise ValueError(f"not a packed trace: {error}") from error
    series = {"t_ms": _numbers(packed.t_ms), "thousandths": _numbers(packed.thousandths)}
    return Trace(**msgspec.structs.asdict(packed) | series)


def _steps(numbers: _Series) -> _Series:
    steps: list[int | None] = []
    before = 0
    for number in numbers:
        steps.append(None if number is None else number - before)
        before = before if number is None else number
    return tuple(steps)


def _numbers(steps: _Series) -> _Series:
    sums = accumulate(step or 0 for step in steps)
    return tuple(None if step is None else total for step, total in zip(steps, sums, strict=True))


# -- how it was packed up to version 4 of the tables ---------------------------------------------------------

_UNKNOWN = -(2**31)


class _Head(msgspec.Struct, array_like=True):
    signal: str
    unit: str
    stop_s: tuple[float, float] | None
    target: float


def repacked(blob: bytes) -> bytes:
    """Return a trace of tables up to version 4 as it is packed now; what cannot be read stays as it is.

    There: the lengths of a head (JSON) and of each series, then the differences as eight bytes each, the lowest bytes
    of all of them first. An unknown number stands as the lowest that 32 bits hold.
    """
    try:
        raw = zlib.decompress(blob)
        head_length, n = struct.unpack_from("<II", raw)
        head = msgspec.json.decode(raw[8 : 8 + head_length], type=_Head)
        body = raw[8 + head_length :]
        by_number = array("B", bytes(len(body)))
        for place in range(8):
            by_number[place::8] = array("B", body[place * 2 * n : (place + 1) * 2 * n])
        numbers = struct.unpack(f"<{2 * n}q", by_number.tobytes())
    except (zlib.error, struct.error, msgspec.MsgspecError, ValueError):
        return blob
    t_ms, values = (
        tuple(None if it == _UNKNOWN else it for it in accumulate(half)) for half in (numbers[:n], numbers[n:])
    )
    return pack_trace(Trace(**msgspec.structs.asdict(head), t_ms=t_ms, thousandths=values))
