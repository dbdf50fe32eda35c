"""The sitting clock: facts about the person go in, with their times, and decisions come out.

Pure. Times are seconds on one clock of the caller's that goes on while the computer sleeps and that nobody sets, so a
change of the wall clock is never seen here. The caller tells facts first (`idle`, `busy`, `locked` ...), then calls
`tick` for the decisions.

A sit begins with the first sign of the person and goes on while he is there: input, a call, a film.
It ends with the last sign once there was none for `Rule.away_s`; a shorter absence changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from uuid import uuid4

from loosen.getup import decisions
from loosen.getup.clock_state import ClockState
from loosen.getup.decisions import Decision, Ending, Glance, PromptOutcome, Sight, Why
from loosen.getup.rule import AFTER_CALL_S, ANSWER_S, SETTLE_S, SHORT_S, SNOOZE_S, SNOOZES, Rule, next_movement

_SAME_S = 0.5  # sensors give the time of the same input a little differently each time


class SittingClock:
    """One person at one computer. `state` may be kept, and given to a new clock after a restart.

    `movements` is asked at each prompt what it may show; without it that is the rule's.
    """

    def __init__(
        self,
        rule: Rule,
        t_s: float,
        *,
        state: ClockState | None = None,
        new_id: Callable[[], object] = uuid4,
        movements: Callable[[], tuple[str, ...]] | None = None,
    ) -> None:
        self.rule = rule
        self.state = state or ClockState(now_s=t_s)
        self._new_id = new_id
        self._movements = movements or (lambda: self.rule.movements)
        self._decided: list[Decision] = []

    # -- facts from the sensors ----------------------------------------------------------------------------------------

    def idle(self, t_s: float, idle_s: float | None) -> None:
        """Take in that the last key or mouse input was `idle_s` ago; None if no sensor can tell.

        Without such a sensor the person is taken to sit and type, and is prompted at the latest moment.
        """
        state = self._at(t_s)
        at_s = state.now_s - max(idle_s or 0.0, 0.0)
        if idle_s is None and state.locked_s is not None:
            return
        if at_s > state.input_s:
            state.input_s = at_s
            self._sign(at_s)

    def busy(self, t_s: float, with_what: Collection[str], *, quiet: bool = False) -> None:
        """Take in what is under way (calls, full-screen windows), and whether the person wants no notifications now.

        Either holds prompts back; the first is a sign of the person, too.
        """
        state = self._at(t_s)
        was = state.held_back
        if state.sit and (state.doing or with_what) and state.locked_s is None:
            self._sign(state.now_s)
        state.doing, state.quiet = sorted(with_what), quiet
        if was and not state.held_back:
            state.free_s = state.now_s

    def locked(self, t_s: float, locked: bool) -> None:
        """Take in that the screen was locked or unlocked."""
        state = self._at(t_s)
        if locked and state.locked_s is None:
            state.locked_s = state.now_s
            self._stop_looking()
        elif not locked and state.locked_s is not None:
            state.locked_s = None
            state.free_s = state.now_s
            if not self._was_absent():
                self._sign(state.now_s)

    def suspended(self, t_s: float, seconds: float) -> None:
        """Take in that the computer has just woken up from a sleep of so many seconds."""
        state = self._at(t_s)
        self._stop_looking()
        state.free_s = state.now_s
        if seconds >= SHORT_S:
            state.slept = True
        elif state.sit:
            self._sign(state.now_s)

    def sleeping(self, t_s: float) -> None:
        """Take in that the computer is about to sleep."""
        self._at(t_s)
        self._stop_looking()

    # -- what the person does --------------------------------------------------------------------------------

    def snooze(self, t_s: float) -> bool:
        """Snooze the open prompt. False if there is none, or if it cannot be snoozed any more."""
        state = self._at(t_s)
        if not self.can_snooze:
            return False
        self._stop_looking()
        state.snoozes += 1
        state.snoozed_s = state.now_s + SNOOZE_S
        snoozed = decisions.Snoozed(state.prompt, state.snoozed_s, state.snoozes)
        self._decided += [snoozed, decisions.Withdraw(state.prompt)]
        return True

    def up(self, t_s: float) -> bool:
        """Take the answer "I'm up", not confirmed until absence or the camera shows it. False if there is no prompt."""
        state = self._at(t_s)
        if not state.prompt or state.answer == "up":
            return False
        self._answer("up")
        if self.rule.camera and state.locked_s is None:
            self._look("up")
        return True

    def show(self, t_s: float) -> bool:
        """Take the answer "Show me". False if there is no prompt."""
        state = self._at(t_s)
        if not state.prompt:
            return False
        self._answer("show")
        self._decided.append(decisions.OpenPage(state.exercise))
        return True

    def moved(self, t_s: float, *, seen: bool) -> None:
        """Take in that the page led the person through a movement, standing; `seen`: in front of the camera."""
        state = self._at(t_s)
        if state.prompt:
            at_s = state.answered_s if state.answer else state.now_s
            self._stood(at_s, "confirmed" if seen else "said")
        elif state.sit:
            self._end(state.now_s, "up")

    def saw(self, t_s: float, glance: Glance, sight: Sight) -> None:
        """Take in what the camera saw."""
        state = self._at(t_s)
        if state.looking == glance:
            state.looking = ""
        if not state.prompt or state.answer != "up":
            return
        if sight == "standing" or (sight == "empty" and glance == "seat-again"):
            self._stood(state.answered_s, "confirmed")
        elif sight == "empty" and glance == "up":
            state.empty_s = state.now_s
        elif sight == "sitting" and glance == "up":
            if state.why == "second":
                self._stood(state.answered_s, "said")
            else:
                self._settle("said")
                state.second_due = True
        elif glance == "seat-again":
            state.empty_s = None

    def pause(self, t_s: float, until_s: float) -> None:
        """Do not prompt until `until_s`."""
        state = self._at(t_s)
        if state.prompt:
            self._settle("missed")
        if state.sit:
            self._end(state.now_s, "paused")
        state.paused_s = max(until_s, state.now_s)

    def resume(self, t_s: float) -> None:
        """End a pause before its time."""
        state = self._at(t_s)
        if state.paused_s is not None:
            self._sign(state.now_s)
            self._unpause(state.now_s)

    def again(self, t_s: float) -> None:
        """Show the prompt again that was open before a restart."""
        state = self._at(t_s)
        state.looking = ""
        if state.prompt and state.snoozed_s is None and not state.answer:
            self._decided.append(self._prompt_decision(again=True))

    # -- decisions ----------------------------------------------------------------------------------------

    def tick(self, t_s: float) -> list[Decision]:
        """Let time pass to `t_s`; return the decisions, in order."""
        state = self._at(t_s)
        if state.paused_s is not None and state.now_s >= state.paused_s:
            self._unpause(state.paused_s)
        if state.paused_s is None:
            if not state.sit and state.seen_s > state.gone_s + _SAME_S and not self._was_absent():
                self._begin()
            if state.sit:
                self._go_on()
        decided, self._decided = self._decided, []
        return decided

    def wake_s(self, t_s: float) -> float:
        """Return when to tell facts and tick again at the latest."""
        return self.state.wake_s(self.rule, t_s)

    def asks_what_is_under_way(self, t_s: float) -> bool:
        """Return whether `busy` must be told before the next tick. (To find out costs much, so only if it matters.)"""
        return self.state.asks_what_is_under_way(self.rule, t_s)

    @property
    def can_snooze(self) -> bool:
        """Whether there is a prompt that may still be snoozed."""
        state = self.state
        is_shown = bool(state.prompt) and not state.answer and state.snoozed_s is None
        return is_shown and state.snoozes < SNOOZES and state.why != "second"

    # -- private ----------------------------------------------------------------------------------------------

    def _at(self, t_s: float) -> ClockState:
        # If the caller's clock goes backwards, time stands still here until it has caught up.
        self.state.now_s = max(self.state.now_s, t_s)
        return self.state

    def _sign(self, at_s: float) -> None:
        """Note a sign of the person at this time."""
        if at_s > self.state.seen_s:
            self.state.seen_s, self.state.slept = at_s, False

    def _was_absent(self) -> bool:
        state = self.state
        return state.now_s - state.seen_s >= self.rule.away_s

    def _begin(self) -> None:
        state = self.state
        state.begin(str(self._new_id()))
        self._decided.append(decisions.SitBegan(state.sit, state.began_s))

    def _unpause(self, ended_s: float) -> None:
        """End the pause. A person who is there begins a sit now; an absent one with his next sign."""
        state = self.state
        state.paused_s = None
        state.gone_s = state.seen_s
        if not self._was_absent():
            state.gone_s = ended_s - 1.0
            state.seen_s = ended_s

    def _go_on(self) -> None:
        state = self.state
        if state.doing and state.locked_s is None:
            self._sign(state.now_s)
        if state.held_back and state.now_s >= state.prompt_from_s(self.rule):
            state.held = True
        if state.now_s >= state.absence_s(self.rule):
            self._end_by_absence()
            return
        if state.prompt:
            self._follow_answer()
        if state.sit and state.now_s >= state.prompt_s(self.rule):
            self._prompt()
        if state.sit and state.now_s >= state.seat_s():
            self._look("seat-again")

    def _prompt(self) -> None:
        state, rule = self.state, self.rule
        sat_s = state.now_s - state.began_s
        after_call = state.held and state.now_s - state.free_s <= AFTER_CALL_S + SETTLE_S
        why: Why = "after-call" if after_call else "latest" if sat_s >= rule.latest_s else "pause"
        if state.snoozed_s is not None:
            state.snoozed_s = None
            state.shown_s, state.held = state.now_s, False
            self._decided.append(self._prompt_decision(again=True))
            return
        movement = next_movement(self._movements(), state.shown)
        state.ask(str(self._new_id()), "second" if state.second_due else why, movement)
        self._decided.append(self._prompt_decision(again=False))
        if rule.camera and state.why != "second":
            self._look("seat")

    def _prompt_decision(self, *, again: bool) -> decisions.ShowPrompt:
        state = self.state
        sat_s, left = state.now_s - state.began_s, 0 if state.why == "second" else SNOOZES - state.snoozes
        return decisions.ShowPrompt(state.prompt, state.sit, state.now_s, sat_s, state.why, state.exercise, left, again)

    def _answer(self, answer: str) -> None:
        state = self.state
        self._stop_looking()
        state.answer, state.answered_s, state.snoozed_s = answer, state.now_s, None
        self._decided.append(decisions.Withdraw(state.prompt))

    def _follow_answer(self) -> None:
        """Settle an open prompt if the person has stayed in spite of it."""
        state = self.state
        if state.seen_s < state.answer_s():
            return
        if state.answer == "up":
            self._stood(state.answered_s, "said")
        else:
            self._settle("missed")

    def _end_by_absence(self) -> None:
        """End the sit of a person who was absent for long enough."""
        state = self.state
        if state.prompt:
            in_time = state.snoozed_s is not None or bool(state.answer)
            in_time = in_time or state.seen_s <= state.shown_s + ANSWER_S
            self._settle("away" if in_time else "missed")
        ending: Ending = "away" if state.slept or state.locked_s is not None else "up"
        self._end(state.seen_s, ending, state.seen_s)

    def _stood(self, at_s: float, outcome: PromptOutcome) -> None:
        self._settle(outcome)
        self._end(at_s, "up")

    def _settle(self, outcome: PromptOutcome) -> None:
        state = self.state
        self._stop_looking()
        self._decided += [decisions.Settled(state.prompt, state.now_s, outcome), decisions.Withdraw(state.prompt)]
        state.settle()

    def _end(self, at_s: float, ending: Ending, from_s: float | None = None) -> None:
        """End the sit at `at_s`; the next one begins with a sign after `from_s`, or after now."""
        state = self.state
        at_s = max(at_s, state.began_s)
        self._decided.append(decisions.SitEnded(state.sit, at_s, at_s - state.began_s, ending))
        state.end(state.now_s if from_s is None else from_s)

    def _look(self, glance: Glance) -> None:
        self.state.looking = glance
        self._decided.append(decisions.StartLooking(glance))

    def _stop_looking(self) -> None:
        if self.state.looking:
            self.state.looking = ""
            self._decided.append(decisions.StopLooking())
