"""The demo: looks come from the synthetic body instead of a camera; all else is as in a real session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from loosen.page.messages import Points
from loosen.page.outbox import Outbox
from loosen.page.parts import LookSource
from loosen.page.session_runner import Running

_log = logging.getLogger("loosen.page")

LOOKS_PER_S = 25.0
LATE_S = 0.5


async def play(
    source: LookSource,
    running: Callable[[], Running | None],
    outbox: Outbox,
    now_s: Callable[[], float],
) -> None:
    """Show whatever session is running what `source` does, `LOOKS_PER_S` times a second, until cancelled."""
    from loosen.page.one_euro import OneEuro, drawn

    steady = OneEuro()
    due_s = now_s()
    while True:
        due_s += 1 / LOOKS_PER_S
        if due_s < now_s() - LATE_S:
            # The machine slept or is too slow: what was missed is missed.
            due_s = now_s()
        await asyncio.sleep(max(0.0, due_s - now_s()))
        at = running()
        stage = at.stage() if at is not None else None
        if at is None or stage is None or not at.camera:
            continue
        t_s = now_s()
        try:
            look = source.looks_at(t_s, stage)
        except Exception:
            _log.exception("the synthetic body failed and goes on")
            await asyncio.sleep(1)
            continue
        if look is None:
            outbox.points(Points(None, None))
            continue
        at.see(t_s, look)
        outbox.points(Points(None, drawn(look.pose, steady)))
