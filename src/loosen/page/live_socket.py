"""The live socket: one connection of a page, with a session of its own.

Everything that touches the session happens on the event loop, one call at a time; pictures are looked at on a
thread (`watcher`), the journal is written on another (`keeper`). Nothing that a page sends can end more than
its own connection.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from loosen import __version__
from loosen.errors import GetUpError, MessageError
from loosen.page.choices import choose
from loosen.page.demo_feed import play
from loosen.page.messages import (
    Answer,
    AnswerStep,
    Chosen,
    Command,
    Hello,
    LedElsewhere,
    Points,
    Refused,
    SayPlan,
    SetDose,
    Sitting,
    SittingChanged,
    Start,
    TakenOver,
    Trouble,
    read_picture,
    read_text,
    to_page,
)
from loosen.page.outbox import Outbox
from loosen.page.parts import Parts
from loosen.page.picture_tracker import Seen, Trackers, Watcher
from loosen.page.rate_limit import Budget, PictureClock
from loosen.page.session_runner import Running

_log = logging.getLogger("loosen.page")

TICK_S = 0.1
CLOSED_FOR_MISUSE = 1008
WENT_WRONG = 1011
TRY_LATER = 1013
PAGES_AT_ONCE = 8
CLOSING_AT_MOST_S = 1.0


class Live:
    """All that is shared between connections; `serve` is the socket's end point."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.trackers = Trackers(parts)
        self.lead = Lead()
        self._open = 0

    @property
    def pages(self) -> int:
        """How many pages are connected now."""
        return self._open

    async def serve(self, socket: WebSocket) -> None:
        """Serve one page from its connecting to its going."""
        await socket.accept()
        if self._open >= PAGES_AT_ONCE:
            with suppress(WebSocketDisconnect, RuntimeError):
                await socket.send_text(to_page(Refused(self.parts.words["server.too-many-pages"])))
                await socket.close(TRY_LATER)
            return
        self._open += 1
        if not self.parts.demo:
            # The page has loaded all that it shows first: now the tracker no longer competes with it.
            self.trackers.warm_up()
        try:
            await Connection(self.parts, self.trackers, self.lead, socket).run()
        finally:
            self._open -= 1


class Lead:
    """Which page leads a session: one at a time, for there is one person, one camera and one journal."""

    def __init__(self) -> None:
        self._page: Connection | None = None
        # Of pages that begin at the same moment one comes after the other.
        self.changing = asyncio.Lock()

    def elsewhere(self, page: Connection) -> Connection | None:
        """Return the page that leads a session now, if that is another one."""
        other = self._page
        return other if other is not None and other is not page and other.leads else None

    def take(self, page: Connection) -> None:
        """Make this page the one that leads."""
        self._page = page

    def leave(self, page: Connection) -> None:
        """Forget a page that goes."""
        if self._page is page:
            self._page = None


