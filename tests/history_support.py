"""Servers whose journal holds made-up sessions, and a choice as the page sends it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from journal_makers import EVENING
from journals import fill, made_up
from page_support import PATIENCE_S, PageServer

from loosen.journal.store.journal import Journal
from loosen.page.journal_thread import JournalThread

NOW = EVENING + timedelta(minutes=5)


def with_sessions(n: int, **changes: Any) -> PageServer:
    """A server whose journal holds so many made-up sessions up to `NOW`."""

    def journal() -> Journal:
        held = Journal.in_memory()
        fill(held, made_up(n, now=NOW))
        own.opened.append(held)
        return held

    own = PageServer()
    return own.changed(journal=JournalThread(journal, lambda: NOW), **changes)


def chosen(served: PageServer, **message: Any) -> str:
    """Send a choice as the page does; return the type of the answer."""
    with served.page() as page:
        page.send(**message)
        while True:
            told = json.loads(page.socket.recv(timeout=PATIENCE_S))
            if told["type"] in ("chosen", "refused"):
                return str(told["type"])
