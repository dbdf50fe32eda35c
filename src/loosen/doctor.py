"""What works on this computer, what does not, and what to do: each finding in one line.

Nothing is changed: not even a damaged journal is set aside.
"""

from __future__ import annotations

import errno
import importlib
import os
import shutil
import socket
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Literal

import msgspec

from loosen import __version__
from loosen.errors import LoosenError
from loosen.journal import opening
from loosen.journal.place import journal_path
from loosen.terminal import Colour, Terminal

State = Literal["ok", "look", "missing"]

_MARKS: dict[State, tuple[str, str, Colour]] = {
    "ok": ("✓", "+", "green"),
    "look": ("!", "!", "yellow"),
    "missing": ("✗", "x", "red"),
}
_LIBRARIES = {
    "ai-edge-litert": "ai_edge_litert.interpreter",
    "av": "av",
    "opencv-python-headless": "cv2",
    "numpy": "numpy",
    "starlette": "starlette.applications",
    "uvicorn": "uvicorn",
    "websockets": "websockets",
}
_BROWSERS = (
    "firefox",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "brave-browser",
    "microsoft-edge",
    "epiphany",
)
_AGAIN = "Install loosen again; in its source folder: uv sync --reinstall-package loosen"
_LITTLE_SPACE_BYTES = 50 * 2**20


class Check(msgspec.Struct, frozen=True):
    """One finding. `advice` says what to do, if anything; `needed`: without it loosen cannot work."""

    name: str
    state: State
    found: str
    advice: str = ""
    needed: bool = False


def examine(journal: Path | None = None, *, system: str = sys.platform) -> tuple[Check, ...]:
    """Look at everything, the journal at `journal` or in its usual place. A check that fails is a finding."""
    looks: tuple[tuple[str, bool, Callable[[], Check]], ...] = (
        ("loosen", True, _program),
        ("libraries", True, _libraries),
        ("pose model", True, _weights),
        ("watching", True, _inference),
        ("port", True, _port),
        ("browser", False, lambda: _browser(system)),
        ("camera", False, lambda: _camera(system)),
        ("voice", False, lambda: _voice(system)),
        ("journal", False, lambda: _journal(journal_path(journal))),
    )
    return tuple(_whatever_happens(name, needed, look) for name, needed, look in looks)


def works(checks: Sequence[Check]) -> bool:
    """Return whether loosen can work, if perhaps without something."""
    return not any(check.needed and check.state == "missing" for check in checks)


