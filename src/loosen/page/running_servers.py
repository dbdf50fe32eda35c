"""The servers of this person that run now, registered in one file each, so that his other commands find them.

A server is taken for ours only if it answers with the second secret in its file, which it is never sent: another
program that listens on the port of a killed server cannot know it, and no browser is opened there.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from loosen.files import atomic_write, lock, make_private_folder
from loosen.page.guard import Keys, is_same
from loosen.routine.model import Routine

_FILES = "page-*.json"
_PATIENCE_S = 10.0
"""A server that has just begun to listen answers only once it has opened its journal."""
_MOST_BYTES = 65_536


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of a file: where a server listens, its secrets, and what it serves."""

    port: int
    key: str
    proof: str
    journal: str
    routine: str


class RunningServer(NamedTuple):
    """A server of ours that answered. `once` opens its page a single time; `same`: it serves the same routine."""

    port: int
    key: str
    once: str
    same: bool


class ServerRegister:
    """The servers' files in `folder`, for a command that wants to serve `routine` with the file `journal`."""

    def __init__(self, folder: Path, journal: Path, routine: Routine) -> None:
        self._folder = folder
        self._journal = os.path.realpath(journal)
        self._routine = hashlib.sha256(msgspec.json.encode(routine)).hexdigest()
        self._own: tuple[Path, _Entry] | None = None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the register's lock: of two commands that start at once, the second then finds the first.

        Windows locks no folders: there, two commands that start at once both serve.
        """
        with ExitStack() as held:
            with suppress(OSError):
                make_private_folder(self._folder)
                held.enter_context(lock(self._folder, timeout_s=math.inf))
            yield

    def running(self) -> tuple[RunningServer, ...]:
        """Return the servers of the same journal that answer and prove to be ours; those of the same routine first."""
        found = []
        for path in sorted(self._folder.glob(_FILES)):
            with suppress(OSError, ValueError, KeyError, TypeError, msgspec.MsgspecError):
                entry = _read(path)
                if entry.journal == self._journal:
                    same = entry.routine == self._routine
                    found.append(RunningServer(entry.port, entry.key, _ask(entry), same))
        return tuple(sorted(found, key=lambda it: not it.same))

    def enter(self, port: int, keys: Keys) -> bool:
        """Register that the page is served at `port`; return whether that could be written."""
        entry = _Entry(port=port, key=keys.lasting, proof=keys.proof, journal=self._journal, routine=self._routine)
        path = self._folder / _FILES.replace("*", str(port))
        try:
            make_private_folder(self._folder)
            atomic_write(path, msgspec.json.encode(entry), private=True)
        except OSError:
            return False
        self._own = path, entry
        return True

    def leave(self) -> None:
        """Remove the own file, unless a later server on the same port has replaced it."""
        if self._own is None:
            return
        path, entry = self._own
        with suppress(OSError, ValueError, msgspec.MsgspecError):
            if _read(path) == entry:
                path.unlink()
        self._own = None


def _read(path: Path) -> _Entry:
    """Return a file's entry; OSError or ValueError if the file is not private to this person."""
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(number, "rb") as file:
        state = os.fstat(number)
        if os.name == "posix" and (state.st_uid != os.geteuid() or state.st_mode & 0o077):
            raise ValueError("another person may have written it")
        return msgspec.json.decode(file.read(_MOST_BYTES), type=_Entry)


def _ask(entry: _Entry) -> str:
    """Ask the server for a single-use key, which may appear in the browser's command line."""
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
