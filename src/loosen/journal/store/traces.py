"""A repetition's signal as a few hundred bytes."""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Sequence
from itertools import accumulate, pairwise

import msgspec

from loosen.coach.counting.report import Trace

_UNKNOWN = -(2**31)


class _Head(msgspec.Struct, array_like=True):
    signal: str
    unit: str
    stop_s: tuple[float, float] | None
    target: float


def pack_trace(trace: Trace) -> bytes:
    """Pack a trace: times to the millisecond, values to a thousandth of their unit (finer than any camera).

    Differences from point to point are small numbers, which zlib packs to about a byte each. A value that is
    not finite, or beyond two million units, is kept as unknown (NaN).
    """
    head = msgspec.json.encode(_Head(trace.signal, trace.unit, trace.stop_s, trace.target))
    times = _differences([_UNKNOWN if it is None else it for it in trace.t_ms])
    values = _differences([_UNKNOWN if it is None else it for it in trace.thousandths])
    body = struct.pack(f"<{len(times) + len(values)}q", *times, *values)
    return zlib.compress(struct.pack("<II", len(head), len(times)) + head + _by_place(body), 9)


def unpack_trace(blob: bytes) -> Trace:
    """Return the trace that `pack_trace` packed. Raises ValueError if it is not one."""
    try:
        raw = zlib.decompress(blob)
        head_length, n = struct.unpack_from("<II", raw)
        head = msgspec.json.decode(raw[8 : 8 + head_length], type=_Head)
        numbers = struct.unpack(f"<{2 * n}q", _by_number(raw[8 + head_length :]))
    except (zlib.error, struct.error, msgspec.MsgspecError) as error:
        raise ValueError(f"not a packed trace: {error}") from error
    return Trace(
        signal=head.signal,
        unit=head.unit,
        stop_s=head.stop_s,
        target=head.target,
        t_ms=_values(numbers[:n]),
        thousandths=_values(numbers[n:]),
    )


def _values(differences: Sequence[int]) -> tuple[int | None, ...]:
    return tuple(None if it == _UNKNOWN else it for it in accumulate(differences))


def _differences(numbers: list[int]) -> list[int]:
    return [after - before for before, after in pairwise([0, *numbers])]


def _by_place(body: bytes) -> bytes:
    """Put all lowest bytes first, then all second ones, ...: the high bytes become long runs of zeros."""
    return b"".join(body[place::8] for place in range(8))


def _by_number(body: bytes) -> bytes:
    n = len(body) // 8
    numbers = array("B", bytes(len(body)))
    for place in range(8):
        numbers[place::8] = array("B", body[place * n : (place + 1) * n])
    return numbers.tobytes()
