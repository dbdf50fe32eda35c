"""Killed at any time, wherever: nothing is lost and nothing is there twice. On a real cluster of processes."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from archive_support import cluster, run_archive, start_archive, table, wait_for, write_tracks

KILLS = 20


def units_of(paths: list[Path]) -> set[str]:
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def check_whole(out: Path, paths: list[Path]) -> None:
    """Every recording has one row, one place and its two repetitions."""
    recordings, reps, places = (table(out, name) for name in ("recordings", "reps", "places"))
    units = units_of(paths)
    assert Counter(row["unit"] for row in recordings) == dict.fromkeys(units, 1)
    assert Counter(row["unit"] for row in reps) == dict.fromkeys(units, 2)
    assert Counter(row["address"] for row in places) == {str(path): 1 for path in paths}
    assert {row["status"] for row in recordings} == {"watched"}


@pytest.mark.slow
def test_client_worker_and_scheduler_may_be_killed_twenty_times(tmp_path: Path) -> None:
    rng, source, out = random.Random(6), tmp_path / "source", tmp_path / "out"
    paths = write_tracks(source, 60)
    killed: Counter[str] = Counter()
    with cluster(tmp_path) as machines:
        client = start_archive(source, "--to", out, "--on", machines.address)

        def is_done() -> bool:
            """Start whatever has ended, but for a client that came to its end."""
            nonlocal client
            machines.mend()
            if client.poll() not in (None, 0):
                err = client.communicate()[1]
                if client.returncode > 0:  # it ended by itself, and says why
                    assert err.splitlines()[-1].startswith("loosen: ")
                client = start_archive(source, "--to", out, "--on", machines.address)
            return client.poll() == 0

        while killed.total() < KILLS:
            end_s = time.monotonic() + rng.uniform(0.2, 2.4)
            while time.monotonic() < end_s:
                if is_done():  # more recordings come
                    client.communicate()
                    paths.extend(write_tracks(source, 30, first=len(paths)))
                    client = start_archive(source, "--to", out, "--on", machines.address)
                time.sleep(0.05)
            victim = rng.choice(["client", "worker", "scheduler"])
            killed[victim] += 1
            if victim == "client":
                client.kill()
            elif victim == "worker":
                machines.kill_worker(rng.randrange(2))
            else:
                machines.kill_scheduler()
        wait_for(is_done, "an undisturbed end", 120)
        client.communicate()
        code, said, _ = run_archive(source, "--to", out, "--on", machines.address)
    assert min(killed[victim] for victim in ("client", "worker", "scheduler")) >= 3
    assert (code, f"Watched now: 0, known from before: {len(paths)}." in said) == (0, True)
    check_whole(out, paths)


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_done_and_the_next_run_goes_on(tmp_path: Path) -> None:
    paths = write_tracks(tmp_path / "source", 80)
    out = tmp_path / "out"
    client = start_archive(tmp_path / "source", "--to", out, "--workers", "2")
    wait_for(lambda: any(out.glob("recordings/*/part-*")), "the first partition")
    os.killpg(client.pid, signal.SIGINT)
    _, err = client.communicate(timeout=60)
    assert client.returncode == 130
    assert err.splitlines()[-1].startswith("Stopped. What was done is kept")
    assert "Traceback" not in err
    done = len(table(out, "recordings"))
    assert 0 < done < len(paths)
    code, said, _ = run_archive(tmp_path / "source", "--to", out, "--workers", "2")
    assert code == 0
    assert f"Watched now: {len(paths) - done}, known from before: {done}." in said
    check_whole(out, paths)
