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


def start(*, smooth: bool) -> Any:
    """Return MediaPipe's Pose, model "full", with its own thresholds."""
    mediapipe: Any = importlib.import_module("mediapipe")
    return mediapipe.solutions.pose.Pose(model_complexity=1, smooth_landmarks=smooth)


def watch(pose: Any, pictures: Any) -> tuple[Any, Any, list[float]]:
    """Return landmarks (n, 33, 4), world (n, 33, 3), NaN where nobody was found, and seconds per frame."""
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
    return landmarks, world, took_s


def serve() -> None:
    """Answer requests line by line; `fresh` begins a new clip."""
    pose = None
    for line in sys.stdin:
        request = json.loads(line)
        if pose is None or request["fresh"]:
            pose = start(smooth=True)
        landmarks, _, took_s = watch(pose, np.load(request["pictures"]))
        print(json.dumps({"found": np.isfinite(landmarks[:, 0, 0]).tolist(), "took_s": took_s}), flush=True)


def main() -> None:
    if sys.argv[1:] == ["--serve"]:
        serve()
        return
    pictures, out = sys.argv[1:]
    landmarks, world, _ = watch(start(smooth=False), np.load(pictures, mmap_mode="r"))
    np.savez(out, landmarks=landmarks, world=world)


if __name__ == "__main__":
    main()
