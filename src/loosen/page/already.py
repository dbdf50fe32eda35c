"""A page server that runs already, found by this person's other commands: port and key in a file of his own."""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress
from pathlib import Path

FILE = "page.json"
_PATIENCE_S = 1.0
_MOST_BYTES = 65_536


def tell(folder: Path, port: int, key: str) -> bool:
    """Write down where the page is served; return whether that could be done."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = folder / f"{FILE}.{port}"
        beside.unlink(missing_ok=True)
        number = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(number, "w", encoding="ascii") as file:
            json.dump({"port": port, "key": key}, file)
        beside.replace(folder / FILE)
    except OSError:
        return False
    return True


def forget(folder: Path, port: int) -> None:
    """Take the file away, if it speaks of this server and not of a later one."""
    with suppress(OSError, ValueError, KeyError):
        if _told(folder)[0] == port:
            (folder / FILE).unlink()


def address_of(folder: Path) -> str:
    """Return an address that opens the running server's page a single time, "" if none runs."""
    try:
        port, key = _told(folder)
        once = _ask(port, key)
    except (OSError, ValueError, KeyError):
        return ""
    return f"http://127.0.0.1:{port}/?key={once}"


def _told(folder: Path) -> tuple[int, str]:
    told = json.loads((folder / FILE).read_text("ascii"))
    return int(told["port"]), str(told["key"])


def _ask(port: int, key: str) -> str:
    """Ask the server for a key that opens the page once: that one may stand in a browser's command line."""
    head = f"Host: 127.0.0.1:{port}\r\nCookie: loosen-{port}={key}\r\nConnection: close"
    request = f"GET /once.json HTTP/1.1\r\n{head}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_S) as line:
        line.sendall(request.encode("ascii"))
        said = bytearray()
        while len(said) < _MOST_BYTES and (more := line.recv(4096)):
            said += more
    answer, _, body = bytes(said).partition(b"\r\n\r\n")
    if not answer.startswith(b"HTTP/1.1 200"):
        raise ValueError("not our server")
    return str(json.loads(body)["key"])
