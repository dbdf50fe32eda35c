"""What a worker does: fetch one recording, name it by its contents, have it watched."""

from __future__ import annotations

import platform
import threading
import time
from dataclasses import dataclass
from typing import Any

from loosen import __version__
from loosen.archive.decoder_process import Ask, Eye, Settings
from loosen.archive.storage import fetched
from loosen.errors import BrokenRecording, MissingPart, VersionMismatch

_OWN = threading.local()


@dataclass(frozen=True, slots=True)
class Job:
    """One recording to watch. `known`: units that are done and may be the same. `version`: the client's loosen."""

    address: str
    settings: Settings
    known: tuple[str, ...] = ()
    version: str = __version__


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it. `report`: coach/report.py's; without one, `reason` says why it was set aside.

    `again`: its contents were known already, so it was not watched. `took_s`: the worker's time.
    """

    unit: str
    report: dict[str, Any] | None = None
    reason: str | None = None
    broken_at_s: float | None = None
    again: bool = False
    took_s: float = 0.0


def watch_one(job: Job) -> Done:
    """Do one unit of work.

    Raises what may be otherwise the next time: BrokenRecording, with the unit, if the recording ended its reader;
    MissingPart, with the machine, if it lacks something; OSError and others if it could not be fetched.
    """
    if job.version != __version__:
        raise VersionMismatch(
            f"A worker has loosen {__version__}, this computer has {job.version}. Install the same one on both."
        )
    begun_s = time.perf_counter()
    with fetched(job.address) as (path, unit):
        if unit in job.known:
            return Done(unit, again=True)
        try:
            answer = _eye(job.settings).watch(Ask(str(path), job.address))
        except BrokenRecording as error:
            error.unit = unit
            raise
        except MissingPart as error:
            raise MissingPart(f"{platform.node() or 'A worker'}: {error}") from error
    took_s = round(time.perf_counter() - begun_s, 3)
    return Done(unit, answer.report, answer.error or None, answer.broken_at_s, took_s=took_s)


def _eye(settings: Settings) -> Eye:
    """Return this thread's process, a new one if the last has died or was set up otherwise."""
    eye: Eye | None = getattr(_OWN, "eye", None)
    if eye is None or not eye.is_open or eye.settings != settings:
        if eye is not None:
            eye.close()
        eye = _OWN.eye = Eye(settings)
    return eye
