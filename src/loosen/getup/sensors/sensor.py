"""What every sensor is asked, and how it answers."""

from __future__ import annotations

from typing import Literal, NamedTuple

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
