"""The rule for getting up: the routine's window with the times that go with it; and what the service is given."""

from __future__ import annotations

import json
from typing import NamedTuple

PAUSE_S = 5.0
"""Hands off keyboard and mouse for so long is a natural pause, a good moment for a prompt."""
AWAY_S = 120.0
"""An absence so long means that the person has got up."""
SHORT_S = 60.0
"""A shorter lock or suspend does not count, whatever else is set."""
SNOOZE_S = 300.0
SNOOZES = 2
ANSWER_S = 300.0
"""A prompt is missed if the person neither answered nor left for so long."""
LEAVE_S = 60.0
"""After "I'm up" the person may go on typing for so long before the outcome is "said"."""
SETTLE_S = 2.0
"""A prompt waits so long after the end of a call, a film or a lock: calls break off and come back."""
AFTER_CALL_S = 6.0
"""A prompt waits at most so long after a call that reached beyond the window."""
EMPTY_S = 60.0
"""A seat that is seen empty twice, so far apart, is an empty seat."""
DISTINCT = 3
"""No movement comes twice within so many prompts."""

WALK = "a-walk"
"""Among the movements: a short walk, of which there is nothing to show."""


class Rule(NamedTuple):
    """When to prompt, in seconds of sitting: at the first pause from `after_s` on, at `latest_s` without one.

    `movements` are the exercises offered; `camera` tells whether the camera may look inside a prompt.
    """

    after_s: float = 1800.0
    latest_s: float = 2700.0
    away_s: float = AWAY_S
    movements: tuple[str, ...] = ()
    camera: bool = False


def next_movement(movements: tuple[str, ...], shown: list[str]) -> str:
    """Return the movement for the next prompt, "" if there are none; `shown` are those before, the last one last.

    They take turns, and none of the last `DISTINCT` - 1 comes while there is another.
    """
    if not movements:
        return ""
    last = shown[-1] if shown else ""
    at = movements.index(last) + 1 if last in movements else 0
    in_turn = movements[at:] + movements[:at]
    recent = shown[-(DISTINCT - 1) :]
    return next((one for one in in_turn if one not in recent), in_turn[0])


class ServiceSettings(NamedTuple):
    """What the service needs to know, worked out before it starts, so that it need not read routines or words.

    `titles` are those of the movements by id, with one for none of them (""); `texts` those of prompts; `folder` holds
    the control socket and the lock; `page_options` are the options with which the page is opened.
    """

    rule: Rule
    titles: dict[str, str]
    texts: dict[str, str]
    folder: str
    journal: str | None = None
    page_options: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the settings as JSON."""
        return json.dumps(self._asdict() | {"rule": self.rule._asdict()})

    @classmethod
    def from_json(cls, text: str) -> ServiceSettings:
        """Return the settings that `to_json` wrote."""
        values = json.loads(text)
        rule = Rule(**values["rule"] | {"movements": tuple(values["rule"]["movements"])})
        return cls(**values | {"rule": rule, "page_options": tuple(values["page_options"])})
