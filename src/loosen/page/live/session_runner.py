"""One session under way for one page: what reaches it, what comes out of it, and whether the camera keeps up."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from loosen.coach.counting.rep import Rep
from loosen.coach.guidance.stage import Ended, Event, Happened, Say, Stage
from loosen.page.journal_thread import SessionRecorder
from loosen.page.live.messages import Command, QuestionAnswer, Refused, Trouble
from loosen.page.live.outbox import Outbox
from loosen.page.setup import PageSetup

if TYPE_CHECKING:
    from loosen.body.pose import Look
    from loosen.coach.guidance.session import Session

_log = logging.getLogger("loosen.page")

SILENCE_S = 5.0
"""The camera counts as lost after so long without a look; a shorter gap only holds up the count."""
FIRST_LOOK_S = 8.0
"""The first look may take longer: the tracker may still be loading."""
ERRORS_EVERY_S = 5.0
SLOW_PER_S = 5.0
SLOW_LOOKS = 40
SLOW_GAP_S = 1.5
"""A machine is slow if it manages fewer than `SLOW_PER_S` looks a second over `SLOW_LOOKS` looks without a gap."""


class SessionRunner:
    """Leads one session; all times in seconds on the clock of the connection.

    An exception of the session is logged and reported to the page in one sentence, and the session goes on. `stage` is
    the one last shown, None where the session failed to give one. In a demo the looks are made here, and late ones are
    not the camera's fault.
    """

    def __init__(self, setup: PageSetup, session: Session, outbox: Outbox, *, camera: bool) -> None:
        self.session = session
        self.camera = camera
        self.stage: Stage | None = None
        self._setup = setup
        self._outbox = outbox
        self._recorder = SessionRecorder(setup.journal, setup.routine.id, camera=camera)
        self._known_templates = {exercise: dict(sides) for exercise, sides in session.templates.items()}
        self._reps_seen = 0
        self._watching = False
        self._finished_early = False
        self._tab_hidden = False
        self._lost = False
        self._lost_by_page = False
        self._quiet_from_s: float | None = None
        self._look_times_s: deque[float] | None = None if setup.demo else deque(maxlen=SLOW_LOOKS)
        self._error_at_s = float("-inf")
        self._now_s = 0.0

    def start(self, t_s: float) -> None:
        with self._calling_session(t_s):
            self.session.start(t_s)

    def take(self, t_s: float, message: Command | QuestionAnswer | Trouble) -> None:
        """Pass on what the page asks for, answers or has noticed."""
        with self._calling_session(t_s):
            match message:
                case Command():
                    self.session.command(t_s, message.name)
                case QuestionAnswer():
                    self.session.answer(t_s, message.question, message.value)
                case Trouble():
                    self._note_trouble(message)
                    self.session.trouble(t_s, message.what)

    def picture_came(self, t_s: float) -> None:
        """Note that a picture has arrived, whether or not it can be used."""
        if self._quiet_from_s is None:
            self._quiet_from_s = t_s + FIRST_LOOK_S - SILENCE_S

    def see(self, t_s: float, look: Look) -> None:
        """Show the session a look; `t_s` is now, the look has its own time."""
        if not self.camera:
            return
        self._quiet_from_s = t_s
        self._recorder.watched(yes=True)
        with self._calling_session(t_s):
            if self._lost:
                self._lost = False
                self.session.trouble(t_s, "camera-back")
            self.session.see(look)
            if self._is_slow(t_s):
                self.session.trouble(t_s, "slow")

    def tick(self, t_s: float) -> None:
        with self._calling_session(t_s):
            if self._camera_fell_silent(t_s):
                self._lost = True
                self._recorder.watched(yes=False)
                self.session.trouble(t_s, "camera-lost")
            self.session.tick(t_s)

    @property
    def leads(self) -> bool:
        """Whether the person is still being led: no longer once the summary is shown."""
        return not self._recorder.ended and not self._at_summary

    async def stop(self) -> None:
        """End the record of a session that has not ended by itself; it is written on return."""
        if not self._recorder.ended:
            self._recorder.templates(self.session.templates, self._known_templates)
        self._recorder.end("finished" if self._at_summary and not self._finished_early else "stopped")
        await self._recorder.written()

    @property
    def _at_summary(self) -> bool:
        return self.stage is not None and self.stage.screen == "summary"

    def _note_trouble(self, trouble: Trouble) -> None:
        match trouble.what:
            case "tab-hidden" | "tab-shown":
                # A hidden tab sends no pictures: that is not the camera's fault.
                self._tab_hidden = trouble.what == "tab-hidden"
            case "camera-lost" | "camera-refused" | "camera-missing":
                # The silence that follows is no news, and the page will say when the camera is back.
                self._lost_by_page, self._lost = True, False
                self._recorder.watched(yes=False)
            case "camera-back":
                self._lost_by_page, self._lost, self._quiet_from_s = False, False, None

    def _camera_fell_silent(self, t_s: float) -> bool:
        if not self.camera or self._setup.demo or self._lost or self._quiet_from_s is None:
            return False
        if self._tab_hidden or self._lost_by_page or self._recorder.ended or not self._watching:
            self._quiet_from_s = max(self._quiet_from_s, t_s)
            return False
        return t_s - self._quiet_from_s > SILENCE_S

    def _is_slow(self, t_s: float) -> bool:
        """Return whether the last looks came too slowly; True at most once in a session."""
        times_s = self._look_times_s
        if times_s is None:
            return False
        if not self._watching or (times_s and t_s - times_s[-1] > SLOW_GAP_S):
            times_s.clear()
        times_s.append(t_s)
        if len(times_s) < SLOW_LOOKS or (SLOW_LOOKS - 1) / (times_s[-1] - times_s[0] + 1e-9) >= SLOW_PER_S:
            return False
        self._look_times_s = None
        return True

    @contextmanager
    def _calling_session(self, t_s: float) -> Iterator[None]:
        """Call the session, then bring its events and stage to the journal and the page."""
        self._now_s = t_s
        with self._reporting_errors():
            yield
        events: list[Event] = []
        with self._reporting_errors():
            events = self.session.events()
        for event in events:
            self._pass_on(event)
        self.stage = None
        with self._reporting_errors():
            self.stage = self.session.stage()
        if self.stage is not None:
            # While the stage needs no camera the page sends no pictures.
            self._watching = self.stage.camera and not self.stage.paused
            kept = self._recorder.kept
            self._outbox.stage(self.stage if kept else msgspec.structs.replace(self.stage, kept=False))

    def _pass_on(self, event: Event) -> None:
        match event:
            case Say():
                self._outbox.put(event)
            case Rep():
                self._recorder.rep(event)
                self._reps_seen += event.counted
            case Happened():
                self._recorder.happened(event)
                if self._setup.getup is not None and event.what == "exercise-ended" and event.value:
                    self._setup.getup.moved(seen=self._reps_seen > 0)
                self._finished_early |= event.what == "finished-early"
                if event.what == "care-read":
                    self._setup.journal.care_was_read()
            case Ended():
                self._recorder.templates(self.session.templates, self._known_templates)
                self._recorder.end(event.how)
                self._outbox.put(event)

    @contextmanager
    def _reporting_errors(self) -> Iterator[None]:
        try:
            yield
        except Exception:
            # A fault in the coach would return with every picture: reporting it now and then is enough.
            if self._now_s - self._error_at_s >= ERRORS_EVERY_S:
                self._error_at_s = self._now_s
                _log.exception("a session went wrong and goes on")
                self._outbox.put(Refused(self._setup.words["server.went-wrong"]))
