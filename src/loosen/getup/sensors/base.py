"""The one interface of all sensors."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

Tells = Literal["idle", "lock", "suspend", "call", "camera", "full-screen", "quiet"]


class Heard(NamedTuple):
    """Something a sensor noticed by itself: "locked" or "asleep", begun (True) or over (False)."""

    what: Literal["locked", "asleep"]
    on: bool


class Sensor(Protocol):
    """A sensor that is open. Any method may raise SensorError: the sensor has died, and is opened anew later."""

    def fileno(self) -> int | None:
        """Return what becomes readable when there is news; None: nothing does."""

    def news(self) -> list[Heard]:
        """Return what was noticed since the last call, without waiting."""

    def has_news(self) -> bool:
        """Whether there is news that `fileno` does not tell of: it came in while something else was asked."""

    def idle_s(self) -> float | None:
        """Return how long ago the last key or mouse movement was; None: it cannot tell."""

    def under_way(self) -> frozenset[str]:
        """Return what is under way: "call", "full-screen", "quiet". May take some milliseconds."""

    def close(self) -> None:
        """Let go of everything. May be called twice."""


class Mute:
    """A sensor that tells nothing: the others say only what they know."""

    def fileno(self) -> int | None:
        return None

    def news(self) -> list[Heard]:
        return []

    def has_news(self) -> bool:
        return False

    def idle_s(self) -> float | None:
        return None

    def under_way(self) -> frozenset[str]:
        return frozenset()

    def close(self) -> None:
        """Nothing to let go of."""
