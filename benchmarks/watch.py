"""How fast `loosen watch` goes through files: two cores against one, and 1080p against MediaPipe 0.10.21.

    uv run benchmarks/watch.py [CLIP] [--rounds N] [--env FOLDER] [--no-mediapipe]

Whole commands are timed, start-up included, in turns: four copies of CLIP on one core and on all; and CLIP made 1080p,
watched by us and, decoded by OpenCV, by MediaPipe. Only the ratios carry over to another machine.
Wanted: all cores at least 1.7 x one; our 1080p frame rate at least 1.5 x MediaPipe's.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
from av.video.stream import VideoStream
from golden.environment import mediapipe_python

FIXTURES = Path(__file__).parent.parent / "tests" / "fixtures"
WANTED_CORES, WANTED_AHEAD = 1.7, 1.5
PEER = """
import sys, cv2, mediapipe as mp
pose = mp.solutions.pose.Pose(model_complexity=1)
clip = cv2.VideoCapture(sys.argv[1])
n = 0
while True:
    ok, picture = clip.read()
    if not ok:
        break
    pose.process(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
    n += 1
"""


def enlarged(clip: Path, out: Path, times: int = 3) -> Path:
    """Write the clip as 1080p H.264, `times` over, so that start-up weighs little."""
    with av.open(str(out), "w") as sink:
        stream = sink.add_stream("libx264", rate=30)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        n = 0
        for _ in range(times):
            with av.open(str(clip)) as source:
                for frame in source.decode(video=0):
                    bigger = frame.reformat(width=1920, height=1080)
                    bigger.pts, bigger.time_base = n, Fraction(1, 30)
                    sink.mux(stream.encode(bigger))
                    n += 1
        sink.mux(stream.encode(None))
    return out


def took_s(*command: str | Path, cores: set[int] | None = None) -> float:
    """Return how long a command takes; `cores`: only on these."""
    begin_s = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        if cores:
            os.sched_setaffinity(process.pid, cores)
        process.wait()
    if process.returncode:
        raise SystemExit(f"{command[0]} failed")
    return time.perf_counter() - begin_s


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("clip", nargs="?", type=Path, default=FIXTURES / "reach.mp4")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--env", type=Path, help="folder of the environment with MediaPipe, made if missing")
    parser.add_argument("--no-mediapipe", action="store_true")
    given = parser.parse_args()
    watch = (sys.executable, "-m", "loosen", "watch", "--json")
    all_cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        copies = [Path(shutil.copy(given.clip, scratch / f"{n}.mp4")) for n in range(8)]
        by_cores = []
        for _ in range(given.rounds):
            one = took_s(*watch, *copies, cores={all_cores[0]})
            by_cores.append(one / took_s(*watch, *copies))
        ratio = statistics.median(by_cores)
        print(f"{len(all_cores)} cores / 1 core     {ratio:.2f}   (wanted {WANTED_CORES}; of {rounded(by_cores)})")
        reached = ratio >= WANTED_CORES
        if not given.no_mediapipe:
            big = enlarged(given.clip, scratch / "big.mp4")
            python = mediapipe_python(given.env or scratch / "env")
            ahead = []
            for _ in range(given.rounds):
                theirs = took_s(python, "-c", PEER, big)
                ahead.append(theirs / took_s(*watch, big))
            ratio = statistics.median(ahead)
            print(f"1080p: MediaPipe / ours {ratio:.2f}   (wanted {WANTED_AHEAD}; of {rounded(ahead)})")
            reached &= ratio >= WANTED_AHEAD
    print(f"load {os.getloadavg()[0]:.1f}")
    return 0 if reached else 1


def rounded(values: list[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in values)


if __name__ == "__main__":
    sys.exit(main())
