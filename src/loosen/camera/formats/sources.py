"""A recording to watch, whatever it is: a clip or a landmark track."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from loosen.body.pose import Look
from loosen.camera.blazepose.region import Picture
from loosen.camera.formats.markers import read_markers
from loosen.camera.formats.track_file import Track, read_track
from loosen.camera.formats.video import Clip, open_clip
from loosen.errors import RecordingError

if TYPE_CHECKING:
    from loosen.camera.blazepose.tracker import Tracker


class Recording:
    """A recording that can be watched, once or several times.

    `kind`: "clip" or "track". `size`: (width, height) px. `duration_s`, `frames_estimate`: None when unknown.
    """

    def __init__(self, path: Path, source: Clip | Track) -> None:
        self.path = path
        self._source = source
        self.size = source.size
        self.duration_s: float | None = source.duration_s
        self.frames_estimate: int | None = (
            len(source) if isinstance(source, Track) else source.frames_estimate
        )

    @property
    def kind(self) -> Literal["clip", "track"]:
        """What the recording is."""
        return "track" if isinstance(self._source, Track) else "clip"

    @property
    def broken_at_s(self) -> float | None:
        """Once watched: the time at which the file was found unreadable, if it was."""
        return None if isinstance(self._source, Track) else self._source.broken_at_s

    def __iter__(self) -> Iterator[Look]:
        return (look for look, _ in self.shown())

    def shown(
        self, threads: int = 2, tracker: Callable[[], Tracker] | None = None
    ) -> Iterator[tuple[Look, Picture | None]]:
        """Yield what is seen in each frame, with its picture (h, w, 3) when there is one.

        `threads`: for the neural network, when the recording is a clip. `tracker`: gives the one to use, so that
        many clips need only one; it begins anew with each.
        """
        if isinstance(self._source, Track):
            for pose in self._source.poses():
                yield Look(pose, people=int(pose.found)), None
            return
        from loosen.camera.blazepose.tracker import Tracker

        eye = tracker() if tracker is not None else Tracker(threads)
        eye.reset()
        for t_s, rgb in self._source:
            yield eye.look(rgb, t_s), rgb


def open_recording(path: str | Path, *, decoders: int = 0) -> Recording:
    """Open a clip, an .npz track or a .trc file; raise RecordingError for anything else.

    `decoders`: threads that decode a clip (0: as many as are good for one clip alone).
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind == ".trc":
        return Recording(path, read_markers(path))
    if kind == ".mot":
        raise RecordingError(
            f"{path}: angles by time, without points. Watch the .trc that they were made from."
        )
    is_track = kind == ".npz" or (path.is_file() and zipfile.is_zipfile(path))
    return Recording(path, read_track(path) if is_track else open_clip(path, decoders))
