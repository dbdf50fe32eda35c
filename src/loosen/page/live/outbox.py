"""The queue of messages to one page. It stays short, however slowly the page reads."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress

from loosen.coach.guidance.stage import Stage
from loosen.page.live.messages import Announcement, DrawnLandmarks, ToPage, to_page

STAGE_EVERY_S = 0.05
SENDING_AT_MOST_S = 10.0


class Outbox:
    """Collects messages and sends them in order.

    Announcements wait in a short queue that drops its oldest first. Of stages only the newest is kept, and of landmarks
    the last few, because each replaces the one before. `clock` in seconds.
    """

    def __init__(self, send: Callable[[str], Awaitable[None]], clock: Callable[[], float]) -> None:
        self._send = send
        self._clock = clock
        self._announcements: deque[Announcement] = deque(maxlen=64)
        self._landmarks: deque[DrawnLandmarks] = deque(maxlen=4)
        self._stage: Stage | None = None
        self._stage_last: Stage | None = None
        self._stage_due_s = float("-inf")
        self._waiting = asyncio.Event()

    def put(self, message: Announcement) -> None:
        """Send this at once."""
        self._announcements.append(message)
        self._waiting.set()

    def landmarks(self, landmarks: DrawnLandmarks) -> None:
        """Send the answer to a picture at once."""
        self._landmarks.append(landmarks)
        self._waiting.set()

    def stage(self, stage: Stage) -> None:
        """Send the stage if it has changed, at the latest `STAGE_EVERY_S` after the one before."""
        self._stage = None if stage == self._stage_last else stage
        if self._stage is not None:
            self._waiting.set()

    def begin_anew(self) -> None:
        """Send the next stage even if it is unchanged: a new session may open with what the last one showed."""
        self._stage = self._stage_last = None

    async def run(self) -> None:
        """Send until cancelled. TimeoutError if the page no longer takes anything."""
        while True:
            if (message := self._next()) is not None:
                # Not `wait_for`, which loses a cancellation in Python 3.11 if something comes at the same moment.
                async with asyncio.timeout(SENDING_AT_MOST_S):
                    await self._send(to_page(message))
                continue
            self._waiting.clear()
            wait_s = None if self._stage is None else max(0.0, self._stage_due_s - self._clock())
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._waiting.wait()

    def _next(self) -> ToPage | None:
        if self._landmarks:
            return self._landmarks.popleft()
        if self._stage is not None and self._clock() >= self._stage_due_s:
            # The stage goes before the announcements: what is said belongs to what is shown.
            self._stage, self._stage_last = None, self._stage
            self._stage_due_s = self._clock() + STAGE_EVERY_S
            return self._stage_last
        return self._announcements.popleft() if self._announcements else None
