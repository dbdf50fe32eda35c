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
from loosen.errors import GetUpError, InputError, MessageError
from loosen.page.live import messages
from loosen.page.live.choices import keep_choice
from loosen.page.live.look_sources import PictureTracker, TrackedPicture, TrackerPool, play_demo
from loosen.page.live.messages import DrawnLandmarks, Refused, Start
from loosen.page.live.outbox import Outbox
from loosen.page.live.picture_clock import PictureClock
from loosen.page.live.rate_limit import Budget
from loosen.page.live.session_runner import SessionRunner
from loosen.page.setup import PageSetup

_log = logging.getLogger("loosen.page")

TICK_S = 0.1
CLOSED_FOR_MISUSE = 1008
WENT_WRONG = 1011
TRY_LATER = 1013
PAGES_AT_ONCE = 8
CLOSING_AT_MOST_S = 1.0


class LiveSocket:
    """What all connections share; `serve` is the end point.

    One page leads a session at a time, because there is one person, one camera and one journal. `pages` is how many are
    connected now.
    """

    def __init__(self, setup: PageSetup) -> None:
        self.setup = setup
        self.trackers = TrackerPool(setup.new_tracker)
        self.pages = 0
        self.leader: Connection | None = None
        # Pages that begin at the same moment take turns.
        self.changing_leader = asyncio.Lock()

    async def serve(self, socket: WebSocket) -> None:
        """Serve one page until it goes."""
        await socket.accept()
        if self.pages >= PAGES_AT_ONCE:
            with suppress(WebSocketDisconnect, RuntimeError):
                await socket.send_text(messages.to_page(Refused(self.setup.words["server.too-many-pages"])))
                await socket.close(TRY_LATER)
            return
        self.pages += 1
        if not self.setup.demo:
            # The page has loaded everything that it shows first: now the tracker no longer competes with it.
            self.trackers.warm_up()
        try:
            await Connection(self, socket).run()
        finally:
            self.pages -= 1


class Connection:
    """One connected page."""

    def __init__(self, live: LiveSocket, socket: WebSocket) -> None:
        self.setup = live.setup
        self._live = live
        self._socket = socket
        self._began_s = self.setup.clock()
        self._outbox = Outbox(socket.send_text, self.setup.clock)
        self._pictures = PictureTracker(live.trackers, self._tracked, self.setup.clock)
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

    async def run(self) -> None:
        """Serve until the page goes, is sent away, or no longer takes anything."""
        self._outbox.put(messages.Hello(__version__, self.setup.demo))
        if self.setup.demo:
            body = self.setup.new_demo_body(self.setup.routine)
            looking = play_demo(body, lambda: self._runner, self._outbox, self.now_s)
        else:
            looking = self._pictures.run()
        tasks = [asyncio.create_task(it) for it in (self._tick(), looking, self._read(), self._outbox.run())]
        try:
            # A task that ends while the page is there has failed: a page without ticks or looks is better closed.
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            broken = any(task.done() for task in tasks[:2])
        finally:
            if self._live.leader is self:
                self._live.leader = None
            for task in tasks:
                task.cancel()
            for ended in await asyncio.gather(*tasks, return_exceptions=True):
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
                if (data := message.get("bytes")) is not None:
                    self._take_picture(data)
                else:
                    await self._take_text(message["text"])
            except InputError as error:
                self._refuse(str(error))
            if not self._may_stay:
                await self._socket.send_text(messages.to_page(Refused(self.setup.words["server.sent-away"])))
                await self._socket.close(CLOSED_FOR_MISUSE)
                return

    def _refuse(self, why: str) -> None:
        self._outbox.put(Refused(self.setup.words("server.refused", why=why.rstrip("."))))
        self._may_stay = self._fault_budget.spend(self.now_s())

    async def _take_text(self, text: str) -> None:
        now_s = self.now_s()
        if not self._text_budget.spend(now_s):
            raise MessageError(self.setup.words["server.too-fast"])
        match messages.read_text(text):
            case Start() as start:
                await self._start(start)
            case choice if isinstance(choice, messages.Choice):
                await self.setup.journal.use(lambda journal: keep_choice(self.setup, journal, choice))
                self._outbox.put(messages.Chosen())
            case messages.GetUpRequest() as request:
                await self._ask_getup(request)
            case message if self._runner is not None:
                self._runner.take(now_s, message)
            case messages.Trouble():
                pass  # without a session there is nobody to tell
            case _:
                raise MessageError(self.setup.words["server.nothing-begun"])

    async def _ask_getup(self, message: messages.GetUpRequest) -> None:
        if self.setup.getup is None:
            raise MessageError(self.setup.words["server.nothing-begun"])
        request = {"do": message.do} | ({"seconds": message.minutes * 60} if message.do == "pause" else {})
        try:
            await self.setup.getup.ask(request)
        except GetUpError as error:
            self._outbox.put(Refused(str(error)))
        self._outbox.put(messages.SittingChanged())

    async def _start(self, message: Start) -> None:
        if message.movement is not None:
            self.setup.exercise(message.movement)
        async with self._live.changing_leader:
            leader = self._live.leader
            if leader is not None and leader is not self and leader.leads:
                if not message.take_over:
                    self._outbox.put(messages.LedElsewhere())
                    return
                leader._outbox.put(messages.TakenOver())
                await leader._stop()
            self._live.leader = self
            await self._stop()
            await self._begin(camera=message.camera, movement=message.movement)

    async def _begin(self, *, camera: bool, movement: str | None) -> None:
        self._picture_clock.begin_anew()
        self._outbox.begin_anew()
        setup = self.setup
        # In a demo the synthetic body can always be seen.
        camera = camera or setup.demo
        past = (await setup.journal.state(setup.routine)).past
        try:
            session = setup.new_session(setup, camera=camera, past=past, movement=movement)
        except Exception:
            _log.exception("a session could not be begun")
            self._outbox.put(Refused(setup.words["server.went-wrong"]))
            return
        self._runner = SessionRunner(setup, session, self._outbox, camera=camera)
        self._runner.start(self.now_s())

    async def _stop(self) -> None:
        """End the session here, if any; what was done is kept."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.stop()

    def _take_picture(self, data: bytes) -> None:
        """Take a picture. Each is answered, even a refused one: the page sends its next picture only then."""
        t_ms, now_s = None, self.now_s()
        try:
            if self.setup.demo:
                raise MessageError(self.setup.words["server.no-pictures"])
            if not self._picture_budget.spend(now_s):
                raise MessageError(self.setup.words["server.too-fast"])
            picture = messages.read_picture(data)
            t_ms = picture.t_ms
            taken_s = self._picture_clock.time_of(t_ms, now_s)
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
