"""What the sitting clock decides. Times are seconds on its own clock; ids name sits and prompts in the log."""

from __future__ import annotations

from typing import Literal, NamedTuple

Ending = Literal["up", "away", "paused"]
Why = Literal["pause", "latest", "after-call", "second"]
PromptOutcome = Literal["confirmed", "away", "said", "missed"]
Glance = Literal["seat", "up", "seat-again"]
"""What the camera looks for: how the person sits, to compare with; whether he stands; whether the seat stays empty."""
Sight = Literal["standing", "sitting", "empty", "unknown"]


class SitBegan(NamedTuple):
    """The person sat down, or was found sitting."""

    sit: str
    at_s: float


class SitEnded(NamedTuple):
    """A sit is over, since a time that may lie in the past: absence is known only once it has lasted."""

    sit: str
    at_s: float
    seconds: float
    ending: Ending


class ShowPrompt(NamedTuple):
    """Ask the person to get up, now. `again`: the same prompt as before, after a snooze or a restart."""

    prompt: str
    sit: str
    at_s: float
    sat_s: float
    why: Why
    exercise: str
    snoozes_left: int
    again: bool = False


class Snoozed(NamedTuple):
    """The prompt was snoozed for the `n`-th time, and comes again at `until_s`."""

    prompt: str
    until_s: float
    n: int


class Settled(NamedTuple):
    """The outcome of a prompt is known."""

    prompt: str
    at_s: float
    outcome: PromptOutcome


class Withdraw(NamedTuple):
    """Take the prompt off the screen."""

    prompt: str


class StartLooking(NamedTuple):
    """Let the camera look, for a few seconds."""

    glance: Glance


class StopLooking(NamedTuple):
    """Put the camera's light out, now."""


class OpenPage(NamedTuple):
    """Open the page at a movement."""

    exercise: str


Decision = SitBegan | SitEnded | ShowPrompt | Snoozed | Settled | Withdraw | StartLooking | StopLooking | OpenPage
