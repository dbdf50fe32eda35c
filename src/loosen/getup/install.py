"""Start the service with the desktop: a systemd user unit, an XDG autostart entry, a LaunchAgent, a start-up script.

Each is one file of the person's own. Written again it is the same file; taken away twice it is just not there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from loosen.errors import GetUpError

NAME = "loosen-getup"
_LABEL = "loosen.getup"

Run = Callable[[Sequence[str]], int]


class Way(NamedTuple):
    """One way to be started: its name, the file and what stands in it.

    `then` is run after writing, `before` before removing.
    """

    name: str
    file: Path
    text: str
    then: tuple[tuple[str, ...], ...] = ()
    before: tuple[tuple[str, ...], ...] = ()


def way_here(
    options: Sequence[str] = (),
    *,
    platform: str = sys.platform,
    environment: Mapping[str, str] | None = None,
    home: Path | None = None,
) -> Way:
    """Return the way for this computer; `options` are those of `loosen getup run`."""
    given = os.environ if environment is None else environment
    home = Path.home() if home is None else home
    command = [sys.executable, "-m", "loosen", "getup", "run", *options]
    if platform == "darwin":
        file = home / "Library" / "LaunchAgents" / f"{_LABEL}.plist"
        load = ("launchctl", "load", "-w", str(file))
        return Way("LaunchAgent", file, _plist(command), (load,), (("launchctl", "unload", "-w", str(file)),))
    if platform == "win32":
        programs = Path(given.get("APPDATA", str(home / "AppData" / "Roaming"))) / "Microsoft" / "Windows"
        file = programs / "Start Menu" / "Programs" / "Startup" / f"{NAME}.vbs"
        return Way("start-up script", file, _script(command))
    config = Path(given.get("XDG_CONFIG_HOME") or home / ".config")
    if given.get("XDG_RUNTIME_DIR") and Path(given["XDG_RUNTIME_DIR"], "systemd").is_dir():
        file = config / "systemd" / "user" / f"{NAME}.service"
        user = ("systemctl", "--user")
        then = ((*user, "daemon-reload"), (*user, "enable", "--now", f"{NAME}.service"))
        return Way(
            "systemd user unit", file, _unit(command), then, ((*user, "disable", "--now", f"{NAME}.service"),)
        )
    return Way("autostart entry", config / "autostart" / f"{NAME}.desktop", _entry(command))


def install(way: Way, run: Run | None = None) -> bool:
    """Write the file, and start the service where the system does that; return whether anything changed.

    GetUpError if it cannot be written.
    """
    if _read(way.file) == way.text:
        _run_all(way.then, run)
        return False
    try:
        way.file.parent.mkdir(parents=True, exist_ok=True)
        beside = way.file.with_name(way.file.name + ".new")
        beside.write_bytes(way.text.encode())
        beside.replace(way.file)
    except OSError as error:
        raise GetUpError(f"{way.file} cannot be written ({error.strerror})") from error
    _run_all(way.then, run)
    return True


def uninstall(way: Way, run: Run | None = None) -> bool:
    """Take the file away, stopping the service first; return whether there was one."""
    if not way.file.exists():
        return False
    _run_all(way.before, run)
    try:
        way.file.unlink(missing_ok=True)
    except OSError as error:
        raise GetUpError(f"{way.file} cannot be removed ({error.strerror})") from error
    return True


def _run_all(commands: Sequence[Sequence[str]], run: Run | None) -> None:
    for command in commands:
        (_run if run is None else run)(command)


def _run(command: Sequence[str]) -> int:
    try:
        return subprocess.run(command, check=False, capture_output=True, timeout=20).returncode
    except (OSError, subprocess.SubprocessError):
        return 1  # the file is there: it works from the next login on


def _read(file: Path) -> str | None:
    try:
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None


def _unit(command: Sequence[str]) -> str:
    # A percent sign and a dollar mean something to systemd.
    line = " ".join(f'"{_escaped(part)}"' for part in command)
    return f"""[Unit]
Description=loosen: get up every 30 to 45 minutes
PartOf=graphical-session.target
After=graphical-session.target

[Service]
ExecStart={line}
Restart=on-failure
RestartSec=2

[Install]
WantedBy=graphical-session.target
"""


def _escaped(part: str) -> str:
    return part.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")


def _entry(command: Sequence[str]) -> str:
    line = " ".join(f'"{_quoted(part)}"' for part in command)
    return f"""[Desktop Entry]
Type=Application
Name=loosen: get up
Comment=Get up every 30 to 45 minutes
Exec={line}
Terminal=false
NoDisplay=true
X-GNOME-Autostart-enabled=true
"""


def _quoted(part: str) -> str:
    for special in '\\"`$':
        part = part.replace(special, "\\" + special)
    return part.replace("%", "%%")


def _plist(command: Sequence[str]) -> str:
    parts = "\n".join(f"    <string>{escape(part)}</string>" for part in command)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>{_LABEL}</string>
  <key>ProgramArguments</key>
  <array>
{parts}
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
</dict>
</plist>
"""


def _script(command: Sequence[str]) -> str:
    line = subprocess.list2cmdline(command).replace('"', '""')
    return f'CreateObject("WScript.Shell").Run "{line}", 0, False\r\n'
