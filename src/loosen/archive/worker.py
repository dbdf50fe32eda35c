"""A worker's task: fetch one recording, name it by its contents, have it watched."""

from __future__ import annotations

import platform
import threading
import time
from dataclasses import dataclass

from loosen import __version__
from loosen.archive.decoder_process import DecoderProcess, WatchRequest, WatchSettings
from loosen.archive.storage import fetched
from loosen.coach.counting.rep import Report
from loosen.errors import BrokenRecording, MissingPart, VersionMismatch

_OWN = threading.local()


@dataclass(frozen=True, slots=True)
class RecordingTask:
    """One recording to watch. `known`: units that are done and may be the same. `version`: the client's loosen.

    A unit is the SHA-256 of a recording's contents, in hexadecimal.
    """

    address: str
    settings: WatchSettings
    known: tuple[str, ...] = ()
    version: str = __version__


@dataclass(frozen=True, slots=True)
class RecordingResult:
    """A task's result. Without a `report`, `reason` says why the recording is set aside.

    `is_copy`: its contents were known already, so it was not watched. `took_s`: the worker's time.
    """

    unit: str
    report: Report | None = None
    reason: str | None = None
    is_copy: bool = False
    took_s: float = 0.0


def watch_one(task: RecordingTask) -> RecordingResult:
    """Watch one recording.

    Raises what may be otherwise the next time: BrokenRecording, with the unit, if the recording ended the process that
    decoded it; MissingPart, with the machine, if it lacks something; OSError and others if it cannot be fetched.
    """
    if task.version != __version__:
        raise VersionMismatch(
            f"A worker has loosen {__version__}, this computer has {task.version}. Install the same one on both."
        )
    begun_s = time.perf_counter()
    with fetched(task.address) as (path, unit):
        if unit in task.known:
            return RecordingResult(unit, is_copy=True)
        try:
            result = _decoder(task.settings).watch(WatchRequest(str(path), task.address))
        except BrokenRecording as error:
            error.unit = unit
            raise
        except MissingPart as error:
            raise MissingPart(f"{platform.node() or 'A worker'}: {error}") from error
    took_s = round(time.perf_counter() - begun_s, 3)
    return RecordingResult(unit, result.report, result.error or None, took_s=took_s)


def _decoder(settings: WatchSettings) -> DecoderProcess:
    """Return this thread's process, a new one if the last has ended or has other settings."""
    process: DecoderProcess | None = getattr(_OWN, "decoder", None)
    if process is None or not process.is_open or process.settings != settings:
        if process is not None:
            process.close()
        process = _OWN.decoder = DecoderProcess(settings)
    return process
