"""A session under way for one page: the coach's session, its notes and its camera's silence."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from loosen.coach.guidance.stage import Ended, Happened, RepDone, Say, Stage
from loosen.page.journal_thread import Notes
from loosen.page.messages import Answer, Command, Refused, Trouble
from loosen.page.outbox import Outbox
from loosen.page.parts import SessionLike

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loosen.body.pose import Look

_log = logging.getLogger("loosen.page")

SILENCE_S = 1.5
"""So long without a picture, and the camera is taken as lost."""
FIRST_LOOK_S = 6.0
"""The first picture may take longer: the tracker may still be loading."""
ERRORS_EVERY_S = 5.0
SLOW_PER_S = 8.0
SLOW_LOOKS = 40
"""A machine is slow when it manages fewer than `SLOW_PER_S` looks a second over `SLOW_LOOKS` of them."""


class Running:
    """Leads one session; all times in seconds on one clock of the connection.

    Whatever the session raises is logged and told to the page in one sentence, and the session goes on.
    """

    def __init__(
        self,
        session: SessionLike,
        *,
        camera: bool,
        notes: Notes,
        outbox: Outbox,
        went_wrong: str,
        care_was_read: Callable[[], None],
        moved: Callable[..., None] | None = None,
        pictures_come: bool = True,
    ) -> None:
        """Lead `session`.

        `moved(seen=...)` is told after each exercise in which something was done. `pictures_come` False: the looks
        are made here, and late ones are no camera's fault.
        """
        self.session = session
        self.camera = camera
        self.notes = notes
        self._outbox = outbox
        self._went_wrong = went_wrong
        self._care_was_read = care_was_read
        self._moved = moved
        self._seen_reps = 0
        self._pictures_come = pictures_come
        self._watching = False
        self._hidden = False
        self._lost = False
        self._told_by_page = False
        self._quiet_from_s: float | None = None
        self._looks_s: deque[float] | None = deque(maxlen=SLOW_LOOKS) if pictures_come else None
        self._error_at_s = float("-inf")
        self._now_s = 0.0

    def start(self, t_s: float) -> None:
        """Begin."""
        with self._whatever_happens(t_s):
            self.session.start(t_s)

    def command(self, t_s: float, command: Command) -> None:
        """Do what a key or button asks for."""
        with self._whatever_happens(t_s):
            self.session.command(t_s, command.name)

    def answer(self, t_s: float, answer: Answer) -> None:
        """Take an answer."""
        with self._whatever_happens(t_s):
            self.session.answer(t_s, answer.question, answer.value)

    def trouble(self, t_s: float, trouble: Trouble) -> None:
        """Tell the session what the page noticed."""
        match trouble.what:
            case "tab-hidden" | "tab-shown":
                # A hidden tab sends no pictures: that is not the camera's fault.
                self._hidden = trouble.what == "tab-hidden"
            case "camera-lost" | "camera-refused" | "camera-missing":
                # The page knows already: its silence is no news, and it will tell when the camera is back.
                self._told_by_page, self._lost = True, False
            case "camera-back":
                self._told_by_page, self._lost, self._quiet_from_s = False, False, None
            case "slow":
                self._looks_s = None
        with self._whatever_happens(t_s):
            self.session.trouble(t_s, trouble.what)

    def picture_came(self, t_s: float) -> None:
        """Note that a picture has arrived, whether or not anything can be made of it."""
        if self._quiet_from_s is None:
            self._quiet_from_s = t_s + FIRST_LOOK_S - SILENCE_S

    def see(self, t_s: float, look: Look) -> None:
        """Show the session a look; `t_s` is now, the look has its own time."""
        if not self.camera:
            return
        self._quiet_from_s = t_s
        with self._whatever_happens(t_s):
            if self._lost:
                self._lost = False
                self.session.trouble(t_s, "camera-back")
            self.session.see(look)
            if self._is_slow(t_s):
                self.session.trouble(t_s, "slow")

    def tick(self, t_s: float) -> None:
        """Let time pass."""
        with self._whatever_happens(t_s):
            if self._camera_fell_silent(t_s):
                self._lost = True
                self.session.trouble(t_s, "camera-lost")
            self.session.tick(t_s)

    @property
    def leads(self) -> bool:
        """Whether somebody is being led: no longer once the summary stands."""
        return not self.notes.ended and not self._at_summary()

    async def stop(self) -> None:
        """End the notes, if the session had not ended by itself; they are written on return."""
        if not self.notes.ended:
            self.notes.learnt(self.session.templates)
        self.notes.end("finished" if self._at_summary() else "stopped")
        await self.notes.written()

    def stage(self) -> Stage | None:
        """Return the stage, or None if the session cannot tell."""
        try:
            return self.session.stage()
        except Exception:
            self._failed()
            return None

    def _at_summary(self) -> bool:
        stage = self.stage()
        return stage is not None and stage.screen == "summary"

    def _camera_fell_silent(self, t_s: float) -> bool:
        if not self.camera or not self._pictures_come or self._lost or self._quiet_from_s is None:
            return False
        if self._hidden or self._told_by_page or self.notes.ended or not self._watching:
            self._quiet_from_s = max(self._quiet_from_s, t_s)
            return False
        return t_s - self._quiet_from_s > SILENCE_S

    def _is_slow(self, t_s: float) -> bool:
        """Whether the looks of the last while came too seldom; True once in a session."""
        looks = self._looks_s
        if looks is None:
            return False
        if not self._watching or (looks and t_s - looks[-1] > SILENCE_S):
            looks.clear()
        looks.append(t_s)
        if len(looks) < SLOW_LOOKS or (SLOW_LOOKS - 1) / (looks[-1] - looks[0] + 1e-9) >= SLOW_PER_S:
            return False
        self._looks_s = None
        return True

    @contextmanager
    def _whatever_happens(self, t_s: float) -> Iterator[None]:
        self._now_s = t_s
        try:
            yield
        except Exception:
            self._failed()
        self._pass_on()

    def _pass_on(self) -> None:
        """Bring what came out of the session to the journal and the page."""
        try:
            events = self.session.events()
        except Exception:
            self._failed()
            events = []
        for event in events:
            match event:
                case Say():
                    self._outbox.put(event)
                case RepDone():
                    self.notes.rep(event)
                    self._seen_reps += event.rep.counted
                case Happened():
                    self.notes.happened(event)
                    if self._moved is not None and event.what == "exercise-ended" and event.value:
                        self._moved(seen=self._seen_reps > 0)
                    if event.what == "care-read":
                        self._care_was_read()
                case Ended():
                    self.notes.learnt(self.session.templates)
                    self.notes.end(event.how)
                    self._outbox.put(event)
        stage = self.stage()
        if stage is not None:
            # Where the stage needs no camera the page sends no pictures.
            self._watching = stage.camera and not stage.paused
            self._outbox.stage(stage if self.notes.kept else msgspec.structs.replace(stage, kept=False))

    def _failed(self) -> None:
        # A fault in the coach would come back with every frame: once in a while is enough to read.
        if self._now_s - self._error_at_s >= ERRORS_EVERY_S:
            self._error_at_s = self._now_s
            _log.exception("a session went wrong and goes on")
            self._outbox.put(Refused(self._went_wrong))
