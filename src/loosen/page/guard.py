"""Who may speak to the server: only the page that this loosen opened, in this person's browser.

Listening on loopback keeps other machines out, but not other web sites (a page may send requests to 127.0.0.1, and a
name may be made to point there), nor other people on this machine. So every request must name the right host, must not
come from another origin, and must carry a secret that only the opened address gives out.

Against other web sites this is complete: their pages can neither forge the headers nor read the secret. Against other
people with an account on this machine it is not: a browser sends a cookie of 127.0.0.1 to every port, so whoever gets
this person to open a page that he serves here can read the secret off the request, and use it until this loosen ends.
"""

from __future__ import annotations

import re
import secrets
from collections import deque
from contextlib import suppress
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from loosen.routine.words import Words

_READING = frozenset({"GET", "HEAD"})
_MAX_KEY = 200
_MOVEMENT = re.compile(r"[a-z][a-z0-9-]{0,39}(\.[a-z][a-z0-9-]{0,39})?")


class Keys:
    """The secrets of one run of the server.

    `lasting` opens the page any number of times and is the value of the cookie; it is printed in the person's terminal.
    A key from `once()`, of which 8 are remembered, opens the page a single time: it is for the browser's command line,
    which other users of this machine can read. `proof` opens nothing: by it other commands recognise the server.
    """

    def __init__(self) -> None:
        self.lasting = secrets.token_urlsafe(32)
        self.proof = secrets.token_urlsafe(32)
        self._once: deque[str] = deque(maxlen=8)

    def once(self) -> str:
        """Return a new key that will be accepted a single time."""
        key = secrets.token_urlsafe(32)
        self._once.append(key)
        return key

    def open_with(self, given: str) -> bool:
        """Whether `given` opens the page; a single-use key is used up by this."""
        used = [key for key in self._once if is_same(given, key)]
        for key in used:
            self._once.remove(key)
        return bool(used) or is_same(given, self.lasting)


class Guard:
    """ASGI middleware in front of everything: checks host, origin, method and secret, and sets the headers.

    `port` is the one the server listens on. What is refused is answered with 403 and one plain sentence (a
    socket: with a refused handshake).
    """

    def __init__(self, app: ASGIApp, *, keys: Keys, port: int, words: Words) -> None:
        self.app = app
        self.keys = keys
        self.words = words
        self.hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
        # A browser sends a cookie to every port: without the port in its name, two servers would lock each other out.
        self.cookie = f"loosen-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        host = hosts[0] if len(hosts) == 1 else ""
        is_socket = scope["type"] == "websocket"
        if host not in self.hosts or not _from_ourselves(headers, host, is_socket=is_socket):
            refusal: Response | None = self._refuse("server.wrong-place")
        elif is_socket:
            refusal = None if self._has_cookie(headers) else self._refuse("server.no-key")
        else:
            refusal = self._own_answer(scope, headers)
        if is_socket and refusal is not None:
            await send({"type": "websocket.close", "code": 1008})
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = MutableHeaders(scope=message)
                added.update(protection(host if host in self.hosts else ""))
                # Files are asked for each time, so that an update shows at once; what is personal is not stored.
                added.setdefault("cache-control", "no-cache" if scope["path"].startswith("/static/") else "no-store")
            await send(message)

        await (refusal or self.app)(scope, receive, with_headers)

    def _own_answer(self, scope: Scope, headers: Headers) -> Response | None:
        """Return the answer to a request that must not reach the application, or None."""
        if scope["method"] not in _READING:
            return PlainTextResponse(self.words["server.only-reading"], 405, {"allow": "GET, HEAD"})
        inside = self._has_cookie(headers)
        given = _query(scope)
        if "key" in given and (self.keys.open_with(given["key"][0][:_MAX_KEY]) or inside):
            # The key leaves the address bar, and with it the history and the bookmarks.
            movement = given.get("movement", [""])[0]
            answer = RedirectResponse(f"/?movement={movement}" if _MOVEMENT.fullmatch(movement) else "/", 303)
            answer.set_cookie(self.cookie, self.keys.lasting, path="/", httponly=True, samesite="strict", secure=False)
            return answer
        return None if inside else self._refuse("server.no-key")

    def _has_cookie(self, headers: Headers) -> bool:
        cookies = cookie_parser("; ".join(headers.getlist("cookie")))
        return is_same(cookies.get(self.cookie, ""), self.keys.lasting)

    def _refuse(self, word: str) -> Response:
        return PlainTextResponse(self.words[word] + "\n", 403)


def protection(host: str) -> dict[str, str]:
    """Return the headers that shield a page served from `host` (``127.0.0.1:port``) from other sites."""
    socket = f" ws://{host}" if host else ""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "font-src 'self'; manifest-src 'self'; worker-src 'self'; "
        f"connect-src 'self'{socket}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
    return {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "permissions-policy": "camera=(self), microphone=(), geolocation=(), display-capture=()",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }


def is_same(given: str, secret: str) -> bool:
    """Whether `given` is the secret, compared in constant time."""
    # Bytes, because the comparison refuses text outside ASCII.
    return secrets.compare_digest(given.encode(errors="replace"), secret.encode())


def _from_ourselves(headers: Headers, host: str, *, is_socket: bool) -> bool:
    """Whether the headers show no other site as the sender.

    A browser always names the origin when it opens a socket, so a socket must name it.
    """
    origins = headers.getlist("origin")
    if origins or is_socket:
        return origins == [f"http://{host}"]
    if headers.get("sec-fetch-site", "none") in {"none", "same-origin"}:
        return True
    # Another site, or another port of this machine, may link to the page but not load anything out of it.
    return headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"


def _query(scope: Scope) -> dict[str, list[str]]:
    """Return what the address of the page gives; nothing if there is too much of it."""
    with suppress(ValueError):
        if scope["path"] == "/":
            return parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=8)
    return {}
