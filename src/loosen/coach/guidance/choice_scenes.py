"""The scenes that offer a choice: a gentle day, what to do with what hurt, and what to do when it hurts now.

Nothing is imposed, and nobody is trapped: while exercises are done a question is asked once more, and without an
answer the session goes on the careful way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from loosen.coach.guidance.exercise_set import ExerciseSet, PlannedRep
from loosen.coach.guidance.scenes import EXERCISE_KEYS, AskScene, ExerciseScene, Moves, Scene
from loosen.coach.guidance.session_plan import Move, PlanStep, StepKind
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import Option, Question, Stage
from loosen.coach.guidance.summary import titles_text
from loosen.routine.model import FirstLook
from loosen.routine.words import Words

AGAIN_S = 20.0
"""A question of a session under way is said once more after so long."""
WAITS_S = 60.0
"""And after so long it is taken as unanswered."""

HALF_UP_TO = 0.6
"""Up to such a share is called about half: of five, three."""

SAID_LINES = 2
"""So many of the lines on an emergency are said; all are shown."""


def choice(words: Words, name: str, options: Sequence[str], *, main: str = "", **blanks: object) -> Question:
    """Return the question `name` of the catalogue, "gentle.ask", with the options of the same section."""
    section = name.partition(".")[0]
    offered = tuple(Option(option, words[f"{section}.{option}"], option == main) for option in options)
    return Question(name.replace(".", "-"), words(name, **blanks), options=offered)


def first_look(state: SessionState) -> FirstLook:
    """Return the routine's rule; ValueError if it has none."""
    if state.routine.first_look is None:
        raise ValueError("a routine without a first look")
    return state.routine.first_look


def leave_out_worse(state: SessionState, t_s: float) -> str:
    """Leave the family out because a first look was worse; return what is told of it."""
    if state.first_look != "worse":
        state.first_look = "worse"
        state.happened(t_s, "first-look", detail="worse")
    look = first_look(state)
    titles = titles_text(state.leave_out_family(t_s, look.family), state.words)
    return state.words("first-look.worse-told", titles=titles, days=look.again_after_days)


class ChoiceScene(AskScene):
    """A question with options, said aloud. `lines` and `care` are shown above it.

    The command "continue" takes the main option, if there is one. `waits`: it waits for as long as it takes.
    """

    waits = False

    def __init__(self, state: SessionState, step: PlanStep) -> None:
        super().__init__(state, step)
        self.question = Question("", "")
        self.title = ""
        self.lines: tuple[str, ...] = ()
        self.care: tuple[tuple[str, tuple[str, ...]], ...] = ()
        self._asked_s = 0.0
        self._asked_again = False

    @property
    def keys(self) -> tuple[str, ...]:
        """To go on is possible where an option leads on; to skip, where the question need not be answered."""
        impossible = {"continue": bool(self.question.options) and not self._main, "skip": self.waits}
        return tuple(key for key in super().keys if not impossible.get(key, False))

    @property
    def _main(self) -> str:
        return next((option.id for option in self.question.options if option.main), "")

    def ask(self, t_s: float, question: Question, *, say: str = "") -> None:
        """Ask this now; `say`: what is said, if not the question alone."""
        self.question, self._asked_s, self._asked_again = question, t_s, False
        self.state.say(t_s, say or question.text, "soft")

    def tick(self, t_s: float) -> None:
        """Ask once more, then go on without an answer."""
        if self.waits or self.move is not Move.STAY:
            return
        if t_s - self._asked_s > WAITS_S:
            self.unanswered(t_s)
        elif t_s - self._asked_s > AGAIN_S and not self._asked_again:
            self._asked_again = True
            self.state.say(t_s, self.question.text, "soft")

    def unanswered(self, t_s: float) -> None:
        """Go on without an answer."""
        self.answer(t_s, None)

    def command(self, t_s: float, name: str) -> None:
        super().command(t_s, name)
        if self.move is Move.NEXT:
            self.move = Move.STAY
            self.unanswered(t_s) if name == "skip" else self.answer(t_s, self._main or None)

    def stage(self) -> Stage:
        return Stage(
            "ask", title=self.title or self.question.text, lines=self.lines, care=self.care, question=self.question
        )


