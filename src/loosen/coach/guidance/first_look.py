"""A first look at a kind of movement: a few small ones to the voice, then how that felt."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from loosen.coach.guidance.choice_scenes import ExerciseChoiceScene, choice, first_look, leave_out_worse
from loosen.coach.guidance.scenes import said_s
from loosen.coach.guidance.session_plan import Move, PlanStep
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import FigureClock, Say, Stage
from loosen.coach.guidance.summary import titles_text
from loosen.coach.guidance.voice_set import VoiceSet
from loosen.routine.model import Dose


class FirstLookScene(ExerciseChoiceScene):
    """Leads small ones that are not counted, then asks; who feels worse is not led through the family.

    Without an answer it is left out this time, and looked at again the next. Passes unseen once the look has been
    taken.
    """

    def __init__(self, state: SessionState, step: PlanStep) -> None:
        super().__init__(state, step)
        # The set has a state of its own, so that nothing of it is counted or kept.
        dose = Dose(sets=1, reps=first_look(state).reps, sides="together")
        self._apart = replace(state, doses={self.exercise.id: dose}, smaller=set(), gentle=False, records={}, events=[])
        self._set: VoiceSet | None = None
        self._told = ""
        self._next_s = 0.0

    def enter(self, t_s: float) -> None:
        super().enter(t_s)
        if self.state.first_look:
            self.move = Move.NEXT
            return
        words = self.state.words
        self._set, self._told = None, ""
        care = self.exercise.care
        self.title, self.lines = (
            words["first-look.title"],
            (self._what, *self.exercise.how[:2], *([care] if care else [])),
        )
        self._tell(t_s, " ".join([f"{self.title}.", self._what, self.exercise.how[0], care]).strip())

    @property
    def _what(self) -> str:
        reps, words = first_look(self.state).reps, self.state.words
        return words.count("first-look.what", reps, number=words.number(reps))

    def _tell(self, t_s: float, text: str) -> None:
        self.state.say(t_s, text, "soft")
        self._next_s = t_s + said_s(text)

    def tick(self, t_s: float) -> None:
        if self.question.options:
            super().tick(t_s)
        elif self._set is not None and not self._told:
            self._lead(t_s, self._set)
        elif t_s > self._next_s:
            self._go_on(t_s)

    def _lead(self, t_s: float, small: VoiceSet) -> None:
        small.tick(t_s)
        said, self._apart.events = self._apart.events, []
        self.state.events += [event for event in said if isinstance(event, Say)]
        if small.move is not Move.STAY:
            self._ask(t_s)

    def _ask(self, t_s: float) -> None:
        self.title, self.lines = self.exercise.title, ()
        self.ask(t_s, choice(self.state.words, "first-look.ask", ("better", "same", "worse")))

    def _go_on(self, t_s: float) -> None:
        """Go on from what was told: to the small ones, or past the exercise."""
        if self._told:
            self.move = Move.PAST
        else:
            self._set = VoiceSet(self._apart, self.step)
            self._set.enter(t_s)

    @property
    def keys(self) -> tuple[str, ...]:
        """While the small ones are led, going on would pass them over."""
        leading = self._set is not None and not self._told and not self.question.options
        return tuple(key for key in super().keys if not (leading and key == "continue"))

    def command(self, t_s: float, name: str) -> None:
        if self.question.options or name == "back":
            super().command(t_s, name)
        elif self._set is None or self._told:
            self._go_on(t_s)
        elif name == "skip":
            self._ask(t_s)

    def unanswered(self, t_s: float) -> None:
        self.state.first_look = "worse"
        kin = self.state.leave_out_family(t_s, first_look(self.state).family)
        self._leave_out(t_s, self.state.words("first-look.unanswered", titles=titles_text(kin, self.state.words)))

    def answer(self, t_s: float, value: int | str | None) -> None:
        if value == "worse":
            self._leave_out(t_s, leave_out_worse(self.state, t_s))
        elif value is None:
            self.unanswered(t_s)
        else:
            self.state.first_look = "fine"
            self.state.happened(t_s, "first-look", detail=str(value))
            self.move = Move.NEXT

    def _leave_out(self, t_s: float, told: str) -> None:
        self.question = msgspec.structs.replace(self.question, options=())
        self.title, self.lines, self._told = self.state.words["first-look.out-title"], (told,), told
        self._tell(t_s, told)

    def stage(self) -> Stage:
        if self.question.options:
            return super().stage()
        if self._set is not None and not self._told:
            return msgspec.structs.replace(self._set.stage(), title=self.state.words["first-look.title"])
        figure = None if self._told else FigureClock(self.exercise.id, "loop")
        return Stage("rest", title=self.title, lines=self.lines, exercise=self.exercise.id, figure=figure)
