"""The control socket: one line of JSON is asked, one is answered, and that is all. For this user only.

On POSIX a socket in a folder of the user's own, readable by nobody else, and both sides check whose process is at
the other end. Elsewhere a port on loopback, with a secret in a file of the user's own.
"""

from __future__ import annotations

import json
import os
import socket
import stat
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from loosen.errors import GetUpError

SOCKET, LOCK, PORT = "getup.sock", "getup.lock", "getup.port"
MAX_BYTES = 4096
ANSWER_BYTES = 65_536
AT_ONCE = 8
PATIENCE_S = 3.0
END_S = 10.0
"""How long a service may take to end: sensors that hang hold it up for some seconds."""
FULL_S = 0.2
"""How long it rests where nobody more can be let in."""
_LOOK_S = 0.05
_LONGEST_PATH = 100  # of a socket's name; systems allow 104 to 108

NOT_RUNNING = "The get-up service is not running: start it with `loosen getup run`, or `loosen getup install`"

Handle = Callable[[dict[str, Any]], dict[str, Any]]


def has_unix_sockets() -> bool:
    """Whether this system has them (Windows has, but Python there does not)."""
    return hasattr(socket, "AF_UNIX")


class Lock:
    """One instance for each user: held as long as the process lives, however it ends."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file: IO[str] = (folder / LOCK).open("a+", encoding="ascii")
        except OSError as error:
            raise _unusable(folder, error) from error
        try:
            free = _take(self._file)
        except OSError as error:
            self._file.close()
            raise _unusable(folder, error) from error
        if not free:
            self._file.close()
            raise GetUpError("The get-up service is already running for you: see `loosen getup status`")

    def close(self) -> None:
        """Let the next one run."""
        self._file.close()


def is_running(folder: Path) -> bool:
    """Whether a service runs, be it that it does not answer (yet, or any more)."""
    try:
        with (folder / LOCK).open("r+", encoding="ascii") as file:
            return not _take(file)
    except OSError:
        return False  # nothing there that anybody could hold


def _take(file: IO[str]) -> bool:
    """Take the lock, which is let go of when the file is closed; False if another process has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # as POSIX and Windows say it
        return False
    return True


class Server:
    """Listens without waiting. `handle` answers a request; whatever it raises is told to the asker."""

    def __init__(self, folder: Path, handle: Handle, *, unix: bool | None = None) -> None:
        self._handle = handle
        self._folder = folder
        self._unix = has_unix_sockets() if unix is None else unix
        self._secret = ""
        self._open: dict[int, tuple[socket.socket, bytearray]] = {}
        check_folder(folder)
        self._listening = self._listen_unix() if self._unix else self._listen_port()
        # A full queue refuses at once, and its asker would take the service for dead.
        self._listening.listen(128)
        self._listening.setblocking(False)

    def filenos(self) -> list[int]:
        """Return what becomes readable when somebody asks."""
        return [self._listening.fileno(), *self._open]

    def serve(self) -> None:
        """Answer whoever has asked; never waits for anybody."""
        try:
            while True:
                asker, _ = self._listening.accept()
                if self._unix and not _is_surely_ours(asker):
                    asker.close()
                    continue
                if len(self._open) >= AT_ONCE:
                    # Whoever has been silent longest makes room.
                    self._drop(next(iter(self._open)))
                asker.setblocking(False)
                self._open[asker.fileno()] = (asker, bytearray())
        except BlockingIOError:
            pass  # nobody more is waiting
        except OSError:
            # No more can be let in: there are too many open files. Who waits stays readable, and would be tried
            # again without a rest.
            time.sleep(FULL_S)
        for number in list(self._open):
            self._hear(number)

    def close(self) -> None:
        """Stop listening."""
        for number in list(self._open):
            self._drop(number)
        self._listening.close()
        (self._folder / (SOCKET if self._unix else PORT)).unlink(missing_ok=True)

    def _hear(self, number: int) -> None:
        asker, said = self._open[number]
        try:
            more = asker.recv(MAX_BYTES)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        said += more
        if b"\n" in said or len(said) > MAX_BYTES:
            answer = json.dumps(self._answer(bytes(said))) + "\n"
            with suppress(OSError):
                asker.setblocking(True)
                asker.settimeout(0.2)
                asker.sendall(answer.encode())
            self._drop(number)
        elif not more:
            self._drop(number)

    def _answer(self, said: bytes) -> dict[str, Any]:
        try:
            asked = json.loads(said[:MAX_BYTES])
        except (ValueError, RecursionError):
            return {"error": "expected one line of JSON"}
        if not isinstance(asked, dict):
            return {"error": "expected a JSON object"}
        if not self._unix and not self._knows_the_secret(asked):
            return {"error": "not allowed"}
        try:
            return self._handle(asked)
        except GetUpError as error:
            return {"error": str(error)}
        except Exception as error:  # the asker is told, and the service goes on
            return {"error": f"something went wrong in the get-up service ({type(error).__name__}: {error})"}

    def _knows_the_secret(self, asked: dict[str, Any]) -> bool:
        from secrets import compare_digest

        return compare_digest(str(asked.get("secret", "")).encode(), self._secret.encode())

    def _drop(self, number: int) -> None:
        asker, _ = self._open.pop(number)
        asker.close()

    def _listen_unix(self) -> socket.socket:
        path = _socket_path(self._folder)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # The lock says that nobody else runs: what lies there is left over.
        path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            listening.bind(str(path))
        except OSError as error:
            listening.close()
            raise GetUpError(f"{path} cannot be used as the control socket ({error.strerror})") from error
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


