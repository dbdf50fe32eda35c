"""The quiet scenes of a session: reading, answering, resting, looking back."""

from __future__ import annotations

from abc import ABC, abstractmethod

from loosen.body.pose import Look
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import FigureClock, Question, Stage
from loosen.coach.guidance.summary import exercise_summary, well_and_try
from loosen.routine.model import Exercise
from loosen.text import dose_text

# Steps that a scene may ask for.
ON, BACK, OVER = "on", "back", "over"


class Scene(ABC):
    """A scene; by itself it looks at nobody. `move` is set to where the session should go next."""

    def __init__(self, desk: SessionState) -> None:
        self.desk = desk
        self.move = ""
        self.entered_s = 0.0

    def enter(self, t_s: float) -> None:
        """Begin."""
        self.entered_s = t_s
        self.move = ""

    def see(self, look: Look) -> None:  # noqa: B027  (most scenes look at nobody)
        """Nobody is watched here."""

    def tick(self, t_s: float) -> None:  # noqa: B027  (most scenes wait for the person)
        """Nothing happens by itself."""

    def command(self, t_s: float, name: str) -> None:
        """Go on, or back."""
        if name in ("continue", "skip", "yes"):
            self.move = ON
        elif name == "back":
            self.move = BACK

    @abstractmethod
    def stage(self) -> Stage:
        """Show how things stand."""


class ExerciseScene(Scene):
    """A scene in which one exercise's sets are done."""

    def __init__(self, desk: SessionState, exercise: Exercise, number: int, of: int) -> None:
        super().__init__(desk)
        self.exercise, self.number, self.of_exercises = exercise, number, of

    def command(self, t_s: float, name: str) -> None:
        """Nothing needs a key here; skipping and going back are possible."""
        if name == "skip":
            self.desk.record(self.exercise).skipped = True
            self.move = ON
        elif name == "back":
            self.move = BACK


class CareScene(Scene):
    """The safety note, once, before the first session."""

    def command(self, t_s: float, name: str) -> None:
        """Only having read it leads on."""
        if name in ("read", "continue", "yes"):
            self.desk.happened(t_s, "care-read")
            self.move = ON

    def stage(self) -> Stage:
        care, words = self.desk.routine.care, self.desk.words
        groups = (
            (words["care.first"], care.first),
            (words["care.emergency"], care.emergency),
            (words["care.soon"], care.soon),
            (words["care.stop"], care.stop),
        )
        return Stage(
            "care",
            title=words["care.title"],
            lines=(care.always,),
            care=tuple((title, lines) for title, lines in groups if lines),
            keys=("read", "continue", "yes", "finish"),
        )


class QuestionScene(Scene):
    """One question answered 0 to 10, or not at all."""

    def __init__(self, desk: SessionState, question: str) -> None:
        super().__init__(desk)
        words = desk.words
        kind = question.partition("-")[0]
        self.question = Question(
            question, words[f"ask.{question}"], words[f"ask.{kind}-low"], words[f"ask.{kind}-high"]
        )

    def answer(self, t_s: float, value: int | None) -> None:
        """Take an answer."""
        self.desk.answers[self.question.id] = value
        self.desk.happened(t_s, "answer", detail=self.question.id, value=value)
        self.move = ON

    def command(self, t_s: float, name: str) -> None:
        """Skipping it means: rather not say."""
        if name in ("skip", "continue"):
            self.answer(t_s, None)
        else:
            super().command(t_s, name)

    def stage(self) -> Stage:
        return Stage(
            "ask",
            title=self.question.text,
            question=self.question,
            keys=("continue", "skip", "back", "finish"),
        )


class SorenessScene(Scene):
    """Somebody is quite sore: what to heed is said before anything is done. Otherwise this scene passes unseen."""

    FROM = 5

    def enter(self, t_s: float) -> None:
        """Say it, if it is so."""
        super().enter(t_s)
        if (self.desk.answers.get("soreness-before") or 0) < self.FROM:
            self.move = ON
            return
        self.desk.say(t_s, self.desk.words["sore.say"], "soft")

    def command(self, t_s: float, name: str) -> None:
        """Yes goes on; no ends the session."""
        if name == "no":
            self.move = OVER
        else:
            super().command(t_s, name)

    def stage(self) -> Stage:
        words, care = self.desk.words, self.desk.routine.care
        lines = (words["sore.light"], words["sore.ask"], *care.stop, *care.soon)
        return Stage(
            "rest", title=words["sore.title"], lines=lines, keys=("yes", "no", "continue", "back", "finish")
        )


class IntroScene(Scene):
    """An exercise is shown and told before it is done."""

    LINE_S = 4.0

    def __init__(self, desk: SessionState, exercise: Exercise, number: int, of: int) -> None:
        super().__init__(desk)
        self.exercise, self.number, self.of = exercise, number, of
        self._told = 0
        self._now_s = 0.0

    def enter(self, t_s: float) -> None:
        """Name the exercise and its dose."""
        super().enter(t_s)
        self._told, self._now_s = 0, t_s
        self.desk.note = ""
        self.desk.happened(t_s, "exercise-begun", self.exercise)
        self.desk.say(t_s, f"{self.exercise.title}.", "guide")

    def tick(self, t_s: float) -> None:
        """Tell the three lines one after the other, then go on."""
        self._now_s = t_s
        due = int((t_s - self.entered_s - 1.5) / self.LINE_S) + 1 if t_s - self.entered_s >= 1.5 else 0
        if self._told < min(due, len(self.exercise.how)):
            self.desk.say(t_s, self.exercise.how[self._told], "guide")
            self._told += 1
        elif due > len(self.exercise.how):
            self.move = ON

    def stage(self) -> Stage:
        exercise, words = self.exercise, self.desk.words
        dose = self.desk.dose(exercise)
        return Stage(
            "intro",
            title=exercise.title,
            lines=exercise.how,
            dose_text=dose_text(dose.sets, dose.reps, words, each=dose.sides == "each") + ".",
            purpose=exercise.purpose,
            care_text=words("intro.care", care=exercise.care) if exercise.care else "",
            exercise=exercise.id,
            number=self.number,
            of_exercises=self.of,
            of=dose.reps,
            figure=FigureClock(exercise.id, "loop"),
            keys=("continue", "skip", "back", "pause", "hurts", "finish"),
        )


