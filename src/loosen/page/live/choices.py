"""What a person chooses outside a session, kept in the journal."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from loosen.errors import InputError
from loosen.page.live.messages import AnswerStep, Choice, SayHindrance, SayMorning, SayPlan, SetDose, SetWay
from loosen.page.setup import PageSetup

if TYPE_CHECKING:
    from loosen.journal.store.journal import Journal


def keep_choice(setup: PageSetup, journal: Journal, choice: Choice) -> None:
    """Write what the person chose. InputError, and nothing is kept, if it is not on offer."""
    from loosen.journal.outcomes.choices import keep_dose, keep_plan, read_choices
    from loosen.journal.outcomes.doses import within_bounds
    from loosen.journal.outcomes.hindrance import keep_hindrance
    from loosen.journal.outcomes.mornings import keep_morning
    from loosen.journal.outcomes.ways import keep_way

    routine, words, now = setup.routine, setup.words, setup.journal.now()
    with journal.changing() as db:
        match choice:
            case SetDose():
                within_bounds(setup.exercise(choice.exercise), choice.sets, choice.reps)
                keep_dose(db, routine.id, choice.exercise, choice.sets, choice.reps, "own", now)
            case AnswerStep():
                step = read_choices(db, routine, now).offer
                if step is None or step.exercise != choice.exercise:
                    raise InputError(words["server.no-step"])
                keep_dose(db, routine.id, step.exercise, step.sets, step.reps, choice.answer, now)
            case SayPlan():
                cue = _one_line(choice.cue)
                if choice.what == "made" and not cue:
                    raise InputError(words["server.empty-plan"])
                keep_plan(db, choice.what, cue, choice.part, now)
            case SetWay():
                keep_way(db, routine, choice.exercise, choice.variant, choice.left_out, now)
            case SayMorning():
                keep_morning(db, choice.session, choice.answer)
            case SayHindrance():
                keep_hindrance(db, _one_line(choice.text), now)


def _one_line(text: str) -> str:
    """Return a text without control and formatting characters, its ends trimmed."""
    return "".join(it for it in text if unicodedata.category(it) not in ("Cc", "Cf", "Zl", "Zp")).strip(" .,")