class GentleScene(ChoiceScene):
    """Offers a gentle day to somebody who is sore or stiff, or whom something hurt lately; passes unseen otherwise."""

    SORE_FROM, STIFF_FROM, HURT_WITHIN_DAYS = 5, 7, 3
    waits = True

    def enter(self, t_s: float) -> None:
        super().enter(t_s)
        words = self.state.words
        if not (reason := self._reason):
            self.move = Move.NEXT
            return
        share = self.state.gentle_share()
        what = "half" if share <= HALF_UP_TO else "fewer" if share < 1 else "same"
        self.title, self.lines = words[f"gentle.{reason}"], (words[f"gentle.what-{what}"],)
        options = ("gentle", "usual", "not-today")
        self.ask(t_s, choice(words, "gentle.ask", options, main="gentle"), say=f"{self.title}. {words['gentle.say']}")

    @property
    def _reason(self) -> str:
        answers, hurt_days = self.state.answers, self.state.past.hurt_days
        if (answers.get("soreness-before") or 0) >= self.SORE_FROM:
            return "sore"
        if (answers.get("stiffness-before") or 0) >= self.STIFF_FROM:
            return "stiff"
        return "hurt" if hurt_days is not None and hurt_days <= self.HURT_WITHIN_DAYS else ""

    def answer(self, t_s: float, value: int | str | None) -> None:
        if value == "not-today":
            self.state.say(t_s, self.state.words["gentle.goodbye"], "soft")
            self.move = Move.OVER
            return
        self.state.choose_gentle(gentle=value == "gentle")
        self.state.happened(t_s, "gentle", detail="yes" if self.state.gentle else "no")
        self.move = Move.NEXT


class ExerciseChoiceScene(ChoiceScene, ExerciseScene):
    """A choice that belongs to an exercise."""

    session_keys: tuple[str, ...] = EXERCISE_KEYS


class FamilyScene(ExerciseChoiceScene):
    """Asks before an exercise that hurt, or is of a family that did; on a gentle day, before bending back.

    Passes unseen where there is nothing to ask, and leads past an exercise that is left out.
    """

    def enter(self, t_s: float) -> None:
        super().enter(t_s)
        state, exercise, words = self.state, self.exercise, self.state.words
        hurt, look = state.hurts_like(exercise), state.routine.first_look
        if exercise.id in state.left_out:
            self.move = Move.PAST
        elif hurt is not None:
            self.title = exercise.title
            key = "hurt" if hurt.base_id == exercise.base_id else "kin"
            self.lines = (words(f"family.{key}", title=exercise.title, other=hurt.title),)
            question = choice(words, "family.ask", ("smaller", "leave-out", "fine"), main="smaller")
            self.ask(t_s, question, say=f"{self.lines[0]} {question.text}")
        elif state.gentle and look is not None and look.family in exercise.family:
            question = choice(words, "family.ask-gentle", ("do-it", "leave-out"), main="do-it", title=exercise.title)
            self.ask(t_s, question)
        else:
            self.move = Move.NEXT

    def unanswered(self, t_s: float) -> None:
        self.answer(t_s, "leave-out")

    def answer(self, t_s: float, value: int | str | None) -> None:
        self.move = Move.NEXT
        match value:
            case "leave-out":
                self.state.leave_out(t_s, self.exercise)
                self.move = Move.PAST
            case "smaller":
                self.state.choose_smaller(self.exercise)
            case "fine":
                self.state.now_fine(t_s, self.exercise)


