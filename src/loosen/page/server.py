"""The local web server: it serves the page to this computer only, and opens it in the browser."""

from __future__ import annotations

import contextlib
import mimetypes
import os
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from loosen.errors import InputError
from loosen.page.api import Api, json_response
from loosen.page.guard import Guard, Keys
from loosen.page.live.messages import MAX_SOCKET_BYTES
from loosen.page.live.socket import LiveSocket
from loosen.page.running_servers import ServerRegister
from loosen.page.setup import PageSetup
from loosen.routine.words import Words

STATIC = Path(__file__).parent / "static"
LOOPBACK = "127.0.0.1"
USUAL_PORT = 8747
"""Tried first: what a browser remembers (colours, voice, camera and its permission) belongs to one port."""
SHUTDOWN_AT_MOST_S = 5
UNUSED_AFTER_S = 120.0
"""A server that was started for one movement ends so long after its last page was closed."""
_UNUSED_CHECK_S = 2.0

# The system's own table may differ, and a browser does not run a module that comes with the wrong type.
for _ending, _type in {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}.items():
    mimetypes.add_type(_type, _ending)


def make_app(setup: PageSetup, *, keys: Keys, port: int) -> Starlette:
    """Return the whole application for a server that listens on `port`."""
    live = LiveSocket(setup)

    async def index(_: Request) -> Response:
        return FileResponse(STATIC / "index.html")

    async def once(_: Request) -> Response:
        return json_response({"key": keys.once(), "proof": keys.proof})

    async def http_error(_: Request, error: HTTPException) -> Response:
        return PlainTextResponse(setup.words["server.nothing-here"] + "\n", error.status_code)

    async def refused(_: Request, error: InputError) -> Response:
        return json_response({"error": str(error)}, 404)

    async def went_wrong(_: Request, __: Exception) -> Response:
        return PlainTextResponse(setup.words["server.went-wrong"] + "\n", 500)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        live.trackers.close()
        if setup.getup is not None:
            setup.getup.close()
        await setup.journal.close()

    handlers: dict[Any, Any] = {HTTPException: http_error, InputError: refused, 500: went_wrong}
    app = Starlette(
        routes=[
            Route("/", index),
            Route("/once.json", once),
            *Api(setup).routes(),
            WebSocketRoute("/live", live.serve),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(Guard, keys=keys, port=port, words=setup.words)],
        exception_handlers=handlers,
        lifespan=lifespan,
    )
    app.state.live = live
    return app


def listen(port: int | None = 0) -> socket.socket:
    """Return a listening socket on loopback. InputError if it cannot be had.

    `port` 0 takes a free one; None takes `USUAL_PORT` or, where that cannot be had, a free one.
    """
    if port is None:
        with contextlib.suppress(InputError):
            return listen(USUAL_PORT)
        port = 0
    if not 0 <= port <= 65535:
        raise InputError(f"expected a port from 0 to 65535, got {port}")
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            # A port that was just left can be used again. (On Windows this option would allow sharing it.)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((LOOPBACK, port))
        # From here on a browser that comes early waits and is not refused.
        bound.listen(128)
    except OSError as error:
        bound.close()
        why = error.strerror or str(error)
        raise InputError(f"port {port} cannot be used ({why}): give another with --port, or leave it out") from error
    return bound


def make_server(app: Starlette) -> uvicorn.Server:
    """Return a server for `app`; run it with ``run(sockets=[listen()])``."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="websockets-sansio",
            ws_max_size=MAX_SOCKET_BYTES,
            # Compressed frames would let a small message grow large in memory.
            ws_per_message_deflate=False,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=64,
            timeout_graceful_shutdown=SHUTDOWN_AT_MOST_S,
        )
    )


def serve(
    setup: PageSetup,
    *,
    port: int | None = None,
    open_browser: bool = True,
    movement: str | None = None,
    register: ServerRegister | None = None,
    say: Callable[[str], None],
) -> None:
    """Serve until Ctrl-C.

    `port` as in `listen`. Tells `say` the address, line by line with what else is to be known, and opens it in the
    browser. With `movement` the page opens at that exercise, and the server ends by itself once its pages have been
    closed.

    Where the `register` knows of a server of the same journal and routine, the page is opened there instead, unless
    a `port` is asked for: one tab leads, and a second server would not know of the first one's. InputError if the
    port cannot be used; JournalError, the journal being untouched, if a newer loosen wrote it.
    """
    keys, words = Keys(), setup.words
    with register.locked() if register is not None else contextlib.nullcontext():
        others = register.running() if register is not None else ()
        bound = None
        if port is not None or not others or not others[0].same:
            # The port before the journal: a journal that was opened in vain would have to be closed again.
            bound = listen(port)
            if register is not None:
                register.enter(bound.getsockname()[1], keys)
    if bound is None:
        first = others[0]
        say(words("server.already", address=address(first.port, first.key)))
        if open_browser:
            _show(address(first.port, first.once, movement), words, say)
        return
    own_port: int = bound.getsockname()[1]
    try:
        notices = setup.journal.open()
        beside = [words("server.beside", address=address(other.port, other.key)) for other in others]
        for line in (words("server.address", address=address(own_port, keys.lasting)), *beside, *notices):
            say(line)
        if open_browser:
            _show(address(own_port, keys.once(), movement), words, say, wait=False)
        server = make_server(app := make_app(setup, keys=keys, port=own_port))
        if movement is not None:
            threading.Thread(target=_end_when_unused, args=(server, app.state.live), daemon=True).start()
        server.run(sockets=[bound])
    finally:
        bound.close()
        if register is not None:
            register.leave()


def _end_when_unused(server: uvicorn.Server, live: LiveSocket) -> None:
    """End the server once no page has been connected for a while."""
    unused_s = 0.0
    while not server.should_exit:
        time.sleep(_UNUSED_CHECK_S)
        unused_s = 0.0 if live.pages else unused_s + _UNUSED_CHECK_S
        if unused_s >= UNUSED_AFTER_S:  # only ever set: a Ctrl-C may have set it meanwhile
            server.should_exit = True


def address(port: int, key: str, movement: str | None = None) -> str:
    """Return the address that opens the page, at a movement if one is given."""
    return f"http://{LOOPBACK}:{port}/?key={key}" + (f"&movement={movement}" if movement else "")


def can_show_a_browser() -> bool:
    """Whether a browser can be expected to open in a window, and not as a text browser in this very terminal."""
    names = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform in {"win32", "darwin"} or any(os.environ.get(name) for name in names)


def _show(opened: str, words: Words, say: Callable[[str], None], *, wait: bool = True) -> None:
    """Open the browser, or say that there is no window for one. Some return only when they are closed: `wait`."""

    def open_browser() -> None:
        with contextlib.suppress(webbrowser.Error, OSError):
            webbrowser.open(opened)

    if not can_show_a_browser():
        say(words["server.no-browser"])
    elif wait:
        open_browser()
    else:
        threading.Thread(target=open_browser, daemon=True).start()
