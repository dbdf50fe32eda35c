"""A large journal: `uv run python benchmarks/journal.py [--sessions 10000] [--json]`.

A made-up person's sessions with every signal, and a year of sits. Figures to reach: the list (the whole command, and
the reading alone) and what the history page shows (asked of a running server) in under 0.3 s each; less than 50 kB a
session in the file. Starting Python is timed too: a slow machine is not a slow journal. The charts come after the page,
one by one; they are told, without a figure to reach.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from unittest.mock import patch

import httpx

from loosen.coach.counting.rep import Trace
from loosen.journal.made_up import MadeUp
from loosen.journal.store.journal import Journal
from loosen.journal.store.traces import pack_trace
from loosen.journal.transfer import backup, importer
from loosen.routine.model import Exercise
from loosen.routine.reader import builtin
from loosen.routine.words import load_words

LIMIT_S, LIMIT_BYTES = 0.3, 50_000
TIMES = 5
SAMPLE = 200
"""Sessions with signals of their own, for the size; the large journal takes theirs in turn, which packs them once."""
CHARTS = ("exercise/back-arches", "scores", "sitting")


def fill(path: Path, sessions: int) -> None:
    """Write a made-up journal; its signals are those of a few hundred repetitions, again and again."""
    made = MadeUp(builtin(), load_words(), sessions=sessions, now=datetime.now().astimezone())
    few: dict[str, list[Trace]] = {}
    signal = made._signal

    def again(exercise: Exercise, *rest: float) -> Trace:
        kept = few.setdefault(exercise.id, [])
        if len(kept) < 100:
            kept.append(signal(exercise, *rest))
            return kept[-1]
        return kept[made._random.randrange(100)]

    packed = lru_cache(maxsize=None)(pack_trace)
    with (
        patch.object(made, "_signal", again),
        patch("loosen.journal.store.statements.pack_trace", packed),
        Journal.open(path) as journal,
        journal.changing() as db,
    ):
        importer.merge(db, made.contents())


def bytes_a_session(path: Path) -> float:
    """Return what a session takes in the file, each with signals of its own, its share of the sits included."""
    made = MadeUp(builtin(), load_words(), sessions=SAMPLE, now=datetime.now().astimezone())
    with Journal.open(path) as journal:
        with journal.changing() as db:
            importer.merge(db, made.contents())
        backup.sweep(journal)
    return path.stat().st_size / SAMPLE


def median_s(run: Callable[[], object]) -> float:
    """Return how long a call takes, the middle of a few."""
    times = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def command(*arguments: str) -> Callable[[], object]:
    """Return a call of the command line."""
    whole = [sys.executable, "-m", "loosen", *arguments]
    return lambda: subprocess.run(whole, check=True, stdout=subprocess.DEVNULL)


def served(path: Path) -> dict[str, float]:
    """Return how long a running server takes for the history page's parts."""
    arguments = ["-m", "loosen", "--journal", str(path), "--no-browser", "--port", "0"]
    out: dict[str, float] = {}
    with subprocess.Popen([sys.executable, *arguments], stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            address = next(found[0] for line in server.stderr if (found := re.search(r"http://\S+", line)))
            with httpx.Client(trust_env=False, timeout=60, follow_redirects=True) as page:
                page.get(address).raise_for_status()
                base = address.partition("?")[0]
                page.get(f"{base}history.json").raise_for_status()  # brings in what is imported late
                parts = {f"history_{weeks}_weeks_s": f"history.json?weeks={weeks}" for weeks in (12, 52)}
                for name, part in (parts | {"home_s": "home.json"}).items():
                    out[name] = median_s(partial(page.get, base + part))
                for chart in CHARTS:
                    begin = time.perf_counter()
                    page.get(f"{base}history/{chart}.svg").raise_for_status()
                    out[f"chart_{chart.rpartition('/')[2]}_s"] = time.perf_counter() - begin
        finally:
            server.terminate()
            server.wait()
    return out


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sessions", type=int, default=10_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LOOSEN_HOME"] = folder
        path = Path(folder) / "journal.db"
        fill(path, given.sessions)
        result = {
            "sessions": float(given.sessions),
            "file_mb": path.stat().st_size / 1e6,
            "bytes_a_session": bytes_a_session(Path(folder) / "sample.db"),
            "python_s": median_s(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True)),
            "list_command_s": median_s(command("journal", "list", "--journal", str(path))),
        }
        with Journal.open(path) as journal:
            result["list_s"] = median_s(journal.sessions)
            result["last_100_s"] = median_s(lambda: journal.sessions(100))
        result |= served(path)
    if given.json:
        print(json.dumps({"limit_s": LIMIT_S, "limit_bytes": LIMIT_BYTES} | result))
        return
    for name, value in result.items():
        limit = (
            LIMIT_BYTES if name == "bytes_a_session" else LIMIT_S if name.startswith(("list_s", "history")) else None
        )
        print(f"{name:22} {value:12.3f}" + (f"   wanted: under {limit}" if limit else ""))


if __name__ == "__main__":
    main()
