"""What sets led by the camera and by the voice have in common: their repetitions in order, and what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from msgspec.structs import replace

from loosen.coach.guidance.scenes import ExerciseScene, Moves
from loosen.coach.guidance.session_plan import Move, PlanStep
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import Stage
from loosen.routine.fields import Phase
from loosen.routine.model import Dose

SetSide = Literal["", "first", "second", "left", "right"]
"""Whose turn it is: of sides in turn the first or the second, of alternating ones the left or the right leg."""
SetEnd = Literal["", "dose", "attempts", "time", "person", "hurt"]
"""What ended an exercise's sets: the dose was done, the attempts were used up, nothing came, the person, or pain."""


ALTERNATING: tuple[SetSide, SetSide] = ("right", "left")
"""The order of sides that alternate."""


@dataclass(frozen=True, slots=True)
class PlannedRep:
    """One repetition of a dose; `rep` counts from 1 on each side of each set."""

    set_number: int
    side: SetSide
    rep: int


def planned_reps(dose: Dose) -> list[PlannedRep]:
    """Return all repetitions of a dose in their order."""
    numbers = range(1, dose.reps + 1)
    reps: list[PlannedRep] = []
    sides: tuple[SetSide, ...]
    for set_number in range(1, dose.sets + 1):
        if dose.alternating:
            sides = ALTERNATING
            reps += [PlannedRep(set_number, side, rep) for rep in numbers for side in sides]
        else:
            sides = ("first", "second") if dose.sides == "each" else ("",)
            reps += [PlannedRep(set_number, side, rep) for side in sides for rep in numbers]
    return reps


class ExerciseSet(ExerciseScene):
    """One exercise's sets. Nothing needs a key; skipping the exercise and going back are possible.

    `todo`: what is still to be done.
    """

    commands: ClassVar[Moves] = {"skip": Move.NEXT, "back": Move.BACK}
    todo: list[PlannedRep]

    def __init__(self, state: SessionState, step: PlanStep) -> None:
        super().__init__(state, step)
        self.dose = state.dose(self.exercise)
        self.ended_by: SetEnd = ""

    def enter(self, t_s: float) -> None:
        super().enter(t_s)
        self.state.record(self.exercise).skipped = False  # he does it after all

    def command(self, t_s: float, name: str) -> None:
        super().command(t_s, name)
        self.ended_by = "person"
        if name == "skip":
            self.state.record(self.exercise).skipped = True

    def begun_anew(self) -> list[PlannedRep]:
        """Return the whole dose; what was given up when it was done before is done again."""
        self.state.record(self.exercise).given_up.clear()
        return planned_reps(self.dose)

    def end(self, by: SetEnd) -> None:
        """End the exercise."""
        self.ended_by, self.move = by, Move.NEXT

    def phase_word(self, phase: Phase) -> str:
        """Return the exercise's word for a phase; at rest it is what comes next."""
        return str(getattr(self.exercise.words, "out" if phase == "rest" else phase))

    def lead(self, phase: Literal["out", "back"], side: SetSide) -> str:
        """Return what is said to lead into a phase, as a sentence; of alternating sides each may have its own."""
        own = self.exercise.words
        text = str(getattr(own, f"{phase}_{side}") if side in ("left", "right") else "") or str(getattr(own, phase))
        return text if text.endswith(".") else f"{text}."

    def count(self, set_number: int, side: SetSide) -> int:
        """Return how many repetitions of a set are done: on this side, or on both where they alternate."""
        over = [(rep.set_number, rep.side) for rep in self.todo] + self.state.record(self.exercise).given_up
        if self.dose.alternating:
            return self.dose.set_reps - sum(number == set_number for number, _ in over)
        return self.dose.reps - over.count((set_number, side))

    def completed(self, stage: Stage, side: SetSide) -> Stage:
        """Return a set's stage with what is shown of every set: its exercise, dose, side and trouble."""
        return replace(
            stage,
            title=self.exercise.title,
            exercise=self.exercise.id,
            number=self.step.number,
            of_exercises=len(self.state.routine.exercises),
            of=self.dose.set_reps if self.dose.alternating else self.dose.reps,
            side_text=self._side_text(side),
            ring=round(stage.ring, 2),
            note=self.state.note,
        )

    def _side_text(self, side: SetSide) -> str:
        if not side:
            return ""
        own = str(getattr(self.exercise.words, f"side_{side}", ""))
        return own or self.state.words[f"side.{side}"]
