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
from loosen.coach.guidance.summary import exercise_summary, well_and_try
from loosen.text import dose_text

NEXT, BACK, AGAIN, OVER, STAY = Move.NEXT, Move.BACK, Move.AGAIN, Move.OVER, Move.STAY
Moves = Mapping[str, Move]
"""The move that each command makes."""
EXERCISE_KEYS = ("pause", "hurts", "finish")
"""The session's commands in a scene that belongs to an exercise."""


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
    """The safety note, once, before the first session; only having read it leads on."""

    commands: ClassVar[Moves] = dict.fromkeys(("read", "continue", "yes"), NEXT)

    def command(self, t_s: float, name: str) -> None:
        super().command(t_s, name)
        self.state.happened(t_s, "care-read")

    def stage(self) -> Stage:
        care, words = self.state.routine.care, self.state.words
        groups = (("first", care.first), ("emergency", care.emergency), ("soon", care.soon), ("stop", care.stop))
        told = tuple((words[f"care.{name}"], lines) for name, lines in groups if lines)
        return Stage("care", title=words["care.title"], lines=(care.always,), care=told)


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
            question, words[f"ask.{question}"], words[f"ask.{kind}-low"], words[f"ask.{kind}-high"]
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


class SorenessScene(Scene):
    """Tells a person who is quite sore what to heed before anything is done; passes unseen otherwise."""

    commands: ClassVar[Moves] = {"yes": NEXT, "no": OVER, "continue": NEXT, "back": BACK}
    WARNS_FROM = 5

    def enter(self, t_s: float) -> None:
        super().enter(t_s)
        if (self.state.answers.get("soreness-before") or 0) < self.WARNS_FROM:
            self.move = NEXT
        else:
            self.state.say(t_s, self.state.words["sore.say"], "soft")

    def stage(self) -> Stage:
        words, care = self.state.words, self.state.routine.care
        lines = (words["sore.light"], words["sore.ask"], *care.stop, *care.soon)
        return Stage("rest", title=words["sore.title"], lines=lines)


class IntroScene(ExerciseScene):
    """An exercise is shown and told before it is done."""

    FIRST_LINE_S = 1.5
    LINE_S = 4.0

    def enter(self, t_s: float) -> None:
        super().enter(t_s)
        self._lines_told = 0
        self.state.note = ""
        self.state.happened(t_s, "exercise-begun", self.exercise)
        self.state.say(t_s, f"{self.exercise.title}.", "guide")

    def tick(self, t_s: float) -> None:
        """Tell the exercise's lines one after the other, then go on."""
        telling_s = t_s - self.entered_s - self.FIRST_LINE_S
        lines_due = int(telling_s / self.LINE_S) + 1 if telling_s >= 0 else 0
        if self._lines_told < min(lines_due, len(self.exercise.how)):
            self.state.say(t_s, self.exercise.how[self._lines_told], "guide")
            self._lines_told += 1
        elif lines_due > len(self.exercise.how):
            self.move = NEXT

    def stage(self) -> Stage:
        exercise, words = self.exercise, self.state.words
        dose = self.state.dose(exercise)
        return Stage(
            "intro",
            title=exercise.title,
            lines=exercise.how,
            dose_text=dose_text(dose.sets, dose.reps, words, each=dose.sides == "each") + ".",
            purpose=exercise.purpose,
            care_text=words("intro.care", care=exercise.care) if exercise.care else "",
            exercise=exercise.id,
            number=self.step.number,
            of_exercises=len(self.state.routine.exercises),
            of=dose.reps,
            figure=FigureClock(exercise.id, "loop"),
        )


class RestScene(ExerciseScene):
    """A short rest after an exercise: what went well, one thing to try, and what follows."""

    def __init__(self, state: SessionState, step: PlanStep) -> None:
        super().__init__(state, step)
        self.following = state.routine.exercises[step.number]  # numbers begin at 1
        self._now_s = 0.0

    @property
    def keys(self) -> tuple[str, ...]:
        """Skipping a rest is going on: it is offered only where a pause offers it for every scene."""
        return tuple(key for key in super().keys if key != "skip")

    def enter(self, t_s: float) -> None:
        super().enter(t_s)
        self._now_s = t_s
        record = self.state.record(self.exercise)
        if record.skipped or record.hurt:
            self.move = NEXT
        else:
            self.state.later(t_s + 1.8, well_and_try(self.state, self.exercise)[0], "praise")

    def tick(self, t_s: float) -> None:
        """Go on when the rest is over."""
        self._now_s = t_s
        if self._left_s <= 0:
            self.move = NEXT

    @property
    def _left_s(self) -> float:
        return self.state.dose(self.exercise).rest_s - (self._now_s - self.entered_s)

    def stage(self) -> Stage:
        words = self.state.words
        well, attempt = well_and_try(self.state, self.exercise)
        lines = (well, attempt, words("rest.next", title=self.following.title))
        return Stage(
            "rest",
            title=words["rest.title"],
            lines=tuple(line for line in lines if line),
            exercise=self.following.id,
            seconds_left=max(int(self._left_s + 0.999), 0),
            figure=FigureClock(self.following.id, "loop"),
        )


class HurtScene(ExerciseScene):
    """The person said that this hurts: the set is over, and he decides whether to skip the exercise."""

    commands: ClassVar[Moves] = {"yes": NEXT, "no": AGAIN, "continue": NEXT, "skip": NEXT, "back": AGAIN}
    session_keys = ("finish",)

    def enter(self, t_s: float) -> None:
        super().enter(t_s)
        self.state.record(self.exercise).hurt = True
        self.state.happened(t_s, "hurt", self.exercise)
        self.state.say(t_s, self.state.words["hurt.say"], "soft")

    def command(self, t_s: float, name: str) -> None:
        super().command(t_s, name)
        if self.move is NEXT:
            done = self.state.record(self.exercise).done
            self.state.happened(t_s, "exercise-ended", self.exercise, value=done, detail="hurt")

    def stage(self) -> Stage:
        words = self.state.words
        return Stage(
            "rest",
            title=words["hurt.title"],
            lines=(words["hurt.rest"], words["hurt.ask"], *self.state.routine.care.stop),
            exercise=self.exercise.id,
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
        return Stage("get-up", title=rule.title, lines=(rule.text, ask))


class SummaryScene(Scene):
    """How it went, exercise by exercise, until the person ends the session."""

    commands: ClassVar[Moves] = {"continue": OVER, "yes": OVER, "finish": OVER}
    session_keys = ()

    @cached_property
    def _summaries(self) -> tuple[ExerciseSummary, ...]:
        return tuple(exercise_summary(self.state, exercise) for exercise in self.state.routine.exercises)

    def stage(self) -> Stage:
        state, words = self.state, self.state.words
        exercises = state.routine.exercises
        records = [state.record(exercise) for exercise in exercises]
        done = [record for record in records if record.done and not record.hurt]
        lines = [words("summary.done", done=len(done), of=len(exercises))]
        for kind in ("soreness", "stiffness"):
            before, after = state.answers.get(f"{kind}-before"), state.answers.get(f"{kind}-after")
            if before is not None and after is not None:
                key = "same" if abs(before - after) < 2 else "less" if after < before else "more"
                lines.append(words(f"summary.{kind}-{key}", before=before, after=after))
        return Stage(
            "summary", title=words["summary.title"], lines=tuple(lines), summary=self._summaries, keys=self.keys
        )
