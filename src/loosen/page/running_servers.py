"""Which pages of this person's are being served, found by his other commands: each server has a file of his own.

Only a server that answers with the second secret in its file, which it is never sent, is taken for ours: whoever
listens on the port of one that was killed cannot know it, and no browser is opened there.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from loosen.page.guard import Keys, is_same
from loosen.routine.model import Routine

_FILES = "page-*.json"
_PATIENCE_S = 5.0
"""A server that has just begun to listen answers once it has read its journal."""
_MOST_BYTES = 65_536


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in a file: the place and the secrets of a server, and what it serves."""

    port: int
    key: str
    proof: str
    journal: str
    routine: str


class Running(NamedTuple):
    """A server of ours that answered. `once` opens its page a single time; `same`: it leads the same routine."""

    port: int
    key: str
    once: str
    same: bool


class Register:
    """The servers' files in `folder`, as a command sees them that wants to serve `routine` on the file `journal`."""

    def __init__(self, folder: Path, journal: Path, routine: Routine) -> None:
        self._folder = folder
        self._journal = os.path.realpath(journal)
        self._routine = hashlib.sha256(msgspec.json.encode(routine)).hexdigest()
        self._own: tuple[Path, _Entry] | None = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let this person's other commands wait: of two that look and enter at once, one finds the other."""
        number = -1
        # (Windows locks no folders: there, two that begin within a moment both serve.)
        if sys.platform != "win32":
            import fcntl

            with suppress(OSError):
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                number = os.open(self._folder, os.O_RDONLY)
                fcntl.flock(number, fcntl.LOCK_EX)
        try:
            yield
        finally:
            if number >= 0:
                os.close(number)

    def running(self) -> tuple[Running, ...]:
        """Return the servers on the same journal that answer and prove to be ours, the same routine's first."""
        found = []
        for path in sorted(self._folder.glob(_FILES)):
            with suppress(OSError, ValueError, KeyError, TypeError, msgspec.MsgspecError):
                entry = _read(path)
                if entry.journal == self._journal:
                    found.append(Running(entry.port, entry.key, _ask(entry), entry.routine == self._routine))
        return tuple(sorted(found, key=lambda it: not it.same))

    def enter(self, port: int, keys: Keys) -> bool:
        """Write down that the page is served at `port` from now on; return whether that could be done."""
        entry = _Entry(
            port=port, key=keys.lasting, proof=keys.proof, journal=self._journal, routine=self._routine
        )
        path = self._folder / _FILES.replace("*", str(port))
        beside = path.with_suffix(".new")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside.unlink(missing_ok=True)
            number = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(number, "wb") as file:
                file.write(msgspec.json.encode(entry))
            beside.replace(path)
        except OSError:
            return False
        self._own = path, entry
        return True

    def leave(self) -> None:
        """Take the own file away, unless it speaks of a later server on the same port by now."""
        if self._own is None:
            return
        path, entry = self._own
        with suppress(OSError, ValueError, msgspec.MsgspecError):
            if _read(path) == entry:
                path.unlink()
        self._own = None


def _read(path: Path) -> _Entry:
    """Return a file's entry; OSError or ValueError if it is not this person's own and private."""
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(number, "rb") as file:
        state = os.fstat(number)
        if os.name == "posix" and (state.st_uid != os.geteuid() or state.st_mode & 0o077):
            raise ValueError("somebody else may have written it")
        return msgspec.json.decode(file.read(_MOST_BYTES), type=_Entry)


def _ask(entry: _Entry) -> str:
    """Ask the server for a key that opens the page once: that one may stand in a browser's command line."""
    host, end_s = f"127.0.0.1:{entry.port}", time.monotonic() + _PATIENCE_S
    head = f"Host: {host}\r\nCookie: loosen-{entry.port}={entry.key}\r\nConnection: close"
    with socket.create_connection(("127.0.0.1", entry.port), timeout=_PATIENCE_S) as line:
        line.sendall(f"GET /once.json HTTP/1.1\r\n{head}\r\n\r\n".encode("ascii"))
        said = bytearray()
        while len(said) < _MOST_BYTES and (more := line.recv(4096)):
            said += more
            line.settimeout(max(0.01, end_s - time.monotonic()))
    answer, _, body = bytes(said).partition(b"\r\n\r\n")
    told = json.loads(body) if answer.startswith(b"HTTP/1.1 200") else {}
    if not is_same(str(told["proof"]), entry.proof):
        raise ValueError("not our server")
    return str(told["key"])
