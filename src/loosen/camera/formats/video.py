"""Reads the pictures of a clip, each with its own time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import av.error
import cv2
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from loosen.camera.blazepose.region import RgbImage
from loosen.errors import RecordingError

# Containers a person may have a clip in. Playlists and text "videos" are left out on purpose: they would
# make the library open other files, or addresses.
CONTAINERS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,m4v,h264,hevc,mpegvideo,mjpeg,yuv4mpegpipe"
OPTIONS = {"protocol_whitelist": "file", "format_whitelist": CONTAINERS}
# The models see 256 pixels of a body, so larger pictures are halved until their long side is at most this.
LONG_SIDE_PX = 1280
MAX_PIXELS = 64_000_000
# A stream that should last this much longer than its last picture has been cut off.
CUT_OFF_S = 1.0
# Decoding is given up after so many unreadable packets in a row.
PATIENCE = 200


@dataclass(slots=True)
class Clip:
    """A clip that can be read: iterate for `(t_s, rgb)`, as often as wanted.

    `size`: (width, height) in px of every picture given: upright, with square pixels, at most 1280 px long.
    `decoders`: threads that decode, each with its own pictures in memory; 0 leaves the number to the library.
    `duration_s` and `frames_estimate`: None when the file does not say. `broken_at_s`: once iterated, the
    time at which the file was found unreadable, else None; what can be read before and after is given.
    """

    path: Path
    size: tuple[int, int]
    duration_s: float | None
    frames_estimate: int | None
    decoders: int = 0
    broken_at_s: float | None = field(default=None, init=False)

    def __iter__(self) -> Iterator[tuple[float, RgbImage]]:
        """Yield each picture (h, w, 3) RGB with its time in seconds since the stream's start, increasing."""
        self.broken_at_s = None
        with _opened(self.path, self.decoders) as container:
            stream = container.streams.video[0]
            origin_s = _start_s(stream)
            last_s = -1.0
            for frame in self._decoded(container, stream):
                if frame.time is None:
                    continue
                if origin_s is None or (last_s < 0 and frame.time < origin_s):
                    origin_s = frame.time
                t_s = float(frame.time - origin_s)
                if t_s > last_s:
                    last_s = t_s
                    yield t_s, upright(frame, self.size)
            if self.broken_at_s is None and self.duration_s and last_s + CUT_OFF_S < self.duration_s:
                self.broken_at_s = max(last_s, 0.0)

    def _decoded(self, container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
        """Yield what can be decoded, noting in `broken_at_s` where something could not."""
        failures, reached_s = 0, 0.0
        packets = container.demux(stream)
        while failures < PATIENCE:
            try:
                packet = next(packets)
                for frame in packet.decode():
                    if isinstance(frame, VideoFrame) and not frame.is_corrupt:
                        failures = 0
                        reached_s = frame.time or reached_s
                        yield frame
            except StopIteration:
                return
            except MemoryError:  # one of the library's own errors, too
                raise
            except (av.error.FFmpegError, OSError, ValueError):
                failures += 1
                if self.broken_at_s is None:
                    self.broken_at_s = max(reached_s - (_start_s(stream) or 0.0), 0.0)


def open_clip(path: str | Path, decoders: int = 0) -> Clip:
    """Open a clip and decode its first picture; raise RecordingError when there is none."""
    path = Path(path)
    if not path.is_file():
        raise RecordingError(f"{path}: there is no such file.")
    if path.stat().st_size == 0:
        raise RecordingError(f"{path}: the file is empty.")
    with _opened(path, decoders) as container:
        if not container.streams.video:
            raise RecordingError(f"{path}: there is no picture in this file, only sound or data.")
        stream = container.streams.video[0]
        width, height = stream.codec_context.width, stream.codec_context.height
        if width * height > MAX_PIXELS:
            raise RecordingError(f"{path}: its pictures are too large ({width} x {height}); scale the clip down.")
        probe = Clip(path, (0, 0), None, None)
        first = next(probe._decoded(container, stream), None)
        if first is None:
            raise RecordingError(f"{path}: no picture in this file can be read; it may be damaged or cut off.")
        duration_s, rate = _duration_s(container, stream), stream.average_rate
        frames = stream.frames or (round(duration_s * float(rate)) if duration_s and rate else None)
        return Clip(path, _working_size(first, stream), duration_s, frames, decoders)


def upright(frame: VideoFrame, size: tuple[int, int]) -> RgbImage:
    """Return a decoded frame as RGB (h, w, 3) of `size` (width, height), turned as its metadata say."""
    quarters = _quarters(frame)
    width, height = size if quarters % 2 == 0 else size[::-1]
    # Halved before it becomes RGB, a picture takes a quarter of the work.
    while frame.format.name == "yuv420p" and frame.width % 4 == frame.height % 4 == 0:
        if frame.width < 2 * width or frame.height < 2 * height:
            break
        frame = _halved(frame)
    # By default the library starts and ends a thread for each processor at each picture.
    picture: Any = frame.to_ndarray(format="rgb24", threads=1)
    # Halving keeps fine patterns from turning into noise, and is far faster than any other ratio.
    while picture.shape[1] >= 2 * width and picture.shape[0] >= 2 * height:
        half = (picture.shape[1] // 2, picture.shape[0] // 2)
        picture = cv2.resize(picture, half, interpolation=cv2.INTER_AREA)
    if picture.shape[1::-1] != (width, height):
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(np.rot90(picture, quarters)) if quarters else picture


def _halved(frame: VideoFrame) -> VideoFrame:
    planes: list[NDArray[np.uint8]] = []
    for plane in frame.planes:
        pixels = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        half = (plane.width // 2, plane.height // 2)
        smaller: Any = cv2.resize(pixels, half, interpolation=cv2.INTER_AREA)
        planes.append(smaller.ravel())
    together = np.concatenate(planes).reshape(-1, frame.width // 2)
    halved = VideoFrame.from_ndarray(together, format="yuv420p")
    halved.colorspace, halved.color_range = frame.colorspace, frame.color_range
    return halved


def _quarters(frame: VideoFrame) -> int:
    """Return by how many quarter turns counter-clockwise the picture must be turned to stand upright."""
    return round((frame.rotation or 0) / 90) % 4


def _working_size(frame: VideoFrame, stream: VideoStream) -> tuple[int, int]:
    width, height = frame.width, frame.height
    if (
        shape := stream.sample_aspect_ratio
    ):  # pixels that are not square: angles need the picture as it is meant to be shown
        width = round(width * float(shape))
    while max(width, height) > LONG_SIDE_PX:
        width, height = width // 2, height // 2
    size = max(2, width), max(2, height)
    return size if _quarters(frame) % 2 == 0 else size[::-1]


def _opened(path: Path, decoders: int) -> InputContainer:
    try:
        container = av.open(str(path.resolve()), options=OPTIONS)
    except MemoryError:
        raise
    except PermissionError as error:
        raise RecordingError(f"{path} cannot be read: you have no permission to. Ask its owner.") from error
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise RecordingError(f"{path}: this is not a video that can be read.") from error
    for stream in container.streams.video:
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = decoders
    return container


def _start_s(stream: VideoStream) -> float | None:
    if stream.start_time is None or stream.time_base is None:
        return None
    return float(stream.start_time * stream.time_base)


def _duration_s(container: InputContainer, stream: VideoStream) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    # The container's length is that of its longest stream, which may be the sound.
    if container.duration and len(container.streams) == 1:
        return float(container.duration) / av.time_base
    return None
