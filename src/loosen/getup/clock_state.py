"""What the sitting clock remembers: plain values that are kept in the journal and read back after a restart."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from loosen.getup.decisions import Why
from loosen.getup.rule import DISTINCT

_LONG_AGO_S = -1e9


@dataclass(slots=True)
class ClockState:
    """All times are seconds on the clock's own scale.

    `seen_s` is the last sign of the person, `input_s` the last key or mouse input, `gone_s` the end of the last sit.
    `doing` is what is under way (calls, full-screen windows), `free_s` the time since which nothing holds prompts back,
    `held` whether something held the next one back. An empty `sit` or `prompt` id means that there is none now.
    """

    now_s: float
    seen_s: float = _LONG_AGO_S
    input_s: float = _LONG_AGO_S
    sit: str = ""
    began_s: float = 0.0
    gone_s: float = _LONG_AGO_S
    prompted: bool = False
    prompt: str = ""
    why: Why = "pause"
    exercise: str = ""
    shown_s: float = _LONG_AGO_S
    snoozes: int = 0
    snoozed_s: float | None = None
    answer: str = ""
    answered_s: float = _LONG_AGO_S
    second: bool = False
    second_due: bool = False
    looking: str = ""
    empty_s: float | None = None
    locked_s: float | None = None
    slept: bool = False
    doing: list[str] = field(default_factory=list)
    quiet: bool = False
    free_s: float = _LONG_AGO_S
    held: bool = False
    paused_s: float | None = None
    shown: list[str] = field(default_factory=list)

    @property
    def held_back(self) -> bool:
        """Whether prompts must wait: for the end of a call, say."""
        return bool(self.doing) or self.quiet

    def begin(self, sit: str) -> None:
        """Begin a sit with the last sign of the person."""
        self.sit, self.began_s, self.prompted, self.held = sit, self.seen_s, False, False
        self.second, self.second_due = False, False

    def ask(self, prompt: str, why: Why, exercise: str) -> None:
        """Open a new prompt."""
        self.prompt, self.why, self.exercise, self.shown_s = prompt, why, exercise, self.now_s
        self.prompted, self.held = True, False
        self.second, self.second_due = why == "second", False
        self.snoozes, self.snoozed_s, self.answer, self.empty_s = 0, None, "", None
        if exercise:
            self.shown = [*self.shown, exercise][-DISTINCT:]

    def settle(self) -> None:
        """Close the open prompt."""
        self.prompt, self.snoozed_s, self.answer, self.empty_s, self.looking = "", None, "", None, ""
        self.held = False

    def end(self, gone_s: float) -> None:
        """End the sit."""
        self.sit, self.gone_s, self.prompted, self.held = "", gone_s, False, False
        self.second, self.second_due = False, False

    @classmethod
    def from_dict(cls, kept: Any, by_s: float = 0.0) -> ClockState:
        """Return the state in values as `asdict` gave them, all times moved by `by_s`. ValueError if it is none."""
        if not isinstance(kept, dict) or "now_s" not in kept:
            raise ValueError("not a state of the sitting clock: expected values by name")
        known = {name: value for name, value in kept.items() if name in cls.__dataclass_fields__}
        fresh = cls(0.0)
        wrong = [name for name, value in known.items() if not _has_type_of(value, getattr(fresh, name))]
        if wrong:
            raise ValueError(f"not a state of the sitting clock: {wrong[0]} is {known[wrong[0]]!r}")
        times = {name: value + by_s for name, value in known.items() if name.endswith("_s") and value is not None}
        return cls(**known | times)


def _has_type_of(value: Any, fresh: Any) -> bool:
    """Return whether a kept value has the type of a fresh state's; a time that is unset there may be set."""
    if fresh is None or isinstance(fresh, float):
        return (fresh is None and value is None) or (isinstance(value, int | float) and math.isfinite(value))
    if isinstance(fresh, list):
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return type(value) is type(fresh)
