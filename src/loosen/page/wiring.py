"""Puts the real parts together. What is heavy is imported when it is needed: the page opens at once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from loosen.files import runtime_folder
from loosen.page.getup_card import Sitting
from loosen.page.journal_thread import Keeper, Past
from loosen.page.parts import LookSource, Parts, SessionLike, TrackerLike
from loosen.routine.model import Exercise, Routine
from loosen.routine.words import Words, load_words

if TYPE_CHECKING:
    from loosen.body.figure_frames import FigureFrames
    from loosen.journal.store.journal import Journal
    from loosen.page.parts import Rgb

STATIC = Path(__file__).parent / "static"


def real_parts(
    routine: Routine, *, journal: Path | None = None, demo: bool = False, made_up: int = 0
) -> Parts:
    """Return the parts for serving `routine`.

    `journal`: its file (default: the usual place). In a demo the synthetic body is watched, and nothing is
    kept; with `made_up`, it begins with a made-up journal of so many sessions.
    """
    words = load_words(routine.language)
    if made_up:
        routine = _as_shown(routine)

    def new_session(camera: bool, past: Past, movement: str | None) -> SessionLike:
        from loosen.coach.guidance.session import Session

        return Session(
            routine,
            words,
            camera=camera,
            care_read=past.care_read,
            best=past.best,
            templates=past.templates,
            demo=demo,
            doses=past.doses,
            only=movement,
        )

    def new_looks() -> LookSource:
        from loosen.coach.guidance.demo_body import DemoBody

        return DemoBody(routine)

    keeper = Keeper((lambda: _unkept(routine, words, made_up)) if demo else lambda: _open(journal))
    return Parts(
        routine=routine,
        words=words,
        static=STATIC,
        new_session=new_session,
        new_tracker=_new_tracker,
        decode=_decode,
        figure=_figure,
        keeper=keeper,
        sitting=None if demo else Sitting(runtime_folder(), keeper),
        new_looks=new_looks if demo else None,
        made_up=made_up > 0,
    )


def _as_shown(routine: Routine) -> Routine:
    """Return what a demo does, to make up a past of the same: its doses, with no step beyond them."""
    import msgspec

    from loosen.page.home_view import in_demo

    kept = in_demo(routine).exercises
    return msgspec.structs.replace(
        routine, exercises=tuple(msgspec.structs.replace(it, progression=None) for it in kept)
    )


def _new_tracker() -> TrackerLike:
    from loosen.camera.blazepose.tracker import Tracker

    return Tracker()


def _decode(jpeg: bytes) -> Rgb:
    from loosen.camera.jpeg import decode_jpeg

    return decode_jpeg(jpeg)


def _figure(exercise: Exercise) -> FigureFrames:
    from loosen.body.figure_frames import figure_frames

    return figure_frames(exercise)


def _open(path: Path | None) -> Journal:
    from loosen.journal.store.journal import Journal

    return Journal.open(path, or_unsaved=True)


def _unkept(routine: Routine, words: Words, made_up: int) -> Journal:
    from loosen.journal.store.journal import Journal

    if not made_up:
        return Journal.in_memory()
    from loosen.journal.made_up import demo_journal

    return demo_journal(routine, words, sessions=made_up, now=datetime.now().astimezone())
