"""What desktops tell over D-Bus: idle time, locks, sleep, and whether messages are wanted."""

from __future__ import annotations

import os
from typing import Any

from loosen.errors import SensorError
from loosen.getup.dbus import PROPERTIES, Bus
from loosen.getup.sensors.base import Heard, Mute


class OnBus(Mute):
    """A sensor with a bus of its own."""

    def __init__(self, which: Any) -> None:
        self.bus = Bus(which)
        self._noticed: list[Heard] = []
        try:
            self.begin()
        except BaseException:
            self.close()
            raise

    def begin(self) -> None:
        """Find what is to be asked; SensorError if it is not there."""

    def fileno(self) -> int | None:
        return self.bus.fileno() if self.bus.open else None

    def news(self) -> list[Heard]:
        self.bus.pump()
        noticed, self._noticed = self._noticed, []
        return noticed

    def has_news(self) -> bool:
        self.bus.pump()
        return bool(self._noticed)

    def close(self) -> None:
        self.bus.close()


class OfOwner(OnBus):
    """One that believes the signals of the service `name` alone, and asks anew who takes that name over."""

    name: str

    def begin(self) -> None:
        self._owner = self.bus.owner(self.name)
        if not self._owner:
            raise SensorError(f"{self.name} is not on the bus")
        self.now()

    def now(self) -> None:
        """Ask how things stand: signals tell of changes only."""

    def news(self) -> list[Heard]:
        self.bus.pump()
        owner = self.bus.owner(self.name)
        if owner != self._owner:
            if not owner:
                raise SensorError(f"{self.name} is gone")
            self._owner = owner
            self.now()
        return super().news()

    def has_news(self) -> bool:
        return super().has_news() or self.bus.owner(self.name) != self._owner


class Mutter(OnBus):
    """GNOME's compositor tells milliseconds since the last input, on Wayland and on X11."""

    NAME, PATH = "org.gnome.Mutter.IdleMonitor", "/org/gnome/Mutter/IdleMonitor/Core"

    def __init__(self) -> None:
        super().__init__("SESSION")

    def begin(self) -> None:
        self.idle_s()

    def idle_s(self) -> float | None:
        (milliseconds,) = self.bus.call(self.NAME, self.PATH, self.NAME, "GetIdletime")
        return float(milliseconds) / 1000


class ScreenSaver(OfOwner):
    """The screen saver: whether it is on, and on KDE also milliseconds since the last input."""

    # The freedesktop one is KDE's and several others'; these desktops have one of their own beside or instead.
    NAMES = (
        "org.freedesktop.ScreenSaver",
        "org.gnome.ScreenSaver",
        "org.cinnamon.ScreenSaver",
        "org.mate.ScreenSaver",
        "org.xfce.ScreenSaver",
    )

    def __init__(self) -> None:
        super().__init__("SESSION")

    def begin(self) -> None:
        self.name = next((name for name in self.NAMES if self.bus.has(name)), "")
        if not self.name:
            raise SensorError("no screen saver on the session bus")
        self._path = "/" + self.name.replace(".", "/")
        self._tells_idle = True
        self.bus.hear(self._changed, self.name, "b", interface=self.name, member="ActiveChanged")
        super().begin()

    def now(self) -> None:
        try:
            (active,) = self.bus.call(self.name, self._path, self.name, "GetActive")
            self._noticed.append(Heard("locked", bool(active)))
        except SensorError:
            if not self.bus.open:
                raise

    def idle_s(self) -> float | None:
        if not self._tells_idle:
            return None
        try:
            (milliseconds,) = self.bus.call(self.name, self._path, self.name, "GetSessionIdleTime")
        except SensorError:
            if not self.bus.open or not self.bus.has(self.name):
                raise
            self._tells_idle = False
            return None
        return float(milliseconds) / 1000

    def _changed(self, message: Any) -> None:
        self._noticed.append(Heard("locked", message.body[0]))


class Logind(OfOwner):
    """systemd-logind: when the computer is about to sleep and has woken, and whether the session is locked."""

    name, PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
    MANAGER, SESSION = "org.freedesktop.login1.Manager", "org.freedesktop.login1.Session"

    def __init__(self) -> None:
        super().__init__("SYSTEM")

    def begin(self) -> None:
        self.bus.hear(self._sleeps, self.name, "b", interface=self.MANAGER, member="PrepareForSleep")
        # A service of the user's belongs to no session: "auto" is then the one at his screen.
        wanted = os.environ.get("XDG_SESSION_ID") or "auto"
        (self._session,) = self.bus.call(self.name, self.PATH, self.MANAGER, "GetSession", "s", (wanted,))
        changes = {"interface": PROPERTIES, "member": "PropertiesChanged", "path": self._session}
        self.bus.hear(self._changed, self.name, "sa{sv}as", **changes)
        super().begin()

    def now(self) -> None:
        try:
            locked = self.bus.get(self.name, self._session, self.SESSION, "LockedHint")
            self._noticed.append(Heard("locked", bool(locked)))
        except SensorError:
            if not self.bus.open:
                raise

    def _sleeps(self, message: Any) -> None:
        self._noticed.append(Heard("asleep", message.body[0]))

    def _changed(self, message: Any) -> None:
        interface, changed, _ = message.body
        if interface == self.SESSION and changed.get("LockedHint", ("",))[0] == "b":
            self._noticed.append(Heard("locked", changed["LockedHint"][1]))


class DoNotDisturb(OnBus):
    """Whether the person wants no messages: as dunst, KDE and Xfce tell it. (GNOME tells nobody.)"""

    NOTIFIER, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"

    def __init__(self) -> None:
        super().__init__("SESSION")

    def begin(self) -> None:
        ways = (self._dunst, self._kde, self._xfce)
        self._way = next((way for way in ways if self._works(way)), None)
        if self._way is None:
            raise SensorError("this desktop does not tell")

    def under_way(self) -> frozenset[str]:
        return frozenset({"quiet"} if self._way is not None and self._way() else ())

    def _works(self, way: Any) -> bool:
        try:
            way()
        except SensorError:
            return False
        return True

    def _dunst(self) -> bool:
        return bool(self.bus.get(self.NOTIFIER, self.PATH, "org.dunstproject.cmd0", "paused"))

    def _kde(self) -> bool:
        return bool(self.bus.get(self.NOTIFIER, self.PATH, self.NOTIFIER, "Inhibited"))

    def _xfce(self) -> bool:
        xfconf = "org.xfce.Xfconf"
        where = ("xfce4-notifyd", "/do-not-disturb")
        (value,) = self.bus.call(xfconf, "/org/xfce/Xfconf", xfconf, "GetProperty", "ss", where)
        return bool(value[1])
