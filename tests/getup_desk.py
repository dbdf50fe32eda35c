"""A person at a desk in simulated time: what he does, what sensors would tell of it, and what the clock decides."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from loosen.getup.clock import SittingClock
from loosen.getup.decisions import Decision, Settled, ShowPrompt, SitBegan, SitEnded, Snoozed
from loosen.getup.rule import Rule

MIN = 60.0
MOVES = ("reach-for-the-sky", "back-arches", "raise-the-roof", "lazy-leg-walk")


@dataclass
class Did:
    """A decision, the moment it was made, and how long the last key was ago."""

    at_s: float
    decision: Decision
    idle_s: float


class Desk:
    """A person, his computer and a sitting clock. Every method lets time pass; times are seconds from the start.

    The clock is served just as the service does it: woken when it wants to be, or by what happens.
    """

    def __init__(self, **rule: object) -> None:
        self.rule = Rule(movements=MOVES, **rule)  # type: ignore[arg-type]
        ids = (str(n) for n in itertools.count(1))
        self.t_s = self.input_s = 0.0
        self.clock = SittingClock(self.rule, 0.0, new_id=lambda: next(ids))
        self.under_way: set[str] = set()
        self.quiet = False
        self.did: list[Did] = []
        self.wakes = 0
        self.free_s = 0.0  # since when nothing keeps a prompt back
        self.screen_locked = False
        self.late = False  # a prompt that was due has not come
        self.look()

    # -- what the person does

    def types(self, seconds: float, every_s: float = 1.0) -> None:
        """Press a key every so often, and one at the end."""
        self._live(seconds, every_s)

    def rests(self, seconds: float) -> None:
        """Touch nothing."""
        self._live(seconds)

    def types_until_asked(self) -> ShowPrompt:
        """Type without a pause until a prompt comes, for three hours at most."""
        before, end_s = len(self.prompts), self.t_s + 3 * 3600.0
        while len(self.prompts) == before and self.t_s < end_s:
            self.types(1.0)
        return self.prompts[-1]

    def sits_until_asked(self) -> ShowPrompt:
        """Type for half an hour, then pause."""
        self.types(self.rule.after_s - 1)
        self.rests(10)
        return self.prompts[-1]

    def begins(self, what: str) -> None:
        """A call, a film or the like begins. (Nobody wakes the clock for that.)"""
        self.under_way.add(what)

    def ends(self, what: str) -> None:
        self.under_way.discard(what)
        self.free_s = self.t_s

    def locks(self, seconds: float) -> None:
        """Lock the screen, touch nothing, and unlock it."""
        self.screen_locked = True
        self.clock.locked(self.t_s, True)
        self.look()
        self.rests(seconds)
        self.input_s = self.free_s = self.t_s
        self.screen_locked = False
        self.clock.locked(self.t_s, False)
        self.look()

    def sleeps(self, seconds: float) -> None:
        """Close the lid and open it."""
        self.clock.sleeping(self.t_s)
        self.take()
        self.t_s += seconds
        self.free_s = self.t_s
        self.clock.suspended(self.t_s, seconds)
        self.look()

    def says_up(self) -> bool:
        return self._answers(self.clock.up)

    def snoozes(self) -> bool:
        return self._answers(self.clock.snooze)

    def _answers(self, take: Callable[[float], bool]) -> bool:
        self.input_s = self.t_s
        done = take(self.t_s)
        self.look()
        return done

    # -- what was decided

    @property
    def prompts(self) -> list[ShowPrompt]:
        return self._all(ShowPrompt)

    @property
    def outcomes(self) -> list[str]:
        return [it.outcome for it in self._all(Settled)]

    @property
    def ended(self) -> list[SitEnded]:
        return self._all(SitEnded)

    @property
    def began(self) -> list[SitBegan]:
        return self._all(SitBegan)

    @property
    def put_off(self) -> list[Snoozed]:
        return self._all(Snoozed)

    def _all(self, kind: type) -> list:  # type: ignore[type-arg]
        return [did.decision for did in self.did if isinstance(did.decision, kind)]

    # -- the service's part

    def look(self) -> None:
        """Tell the clock what the sensors see now, and let it decide."""
        self.wakes += 1
        clock, t_s = self.clock, self.t_s
        clock.idle(t_s, t_s - self.input_s)
        if clock.asks_what_is_under_way(t_s):
            clock.busy(t_s, self.under_way, quiet=self.quiet)
        self.take()

    def take(self) -> None:
        for decision in self.clock.tick(self.t_s):
            self.did.append(Did(self.t_s, decision, self.t_s - self.input_s))
        state = self.clock.state
        hindered = self.under_way or self.quiet or self.screen_locked
        if state.sit and not state.prompted and not hindered:
            due_s = max(state.began_s + self.rule.latest_s, self.free_s)
            self.late = self.late or self.t_s > due_s + 10

    def _live(self, seconds: float, key_every_s: float = 0.0) -> None:
        """Wake the clock when it wants; keys are pressed in between and noticed at the next look."""
        from_s, end_s = self.t_s, self.t_s + seconds
        while True:
            self.t_s = min(max(self.clock.wake_s(self.t_s), self.t_s + 0.05), end_s)
            if key_every_s:
                keys_s = (self.t_s - from_s) // key_every_s * key_every_s
                self.input_s = self.t_s if self.t_s == end_s else min(from_s + keys_s, self.t_s)
            self.look()
            if self.t_s == end_s:
                return
