"""When the sitting clock must act, as its state stands: prompt, find an absence, look at the seat, or just wake up.

Pure. All times are seconds on the clock's scale; `math.inf` stands for never.
"""

from __future__ import annotations

import math

from loosen.getup.clock_state import ClockState
from loosen.getup.rule import AFTER_CALL_S, ANSWER_S, EMPTY_S, LEAVE_S, PAUSE_S, SETTLE_S, SHORT_S, Rule

SITTING_WAKE_S = 60.0
"""The longest time between two wake-ups in a sit. Sensors tell when the last input was, so nothing is missed."""
AWAY_WAKE_S = 15.0
HELD_WAKE_S = 4.0
"""The same while a call holds a prompt back: its end must be noticed in time to prompt within 10 s."""


def wake_s(state: ClockState, rule: Rule, t_s: float) -> float:
    """Return when the clock must be woken at the latest: something is due then, or may have changed unnoticed."""
    at_most_s = SITTING_WAKE_S if state.sit else AWAY_WAKE_S
    if state.sit and state.held_back and state.paused_s is None:
        from_s = prompt_from_s(state, rule)
        at_most_s = HELD_WAKE_S if from_s <= t_s else min(at_most_s, from_s - t_s)
    return min(max(_next_s(state, rule), t_s), t_s + at_most_s)


def asks_what_is_under_way(state: ClockState, rule: Rule, t_s: float) -> bool:
    """Return whether it matters now what is under way."""
    if not state.sit or state.paused_s is not None:
        return False
    if state.doing or state.quiet:
        return True
    return t_s - state.seen_s >= rule.away_s / 2 or prompt_s(state, rule) <= t_s


def _next_s(state: ClockState, rule: Rule) -> float:
    """Return when the next decision is due, if nothing is told before."""
    if state.paused_s is not None:
        return state.paused_s
    if not state.sit:
        return math.inf
    # In a call the person is there all the time, so that it is known beforehand when he has stayed too long.
    stays = state.prompt and state.doing and state.locked_s is None
    stayed_s = answer_s(state) if stays else math.inf
    return min(absence_s(state, rule), prompt_s(state, rule), seat_s(state), stayed_s)


def absence_s(state: ClockState, rule: Rule) -> float:
    """Return when the person has been absent for long enough to have got up."""
    short_s = SHORT_S if state.slept else 0.0
    at_s = state.seen_s + max(rule.away_s, short_s)
    return at_s if state.locked_s is None else max(at_s, state.locked_s + SHORT_S)


def answer_s(state: ClockState) -> float:
    """Return the time from which on a sign of the person means that he stayed in spite of the open prompt."""
    if state.snoozed_s is not None or state.looking:
        return math.inf
    if state.answer == "up":
        return state.answered_s + LEAVE_S
    return (state.answered_s if state.answer else state.shown_s) + ANSWER_S


def seat_s(state: ClockState) -> float:
    """Return when the camera is to look whether the seat is still empty."""
    if state.empty_s is None or state.looking or state.locked_s is not None:
        return math.inf
    return state.empty_s + EMPTY_S


def prompt_from_s(state: ClockState, rule: Rule) -> float:
    """Return when the next prompt of this sit is due, even if something then holds it back."""
    if not state.prompted:
        return state.began_s + rule.after_s
    if state.second_due:
        return state.now_s
    if state.prompt and state.snoozed_s is not None:
        return state.snoozed_s
    return math.inf


def prompt_s(state: ClockState, rule: Rule) -> float:
    """Return when the prompt comes: at a pause, or at the window's end."""
    from_s = prompt_from_s(state, rule)
    if state.held_back or state.locked_s is not None or from_s == math.inf:
        return math.inf
    at_pause_s = max(from_s, state.input_s + PAUSE_S)
    at_latest_s = max(from_s, state.began_s + rule.latest_s)
    if state.held:
        # After a call beyond the window there is a moment for a pause, then the prompt comes in any case.
        at_latest_s = max(at_latest_s, state.free_s + AFTER_CALL_S)
    return max(state.free_s + SETTLE_S, min(at_pause_s, at_latest_s))
