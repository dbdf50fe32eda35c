"""A process that watches one recording after the other, and may die of one: `python -m loosen.archive.decoder_process`.

A decoder that crashes takes its process with it, and one that hangs can only be ended from outside. So each worker
has such a process beside it, with the pose model loaded once. One JSON object a line: first the settings, then one
recording each on stdin; on stdout an empty line for "still at it", then what came of it.
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
from typing import IO, TYPE_CHECKING, Any

import msgspec

from loosen.errors import BrokenRecording, InputError, MissingPart

if TYPE_CHECKING:
    from loosen.camera.blazepose.tracker import Tracker

ALIVE_EVERY_S = 0.5
# What one recording may take before it is set aside; 1080p clips need a quarter of it.
MEMORY_BYTES = 2**30
STARTING_S, ENDING_S = 300.0, 5.0


class Settings(msgspec.Struct, frozen=True):
    """How to watch: the routine file's text (None: the built-in), the exercise (None: find out), and for how long
    to wait for the next picture."""

    routine: str | None
    exercise: str | None
    patience_s: float


class Ask(msgspec.Struct, frozen=True):
    """A recording's local path, and what it is called in its report."""

    path: str
    name: str


class Answer(msgspec.Struct, frozen=True):
    """A recording's report (coach/report.py), or why there is none; `missing`: what this machine lacks for any."""

    report: dict[str, Any] | None
    error: str = ""
    broken_at_s: float | None = None
    missing: str = ""


class Eye:
    """The process, from outside. Not to be shared between threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._process = subprocess.Popen(
            # -P: whatever else lies in the folder that one stands in is not imported.
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
        """Whether it is alive."""
        return self._process.poll() is None

    def watch(self, ask: Ask) -> Answer:
        """Return what came of a recording.

        BrokenRecording if it crashed or hung the process, which is then gone; MissingPart if the process lacks
        something that it would need for any recording.
        """
        self._send(ask)
        while (line := self._line(self.settings.patience_s)) == b"\n":
            pass
        if line:
            answer = msgspec.json.decode(line, type=Answer)
            if answer.missing:
                raise MissingPart(answer.missing)
            return answer
        with suppress(subprocess.TimeoutExpired):  # it has ended, or is about to: how, is what is asked
            self._process.wait(ENDING_S)
        self.close()
        if self._hung:
            raise BrokenRecording(f"reading it hung: nothing came for {self.settings.patience_s:g} s")
        raise BrokenRecording(f"reading it crashed ({_ending(self._process.returncode)})")

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def _send(self, message: msgspec.Struct) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(msgspec.json.encode(message) + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # reading will tell

    def _line(self, patience_s: float) -> bytes:
        """Return the next line; empty if there is none and the process has ended, or was ended for its silence."""
        assert self._process.stdout is not None
        timer = threading.Timer(patience_s, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            return self._process.stdout.readline()
        finally:
            timer.cancel()

    def _give_up(self) -> None:
        self._hung = True
        self._process.kill()


def _ending(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


# -- inside the process ---------------------------------------------------------------------------------------


@cache
def _tracker() -> Tracker:
    from loosen.camera.blazepose.tracker import Tracker

    return Tracker(1)


def main() -> None:
    """Watch what is asked for until stdin ends."""
    for one in (signal.SIGINT, signal.SIGTERM):  # both are for whoever started us: we end with our stdin
        signal.signal(one, signal.SIG_IGN)
    with suppress(ImportError):  # not on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a library prints is no answer
    asked: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(asked,), daemon=True).start()
    settings = msgspec.json.decode(asked.get(), type=Settings)
    answers.write(b"\n")
    while True:
        ask = msgspec.json.decode(asked.get(), type=Ask)
        answers.write(msgspec.json.encode(_answer(ask, settings, answers)) + b"\n")


def _read(asked: queue.SimpleQueue[bytes]) -> None:
    """Hand on what comes in. At its end nobody waits for an answer any more, not even to one under way."""
    # Unbuffered: a buffer that is waiting here would abort the process when the other thread ends it.
    with io.FileIO(0, closefd=False) as lines:
        for line in lines:
            asked.put(line)
    os._exit(0)


def _answer(ask: Ask, settings: Settings, answers: IO[bytes]) -> Answer:
    from loosen.camera.watch import watch
    from loosen.coach.counting.report import plain
    from loosen.routine.reader import builtin, parse

    said_s = time.monotonic()

    def alive(_: float) -> None:
        nonlocal said_s
        if time.monotonic() - said_s > ALIVE_EVERY_S:
            said_s = time.monotonic()
            answers.write(b"\n")

    routine = builtin() if settings.routine is None else parse(settings.routine.encode())
    try:
        report = watch(
            ask.path, settings.exercise,
            routine=routine, name=ask.name, threads=1, decoders=1, tracker=_tracker, progress=alive,
        )  # fmt: skip
    except MissingPart as error:
        return Answer(None, missing=str(error))
    except MemoryError:
        return Answer(None, f"reading it takes more than {MEMORY_BYTES / 2**30:g} GiB of memory.")
    except InputError as error:
        return Answer(None, str(error).replace(ask.path, ask.name).removeprefix(f"{ask.name}: "))
    return Answer(plain(report), broken_at_s=report.broken_at_s)


if __name__ == "__main__":
    main()
