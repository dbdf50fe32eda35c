"""Keeps what happens in the journal, on a thread of its own so that a slow disk never holds up a session."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from loosen.coach.counting.report import Side
from loosen.coach.counting.template import Template
from loosen.coach.guidance.stage import Happened, RepDone
from loosen.errors import JournalError
from loosen.journal.store.settings import CARE_READ, template_key

if TYPE_CHECKING:
    from loosen.coach.guidance.session_state import Templates
    from loosen.journal.outcomes.history_view import OfferText, PlanText
    from loosen.journal.store.journal import Journal
    from loosen.routine.model import Dose, Routine
    from loosen.routine.words import Words

_T = TypeVar("_T")
_log = logging.getLogger("loosen.page")


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier sessions left.

    `week`: days with something done, from Monday; `best`: ranges by id; `templates`: what good repetitions look like,
    by id and side; `doses`: the person's own, by id; `offer` and `plan`: what the home page says of the next step and
    of the plan.
    """

    care_read: bool = False
    week: tuple[bool, ...] = (False,) * 7
    best: Mapping[str, float] = field(default_factory=dict)
    templates: Templates = field(default_factory=dict)
    doses: Mapping[str, Dose] = field(default_factory=dict)
    offer: OfferText | None = None
    plan: PlanText | None = None
    kept: bool = True
    notices: tuple[str, ...] = ()


def _now() -> datetime:
    if sys.platform != "win32":
        time.tzset()  # who travels changes the zone, and it is read once only
    return datetime.now().astimezone()


class Keeper:
    """One journal, one thread. `open_journal` is called on that thread, by the first thing that needs it."""

    def __init__(self, open_journal: Callable[[], Journal], now: Callable[[], datetime] = _now) -> None:
        self._open = open_journal
        self._now = now
        self._journal: Journal | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")

    def open(self) -> tuple[str, ...]:
        """Open the journal now, and return what is to be known about it. JournalError if it is refused."""
        return self.soon(_notices).result()

    def begin(self, routine: str, *, camera: bool) -> Notes:
        """Begin to keep a session of the routine with this id."""
        return Notes(self, routine, camera=camera)

    async def past(self, routine: Routine, words: Words) -> Past:
        """Return what earlier sessions left; an unreadable journal leaves nothing."""
        from loosen.journal.outcomes.choices import chosen

        def read(journal: Journal) -> Past:
            now = self._now()
            try:
                with journal.using() as db:
                    choices = chosen(db, routine, words, now)
                return Past(
                    care_read=bool(journal.get_setting(CARE_READ, False)),
                    week=journal.week(now.date()),
                    best=journal.best_ranges(routine.id),
                    templates=_templates(journal, routine),
                    doses=choices.doses,
                    offer=choices.offer,
                    plan=choices.plan,
                    kept=journal.kept,
                    notices=_notices(journal),
                )
            except JournalError as error:
                return Past(kept=False, notices=(*_notices(journal), str(error)))

        try:
            return await asyncio.wrap_future(self.soon(read))
        except Exception:
            _log.exception("the journal could not be read")
            return Past(kept=False)

    def care_was_read(self) -> None:
        """Remember that the safety note has been read."""
        self.soon(lambda journal: journal.set_setting(CARE_READ, True)).add_done_callback(_say_if_it_failed)

    async def close(self) -> None:
        """Write what is still to be written, and close the journal. May be called twice."""
        if self._journal is not None:
            with suppress(RuntimeError):
                await asyncio.wrap_future(self.soon(lambda journal: journal.close()))
        self._thread.shutdown(wait=False)

    def soon(self, use: Callable[[Journal], _T]) -> Future[_T]:
        """Have the journal used on its thread, after everything asked for before."""

        def run() -> _T:
            if self._journal is None:
                self._journal = self._open()
            return use(self._journal)

        try:
            return self._thread.submit(run)
        except RuntimeError as error:
            # Closed already: the server is going down, and this connection was the last to notice.
            failed: Future[_T] = Future()
            failed.set_exception(error)
            return failed

    def now(self) -> datetime:
        """Return the local time, with its offset."""
        return self._now()


