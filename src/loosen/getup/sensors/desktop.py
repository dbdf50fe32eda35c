"""The sensors over D-Bus: idle time, locks, sleep, and "do not disturb"."""

from __future__ import annotations

import os
from typing import Any, Literal

from loosen.errors import SensorError
from loosen.getup.dbus import PROPERTIES, Bus
from loosen.getup.sensor_registry import Sensor, SensorEvent


class _BusSensor(Sensor):
    """A sensor with a connection of its own to a bus."""

    BUS: Literal["SESSION", "SYSTEM"] = "SESSION"

    def __init__(self) -> None:
        self.bus = Bus(self.BUS)
        self._events: list[SensorEvent] = []
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        """Find the service to be asked; SensorError if it is not there."""

    def fileno(self) -> int | None:
        return self.bus.fileno() if self.bus.open else None

    def events(self) -> list[SensorEvent]:
        self.bus.pump()
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        self.bus.close()


class _ServiceSensor(_BusSensor):
    """A sensor that hears of locks from the service `name`.

    Signals tell of changes only, so it asks for the state at first and when another process takes the name over.
    """

    name: str

    def _begin(self) -> None:
        self._owner = self.bus.owner(self.name)
        if not self._owner:
            raise SensorError(f"{self.name} is not on the bus")
        self._ask_state()

    def _is_locked(self) -> bool:
        raise NotImplementedError

    def _ask_state(self) -> None:
        try:
            self._events.append(SensorEvent("locked", self._is_locked()))
        except SensorError:
            if not self.bus.open:
                raise

    def events(self) -> list[SensorEvent]:
        self.bus.pump()
        owner = self.bus.owner(self.name)
        if owner != self._owner:
            if not owner:
                raise SensorError(f"{self.name} is gone")
            self._owner = owner
            self._ask_state()
        return super().events()


class Mutter(_BusSensor):
    """GNOME's compositor: milliseconds since the last input, on Wayland and on X11."""

    NAME, PATH = "org.gnome.Mutter.IdleMonitor", "/org/gnome/Mutter/IdleMonitor/Core"

    def _begin(self) -> None:
        self.idle_s()

    def idle_s(self) -> float | None:
        (milliseconds,) = self.bus.call(self.NAME, self.PATH, self.NAME, "GetIdletime")
        return float(milliseconds) / 1000


class ScreenSaver(_ServiceSensor):
    """The screen saver: whether it is on, and on KDE also milliseconds since the last input."""

    # The first is KDE's and several others'; the other desktops have their own, beside it or instead.
    NAMES = (
        "org.freedesktop.ScreenSaver",
        "org.gnome.ScreenSaver",
        "org.cinnamon.ScreenSaver",
        "org.mate.ScreenSaver",
        "org.xfce.ScreenSaver",
    )

    def _begin(self) -> None:
        self.name = next((name for name in self.NAMES if self.bus.has(name)), "")
        if not self.name:
            raise SensorError("no screen saver on the session bus")
        self._path = "/" + self.name.replace(".", "/")
        self._tells_idle = True
        self.bus.subscribe(self._changed, self.name, "b", interface=self.name, member="ActiveChanged")
        super()._begin()

    def _is_locked(self) -> bool:
        return bool(self.bus.call(self.name, self._path, self.name, "GetActive")[0])

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
        self._events.append(SensorEvent("locked", message.body[0]))


class Logind(_ServiceSensor):
    """systemd-logind: when the computer is about to sleep and has woken, and whether the session is locked."""

    BUS = "SYSTEM"
    name, PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
    MANAGER, SESSION = "org.freedesktop.login1.Manager", "org.freedesktop.login1.Session"

    def _begin(self) -> None:
        self.bus.subscribe(self._sleeps, self.name, "b", interface=self.MANAGER, member="PrepareForSleep")
        # A user service belongs to no session; "auto" is then the session at the user's screen.
        wanted = os.environ.get("XDG_SESSION_ID") or "auto"
        (self._session,) = self.bus.call(self.name, self.PATH, self.MANAGER, "GetSession", "s", (wanted,))
        changes = {"interface": PROPERTIES, "member": "PropertiesChanged", "path": self._session}
        self.bus.subscribe(self._changed, self.name, "sa{sv}as", **changes)
        super()._begin()

    def _is_locked(self) -> bool:
        return bool(self.bus.get(self.name, self._session, self.SESSION, "LockedHint"))

    def _sleeps(self, message: Any) -> None:
        self._events.append(SensorEvent("asleep", message.body[0]))

    def _changed(self, message: Any) -> None:
        interface, changed, _ = message.body
        if interface == self.SESSION and changed.get("LockedHint", ("",))[0] == "b":
            self._events.append(SensorEvent("locked", changed["LockedHint"][1]))


class DoNotDisturb(_BusSensor):
    """Whether the person wants no notifications, by dunst, KDE or Xfce. (GNOME does not tell.)"""

    NOTIFIER, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"

    def _begin(self) -> None:
        questions = (self._dunst, self._kde, self._xfce)
        self._is_on = next((question for question in questions if self._works(question)), None)
        if self._is_on is None:
            raise SensorError("this desktop does not tell")

    def under_way(self) -> frozenset[str]:
        return frozenset({"quiet"} if self._is_on is not None and self._is_on() else ())

    def _works(self, question: Any) -> bool:
        try:
            question()
        except SensorError:
            return False
        return True

    def _dunst(self) -> bool:
        return bool(self.bus.get(self.NOTIFIER, self.PATH, "org.dunstproject.cmd0", "paused"))

    def _kde(self) -> bool:
        return bool(self.bus.get(self.NOTIFIER, self.PATH, self.NOTIFIER, "Inhibited"))

    def _xfce(self) -> bool:
        xfconf = "org.xfce.Xfconf"
        setting = ("xfce4-notifyd", "/do-not-disturb")
        (value,) = self.bus.call(xfconf, "/org/xfce/Xfconf", xfconf, "GetProperty", "ss", setting)
        return bool(value[1])
