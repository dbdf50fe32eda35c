"""Where a session's looks come from: the camera's pictures, tracked on a thread, or the synthetic body of a demo."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loosen.errors import InputError, LoosenError
from loosen.page.live.messages import CameraPicture, DrawnLandmark, DrawnLandmarks
from loosen.page.live.outbox import Outbox
from loosen.page.live.session_runner import SessionRunner

if TYPE_CHECKING:
    from loosen.body.pose import Look
    from loosen.camera.blazepose.tracker import Tracker
    from loosen.coach.guidance.demo_body import DemoBody
    from loosen.page.live.one_euro import OneEuro

_log = logging.getLogger("loosen.page")

RETRY_AFTER_S = 1.0
"""How long after a failure of the tracker a new one is made."""
LAST_LOOK_S = 2.0
DEMO_LOOKS_PER_S = 25.0
DEMO_LATE_S = 0.5


class TrackerPool:
    """The trackers of all connections: one is made ahead on a thread, and each is used again.

    Two threads track, however many pages are open: a third would only slow down the others.
    """

    def __init__(self, new_tracker: Callable[[], Tracker]) -> None:
        self.threads = ThreadPoolExecutor(2, thread_name_prefix="camera")
        self._new_tracker = new_tracker
        self._spare: deque[Tracker] = deque(maxlen=1)
        self._first: Future[None] | None = None

    def warm_up(self) -> None:
        """Start to load the first tracker, which takes longer than the page does to open."""
        if self._first is None:
            self._first = self.threads.submit(self._make_ahead)

    def take(self) -> Tracker:
        """Return a tracker that nobody else uses. Must be called on one of `threads`."""
        if self._first is not None:
            # Another thread may be making it now: waiting for it is quicker than making a second one.
            self._first.result()
        with suppress(IndexError):
            return self._spare.pop()
        return self._new_tracker()

    def give_back(self, tracker: Tracker) -> None:
        """Take back a tracker; its next picture will show another person."""
        tracker.reset()
        self._spare.append(tracker)

    def close(self) -> None:
        self.threads.shutdown(wait=False, cancel_futures=True)

    def _make_ahead(self) -> None:
        try:
            self.give_back(self._new_tracker())
        except Exception as error:
            _log.error("the pose tracker could not be loaded: %s", error)


@dataclass(frozen=True, slots=True)
class TrackedPicture:
    """The result for one picture: a look and landmarks to draw, or `why` not (`bad`: the picture is at fault)."""

    picture: CameraPicture
    look: Look | None = None
    landmarks: list[DrawnLandmark] | None = None
    why: str = ""
    bad: bool = False


class PictureTracker:
    """Tracks one connection's pictures, one at a time; of those that arrive meanwhile only the newest waits.

    `tell` is called on the event loop with each result. `clock` in seconds.
    """

    def __init__(self, pool: TrackerPool, tell: Callable[[TrackedPicture], None], clock: Callable[[], float]) -> None:
        self._pool = pool
        self._tell = tell
        self._clock = clock
        self._waiting: tuple[CameraPicture, float] | None = None
        self._offered = asyncio.Event()
        self._tracker: Tracker | None = None
        self._filter: OneEuro | None = None
        self._retry_s = float("-inf")
        self._under_way: Future[TrackedPicture] | None = None

    def offer(self, picture: CameraPicture, taken_s: float) -> CameraPicture | None:
        """Put a picture next in line; return the one that it replaces, if any."""
        replaced, self._waiting = self._waiting, (picture, taken_s)
        self._offered.set()
        return None if replaced is None else replaced[0]

    async def run(self) -> None:
        """Track until cancelled."""
        while True:
            await self._offered.wait()
            self._offered.clear()
            waiting, self._waiting = self._waiting, None
            if waiting is not None:
                self._under_way = self._pool.threads.submit(self._track, *waiting)
                self._tell(await asyncio.wrap_future(self._under_way))

    async def close(self) -> None:
        """Give the tracker back. Only after `run` has ended."""
        if self._under_way is not None:
            # Cancelling `run` does not stop the thread, and two threads must never share a tracker.
            await asyncio.to_thread(wait, [self._under_way], timeout=LAST_LOOK_S)
            if not self._under_way.done():
                return
        if self._tracker is not None:
            self._pool.give_back(self._tracker)
            self._tracker = None

    def _track(self, picture: CameraPicture, taken_s: float) -> TrackedPicture:
        from loosen.camera.jpeg import decode_jpeg
        from loosen.page.live.one_euro import OneEuro, drawn

        try:
            rgb = decode_jpeg(picture.jpeg)
        except Exception as error:
            if not isinstance(error, InputError):
                _log.exception("a picture could not be read")
            return TrackedPicture(picture, why=str(error), bad=True)
        if self._clock() < self._retry_s:
            return TrackedPicture(picture)
        try:
            self._tracker = self._tracker or self._pool.take()
            self._filter = self._filter or OneEuro()
            look = self._tracker.look(rgb, taken_s)
            return TrackedPicture(picture, look, drawn(look.pose, self._filter))
        except Exception as error:
            # The state of a tracker that failed is unknown: a later picture gets a new one.
            self._tracker, self._retry_s = None, self._clock() + RETRY_AFTER_S
            _log.exception("the pose tracker failed and will be made anew")
            return TrackedPicture(picture, why=str(error) if isinstance(error, LoosenError) else "")


async def play_demo(
    body: DemoBody, runner: Callable[[], SessionRunner | None], outbox: Outbox, now_s: Callable[[], float]
) -> None:
    """Show the session under way, if any, what the synthetic body does, `DEMO_LOOKS_PER_S` times a second."""
    from loosen.page.live.one_euro import OneEuro, drawn

    smoothing = OneEuro()
    due_s = now_s()
    while True:
        due_s += 1 / DEMO_LOOKS_PER_S
        if due_s < now_s() - DEMO_LATE_S:
            # The machine slept or is too slow: the looks that were missed are left out.
            due_s = now_s()
        await asyncio.sleep(max(0.0, due_s - now_s()))
        session, t_s = runner(), now_s()
        if session is None or session.stage is None:
            continue
        try:
            look = body.looks_at(t_s, session.stage)
        except Exception:
            _log.exception("the synthetic body failed and goes on")
            await asyncio.sleep(1)
            continue
        if look is not None:
            session.see(t_s, look)
        outbox.landmarks(DrawnLandmarks(None, None if look is None else drawn(look.pose, smoothing)))
