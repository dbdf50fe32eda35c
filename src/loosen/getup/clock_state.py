"""What the sitting clock remembers, and when it must act as things stand.

Pure. The values are kept in the journal and read back after a restart; `math.inf` stands for never.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from loosen.getup.decisions import Why
from loosen.getup.rule import AFTER_CALL_S, ANSWER_S, DISTINCT, EMPTY_S, LEAVE_S, PAUSE_S, SETTLE_S, SHORT_S, Rule

SITTING_WAKE_S = 60.0
"""The longest time between two wake-ups in a sit. Sensors tell when the last input was, so nothing is missed."""
AWAY_WAKE_S = 15.0
HELD_WAKE_S = 4.0
"""The same while a call holds a prompt back: its end must be noticed in time to prompt within 10 s."""
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
        self.sit, self.began_s = sit, self.seen_s

    def ask(self, prompt: str, why: Why, exercise: str) -> None:
        """Open a new prompt."""
        self.prompt, self.why, self.exercise, self.shown_s = prompt, why, exercise, self.now_s
        self.prompted, self.held, self.second_due = True, False, False
        self.snoozes = 0
        if exercise:
            self.shown = [*self.shown, exercise][-DISTINCT:]

    def settle(self) -> None:
        """Close the open prompt."""
        self.prompt, self.snoozed_s, self.answer, self.empty_s, self.looking = "", None, "", None, ""
        self.held = False

    def end(self, gone_s: float) -> None:
        """End the sit."""
        self.sit, self.gone_s, self.prompted, self.held, self.second_due = "", gone_s, False, False, False

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

    # -- when the clock must act: prompt, find an absence, look at the seat, or just wake up --------------------

    def wake_s(self, rule: Rule, t_s: float) -> float:
        """Return when the clock must be woken at the latest: something is due then, or may have changed unnoticed."""
        at_most_s = SITTING_WAKE_S if self.sit else AWAY_WAKE_S
        if self.sit and self.held_back and self.paused_s is None:
            from_s = self.prompt_from_s(rule)
            at_most_s = HELD_WAKE_S if from_s <= t_s else min(at_most_s, from_s - t_s)
        return min(max(self._next_s(rule), t_s), t_s + at_most_s)

    def asks_what_is_under_way(self, rule: Rule, t_s: float) -> bool:
        """Return whether it matters now what is under way."""
        if not self.sit or self.paused_s is not None:
            return False
        if self.doing or self.quiet:
            return True
        return t_s - self.seen_s >= rule.away_s / 2 or self.prompt_s(rule) <= t_s

    def _next_s(self, rule: Rule) -> float:
        """Return when the next decision is due, if nothing is told before."""
        if self.paused_s is not None:
            return self.paused_s
        if not self.sit:
            return math.inf
        # In a call the person is there all the time, so that it is known beforehand when he has stayed too long.
        stays = self.prompt and self.doing and self.locked_s is None
        stayed_s = self.answer_s() if stays else math.inf
        return min(self.absence_s(rule), self.prompt_s(rule), self.seat_s(), stayed_s)

    def absence_s(self, rule: Rule) -> float:
        """Return when the person has been absent for long enough to have got up."""
        short_s = SHORT_S if self.slept else 0.0
        at_s = self.seen_s + max(rule.away_s, short_s)
        return at_s if self.locked_s is None else max(at_s, self.locked_s + SHORT_S)

    def answer_s(self) -> float:
        """Return the time from which on a sign of the person means that he stayed in spite of the open prompt."""
        if self.snoozed_s is not None or self.looking:
            return math.inf
        if self.answer == "up":
            return self.answered_s + LEAVE_S
        return (self.answered_s if self.answer else self.shown_s) + ANSWER_S

    def seat_s(self) -> float:
        """Return when the camera is to look whether the seat is still empty."""
        if self.empty_s is None or self.looking or self.locked_s is not None:
            return math.inf
        return self.empty_s + EMPTY_S

    def prompt_from_s(self, rule: Rule) -> float:
        """Return when the next prompt of this sit is due, even if something then holds it back."""
        if not self.prompted:
            return self.began_s + rule.after_s
        if self.second_due:
            return self.now_s
        if self.prompt and self.snoozed_s is not None:
            return self.snoozed_s
        return math.inf

    def prompt_s(self, rule: Rule) -> float:
        """Return when the prompt comes: at a pause, or at the window's end."""
        from_s = self.prompt_from_s(rule)
        if self.held_back or self.locked_s is not None or from_s == math.inf:
            return math.inf
        at_pause_s = max(from_s, self.input_s + PAUSE_S)
        at_latest_s = max(from_s, self.began_s + rule.latest_s)
        if self.held:
            # After a call beyond the window there is a moment for a pause, then the prompt comes in any case.
            at_latest_s = max(at_latest_s, self.free_s + AFTER_CALL_S)
        return max(self.free_s + SETTLE_S, min(at_pause_s, at_latest_s))


def _has_type_of(value: Any, fresh: Any) -> bool:
    """Return whether a kept value has the type of a fresh state's; a time that is unset there may be set."""
    if fresh is None or isinstance(fresh, float):
        return (fresh is None and value is None) or (isinstance(value, int | float) and math.isfinite(value))
    if isinstance(fresh, list):
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return type(value) is type(fresh)
