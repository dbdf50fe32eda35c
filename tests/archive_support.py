"""A small Dask cluster of separate processes, as a clinic has, and an archive of tracks for it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import pyarrow.dataset as ds
import pytest
from people import ROUTINE, filmed, good

from loosen import cli
from loosen.archive.schema import TABLES
from loosen.archive.tables import Partition, Tables
from loosen.body.synthetic_body import SyntheticCamera
from loosen.camera.formats.track_file import write_track

ARCH = "back-arches"
BIN = Path(sys.executable).parent
LOOPBACK = "127.0.0.1"
PATIENCE_S = 60.0


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind((LOOPBACK, 0))
        port: int = one.getsockname()[1]
        return port


def wait_for(true: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    end_s = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < end_s, f"waited in vain for {what}"
        time.sleep(0.05)


class Cluster:
    """One scheduler and some workers, each with its nanny, on loopback; what has died can be started again."""

    def __init__(self, folder: Path, workers: int = 2, env: Mapping[str, str] | None = None) -> None:
        self.address = f"tcp://{LOOPBACK}:{free_port()}"
        self._folder, self._env = folder, {**os.environ, **(env or {})}
        self._scheduler: subprocess.Popen[bytes] | None = None
        self._workers: list[subprocess.Popen[bytes] | None] = [None] * workers
        self.log = folder / "cluster.log"
        self.mend()

    def mend(self) -> None:
        """Start whatever is not running."""
        if self._scheduler is None or self._scheduler.poll() is not None:
            port = self.address.rpartition(":")[2]
            self._scheduler = self._start("scheduler", "--host", LOOPBACK, "--port", port, "--no-dashboard")
        for n, worker in enumerate(self._workers):
            if worker is None or worker.poll() is not None:
                self._workers[n] = self._start(
                    "worker", self.address, "--nthreads", "1", "--no-dashboard", "--local-directory", str(self._folder),
                    "--host", LOOPBACK,
                )  # fmt: skip

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen([BIN / "dask", *arguments], env=self._env, stdout=log, stderr=log)

    def kill_scheduler(self) -> None:
        assert self._scheduler is not None
        self._scheduler.kill()
        self._scheduler.wait()

    def kill_worker(self, n: int) -> None:
        """Kill the process that works; its nanny starts another."""
        worker = self._workers[n]
        assert worker is not None
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(worker.pid).children():
                if "spawn_main" in " ".join(child.cmdline()):
                    child.kill()

    def close(self) -> None:
        running = [one for one in (*self._workers, self._scheduler) if one is not None]
        below = [child for one in running if one.poll() is None for child in psutil.Process(one.pid).children(True)]
        for one in running:
            one.kill()
            one.wait()
        for child in below:
            with suppress(psutil.NoSuchProcess):
                child.kill()


def pretending(folder: Path, version: str) -> dict[str, str]:
    """Return an environment in which loosen's metadata, by which it says who it is, are those of another version."""
    other = folder / f"loosen-{version}.dist-info"
    other.mkdir()
    (other / "METADATA").write_text(f"Metadata-Version: 2.1\nName: loosen\nVersion: {version}\n")
    return {"PYTHONPATH": str(folder)}


@contextmanager
def cluster(folder: Path, workers: int = 2, env: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    one = Cluster(folder, workers, env)
    try:
        wait_for(lambda: "Scheduler at" in one.log.read_text(), "a scheduler")
        yield one
    finally:
        one.close()


def start_archive(*arguments: object, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start `loosen archive` as a person does, in a process group of its own, so that it can be sent Ctrl-C."""
    return subprocess.Popen(
        [sys.executable, "-m", "loosen", "archive", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, **(env or {})},
    )  # fmt: skip


def run_archive(*arguments: object, env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    process = start_archive(*arguments, env=env)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def archive(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Run `loosen archive` in this process; return its exit code, what it printed and what it said on stderr."""
    code = cli.main(["archive", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def write_tracks(folder: Path, n: int, exercise: str = "reach-for-the-sky", first: int = 0) -> list[Path]:
    """Write tracks of a person, each with contents of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    poses = filmed(exercise, good(exercise, 2), SyntheticCamera(ROUTINE.exercise(exercise).seen.shown, jitter=0.003))
    paths = [folder / f"{exercise}-{index:05d}.npz" for index in range(first, first + n)]
    for index, path in enumerate(paths, first):
        write_track(path, poses, {"index": index})
    return paths


def table(out: Path, name: str) -> list[dict[str, Any]]:
    """Return one of an archive's tables, all partitions together."""
    paths = [str(path) for path in out.glob(f"{name}/*/*.parquet")]
    rows: list[dict[str, Any]] = ds.dataset(paths, schema=TABLES[name]).to_table().to_pylist()
    return rows


# -- an archive whose rows are made up ----------------------------------------------------------------------


def rep(
    unit: str, number: int, verdict: str = "full", reach: float | None = 20.0, *faults: str, error: float | None = 3.0
) -> dict[str, Any]:
    measures = {"range": {"value": reach, "unit": "deg", "plus_minus": error}}
    return {
        "unit": unit, "number": number, "exercise": ARCH, "verdict": verdict, "counted": verdict != "partial",
        "faults": list(faults), "reasons": [], "measures": measures,
    }  # fmt: skip


class Clinic:
    """An archive in the making."""

    def __init__(self, out: Path) -> None:
        self.tables, self.n = Tables(str(out), "0.1.0-a"), 0
        self.tables.prepare()

    def add(
        self,
        address: str,
        day: str,
        *reps: tuple[Any, ...],
        reason: str | None = None,
        done: int = 1,
        error: float | None = 3.0,
        exercise: str = ARCH,
        broken_at_s: float | None = None,
    ) -> str:
        self.n += 1
        unit = f"unit{self.n}"
        counted = sum(one[0] != "partial" for one in reps)
        self.tables.write(Partition(
            [rep(unit, number, *one, error=error) | {"exercise": exercise} for number, one in enumerate(reps, 1)],
            [self.place(unit, address, day)],
            [self.recording(unit, counted, reason, done) | {"broken_at_s": broken_at_s}],
        ))  # fmt: skip
        return unit

    def found(self, unit: str, address: str, day: str) -> None:
        """Note that what was watched before lies there too."""
        self.tables.write(Partition([], [self.place(unit, address, day)], []))

    def place(self, unit: str, address: str, day: str) -> dict[str, Any]:
        moment = datetime.fromisoformat(day if "T" in day else f"{day}T10:00")  # that day nearly everywhere
        return {
            "address": address, "stamp": "s", "unit": unit, "bytes": 1, "modified": moment, "seen_at": moment,
        }  # fmt: skip

    def recording(self, unit: str, counted: int, reason: str | None = None, done: int = 1) -> dict[str, Any]:
        return {
            "unit": unit, "status": "set aside" if reason else "watched", "reason": reason, "exercise": ARCH,
            "counted": None if reason else counted, "done_at": datetime(2026, 11, done),
        }  # fmt: skip
