"""Pictures to looks, one at a time on a thread; of those that come meanwhile only the newest waits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from loosen.errors import InputError, LoosenError
from loosen.page.messages import Picture, Point
from loosen.page.parts import Parts, TrackerLike

if TYPE_CHECKING:
    from loosen.body.pose import Look
    from loosen.page.one_euro import OneEuro

_log = logging.getLogger("loosen.page")

TRY_AGAIN_S = 1.0
"""After the tracker has failed, so long until a new one is made."""
LAST_LOOK_S = 2.0


class Trackers:
    """The trackers of all connections: made ahead on a thread, handed out, and taken back.

    Two threads look at pictures, however many pages are open: a third would only slow down the others.
    """

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.threads = ThreadPoolExecutor(2, thread_name_prefix="camera")
        self._spare: list[TrackerLike] = []
        self._lock = Lock()
        self._first: Future[None] | None = None

    def warm_up(self) -> None:
        """Start to load the tracker, which takes longer than the page does to open."""
        if self._first is None:
            self._first = self.threads.submit(self._make_ahead)

    def take(self) -> TrackerLike:
        """Return a tracker that nobody else uses; on a thread of `threads`."""
        if self._first is not None:
            # Made by another thread at this moment, perhaps: waiting for it is quicker than making one more.
            self._first.result()
        with self._lock:
            spare = self._spare.pop() if self._spare else None
        return spare or self.parts.new_tracker()

    def give_back(self, tracker: TrackerLike) -> None:
        """Take a tracker back; its next picture is of somebody else."""
        tracker.reset()
        with self._lock:
            if not self._spare:
                self._spare.append(tracker)

    def close(self) -> None:
        """Start nothing new."""
        self.threads.shutdown(wait=False, cancel_futures=True)

    def _make_ahead(self) -> None:
        try:
            self.give_back(self.parts.new_tracker())
        except Exception as error:
            _log.error("the pose tracker could not be loaded: %s", error)


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a picture: a look and points to draw, or why not (`bad`: the picture's fault)."""

    picture: Picture
    look: Look | None = None
    points: list[Point] | None = None
    why: str = ""
    bad: bool = False


class Watcher:
    """Looks at one connection's pictures. `tell` is called on the loop with what came of each."""

    def __init__(self, trackers: Trackers, tell: Callable[[Seen], None], clock: Callable[[], float]) -> None:
        self._trackers = trackers
        self._tell = tell
        self._clock = clock
        self._waiting: tuple[Picture, float] | None = None
        self._something = asyncio.Event()
        self._tracker: TrackerLike | None = None
        self._steady: OneEuro | None = None
        self._again_s = float("-inf")
        self._under_way: Future[Seen] | None = None

    def offer(self, picture: Picture, taken_s: float) -> Picture | None:
        """Put a picture next in line; return the one that it replaces, if any."""
        replaced, self._waiting = self._waiting, (picture, taken_s)
        self._something.set()
        return None if replaced is None else replaced[0]

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self._something.wait()
            self._something.clear()
            waiting, self._waiting = self._waiting, None
            if waiting is not None:
                self._under_way = self._trackers.threads.submit(self._look, *waiting)
                self._tell(await asyncio.wrap_future(self._under_way))

    async def close(self) -> None:
        """Give the tracker back. Only after `run` has ended."""
        if self._under_way is not None:
            # Cancelling `run` does not stop a look on its thread, and two must never share a tracker.
            await asyncio.to_thread(wait, [self._under_way], timeout=LAST_LOOK_S)
            if not self._under_way.done():
                return
        if self._tracker is not None:
            self._trackers.give_back(self._tracker)
            self._tracker = None

    def _look(self, picture: Picture, taken_s: float) -> Seen:
        from loosen.page.one_euro import OneEuro, drawn

        try:
            rgb = self._trackers.parts.decode(picture.jpeg)
        except InputError as error:
            return Seen(picture, why=str(error), bad=True)
        except Exception as error:
            _log.exception("a picture could not be read")
            return Seen(picture, why=str(error), bad=True)
        if self._clock() < self._again_s:
            return Seen(picture)
        try:
            if self._tracker is None:
                self._tracker = self._trackers.take()
            look = self._tracker.look(rgb, taken_s)
            if self._steady is None:
                self._steady = OneEuro()
            return Seen(picture, look, drawn(look.pose, self._steady))
        except Exception as error:
            # What state it is in is not known: the next picture gets a new one, a little later.
            self._tracker, self._again_s = None, self._clock() + TRY_AGAIN_S
            _log.exception("the pose tracker failed and will be made anew")
            return Seen(picture, why=str(error) if isinstance(error, LoosenError) else "")
