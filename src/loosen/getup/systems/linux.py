"""Linux: its clocks, its sensors, notifications over D-Bus, and start by systemd or an XDG autostart entry."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Sequence
from pathlib import Path

from loosen.getup.prompts.prompter import Prompter
from loosen.getup.sensor_registry import Sensor, SensorKind
from loosen.getup.systems.base import AUTOSTART_NAME, Autostart, System


class Linux(System):
    """Any Linux desktop: X11 or Wayland, with or without systemd."""

    def boot_s(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def boot_id(self) -> str:
        try:
            return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        except OSError:
            return ""

    def peer_user_id(self, connection: socket.socket) -> int | None:
        # struct ucred: process, user, group.
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", credentials)[1])

    def sensor_kinds(self) -> list[SensorKind]:
        from loosen.getup.sensors import calls, desktop

        kinds = []
        if self.environment.get("WAYLAND_DISPLAY"):
            # An X server inside Wayland sees only the input of its own windows, so it is not asked.
            kinds = [SensorKind("wayland", ("idle",), _wayland), SensorKind("mutter", ("idle",), desktop.Mutter)]
            if "GNOME" in self.environment.get("XDG_CURRENT_DESKTOP", ""):
                kinds.reverse()
        elif self.environment.get("DISPLAY"):
            kinds = [
                SensorKind("x11", ("idle", "full-screen"), _x11),
                SensorKind("mutter", ("idle",), desktop.Mutter, unless="x11"),
            ]
        return [
            *kinds,
            SensorKind("screen-saver", ("lock", "idle"), desktop.ScreenSaver),
            SensorKind("logind", ("suspend", "lock"), desktop.Logind),
            SensorKind("sound-server", ("call",), calls.SoundServer),
            SensorKind("alsa", ("call",), calls.Alsa, unless="sound-server"),
            SensorKind("cameras", ("camera",), calls.Cameras),
            SensorKind("do-not-disturb", ("quiet",), desktop.DoNotDisturb),
        ]

    def notifications(self) -> Prompter:
        from loosen.getup.prompts.notification import NotificationPrompter

        return NotificationPrompter()

    def autostarts(self, command: Sequence[str], own_home: str) -> list[Autostart]:
        config = Path(self.environment.get("XDG_CONFIG_HOME") or self.home / ".config")
        systemctl, unit = ("systemctl", "--user"), f"{AUTOSTART_NAME}.service"
        reload = (*systemctl, "daemon-reload")
        systemd = Autostart(
            "systemd user unit",
            config / "systemd" / "user" / unit,
            _systemd_unit(command, own_home),
            enable=(reload, (*systemctl, "enable", "--now", unit)),
            restart=(reload, (*systemctl, "enable", unit), (*systemctl, "restart", unit)),
            disable=((*systemctl, "disable", "--now", unit),),
            reload=(reload,),
        )
        entry = Autostart(
            "autostart entry", config / "autostart" / f"{AUTOSTART_NAME}.desktop", _desktop_entry(command, own_home)
        )
        runtime = self.environment.get("XDG_RUNTIME_DIR")
        return [systemd, entry] if runtime and Path(runtime, "systemd").is_dir() else [entry, systemd]


# Imported only where they are used: a service on X11 needs no Wayland library, and the other way round.


def _x11() -> Sensor:
    from loosen.getup.sensors.x11 import X11

    return X11()


def _wayland() -> Sensor:
    from loosen.getup.sensors.wayland import Wayland

    return Wayland()


def _systemd_unit(command: Sequence[str], own_home: str) -> str:
    line = " ".join(f'"{_escape_for_systemd(part)}"' for part in command)
    home = f'Environment="LOOSEN_HOME={_escape_for_systemd(own_home)}"\n' if own_home else ""
    return f"""[Unit]
Description=loosen: get up every 30 to 45 minutes
PartOf=graphical-session.target
After=graphical-session.target
# What fails again and again is left alone.
StartLimitIntervalSec=60
StartLimitBurst=5

[Service]
{home}ExecStart={line}
# 2: it cannot run as it was asked to. Trying again would not help.
RestartPreventExitStatus=2
Restart=on-failure
RestartSec=2
# A page that was opened for a movement goes on.
KillMode=process

[Install]
WantedBy=graphical-session.target
"""


def _escape_for_systemd(part: str) -> str:
    # Percent signs and dollars mean something to systemd.
    return part.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")


def _desktop_entry(command: Sequence[str], own_home: str) -> str:
    if own_home:
        command = ["env", f"LOOSEN_HOME={own_home}", *command]
    line = " ".join(f'"{_escape_for_desktop_entry(part)}"' for part in command)
    return f"""[Desktop Entry]
Type=Application
Name=loosen: get up
Comment=Get up every 30 to 45 minutes
Exec={line}
Terminal=false
NoDisplay=true
X-GNOME-Autostart-enabled=true
"""


def _escape_for_desktop_entry(part: str) -> str:
    for special in '\\"`$':
        part = part.replace(special, "\\" + special)
    return part.replace("%", "%%")
