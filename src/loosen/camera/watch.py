"""Watching one recording whole, with the coach's engine: what `loosen watch` and the archive have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from loosen.body.pose import Pose
from loosen.camera.formats.sources import open_recording
from loosen.coach.counting.recording import Coach
from loosen.coach.counting.report import Report
from loosen.errors import InputError
from loosen.routine.model import Routine

if TYPE_CHECKING:
    from loosen.camera.blazepose.tracker import Tracker


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one recording: its report, or the error.

    `broken_at_s`: where the file could not be read on. `also`: how many repetitions of the routine's other
    movements were counted in it, by exercise id.
    """

    report: Report | None
    error: str = ""
    exit_code: int = 0
    broken_at_s: float | None = None
    also: Mapping[str, int] = field(default_factory=dict)


def watch_recording(
    path: Path,
    routine: Routine,
    exercise: str | None = None,
    *,
    name: str | None = None,
    threads: int = 2,
    decoders: int = 0,
    tracker: Callable[[], Tracker] | None = None,
    progress: Callable[[float], None] | None = None,
    poses: list[Pose] | None = None,
) -> Outcome:
    """Watch a clip or a track from beginning to end; that it cannot be watched is an outcome too.

    What is not the recording's fault is raised: MissingPart, MemoryError.

    `name`: what it is called in the report (default: its path). `progress` is told, at each frame, which share
    (0..1) is done, 0 where that is not known. `poses`: a list to keep them in.
    """
    name = str(path) if name is None else name
    try:
        if not path.name:
            raise InputError("A recording's name is missing.")
        if path.is_dir():
            raise InputError(f"{path} is a folder. Name the recordings in it, for example {path}/*.mp4")
        recording = open_recording(path, decoders=decoders)
        coach = Coach(routine, exercise)
        expected = recording.frames_estimate or 0
        for look, _ in recording.shown(threads, tracker):
            coach.see(look.pose)
            if poses is not None:
                poses.append(look.pose)
            if progress is not None:
                progress(min(coach.frames / expected, 1.0) if expected else 0.0)
        coach.finish()
    except InputError as error:
        return Outcome(None, str(error).replace(str(path), name), error.exit_code)
    return Outcome(coach.report(name), broken_at_s=recording.broken_at_s, also=coach.also())
