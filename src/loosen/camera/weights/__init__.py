"""The pose model files that were put here when loosen was built (see hatch_build.py)."""

from __future__ import annotations

import hashlib
from pathlib import Path

from loosen.errors import MissingPart

DETECTION = "pose_detection.tflite"
LANDMARKS = "pose_landmark_full.tflite"
SHA256 = {
    DETECTION: "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
    LANDMARKS: "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
}
FOLDER = Path(__file__).parent
ADVICE = (
    "Install loosen again: in its source folder `uv sync --reinstall-package loosen`, "
    "elsewhere `pip install --force-reinstall --no-deps loosen`."
)


def weight_path(name: str) -> Path:
    """Return the path of a model file, DETECTION or LANDMARKS; raise MissingPart when it is not installed."""
    path = FOLDER / name
    if name not in SHA256 or not path.is_file():
        raise MissingPart(f"The pose model file {name} is missing. {ADVICE}")
    return path


def check_weights() -> None:
    """Read both model files and compare their sha256; raise MissingPart when one is missing or damaged."""
    for name, want in SHA256.items():
        if hashlib.sha256(weight_path(name).read_bytes()).hexdigest() != want:
            raise MissingPart(f"The pose model file {name} is damaged. {ADVICE}")
