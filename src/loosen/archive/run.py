"""A run over the archive: recordings in, tables out, each recording once."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from distributed import Client, Future, as_completed
from distributed.client import ClosedClientError
from distributed.scheduler import KilledWorker

from loosen import __version__, read_routine
from loosen.archive.cluster import connected
from loosen.archive.decoder_process import WatchSettings
from loosen.archive.recordings import SourceFile, list_recordings
from loosen.archive.schema import GONE, place_row, recording_row, rep_rows
from loosen.archive.storage import gone
from loosen.archive.tables import KnownUnits, Partition, Tables
from loosen.archive.worker import RecordingResult, RecordingTask, watch_one
from loosen.coach.routine_check import vet_choice
from loosen.errors import BrokenRecording, ClusterLost, LoosenError, MissingPart, VersionMismatch
from loosen.routine.words import Words, load_words

# A partition is written when it holds PART_ROWS recordings, or after a twentieth of the run's time until then, within
# these bounds: a kill costs little, and a long run does not end in a hundred thousand small files.
PART_ROWS = 2000
PART_SHARE, PART_MIN_S, PART_MAX_S = 0.05, 1.0, 60.0
TRIES = 2
# Tasks under way for each thread of the cluster, so that none waits for the client; the rest waits here. They are
# submitted half of that at a time, because Dask's scheduler keeps a note of each submission for ever (its spans).
AHEAD, LEAST_THREADS = 4, 4
THREADS_EVERY_S = 10.0


@dataclass(slots=True)
class RunSummary:
    """The result of a run. `set_aside` and `failed`: (address, reason); those that failed are tried again next time.

    `copies`: recordings with the contents of another. `broken`: (address, time in s from which on it could not be
    read) of those watched now.
    """

    listed: int = 0
    watched: int = 0
    known: int = 0
    copies: int = 0
    set_aside: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    broken: list[tuple[str, float]] = field(default_factory=list)
    took_s: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether every recording was watched, now or before."""
        return not (self.set_aside or self.failed)


def archive(
    sources: Sequence[str],
    out: str,
    *,
    routine: Path | None = None,
    exercise: str | None = None,
    on: str | None = None,
    workers: int | None = None,
    patience_s: float = 60.0,
    again: bool = False,
    say: Callable[[str], None],
    progress: Callable[[int, int], None],
) -> RunSummary:
    """Watch what is new in `sources` and add it to the tables in `out`.

    Stopped at any time, it goes on where it was when it is run again. `again`: what was set aside before is tried once
    more. `say` is given what a person should know while it runs, a line at a time; `progress` the number of recordings
    that are done and of those there are to do, after each. Raises a LoosenError: ArchiveError where results cannot
    be added to, ClusterLost, VersionMismatch, MissingPart, or what the routine or a recording's address raises.
    """
    begun_s = time.monotonic()
    chosen = read_routine(routine)
    vet_choice(chosen, exercise)
    text = None if routine is None else routine.read_text("utf-8")
    settings, words = WatchSettings(text, exercise, patience_s), load_words(chosen.language)
    tables = Tables(out, engine_name(settings))
    found = list_recordings(sources)
    tables.prepare(text)
    summary = RunSummary(listed=len(found))
    with tables.writing(again) as known:
        listed = {one.address for one in found}
        there = ((address, unit) for address, (_, unit) in known.places.items() if unit != GONE)
        unseen = {address: unit for address, unit in there if address not in listed}
        copied = {unit for one in found if (unit := known.unit_at(one.address, one.stamp)) in known.copied}
        new = deque(_new(found, known, summary, words))
        found.clear()  # half a million of them would be held twice
        listed.clear()
        if new:
            with connected(on, workers) as client:
                say(words("archive.dashboard", address=client.dashboard_link))
                if not client.nthreads():
                    say(words("archive.no-worker", address=on))
                run = ArchiveRun(client, tables, known, settings, words, summary, chosen.id)
                try:
                    run.watch_all(new, progress)
                finally:  # what is done is kept, also after an error or Ctrl-C
                    run.write()
                copied |= run.copied
        if rows := [place_row(SourceFile(address, "", 0, None), GONE) for address in gone(unseen, copied)]:
            tables.write(Partition(places=rows))
    summary.took_s = round(time.monotonic() - begun_s, 1)
    return summary


def engine_name(settings: WatchSettings) -> str:
    """Return the engine's name: loosen's version, and a digest of the routine and exercise that were chosen."""
    chosen = f"{settings.routine or ''}\0{settings.exercise or ''}"
    return f"{__version__}-{hashlib.sha256(chosen.encode()).hexdigest()[:12]}"


def _new(found: Iterable[SourceFile], known: KnownUnits, summary: RunSummary, words: Words) -> Iterator[SourceFile]:
    """Yield the files that are not done; those that are, or cannot be, go into the summary."""
    for one in found:
        try:
            one.address.encode()
        except UnicodeEncodeError:
            readable = one.address.encode(errors="backslashreplace").decode()
            summary.failed.append((readable, words("archive.no-text")))
            continue
        unit = known.unit_at(one.address, one.stamp)
        if unit is None:
            yield one
            continue
        summary.known += 1
        if unit in known.set_aside:
            summary.set_aside.append((one.address, known.set_aside[unit]))


