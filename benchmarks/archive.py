"""The archive: what the engine costs, how it grows with workers, and that memory stays flat.

    uv run benchmarks/archive.py [PART...] [--tracks N] [--clip FILE...] [--json]

Parts: frame, scaling, overhead, memory, tracks, report (default: all). Scaling is of this computer's own cluster; else
a scheduler and workers run as processes on loopback, as on a clinic's machines. Wanted: two workers at least 1.8 x one
on two cores; the engine at most 5% over a plain loop of `watch` on clips; at most 600 MiB for a worker and all below it
with 1080p clips; client and scheduler no larger at the end of many tracks than after the first fifth, but for 10%; a
report on 5 million repetitions within 5 s. `load` is what else the machine did.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import psutil
from distributed import Client

from loosen.archive.report.report import read_report
from loosen.body.synthetic_body import Person, SyntheticCamera, manners_for, recording
from loosen.camera.formats.track_file import write_track
from loosen.camera.watch import watch
from loosen.routine.reader import builtin

HERE = Path(__file__).parent
CLIPS = tuple(HERE.parent / "tests" / "fixtures" / name for name in ("reach.mp4", "arch.mp4"))
BIN = Path(sys.executable).parent
LOOPBACK = "127.0.0.1"
MIB = 2**20
MIN_SCALING, MAX_OVERHEAD, MAX_WORKER_MIB, MAX_GROWTH, MAX_REPORT_S = 1.8, 0.05, 600, 1.10, 5.0
SAMPLE_S = 2.0
PARTS = ("frame", "scaling", "overhead", "memory", "tracks", "report")

Row = dict[str, Any]


class Machines:
    """A scheduler and workers."""

    def __init__(self, folder: Path, workers: int) -> None:
        with closing(socket.socket()) as one:
            one.bind((LOOPBACK, 0))
            port: int = one.getsockname()[1]
        self.address = f"tcp://{LOOPBACK}:{port}"
        self._folder = folder
        self.scheduler = self._start("scheduler", "--host", LOOPBACK, "--port", str(port), "--no-dashboard")
        options = ("--host", LOOPBACK, "--nthreads", "1", "--no-dashboard", "--local-directory", str(folder))
        self.workers = [self._start("worker", self.address, *options) for _ in range(workers)]

    def _start(self, *arguments: str) -> psutil.Popen:
        return psutil.Popen([BIN / "dask", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def archive(self, source: Path, out: Path) -> psutil.Popen:
        command = [sys.executable, "-m", "loosen", "archive", source, "--to", out, "--on", self.address, "--json"]
        return psutil.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def close(self) -> None:
        for one in (*self.workers, self.scheduler):
            for process in (*one.children(recursive=True), one):
                with suppress(psutil.NoSuchProcess):
                    process.kill()


def cpu_s(processes: Sequence[psutil.Process]) -> float:
    """Return the processor time, in seconds, of processes and all below them."""
    every = [below for one in processes for below in (one, *one.children(recursive=True))]
    return sum(sum(one.cpu_times()[:2]) for one in every)


@contextmanager
def machines(folder: Path, workers: int) -> Iterator[Machines]:
    one = Machines(folder, workers)
    try:
        yield one
    finally:
        one.close()


def copies(folder: Path, clips: Sequence[Path], n: int, mark: str) -> Path:
    """Put `n` clips there, each with contents of its own: a few bytes at the end, which no decoder minds."""
    folder.mkdir()
    for index in range(n):
        clip = clips[index % len(clips)]
        (folder / f"{index:06d}{clip.suffix}").write_bytes(clip.read_bytes() + f"{mark}{index}".encode())
    return folder


def worked_s(out: Path) -> tuple[float, float]:
    """Return seconds from the first recording's beginning to the last one's end, and the workers' seconds together."""
    import duckdb

    query = """SELECT epoch(max(done_at)) - min(epoch(done_at) - took_s), sum(took_s)
               FROM read_parquet(?) """
    row = duckdb.execute(query, [f"{out}/recordings/*/*.parquet"]).fetchone()
    assert row is not None
    return float(row[0]), float(row[1])


