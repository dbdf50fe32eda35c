"""All sensors together: what they tell, which of them live, and what takes the place of one that dies."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from loosen.errors import SensorError
from loosen.getup.sensors.base import Sensor, Tells

RETRY_S = 60.0
RETRY_AT_MOST_S = 1800.0
"""A sensor that is not there is tried again after a minute, then after ever longer times."""


class Kind(NamedTuple):
    """A sensor that may be there. With `unless`, it is asked only while that one is not."""

    name: str
    tells: tuple[Tells, ...]
    make: Callable[[], Sensor]
    unless: str = ""


@dataclass
class _Place:
    """A sensor's place: the sensor while it lives, otherwise why not and when to try again."""

    kind: Kind
    sensor: Sensor | None = None
    why: str = ""
    died: bool = False
    again_s: float = 0.0
    wait_s: float = RETRY_S
    no_idle: bool = False


class Watch:
    """The sensors of one computer. `awake_s` is told with each question: seconds that stand still in sleep."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._places = [_Place(kind) for kind in kinds]
        self._locked_by: set[str] = set()
        self._woke_s, self._slept_s = 0.0, 0.0

    def open(self, awake_s: float) -> None:
        """Open what is not open, as far as it is time to try again."""
        for place in self._places:
            if place.sensor is None and awake_s >= place.again_s:
                try:
                    place.sensor, place.why = place.kind.make(), ""
                    place.died, place.wait_s = False, RETRY_S
                except Exception as error:  # a sensor that cannot be had must not stop the service
                    self._failed(place, error, awake_s)

    def close(self) -> None:
        """Close all sensors."""
        for place in self._places:
            if place.sensor is not None:
                place.sensor.close()
                place.sensor = None

    def filenos(self) -> list[int]:
        """Return what becomes readable when there is news."""
        numbers = [place.sensor.fileno() for place in self._places if place.sensor is not None]
        return [number for number in numbers if number is not None and number >= 0]

    def news(self, awake_s: float) -> list[bool]:
        """Take in what was noticed; return each falling asleep (True) and waking up (False). See `locked` for locks."""
        asleep = []
        for place in self._places:
            for heard in self._ask(place, awake_s, lambda sensor: sensor.news()) or ():
                if heard.what == "asleep":
                    asleep.append(heard.on)
                elif heard.on:
                    self._locked_by.add(place.kind.name)
                else:
                    self._locked_by.discard(place.kind.name)
        return asleep

    def has_news(self, awake_s: float) -> bool:
        """Whether there is news that `filenos` do not tell of."""
        return any(self._ask(place, awake_s, lambda sensor: sensor.has_news()) for place in self._places)

    @property
    def locked(self) -> bool:
        """Whether the screen is locked."""
        return bool(self._locked_by)

    def woke(self, awake_s: float, slept_s: float) -> None:
        """Learn that the computer slept: the sensors' own clocks stood still meanwhile."""
        self._woke_s, self._slept_s = awake_s, slept_s

    def idle_s(self, awake_s: float) -> float | None:
        """Return how long ago the last input was, by the first sensor that can tell."""
        for place in self._places:
            if "idle" in place.kind.tells:
                idle_s = self._ask(place, awake_s, lambda sensor: sensor.idle_s())
                place.no_idle = place.sensor is not None and idle_s is None
                if idle_s is not None:
                    was_before_sleep = self._slept_s and idle_s >= awake_s - self._woke_s
                    return float(idle_s) + (self._slept_s if was_before_sleep else 0.0)
        return None

    def under_way(self, awake_s: float) -> frozenset[str]:
        """Return what is under way now: "call", "full-screen", "quiet"."""
        live = {place.kind.name for place in self._places if place.sensor is not None}
        found: frozenset[str] = frozenset()
        for place in self._places:
            if place.kind.unless not in live:
                found |= self._ask(place, awake_s, lambda sensor: sensor.under_way()) or frozenset()
        return found

    def report(self) -> list[dict[str, Any]]:
        """Return for each sensor its name, what it tells, and whether it is "ok", "missing" or "lost", and why."""
        return [
            {
                "name": place.kind.name,
                "tells": [what for what in place.kind.tells if what != "idle" or not place.no_idle],
                "state": "ok" if place.sensor is not None else "lost" if place.died else "missing",
                "why": place.why,
            }
            for place in self._places
        ]

    def _ask(self, place: _Place, awake_s: float, question: Callable[[Sensor], Any]) -> Any:
        if place.sensor is None:
            return None
        try:
            return question(place.sensor)
        except Exception as error:  # whatever a sensor does, the service goes on with the others
            place.died = True
            self._failed(place, error, awake_s)
            return None

    def _failed(self, place: _Place, error: Exception, awake_s: float) -> None:
        if place.sensor is not None:
            with suppress(Exception):
                place.sensor.close()
        place.sensor = None
        place.why = str(error) if isinstance(error, SensorError) else f"{type(error).__name__}: {error}"
        place.again_s = awake_s + place.wait_s
        place.wait_s = min(place.wait_s * 2, RETRY_AT_MOST_S)
        # A lock that nobody can end any more would keep prompts back for ever.
        self._locked_by.discard(place.kind.name)


