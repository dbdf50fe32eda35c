"""MediaPipe's Pose on pictures, run inside its own environment; imports nothing of loosen.

worker.py PICTURES.npy OUT.npz     unsmoothed, for comparison landmark by landmark
worker.py --serve                  one request a line: {"pictures": PATH, "smooth": bool}
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from typing import Any

import numpy as np


def watch(pictures: Any, *, smooth: bool) -> tuple[Any, Any, list[float]]:
    """Return landmarks (n, 33, 4), world (n, 33, 3), NaN where nobody was found, and seconds per frame."""
    mediapipe: Any = importlib.import_module("mediapipe")
    pose = mediapipe.solutions.pose.Pose(model_complexity=1, smooth_landmarks=smooth)
    landmarks = np.full((len(pictures), 33, 4), np.nan)
    world = np.full((len(pictures), 33, 3), np.nan)
    took_s = []
    for i, picture in enumerate(pictures):
        rgb = np.ascontiguousarray(picture)
        begin_s = time.perf_counter()
        found = pose.process(rgb)
        took_s.append(time.perf_counter() - begin_s)
        if found.pose_landmarks:
            landmarks[i] = [(p.x, p.y, p.z, p.visibility) for p in found.pose_landmarks.landmark]
            world[i] = [(p.x, p.y, p.z) for p in found.pose_world_landmarks.landmark]
    pose.close()
    return landmarks, world, took_s


def main() -> None:
    if sys.argv[1:] == ["--serve"]:
        for line in sys.stdin:
            request = json.loads(line)
            landmarks, _, took_s = watch(
                np.load(request["pictures"], mmap_mode="r"), smooth=request["smooth"]
            )
            found = np.isfinite(landmarks[:, 0, 0]).tolist()
            print(json.dumps({"found": found, "took_s": took_s}), flush=True)
        return
    pictures, out = sys.argv[1:]
    landmarks, world, _ = watch(np.load(pictures, mmap_mode="r"), smooth=False)
    np.savez(out, landmarks=landmarks, world=world)


if __name__ == "__main__":
    main()
