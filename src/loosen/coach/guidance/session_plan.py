"""The plan of a session as data: its steps in order, and the moves between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from loosen.coach.guidance.past import Past
from loosen.routine.model import Exercise, Routine

QUESTIONS_BEFORE = ("soreness-before", "stiffness-before")
QUESTIONS_AFTER = ("soreness-after", "stiffness-after")


class StepKind(Enum):
    """What happens in a step."""

    CARE = "care"
    QUESTION = "question"
    SORENESS = "soreness"
    INTRO = "intro"
    SET = "set"
    REST = "rest"
    GET_UP = "get-up"
    SUMMARY = "summary"


class Move(Enum):
    """Where a scene asks the session to go. The journal keeps the values of `NEXT` and `BACK` after a set."""

    STAY = "stay"
    NEXT = "on"
    BACK = "back"
    AGAIN = "again"
    BY_VOICE = "by-voice"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step: its kind, the exercise it belongs to with its number from 1, or the id of its question."""

    kind: StepKind
    exercise: Exercise | None = None
    number: int = 0
    question: str = ""


def chosen_exercises(routine: Routine, past: Past, only: str | None = None) -> tuple[Exercise, ...]:
    """Return the exercises that the person does, each in the variant that he has chosen.

    `only`: just this one, "exercise" or "exercise.variant", even if he leaves it out otherwise. KeyError if the
    routine has none with this id. A chosen variant that the routine no longer has is passed over.
    """
    if only is not None and "." in only:
        return (routine.exercise(only),)
    return tuple(
        exercise.varied(past.variants[exercise.id])
        if past.variants.get(exercise.id) in {variant.id for variant in exercise.variants}
        else exercise
        for exercise in (routine.exercises if only is None else (routine.exercise(only),))
        if only is not None or exercise.id not in past.left_out
    )


def session_plan(routine: Routine, *, care: bool, questions: bool, get_up: bool = True) -> tuple[PlanStep, ...]:
    """Return the steps through a routine.

    `care`: begin with the safety note. `questions`: ask about the back before and after. `get_up`: offer the
    routine's rule for getting up, where it has one.
    """
    steps = [PlanStep(StepKind.CARE)] if care else []
    if questions:
        steps += [PlanStep(StepKind.QUESTION, question=question) for question in QUESTIONS_BEFORE]
        steps.append(PlanStep(StepKind.SORENESS))
    for number, exercise in enumerate(routine.exercises, 1):
        steps += [PlanStep(kind, exercise, number) for kind in (StepKind.INTRO, StepKind.SET, StepKind.REST)]
    if routine.exercises:
        steps.pop()  # after the last exercise there is no rest
    if get_up and routine.get_up is not None:
        steps.append(PlanStep(StepKind.GET_UP))
    if questions:
        steps += [PlanStep(StepKind.QUESTION, question=question) for question in QUESTIONS_AFTER]
    return (*steps, PlanStep(StepKind.SUMMARY))


def step_before(plan: Sequence[PlanStep], at: int) -> int:
    """Return the index that "back" leads to: from a set to its own introduction, from there to the step before.

    Rests and the warning of soreness are passed over, for they go on by themselves.
    """
    passed_over = (StepKind.REST, StepKind.SET, StepKind.SORENESS)
    at -= 1
    while at > 0 and plan[at].kind in passed_over:
        at -= 1
    return max(at, 0)


def closing_step(plan: Sequence[PlanStep]) -> int:
    """Return the index of the closing steps: the first question afterwards, or the summary."""
    return next(
        index for index, step in enumerate(plan) if step.question in QUESTIONS_AFTER or step.kind is StepKind.SUMMARY
    )
