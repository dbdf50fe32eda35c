"""Landmark tracks: the poses of a recording without its pictures, as an .npz file.

Members: `t_s` (n,) seconds; `landmarks` (n, 33, 4); `world` (n, 33, 3); `image_size` (2,) px; `meta`, JSON.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any, ClassVar

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from loosen.body.pose import N_LANDMARKS, Floats, Pose
from loosen.errors import RecordingError
from loosen.files import replacing

MAX_FRAMES = 1_000_000
MAX_META_CHARS = 100_000
MAX_SIDE_PX = 100_000
# Coordinates are shares of the picture or metres: anything beyond this is not a body.
MAX_COORDINATE = 1000.0
NUMBERS = "fiu"
# What zipfile, zlib, numpy and json raise for damaged bytes.
UNREADABLE = (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """A recording's poses: iterate for each `Pose`, in order, lost ones included; as often as wanted.

    `t_s` (n,) float64 increasing, the rest as in Pose with frames as first axis.
    """

    t_s: NDArray[np.float64]
    landmarks: Floats
    world: Floats
    size: tuple[int, int]
    meta: Mapping[str, Any]
    broken_at_s: ClassVar[None] = None
    """As in Clip, but a damaged track is refused as a whole."""

    def __iter__(self) -> Iterator[Pose]:
        for t_s, landmarks, world in zip(self.t_s.tolist(), self.landmarks, self.world, strict=True):
            yield Pose(t_s, landmarks, world, self.size)

    @property
    def frames_estimate(self) -> int:
        """The number of frames."""
        return len(self.t_s)


def read_track(path: str | Path) -> Track:
    """Read and check an .npz track; raise RecordingError, saying what is wrong, when it is not one."""
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return _checked(path, archive)
    except FileNotFoundError as error:
        raise RecordingError(f"{path}: there is no such file.") from error
    except UNREADABLE as error:
        raise RecordingError(f"{path}: this is not a landmark track that can be read ({error}).") from error


def write_track(path: str | Path, poses: Iterable[Pose], meta: Mapping[str, Any]) -> int:
    """Write the poses of one recording as an .npz track; return how many there are.

    Times are kept as float64, so that what is read again is exactly what was written.
    """
    kept = list(poses)
    if not kept:
        raise RecordingError(f"{path}: there is no frame to write.")
    with replacing(Path(path)) as part, part.open("wb") as file:
        np.savez_compressed(
            file,
            t_s=np.array([pose.t_s for pose in kept], np.float64),
            landmarks=np.stack([pose.landmarks for pose in kept]).astype(np.float32),
            world=np.stack([pose.world for pose in kept]).astype(np.float32),
            image_size=np.array(kept[0].size, np.float32),
            meta=np.array(json.dumps(dict(meta))),
        )
    return len(kept)


def _checked(path: Path, archive: zipfile.ZipFile) -> Track:
    def refuse(what: str) -> RecordingError:
        return RecordingError(f"{path}: {what}")

    def member(name: str, shape: tuple[int | None, ...], kinds: str = NUMBERS) -> NDArray[Any]:
        try:
            info = archive.getinfo(f"{name}.npy")
        except KeyError:
            raise refuse(f"this is not a landmark track: it has no `{name}`.") from None
        with archive.open(info) as file:
            found, kind, room = _header(file)
        wanted = "(" + ", ".join("n" if side is None else str(side) for side in shape) + ")"
        if len(found) != len(shape) or any(w not in (None, f) for w, f in zip(shape, found, strict=True)):
            raise refuse(f"`{name}`: expected shape {wanted}, got {found}.")
        if kind not in kinds:
            raise refuse(f"`{name}`: expected {'text' if kinds == 'U' else 'numbers'}.")
        if found and found[0] > MAX_FRAMES:
            raise refuse(f"`{name}`: {found[0]} frames are more than the {MAX_FRAMES} that are taken.")
        # Memory is allocated by the header, which must not promise more than the file holds.
        if room > info.file_size:
            raise refuse(f"`{name}`: cut off.")
        if kinds == "U" and room > 4 * MAX_META_CHARS:
            raise refuse(f"`{name}`: too long.")
        with archive.open(info) as file:
            array: NDArray[Any] = npy.read_array(file, allow_pickle=False)
        return array

    t_s = member("t_s", (None,)).astype(np.float64)
    n = len(t_s)
    if n == 0:
        raise refuse("the track has no frames.")
    if not np.isfinite(t_s).all() or (np.diff(t_s) <= 0).any():
        raise refuse("`t_s`: times must be finite and increase from frame to frame.")
    landmarks = member("landmarks", (n, N_LANDMARKS, 4)).astype(np.float32)
    world = member("world", (n, N_LANDMARKS, 3)).astype(np.float32)
    for name, points in (("landmarks", landmarks[..., :3]), ("world", world)):
        if (np.abs(points) > MAX_COORDINATE).any():
            raise refuse(f"`{name}`: coordinates beyond ±{MAX_COORDINATE:g} are not a body's.")
    missing = ~np.isfinite(landmarks[..., :2]).all(axis=-1)
    landmarks[missing, 3] = 0
    seen = landmarks[..., 3]
    if not ((seen >= 0) & (seen <= 1)).all():
        raise refuse("`landmarks`: visibility must lie between 0 and 1.")
    sides = member("image_size", (2,)).astype(np.float64)
    if not ((sides >= 1) & (sides <= MAX_SIDE_PX)).all():
        raise refuse(f"`image_size`: expected a width and a height of 1 to {MAX_SIDE_PX} px.")
    meta = json.loads(str(member("meta", (), "U")))
    if not isinstance(meta, dict):
        raise refuse("`meta`: expected a JSON object.")
    return Track(t_s, landmarks, world, (round(float(sides[0])), round(float(sides[1]))), meta)


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], str, int]:
    """Return the shape, the kind of number and the bytes needed, as an .npy header promises them."""
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    if any(side < 0 for side in shape):
        raise ValueError("negative shape")
    return shape, dtype.kind, prod(shape) * dtype.itemsize
