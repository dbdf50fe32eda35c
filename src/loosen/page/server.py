"""The local web server: on this computer only, for the one page that it opens."""

from __future__ import annotations

import contextlib
import logging
import mimetypes
import os
import signal
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from loosen.errors import InputError
from loosen.page.guard import Guard, Keys
from loosen.page.history_api import History
from loosen.page.home_view import Facts
from loosen.page.live_socket import Live
from loosen.page.messages import MAX_SOCKET_BYTES
from loosen.page.parts import Parts
from loosen.page.running_servers import Register
from loosen.routine.words import Words

LOOPBACK = "127.0.0.1"
USUAL_PORT = 8747
"""Tried first: what a browser remembers (colours, voice, camera and its permission) belongs to one port."""
STOPPING_AT_MOST_S = 5
LEFT_S = 120.0
"""A server that was started for one movement ends so long after its last page was closed."""
_LEFT_EVERY_S = 2.0

_log = logging.getLogger("loosen.page")

# What a system's own table says may differ (or be set by another program), and a module with the wrong type
# is not run.
for _type, _ending in (
    ("text/javascript", ".js"),
    ("text/css", ".css"),
    ("image/svg+xml", ".svg"),
    ("text/html", ".html"),
    ("application/json", ".json"),
):
    mimetypes.add_type(_type, _ending)


class Static(StaticFiles):
    """The page's files. A browser asks each time whether they are still the same: an update shows at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with the file, or raise 404."""
        answer = await super().get_response(path, scope)
        answer.headers["cache-control"] = "no-cache"
        return answer


def make_app(parts: Parts, *, keys: Keys, port: int) -> Starlette:
    """Return the whole application for a server that listens on `port`."""
    live = Live(parts)
    facts = Facts(parts)

    async def index(_: Request) -> Response:
        return FileResponse(parts.static / "index.html", headers={"cache-control": "no-store"})

    async def not_there(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return PlainTextResponse(parts.words["server.nothing-here"] + "\n", status)

    async def went_wrong(_: Request, __: Exception) -> Response:
        return PlainTextResponse(parts.words["server.went-wrong"] + "\n", 500)

    @contextlib.asynccontextmanager
    async def living(_: Starlette) -> AsyncIterator[None]:
        yield
        live.trackers.close()
        if parts.sitting is not None:
            parts.sitting.close()
        await parts.keeper.close()

    handlers: Mapping[Any, Callable[[Request, Exception], Any]] = {HTTPException: not_there, 500: went_wrong}

    async def once(_: Request) -> Response:
        return JSONResponse({"key": keys.once(), "proof": keys.proof})

    app = Starlette(
        routes=[
            Route("/", index),
            Route("/once.json", once),
            *facts.routes(),
            *History(parts).routes(),
            WebSocketRoute("/live", live.serve),
            Mount("/static", Static(directory=parts.static)),
        ],
        middleware=[Middleware(Guard, keys=keys, port=port, words=parts.words)],
        exception_handlers=handlers,
        lifespan=living,
    )
    app.state.live = live
    return app


def listen(port: int = 0) -> socket.socket:
    """Return a listening socket on loopback; `port` 0 takes a free one. InputError if it cannot be had."""
    if not 0 <= port <= 65535:
        raise InputError(f"expected a port from 0 to 65535, got {port}")
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            # So that a port just left can be used again. (On Windows this would allow sharing it.)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((LOOPBACK, port))
        # From here on a browser that comes early waits and is not refused.
        bound.listen(128)
    except OSError as error:
        bound.close()
        why = error.strerror or str(error)
        raise InputError(
            f"port {port} cannot be used ({why}): give another with --port, or leave it out"
        ) from error
    return bound


def listen_as_usual() -> socket.socket:
    """Return a listening socket on `USUAL_PORT`, or on a free port if that cannot be had."""
    try:
        return listen(USUAL_PORT)
    except InputError:
        return listen()


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
            timeout_graceful_shutdown=STOPPING_AT_MOST_S,
        )
    )


