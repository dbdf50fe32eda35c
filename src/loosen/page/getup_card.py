"""The get-up card of the page: the service's status, and today's sits from the journal.

Page and service work without each other: without the service the card shows the day, without the page the service asks
by itself.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from loosen.errors import GetUpError, LoosenError
from loosen.getup import control_socket
from loosen.journal.outcomes.sit_log import as_values
from loosen.page.journal_thread import JournalThread

ANSWER_AT_MOST_S = 4.0
"""A page waits no longer for the service, which answers at once unless it hangs."""


class GetUpCard:
    """The facts of the card, and the requests to the service. `folder`: where the service's socket is."""

    def __init__(self, folder: Path, journal: JournalThread) -> None:
        self._folder, self._journal = folder, journal
        # One request at a time; however many pages want the status, it is asked for once.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="getup")
        self._status: Future[dict[str, Any] | None] | None = None

    async def facts(self) -> dict[str, Any]:
        """Return the service's status (None if it does not run or answer), today's sits, and the local time."""
        now = self._journal.now()
        status = None
        with suppress(TimeoutError, RuntimeError):
            if self._status is None or self._status.done():
                self._status = self._thread.submit(self._ask_status)
            # Shielded, because other pages may wait for the same answer.
            answer = asyncio.shield(asyncio.wrap_future(self._status))
            status = await asyncio.wait_for(answer, ANSWER_AT_MOST_S)
        today = now.date()
        try:
            sits = await asyncio.wrap_future(self._journal.submit(lambda journal: journal.sits(today, today)))
        except (LoosenError, RuntimeError):
            sits = ()
        return {"now": now.isoformat(timespec="seconds"), "service": status} | as_values(sits)

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
        """Ask nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _ask_status(self) -> dict[str, Any] | None:
        with suppress(GetUpError):
            return control_socket.ask(self._folder, {"do": "status"})
        return None
