"""Writes a clip with the body drawn over it, and the count and the cue in a strip beneath."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from loosen.body.pose import Pose
from loosen.camera.blazepose.region import RgbImage
from loosen.camera.silhouette import draw_body
from loosen.coach.counting.coach import Coach
from loosen.coach.guidance.cues import best_cue
from loosen.errors import InputError
from loosen.files import replacing
from loosen.routine.model import Routine
from loosen.routine.words import load_words

# Times are kept to the millisecond, so that a clip of varying frame rate keeps its own time.
TICK = Fraction(1, 1000)
ENCODERS = ("libx264", "h264", "mpeg4")

INK = (250, 250, 247)
SOFT = (160, 186, 184)
GROUND = (24, 32, 36)
BOLD, REGULAR = 700, 450
# Shares of the strip's height, and the strip's own share of the picture's shorter side.
STRIP, COUNT, PHASE, CUE, PAD = 0.2, 0.5, 0.22, 0.3, 0.16
# Where the cue begins, as a share of the width: it does not move when the count grows.
CUE_FROM = 0.34
MIN_TEXT_PX = 9


@dataclass(frozen=True, slots=True, eq=False)
class OverlayFrame:
    """A picture (h, w, 3) with the pose to draw over it, and the texts of the strip."""

    rgb: RgbImage
    pose: Pose
    count: str = ""
    phase: str = ""
    cue: str = ""


def overlay_frames(
    pictures: Iterable[tuple[float, RgbImage]],
    poses: Sequence[Pose],
    routine: Routine,
    exercise: str,
    progress: Callable[[float], None],
) -> Iterator[OverlayFrame]:
    """Yield a clip's pictures with their poses, and with what the coach says of the exercise at each of them.

    `progress` is given the share that is done, 0..1.
    """
    words, texts = load_words(routine.language), routine.exercise(exercise)
    coach = Coach(routine, exercise, words)
    count, cue = 0, ""
    for n, ((_, rgb), pose) in enumerate(zip(pictures, poses, strict=False), 1):
        for rep in coach.see(pose):
            count += rep.counted
            cue = best_cue(texts, [rep], words)
        phase = coach.counter(exercise).phase
        said = "" if phase == "rest" else getattr(texts.words, phase)
        yield OverlayFrame(rgb, pose, str(count), said, cue)
        progress(n / len(poses))


def write_overlay(path: Path, frames: Iterable[OverlayFrame], size: tuple[int, int], fps: float) -> None:
    """Write an MP4, which appears under its name only when it is complete.

    `size`: (width, height) px of the pictures. `fps`: roughly, for the encoder's planning; each frame keeps its
    own time, and one that is not later than the frame before is left out. Raises InputError when the file cannot be
    written, or there is no frame.
    """
    # The encoders want even sides; the odd row or column is left off.
    width, height = (max(2, side // 2 * 2) for side in size)
    panel = Panel(width, height)
    canvas: RgbImage = np.empty((height + panel.height, width, 3), np.uint8)
    last_tick = -1
    try:
        with replacing(path) as part, av.open(part, "w", format="mp4", options={"movflags": "+faststart"}) as container:
            stream = _new_stream(container, canvas.shape, fps)
            for frame in frames:
                tick = round(frame.pose.t_s / TICK)
                if tick <= last_tick:
                    continue
                last_tick = tick
                canvas[:height] = frame.rgb[:height, :width]
                draw_body(canvas[:height], frame.pose)
                canvas[height:] = panel.strip(frame.count, frame.phase, frame.cue)
                video = VideoFrame.from_ndarray(canvas, format="rgb24")
                video.pts, video.time_base = tick, TICK
                container.mux(stream.encode(video))
            if last_tick < 0:
                raise InputError(f"{path}: not written, for there was no picture to draw on.")
            container.mux(stream.encode(None))
    except (av.error.FFmpegError, OSError) as error:
        raise InputError(f"{path}: could not be written ({error}).") from error


def _new_stream(container: OutputContainer, shape: tuple[int, ...], fps: float) -> VideoStream:
    name = next(name for name in ENCODERS if name in av.codecs_available and _can_encode(name))
    rate = Fraction(min(max(fps, 1.0), 240.0)).limit_denominator(1001) if math.isfinite(fps) else Fraction(30)
    stream = container.add_stream(name, rate=rate)
    assert isinstance(stream, VideoStream)
    stream.height, stream.width = shape[:2]
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


class Panel:
    """The strip under a picture: `width` px wide, `height` px high, with texts that can be read from afar."""

    def __init__(self, width: int, picture_height: int) -> None:
        self.width = width
        self.height = max(48, round(STRIP * min(width, picture_height)) // 2 * 2)
        self._font = cv2.FontFace("sans")
        # The texts stay for many frames, so they are drawn only when they change.
        self._texts: tuple[str, str, str] | None = None
        self._strip: RgbImage = np.empty((self.height, width, 3), np.uint8)

    def strip(self, count: str, phase: str, cue: str) -> RgbImage:
        """Return the strip (height, width, 3) with these texts, to be read only until the next call."""
        if self._texts != (count, phase, cue):
            self._texts = (count, phase, cue)
            self._strip[:] = GROUND
            pad, left = round(PAD * self.height), round(CUE_FROM * self.width)
            self._put(count, COUNT, BOLD, INK, pad, 0.4 if phase else 0.5, left - 2 * pad)
            self._put(phase, PHASE, REGULAR, SOFT, pad, 0.78, left - 2 * pad)
            self._put(cue, CUE, BOLD, INK, left, 0.5, self.width - left - pad)
        return self._strip

    def _put(
        self, text: str, share: float, weight: int, ink: tuple[int, int, int], left: int, middle: float, room: int
    ) -> None:
        """Draw one line whose letters' middle is at `middle` of the height, smaller when it is too long."""
        size = round(share * self.height)
        while size > MIN_TEXT_PX:
            if cv2.getTextSize((100_000, 1000), text, (0, 0), self._font, size, weight)[2] <= room:
                break
            size -= 1
        # Capitals of this face are 0.7 of its size high.
        base = round(middle * self.height + 0.35 * size)
        cv2.putText(self._strip, text, (left, base), ink, self._font, size, weight)
