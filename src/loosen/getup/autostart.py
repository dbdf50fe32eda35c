"""Start the service with the desktop: a systemd user unit, an XDG autostart entry, a LaunchAgent, a start-up script.

Each is one file of the person's own. Written again it is the same file; taken away twice it is just not there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import NamedTuple

from loosen.errors import GetUpError
from loosen.files import atomic_write

NAME = "loosen-getup"
_LABEL = "loosen.getup"

Run = Callable[[Sequence[str]], int]


class Way(NamedTuple):
    """One way to be started: its name, the file and what stands in it.

    `then` is run after writing, `anew` where something else stood there before; `before` and `after` around removing.
    """

    name: str
    file: Path
    text: str
    then: tuple[tuple[str, ...], ...] = ()
    before: tuple[tuple[str, ...], ...] = ()
    anew: tuple[tuple[str, ...], ...] = ()
    after: tuple[tuple[str, ...], ...] = ()

    @property
    def starts_now(self) -> bool:
        """Whether the system starts the service as soon as it is installed, not only at the next login."""
        return bool(self.then)


def ways(
    options: Sequence[str] = (),
    *,
    platform: str = sys.platform,
    environment: Mapping[str, str] | None = None,
    home: Path | None = None,
) -> list[Way]:
    """Return this system's ways, the one to be used here first; `options` are those of `loosen getup run`."""
    given = os.environ if environment is None else environment
    home = Path.home() if home is None else home
    command = [sys.executable, "-P", "-m", "loosen", "getup", "run", *options]
    # The service must find the same journal and socket as the commands that are typed.
    own = str(Path(given["LOOSEN_HOME"]).expanduser().absolute()) if given.get("LOOSEN_HOME") else ""
    if platform == "darwin":
        file = home / "Library" / "LaunchAgents" / f"{_LABEL}.plist"
        load, unload = (("launchctl", what, "-w", str(file)) for what in ("load", "unload"))
        return [Way("LaunchAgent", file, _plist(command, own), (load,), (unload,), anew=(unload, load))]
    if platform == "win32":
        programs = Path(given.get("APPDATA", str(home / "AppData" / "Roaming"))) / "Microsoft" / "Windows"
        file = programs / "Start Menu" / "Programs" / "Startup" / f"{NAME}.vbs"
        return [Way("start-up script", file, _script(command, own))]
    config = Path(given.get("XDG_CONFIG_HOME") or home / ".config")
    user = ("systemctl", "--user")
    unit = f"{NAME}.service"
    reload = (*user, "daemon-reload")
    systemd = Way(
        "systemd user unit",
        config / "systemd" / "user" / unit,
        _unit(command, own),
        (reload, (*user, "enable", "--now", unit)),
        ((*user, "disable", "--now", unit),),
        anew=(reload, (*user, "enable", unit), (*user, "restart", unit)),
        after=(reload,),
    )
    autostart = Way("autostart entry", config / "autostart" / f"{NAME}.desktop", _entry(command, own))
    runs_systemd = given.get("XDG_RUNTIME_DIR") and Path(given["XDG_RUNTIME_DIR"], "systemd").is_dir()
    return [systemd, autostart] if runs_systemd else [autostart, systemd]


def install(
    way: Way, run: Run | None = None, *, instead_of: Sequence[Way] = (), end: Callable[[], object] = bool
) -> bool:
    """Write the file, and start the service where the system does that; return whether anything changed.

    If so, `end` is called first, to end the service that runs with what was agreed to before, whoever started it: a
    new one could not run beside it. The ways `instead_of` which it is used are taken away: two would race at login,
    and the old one might win. GetUpError if the file cannot be written, or if the system refuses to start it (the
    file then stays, and counts from the next login on).
    """
    before = _read(way.file)
    changed = before != way.text
    if changed or instead_of:
        end()
    if changed:
        try:
            way.file.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(way.file, way.text.encode())
        except OSError as error:
            raise GetUpError(f"{way.file} cannot be written ({error.strerror})") from error
    for other in instead_of:
        uninstall(other, run)
    _run_all(way, way.anew or way.then if changed and before is not None else way.then, run)
    return changed


def uninstall(way: Way, run: Run | None = None) -> bool:
    """Take the file away, stopping the service first; return whether there was one."""
    if not way.file.exists():
        return False
    with suppress(GetUpError):  # what does not run cannot be stopped; the file goes all the same
        _run_all(way, way.before, run)
    try:
        way.file.unlink(missing_ok=True)
    except OSError as error:
        raise GetUpError(f"{way.file} cannot be removed ({error.strerror})") from error
    with suppress(GetUpError):
        _run_all(way, way.after, run)
    return True


def _run_all(way: Way, commands: Sequence[Sequence[str]], run: Run | None) -> None:
    failed = [command for command in commands if (_run if run is None else run)(command)]
    if failed:
        raise GetUpError(
            f"{way.file} is written and counts from your next login on, but {' '.join(failed[0])!r} failed:"
            " until then, start it with: loosen getup run"
        )


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


def _unit(command: Sequence[str], own: str) -> str:
    # A percent sign and a dollar mean something to systemd.
    line = " ".join(f'"{_escaped(part)}"' for part in command)
    home = f'Environment="LOOSEN_HOME={_escaped(own)}"\n' if own else ""
    return f"""[Unit]
Description=loosen: get up every 30 to 45 minutes
PartOf=graphical-session.target
After=graphical-session.target
# What fails again and again is left alone.
StartLimitIntervalSec=60
StartLimitBurst=5

[Service]
{home}ExecStart={line}
# 2: it cannot run as it was asked to, or runs already. Trying again would not help.
RestartPreventExitStatus=2
Restart=on-failure
RestartSec=2
# A page that was opened for a movement goes on.
KillMode=process

[Install]
WantedBy=graphical-session.target
"""


def _escaped(part: str) -> str:
    return part.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")


def _entry(command: Sequence[str], own: str) -> str:
    if own:
        command = ["env", f"LOOSEN_HOME={own}", *command]
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


def _plist(command: Sequence[str], own: str) -> str:
    # launchd knows no exit codes: with SuccessfulExit it would start again for ever what cannot run as it was asked
    # to. Crashed is an end by a signal such as SIGSEGV.
    home = (
        "  <key>EnvironmentVariables</key>\n"
        f"  <dict><key>LOOSEN_HOME</key><string>{escape(own)}</string></dict>\n"
        if own
        else ""
    )
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
{home}  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>Crashed</key>
    <true/>
  </dict>
</dict>
</plist>
"""


def _script(command: Sequence[str], own: str) -> str:
    doubled = own.replace('"', '""')
    home = f'shell.Environment("Process")("LOOSEN_HOME") = "{doubled}"\r\n' if own else ""
    line = subprocess.list2cmdline(command).replace('"', '""')
    return f'Set shell = CreateObject("WScript.Shell")\r\n{home}shell.Run "{line}", 0, False\r\n'
