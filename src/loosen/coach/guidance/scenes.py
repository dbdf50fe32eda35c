"""The scenes of a session in which nobody is watched: reading, answering, resting, looking back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

from loosen.body.pose import Look
from loosen.coach.guidance.session_plan import Move, PlanStep
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import ExerciseSummary, FigureClock, Question, Stage
from loosen.coach.guidance.summary import exercise_summary, how_it_went, summary_lines, titles_text, to_try
from loosen.routine.care import care_groups
from loosen.routine.model import Exercise
from loosen.text import dose_text

NEXT, BACK, OVER, STAY = Move.NEXT, Move.BACK, Move.OVER, Move.STAY
Moves = Mapping[str, Move]
"""The move that each command makes."""
EXERCISE_KEYS = ("pause", "hurts", "finish")
"""The session's commands in a scene that belongs to an exercise."""


WORDS_PER_S = 2.6


def said_s(text: str) -> float:
    """Return about how long it takes to say something."""
    return len(text.split()) / WORDS_PER_S


def capital(text: str) -> str:
    """Return the text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


class Scene(ABC):
    """One scene of a session: takes time, frames and commands, shows a stage, and says in `move` where to go.

    `commands` are the scene's own. `session_keys`: the commands that are possible here and carried out by the session.
    """

    commands: ClassVar[Moves] = {"continue": NEXT, "skip": NEXT, "back": BACK}
    session_keys: tuple[str, ...] = ("finish",)

    def __init__(self, state: SessionState, step: PlanStep) -> None:
        self.state, self.step = state, step
        self.move = STAY
        self.entered_s = 0.0

    def enter(self, t_s: float) -> None:
        """Begin the scene; it may be entered again."""
        self.entered_s = t_s
        self.move = STAY

    def see(self, look: Look) -> None:  # noqa: B027  (most scenes watch nobody)
        """Take one frame."""

    def tick(self, t_s: float) -> None:  # noqa: B027  (most scenes wait for the person)
        """Let time pass."""

    def command(self, t_s: float, name: str) -> None:
        """Take a command; `Session.command` has refused those that the scene does not have."""
        if name not in self.commands:
            raise RuntimeError(f"the command {name!r} is impossible in {type(self).__name__}: {self.stage()}")
        self.move = self.commands[name]

    @property
    def keys(self) -> tuple[str, ...]:
        """The commands that do something now."""
        return (*self.commands, *self.session_keys)

    @abstractmethod
    def stage(self) -> Stage:
        """Return what stands on the stage."""


class ExerciseScene(Scene):
    """A scene that belongs to an exercise."""

    session_keys: tuple[str, ...] = EXERCISE_KEYS

    def __init__(self, state: SessionState, step: PlanStep) -> None:
        super().__init__(state, step)
        if step.exercise is None:
            raise ValueError(f"a plan cannot hold {step}")
        self.exercise = step.exercise


class CareScene(Scene):
    """The safety note, and why it is shown now; only having read it leads on."""

    commands: ClassVar[Moves] = dict.fromkeys(("read", "continue", "yes"), NEXT)

    def command(self, t_s: float, name: str) -> None:
        super().command(t_s, name)
        self.state.happened(t_s, "care-read")

    def stage(self) -> Stage:
        care, words = self.state.routine.care, self.state.words
        title = words[f"care.title-{self.state.past.care_due}"]
        return Stage("care", title=title, lines=(care.always,), care=care_groups(care, words))


class AskScene(Scene):
    """A scene with a question; `Session.answer` has refused what is no answer to it."""

    question: Question

    @abstractmethod
    def answer(self, t_s: float, value: int | str | None) -> None:
        """Take an answer; None is "rather not say"."""


class QuestionScene(AskScene):
    """One question answered 0 to 10, or not at all."""

    def __init__(self, state: SessionState, step: PlanStep) -> None:
        super().__init__(state, step)
        words, question = state.words, step.question
        kind = question.partition("-")[0]
        self.question = Question(
            question,
            words(f"ask.{question}", hindered=capital(state.past.hindered)),
            words[f"ask.{kind}-low"],
            words[f"ask.{kind}-high"],
        )

    def answer(self, t_s: float, value: int | str | None) -> None:
        number = value if isinstance(value, int) else None
        self.state.answers[self.question.id] = number
        self.state.happened(t_s, "answer", detail=self.question.id, value=number)
        self.move = NEXT

    def command(self, t_s: float, name: str) -> None:
        super().command(t_s, name)
        if self.move is NEXT:
            self.answer(t_s, None)

    def stage(self) -> Stage:
        return Stage("ask", title=self.question.text, question=self.question)


class KeptOutScene(Scene):
    """Says once what is not led through, because of what an earlier first look came to; goes on by itself."""

    def enter(self, t_s: float) -> None:
        super().enter(t_s)
        self.state.say(t_s, self._line, "soft")

    def tick(self, t_s: float) -> None:
        if t_s - self.entered_s > said_s(self._line) + 1:
            self.move = NEXT

    @property
    def _line(self) -> str:
        state, look = self.state, self.state.routine.first_look
        days = look.again_after_days if look else 0
        return state.words("first-look.kept", titles=titles_text(state.kept_out, state.words), days=days)

    def stage(self) -> Stage:
        return Stage("rest", title=self.state.words["first-look.out-title"], lines=(self._line,))


class IntroScene(ExerciseScene):
    """An exercise is shown and told before it is done: whole the first time, later on only shown and named."""

    TITLE_S = 1.3
    SHOWN_S = 3.0
    PAUSE_S = 0.6

    def enter(self, t_s: float) -> None:
        super().enter(t_s)
        self.state.note = ""
        self.state.happened(t_s, "exercise-begun", self.exercise)
        self.state.say(t_s, f"{self.exercise.title}.", "guide")
        self._to_say = self._telling()
        self._next_s = t_s + (self.TITLE_S if self._to_say else self.SHOWN_S)

    def _telling(self) -> list[str]:
        """Return what is said after the title, in order."""
        exercise, state = self.exercise, self.state
        smaller = [state.words["intro.smaller"]] if state.asks_less(exercise) else []
        if state.past.heard.get(exercise.id):
            return smaller
        manner = [] if state.manner_told else [exercise.manner]
        state.manner_told = True
        return [*exercise.how, *smaller, *manner, exercise.purpose, *([self._care_text] if exercise.care else [])]

    @property
    def _care_text(self) -> str:
        return self.state.words("intro.care", care=self.exercise.care) if self.exercise.care else ""

    def tick(self, t_s: float) -> None:
        """Say one line after the other, each for as long as it takes, then go on."""
        if t_s < self._next_s:
            return
        if not self._to_say:
            self.move = NEXT
            return
        line = self._to_say.pop(0)
        self.state.say(t_s, line, "guide")
        self._next_s = t_s + said_s(line) + (self.PAUSE_S if self._to_say else 0.0)

    def stage(self) -> Stage:
        exercise, words = self.exercise, self.state.words
        dose = self.state.dose(exercise)
        return Stage(
            "intro",
            title=exercise.title,
            lines=exercise.how,
            dose_text=f"{dose_text(dose.sets, dose.reps, words, each=dose.sides == 'each')}. {exercise.manner}",
            purpose=exercise.purpose,
            care_text=self._care_text,
            exercise=exercise.id,
            number=self.step.number,
            of_exercises=len(self.state.routine.exercises),
            of=dose.reps,
            figure=FigureClock(exercise.id, "loop"),
        )


class RestScene(ExerciseScene):
    """A short rest after an exercise: what went well, one thing to try, and what follows."""

    SOON_S, SAID_S = 1.0, 1.8
    NEXT_SAID_S = 6.0

    def __init__(self, state: SessionState, step: PlanStep) -> None:
        super().__init__(state, step)
        self._now_s = 0.0

    @property
    def keys(self) -> tuple[str, ...]:
        """Skipping a rest is going on: it is offered only where a pause offers it for every scene."""
        return tuple(key for key in super().keys if key != "skip")

    @property
    def _following(self) -> Exercise | None:
        later = self.state.routine.exercises[self.step.number :]  # numbers begin at 1
        return next((one for one in later if one.id not in self.state.left_out), None)

    def enter(self, t_s: float) -> None:
        super().enter(t_s)
        self._now_s = t_s
        record = self.state.record(self.exercise)
        if record.skipped or self._following is None:
            self.move = NEXT
        else:
            self._tell(t_s)

    def _tell(self, t_s: float) -> None:
        """Say how it went and what follows, as far as the rest is long enough for it; all of it is shown."""
        state, went, end_s = self.state, how_it_went(self.state, self.exercise), t_s + self._rest_s
        free_s = state.last_due_s + self.SAID_S  # the set may have a last word
        went_s = max(t_s + min(self.SAID_S, self._rest_s - said_s(went)), t_s + self.SOON_S, free_s)
        if went_s + said_s(went) > end_s:
            return
        state.later(went_s, went, "praise")
        next_s = max(t_s + self.NEXT_SAID_S, went_s + said_s(went))
        if next_s + said_s(self._next_text) <= end_s:
            state.later(next_s, self._next_text, "guide")

    def tick(self, t_s: float) -> None:
        """Go on when the rest is over."""
        self._now_s = t_s
        if self._left_s <= 0:
            self.move = NEXT

    @property
    def _left_s(self) -> float:
        return self._rest_s - (self._now_s - self.entered_s)

    @property
    def _rest_s(self) -> float:
        return self.state.dose(self.exercise).rest_s

    @property
    def _next_text(self) -> str:
        return self.state.words("rest.next", title=self._following.title) if self._following else ""

    def stage(self) -> Stage:
        words, following = self.state.words, self._following
        lines = (how_it_went(self.state, self.exercise), to_try(self.state, self.exercise), self._next_text)
        return Stage(
            "rest",
            title=words["rest.title"],
            lines=tuple(line for line in lines if line),
            exercise=following.id if following else None,
            seconds_left=max(int(self._left_s + 0.999), 0),
            figure=FigureClock(following.id, "loop") if following else None,
        )


class GetUpScene(Scene):
    """Offers the routine's rule for getting up from sitting; yes and no both lead on."""

    commands: ClassVar[Moves] = {"yes": NEXT, "no": NEXT, "continue": NEXT, "skip": NEXT, "back": BACK}

    def __init__(self, state: SessionState, step: PlanStep) -> None:
        super().__init__(state, step)
        if state.routine.get_up is None:
            raise ValueError(f"a plan cannot hold {step}")
        self.rule = state.routine.get_up

    def enter(self, t_s: float) -> None:
        super().enter(t_s)
        self.state.say(t_s, self.rule.text, "guide")

    def command(self, t_s: float, name: str) -> None:
        super().command(t_s, name)
        if name in ("yes", "no"):
            self.state.happened(t_s, "get-up-offer", detail=name)

    def stage(self) -> Stage:
        rule = self.rule
        ask = self.state.words("get-up.ask", after=f"{rule.after_min:g}", latest=f"{rule.latest_min:g}")
        walk = (self.state.words("get-up.walk", walk=rule.walk),) if rule.walk else ()
        return Stage("get-up", title=rule.title, lines=(rule.text, *walk, ask))


class SummaryScene(Scene):
    """How it went, exercise by exercise, until the person ends the session."""

    commands: ClassVar[Moves] = {"continue": OVER, "yes": OVER, "finish": OVER}
    session_keys = ()

    @cached_property
    def _summaries(self) -> tuple[ExerciseSummary, ...]:
        return tuple(exercise_summary(self.state, exercise) for exercise in self.state.routine.exercises)

    @cached_property
    def _lines(self) -> tuple[str, ...]:
        return summary_lines(self.state)

    def stage(self) -> Stage:
        return Stage(
            "summary",
            title=self.state.words["summary.title"],
            lines=self._lines,
            summary=self._summaries,
            keys=self.keys,
        )