class Notes:
    """One session's notes. `kept` is False while the journal says that it cannot write, or has failed.

    A session is in the journal from its first repetition or answer on: one that was only opened leaves nothing.
    """

    def __init__(self, keeper: Keeper, routine: str, *, camera: bool) -> None:
        self._keeper = keeper
        self._routine = routine
        self._camera = camera
        self.kept = True
        self.ended = False
        self._began = keeper.now()
        self._number: int | None = None
        self._before: list[Happened] = []
        self._write(lambda _: None)  # whether the journal can be had is known from the beginning

    def rep(self, done: RepDone) -> None:
        """Keep a finished repetition."""
        self._write(lambda journal: journal.add_rep(self._session(journal), done))

    def happened(self, event: Happened) -> None:
        """Keep an event or an answer; what says nothing by itself waits for something that does."""

        def write(journal: Journal) -> None:
            if self._number is None and not _says_something(event):
                self._before.append(event)
            else:
                journal.happened(self._session(journal), event)

        self._write(write)

    def learnt(self, templates: Templates) -> None:
        """Keep what the person's good repetitions look like by now, for the next session."""
        kept = {
            exercise: {side: template.rounded() for side, template in sides.items()}
            for exercise, sides in templates.items()
        }

        def write(journal: Journal) -> None:
            for exercise, sides in kept.items():
                journal.set_setting(template_key(self._routine, exercise), sides)

        if kept:
            self._write(write)

    def end(self, how: Literal["finished", "stopped"]) -> None:
        """Mark the session as over; the first end counts."""
        if self.ended:
            return
        self.ended = True
        at = self._keeper.now()

        def write(journal: Journal) -> None:
            if self._number is not None:
                journal.end_session(self._number, how, at)

        self._write(write)

    async def written(self) -> None:
        """Wait until everything so far has been tried."""
        with suppress(Exception):
            await asyncio.wrap_future(self._keeper.soon(lambda _: None))

    def _session(self, journal: Journal) -> int:
        """Return the session's number; on the journal's thread. The first who asks begins it."""
        if self._number is None:
            self._number = journal.begin_session(self._routine, camera=self._camera, now=self._began)
            before, self._before = self._before, []
            for event in before:
                journal.happened(self._number, event)
        return self._number

    def _write(self, write: Callable[[Journal], None]) -> None:
        def run(journal: Journal) -> None:
            try:
                write(journal)
                self.kept = journal.kept
            except Exception:
                # A session is never stopped by its notes: it goes on, and says that it is not kept.
                self.kept = False
                _log.exception("the journal could not be written")

        def failed(done: Future[None]) -> None:
            if done.exception() is not None:
                self.kept = False
            _say_if_it_failed(done)

        self._keeper.soon(run).add_done_callback(failed)


def _says_something(event: Happened) -> bool:
    return event.what in ("led", "hurt") or (event.what == "answer" and event.value is not None)


def _templates(journal: Journal, routine: Routine) -> Templates:
    """Return the kept templates; one that cannot be read is begun anew."""
    found: Templates = {}
    for exercise in routine.exercises:
        kept = journal.get_setting(template_key(routine.id, exercise.id))
        with suppress(msgspec.ValidationError):
            if kept:
                found[exercise.id] = msgspec.convert(kept, dict[Side, Template])
    return found


def _notices(journal: Journal) -> tuple[str, ...]:
    """Return what a person should know about the journal: what was found, and what is wrong now."""
    return (*journal.notices, *([journal.trouble] if journal.trouble else ()))


def _say_if_it_failed(done: Future[None]) -> None:
    if (error := done.exception()) is not None:
        _log.error("the journal cannot be used: %s", error)
