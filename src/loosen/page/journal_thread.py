"""The journal on a thread of its own, so that a slow disk never holds up a session."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal, TypeVar

from loosen.coach.counting.rep import Rep
from loosen.coach.guidance.past import Past
from loosen.coach.guidance.stage import Happened
from loosen.errors import JournalError, LoosenError
from loosen.journal.store.moments import utc_text
from loosen.journal.store.setting_keys import CARE_READ, template_key

if TYPE_CHECKING:
    from loosen.coach.guidance.past import Templates
    from loosen.journal.outcomes.choices import PlanStatus
    from loosen.journal.outcomes.doses import Offer
    from loosen.journal.outcomes.ways import Way
    from loosen.journal.store.journal import Journal
    from loosen.journal.store.records import SessionRow
    from loosen.routine.model import Routine

_T = TypeVar("_T")
_log = logging.getLogger("loosen.page")


BEGINNING = ("led", "hurt", "fine", "first-look")
"""The events with which a session begins to be kept, besides a repetition and an answer."""
_NOTHING = Past(care_due="first")


@dataclass(frozen=True, slots=True)
class JournalState:
    """How things stand in the journal.

    `past`: what a session heeds. `week`: the days with something done, from Monday. `offer`: the next step that may be
    offered; `plan`: how things stand with the plan. `ways`: how each exercise is done, where not as it is.
    `morning`: the session whose next morning may be asked about. `begun`: the day of the
    first session. `kept`: the journal can be written.
    """

    past: Past = _NOTHING
    week: tuple[bool, ...] = (False,) * 7
    offer: Offer | None = None
    plan: PlanStatus | None = None
    ways: Mapping[str, Way] = field(default_factory=dict)
    morning: SessionRow | None = None
    begun: date | None = None
    kept: bool = True
    notices: tuple[str, ...] = ()


def _local_now() -> datetime:
    if sys.platform != "win32":
        time.tzset()  # a traveller changes the time zone, and a process reads it only once
    return datetime.now().astimezone()


class JournalThread:
    """One journal and its thread. `open_journal` is called on the thread by the first use of the journal."""

    def __init__(self, open_journal: Callable[[], Journal], now: Callable[[], datetime] = _local_now) -> None:
        self.now = now
        """Returns the local time, with its offset."""
        self._open = open_journal
        self._journal: Journal | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")

    def open(self) -> tuple[str, ...]:
        """Open the journal now, and return what the person should know about it. JournalError if it is refused."""
        return self.submit(_notices).result()

    async def state(self, routine: Routine) -> JournalState:
        """Return how things stand in the journal; an unreadable one holds nothing."""
        from loosen.journal.outcomes.choices import read_choices
        from loosen.journal.outcomes.mornings import waiting_session
        from loosen.journal.outcomes.past import read_past
        from loosen.journal.outcomes.period import first_session_day
        from loosen.journal.outcomes.ways import read_ways

        def read(journal: Journal) -> JournalState:
            now = self.now()
            try:
                with journal.using() as db:
                    past, choices = read_past(db, routine, now), read_choices(db, routine, now)
                    ways, morning = read_ways(db, routine), waiting_session(db, now.date())
                    begun = first_session_day(db)
                return JournalState(
                    past=past,
                    week=journal.week(now.date()),
                    offer=choices.offer,
                    plan=choices.plan,
                    ways=ways,
                    morning=morning,
                    begun=begun,
                    kept=journal.kept,
                    notices=_notices(journal),
                )
            except JournalError as error:
                why = () if journal.trouble else (str(error),)
                return JournalState(kept=False, notices=(*_notices(journal), *why))

        try:
            return await self.use(read)
        except Exception:
            _log.exception("the journal could not be read")
            return JournalState(kept=False)

    def care_was_read(self) -> None:
        """Remember that the safety note has been read now."""
        at = utc_text(self.now())
        self.submit(lambda journal: journal.set_setting(CARE_READ, at)).add_done_callback(_log_failure)

    async def use(self, use: Callable[[Journal], _T]) -> _T:
        """Return what `use` returns on the journal's thread, after everything submitted before."""
        return await asyncio.wrap_future(self.submit(use))

    async def close(self) -> None:
        """Write what is still to be written, and close the journal. May be called twice."""
        if self._journal is not None:
            with suppress(RuntimeError):
                await self.use(lambda journal: journal.close())
        self._thread.shutdown(wait=False)

    def submit(self, use: Callable[[Journal], _T]) -> Future[_T]:
        """Run `use` on the journal's thread, after everything submitted before."""

        def run() -> _T:
            if self._journal is None:
                self._journal = self._open()
            return use(self._journal)

        try:
            return self._thread.submit(run)
        except RuntimeError as error:
            # The server is going down, and the connection that asks is the last to notice.
            failed: Future[_T] = Future()
            failed.set_exception(error)
            return failed


