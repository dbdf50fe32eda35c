"""What the person chooses on the page: a dose, the answer to a next step, a plan. Each is written to the journal."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from loosen.errors import InputError, LockedError, MessageError
from loosen.page.live.messages import AnswerStep, SayPlan, SetDose
from loosen.page.setup import PageSetup

if TYPE_CHECKING:
    from loosen.journal.store.journal import Journal


async def choose(setup: PageSetup, message: SetDose | AnswerStep | SayPlan) -> None:
    """Keep a choice. MessageError, and nothing is kept, if it is not on offer or cannot be written."""
    try:
        await setup.journal.use(lambda journal: _keep(setup, journal, message))
    except (InputError, LockedError) as error:
        raise MessageError(str(error)) from error


def _keep(setup: PageSetup, journal: Journal, message: SetDose | AnswerStep | SayPlan) -> None:
    from loosen.journal.outcomes.choices import keep_dose, keep_plan, read_choices
    from loosen.journal.outcomes.doses import within_bounds

    routine, words, now = setup.routine, setup.words, setup.journal.now()
    with journal.changing() as db:
        match message:
            case SetDose():
                within_bounds(setup.exercise(message.exercise), message.sets, message.reps)
                keep_dose(db, routine.id, message.exercise, message.sets, message.reps, "own", now)
            case AnswerStep():
                step = read_choices(db, routine, now).offer
                if step is None or step.exercise != message.exercise:
                    raise InputError(words["server.no-step"])
                keep_dose(db, routine.id, step.exercise, step.sets, step.reps, message.answer, now)
            case SayPlan():
                cue = _one_line(message.cue)
                if message.what == "made" and not cue:
                    raise InputError(words["server.empty-plan"])
                keep_plan(db, message.what, cue, message.part, now)


def _one_line(text: str) -> str:
    """Return a text without control and formatting characters, its ends trimmed."""
    return "".join(it for it in text if unicodedata.category(it) not in ("Cc", "Cf", "Zl", "Zp")).strip(" .,")
