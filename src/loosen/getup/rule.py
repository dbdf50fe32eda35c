"""The rule for getting up: the routine's window, and the times that go with it."""

from __future__ import annotations

from typing import NamedTuple

PAUSE_S = 5.0
"""Hands off keyboard and mouse for so long is a natural pause, a good moment to speak."""
AWAY_S = 120.0
"""Absent for so long is having got up."""
SHORT_S = 60.0
"""A lock or a suspend shorter than this is none, whatever else is set."""
SNOOZE_S = 300.0
SNOOZES = 2
ANSWER_S = 300.0
"""A prompt is missed if nobody answered or left for so long."""
LEAVE_S = 60.0
"""Whoever says that he is up may finish his sentence for so long before it stays a mere saying."""
SETTLE_S = 2.0
"""So long after a call, a film or a lock, before a prompt: calls break off and come back."""
AFTER_CALL_S = 6.0
"""At the latest so long after one that reached beyond the window's end."""
EMPTY_S = 60.0
"""A seat seen empty twice, so far apart, is an empty seat."""
DISTINCT = 3
"""No movement comes twice within so many prompts."""


class Rule(NamedTuple):
    """When to ask, in seconds of sitting: at the first pause from `after_s`, at `latest_s` without one.

    `movements` are the exercises offered, `camera` tells whether the camera may look inside a prompt.
    """

    after_s: float = 1800.0
    latest_s: float = 2700.0
    away_s: float = AWAY_S
    movements: tuple[str, ...] = ()
    camera: bool = False


def next_movement(movements: tuple[str, ...], shown: list[str]) -> str:
    """Return the movement for the next prompt; `shown`: those before, the last one last.

    In turn, and never one of the last `DISTINCT` - 1 while there is another. "" if there are none.
    """
    if not movements:
        return ""
    last = shown[-1] if shown else ""
    at = movements.index(last) + 1 if last in movements else 0
    in_turn = movements[at:] + movements[:at]
    recent = shown[-(DISTINCT - 1) :]
    return next((one for one in in_turn if one not in recent), in_turn[0])