class HurtScene(ExerciseChoiceScene):
    """The person said that this hurts: the set is over. Asks where and how bad, then what to do."""

    commands: ClassVar[Moves] = {"continue": Move.NEXT, "skip": Move.NEXT}
    session_keys = ("finish",)
    BAD_FROM = 5

    def __init__(self, state: SessionState, step: PlanStep, scene: Scene) -> None:
        super().__init__(state, step)
        self._in_set = isinstance(scene, ExerciseSet)
        self._todo = scene.todo if isinstance(scene, ExerciseSet) else []
        self._place: int | str | None = None
        self._bad = False

    def enter(self, t_s: float) -> None:
        super().enter(t_s)
        state, words = self.state, self.state.words
        state.record(self.exercise).hurt = True
        if all(one.id != self.exercise.id for one in state.hurting):
            state.hurting.append(self.exercise)
        state.happened(t_s, "hurt", self.exercise)
        self.title, self.lines = words["hurt.title"], (words["hurt.rest"],)
        question = choice(words, "hurt.place", ("back", "leg", "elsewhere", "rather-not"))
        self.ask(t_s, question, say=f"{self.title} {question.text}")

    @property
    def left(self) -> list[PlannedRep] | None:
        """What is left of the set under way, in the smaller dose; None where there was none."""
        dose = self.state.dose(self.exercise)
        left = [rep for rep in self._todo if rep.rep <= dose.reps and rep.set_number <= dose.sets]
        return left if self._in_set else None

    def answer(self, t_s: float, value: int | str | None) -> None:
        match self.question.id:
            case "hurt-place":
                self._take_place(t_s, value)
            case "hurt-score":
                if isinstance(value, int):
                    self.state.happened(t_s, "hurt-score", self.exercise, value=value)
                    self._bad = value >= self.BAD_FROM
                self._ask_what_next(t_s)
            case _:
                self._go_on(t_s, "finish" if value is None else value)

    def command(self, t_s: float, name: str) -> None:
        """Take a command; to skip, once it is asked what next, is to skip the exercise."""
        if name == "skip" and self.question.id.startswith("hurt-ask"):
            self._go_on(t_s, name)
        else:
            super().command(t_s, name)

    def _take_place(self, t_s: float, value: int | str | None) -> None:
        words, care = self.state.words, self.state.routine.care
        self._place = value
        if value in ("back", "leg", "elsewhere"):
            self.state.happened(t_s, "hurt-place", self.exercise, detail=str(value))
        question = Question("hurt-score", words["hurt.score"], words["hurt.score-low"], words["hurt.score-high"])
        if value not in ("leg", "elsewhere"):
            self.ask(t_s, question)
            return
        self.lines = ()  # room for what is to be read
        groups = (("care.emergency", care.emergency), ("hurt.first", care.first), ("care.soon", care.soon))
        self.care = tuple((words[key], lines) for key, lines in groups if lines)
        told = [f"{words['care.emergency']}.", *care.emergency[:SAID_LINES]] if care.emergency else []
        self.ask(t_s, question, say=" ".join([*told, question.text]))

    def _ask_what_next(self, t_s: float) -> None:
        """Ask how to go on; who has it in a leg, or badly, is led to finish."""
        may_go_on = self.step.kind not in (StepKind.REST, StepKind.FIRST_LOOK)
        ends = self._place == "leg" or self._bad
        options = (*(["smaller"] if may_go_on else []), "skip" if may_go_on else "go-on", "finish")
        if ends:
            options = tuple(reversed(options))
        main = "finish" if ends else options[-2]
        if self.step.kind is StepKind.FIRST_LOOK:
            self.lines = (leave_out_worse(self.state, t_s),)
        self.ask(t_s, choice(self.state.words, "hurt.ask" if may_go_on else "hurt.ask-rest", options, main=main))

    def _go_on(self, t_s: float, value: int | str) -> None:
        state = self.state
        if value == "smaller":
            state.choose_smaller(self.exercise)
            record = state.record(self.exercise)
            record.asked = record.done + len(self.left or [])
            self.move = Move.SMALLER
            return
        if self.step.kind in (StepKind.INTRO, StepKind.SET):
            done = state.record(self.exercise).done
            state.record(self.exercise).ended_by = "hurt"
            state.happened(t_s, "exercise-ended", self.exercise, value=done, detail="hurt")
        self.move = Move.FINISH if value == "finish" else Move.PAST
