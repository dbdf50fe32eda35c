"""The control socket of the get-up service: one line of JSON is the request, one the answer. For this user only.

On POSIX it is a UNIX socket in a folder of the user's own, readable by nobody else, and both sides check whose process
is at the other end. Elsewhere it is a port on loopback, with a secret in a file of the user's own.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from loosen.errors import GetUpError, InputError
from loosen.files import lock
from loosen.getup.systems.base import this_system

SOCKET, LOCK, PORT = "getup.sock", "getup.lock", "getup.port"
MAX_BYTES = 4096
ANSWER_BYTES = 65_536
MAX_CLIENTS = 8
ANSWER_S = 3.0
STOP_S = 10.0
"""How long a service may take to end: sensors that hang delay it by some seconds."""
FULL_S = 0.2
"""How long the server rests when no more files can be opened."""
_RETRY_S = 0.05
_LONGEST_PATH = 100  # bytes in a socket's name; systems allow 104 to 108

HAS_UNIX_SOCKETS = hasattr(socket, "AF_UNIX")
"""Not on Windows: Windows has them, but Python does not use them there."""

NOT_RUNNING = "The get-up service is not running: start it with `loosen getup run`, or `loosen getup install`"

Handle = Callable[[dict[str, Any]], dict[str, Any]]


@contextmanager
def only_service(folder: Path) -> Iterator[None]:
    """Be this user's only get-up service for the block, or until the process ends, however it ends.

    GetUpError if another one runs, InputError if `folder` cannot be used.
    """
    with ExitStack() as held:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not held.enter_context(lock(folder / LOCK)):
                raise OSError(errno.ENOLCK, "files cannot be locked there")
        except BlockingIOError:
            raise GetUpError("The get-up service is already running for you: see `loosen getup status`") from None
        except OSError as error:
            raise _unusable(folder, error) from error
        yield


def is_running(folder: Path) -> bool:
    """Return whether a service runs, even one that does not answer."""
    if not (folder / LOCK).exists():
        return False
    try:
        with lock(folder / LOCK):
            return False
    except BlockingIOError:
        return True
    except OSError:
        return False  # what cannot be opened is held by nobody


class ControlServer:
    """Answers requests by `handle`, and never waits. What `handle` raises is the answer's "error"."""

    def __init__(self, folder: Path, handle: Handle, *, unix: bool = HAS_UNIX_SOCKETS) -> None:
        self._handle = handle
        self._folder = folder
        self._unix = unix
        self._secret = ""
        self._open: dict[int, tuple[socket.socket, bytearray]] = {}
        check_folder(folder)
        self._listening = self._listen_unix() if self._unix else self._listen_port()
        # A full queue refuses at once, and the client would take the service for dead.
        self._listening.listen(128)
        self._listening.setblocking(False)

    def filenos(self) -> list[int]:
        """Return the descriptors that become readable when there are requests."""
        return [self._listening.fileno(), *self._open]

    def serve(self) -> None:
        """Answer the requests that have come, without waiting."""
        try:
            while True:
                client, _ = self._listening.accept()
                if self._unix and not _is_surely_ours(client):
                    client.close()
                    continue
                if len(self._open) >= MAX_CLIENTS:
                    # The client that has been silent longest makes room.
                    self._drop(next(iter(self._open)))
                client.setblocking(False)
                self._open[client.fileno()] = (client, bytearray())
        except BlockingIOError:
            pass  # no more clients wait
        except OSError:
            # Too many files are open. The listening socket stays readable, so without a rest this would be tried again
            # at once, over and over.
            time.sleep(FULL_S)
        for number in list(self._open):
            self._read(number)

    def close(self) -> None:
        """Stop listening."""
        for number in list(self._open):
            self._drop(number)
        self._listening.close()
        (self._folder / (SOCKET if self._unix else PORT)).unlink(missing_ok=True)

    def _read(self, number: int) -> None:
        client, received = self._open[number]
        try:
            more = client.recv(MAX_BYTES)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        received += more
        if b"\n" in received or len(received) > MAX_BYTES:
            answer = json.dumps(self._answer(bytes(received))) + "\n"
            with suppress(OSError):
                client.setblocking(True)
                client.settimeout(0.2)
                client.sendall(answer.encode())
            self._drop(number)
        elif not more:
            self._drop(number)

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line[:MAX_BYTES])
        except (ValueError, RecursionError):
            return {"error": "expected one line of JSON"}
        if not isinstance(request, dict):
            return {"error": "expected a JSON object"}
        if not self._unix and not self._has_secret(request):
            return {"error": "not allowed"}
        try:
            return self._handle(request)
        except GetUpError as error:
            return {"error": str(error)}
        except Exception as error:  # the client is told, and the service goes on
            return {"error": f"something went wrong in the get-up service ({type(error).__name__}: {error})"}

    def _has_secret(self, request: dict[str, Any]) -> bool:
        from secrets import compare_digest

        return compare_digest(str(request.get("secret", "")).encode(), self._secret.encode())

    def _drop(self, number: int) -> None:
        client, _ = self._open.pop(number)
        client.close()

    def _listen_unix(self) -> socket.socket:
        path = _socket_path(self._folder)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # This service holds the lock, so a socket that lies there is left over.
        path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            listening.bind(str(path))
        except OSError as error:
            listening.close()
            raise InputError(f"{path} cannot be used as the control socket ({error.strerror})") from error
        finally:
            os.umask(before)
        return listening

    def _listen_port(self) -> socket.socket:
        from secrets import token_urlsafe

        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.bind(("127.0.0.1", 0))
        self._secret = token_urlsafe(32)
        file = self._folder / PORT
        file.unlink(missing_ok=True)
        number = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(number, "w", encoding="ascii") as out:
            json.dump({"port": listening.getsockname()[1], "secret": self._secret}, out)
        return listening


