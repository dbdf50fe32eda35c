"""The end point of the live socket: one connection for each page, with a session of its own.

Everything that touches a session happens on the event loop, one call at a time. Pictures are tracked on threads of
their own (`look_sources`), and the journal is written on another (`journal_thread`). A message can end no more than the
connection that it came by.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from loosen import __version__
from loosen.errors import GetUpError, MessageError
from loosen.page.choices import choose
from loosen.page.live.look_sources import PictureTracker, TrackedPicture, TrackerPool, play_demo
from loosen.page.live.messages import (
    AnswerStep,
    Chosen,
    Command,
    DrawnLandmarks,
    GetUpRequest,
    Hello,
    LedElsewhere,
    QuestionAnswer,
    Refused,
    SayPlan,
    SetDose,
    SittingChanged,
    Start,
    TakenOver,
    Trouble,
    read_picture,
    read_text,
    to_page,
)
from loosen.page.live.outbox import Outbox
from loosen.page.live.rate_limit import Budget, PictureClock
from loosen.page.live.session_runner import SessionRunner
from loosen.page.setup import PageSetup

_log = logging.getLogger("loosen.page")

TICK_S = 0.1
CLOSED_FOR_MISUSE = 1008
WENT_WRONG = 1011
TRY_LATER = 1013
PAGES_AT_ONCE = 8
CLOSING_AT_MOST_S = 1.0


class Lead:
    """Which page leads a session: one at a time, because there is one person, one camera and one journal."""

    def __init__(self) -> None:
        self._page: Connection | None = None
        # Pages that begin at the same moment take turns.
        self.changing = asyncio.Lock()

    def elsewhere(self, page: Connection) -> Connection | None:
        """Return the page that leads a session now, if it is another one than `page`."""
        other = self._page
        return other if other is not None and other is not page and other.leads else None

    def take(self, page: Connection) -> None:
        """Make this page the one that leads."""
        self._page = page

    def leave(self, page: Connection) -> None:
        """Forget a page that has gone."""
        if self._page is page:
            self._page = None


class LiveSocket:
    """What all connections share; `serve` is the end point."""

    def __init__(self, setup: PageSetup) -> None:
        self.setup = setup
        self.trackers = TrackerPool(setup.new_tracker)
        self.lead = Lead()
        self.pages = 0
        """How many pages are connected now."""

    async def serve(self, socket: WebSocket) -> None:
        """Serve one page until it goes."""
        await socket.accept()
        if self.pages >= PAGES_AT_ONCE:
            with suppress(WebSocketDisconnect, RuntimeError):
                await socket.send_text(to_page(Refused(self.setup.words["server.too-many-pages"])))
                await socket.close(TRY_LATER)
            return
        self.pages += 1
        if not self.setup.demo:
            # The page has loaded everything that it shows first: now the tracker no longer competes with it.
            self.trackers.warm_up()
        try:
            await Connection(self.setup, self.trackers, self.lead, socket).run()
        finally:
            self.pages -= 1


class Connection:
    """One connected page."""

    def __init__(self, setup: PageSetup, trackers: TrackerPool, lead: Lead, socket: WebSocket) -> None:
        self.setup = setup
        self._lead = lead
        self._socket = socket
        self._began_s = setup.clock()
        self._outbox = Outbox(socket.send_text, setup.clock)
        self._pictures = PictureTracker(trackers, self._tracked, setup.clock)
        self._picture_clock = PictureClock()
        self._runner: SessionRunner | None = None
        # Our own page sends a few texts a second at most, and one picture for each answer.
        self._text_budget = Budget(at_once=60, per_s=30)
        self._picture_budget = Budget(at_once=120, per_s=120)
        self._fault_budget = Budget(at_once=40, per_s=0.5)
        self._may_stay = True

    def now_s(self) -> float:
        """Return the time on this connection's clock, which its sessions and pictures share."""
        return self.setup.clock() - self._began_s

    @property
    def leads(self) -> bool:
        """Whether a session is under way here."""
        return self._runner is not None and self._runner.leads

    async def give_up(self) -> None:
        """End the session here because another page takes over; what was done is kept."""
        self._outbox.put(TakenOver())
        await self._stop()

    async def run(self) -> None:
        """Serve until the page goes, is sent away, or no longer takes anything."""
        self._outbox.put(Hello(__version__, self.setup.demo))
        reading = asyncio.create_task(self._read())
        sending = asyncio.create_task(self._outbox.run())
        others = [asyncio.create_task(self._tick())]
        if self.setup.demo:
            body = self.setup.new_demo_body(self.setup.routine)
            others.append(asyncio.create_task(play_demo(body, lambda: self._runner, self._outbox, self.now_s)))
        else:
            others.append(asyncio.create_task(self._pictures.run()))
        try:
            # A task that ends while the page is there has failed: a page without ticks or looks is better closed.
            await asyncio.wait([reading, sending, *others], return_when=asyncio.FIRST_COMPLETED)
            broken = any(task.done() for task in others)
        finally:
            self._lead.leave(self)
            for task in (reading, sending, *others):
                task.cancel()
            for ended in await asyncio.gather(reading, sending, *others, return_exceptions=True):
                if isinstance(ended, Exception) and not isinstance(ended, WebSocketDisconnect | TimeoutError):
                    _log.error("a connection ended badly", exc_info=ended)
            await self._stop()
            await self._pictures.close()
        if broken:
            with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
                await asyncio.wait_for(self._socket.close(WENT_WRONG), CLOSING_AT_MOST_S)

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                await self._take(message.get("text"), message.get("bytes"))
            except MessageError as error:
                self._refuse(str(error))
            if not self._may_stay:
                await self._socket.send_text(to_page(Refused(self.setup.words["server.sent-away"])))
                await self._socket.close(CLOSED_FOR_MISUSE)
                return

    def _refuse(self, why: str) -> None:
        self._outbox.put(Refused(self.setup.words("server.refused", why=why.rstrip("."))))
        self._may_stay = self._fault_budget.spend(self.now_s())

    async def _take(self, text: str | None, data: bytes | None) -> None:
        now_s = self.now_s()
        if data is not None:
            self._take_picture(data, now_s)
        elif text is not None:
            if not self._text_budget.spend(now_s):
                raise MessageError(self.setup.words["server.too-fast"])
            await self._take_text(text, now_s)

    async def _take_text(self, text: str, now_s: float) -> None:
        message = read_text(text)
        if isinstance(message, Start):
            await self._start(message)
        elif isinstance(message, SetDose | AnswerStep | SayPlan):
            await choose(self.setup, message)
            self._outbox.put(Chosen())
        elif isinstance(message, GetUpRequest):
            await self._ask_getup(message)
        elif self._runner is not None:
            match message:
                case Command():
                    self._runner.command(now_s, message)
                case QuestionAnswer():
                    self._runner.answer(now_s, message)
                case Trouble():
                    self._runner.trouble(now_s, message)
        elif not isinstance(message, Trouble):
            raise MessageError(self.setup.words["server.nothing-begun"])

    async def _ask_getup(self, message: GetUpRequest) -> None:
        if self.setup.getup is None:
            raise MessageError(self.setup.words["server.nothing-begun"])
        request = {"do": message.do} | ({"seconds": message.minutes * 60} if message.do == "pause" else {})
        try:
            await self.setup.getup.ask(request)
        except GetUpError as error:
            self._outbox.put(Refused(str(error)))
        self._outbox.put(SittingChanged())

    async def _start(self, message: Start) -> None:
        known = {None, *(one.id for one in self.setup.routine.exercises)}
        if message.movement not in known:
            raise MessageError(self.setup.words["server.no-exercise"])
        async with self._lead.changing:
            other = self._lead.elsewhere(self)
            if other is not None and not message.take_over:
                self._outbox.put(LedElsewhere())
                return
            if other is not None:
                await other.give_up()
            self._lead.take(self)
            await self._stop()
            await self._begin(camera=message.camera, movement=message.movement)

    async def _begin(self, *, camera: bool, movement: str | None) -> None:
        self._picture_clock.begin_anew()
        self._outbox.begin_anew()
        setup = self.setup
        # In a demo the synthetic body can always be seen.
        camera = camera or setup.demo
        past = await setup.journal.past(setup.routine)
        try:
            session = setup.new_session(setup, camera=camera, past=past, movement=movement)
        except Exception:
            _log.exception("a session could not be begun")
            self._outbox.put(Refused(setup.words["server.went-wrong"]))
            return
        self._runner = SessionRunner(
            session,
            camera=camera,
            recorder=setup.journal.begin(setup.routine.id, camera=camera),
            outbox=self._outbox,
            went_wrong=setup.words["server.went-wrong"],
            on_care_read=setup.journal.care_was_read,
            on_moved=setup.getup.moved if setup.getup is not None else None,
            demo=setup.demo,
        )
        self._runner.start(self.now_s())

    async def _stop(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.stop()

    def _take_picture(self, data: bytes, now_s: float) -> None:
        """Take a picture. Each is answered, even a refused one: the page sends its next picture only then."""
        t_ms: float | None = None
        try:
            if self.setup.demo:
                raise MessageError(self.setup.words["server.no-pictures"])
            if not self._picture_budget.spend(now_s):
                raise MessageError(self.setup.words["server.too-fast"])
            picture = read_picture(data)
            t_ms = picture.t_ms
            taken_s = self._picture_clock.time_of(picture.t_ms, now_s)
        except MessageError:
            self._outbox.landmarks(DrawnLandmarks(t_ms, None))
            raise
        if self._runner is not None:
            self._runner.picture_came(now_s)
        replaced = self._pictures.offer(picture, taken_s)
        if replaced is not None:
            self._outbox.landmarks(DrawnLandmarks(replaced.t_ms, None))

    def _tracked(self, result: TrackedPicture) -> None:
        if result.look is not None and self._runner is not None:
            self._runner.see(self.now_s(), result.look)
        self._outbox.landmarks(DrawnLandmarks(result.picture.t_ms, result.landmarks))
        if result.bad:
            self._refuse(result.why)
        elif result.why:
            self._outbox.put(Refused(result.why))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            if self._runner is not None:
                self._runner.tick(self.now_s())
