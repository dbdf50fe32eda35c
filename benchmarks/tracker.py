"""How fast the tracker is and how often it finds somebody, against its bare model and MediaPipe 0.10.21.

    uv run benchmarks/tracker.py [CLIP...] [--bsd] [--json] [--env FOLDER] [--no-mediapipe]

All in one run, taking turns on the same decoded pictures, because only ratios carry over to
another machine. MediaPipe gets an environment of its own, made for the run unless `--env` names one.
Wanted: the tracker takes at most 1.25 x the bare landmark model; MediaPipe takes at least 1.6 x the tracker;
the tracker finds somebody in at least as many frames as MediaPipe.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from golden.environment import free_clips, mediapipe_python
from numpy.typing import NDArray

from loosen.camera.blazepose.model import Model
from loosen.camera.blazepose.tracker import Tracker
from loosen.camera.formats.video import open_clip
from loosen.camera.weights import LANDMARKS

HERE = Path(__file__).parent
FIXTURES = HERE.parent / "tests" / "fixtures"
MAX_BARE, MIN_AHEAD = 1.25, 1.6
# Frames that one side does before the other takes its turn.
TURN = 20


Pictures = list[tuple[float, NDArray[np.uint8]]]


class Ours:
    """The tracker, and beside it the bare landmark model, frame by frame."""

    def __init__(self, threads: int) -> None:
        self._tracker, self._bare = Tracker(threads), Model(LANDMARKS, threads, 0.0, 1.0)
        self._bare.run(np.zeros((self._bare.side, self._bare.side, 3), np.uint8))

    def watch(self, pictures: Pictures) -> tuple[list[bool], list[float], list[float]]:
        """Return for each frame: somebody found, seconds of the whole tracker, seconds of the bare model."""
        found, took_s, bare_s = [], [], []
        for t_s, rgb in pictures:
            begin_s = time.perf_counter()
            look = self._tracker.look(rgb, t_s)
            took_s.append(time.perf_counter() - begin_s)
            begin_s = time.perf_counter()
            self._bare._interpreter.invoke()
            bare_s.append(time.perf_counter() - begin_s)
            found.append(look.pose.found)
        return found, took_s, bare_s


class Peer:
    """MediaPipe in its own process, asked clip by clip."""

    def __init__(self, python: Path) -> None:
        self._process = subprocess.Popen(
            [python, HERE / "golden" / "worker.py", "--serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def watch(self, pictures: Pictures, scratch: Path, *, fresh: bool) -> tuple[list[bool], list[float]]:
        """Return for each frame: somebody found, seconds; `fresh` at the beginning of a clip."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        np.save(scratch / "pictures.npy", np.stack([rgb for _, rgb in pictures]))
        request = {"pictures": str(scratch / "pictures.npy"), "fresh": fresh}
        print(json.dumps(request), file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        return answer["found"], answer["took_s"]

    def close(self) -> None:
        self._process.communicate()


def median_ms(took_s: list[float]) -> float:
    return float(np.median(took_s[TURN:] or took_s) * 1e3)


def compare(clip: Path, threads: int, peer: Peer | None, scratch: Path, most: int) -> dict[str, Any]:
    """Return one row: both take turns every few frames, so that a busy moment of the machine hits both."""
    pictures = [pair for _, pair in zip(range(most), open_clip(clip), strict=False)]
    ours = Ours(threads)
    found: list[bool] = []
    took_s: list[float] = []
    bare_s: list[float] = []
    peer_found: list[bool] = []
    peer_s: list[float] = []
    ahead: list[float] = []
    for start in range(0, len(pictures), TURN):
        turn = pictures[start : start + TURN]
        our_found, our_s, our_bare_s = ours.watch(turn)
        found += our_found
        took_s += our_s
        bare_s += our_bare_s
        if peer:
            theirs, their_s = peer.watch(turn, scratch, fresh=start == 0)
            peer_found += theirs
            peer_s += their_s
            if start:  # the first turn loads code and fills caches
                ahead.append(float(np.median(their_s) / np.median(our_s)))
    row: dict[str, Any] = {
        "clip": clip.name,
        "size": list(pictures[0][1].shape[1::-1]),
        "frames": len(pictures),
        "found": sum(found),
        "tracker_ms": median_ms(took_s),
        "tracker_p95_ms": float(np.percentile(took_s[TURN:] or took_s, 95) * 1e3),
        "bare_ms": median_ms(bare_s),
        "tracker_to_bare": median_ms(took_s) / median_ms(bare_s),
    }
    if peer:
        row |= {
            "mediapipe_found": sum(peer_found),
            "mediapipe_ms": median_ms(peer_s),
            "mediapipe_to_tracker": float(np.median(ahead or [float("nan")])),
        }
    return row


def show(rows: list[dict[str, Any]]) -> None:
    heads = ("frames", "found", "theirs", "ms", "p95", "x bare", "ahead")
    print(f"{'clip':28} " + " ".join(f"{head:>6}" for head in heads))
    for row in rows:
        print(
            f"{row['clip'][:28]:28} {row['frames']:6} {row['found']:6} {row.get('mediapipe_found', '-'):>6} "
            f"{row['tracker_ms']:6.1f} {row['tracker_p95_ms']:6.1f} {row['tracker_to_bare']:6.2f} "
            f"{row.get('mediapipe_to_tracker', float('nan')):6.2f}"
        )


def judge(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the three figures wanted, over all clips, and whether each is reached."""
    bare = float(np.median([row["tracker_to_bare"] for row in rows]))
    result: dict[str, Any] = {"tracker_to_bare": bare, "tracker_to_bare_reached": bare <= MAX_BARE}
    if "mediapipe_ms" in rows[0]:
        ahead = float(np.median([row["mediapipe_to_tracker"] for row in rows]))
        found = all(row["found"] >= row["mediapipe_found"] for row in rows)
        result |= {"mediapipe_to_tracker": ahead, "mediapipe_to_tracker_reached": ahead >= MIN_AHEAD}
        result |= {"found_as_often_reached": found}
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("clips", nargs="*", type=Path, help="default: two of tests/fixtures")
    parser.add_argument("--bsd", action="store_true", help="also the BSD-3 clips out of two published packages")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--env", type=Path, help="folder of the environment with MediaPipe, made if missing")
    parser.add_argument("--no-mediapipe", action="store_true", help="only against the bare model")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--most", type=int, default=300, help="frames of each clip (default 300)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        clips = given.clips or [FIXTURES / "reach.mp4", FIXTURES / "arch.mp4"]
        python = None
        if given.bsd or not given.no_mediapipe:
            python = mediapipe_python(given.env or scratch / "env")
        if given.bsd and python:
            clips = [*clips, *free_clips(python, scratch / "clips")]
        peer = Peer(python) if python and not given.no_mediapipe else None
        rows = [compare(clip, given.threads, peer, scratch, given.most) for clip in clips]
        if peer:
            peer.close()
    result = judge(rows)
    if given.json:
        print(json.dumps({"clips": rows, **result}))
    else:
        show(rows)
        for name, value in result.items():
            print(f"{name}: {value:.2f}" if isinstance(value, float) else f"{name}: {value}")
    return 0 if all(value for name, value in result.items() if name.endswith("reached")) else 1


if __name__ == "__main__":
    sys.exit(main())
