"""Watching a whole recording: pictures or poses in, the coach's report out."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from loosen.body.pose import Pose
from loosen.camera.blazepose.region import RgbImage
from loosen.camera.formats.markers import read_markers
from loosen.camera.formats.track_file import Track, read_track
from loosen.camera.formats.video import Clip, open_clip
from loosen.coach.counting.coach import Coach
from loosen.coach.counting.rep import Report
from loosen.coach.routine_check import vet_choice
from loosen.errors import InputError, RecordingError
from loosen.routine.model import Routine
from loosen.routine.reader import builtin

if TYPE_CHECKING:
    from loosen.camera.blazepose.tracker import Tracker

Frame: TypeAlias = Pose | tuple[float, RgbImage]
"""A pose, or a picture to find one in: its time in seconds and its pixels, RGB (h, w, 3) uint8."""


def watch(
    source: str | os.PathLike[str] | Iterable[Frame],
    exercise: str | None = None,
    *,
    routine: Routine | None = None,
    name: str | None = None,
    threads: int = 2,
    decoders: int = 0,
    tracker: Callable[[], Tracker] | None = None,
    progress: Callable[[float], None] | None = None,
    poses: list[Pose] | None = None,
) -> Report:
    """Return what the coach says of a clip, a landmark track (.npz, .trc), or frames in the order of time.

    `exercise`: an id of `routine` (default: the built-in one); without it the one with most counted repetitions is
    reported. `name`: the recording's name in the report (default: its path). `threads`: for the neural network;
    `decoders`: for the clip (0: the library's choice). `tracker`: returns the one to use, so that many clips share
    one. `progress` is given the share that is done (0..1; 0 where that is not known) after each frame. `poses`: a
    list to which each frame's pose is added.

    Raises RecordingError when the recording cannot be read, InputError when the routine has no such exercise, and
    MissingPart when the pose model is not installed.
    """
    routine = builtin() if routine is None else routine
    vet_choice(routine, exercise)
    coach = Coach(routine, exercise)
    recording: Clip | Track | None = None
    frames: Iterable[Frame]
    if isinstance(source, str | os.PathLike):
        frames = recording = open_recording(source, decoders=decoders)
        name = str(source) if name is None else name
    else:
        frames = source
    expected = recording.frames_estimate if recording is not None else None
    for pose in find_poses(frames, threads, tracker):
        coach.see(pose)
        if poses is not None:
            poses.append(pose)
        if progress is not None:
            progress(min(coach.frames / expected, 1.0) if expected else 0.0)
    coach.finish()
    report = coach.report("frames" if name is None else name)
    return msgspec.structs.replace(report, broken_at_s=recording.broken_at_s if recording is not None else None)


def open_recording(path: str | os.PathLike[str], *, decoders: int = 0) -> Clip | Track:
    """Open a clip, an .npz track or a .trc file; raise InputError when it is none of them.

    `decoders`: threads that decode a clip (0: as many as are good for one clip alone).
    """
    path = Path(path)
    if not path.name:
        raise InputError("A recording's name is missing.")
    if path.is_dir():
        raise InputError(f"{path} is a folder. Name the recordings in it, for example {path}/*.mp4")
    if path.suffix.lower() == ".mot":
        raise RecordingError(f"{path}: angles by time, without points. Watch the .trc that they were made from.")
    if not is_track(path):
        return open_clip(path, decoders)
    return read_markers(path) if path.suffix.lower() == ".trc" else read_track(path)


def is_track(path: Path) -> bool:
    """Return whether a recording has poses and no pictures."""
    return path.suffix.lower() in (".trc", ".npz") or (path.is_file() and zipfile.is_zipfile(path))


def find_poses(
    frames: Iterable[Frame], threads: int = 2, tracker: Callable[[], Tracker] | None = None
) -> Iterator[Pose]:
    """Yield the pose in each frame; the tracker is loaded at the first picture and begins anew.

    `threads` and `tracker` as in `watch`.
    """
    loaded: Tracker | None = None
    for frame in frames:
        if isinstance(frame, Pose):
            yield frame
            continue
        if loaded is None:
            from loosen.camera.blazepose.tracker import Tracker

            loaded = Tracker(threads) if tracker is None else tracker()
            loaded.reset()
        t_s, rgb = frame
        yield loaded.look(rgb, t_s).pose