def run(one: Machines, source: Path, out: Path) -> float:
    """Return the seconds that work took, once it had begun."""
    process = one.archive(source, out)
    process.communicate()
    assert process.returncode == 0, process.returncode
    return worked_s(out)[0]


def frame(scratch: Path, clips: Sequence[Path], rounds: int) -> Row:
    """The processor time of a frame on one core, as it is and enlarged to 1080p: of watching alone, no engine."""
    from loosen import Tracker

    large = scratch / "large.mp4"
    enlarge(clips[0], large)
    tracker, cost_ms = Tracker(1), {}
    for name, clip in (("small", clips[0]), ("1080p", large)):
        took_ms = []
        for _ in range(rounds):
            begun_s = time.process_time()
            seen = watch(clip, threads=1, decoders=1, tracker=lambda: tracker)
            assert seen is not None
            took_ms.append((time.process_time() - begun_s) * 1000 / seen.frames)
        cost_ms[name] = min(took_ms)
    return {"cpu_ms_a_frame": cost_ms, "reached": True}


def scaling(scratch: Path, clips: Sequence[Path], rounds: int) -> Row:
    """One worker of this computer's own against two, taking turns on the same clips; from the first recording on."""
    took: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(rounds):
        source = copies(scratch / f"s{turn}", clips, 16, f"{turn}-")
        for number, seconds in took.items():
            out = scratch / f"s-out{turn}-{number}"
            command = ("archive", str(source), "--to", str(out), "--workers", str(number))
            subprocess.run([sys.executable, "-m", "loosen", *command], check=True, capture_output=True)
            seconds.append(worked_s(out)[0])
    ratios = [a / b for a, b in zip(took[1], took[2], strict=True)]
    best = min(took[1]) / min(took[2])
    return {"one_s": took[1], "two_s": took[2], "ratios": ratios, "scaling": best, "reached": best >= MIN_SCALING}


def overhead(scratch: Path, clips: Sequence[Path], rounds: int) -> Row:
    """One worker against a plain loop that does the same in this process, taking turns.

    On the wall, the best of the rounds; beside it in processor time, of scheduler, worker and all below them. Dask's
    processes take some 4% of a processor for as long as they are there, busy or not.
    """
    from loosen import Tracker

    tracker = Tracker(1)
    plain: list[tuple[float, float]] = []
    engine: list[tuple[float, float]] = []
    client_s: list[float] = []
    with machines(scratch, 1) as one:
        run(one, copies(scratch / "warm", clips, 2, "w"), scratch / "warm-out")
        for turn in range(rounds):
            source = copies(scratch / f"o{turn}", clips, 6, f"{turn}-")
            begun_s, begun_cpu_s = time.perf_counter(), time.process_time()
            for path in sorted(source.iterdir()):
                watch(path, threads=1, decoders=1, tracker=lambda: tracker)
            plain.append((time.process_time() - begun_cpu_s, time.perf_counter() - begun_s))
            before_s, children_s = cpu_s([one.scheduler, *one.workers]), ended_s()
            wall_s = run(one, source, scratch / f"o-out{turn}")
            engine.append((cpu_s([one.scheduler, *one.workers]) - before_s, wall_s))
            client_s.append(ended_s() - children_s)
    share = sum(cpu_s for cpu_s, _ in engine) / sum(cpu_s for cpu_s, _ in plain) - 1
    wall = min(wall_s for _, wall_s in engine) / min(wall_s for _, wall_s in plain) - 1
    return {
        "plain_cpu_and_wall_s": plain, "engine_cpu_and_wall_s": engine, "client_cpu_s": client_s,
        "overhead": wall, "overhead_cpu": share, "reached": wall <= MAX_OVERHEAD,
    }  # fmt: skip


