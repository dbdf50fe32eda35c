"""Makes small clips of every troublesome kind, for the tests."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

TICK = Fraction(1, 1000)


def quarters_picture(width: int, height: int) -> NDArray[np.uint8]:
    """A picture whose top left quarter is red, on grey."""
    picture = np.full((height, width, 3), 128, np.uint8)
    picture[: height // 2, : width // 2] = (255, 0, 0)
    return picture


def write_clip(
    path: Path,
    times_s: Sequence[float],
    size: tuple[int, int] = (160, 120),
    codec: str = "mpeg4",
    shape: Fraction | None = None,
    key_every: int = 1,
) -> Path:
    """Write a clip with a frame at each time; the picture brightens from frame to frame."""
    width, height = size
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=30)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate = 4_000_000
        stream.codec_context.gop_size = key_every
        stream.time_base = stream.codec_context.time_base = TICK
        if shape:
            stream.codec_context.sample_aspect_ratio = shape
        rng = np.random.default_rng(1)
        for i, t_s in enumerate(times_s):
            picture = quarters_picture(width, height)
            picture[height // 2 :, width // 2 :] = rng.integers(0, 255, (height - height // 2, width - width // 2, 1))
            picture[: height // 4, width // 2 :] = i % 256
            frame = VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = round(t_s / TICK), TICK
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_sound(path: Path, seconds: float = 0.5) -> Path:
    """Write a file with sound and no picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000)
        assert isinstance(stream, AudioStream)
        stream.layout = "mono"
        samples = np.zeros((1, round(16000 * seconds)), np.float32)
        frame = AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        frame.sample_rate = 16000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def turn(path: Path, quarters_clockwise: int) -> Path:
    """Set the rotation that a telephone notes in an MP4 instead of turning its pictures."""
    cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarters_clockwise % 4]
    one = 1 << 16
    matrix = struct.pack(">9i", cos * one, sin * one, 0, -sin * one, cos * one, 0, 0, 0, 1 << 30)
    data = bytearray(path.read_bytes())
    # The matrix stands 40 bytes after the name of the track's header box (ISO 14496-12, 8.3.2, version 0).
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + len(matrix)] = matrix
    path.write_bytes(bytes(data))
    return path