class RestScene(Scene):
    """A short rest between exercises: what went well, and one thing to try."""

    def __init__(self, desk: SessionState, exercise: Exercise, following: Exercise | None) -> None:
        super().__init__(desk)
        self.exercise, self.following = exercise, following
        self._now_s = 0.0

    def enter(self, t_s: float) -> None:
        """Say what went well."""
        super().enter(t_s)
        self._now_s = t_s
        record = self.desk.record(self.exercise)
        if record.skipped or record.hurt:
            self.move = ON
            return
        well, _ = well_and_try(self.desk, self.exercise)
        self.desk.later(t_s + 1.8, well, "praise")

    def tick(self, t_s: float) -> None:
        """Go on when the rest is over."""
        self._now_s = t_s
        if t_s - self.entered_s >= self.desk.dose(self.exercise).rest_s:
            self.move = ON

    def stage(self) -> Stage:
        well, attempt = well_and_try(self.desk, self.exercise)
        left_s = self.desk.dose(self.exercise).rest_s - (self._now_s - self.entered_s)
        words = self.desk.words
        lines = [well, attempt]
        if self.following is not None:
            lines.append(words("rest.next", title=self.following.title))
        return Stage(
            "rest",
            title=words["rest.title"],
            lines=tuple(line for line in lines if line),
            exercise=self.following.id if self.following else None,
            seconds_left=max(int(left_s + 0.999), 0),
            figure=FigureClock(self.following.id, "loop") if self.following else None,
            keys=("continue", "back", "pause", "hurts", "finish"),
        )


class HurtScene(Scene):
    """Somebody said that this hurts: the set is over, and he decides."""

    def __init__(self, desk: SessionState, exercise: Exercise) -> None:
        super().__init__(desk)
        self.exercise = exercise

    def enter(self, t_s: float) -> None:
        """Stop, and offer to skip."""
        super().enter(t_s)
        self.desk.record(self.exercise).hurt = True
        self.desk.happened(t_s, "hurt", self.exercise)
        self.desk.say(t_s, self.desk.words["hurt.say"], "soft")

    def command(self, t_s: float, name: str) -> None:
        """Yes skips the exercise; no goes back to it."""
        if name in ("yes", "skip", "continue"):
            done = self.desk.record(self.exercise).done
            self.desk.happened(t_s, "exercise-ended", self.exercise, value=done, detail="hurt")
            self.move = ON
        elif name in ("no", "back"):
            self.move = "again"

    def stage(self) -> Stage:
        words = self.desk.words
        return Stage(
            "rest",
            title=words["hurt.title"],
            lines=(words["hurt.rest"], words["hurt.ask"], *self.desk.routine.care.stop),
            exercise=self.exercise.id,
            keys=("yes", "no", "continue", "skip", "back", "finish"),
        )


class GetUpScene(Scene):
    """The article's fifth item: get up every 30 to 45 minutes."""

    def enter(self, t_s: float) -> None:
        """Say it."""
        super().enter(t_s)
        rule = self.desk.routine.get_up
        if rule is not None:
            self.desk.say(t_s, rule.text, "guide")

    def command(self, t_s: float, name: str) -> None:
        """Yes or no; both lead on."""
        if name in ("yes", "no"):
            self.desk.happened(t_s, "get-up-offer", detail=name)
            self.move = ON
        else:
            super().command(t_s, name)

    def stage(self) -> Stage:
        rule, words = self.desk.routine.get_up, self.desk.words
        if rule is None:
            return Stage("get-up", keys=("continue",))
        ask = words("get-up.ask", after=f"{rule.after_min:g}", latest=f"{rule.latest_min:g}")
        keys = ("yes", "no", "continue", "skip", "back", "finish")
        return Stage("get-up", title=rule.title, lines=(rule.text, ask), keys=keys)


class SummaryScene(Scene):
    """How it went, exercise by exercise."""

    def command(self, t_s: float, name: str) -> None:
        """It is over when the person says so."""
        if name in ("continue", "finish", "yes"):
            self.move = OVER

    def stage(self) -> Stage:
        desk, words = self.desk, self.desk.words
        records = [desk.record(exercise) for exercise in desk.routine.exercises]
        done = [record for record in records if record.done and not record.hurt]
        lines = [words("summary.done", done=len(done), of=len(desk.routine.exercises))]
        for kind in ("soreness", "stiffness"):
            before, after = desk.answers.get(f"{kind}-before"), desk.answers.get(f"{kind}-after")
            if before is not None and after is not None:
                key = "same" if abs(before - after) < 2 else "less" if after < before else "more"
                lines.append(words(f"summary.{kind}-{key}", before=before, after=after))
        return Stage(
            "summary",
            title=words["summary.title"],
            lines=tuple(lines),
            summary=tuple(exercise_summary(desk, exercise) for exercise in desk.routine.exercises),
            keys=("continue", "yes", "finish"),
        )
