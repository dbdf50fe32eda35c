"""What one server of the page is put together from. Heavy modules are imported late, so that the page opens at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from loosen.errors import InputError
from loosen.files import runtime_folder
from loosen.page.getup_card import GetUpCard
from loosen.page.journal_thread import JournalThread
from loosen.page.views.home_view import in_demo
from loosen.routine.model import Exercise, Routine
from loosen.routine.words import Words, load_words

if TYPE_CHECKING:
    from loosen.camera.blazepose.tracker import Tracker
    from loosen.coach.guidance.demo_body import DemoBody
    from loosen.coach.guidance.past import Past
    from loosen.coach.guidance.session import Session
    from loosen.journal.store.journal import Journal


def guided_session(setup: PageSetup, *, camera: bool, past: Past, movement: str | None) -> Session:
    """Return a session of the whole routine, or of one `movement`."""
    from loosen.coach.guidance.session import Session

    return Session(setup.routine, setup.words, camera=camera, past=past, demo=setup.demo, only=movement)


def pose_tracker() -> Tracker:
    """Return a BlazePose tracker, with its weights loaded."""
    from loosen.camera.blazepose.tracker import Tracker

    return Tracker()


def demo_body(routine: Routine) -> DemoBody:
    """Return the synthetic body that stands before the camera in a demo."""
    from loosen.coach.guidance.demo_body import DemoBody

    return DemoBody(routine)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSetup:
    """What a server serves, and the factories of what each connection needs.

    `demo`: looks come from the synthetic body instead of the camera. `made_up`: the journal is a made-up one. `clock`
    is monotonic, in seconds. Tests replace `new_session`, `new_tracker` and `new_demo_body` by their own.
    """

    routine: Routine
    words: Words
    journal: JournalThread
    getup: GetUpCard | None = None
    demo: bool = False
    made_up: bool = False
    clock: Callable[[], float] = time.monotonic
    new_session: Callable[..., Session] = guided_session
    new_tracker: Callable[[], Tracker] = pose_tracker
    new_demo_body: Callable[[Routine], DemoBody] = demo_body

    def exercise(self, exercise_id: str) -> Exercise:
        """Return an exercise of the routine; InputError if it has none with this id."""
        try:
            return self.routine.exercise(exercise_id)
        except KeyError:
            raise InputError(self.words["server.no-exercise"]) from None


def page_setup(routine: Routine, *, journal: Path | None = None, demo: bool = False, made_up: int = 0) -> PageSetup:
    """Return the setup for serving `routine` with the journal in the file `journal` (default: the usual place).

    A demo keeps nothing; with `made_up` it begins with a made-up journal of so many sessions.
    """
    words = load_words(routine.language)
    if made_up:
        # The made-up past fits the doses of a demo, which never change.
        exercises = (msgspec.structs.replace(it, progression=None) for it in in_demo(routine).exercises)
        routine = msgspec.structs.replace(routine, exercises=tuple(exercises))

    def open_journal() -> Journal:
        from loosen.journal.store.journal import Journal

        if not demo:
            return Journal.open(journal, or_unsaved=True)
        if not made_up:
            return Journal.in_memory()
        from loosen.journal.made_up import demo_journal

        return demo_journal(routine, words, sessions=made_up, now=datetime.now().astimezone())

    thread = JournalThread(open_journal)
    return PageSetup(
        routine=routine,
        words=words,
        journal=thread,
        getup=None if demo else GetUpCard(runtime_folder(), thread),
        demo=demo,
        made_up=made_up > 0,
    )