def lines(checks: Sequence[Check], terminal: Terminal) -> list[str]:
    """Return the findings as text: mark, word, what was found; what to do below it."""
    width = max(len(check.name) for check in checks)
    indent = " " * min(13 + width, terminal.width // 3)
    found = []
    for check in checks:
        nice, plain, colour = _MARKS[check.state]
        mark = nice if terminal.can_write(nice) else plain
        head = terminal.paint(f"{mark} {check.state:<7}", colour)
        # Wrapped as if the head were blank: colours have no width.
        blank = " " * (13 + width)
        first, *rest = textwrap.wrap(
            check.found, terminal.width, initial_indent=blank, subsequent_indent=indent
        ) or [""]
        found += [f"{head}  {check.name:<{width}}  {first.strip()}".rstrip(), *rest]
        if check.advice:
            found.append(terminal.wrap(check.advice, indent))
    return [*found, "", terminal.wrap(_sum_up(checks))]


def _sum_up(checks: Sequence[Check]) -> str:
    if not works(checks):
        return "loosen cannot work here yet: see what is marked missing."
    if any(check.state != "ok" for check in checks):
        return "loosen works here; see the advice above for the rest."
    return "All is well."


def _whatever_happens(name: str, needed: bool, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except LoosenError as error:
        return Check(name, "missing", str(error), needed=needed)
    except Exception as error:  # a doctor who falls ill himself is of no use
        return Check(name, "missing", f"{type(error).__name__}: {error}", _AGAIN, needed)


def _program() -> Check:
    version = ".".join(str(number) for number in sys.version_info[:3])
    return Check("loosen", "ok", f"{__version__} on Python {version}", needed=True)


def _libraries() -> Check:
    broken = []
    for package, module in _LIBRARIES.items():
        try:
            importlib.import_module(module)
        except Exception as error:  # a shared library that is missing raises all sorts of things
            broken.append(f"{package} ({error})")
    if broken:
        return Check("libraries", "missing", ", ".join(broken), _AGAIN, needed=True)
    found = ", ".join(f"{package} {_version(package)}" for package in _LIBRARIES)
    return Check("libraries", "ok", found, needed=True)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "of unknown version"


def _weights() -> Check:
    from loosen.camera.weights import check_weights

    check_weights()
    return Check("pose model", "ok", "both files are there and undamaged", needed=True)


def _inference() -> Check:
    import numpy as np

    from loosen.camera.tracker import Tracker

    tracker = Tracker()
    blank = np.full((480, 640, 3), 255, np.uint8)
    tracker.look(blank, 0.0)
    before_s = time.perf_counter()
    look = tracker.look(blank, 0.04)
    took_ms = (time.perf_counter() - before_s) * 1000
    if look.pose.found:
        return Check("watching", "missing", "it saw somebody in a blank picture", _AGAIN, needed=True)
    return Check("watching", "ok", f"looked at a blank picture in {took_ms:.0f} ms, saw nobody", needed=True)


def _port() -> Check:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as bound:
            bound.bind(("127.0.0.1", 0))
            bound.listen()
    except OSError as error:
        advice = "Something (a firewall, a sandbox) keeps programs from listening on 127.0.0.1: allow it."
        return Check("port", "missing", f"none on this computer: {error.strerror}", advice, needed=True)
    return Check("port", "ok", "the page can be served on this computer", needed=True)


def _browser(system: str) -> Check:
    if system in {"win32", "darwin"}:
        return Check("browser", "ok", "the one the system opens")
    found = [name for name in _BROWSERS if shutil.which(name)]
    if not found:
        return Check(
            "browser", "look", "none found", "Install one; on Debian or Ubuntu: sudo apt install firefox-esr"
        )
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        advice = "Start loosen in a desktop session, or open the address that it prints by hand."
        return Check("browser", "look", f"{', '.join(found)}, but no screen here", advice)
    return Check("browser", "ok", ", ".join(found))


def _camera(system: str) -> Check:
    without = " Without a camera loosen leads you by voice."
    if system == "darwin":
        advice = (
            "If the page stays dark: System Settings, Privacy & Security, Camera, and allow your browser."
        )
        return Check("camera", "look", "the browser asks for it", advice + without)
    if system == "win32":
        advice = "If the page stays dark: Settings, Privacy & security, Camera, and allow desktop apps."
        return Check("camera", "look", "the browser asks for it", advice + without)
    devices = sorted(_video_devices())
    if not devices:
        return Check("camera", "look", "none connected", "Plug one in, or take its cover off." + without)
    usable = [device for device in devices if os.access(device, os.R_OK | os.W_OK)]
    if not usable:
        advice = "You may not use it: sudo usermod -aG video $USER, then log in again." + without
        return Check("camera", "look", f"{devices[0]} is locked", advice)
    return Check("camera", "ok", ", ".join(str(device) for device in usable))


def _video_devices(folder: Path = Path("/dev")) -> Iterator[Path]:
    return folder.glob("video[0-9]*")


def _voice(system: str) -> Check:
    if system in {"win32", "darwin"}:
        return Check("voice", "ok", "the system's own")
    if shutil.which("spd-say") or shutil.which("speech-dispatcher"):
        return Check("voice", "ok", "speech-dispatcher, for the browser")
    advice = (
        "Browsers on Linux speak through it; on Debian or Ubuntu: sudo apt install speech-dispatcher"
        " speech-dispatcher-espeak-ng. Without it you hear tones, and every word is on the page."
    )
    return Check("voice", "look", "speech-dispatcher is not installed", advice)


def _journal(path: Path) -> Check:
    health = opening.examine(path)
    match health.state:
        case "damaged":
            advice = "At the next start it is set aside under a dated name, and a new one is begun."
            return Check("journal", "look", f"{path} is damaged: {health.why}", advice)
        case "newer" | "foreign":
            advice = "Update loosen, or name another file with --journal."
            return Check("journal", "missing", f"{path}: {health.why}", advice, needed=True)
        case "unusable":
            return Check("journal", "look", f"{path}: {health.why}", "Sessions go on, but are not kept.")
    if trouble := _write_trouble(path):
        advice = "Sessions go on, but are not kept: make room or give yourself the right to write there."
        return Check("journal", "look", f"{path}: {trouble}", advice)
    return Check("journal", "ok", str(path) if health.state == "ok" else f"{path} (will be begun)")


def _write_trouble(path: Path) -> str:
    """Return why the journal could not be written, or ""; tried beside it, with a file that is gone again."""
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    try:
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            return os.strerror(errno.EACCES)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(4096))
        if shutil.disk_usage(folder).free < _LITTLE_SPACE_BYTES:
            return "the disk is almost full"
    except OSError as error:
        return error.strerror or str(error)
    return ""
