"""The ways to ask, the best first: the first one that works is taken, anew at each prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from loosen.errors import SensorError
from loosen.getup.prompts.base import Answer, Ask, Prompter


class Ways:
    """Asks in the first way that works."""

    def __init__(self, makers: Sequence[Callable[[], Prompter]]) -> None:
        self._ways: list[Prompter] = []
        for make in makers:
            with suppress(SensorError):
                self._ways.append(make())
        self._asking: Prompter | None = None
        self._troubles: dict[str, str] = {}

    def show(self, ask: Ask) -> None:
        """Ask; whatever one way cannot do, the next one does."""
        self.withdraw()
        for way in self._ways:
            try:
                way.show(ask)
            except (SensorError, OSError) as error:
                self._troubles[way.name] = str(error)
                continue
            self._troubles.pop(way.name, None)
            self._asking = way
            return

    def withdraw(self) -> None:
        """Take the question off the screen."""
        way, self._asking = self._asking, None
        if way is not None:
            with suppress(SensorError, OSError):
                way.withdraw()

    def answers(self) -> list[Answer]:
        """Return the answers that have come."""
        found: list[Answer] = []
        for way in self._ways:
            # Whatever comes in over a bus must not end the service.
            with suppress(Exception):
                found += way.answers()
        return found

    def has_answers(self) -> bool:
        """Whether answers have come that `filenos` do not tell of."""
        for way in self._ways:
            with suppress(Exception):
                if way.has_answers():
                    return True
        return False

    def filenos(self) -> list[int]:
        """Return what becomes readable when an answer may have come."""
        return [number for way in self._ways if (number := way.fileno()) is not None]

    def report(self) -> dict[str, Any]:
        """Return which way was taken last, and what was wrong with others."""
        return {"asking": self._asking.name if self._asking else "", "troubles": dict(self._troubles)}

    def close(self) -> None:
        """Close all."""
        self.withdraw()
        for way in self._ways:
            with suppress(SensorError, OSError):
                way.close()
