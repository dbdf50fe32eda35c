"""Writes a clip with the body drawn over it, and the count and the cue beneath."""

from __future__ import annotations

import math
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import av.error
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from loosen.body.pose import Pose
from loosen.camera.blazepose.region import Picture
from loosen.camera.panel import Panel
from loosen.camera.silhouette import draw_body
from loosen.errors import InputError
from loosen.files import replacing

# Times are kept to the millisecond, so that a clip of varying frame rate keeps its own time.
TICK = Fraction(1, 1000)
ENCODERS = ("libx264", "h264", "mpeg4")


class OverlayWriter:
    """Writes an MP4; the file appears under its name only when it is complete.

    `size`: (width, height) px of the pictures to come. `fps`: roughly, for the encoder's planning; each
    frame keeps its own time. Raises InputError when it cannot be written, or nothing was added.
    """

    def __init__(self, path: str | Path, size: tuple[int, int], fps: float) -> None:
        self._path = Path(path)
        # The encoders want even sides; the odd row or column is left off.
        self._size = (max(2, size[0] // 2 * 2), max(2, size[1] // 2 * 2))
        self._fps = (
            Fraction(min(max(fps, 1.0), 240.0)).limit_denominator(1001)
            if math.isfinite(fps)
            else Fraction(30)
        )
        self._panel = Panel(*self._size)
        self._canvas: Picture = np.empty((self._size[1] + self._panel.height, self._size[0], 3), np.uint8)
        self._last_tick = -1
        self._file = ExitStack()

    def __enter__(self) -> Self:
        if self._path.is_dir() or not self._path.parent.is_dir():
            raise InputError(
                f"{self._path}: not a place to write a clip to; name a file in a folder that exists."
            )
        try:
            part = self._file.enter_context(replacing(self._path))
            self._container = av.open(part, "w", format="mp4", options={"movflags": "+faststart"})
        except (av.error.FFmpegError, OSError) as error:
            raise InputError(f"{self._path}: cannot write there ({error}).") from error
        self._file.push(self._finish)
        self._stream = self._new_stream()
        return self

    def add(self, rgb: Picture, pose: Pose, *, count: str = "", phase: str = "", cue: str = "") -> None:
        """Write one frame: `rgb` (h, w, 3), the body in it, and what is to be read."""
        tick = round(pose.t_s / TICK)
        if tick <= self._last_tick:
            return
        self._last_tick = tick
        width, height = self._size
        if rgb.shape[0] < height or rgb.shape[1] < width:
            raise ValueError(f"picture: expected at least {height} x {width}, got {rgb.shape[:2]}")
        canvas = self._canvas
        canvas[:height] = rgb[:height, :width]
        draw_body(canvas[:height], pose)
        canvas[height:] = self._panel.strip(count, phase, cue)
        frame = VideoFrame.from_ndarray(canvas, format="rgb24")
        frame.pts, frame.time_base = tick, TICK
        try:
            self._container.mux(self._stream.encode(frame))
        except (av.error.FFmpegError, OSError) as error:
            raise InputError(f"{self._path}: could not be written ({error}).") from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, trace)

    def _finish(self, kind: type[BaseException] | None, _error: object, _trace: object) -> None:
        keep = kind is None
        try:
            if keep and self._last_tick >= 0:
                self._container.mux(self._stream.encode(None))
            self._container.close()
        except (av.error.FFmpegError, OSError) as error:
            if keep:
                raise InputError(f"{self._path}: could not be written ({error}).") from error
        if keep and self._last_tick < 0:
            raise InputError(f"{self._path}: not written, for there was no picture to draw on.")

    def _new_stream(self) -> VideoStream:
        name = next(name for name in ENCODERS if name in av.codecs_available and _can_encode(name))
        stream = self._container.add_stream(name, rate=self._fps)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = self._canvas.shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = TICK
        if name == "mpeg4":
            stream.bit_rate = 8 * stream.width * stream.height
        else:
            stream.options = {"crf": "23", "preset": "veryfast"}
        return stream


def _can_encode(name: str) -> bool:
    try:
        av.Codec(name, "w")
    except av.error.FFmpegError:
        return False
    return True
