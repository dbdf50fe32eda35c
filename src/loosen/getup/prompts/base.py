"""The one interface of all ways to ask."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

Answer = Literal["up", "snooze", "show"]


class Ask(NamedTuple):
    """What is asked, in words ready to be read. `answers` are those that mean something now, with their words."""

    title: str
    text: str
    answers: tuple[tuple[Answer, str], ...]


class Prompter(Protocol):
    """A way to ask. Any method may raise SensorError: then the next way is taken."""

    name: str

    def fileno(self) -> int | None:
        """Return what becomes readable when an answer may have come; None: nothing does."""

    def show(self, ask: Ask) -> None:
        """Ask, in place of whatever this one asked before."""

    def withdraw(self) -> None:
        """Take it off the screen."""

    def answers(self) -> list[Answer]:
        """Return the answers since the last call, without waiting."""

    def has_answers(self) -> bool:
        """Whether answers have come that `fileno` does not tell of."""

    def close(self) -> None:
        """Let go of everything. May be called twice."""
