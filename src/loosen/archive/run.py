"""`loosen archive`: recordings in, tables out, each recording once."""

from __future__ import annotations

import hashlib
import sys
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from distributed import Client, Future, as_completed
from distributed.client import ClosedClientError
from distributed.scheduler import KilledWorker

from loosen import __version__
from loosen.archive.cluster import connected
from loosen.archive.decoder_process import Settings
from loosen.archive.recordings import Found, list_recordings
from loosen.archive.storage import gone
from loosen.archive.tables import GONE, Known, Partition, Row, Tables
from loosen.archive.worker import Done, Job, watch_one
from loosen.coach.routine_check import load_routine, vet_choice
from loosen.errors import BrokenRecording, ClusterLost, LoosenError, MissingPart, VersionMismatch
from loosen.routine.reader import builtin
from loosen.routine.words import Words, load_words
from loosen.terminal import Progress, Terminal

# A partition is written when it holds so many recordings or has been gathered for a twentieth of the run's time,
# within these bounds: a kill costs little, and a long run does not end in a hundred thousand small files.
PART_ROWS = 2000
PART_SHARE, PART_MIN_S, PART_MAX_S = 0.05, 1.0, 60.0
TRIES = 2
# Units under way for each thread of the cluster, so that none waits for the client; the rest waits here. They are
# handed out half of that at a time: a scheduler keeps a note of each such call for ever (Dask's spans).
AHEAD, LEAST_THREADS = 4, 4
THREADS_EVERY_S = 10.0
SAID_EVERY_S = 60.0
NAMED = 20


@dataclass(slots=True)
class Summary:
    """What a run came to. `set_aside` and `failed`: (address, reason); those that failed are tried again next time.

    `broken`: (address, time in s from which on it could not be read) of those watched now.
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
    def exit_code(self) -> int:
        """0 when every recording was watched, now or before."""
        return 1 if self.set_aside or self.failed else 0


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
) -> Summary:
    """Watch what is new in `sources`, add it to the tables in `out`, and say on stderr how it goes.

    Stopped at any time, it goes on where it was when it is run again. `again`: what was set aside before is tried once
    more. Raises ArchiveError.
    """
    begun_s = time.monotonic()
    chosen = builtin() if routine is None else load_routine(routine)
    vet_choice(chosen, exercise)
    text = None if routine is None else routine.read_text("utf-8")
    settings, words = Settings(text, exercise, patience_s), load_words(chosen.language)
    tables = Tables(out, engine_name(settings))
    found = list_recordings(sources)
    tables.prepare()
    summary = Summary(listed=len(found))
    with tables.writing(again) as known:
        unseen = _unseen(found, known)
        copied = {unit for one in found if (unit := known.unit_at(one.address, one.stamp)) in known.copied}
        new = deque(_new(found, known, summary, words))
        found.clear()  # half a million would be held twice
        say = Terminal(sys.stderr).say
        if new:
            with connected(on, workers) as client:
                say(words("archive.dashboard", address=client.dashboard_link))
                if not client.nthreads():
                    say(words("archive.no-worker", address=on))
                with Run(client, tables, known, settings, words, summary, chosen.id) as run:
                    run.go(new)
                    copied |= run.copied
        if rows := [place_row(Found(address, "", 0, None), GONE) for address in gone(unseen, copied)]:
            tables.write(Partition(places=rows))
    summary.took_s = round(time.monotonic() - begun_s, 1)
    return summary


def engine_name(settings: Settings) -> str:
    """Return the name of what watches: loosen's version, and a digest of the routine and exercise chosen."""
    chosen = f"{settings.routine or ''}\0{settings.exercise or ''}"
    return f"{__version__}-{hashlib.sha256(chosen.encode()).hexdigest()[:12]}"


def _unseen(found: Iterable[Found], known: Known) -> dict[str, str]:
    """Return, by address, the units of earlier runs that were not found there now: the sources need not have them."""
    listed = {one.address for one in found}
    return {
        address: unit for address, (_, unit) in known.places.items() if unit != GONE and address not in listed
    }


def _new(found: Iterable[Found], known: Known, summary: Summary, words: Words) -> Iterator[Found]:
    """Yield what is not done; what is, or cannot be, goes into the summary."""
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


