"""`loosen doctor`: what works on this computer, what does not, and what to do.

Nothing is changed: not even a damaged journal is set aside.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from loosen import __version__
from loosen.cli.options import add_journal, add_json, command, own_journal, print_json, words_of
from loosen.cli.terminal import console, paragraph, show, table
from loosen.errors import LoosenError
from loosen.files import journal_path

if TYPE_CHECKING:
    from loosen.cli.options import Commands
    from loosen.cli.terminal import Shown
    from loosen.routine.words import Words

CheckState = Literal["ok", "look", "missing"]

_MARKS: dict[CheckState, tuple[str, str, str]] = {
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
_BROWSERS = ("firefox", "chromium", "chromium-browser", "google-chrome", "brave-browser", "microsoft-edge", "epiphany")
_LITTLE_SPACE_BYTES = 50 * 2**20
_NAMED = 10


class Check(NamedTuple):
    """One finding. `advice` says what to do, if anything; `needed`: without it loosen cannot work.

    `name` is the same in every language (a key of the catalogue's [doctor]).
    """

    name: str
    state: CheckState
    found: str
    advice: str = ""
    needed: bool = False


class Doctor:
    """Looks at one computer. `system` as in sys.platform; `journal`: its file, if not in the usual place."""

    def __init__(self, words: Words, journal: Path | None = None, system: str = sys.platform) -> None:
        self.words, self.system, self.path = words, system, journal_path(journal)

    def __call__(self) -> tuple[Check, ...]:
        """Run every check. A check that itself fails is a finding."""
        needed = (self.program, self.libraries, self.weights, self.watching, self.port)
        others = (self.browser, self.camera, self.voice, self.journal)
        return tuple(self._caught(look, look in needed) for look in (*needed, *others))

    def program(self) -> Check:
        """Report the versions of loosen and Python."""
        python = ".".join(str(number) for number in sys.version_info[:3])
        return Check("program", "ok", self._text("program-ok", version=__version__, python=python))

    def libraries(self) -> Check:
        """Import every library; only that shows whether a shared library of the system is missing."""
        import importlib

        broken = []
        for package, module in _LIBRARIES.items():
            try:
                importlib.import_module(module)
            except Exception as error:  # anything may be raised here
                broken.append(f"{package} ({error})")
        if broken:
            return Check("libraries", "missing", ", ".join(broken), self._text("again"))
        return Check("libraries", "ok", ", ".join(map(self._with_version, _LIBRARIES)))

    def weights(self) -> Check:
        """Read the model files whole."""
        from loosen.camera.weights import check_weights

        check_weights()
        return Check("weights", "ok", self._text("weights-ok"))

    def watching(self) -> Check:
        """Run the tracker on a blank picture, in which it must find nobody."""
        import numpy as np

        from loosen import Tracker

        tracker = Tracker()
        blank = np.full((480, 640, 3), 255, np.uint8)
        tracker.look(blank, 0.0)
        before_s = time.perf_counter()
        look = tracker.look(blank, 0.04)
        took_ms = (time.perf_counter() - before_s) * 1000
        if look.pose.found:
            return Check("watching", "missing", self._text("watching-ghost"), self._text("again"))
        return Check("watching", "ok", self._text("watching-ok", ms=f"{took_ms:.0f}"))

    def port(self) -> Check:
        """Open a listening socket on this computer for a moment."""
        import socket

        try:
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as bound:
                bound.bind(("127.0.0.1", 0))
                bound.listen()
        except OSError as error:
            none = self._text("port-none", why=error.strerror)
            return Check("port", "missing", none, self._text("port-advice"))
        return Check("port", "ok", self._text("port-ok"))

    def browser(self) -> Check:
        """Look for a browser and a screen to show it on."""
        if self.system in {"win32", "darwin"}:
            return Check("browser", "ok", self._text("browser-system"))
        found = ", ".join(name for name in _BROWSERS if shutil.which(name))
        if not found:
            return Check("browser", "look", self._text("browser-none"), self._text("browser-advice"))
        if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            no_screen = self._text("browser-no-screen", names=found)
            return Check("browser", "look", no_screen, self._text("browser-no-screen-advice"))
        return Check("browser", "ok", found)

    def camera(self) -> Check:
        """Look for a camera. On macOS and Windows only the browser can tell."""
        elsewhere = {"darwin": "camera-mac-advice", "win32": "camera-windows-advice"}
        if self.system in elsewhere:
            return Check("camera", "look", self._text("camera-asks"), self._text(elsewhere[self.system]))
        devices = sorted(_video_devices())
        if not devices:
            return Check("camera", "look", self._text("camera-none"), self._text("camera-none-advice"))
        usable = [str(device) for device in devices if os.access(device, os.R_OK | os.W_OK)]
        if not usable:
            locked = self._text("camera-locked", name=devices[0])
            return Check("camera", "look", locked, self._text("camera-locked-advice"))
        return Check("camera", "ok", ", ".join(usable))

    def voice(self) -> Check:
        """Look for what browsers speak through."""
        if self.system in {"win32", "darwin"}:
            return Check("voice", "ok", self._text("voice-system"))
        if shutil.which("spd-say") or shutil.which("speech-dispatcher"):
            return Check("voice", "ok", self._text("voice-ok"))
        return Check("voice", "look", self._text("voice-none"), self._text("voice-advice"))

    def journal(self) -> Check:
        """Look whether the journal is whole and can be written."""
        from loosen.journal.store import integrity

        health = integrity.examine(self.path)
        why = f"{self.path}: {health.why}"
        match health.state:
            case "damaged":
                damaged = self._text("journal-damaged", path=self.path, why=health.why)
                return Check("journal", "look", damaged, self._text("journal-damaged-advice"))
            case "newer" | "foreign":
                return Check("journal", "missing", why, self._text("journal-refused-advice"), needed=True)
            case "busy":
                return Check("journal", "look", why, self._text("journal-busy-advice"))
            case "unusable":
                return Check("journal", "look", why, self._text("journal-unkept-advice"))
        if health.state == "ok" and (numbers := self._unreadable()):
            named = ", ".join(map(str, numbers[:_NAMED])) + (", ..." if len(numbers) > _NAMED else "")
            found = self._text("journal-unreadable", path=self.path, numbers=named)
            advice = self._text("journal-unreadable-advice", numbers=" ".join(map(str, numbers[:_NAMED])))
            return Check("journal", "look", found, advice)
        trouble, advice = self._write_trouble(health.state == "ok")
        if trouble:
            return Check("journal", "look", f"{self.path}: {trouble}", self._text(advice))
        is_new = health.state == "new"
        return Check("journal", "ok", self._text("journal-new", path=self.path) if is_new else str(self.path))

    def _unreadable(self) -> tuple[int, ...]:
        import sqlite3

        from loosen.journal.store import integrity, queries

        # A process that keeps us from reading keeps us from writing too, and is named there.
        with suppress(sqlite3.Error), closing(integrity.only_to_read(self.path)) as db:
            return queries.unreadable(db)
        return ()

    def _write_trouble(self, is_there: bool) -> tuple[str, str]:
        """Return why the journal could not be written, or "", and the advice's key; tried with a file, gone again."""
        import sqlite3
        import tempfile

        from loosen.journal.store import integrity

        advice = "journal-unkept-advice"
        folder = next(parent for parent in self.path.absolute().parents if parent.exists())
        try:
            if is_there:
                # Begun and undone: asks for the same rights and locks as a repetition does.
                with closing(sqlite3.connect(self.path, timeout=2.0, isolation_level=None)) as db:
                    db.execute("BEGIN IMMEDIATE")
                    db.execute("ROLLBACK")
            with tempfile.TemporaryFile(dir=folder) as probe:
                probe.write(bytes(4096))
            if shutil.disk_usage(folder).free < _LITTLE_SPACE_BYTES:
                return self._text("journal-full"), advice
        except sqlite3.Error as error:
            return integrity.describe(error), "journal-busy-advice" if integrity.is_busy(error) else advice
        except OSError as error:
            return error.strerror or str(error), advice
        return "", advice

    def _caught(self, look: Callable[[], Check], needed: bool) -> Check:
        try:
            check = look()
        except LoosenError as error:
            check = Check(look.__name__, "missing", str(error))
        except Exception as error:  # a check that fails is itself a finding
            check = Check(look.__name__, "missing", f"{type(error).__name__}: {error}", self._text("again"))
        return check._replace(needed=check.needed or needed)

    def _text(self, key: str, **blanks: object) -> str:
        return self.words(f"doctor.{key}", **blanks)

    def _with_version(self, package: str) -> str:
        from importlib import metadata

        try:
            return f"{package} {metadata.version(package)}"
        except metadata.PackageNotFoundError:
            return f"{package} {self._text('unknown-version')}"


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    one = command(commands, "doctor", run, "say what works here, what does not, and what to do")
    add_journal(one)
    add_json(one)


def run(given: argparse.Namespace) -> int:
    """Look at this computer; 1 if loosen cannot work here."""
    words = words_of()
    checks = Doctor(words, own_journal(given.journal))()
    if given.json:
        print_json({"works": works(checks), "checks": [check._asdict() for check in checks]})
    else:
        show(*findings(checks, words))
    return 0 if works(checks) else 1


def works(checks: Sequence[Check]) -> bool:
    """Return whether loosen can work, if perhaps without something."""
    return not any(check.needed and check.state == "missing" for check in checks)


def findings(checks: Sequence[Check], words: Words) -> list[Shown]:
    """Return the findings as a table: mark and word, what was looked at, what was found and what to do."""
    from rich.text import Text

    is_ascii = console(sys.stdout).options.ascii_only
    rows: list[list[str | Text]] = []
    for check in checks:
        nice, plain, colour = _MARKS[check.state]
        mark = Text(f"{plain if is_ascii else nice} {words[f'doctor.{check.state}']}", colour)
        found = "\n".join(filter(None, (check.found, check.advice)))
        rows.append([mark, words[f"doctor.{check.name}"], found])
    return [table(rows), "", paragraph(words[f"doctor.{_sum_up(checks)}"])]


def _sum_up(checks: Sequence[Check]) -> str:
    if not works(checks):
        return "broken"
    return "works" if any(check.state != "ok" for check in checks) else "all-well"


def _video_devices(folder: Path = Path("/dev")) -> Iterator[Path]:
    return folder.glob("video[0-9]*")