class Connection:
    """One page. `run` lasts as long as it is connected."""

    def __init__(self, parts: Parts, trackers: Trackers, lead: Lead, socket: WebSocket) -> None:
        self.parts = parts
        self._lead = lead
        self._socket = socket
        self._began_s = parts.clock()
        self._outbox = Outbox(socket.send_text, parts.clock)
        self._watcher = Watcher(trackers, self._seen, parts.clock)
        self._picture_clock = PictureClock()
        self._running: Running | None = None
        # Honest pages send a few texts a second at most, and a picture for each answer.
        self._texts = Budget(at_once=60, per_s=30)
        self._pictures = Budget(at_once=120, per_s=120)
        self._faults = Budget(at_once=40, per_s=0.5)
        self._may_stay = True

    def now_s(self) -> float:
        """Return the time on this connection's clock, which sessions and pictures share."""
        return self.parts.clock() - self._began_s

    @property
    def leads(self) -> bool:
        """Whether a session is under way here."""
        return self._running is not None and self._running.leads

    async def give_up(self) -> None:
        """End the session here, because another page takes over; what was done is kept."""
        self._outbox.put(TakenOver())
        await self._stop()

    async def run(self) -> None:
        """Serve until the page goes, is sent away, or takes nothing any more."""
        self._outbox.put(Hello(__version__, self.parts.demo))
        reading = asyncio.create_task(self._read())
        sending = asyncio.create_task(self._outbox.run())
        others = [asyncio.create_task(self._tick())]
        if self.parts.new_looks is None:
            others.append(asyncio.create_task(self._watcher.run()))
        else:
            body = self.parts.new_looks()
            others.append(asyncio.create_task(play(body, lambda: self._running, self._outbox, self.now_s)))
        try:
            # None of them ends by itself but with the page: a page without ticks or looks is better closed.
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
            await self._watcher.close()
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
                await self._socket.send_text(to_page(Refused(self.parts.words["server.sent-away"])))
                await self._socket.close(CLOSED_FOR_MISUSE)
                return

    def _refuse(self, why: str) -> None:
        self._outbox.put(Refused(self.parts.words("server.refused", why=why.rstrip("."))))
        self._may_stay = self._faults.spend(self.now_s())

    async def _take(self, text: str | None, data: bytes | None) -> None:
        now_s = self.now_s()
        if data is not None:
            self._take_picture(data, now_s)
        elif text is not None:
            if not self._texts.spend(now_s):
                raise MessageError(self.parts.words["server.too-fast"])
            await self._take_text(text, now_s)

    async def _take_text(self, text: str, now_s: float) -> None:
        message = read_text(text)
        if isinstance(message, Start):
            await self._start(message)
        elif isinstance(message, SetDose | AnswerStep | SayPlan):
            await choose(self.parts, message)
            self._outbox.put(Chosen())
        elif isinstance(message, Sitting):
            await self._ask_of_sitting(message)
        elif self._running is not None:
            match message:
                case Command():
                    self._running.command(now_s, message)
                case Answer():
                    self._running.answer(now_s, message)
                case Trouble():
                    self._running.trouble(now_s, message)
        elif not isinstance(message, Trouble):
            raise MessageError(self.parts.words["server.nothing-begun"])

    async def _ask_of_sitting(self, message: Sitting) -> None:
        if self.parts.sitting is None:
            raise MessageError(self.parts.words["server.nothing-begun"])
        request = {"do": message.do} | ({"seconds": message.minutes * 60} if message.do == "pause" else {})
        try:
            await self.parts.sitting.ask(request)
        except GetUpError as error:
            self._outbox.put(Refused(str(error)))
        self._outbox.put(SittingChanged())

    async def _start(self, message: Start) -> None:
        known = {None, *(one.id for one in self.parts.routine.exercises)}
        if message.movement not in known:
            raise MessageError(self.parts.words["server.no-exercise"])
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
        parts = self.parts
        # In a demo the synthetic body is always there to be seen.
        camera = camera or parts.demo
        past = await parts.keeper.past(parts.routine, parts.words)
        try:
            session = parts.new_session(camera, past, movement)
        except Exception:
            _log.exception("a session could not be begun")
            self._outbox.put(Refused(parts.words["server.went-wrong"]))
            return
        self._running = Running(
            session,
            camera=camera,
            notes=parts.keeper.begin(parts.routine.id, camera=camera),
            outbox=self._outbox,
            went_wrong=parts.words["server.went-wrong"],
            care_was_read=parts.keeper.care_was_read,
            moved=parts.sitting.moved if parts.sitting is not None else None,
            pictures_come=not parts.demo,
        )
        self._running.start(self.now_s())

    async def _stop(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            await running.stop()

    def _take_picture(self, data: bytes, now_s: float) -> None:
        """Every picture is answered, also one that is refused: the page waits for that with the next."""
        t_ms: float | None = None
        try:
            if self.parts.demo:
                raise MessageError(self.parts.words["server.no-pictures"])
            if not self._pictures.spend(now_s):
                raise MessageError(self.parts.words["server.too-fast"])
            picture = read_picture(data)
            t_ms = picture.t_ms
            taken_s = self._picture_clock.time_of(picture.t_ms, now_s)
        except MessageError:
            self._outbox.points(Points(t_ms, None))
            raise
        if self._running is not None:
            self._running.picture_came(now_s)
        replaced = self._watcher.offer(picture, taken_s)
        if replaced is not None:
            self._outbox.points(Points(replaced.t_ms, None))

    def _seen(self, seen: Seen) -> None:
        if seen.look is not None and self._running is not None:
            self._running.see(self.now_s(), seen.look)
        self._outbox.points(Points(seen.picture.t_ms, seen.points))
        if seen.bad:
            self._refuse(seen.why)
        elif seen.why:
            self._outbox.put(Refused(seen.why))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            if self._running is not None:
                self._running.tick(self.now_s())