class Run:
    """Hands out units as workers become free, and writes what comes back."""

    def __init__(
        self, client: Client, tables: Tables, known: Known, settings: Settings, words: Words, summary: Summary,
        routine: str,
    ) -> None:  # fmt: skip
        self._client, self._tables, self._known, self._settings = client, tables, known, settings
        self._words, self._summary, self._routine = words, summary, routine
        self._begun_s = time.monotonic()
        self._part, self._part_s = Partition(), self._begun_s
        self._under_way: dict[Future[Any], Found] = {}
        self._threads, self._threads_s = 0, float("-inf")
        self.copied: set[str] = set()
        # Another run on the same scheduler asks for the same, and knows other things.
        self._id = uuid.uuid4().hex

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        """Whatever happens, keep what is done."""
        self._write()

    def go(self, waiting: deque[Found]) -> None:
        """Watch them all, and let go of each; ClusterLost if the cluster is."""
        with Progress(self._words("archive.progress")) as bar:
            speed = Speed(len(waiting), bar, self._words)
            completed = as_completed(loop=self._client.loop, with_results=True, raise_errors=False)
            self._fill(completed, waiting)
            for future, result in completed:
                found = self._under_way.pop(future)
                self._take(found, future, result)
                del future
                self._fill(completed, waiting)
                if self._is_due():
                    self._write()
                speed.one_more()

    def _fill(self, completed: Any, waiting: deque[Found]) -> None:
        """Have enough under way for every thread, and no more: neither we nor the scheduler hold the rest."""
        if time.monotonic() - self._threads_s > THREADS_EVERY_S:
            self._threads_s = time.monotonic()
            self._threads = sum(self._asked(self._client.nthreads).values())
        most = AHEAD * max(self._threads, LEAST_THREADS)
        if len(self._under_way) > most // 2:
            return
        more = [waiting.popleft() for _ in range(min(most - len(self._under_way), len(waiting)))]
        if not more:
            return
        jobs = [Job(one.address, self._settings, self._known.alike(one.size, one.stamp)) for one in more]
        futures = self._asked(
            self._client.map, watch_one, jobs, key=[self._name(one) for one in more], retries=TRIES - 1
        )
        self._under_way.update(zip(futures, more, strict=True))
        completed.update(futures)

    def _asked(self, ask: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Ask the scheduler; ClusterLost if it is not there."""
        try:
            return ask(*arguments, **options)
        except (OSError, AttributeError, ClosedClientError) as error:
            if self._client.status == "running":
                raise
            raise ClusterLost(self._words("archive.lost-scheduler")) from error

    def _name(self, found: Found) -> str:
        of = f"{self._id} {found.address} {found.stamp}"
        return f"loosen-{hashlib.sha256(of.encode()).hexdigest()[:24]}"

    def _take(self, found: Found, future: Future[Any], result: Any) -> None:
        """Make rows of what came back."""
        if future.status == "finished":
            self._keep(found, result)
            return
        if future.status != "error":
            raise ClusterLost(self._words("archive.lost-scheduler"))
        match future.exception():
            case BrokenRecording() as error:
                self._keep(found, Done(error.unit, reason=f"{error} ({TRIES} tries)"))
            case KilledWorker():
                self._summary.failed.append((found.address, self._words("archive.killed-worker")))
            case VersionMismatch() | MissingPart() as error:  # will be so for every one
                raise error
            case FileNotFoundError():
                self._summary.failed.append((found.address, self._words("archive.gone")))
            case PermissionError():
                self._summary.failed.append((found.address, self._words("archive.locked")))
            case LoosenError() as error:
                self._summary.failed.append((found.address, str(error)))
            case error:
                self._summary.failed.append((found.address, f"{type(error).__name__}: {error}"))

    def _keep(self, found: Found, done: Done) -> None:
        place = place_row(found, done.unit)
        self._part.places.append(place)
        if done.again or done.unit in self._known:
            self._summary.copies += 1
            self.copied.add(done.unit)
            if done.unit in self._known.set_aside:
                self._summary.set_aside.append((found.address, self._known.set_aside[done.unit]))
            return
        self._known.add(done.unit)
        if done.report is None:
            self._known.set_aside[done.unit] = done.reason or ""
            self._summary.set_aside.append((found.address, done.reason or ""))
        else:
            self._summary.watched += 1
            if done.broken_at_s is not None:
                self._summary.broken.append((found.address, done.broken_at_s))
        recording, reps = rows(found, done, self._routine, place["seen_at"])
        # In the order in which they are written: an interruption in between leaves what nothing points to.
        self._part.reps += reps
        self._part.recordings.append(recording)

    def _is_due(self) -> bool:
        now_s = time.monotonic()
        wait_s = min(max(PART_SHARE * (now_s - self._begun_s), PART_MIN_S), PART_MAX_S)
        return len(self._part) >= PART_ROWS or now_s - self._part_s > wait_s

    def _write(self) -> None:
        if self._part:
            self._tables.write(self._part)
        self._part, self._part_s = Partition(), time.monotonic()


def place_row(found: Found, unit: str) -> Row:
    """Return the row that says that these contents lie there now."""
    now = datetime.now(UTC).replace(tzinfo=None)
    return {
        "address": found.address, "stamp": found.stamp, "unit": unit, "bytes": found.size, "modified": found.modified,
        "seen_at": now,
    }  # fmt: skip


def rows(found: Found, done: Done, routine: str, now: datetime) -> tuple[Row, list[Row]]:
    """Return a recording's row, and a row for each of its repetitions, as the schema has them."""
    report = dict(done.report or {})
    attempts: list[Row] = report.pop("reps", [])
    recording = report | {
        "unit": done.unit, "input": found.address, "bytes": found.size, "modified": found.modified,
        "status": "watched" if done.report is not None else "set aside", "reason": done.reason,
        "broken_at_s": done.broken_at_s, "attempts": len(attempts) if done.report is not None else None,
        "routine": routine, "loosen": __version__, "took_s": done.took_s, "done_at": now,
    }  # fmt: skip
    reps = [
        {"unit": done.unit, "number": number, "exercise": report.get("exercise"), **rep}
        for number, rep in enumerate(attempts, 1)
    ]
    return recording, reps


class Speed:
    """Says how far it is, how fast it goes and how long it will take: as a bar, or now and then in a log."""

    def __init__(self, total: int, bar: Progress, words: Words) -> None:
        self._total, self._bar, self._words = total, bar, words
        self._done, self._begun_s = 0, time.monotonic()
        self._said_s = self._begun_s
        self._log = None if sys.stderr.isatty() else Terminal(sys.stderr)

    def one_more(self) -> None:
        """One more is done."""
        self._done += 1
        now_s = time.monotonic()
        rate = self._done / max(now_s - self._begun_s, 1e-3)
        left_s = (self._total - self._done) / rate
        if self._log is None:
            note = self._words("archive.rate", rate=_per_second(rate), left=_duration(left_s))
            self._bar.at(self._done / self._total, note)
        elif now_s - self._said_s > SAID_EVERY_S:
            self._said_s = now_s
            at = self._words("archive.rate", rate=_per_second(rate), left=_duration(left_s))
            self._log.say(self._words("archive.log", done=self._done, total=self._total, at=at))


def _per_second(rate: float) -> str:
    return f"{rate:.0f}/s" if rate >= 10 else f"{rate:.1f}/s" if rate >= 1 else f"{rate * 60:.1f}/min"


def _duration(seconds: float) -> str:
    minutes, hours = seconds / 60, seconds / 3600
    return f"{seconds:.0f} s" if seconds < 90 else f"{minutes:.0f} min" if minutes < 90 else f"{hours:.1f} h"


def say_summary(summary: Summary, out: str, words: Words) -> Iterator[str]:
    """Say what a run came to, in lines."""
    yield words(
        "archive.summary", listed=summary.listed, watched=summary.watched, known=summary.known, out=out,
        took=_duration(summary.took_s),
    )  # fmt: skip
    if summary.copies:
        yield words("archive.copies", n=summary.copies)
    broken = [(address, words("archive.beyond", at=f"{at_s:.1f}")) for address, at_s in summary.broken]
    for key, of_kind in (("broken", broken), ("set-aside", summary.set_aside), ("failed", summary.failed)):
        if of_kind:
            yield words(f"archive.{key}", n=len(of_kind))
            yield from (f"  {address}: {reason}" for address, reason in of_kind[:NAMED])
            if len(of_kind) > NAMED:
                yield "  " + words("archive.more", n=len(of_kind) - NAMED)
