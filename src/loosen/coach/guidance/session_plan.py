"""The plan of a session as data: its steps in order, and the moves between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from loosen.coach.guidance.past import Past
from loosen.routine.model import Exercise, Routine

QUESTIONS_BEFORE = ("soreness-before", "stiffness-before")
QUESTIONS_AFTER = ("soreness-after", "stiffness-after")
HINDERED = "hindered"


class StepKind(Enum):
    """What happens in a step."""

    CARE = "care"
    QUESTION = "question"
    GENTLE = "gentle"
    KEPT_OUT = "kept-out"
    FAMILY = "family"
    FIRST_LOOK = "first-look"
    INTRO = "intro"
    SET = "set"
    REST = "rest"
    GET_UP = "get-up"
    SUMMARY = "summary"


class Move(Enum):
    """Where a scene asks the session to go.

    `PAST`: past the rest of this exercise. `SMALLER`: on with what is left of this exercise.
    """

    STAY = "stay"
    NEXT = "on"
    BACK = "back"
    PAST = "past"
    SMALLER = "smaller"
    BY_VOICE = "by-voice"
    FINISH = "finish"
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


def session_plan(
    exercises: Sequence[Exercise],
    *,
    care: bool = False,
    questions: bool = False,
    hindered: bool = False,
    kept_out: bool = False,
    family: bool = False,
    look_at: str = "",
    get_up: bool = False,
) -> tuple[PlanStep, ...]:
    """Return the steps through these exercises.

    `care`: begin with the safety note. `questions`: ask about the back before and after, and offer a gentle day;
    `hindered`: ask about what the back keeps one from, too. `kept_out`: say what is not led through. `family`: ask
    before what hurt. `look_at`: take a first look before exercises of this family. `get_up`: offer the rule for
    getting up. Scenes that have nothing to ask pass unseen.
    """
    steps = [PlanStep(StepKind.CARE)] if care else []
    if questions:
        before = (*QUESTIONS_BEFORE, *([HINDERED] if hindered else []))
        steps += [PlanStep(StepKind.QUESTION, question=question) for question in before]
        steps.append(PlanStep(StepKind.GENTLE))
    if kept_out:
        steps.append(PlanStep(StepKind.KEPT_OUT))
    for number, exercise in enumerate(exercises, 1):
        kinds = [StepKind.FAMILY] if family else []
        kinds += [StepKind.FIRST_LOOK] if look_at in exercise.family else []
        kinds += [StepKind.INTRO, StepKind.SET, *([StepKind.REST] if number < len(exercises) else [])]
        steps += [PlanStep(kind, exercise, number) for kind in kinds]
    if get_up:
        steps.append(PlanStep(StepKind.GET_UP))
    if questions:
        steps += [PlanStep(StepKind.QUESTION, question=question) for question in QUESTIONS_AFTER]
    return (*steps, PlanStep(StepKind.SUMMARY))


def step_before(plan: Sequence[PlanStep], at: int, left_out: set[str]) -> int:
    """Return the index that "back" leads to: from a set to its own introduction, from there to the step before.

    Rests, what may pass unseen, and exercises that are left out are passed over.
    """
    lands_on = (StepKind.CARE, StepKind.QUESTION, StepKind.INTRO, StepKind.GET_UP)

    def lands(step: PlanStep) -> bool:
        return step.kind in lands_on and (step.exercise is None or step.exercise.id not in left_out)

    return next((index for index in range(at - 1, -1, -1) if lands(plan[index])), at)


def step_past(plan: Sequence[PlanStep], at: int) -> int:
    """Return the index of the first step after the exercise of this one."""
    return next(index for index in range(at + 1, len(plan)) if plan[index].number != plan[at].number)


def closing_step(plan: Sequence[PlanStep]) -> int:
    """Return the index of the closing steps: the first question afterwards, or the summary."""
    return next(
        index for index, step in enumerate(plan) if step.question in QUESTIONS_AFTER or step.kind is StepKind.SUMMARY
    )
