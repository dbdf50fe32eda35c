"""The stand-in server running beside a test, and a browser page on it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn
from browsing import CAMERA, QUIET

from page_stub.serve import Stub

if TYPE_CHECKING:
    from playwright.sync_api import Page

BROWSER = [*QUIET, *CAMERA]


class Running:
    """A stub that serves: its address, what it heard, and a way to put a message on every line."""

    def __init__(self, stub: Stub, server: uvicorn.Server, port: int) -> None:
        self.stub = stub
        self.server = server
        self.address = f"http://127.0.0.1:{port}"

    def commands(self) -> list[str]:
        return [told["name"] for told in self.stub.heard if told["type"] == "command"]

    def troubles(self) -> list[str]:
        return [told["what"] for told in self.stub.heard if told["type"] == "trouble"]

    def send(self, page: Page, message: dict[str, Any]) -> None:
        """Put a message on the line, and wait until a stage it carries is shown."""
        page.request.post(f"{self.address}/stub/send", data=message)
        if message["type"] == "stage":
            page.wait_for_selector(f"body[data-screen='{message['screen']}'] h1", state="attached")
            page.wait_for_timeout(60)


@contextmanager
def running(*, demo: bool = False) -> Iterator[Running]:
    """Serve a quiet stub on a free port."""
    stub = Stub(demo=demo, plays=False)
    listening = socket.create_server(("127.0.0.1", 0))
    settings = uvicorn.Config(stub.app, ws="websockets-sansio", log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield Running(stub, server, listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
