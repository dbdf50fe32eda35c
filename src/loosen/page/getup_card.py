"""The get-up card's connection to the service, and to today's sits in the journal.

Page and service work without each other: without the service the card shows the day, without the page the service asks
by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from loosen.errors import GetUpError, LoosenError
from loosen.getup import control_socket
from loosen.journal.store.records import Sit
from loosen.page.journal_thread import JournalThread
from loosen.page.views.getup_view import GetUpView, getup_view
from loosen.routine.words import Words

ANSWER_AT_MOST_S = 4.0
"""A page waits no longer for the service, which answers at once unless it hangs."""


class GetUpCard:
    """The facts of the card, and the requests to the service. `folder`: where the service's socket is."""

    def __init__(self, folder: Path, journal: JournalThread) -> None:
        self._folder, self._journal = folder, journal
        # One request at a time; however many pages want the status, it is asked for once.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="getup")
        self._status: Future[dict[str, Any] | None] | None = None

    async def view(self, words: Words) -> GetUpView:
        """Return what the card shows now."""
        return getup_view(self._journal.now(), await self.status(), await self.sits_today(), words)

    async def status(self) -> dict[str, Any] | None:
        """Return the service's status; None if it does not run or does not answer."""
        with suppress(TimeoutError, RuntimeError):
            if self._status is None or self._status.done():
                self._status = self._thread.submit(self._ask_status)
            # Shielded, because other pages may wait for the same answer.
            answer = asyncio.shield(asyncio.wrap_future(self._status))
            return await asyncio.wait_for(answer, ANSWER_AT_MOST_S)
        return None

    async def sits_today(self) -> Sequence[Sit]:
        """Return today's sits; none if the journal cannot be read."""
        today = self._journal.now().date()
        try:
            return await self._journal.use(lambda journal: journal.sits(today, today))
        except (LoosenError, RuntimeError):
            return ()

    async def ask(self, request: dict[str, Any]) -> None:
        """Send the service a request. GetUpError says why it cannot be done."""
        try:
            asked = self._thread.submit(control_socket.ask, self._folder, request)
            # A request that could not be passed on in time is dropped, not carried out later.
            await asyncio.wait_for(asyncio.wrap_future(asked), ANSWER_AT_MOST_S)
        except (TimeoutError, RuntimeError) as error:
            raise GetUpError("The get-up service does not answer: end it and start it again") from error

    def moved(self, *, seen: bool) -> None:
        """Tell the service, if it runs, that something was done standing."""

        def tell() -> None:
            with suppress(GetUpError):
                control_socket.ask(self._folder, {"do": "moved", "seen": seen})

        with suppress(RuntimeError):  # the card is closed
            self._thread.submit(tell)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _ask_status(self) -> dict[str, Any] | None:
        with suppress(GetUpError):
            return control_socket.ask(self._folder, {"do": "status"})
        return None
