"""What every prompter does, and the one that falls back from each prompter to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Literal, NamedTuple

from loosen.errors import SensorError

PromptAnswer = Literal["up", "snooze", "show"]


class PromptText(NamedTuple):
    """A prompt in words. `answers` are those that mean something now, each with the words on its button."""

    title: str
    text: str
    answers: tuple[tuple[PromptAnswer, str], ...]


class Prompter:
    """A way to ask. Any method may raise SensorError."""

    name: str

    def fileno(self) -> int | None:
        """Return the descriptor that becomes readable when an answer may have come; None if there is none."""
        return None

    def show(self, prompt: PromptText) -> None:
        """Show a prompt in place of the one shown before."""
        raise NotImplementedError

    def withdraw(self) -> None:
        """Take the prompt off the screen."""

    def answers(self) -> list[PromptAnswer]:
        """Return the answers since the last call, without waiting."""
        return []

    def close(self) -> None:
        """Release everything. May be called twice."""


class FallbackPrompter:
    """Shows each prompt with the first prompter that works. `makers` are in order of preference."""

    def __init__(self, makers: Sequence[Callable[[], Prompter]]) -> None:
        self._prompters: list[Prompter] = []
        for make in makers:
            with suppress(SensorError):
                self._prompters.append(make())
        self._showing: Prompter | None = None
        self._troubles: dict[str, str] = {}

    def show(self, prompt: PromptText) -> None:
        """Show a prompt in place of the one shown before."""
        self.withdraw()
        for prompter in self._prompters:
            try:
                prompter.show(prompt)
            except (SensorError, OSError) as error:
                self._troubles[prompter.name] = str(error)
                continue
            self._troubles.pop(prompter.name, None)
            self._showing = prompter
            return

    def withdraw(self) -> None:
        """Take the prompt off the screen."""
        showing, self._showing = self._showing, None
        if showing is not None:
            with suppress(SensorError, OSError):
                showing.withdraw()

    def answers(self) -> list[PromptAnswer]:
        """Return the answers since the last call, without waiting."""
        found: list[PromptAnswer] = []
        for prompter in self._prompters:
            # Nothing that comes in over a bus may end the service.
            with suppress(Exception):
                found += prompter.answers()
        return found

    def filenos(self) -> list[int]:
        """Return the descriptors that become readable when an answer may have come."""
        return [number for prompter in self._prompters if (number := prompter.fileno()) is not None]

    def report(self) -> dict[str, Any]:
        """Return which prompter shows a prompt now ("" for none), and the last error of each other one."""
        return {"asking": self._showing.name if self._showing else "", "troubles": dict(self._troubles)}

    def close(self) -> None:
        """Withdraw the prompt and close all prompters."""
        self.withdraw()
        for prompter in self._prompters:
            with suppress(SensorError, OSError):
                prompter.close()