def kinds_here(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> list[Kind]:
    """Return the sensors that may be there on this desktop, the best first."""
    given = os.environ if environment is None else environment
    if platform == "darwin":
        return [Kind("macos", ("idle", "lock"), _macos)]
    if platform == "win32":
        return [Kind("windows", ("idle", "lock", "full-screen", "quiet"), _windows)]
    kinds = []
    if given.get("WAYLAND_DISPLAY"):
        # An X server inside Wayland sees only its own windows' input: it is not asked.
        both = [Kind("wayland", ("idle",), _wayland), Kind("mutter", ("idle",), _mutter)]
        kinds += both[::-1] if "GNOME" in given.get("XDG_CURRENT_DESKTOP", "") else both
    elif given.get("DISPLAY"):
        kinds += [Kind("x11", ("idle", "full-screen"), _x11), Kind("mutter", ("idle",), _mutter, "x11")]
    return [
        *kinds,
        Kind("screen-saver", ("lock", "idle"), _screen_saver),
        Kind("logind", ("suspend", "lock"), _logind),
        Kind("sound-server", ("call",), _sound_server),
        Kind("alsa", ("call",), _alsa, "sound-server"),
        Kind("cameras", ("camera",), _cameras),
        Kind("do-not-disturb", ("quiet",), _do_not_disturb),
    ]


# Each is imported only where it is used: a service on X11 has no need of Wayland's library.


def _x11() -> Sensor:
    from loosen.getup.sensors.x11 import X11

    return X11()


def _wayland() -> Sensor:
    from loosen.getup.sensors.wayland import Wayland

    return Wayland()


def _mutter() -> Sensor:
    from loosen.getup.sensors.desktop import Mutter

    return Mutter()


def _screen_saver() -> Sensor:
    from loosen.getup.sensors.desktop import ScreenSaver

    return ScreenSaver()


def _logind() -> Sensor:
    from loosen.getup.sensors.desktop import Logind

    return Logind()


def _do_not_disturb() -> Sensor:
    from loosen.getup.sensors.desktop import DoNotDisturb

    return DoNotDisturb()


def _sound_server() -> Sensor:
    from loosen.getup.sensors.sound import SoundServer

    return SoundServer()


def _alsa() -> Sensor:
    from loosen.getup.sensors.sound import Alsa

    return Alsa()


def _cameras() -> Sensor:
    from loosen.getup.sensors.sound import Cameras

    return Cameras()


def _macos() -> Sensor:
    from loosen.getup.sensors.foreign import MacOS

    return MacOS()


def _windows() -> Sensor:
    from loosen.getup.sensors.foreign import Windows

    return Windows()
