"""What is on its way to one page: never more than a little, however slowly the page reads."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from loosen.coach.guidance.stage import Stage
from loosen.page.messages import Points, ToPage, Word, to_page

STAGE_EVERY_S = 0.05
SENDING_AT_MOST_S = 10.0


class Outbox:
    """Collects messages and sends them in order.

    Words wait in a short queue whose oldest are given up first; of stages and points only the newest count,
    because each replaces the one before. `clock` in seconds.
    """

    def __init__(self, send: Callable[[str], Awaitable[None]], clock: Callable[[], float]) -> None:
        self._send = send
        self._clock = clock
        self._words: deque[Word] = deque(maxlen=64)
        self._points: deque[Points] = deque(maxlen=4)
        self._stage: Stage | None = None
        self._stage_last: Stage | None = None
        self._stage_at_s = float("-inf")
        self._something = asyncio.Event()

    def put(self, message: Word) -> None:
        """Send this at once."""
        self._words.append(message)
        self._something.set()

    def points(self, points: Points) -> None:
        """Send the answer to a picture at once."""
        self._points.append(points)
        self._something.set()

    def stage(self, stage: Stage) -> None:
        """Send this if it is news, at the latest `STAGE_EVERY_S` after the one before."""
        self._stage = None if stage == self._stage_last else stage
        if self._stage is not None:
            self._something.set()

    def begin_anew(self) -> None:
        """Send the next stage in any case: a new session may open with what the last one showed."""
        self._stage = self._stage_last = None

    async def run(self) -> None:
        """Send until cancelled. TimeoutError if the page does not take anything any more."""
        while True:
            message = self._next()
            if message is not None:
                await asyncio.wait_for(self._send(to_page(message)), SENDING_AT_MOST_S)
                continue
            self._something.clear()
            wait_s = None if self._stage is None else max(0.0, self._due_s() - self._clock())
            try:
                await asyncio.wait_for(self._something.wait(), wait_s)
            except TimeoutError:
                continue

    def _due_s(self) -> float:
        return self._stage_at_s + STAGE_EVERY_S

    def _next(self) -> ToPage | None:
        if self._points:
            return self._points.popleft()
        if self._stage is not None and self._clock() >= self._due_s():
            # Before the words: what is said belongs to what is shown.
            self._stage, self._stage_last = None, self._stage
            self._stage_at_s = self._clock()
            return self._stage_last
        return self._words.popleft() if self._words else None
