"""A set that waits for the ready gate: what it asks for meanwhile, and what it does when that does not come."""

from __future__ import annotations

from loosen.body.pose import Look
from loosen.body.signals import SignalFrame
from loosen.coach.counting.counter import Counter
from loosen.coach.guidance.cues import TWICE, SetCues
from loosen.coach.guidance.exercise_set import ExerciseSet, SetSide
from loosen.coach.guidance.ready_gate import Gate
from loosen.coach.guidance.session_plan import Move, PlanStep
from loosen.coach.guidance.session_state import SessionState

GATE_TOLD_EVERY_S = 7.0
GATE_WAITS_S = 30.0  # for somebody who cannot be measured; then the set is led by voice
NOBODY_S = 90.0  # nobody came for so long, and the set is over
COUNTED_DOWN_AGAIN_S = 5.0  # a count-down that begins anew within this time is shown but not spoken
TROUBLE_S = 1.5  # a wrong view or another trouble must last so long before it is said
LATER_S = 1.8  # after a count, so that two sayings do not fall together


class GatedSet(ExerciseSet):
    """Sets before the camera as far as the gate: `_counter` is None until it is open, and again when it is shut.

    Nobody is trapped: what the gate asks for is said twice; then the set goes on with what can be seen, or by voice.
    """

    def __init__(self, state: SessionState, step: PlanStep) -> None:
        super().__init__(state, step)
        self._in_turn = self.dose.sides == "each" and not self.dose.alternating
        self._side: SetSide = ""  # whose turn it is; it stands until it is over
        self._asks_less = state.asks_less(self.exercise)
        self._record = record = state.record(self.exercise)
        # They outlast a lost camera, and a set that goes on smaller.
        self._cues = record.cues = record.cues or SetCues(self.exercise, state.words)
        self._cues.asks_less = self._asks_less
        self._gate = Gate(self.exercise, state.words)
        self._counter: Counter | None = None
        self._own = record.own or state.past.ranges.get(self.exercise.id)
        self._facing: str | None = None  # of the person when the gate opened, or for the side that is next
        self._now_s = 0.0
        self._found_s = 0.0  # when the person was last in view
        self._gate_since_s = self._gate_told_s = 0.0
        self._rests_until_s = 0.0  # between two sets
        self._counted_down_s = -COUNTED_DOWN_AGAIN_S
        self._counts_down_aloud = True

    def _wait_for_gate(self, look: Look, frame: SignalFrame) -> None:
        if look.pose.t_s < self._rests_until_s:
            self._gate_since_s = self._gate_told_s = look.pose.t_s
            return
        t_s, before = look.pose.t_s, self._gate.ready.countdown
        self._gate.see(look, frame)
        countdown = self._gate.ready.countdown
        if countdown is not None and countdown != before:
            self.state.note = ""
            if before is None:
                self._counts_down_aloud = t_s - self._counted_down_s > COUNTED_DOWN_AGAIN_S
                self._counted_down_s = t_s
            if self._counts_down_aloud:
                self.state.say(t_s, self.state.words.number(countdown), "count")
        if not self._gate.open:
            return
        self._counter = Counter(
            self.exercise,
            self.state.words,
            own=self._own,
            baseline=self._gate.baseline(),
            guided=True,
            asks_less=self._asks_less,
            templates=self.state.templates.get(self.exercise.id),
        )
        self._facing = frame.facing
        self._found_s = t_s
        self.state.note = ""
        self.state.say(t_s, self.lead("out", self._side), "guide")
        posture = [fault.id for fault in self.exercise.faults if self._gate.shows(fault.when)]
        if fault := self._cues.choose(posture):
            self.state.later(t_s + LATER_S, f"{self._cues.say(fault)}.", "cue")

    def _hurry_gate(self, t_s: float) -> None:
        """Say what the gate waits for, twice; then go on with what can be seen, by voice, or not at all."""
        ready = self._gate.ready
        if ready.countdown is not None or t_s - self._gate_told_s <= GATE_TOLD_EVERY_S:
            return
        self._gate_told_s = t_s
        if self._ask(t_s, ready.text):
            return
        if self._gate.waits_for_side:
            self._gate.facing = None
            self.state.say(t_s, self.state.words["coach.this-side"], "guide")
        elif self._gate.could_be_lenient:
            self._gate.lenient = True
        elif t_s - self._found_s > NOBODY_S:
            self.end("time")
        elif t_s - self._gate_since_s > GATE_WAITS_S and t_s - self._found_s < TROUBLE_S:
            self.move = Move.BY_VOICE

    def _shut_gate(self) -> None:
        """Wait for the gate again; the count stands, and so does the person's own range."""
        if self._counter is not None:
            self._own = self._counter.own
        self._counter = None
        self._gate = Gate(self.exercise, self.state.words, self._facing if self._in_turn else None, self._gate.lenient)
        self._gate_since_s = self._gate_told_s = self._now_s

    def _ask(self, t_s: float, text: str) -> bool:
        """Show what keeps the coach from seeing; say it too, unless that was done twice. Return whether it was said."""
        self.state.note = text
        if said := self._once_more(text):
            self.state.trouble(t_s, text)
        return said

    def _once_more(self, what: str) -> bool:
        """Note that something is asked for; False if it was twice already."""
        return self._cues.ask(what) <= TWICE
