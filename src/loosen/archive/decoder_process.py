"""A process that decodes and watches recordings for a worker: `python -m loosen.archive.decoder_process`.

A decoder that crashes takes its process with it, and one that hangs can only be ended from outside. So each worker has
such a process beside it, with the pose model loaded once. On stdin there is one JSON object a line: first the
settings, then a request for each recording. On stdout there is an empty line for "still watching", then the result.
"""

from __future__ import annotations

import io
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import IO, TYPE_CHECKING

import msgspec

from loosen.coach.counting.rep import Report
from loosen.errors import BrokenRecording, InputError, MissingPart

if TYPE_CHECKING:
    from loosen.camera.blazepose.tracker import Tracker

ALIVE_EVERY_S = 0.5
# The memory that one recording may take before it is set aside; 1080p clips need a quarter of it.
MEMORY_BYTES = 2**30
STARTING_S, ENDING_S = 300.0, 5.0


class WatchSettings(msgspec.Struct, frozen=True):
    """How to watch: the routine file's text (None: the built-in), the exercise (None: recognise it), and how long
    to wait for the next picture."""

    routine: str | None
    exercise: str | None
    patience_s: float


class WatchRequest(msgspec.Struct, frozen=True):
    """A recording's local path, and its name in the report."""

    path: str
    name: str


class WatchResult(msgspec.Struct, frozen=True):
    """A recording's report, or why there is none; `missing`: what this machine lacks to watch any recording."""

    report: Report | None = None
    error: str = ""
    missing: str = ""


class DecoderProcess:
    """The process, seen from the worker. Not to be shared between threads."""

    def __init__(self, settings: WatchSettings) -> None:
        self.settings = settings
        self._process = subprocess.Popen(
            # -P: nothing is imported from the folder that one stands in.
            [sys.executable, "-P", "-m", "loosen.archive.decoder_process"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._hung = False
        self._send(settings)
        if self._line(STARTING_S) != b"\n":
            self.close()
            raise MissingPart("The process that watches recordings does not start; ask `loosen doctor`.")

    @property
    def is_open(self) -> bool:
        """Whether the process is running."""
        return self._process.poll() is None

    def watch(self, request: WatchRequest) -> WatchResult:
        """Return the result of a recording.

        Raises BrokenRecording if it crashed or hung the process, which then has ended; MissingPart if the process
        lacks something that it needs for any recording.
        """
        self._send(request)
        while (line := self._line(self.settings.patience_s)) == b"\n":
            pass
        if line:
            result = msgspec.json.decode(line, type=WatchResult)
            if result.missing:
                raise MissingPart(result.missing)
            return result
        with suppress(subprocess.TimeoutExpired):  # it has ended or is about to; its exit code is wanted
            self._process.wait(ENDING_S)
        self.close()
        if self._hung:
            raise BrokenRecording(f"reading it hung: nothing came for {self.settings.patience_s:g} s")
        raise BrokenRecording(f"reading it crashed ({_ending(self._process.returncode)})")

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def _send(self, message: msgspec.Struct) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(msgspec.json.encode(message) + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # reading its answer will find that it has ended

    def _line(self, patience_s: float) -> bytes:
        """Return the next line; empty if the process has ended, or was killed because nothing came in time."""
        assert self._process.stdout is not None
        timer = threading.Timer(patience_s, self._kill_hung)
        timer.daemon = True
        timer.start()
        try:
            return self._process.stdout.readline()
        finally:
            timer.cancel()

    def _kill_hung(self) -> None:
        self._hung = True
        self._process.kill()


def _ending(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


# -- in the process itself -------------------------------------------------------------------------------------


@cache
def _tracker() -> Tracker:
    from loosen.camera.blazepose.tracker import Tracker

    return Tracker(1)


def main() -> None:
    """Watch the recordings that are requested until stdin ends."""
    # Signals are for the worker: this process ends with its stdin.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with suppress(ImportError):  # not on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    results = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a library prints must not be taken for a result
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(requests,), daemon=True).start()
    settings = msgspec.json.decode(requests.get(), type=WatchSettings)
    import_module("loosen.camera.watch")  # takes seconds, which must not count against the first recording
    results.write(b"\n")
    while True:
        request = msgspec.json.decode(requests.get(), type=WatchRequest)
        results.write(msgspec.json.encode(_watch(request, settings, results)) + b"\n")


def _read(requests: queue.SimpleQueue[bytes]) -> None:
    """Queue the lines of stdin, and end the process with it: nobody waits for a result any more."""
    # Unbuffered, for a buffered reader that waits here would abort the process when the other thread ends it.
    with io.FileIO(0, closefd=False) as lines:
        for line in lines:
            requests.put(line)
    os._exit(0)


def _watch(request: WatchRequest, settings: WatchSettings, results: IO[bytes]) -> WatchResult:
    from loosen.camera.watch import watch
    from loosen.routine.reader import builtin, parse

    said_s = time.monotonic()

    def still_watching(_: float) -> None:
        nonlocal said_s
        if time.monotonic() - said_s > ALIVE_EVERY_S:
            said_s = time.monotonic()
            results.write(b"\n")

    routine = builtin() if settings.routine is None else parse(settings.routine.encode())
    try:
        report = watch(
            request.path, settings.exercise,
            routine=routine, name=request.name, threads=1, decoders=1, tracker=_tracker, progress=still_watching,
        )  # fmt: skip
    except MissingPart as error:
        return WatchResult(missing=str(error))
    except MemoryError:
        return WatchResult(error=f"reading it takes more than {MEMORY_BYTES / 2**30:g} GiB of memory.")
    except InputError as error:
        return WatchResult(error=str(error).removeprefix(f"{request.path}: ").replace(request.path, request.name))
    # No table holds the signals, so they stay here.
    reps = tuple(msgspec.structs.replace(rep, signal=None) for rep in report.reps)
    return WatchResult(msgspec.structs.replace(report, reps=reps))


if __name__ == "__main__":
    main()