def ask(folder: Path, request: dict[str, Any], *, unix: bool = HAS_UNIX_SOCKETS) -> dict[str, Any]:
    """Send a request to the running service and return its answer. GetUpError if there is none, or if it refuses."""
    with socket.socket(socket.AF_UNIX if unix else socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_S)
        secret = _connect(connection, folder, unix)
        try:
            with connection.makefile("rwb") as stream:
                stream.write(json.dumps(request | secret).encode() + b"\n")
                stream.flush()
                answer = json.loads(stream.readline(ANSWER_BYTES))
        except (OSError, ValueError) as error:
            raise GetUpError("The get-up service does not answer: end it and start it again") from error
    if not isinstance(answer, dict) or "error" in answer:
        why = answer.get("error") if isinstance(answer, dict) else "it answered nonsense"
        raise GetUpError(str(why))
    return answer


def stop(folder: Path, *, unix: bool = HAS_UNIX_SOCKETS) -> bool:
    """End the running service and wait for its end; return whether there was one. GetUpError if it does not end."""
    ran, until_s = False, time.monotonic() + STOP_S
    while is_running(folder):
        if ran and time.monotonic() > until_s:
            raise GetUpError(
                "The get-up service that runs does not end: end the process loosen.cli.getup_service, and try again"
            )
        ran = True
        with suppress(GetUpError):  # it may be just starting or ending
            ask(folder, {"do": "stop"}, unix=unix)
        time.sleep(_RETRY_S)
    return ran


def _connect(connection: socket.socket, folder: Path, unix: bool) -> dict[str, str]:
    """Connect to the service that runs; return the secret that a request to a port must hold."""
    try:
        if not unix:
            port = json.loads((folder / PORT).read_text("ascii"))
            connection.connect(("127.0.0.1", int(port["port"])))
            return {"secret": port["secret"]}
        path = folder / SOCKET
        if path.stat().st_uid != os.geteuid():
            raise GetUpError(f"{path} belongs to somebody else; nothing was sent to it")
        connection.connect(str(path))
        if not is_ours(connection):
            raise GetUpError(f"{path} is served by somebody else's program; nothing was sent to it")
    except (OSError, ValueError, KeyError) as error:
        raise GetUpError(NOT_RUNNING) from error
    return {}


def _is_surely_ours(client: socket.socket) -> bool:
    """Return whether a client runs as this user; False if that cannot be found out any more."""
    try:
        return is_ours(client)
    except OSError:
        return False


def is_ours(connection: socket.socket) -> bool:
    """Return whether the process at the other end of a UNIX socket runs as this user."""
    user_id = this_system().peer_user_id(connection)
    return user_id is None or user_id == os.geteuid()  # None: the folder's rights must do


def _socket_path(folder: Path) -> Path:
    path = folder / SOCKET
    if len(os.fsencode(path)) > _LONGEST_PATH:
        raise InputError(f"{path} is too long a name for a socket: set XDG_RUNTIME_DIR or LOOSEN_HOME to a shorter one")
    return path


def check_folder(folder: Path) -> None:
    """Make the folder if it is missing; InputError if others can write to it, or if it cannot be used."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        about = folder.stat()
    except OSError as error:
        raise _unusable(folder, error) from error
    if os.name != "posix":
        return
    if about.st_uid != os.geteuid():
        raise InputError(f"{folder} belongs to somebody else: set XDG_RUNTIME_DIR or LOOSEN_HOME to one of your own")
    if about.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise InputError(f"{folder} can be written by others: run chmod go-w {folder}")
    if HAS_UNIX_SOCKETS:
        _socket_path(folder)


def _unusable(folder: Path, error: OSError) -> InputError:
    return InputError(
        f"{folder} cannot be used by the get-up service ({error.strerror}):"
        " set XDG_RUNTIME_DIR or LOOSEN_HOME to a folder of your own"
    )
