"""Makes tests/fixtures/*.mediapipe.npz: what MediaPipe 0.10.21 sees in the fixture clips.

    uv run benchmarks/golden/make.py [--env FOLDER]

The clips are decoded by loosen, so that both see the very same pictures; MediaPipe runs without smoothing,
since loosen's points are not smoothed either. Every 5th frame is kept, as float16.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from loosen.camera.formats.video import open_clip

sys.path.insert(0, str(Path(__file__).parents[1]))
from golden.environment import mediapipe_python

HERE = Path(__file__).parent
FIXTURES = HERE.parents[1] / "tests" / "fixtures"
NAMES = ("reach", "arch")
EVERY = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--env", type=Path, help="folder of the throw-away environment (default: a new one)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        python = mediapipe_python(given.env or Path(scratch) / "env")
        for clip in (FIXTURES / f"{name}.mp4" for name in NAMES):
            pictures, out = Path(scratch) / "pictures.npy", Path(scratch) / "out.npz"
            np.save(pictures, np.stack([rgb for _, rgb in open_clip(clip)]))
            subprocess.run([python, HERE / "worker.py", pictures, out], check=True)
            with np.load(out) as seen:
                np.savez_compressed(
                    clip.with_suffix(".mediapipe.npz"),
                    frame=np.arange(0, len(seen["landmarks"]), EVERY, dtype=np.int32),
                    landmarks=seen["landmarks"][::EVERY].astype(np.float16),
                    world=seen["world"][::EVERY].astype(np.float16),
                )


if __name__ == "__main__":
    main()