@dataclass(slots=True, eq=False)
class ArchiveRun:
    """Submits recordings as workers become free, and writes their results.

    `routine`: the routine's id. `copied`: units that were found at one more address.
    """

    client: Client
    tables: Tables
    known: KnownUnits
    settings: WatchSettings
    words: Words
    summary: RunSummary
    routine: str
    copied: set[str] = field(default_factory=set)
    part: Partition = field(default_factory=Partition)
    _begun_s: float = field(default_factory=time.monotonic)
    _part_s: float = field(default_factory=time.monotonic)
    _under_way: dict[Future[Any], SourceFile] = field(default_factory=dict)
    _threads: int = 0
    _threads_s: float = float("-inf")

    def watch_all(self, waiting: deque[SourceFile], progress: Callable[[int, int], None]) -> None:
        """Watch the recordings that wait; ClusterLost if the cluster is out of reach."""
        total = len(waiting)
        progress(0, total)
        completed = as_completed(loop=self.client.loop, with_results=True, raise_errors=False)
        self._fill(completed, waiting)
        for done, (future, result) in enumerate(completed, 1):
            file = self._under_way.pop(future)
            self._take(file, future, result)
            del future  # the scheduler forgets a task when nobody holds its future
            self._fill(completed, waiting)
            if self._is_due():
                self.write()
            progress(done, total)

    def _fill(self, completed: Any, waiting: deque[SourceFile]) -> None:
        """Submit enough for every thread, and no more: neither client nor scheduler need hold the rest."""
        if time.monotonic() - self._threads_s > THREADS_EVERY_S:
            self._threads_s = time.monotonic()
            self._threads = sum(self._call(self.client.nthreads).values())
        most = AHEAD * max(self._threads, LEAST_THREADS)
        if len(self._under_way) > most // 2:
            return
        more = [waiting.popleft() for _ in range(min(most - len(self._under_way), len(waiting)))]
        if not more:
            return
        tasks = [RecordingTask(one.address, self.settings, self.known.alike(one.size, one.stamp)) for one in more]
        # Not pure: another run on the same scheduler may submit the same recordings, with other units known.
        futures = self._call(self.client.map, watch_one, tasks, pure=False, retries=TRIES - 1)
        self._under_way.update(zip(futures, more, strict=True))
        completed.update(futures)

    def _call(self, call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Call the scheduler; ClusterLost if it is not there."""
        try:
            return call(*arguments, **options)
        except (OSError, AttributeError, ClosedClientError) as error:
            if self.client.status == "running":
                raise
            raise ClusterLost(self.words("archive.lost-scheduler")) from error

    def _take(self, file: SourceFile, future: Future[Any], result: Any) -> None:
        """Keep the result of a task, or note why it has none."""
        if future.status == "finished":
            self._keep(file, result)
            return
        if future.status != "error":
            raise ClusterLost(self.words("archive.lost-scheduler"))
        match future.exception():
            case BrokenRecording() as error:
                self._keep(file, RecordingResult(error.unit, reason=f"{error} ({TRIES} tries)"))
                return
            case VersionMismatch() | MissingPart() as error:  # it would be so for every recording
                raise error
            case KilledWorker():
                reason = self.words("archive.killed-worker")
            case FileNotFoundError():
                reason = self.words("archive.gone")
            case PermissionError():
                reason = self.words("archive.locked")
            case LoosenError() as error:
                reason = str(error)
            case error:
                reason = f"{type(error).__name__}: {error}"
        self.summary.failed.append((file.address, reason))

    def _keep(self, file: SourceFile, result: RecordingResult) -> None:
        place = place_row(file, result.unit)
        self.part.places.append(place)
        if result.is_copy or result.unit in self.known:
            self.summary.copies += 1
            self.copied.add(result.unit)
            if result.unit in self.known.set_aside:
                self.summary.set_aside.append((file.address, self.known.set_aside[result.unit]))
            return
        self.known.add(result.unit)
        if result.report is None:
            self.known.set_aside[result.unit] = result.reason or ""
            self.summary.set_aside.append((file.address, result.reason or ""))
        else:
            self.summary.watched += 1
            if result.report.broken_at_s is not None:
                self.summary.broken.append((file.address, result.report.broken_at_s))
        # Repetitions before their recording: an interruption in between leaves only rows that no recording names.
        self.part.reps += rep_rows(result)
        self.part.recordings.append(recording_row(file, result, self.routine, place["seen_at"]))

    def _is_due(self) -> bool:
        now_s = time.monotonic()
        wait_s = min(max(PART_SHARE * (now_s - self._begun_s), PART_MIN_S), PART_MAX_S)
        return len(self.part) >= PART_ROWS or now_s - self._part_s > wait_s

    def write(self) -> None:
        """Write what is done."""
        if self.part:
            self.tables.write(self.part)
        self.part, self._part_s = Partition(), time.monotonic()
