"""What the sitting clock decides. Times are seconds on its own clock; ids name sits and prompts in the log."""

from __future__ import annotations

from typing import Literal, NamedTuple

Ending = Literal["up", "away", "paused"]
Why = Literal["pause", "latest", "after-call", "second"]
Outcome = Literal["confirmed", "away", "said", "missed"]
Sight = Literal["standing", "sitting", "empty", "unknown"]
Glance = Literal["seat", "up", "seat-again"]
"""What the camera is asked: how he sits (to compare with), whether he stands, whether the seat is still empty."""


class SitBegan(NamedTuple):
    """Somebody sits down, or was found sitting."""

    sit: str
    at_s: float


class SitEnded(NamedTuple):
    """A sit is over, at a time that may lie in the past: absence is known only once it has lasted."""

    sit: str
    at_s: float
    seconds: float
    ending: Ending


class Prompt(NamedTuple):
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
    """The prompt comes again at `until_s`; it is the `n`-th time."""

    prompt: str
    until_s: float
    n: int


class Settled(NamedTuple):
    """What became of a prompt is known."""

    prompt: str
    at_s: float
    outcome: Outcome


class Withdraw(NamedTuple):
    """Take the prompt off the screen."""

    prompt: str


class Look(NamedTuple):
    """Let the camera look, for a few seconds."""

    glance: Glance


class StopLooking(NamedTuple):
    """Put the camera's light out, now."""


class Show(NamedTuple):
    """Open the page at a movement."""

    exercise: str


Decision = SitBegan | SitEnded | Prompt | Snoozed | Settled | Withdraw | Look | StopLooking | Show