def serve(
    parts: Parts,
    *,
    port: int | None = None,
    open_browser: bool = True,
    movement: str | None = None,
    register: Register | None = None,
) -> int:
    """Serve until Ctrl-C, and return the exit code.

    `port` None is the usual one or, where that is taken, a free one; 0 is a free one. Prints the address to
    stderr and opens it in the browser. With `movement` the page opens at that exercise, and the server ends by
    itself once its pages have been closed.

    Where the `register` knows of a server of the same journal and routine, the page is opened there instead, unless
    a `port` is asked for: one tab leads, and a second server would not know of the first one's. InputError if the
    port cannot be used; JournalError, the journal being untouched, if a newer loosen wrote it.
    """
    keys, words = Keys(), parts.words
    with register.alone() if register is not None else contextlib.nullcontext():
        others = register.running() if register is not None else ()
        bound = None
        if port is not None or not others or not others[0].same:
            # The port before the journal: one that was opened in vain would have to be closed again.
            bound = listen_as_usual() if port is None else listen(port)
            if register is not None:
                register.enter(bound.getsockname()[1], keys)
    if bound is None:
        there = others[0]
        print(words("server.already", address=address(there.port, there.key)), file=sys.stderr, flush=True)
        if open_browser:
            _show(address(there.port, there.once, movement), words)
        return 0
    at: int = bound.getsockname()[1]
    try:
        notices = parts.keeper.open()
        _log_to_stderr()
        print(words("server.address", address=address(at, keys.lasting)), file=sys.stderr, flush=True)
        beside = [words("server.beside", address=address(other.port, other.key)) for other in others]
        for notice in (*beside, *notices):
            print(notice, file=sys.stderr, flush=True)
        if open_browser:
            _show(address(at, keys.once(), movement), words, wait=False)
        _run(make_app(parts, keys=keys, port=at), bound, parts, ends_when_left=movement is not None)
    finally:
        bound.close()
        if register is not None:
            register.leave()
    return 0


def _run(app: Starlette, bound: socket.socket, parts: Parts, *, ends_when_left: bool) -> None:
    server = make_server(app)
    if ends_when_left:
        threading.Thread(target=_end_when_left, args=(server, app.state.live), daemon=True).start()
    if threading.current_thread() is threading.main_thread():
        # Once it has stopped in order, uvicorn passes the signal on: it must not end us before we have tidied up.
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        server.run(sockets=[bound])
    except KeyboardInterrupt:
        # The server has stopped in order by now; this is only the signal being passed on.
        print("\n" + parts.words["server.stopped"], file=sys.stderr, flush=True)


def _end_when_left(server: uvicorn.Server, live: Live) -> None:
    """End the server once no page has been there for a while."""
    left = 0
    while not server.should_exit:
        time.sleep(_LEFT_EVERY_S)
        left = 0 if live.pages else left + 1
        if left * _LEFT_EVERY_S >= LEFT_S:  # never taken back: a Ctrl-C may have asked for it meanwhile
            server.should_exit = True


def address(port: int, key: str, movement: str | None = None) -> str:
    """Return the address that opens the page, at a movement if one is given."""
    return f"http://{LOOPBACK}:{port}/?key={key}" + (f"&movement={movement}" if movement else "")


def can_show_a_browser() -> bool:
    """Whether a browser can be expected to open in a window.

    Without a display the standard library would start a text browser in this very terminal.
    """
    if sys.platform in {"win32", "darwin"} or os.environ.get("BROWSER"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _show(opened: str, words: Words, *, wait: bool = True) -> None:
    """Open the browser, or say that there is no window for one. Some do not return before they are closed: `wait`."""
    if not can_show_a_browser():
        print(words["server.no-browser"], file=sys.stderr, flush=True)
    elif wait:
        _open(opened)
    else:
        threading.Thread(target=_open, args=(opened,), daemon=True).start()


def _open(opened: str) -> None:
    with contextlib.suppress(webbrowser.Error, OSError):
        webbrowser.open(opened)


def _log_to_stderr() -> None:
    """Send warnings to stderr; what went wrong comes with its trace."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("loosen: %(message)s"))
    for name in ("loosen.page", "uvicorn.error", "asyncio"):
        log = logging.getLogger(name)
        log.handlers[:] = [handler]
        log.setLevel(logging.WARNING)
        log.propagate = False
