"""Which contents have been watched, so that each is watched once."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_ALIKE = 20


@dataclass(slots=True)
class KnownUnits:
    """The units that are done: by earlier runs, and by this one since.

    `places`: address to (stamp, unit), as it was found last (unit GONE: nothing lies there any more); `copied`: units
    that lie at more than one address; `set_aside`: unit to reason. Units are kept as eight of their bytes (two of a
    million agree by chance in one of 40 million archives), so that a run of 100,000 recordings hardly grows.
    """

    places: dict[str, tuple[str, str]] = field(default_factory=dict)
    copied: set[str] = field(default_factory=set)
    set_aside: dict[str, str] = field(default_factory=dict)
    _units: set[int] = field(default_factory=set)
    _by_size: dict[int, list[str]] = field(default_factory=dict)
    _by_stamp: dict[str, str] = field(default_factory=dict)

    def __contains__(self, unit: str) -> bool:
        return _short(unit) in self._units

    def add(self, unit: str) -> None:
        """Note a unit that is done."""
        self._units.add(_short(unit))

    def add_before(self, unit: str, size: int, stamp: str) -> None:
        """Note a unit that was done by an earlier run, with the size and the stamp by which to guess it."""
        self.add(unit)
        self._by_size.setdefault(size, []).append(unit)
        self._by_stamp[stamp] = unit

    def unit_at(self, address: str, stamp: str) -> str | None:
        """Return the unit that still lies at an address, by the storage's stamp; None where that cannot be told."""
        found = self.places.get(address)
        return found[1] if found is not None and stamp and found[0] == stamp and found[1] in self else None

    def alike(self, size: int, stamp: str) -> tuple[str, ...]:
        """Return the units of earlier runs that a file may turn out to be; few, because they travel with the task.

        Two clips hardly ever have the same size, but tracks may all have one: of these only the unit with the same
        stamp is returned.
        """
        same = self._by_size.get(size, ())
        if len(same) <= MOST_ALIKE:
            return tuple(same)
        return (self._by_stamp[stamp],) if stamp in self._by_stamp else ()


def _short(unit: str) -> int:
    """Return the first eight bytes of a unit as a number."""
    return int(unit[:16] or "0", 16)
