"""Sitting and getting up, as the page's card shows it: the service's status, and today's sits from the journal.

Neither needs the other: without the service the card shows the day, without the page the service asks by itself.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from loosen.errors import GetUpError, LoosenError
from loosen.getup import control
from loosen.getup.show import as_values
from loosen.page.keeper import Keeper


class Sitting:
    """The card's facts and wishes. `folder`: where the service's socket lies."""

    def __init__(self, folder: Path, keeper: Keeper) -> None:
        self._folder, self._keeper = folder, keeper
        # One at a time: the service answers at once, or it does not run.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sitting")

    async def facts(self) -> dict[str, Any]:
        """Return the service's status (None if it does not run), today's sits, and the local time."""
        now = self._keeper.now()
        status = None
        with suppress(GetUpError):
            status = await self._ask({"do": "status"})
        today = now.date()
        try:
            sits = await asyncio.wrap_future(self._keeper.soon(lambda journal: journal.sits(today, today)))
        except (LoosenError, RuntimeError):
            sits = ()
        return {"now": now.isoformat(timespec="seconds"), "service": status} | as_values(sits)

    async def ask(self, request: dict[str, Any]) -> None:
        """Ask something of the service. GetUpError says why it cannot be done."""
        await self._ask(request)

    def moved(self, *, seen: bool) -> None:
        """Tell the service, if it runs, that something was done standing."""

        def tell() -> None:
            with suppress(GetUpError):
                control.ask(self._folder, {"do": "moved", "seen": seen})

        self._thread.submit(tell)

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, control.ask, self._folder, request)
