"""How well the eye sees: the live engine over recordings whose truth is known, with its peers beside it.

    uv run python benchmarks/eye.py FOLDER... [--json FILE] [--chart FILE] [--only TEXT] [--every N]
        [--no-variants] [--no-peers]

FOLDERs hold landmark tracks with `labels.json`, or rendered clips with `NAME.truth.json`. Prints a table: counts (share
exact, off by at most one, mean error), ghosts, times, sides, ranges, faults, robustness and recognition, each with the
figure to reach. A set is only read: nothing is tuned to one recording. `--tuned` names the sets that the engine's
figures were looked over on; the table says so.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from pathlib import Path

import peers
from eye_engine import Job, Result, poses_of, run
from eye_sets import Case, find
from eye_summary import summary
from eye_table import draw, lines

from loosen.cli.terminal import Progress
from loosen.errors import LoosenError

TUNED_ON = "the developers' set (tracks and rendered body 1)"


def cores() -> int:
    """Return how many cores may be used."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


Pool = dict[tuple[str, str, str], dict[str, list[peers.Samples]]]


def known_poses(cases: Sequence[Case]) -> Pool:
    """Return, for the nearest-pose peer, start and end poses by (set, movement, view) and person."""
    pool: Pool = defaultdict(lambda: defaultdict(list))
    for case in cases:
        timed = [t for t in case.reps if t.peak_s is not None and t.start_s is not None and t.end_s is not None]
        if case.kind != "track" or not timed or case.definition is None or case.correct is False:
            continue
        starts = [t for rep in timed for t in (rep.start_s, rep.end_s) if t is not None]
        ends = [rep.peak_s for rep in timed if rep.peak_s is not None]
        if case.definition == "sit-to-stand":
            # The labels' peak is standing; the other end is in the middle between two of them.
            starts = [(a + b) / 2 for a, b in pairwise(ends)]
        found = peers.samples_from(poses_of(case), starts, ends)
        if found is not None:
            pool[case.dataset, case.movement, case.view][case.subject].append(found)
    return pool


def others_of(case: Case, pool: Pool) -> peers.Samples | None:
    """Return what other people of the same set looked like in this movement; None where there is nobody else."""
    people = pool.get((case.dataset, case.movement, case.view), {})
    parts = [sample for who, samples in people.items() if who != case.subject for sample in samples]
    return peers.joined(parts)


def results_of(jobs: Sequence[Job]) -> Iterator[Result]:
    """Do all jobs on all cores; the order is kept."""
    workers = min(cores(), len(jobs))
    if workers <= 1:
        yield from map(run, jobs)
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(run, jobs, chunksize=4)


def main() -> int:
    """Read, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--json", type=Path, help="write all figures there")
    parser.add_argument("--chart", type=Path, help="draw the counting scores there, as PNG")
    parser.add_argument("--only", default="", help="take only recordings with this in their name")
    parser.add_argument("--no-variants", action="store_true", help="leave out the changed recordings")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="change only every Nth recording")
    parser.add_argument("--no-peers", action="store_true", help="leave out the other counters")
    parser.add_argument("--tuned", default=TUNED_ON, help="which sets the engine was tuned on")
    args = parser.parse_args()
    try:
        cases = [case for case in find(args.folders) if args.only in f"{case.dataset}/{case.name}"]
        if not cases:
            print("eye: no recording is left.", file=sys.stderr)
            return 2
        pool = {} if args.no_peers else known_poses(cases)
        jobs = [
            Job(case, not args.no_variants and not at % args.every, not args.no_peers, others_of(case, pool))
            # Clips take longest: first, so that both cores end together.
            for at, case in enumerate(sorted(cases, key=lambda case: case.kind != "clip"))
        ]
        results: list[Result] = []
        with Progress("recordings") as bar:
            for result in results_of(jobs):
                results.append(result)
                bar.at(len(results) / len(jobs))
    except LoosenError as error:
        print(f"eye: {error}", file=sys.stderr)
        return error.exit_code
    figures = {"recordings": len(results), "tuned_on": args.tuned} | summary(results)
    for line in lines(figures):
        print(line)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1, default=list) + "\n", "utf-8")
    if args.chart:
        draw(args.chart, figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