def ended_s() -> float:
    """Return the processor time of this process's children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def memory(scratch: Path, clips: Sequence[Path]) -> Row:
    """The most that a worker, its nanny and its reader take together, on 1080p clips."""
    source = scratch / "hd"
    source.mkdir()
    for index in range(4):
        enlarge(clips[index % len(clips)], source / f"{index}.mp4")
    peaks = {"rss": 0, "pss": 0}
    with machines(scratch, 2) as both:
        process = both.archive(source, scratch / "hd-out")
        while process.poll() is None:
            for worker in both.workers:
                for kind, amount in tree_memory(worker).items():
                    peaks[kind] = max(peaks[kind], amount)
            time.sleep(0.1)
    pss, rss = peaks["pss"] / MIB, peaks["rss"] / MIB
    return {"worker_mib": pss, "worker_rss_mib": rss, "reached": pss <= MAX_WORKER_MIB}


def tree_memory(root: psutil.Process) -> dict[str, int]:
    """Return the memory of a process and all below: `pss` has what they share once, `rss` once for each."""
    total = {"rss": 0, "pss": 0}
    for one in (root, *root.children(recursive=True)):
        try:
            info = one.memory_full_info()
        except psutil.Error:
            continue
        total["rss"] += info.rss
        total["pss"] += getattr(info, "pss", info.rss)
    return total


def enlarge(clip: Path, to: Path) -> None:
    """Write a clip as 1920 x 1080 H.264."""
    import av
    from av.video.stream import VideoStream

    with av.open(str(clip)) as source, av.open(str(to), "w") as target:
        stream = target.add_stream("libx264", rate=30)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        for n, frame in enumerate(source.decode(video=0)):
            larger = frame.reformat(1920, 1080, "yuv420p")
            larger.pts, larger.time_base = n, Fraction(1, 30)
            target.mux(stream.encode(larger))
        target.mux(stream.encode(None))


def tracks(scratch: Path, n: int) -> Row:
    """Many short tracks: units a second, and the memory of client and scheduler along the way."""
    source = scratch / "tracks"
    source.mkdir()
    exercise = builtin().exercises[1]
    person = Person(exercise, manners_for(exercise, 1), still_s=0.2)
    short = [
        pose for pose in recording(person, SyntheticCamera(exercise.seen.shown, fps=5, jitter=0.003)) if pose.t_s < 8
    ]
    write_track(scratch / "one.npz", short, {})
    contents = (scratch / "one.npz").read_bytes()
    for index in range(n):
        folder = source / f"{index // 1000:03d}"
        folder.mkdir(exist_ok=True)
        (folder / f"{index:06d}.npz").write_bytes(contents + index.to_bytes(4, "big"))
    out = scratch / "tracks-out"
    seen: list[tuple[int, float, float]] = []
    with machines(scratch, 2) as both:
        # Dask remembers the names of its last 100,000 tasks; begin where a scheduler is that has had as many.
        with Client(both.address, timeout=60) as client:
            client.run_on_scheduler(remember_names)
        before_s, workers_s, children_s = cpu_s([both.scheduler]), cpu_s(both.workers), ended_s()
        process = both.archive(source, out)
        while process.poll() is None:
            time.sleep(SAMPLE_S)
            try:
                now = (process.memory_info().rss / MIB, both.scheduler.memory_info().rss / MIB)
            except psutil.Error:
                break
            if now[0]:  # else it has just ended
                seen.append((rows_of(out), *now))
        told = json.loads(process.communicate()[0])
        cost_s = {
            "scheduler": cpu_s([both.scheduler]) - before_s,
            "client": ended_s() - children_s,
            "workers": cpu_s(both.workers) - workers_s,
        }
    took_s = worked_s(out)[0]
    steady = [one for one in seen if one[0] >= n / 5]
    client, scheduler = (
        [statistics.median(one[at] for one in some) for some in (steady[:5], steady[-5:])] for at in (1, 2)
    )
    growth = max(client[1] / client[0], scheduler[1] / scheduler[0])
    return {
        "tracks": n, "frames": len(short), "watched": told["watched"], "took_s": took_s, "per_s": n / took_s,
        "cpu_ms_a_track": {name: seconds * 1000 / n for name, seconds in cost_s.items()},
        "client_mib": client, "scheduler_mib": scheduler, "along": seen[:: max(len(seen) // 12, 1)],
        "growth": growth, "reached": growth <= MAX_GROWTH and told["watched"] == n,
    }  # fmt: skip


def remember_names(n: int = 100_000) -> None:
    from dask.utils import key_split

    for index in range(n):
        key_split(f"loosen-{index:024x}")


def rows_of(out: Path) -> int:
    import pyarrow.parquet as pq

    return sum(pq.read_metadata(path).num_rows for path in out.glob("recordings/*/part-*.parquet"))


def report(scratch: Path, n: int = 5_000_000) -> Row:
    """The report on five million repetitions of 500,000 recordings, made up; two threads."""
    out = scratch / "big"
    make_up(out, n)
    took_s = []
    for _ in range(3):
        begun_s = time.perf_counter()
        seen = read_report(str(out), path_pattern="{person}/*")
        took_s.append(time.perf_counter() - begun_s)
    command = [sys.executable, "-m", "loosen", "archive", "report", str(out), "--person", "{person}/*"]
    begun_s = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    whole_s = time.perf_counter() - begun_s
    return {
        "reps": n, "recordings": seen.recordings, "weeks": len(seen.weeks), "query_s": took_s,
        "command_s": whole_s, "reached": whole_s <= MAX_REPORT_S,
    }  # fmt: skip


def make_up(out: Path, n: int, parts: int = 20) -> None:
    """Write an archive of made-up rows: ten repetitions a recording, a thousand people, 300 days."""
    import duckdb

    from loosen.archive.tables import Tables
    from loosen.coach.counting.rep import MEASURES

    Tables(str(out), "e").prepare()
    measures = ", ".join(
        f"{name}: {{value: (18 + (i + j) % 7)::DOUBLE, unit: 'deg', plus_minus: 3::DOUBLE}}" for name in MEASURES
    )
    recordings = """SELECT sha256(i::VARCHAR) AS unit, format('/clinic/p{}/{}.mp4', i % 1000, i) AS input, 1 AS bytes,
        TIMESTAMP '2026-01-05' + to_days((i // 1000 % 300)::INT) AS modified, 'watched' AS status,
        NULL::VARCHAR AS reason, NULL::DOUBLE AS broken_at_s, 'back-arches' AS exercise, 10::BIGINT AS counted,
        TIMESTAMP '2026-11-01' AS done_at"""
    places = """SELECT input AS address, 's' AS stamp, unit, bytes, modified, done_at AS seen_at"""
    reps = f"""SELECT sha256(i::VARCHAR) AS unit, j::INT AS number,
        ['back-arches', 'reach-for-the-sky', 'raise-the-roof', 'lazy-leg-walk'][1 + i % 4] AS exercise,
        ['full', 'full', 'full', 'shallow', 'rushed'][1 + (7 * i + j) % 5] AS verdict, true AS counted,
        CASE (i + j) % 5 WHEN 0 THEN ['knees-bend'] ELSE []::VARCHAR[] END AS faults, {{{measures}}} AS measures"""
    database = duckdb.connect()
    for part in range(parts):
        of_part = f"range({part}, {n // 10}, {parts}) AS t(i)"
        for table, query in (
            ("reps", f"{reps} FROM {of_part}, range(10) AS u(j)"),
            ("places", f"{places} FROM ({recordings} FROM {of_part})"),
            ("recordings", f"{recordings} FROM {of_part}"),
        ):
            folder = out / table / "engine=e"
            folder.mkdir(parents=True, exist_ok=True)
            database.execute(f"COPY ({query}) TO '{folder}/part-{part}.parquet' (COMPRESSION zstd)")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--clip", type=Path, action="append", help="instead of two of tests/fixtures")
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    clips = given.clip or list(CLIPS)
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no part is called {', '.join(unknown)}")
    result: dict[str, Row] = {}
    for part in given.parts or PARTS:
        with tempfile.TemporaryDirectory(prefix="loosen-bench-") as folder:
            scratch, load = Path(folder), os.getloadavg()[0]
            match part:
                case "frame":
                    result[part] = frame(scratch, clips, given.rounds)
                case "scaling":
                    result[part] = scaling(scratch, clips, given.rounds)
                case "overhead":
                    result[part] = overhead(scratch, clips, given.rounds)
                case "memory":
                    result[part] = memory(scratch, clips)
                case "tracks":
                    result[part] = tracks(scratch, given.tracks)
                case _:
                    result[part] = report(scratch)
            result[part]["load"] = [load, os.getloadavg()[0]]
        if not given.json:
            print(part, json.dumps(result[part], default=str), flush=True)
    if given.json:
        print(json.dumps(result))
    return 0 if all(row["reached"] for row in result.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
