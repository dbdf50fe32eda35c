"""Reads and writes `.trc` (points by time), and writes `.mot` (angles by time), as OpenSim and Sports2D have them.

Both are text with tabs. TRC after Motion Analysis' and OpenSim's description: five lines of header, then frame number,
time and three coordinates for each marker; a missing point is empty. MOT: a header up to `endheader`, then a line of
names and numbers. What Sports2D 0.8 and Pose2Sim 0.10 write is read: metres, y up, x to the picture's right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from loosen.errors import RecordingError
from loosen.files import replacing

Array = NDArray[np.float64]

MAX_BYTES = 2_000_000_000
METRES = {"m": 1.0, "meters": 1.0, "metres": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254}
# How far a file's DataRate may be from the rate of its times, as a share.
RATE_TOLERANCE = 0.05
HEADER_KEYS = (
    "DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units", "OrigDataRate", "OrigDataStartFrame", "OrigNumFrames",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Markers:
    """Points by time: `t_s` (n,) increasing, `points` (n, m, 3) metres, NaN where missing, `names` (m,)."""

    t_s: Array
    names: tuple[str, ...]
    points: Array

    @property
    def rate_hz(self) -> float:
        """Frames a second, of the median step, so that a dropped frame does not change it."""
        return 1 / float(np.median(np.diff(self.t_s))) if len(self.t_s) > 1 else 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Angles by time: `t_s` (n,), `values` (n, m) in degrees, NaN where unknown, `names` (m,)."""

    t_s: Array
    names: tuple[str, ...]
    values: Array


def read_trc(path: Path) -> Markers:
    """Read a `.trc` file; raise RecordingError, saying what is wrong, when it is not one."""
    lines = _lines(path)
    if len(lines) < 5 or not lines[0].startswith("PathFileType"):
        raise RecordingError(f"{path}: this is not a TRC file: it does not begin with PathFileType.")
    header = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=False))
    try:
        rate_hz = float(header["DataRate"])
        frames, markers = (int(float(header[key])) for key in ("NumFrames", "NumMarkers"))
        unit = METRES[header["Units"].strip().lower()]
    except (KeyError, ValueError, OverflowError):
        known = ", ".join(sorted(METRES))
        raise RecordingError(
            f"{path}: its header must give DataRate, NumFrames, NumMarkers and Units (one of {known})."
        ) from None
    names = tuple(name for cell in lines[3].split("\t")[2:] if (name := cell.strip()))
    if len(set(names)) != len(names) or not names:
        raise RecordingError(f"{path}: its fourth line must name each marker once.")
    if len(names) != markers:
        raise RecordingError(
            f"{path}: its header says {markers} markers, its fourth line names {len(names)}. Correct one: "
            "else it is not known whose points these are."
        )
    rows = [line for line in lines[5:] if line.strip()]
    columns = 2 + 3 * len(names)
    if len(rows) < frames:
        raise RecordingError(f"{path}: cut off: {len(rows)} of {frames} frames are there.")
    # A line may lack the tabs of missing points at its end, but the last line must be ended.
    if rows and rows[-1].count("\t") + 1 < columns and not _is_ended(path):
        raise RecordingError(f"{path}: cut off within its last frame.")
    numbers = _numbers(path, rows, columns, len(lines) - len(rows))
    t_s = numbers[:, 1]
    if not np.isfinite(t_s).all() or (np.diff(t_s) <= 0).any():
        raise RecordingError(f"{path}: times must be given and increase from frame to frame.")
    found = Markers(t_s, names, numbers[:, 2:].reshape(len(t_s), len(names), 3) * unit)
    if len(t_s) > 1 and abs(rate_hz / found.rate_hz - 1) > RATE_TOLERANCE:
        raise RecordingError(
            f"{path}: mixed frame rates: the header says {rate_hz:g} a second, the times say {found.rate_hz:.4g}. "
            "Correct one."
        )
    return found


def write_trc(path: Path, markers: Markers) -> None:
    """Write a `.trc` file in metres: times exactly, points to a thousandth of a millimetre."""
    n, m = len(markers.t_s), len(markers.names)
    rate = f"{markers.rate_hz:.6g}"
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "\t".join(HEADER_KEYS),
        "\t".join((rate, rate, str(n), str(m), "m", rate, "0", str(n))),
        "Frame#\tTime\t" + "\t\t\t".join(markers.names) + "\t\t",
        "\t\t" + "\t".join(f"{axis}{number}" for number in range(1, m + 1) for axis in "XYZ"),
    ]
    rows = zip(markers.t_s.tolist(), markers.points.reshape(n, 3 * m).tolist(), strict=True)
    for index, (t_s, points) in enumerate(rows):
        lines.append("\t".join([str(index), repr(t_s), *("" if math.isnan(v) else f"{v:.6f}" for v in points)]))
    _write(path, lines)


def write_mot(path: Path, motion: Motion) -> None:
    """Write a `.mot` file; `nColumns` counts the time too, as in OpenSim's."""
    lines = [
        "Coordinates", "version=1", f"nRows={len(motion.t_s)}", f"nColumns={len(motion.names) + 1}",
        "inDegrees=yes", "", "endheader", "\t".join(["time", *motion.names]),
    ]  # fmt: skip
    for t_s, values in zip(motion.t_s.tolist(), motion.values.tolist(), strict=True):
        lines.append("\t".join([repr(t_s), *("nan" if math.isnan(v) else f"{v:.6f}" for v in values)]))
    _write(path, lines)


def _lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RecordingError(f"{path}: larger than {MAX_BYTES / 1e9:g} GB.")
        return path.read_text("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        raise RecordingError(f"{path}: there is no such file.") from None
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror}).") from error


def _is_ended(path: Path) -> bool:
    """Return whether the last line has its line end."""
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) in b"\r\n"


def _numbers(path: Path, rows: Sequence[str], columns: int, first: int) -> Array:
    """Return rows of numbers (n, columns); an empty cell is NaN, further cells are left out."""
    if not rows:
        raise RecordingError(f"{path}: it has no frames.")
    numbers = np.full((len(rows), columns), np.nan)
    for index, row in enumerate(rows):
        cells = row.split("\t")[:columns]
        try:
            numbers[index, : len(cells)] = [float(cell) if cell.strip() else math.nan for cell in cells]
        except ValueError:
            raise RecordingError(f"{path}: line {first + index + 1} is not all numbers.") from None
    return numbers


def _write(path: Path, lines: Sequence[str]) -> None:
    with replacing(path) as part:
        part.write_text("\n".join(lines) + "\n", "utf-8", newline="\n")
