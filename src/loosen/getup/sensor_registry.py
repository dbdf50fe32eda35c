"""What every sensor is asked, and all sensors together: which are there, and which takes the place of one that dies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from loosen.errors import SensorError

RETRY_S = 60.0
RETRY_AT_MOST_S = 1800.0
"""A sensor that is missing is tried again after a minute, then after ever longer times."""

SensorTopic = Literal["idle", "lock", "suspend", "call", "camera", "full-screen", "quiet"]


class SensorEvent(NamedTuple):
    """Something that a sensor noticed by itself: "locked" or "asleep", begun (`on`) or over."""

    what: Literal["locked", "asleep"]
    on: bool


class Sensor:
    """An open sensor; each kind overrides what it can tell.

    Any method may raise SensorError: the sensor has died, and the registry opens it again later.
    """

    def fileno(self) -> int | None:
        """Return the descriptor that becomes readable when there are events; None if there is none."""
        return None

    def events(self) -> list[SensorEvent]:
        """Return what was noticed since the last call, without waiting."""
        return []

    def idle_s(self) -> float | None:
        """Return the seconds since the last key or mouse input; None if it cannot tell."""
        return None

    def under_way(self) -> frozenset[str]:
        """Return what is under way: "call", "full-screen", "quiet". May take some milliseconds."""
        return frozenset()

    def close(self) -> None:
        """Release everything. May be called twice."""


class SensorKind(NamedTuple):
    """A sensor that may be there. With `unless`, it is asked what is under way only while that one is not there."""

    name: str
    tells: tuple[SensorTopic, ...]
    make: Callable[[], Sensor]
    unless: str = ""


@dataclass
class _Slot:
    """A kind of sensor, with the sensor while it is open; otherwise `why` it is not, and when to try again."""

    kind: SensorKind
    sensor: Sensor | None = None
    why: str = ""
    died: bool = False
    retry_at_s: float = 0.0
    retry_after_s: float = RETRY_S
    no_idle: bool = False


class SensorRegistry:
    """The sensors of one computer. `awake_s` is the time on a clock that stands still while the computer sleeps."""

    def __init__(self, kinds: Iterable[SensorKind]) -> None:
        self._slots = [_Slot(kind) for kind in kinds]
        self._locked_by: set[str] = set()
        self._woke_s, self._slept_s = 0.0, 0.0

    def open(self, awake_s: float) -> None:
        """Open the sensors that are not open and that are due to be tried again."""
        for slot in self._slots:
            if slot.sensor is None and awake_s >= slot.retry_at_s:
                try:
                    slot.sensor, slot.why = slot.kind.make(), ""
                    slot.died, slot.retry_after_s = False, RETRY_S
                except Exception as error:  # the service goes on without this sensor
                    self._failed(slot, error, awake_s)

    def close(self) -> None:
        """Close all sensors."""
        for slot in self._slots:
            if slot.sensor is not None:
                slot.sensor.close()
                slot.sensor = None

    def filenos(self) -> list[int]:
        """Return the descriptors that become readable when there are events."""
        numbers = [slot.sensor.fileno() for slot in self._slots if slot.sensor is not None]
        return [number for number in numbers if number is not None and number >= 0]

    def events(self, awake_s: float) -> list[SensorEvent]:
        """Return the sensors' events since the last call, without waiting. `locked` then takes account of them."""
        events: list[SensorEvent] = []
        for slot in self._slots:
            for event in self._ask(slot, awake_s, lambda sensor: sensor.events()) or ():
                events.append(event)
                if event.what == "locked":
                    (self._locked_by.add if event.on else self._locked_by.discard)(slot.kind.name)
        return events

    @property
    def locked(self) -> bool:
        """Whether the screen is locked."""
        return bool(self._locked_by)

    def woke(self, awake_s: float, slept_s: float) -> None:
        """Note that the computer slept until now; the sensors' own clocks stood still meanwhile."""
        self._woke_s, self._slept_s = awake_s, slept_s

    def idle_s(self, awake_s: float) -> float | None:
        """Return the seconds since the last input, by the first sensor that can tell; None if none can."""
        for slot in self._slots:
            if "idle" in slot.kind.tells:
                idle_s = self._ask(slot, awake_s, lambda sensor: sensor.idle_s())
                slot.no_idle = slot.sensor is not None and idle_s is None
                if idle_s is not None:
                    was_before_sleep = self._slept_s and idle_s >= awake_s - self._woke_s
                    return float(idle_s) + (self._slept_s if was_before_sleep else 0.0)
        return None

    def under_way(self, awake_s: float) -> frozenset[str]:
        """Return what is under way now: "call", "full-screen", "quiet"."""
        live = {slot.kind.name for slot in self._slots if slot.sensor is not None}
        found: frozenset[str] = frozenset()
        for slot in self._slots:
            if slot.kind.unless not in live:
                found |= self._ask(slot, awake_s, lambda sensor: sensor.under_way()) or frozenset()
        return found

    def report(self) -> list[dict[str, Any]]:
        """Return each sensor's name, what it tells, whether it is "ok", "missing" or "lost", and why."""
        return [
            {
                "name": slot.kind.name,
                "tells": [what for what in slot.kind.tells if what != "idle" or not slot.no_idle],
                "state": "ok" if slot.sensor is not None else "lost" if slot.died else "missing",
                "why": slot.why,
            }
            for slot in self._slots
        ]

    def _ask(self, slot: _Slot, awake_s: float, question: Callable[[Sensor], Any]) -> Any:
        if slot.sensor is None:
            return None
        try:
            return question(slot.sensor)
        except Exception as error:  # the service goes on with the other sensors
            slot.died = True
            self._failed(slot, error, awake_s)
            return None

    def _failed(self, slot: _Slot, error: Exception, awake_s: float) -> None:
        if slot.sensor is not None:
            with suppress(Exception):
                slot.sensor.close()
        slot.sensor = None
        slot.why = str(error) if isinstance(error, SensorError) else f"{type(error).__name__}: {error}"
        slot.retry_at_s = awake_s + slot.retry_after_s
        slot.retry_after_s = min(slot.retry_after_s * 2, RETRY_AT_MOST_S)
        # Nothing would tell of the unlocking any more, and prompts would be held back for ever.
        self._locked_by.discard(slot.kind.name)