def ask(folder: Path, request: dict[str, Any], *, unix: bool | None = None) -> dict[str, Any]:
    """Ask the running service and return its answer. GetUpError if there is none, or if it refuses."""
    with _connected(folder, request, has_unix_sockets() if unix is None else unix) as line:
        try:
            line.sendall(json.dumps(request).encode() + b"\n")
            said = bytearray()
            while b"\n" not in said and len(said) < ANSWER_BYTES:
                more = line.recv(4096)
                if not more:
                    break
                said += more
            answer = json.loads(said)
        except (OSError, ValueError) as error:
            raise GetUpError("The get-up service does not answer: end it and start it again") from error
    if not isinstance(answer, dict) or "error" in answer:
        why = answer.get("error") if isinstance(answer, dict) else "it answered nonsense"
        raise GetUpError(str(why))
    return answer


def stop(folder: Path, *, unix: bool | None = None) -> bool:
    """End the service that runs, and wait for its end; return whether there was one. GetUpError if it goes on."""
    ran, until_s = False, time.monotonic() + END_S
    while is_running(folder):
        if ran and time.monotonic() > until_s:
            raise GetUpError(
                "The get-up service that runs does not end: end the process loosen.cli.getup_service, and try again"
            )
        ran = True
        with suppress(GetUpError):  # it may be about to begin, or to end
            ask(folder, {"do": "stop"}, unix=unix)
        time.sleep(_LOOK_S)
    return ran


def _connected(folder: Path, request: dict[str, Any], unix: bool) -> socket.socket:
    line = socket.socket(socket.AF_UNIX if unix else socket.AF_INET, socket.SOCK_STREAM)
    line.settimeout(PATIENCE_S)
    try:
        if unix:
            path = _socket_path(folder)
            if path.stat().st_uid != os.geteuid():
                raise GetUpError(f"{path} belongs to somebody else; nothing was sent to it")
            line.connect(str(path))
            if not is_ours(line):
                raise GetUpError(f"{path} is served by somebody else's program; nothing was sent to it")
        else:
            told = json.loads((folder / PORT).read_text("ascii"))
            request["secret"] = told["secret"]
            line.connect(("127.0.0.1", int(told["port"])))
    except (OSError, ValueError, KeyError) as error:
        line.close()
        raise GetUpError(NOT_RUNNING) from error
    except BaseException:
        line.close()
        raise
    return line


def _is_surely_ours(asker: socket.socket) -> bool:
    """Whether somebody asks as this very user; not where it cannot be told any more."""
    try:
        return is_ours(asker)
    except OSError:
        return False


def is_ours(line: socket.socket) -> bool:
    """Whether the process at the other end of a UNIX socket runs as this user."""
    if sys.platform == "linux":
        credentials = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        _, user, _ = struct.unpack("3i", credentials)
        return bool(user == os.geteuid())
    if sys.platform == "darwin":
        # struct xucred: version, user, ...; LOCAL_PEERCRED is 1, of level 0.
        credentials = line.getsockopt(0, 1, 76)
        _, user = struct.unpack_from("II", credentials)
        return bool(user == os.geteuid())
    return True  # the folder's rights must do


def _socket_path(folder: Path) -> Path:
    path = folder / SOCKET
    if len(os.fsencode(path)) > _LONGEST_PATH:
        raise GetUpError(
            f"{path} is too long a name for a socket: set XDG_RUNTIME_DIR or LOOSEN_HOME to a shorter one"
        )
    return path


def check_folder(folder: Path) -> None:
    """Make the folder if need be; GetUpError if others could put things into it, or if it cannot be used."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        about = folder.stat()
    except OSError as error:
        raise _unusable(folder, error) from error
    if os.name != "posix":
        return
    if about.st_uid != os.geteuid():
        raise GetUpError(
            f"{folder} belongs to somebody else: set XDG_RUNTIME_DIR or LOOSEN_HOME to one of your own"
        )
    if about.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise GetUpError(f"{folder} can be written by others: run chmod go-w {folder}")
    if has_unix_sockets():
        _socket_path(folder)


def _unusable(folder: Path, error: OSError) -> GetUpError:
    return GetUpError(
        f"{folder} cannot be used by the get-up service ({error.strerror}):"
        " set XDG_RUNTIME_DIR or LOOSEN_HOME to a folder of your own"
    )