class SessionRecorder:
    """Writes one session to the journal. `kept` is False once something could not be written.

    The session is in the journal from its first repetition or answer on: one that was only opened leaves nothing.
    """

    def __init__(self, thread: JournalThread, routine: str, *, camera: bool) -> None:
        self._thread = thread
        self._routine = routine
        self._camera = camera
        self._seen = False
        self.kept = True
        self.ended = False
        self._began = thread.now()
        self._session_id: str | None = None
        self._before: list[Happened] = []
        self._write(lambda _: None)  # shows from the beginning whether the journal can be opened

    def watched(self, *, yes: bool) -> None:
        """Note that the camera watches, or that there is none: what it has never watched is a session by voice."""
        if self._seen or yes is self._camera:
            self._seen |= yes
            return
        self._seen, self._camera = yes, yes

        def write(journal: Journal) -> None:
            if self._session_id is not None:
                journal.watched(self._session_id, camera=yes)

        self._write(write)

    def rep(self, rep: Rep) -> None:
        self._write(lambda journal: journal.add_rep(self._session(journal), rep))

    def happened(self, event: Happened) -> None:
        """Record an event or an answer; one that does not begin the session waits for one that does."""
        begins = event.what in BEGINNING or (event.what == "answer" and event.value is not None)

        def write(journal: Journal) -> None:
            if self._session_id is None and not begins:
                self._before.append(event)
            else:
                journal.happened(self._session(journal), event)

        self._write(write)

    def templates(self, templates: Templates, known: Templates) -> None:
        """Keep what was learnt of the person's good repetitions, for the next session; `known` before this one.

        What nothing was learnt of is not written: it may have been deleted meanwhile.
        """
        for exercise, sides in templates.items():
            if sides == known.get(exercise, {}):
                continue
            key, kept = template_key(self._routine, exercise), {side: it.rounded() for side, it in sides.items()}
            self._write(lambda journal, key=key, kept=kept: journal.set_setting(key, kept))  # type: ignore[misc]

    def end(self, how: Literal["finished", "stopped"]) -> None:
        """Record the end of the session; only the first end counts."""
        if self.ended:
            return
        self.ended = True
        at = self._thread.now()

        def write(journal: Journal) -> None:
            if self._session_id is not None:
                journal.end_session(self._session_id, how, at)

        self._write(write)

    async def written(self) -> None:
        """Wait until everything so far has been tried."""
        with suppress(Exception):
            await self._thread.use(lambda _: None)

    def _session(self, journal: Journal) -> str:
        """Return the session's id, and begin the session at the first call. Runs on the journal's thread."""
        if self._session_id is None:
            self._session_id = journal.begin_session(self._routine, camera=self._camera, now=self._began)
            before, self._before = self._before, []
            for event in before:
                journal.happened(self._session_id, event)
        return self._session_id

    def _write(self, write: Callable[[Journal], None]) -> None:
        """Have the journal's thread write. A failure never stops a session: the page says that it is not kept."""

        def run(journal: Journal) -> None:
            write(journal)
            self.kept = journal.kept

        def done(writing: Future[None]) -> None:
            if writing.exception() is not None:
                self.kept = False
            _log_failure(writing)

        self._thread.submit(run).add_done_callback(done)


def _notices(journal: Journal) -> tuple[str, ...]:
    """Return what a person should know about the journal: what was found on opening, and what is wrong now."""
    return (*journal.notices, *([journal.trouble] if journal.trouble else ()))


def _log_failure(done: Future[None]) -> None:
    if (error := done.exception()) is not None:
        expected = isinstance(error, LoosenError | OSError | RuntimeError)
        _log.error("the journal cannot be used: %s", error, exc_info=None if expected else error)
