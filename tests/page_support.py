"""A real server on a free port, with a session and a tracker that a test can play with."""

from __future__ import annotations

import json
import os
import re
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cv2
import httpx
import numpy as np
import uvicorn
from journal_makers import rep_done
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from loosen.body.pose import Look, Pose
from loosen.camera.blazepose.tracker import Tracker
from loosen.coach.guidance.past import Past, Templates
from loosen.coach.guidance.session import Session
from loosen.coach.guidance.stage import Ended, Event, Stage
from loosen.journal.store.journal import Journal
from loosen.journal.store.records import SessionRow
from loosen.page.guard import Keys
from loosen.page.journal_thread import JournalThread
from loosen.page.server import listen, make_app, make_server
from loosen.page.setup import PageSetup
from loosen.routine.reader import builtin
from loosen.routine.words import load_words

if TYPE_CHECKING:
    from loosen.camera.blazepose.region import RgbImage

PATIENCE_S = 10.0
"""How long a test waits for something that must come before it gives up; never how long it usually takes."""

REP = rep_done(start_s=1.0, peak_s=2.0, end_s=3.0, side="both")


def wait_until(holds: Callable[[], bool], what: str = "what was awaited") -> None:
    """Wait for something that another thread brings about."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.005)


class HandClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s

    def go(self, seconds: float) -> None:
        self.now_s += seconds


class ScriptedSession(Session):
    """Writes down what it is told; `stage_now` and `coming` are what it shows and says next."""

    def __init__(self, camera: bool = True, past: Past | None = None) -> None:
        self.camera = camera
        self.past = past
        self.told: list[tuple[Any, ...]] = []
        self.looks: list[Look] = []
        self.ticks = 0
        self.coming: list[Event] = []
        self.stage_now = Stage("set", camera=camera, pictures=camera)
        self.fails_on: set[str] = set()
        self.learnt: Templates = {}

    def _note(self, name: str, *rest: Any) -> None:
        self.told.append((name, *rest))
        self._fail_in(name)

    def _fail_in(self, name: str) -> None:
        if name in self.fails_on:
            raise RuntimeError(f"a fault in {name}, made for a test")

    def start(self, t_s: float) -> None:
        self._note("start", t_s)

    def command(self, t_s: float, name: str) -> None:
        self._note("command", name)
        if name == "finish":
            self.coming.append(Ended("stopped"))
        if name == "continue":
            count = self.stage_now.count + 1
            self.stage_now = Stage("set", count=count, of=99, camera=self.camera, pictures=self.camera)

    def answer(self, t_s: float, question: str, value: int | str | None) -> None:
        self._note("answer", question, value)

    def trouble(self, t_s: float, what: str) -> None:
        self._note("trouble", what)

    def see(self, look: Look) -> None:
        self.looks.append(look)
        self._fail_in("see")

    def tick(self, t_s: float) -> None:
        self.ticks += 1
        self._fail_in("tick")

    def events(self) -> list[Event]:
        out, self.coming = self.coming, []
        return out

    @property
    def templates(self) -> Templates:
        return self.learnt

    def stage(self) -> Stage:
        return self.stage_now

    def troubles(self) -> list[str]:
        return [told[1] for told in self.told if told[0] == "trouble"]


def standing(t_s: float, size: tuple[int, int] = (64, 48)) -> Pose:
    """Somebody who stands in the middle of the picture."""
    landmarks = np.full((33, 4), 0.5, np.float32)
    landmarks[:, 1] = np.linspace(0.1, 0.9, 33)
    landmarks[:, 3] = 0.9
    return Pose(t_s, landmarks, np.zeros((33, 3), np.float32), size)


class FakeTracker(Tracker):
    """Sees somebody standing in every picture; can be held up, or made to fail."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.go.set()
        self.fails = 0
        self.seen = 0
        self.busy = 0
        self.busiest = 0

    def look(self, rgb: RgbImage, t_s: float) -> Look:
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            assert self.go.wait(PATIENCE_S)
            if self.fails:
                self.fails -= 1
                raise RuntimeError("the tracker failed, as the test wanted")
            self.seen += 1
            return Look(standing(t_s, (rgb.shape[1], rgb.shape[0])))
        finally:
            self.busy -= 1

    def reset(self) -> None:
        pass


class PageServer:
    """Everything that a test's server is made of, to look into afterwards."""

    def __init__(self, journal: Callable[[], Journal] = Journal.in_memory) -> None:
        self.sessions: list[ScriptedSession] = []
        self.movements: list[str | None] = []
        self.fails_at_first: set[str] = set()
        self.trackers: list[FakeTracker] = []
        self.opened: list[Journal] = []
        self.keys = Keys()
        self.port = 0
        self.server: uvicorn.Server

        def open_journal() -> Journal:
            self.opened.append(journal())
            return self.opened[-1]

        self.setup = PageSetup(
            routine=builtin(),
            words=load_words("en"),
            new_session=self._new_session,
            new_tracker=self._new_tracker,
            journal=JournalThread(open_journal),
        )

    def changed(self, **changes: Any) -> PageServer:
        self.setup = replace(self.setup, **changes)
        return self

    def _new_session(self, setup: PageSetup, *, camera: bool, past: Past, movement: str | None) -> ScriptedSession:
        if "being made" in self.fails_at_first:
            raise RuntimeError("no coach today")
        self.movements.append(movement)
        self.sessions.append(ScriptedSession(camera, past))
        self.session.fails_on = set(self.fails_at_first)
        return self.sessions[-1]

    def _new_tracker(self) -> FakeTracker:
        self.trackers.append(FakeTracker())
        return self.trackers[-1]

    @property
    def session(self) -> ScriptedSession:
        return self.sessions[-1]

    def told(self) -> list[tuple[Any, ...]]:
        """What all sessions were told, in order."""
        return [told for session in self.sessions for told in session.told]

    def pictures(self) -> int:
        """How many pictures were tracked."""
        return sum(tracker.seen for tracker in self.trackers)

    @property
    def journal(self) -> Journal:
        return self.opened[0]

    def row(self) -> SessionRow | None:
        """The newest session in the journal, which is written behind the session's back."""
        rows = self.opened[0].sessions(1) if self.opened else ()
        return rows[0] if rows else None

    def attempts(self) -> int:
        row = self.row()
        return row.attempts if row else 0

    def does_one(self) -> None:
        """Have a repetition end in the newest session, which begins it in the journal, and wait for that."""
        before = len(self.journal.sessions()) if self.opened else 0
        self.session.coming = [REP]
        wait_until(lambda: self.attempts() >= 1 and len(self.journal.sessions()) > before, "the repetition")

    def is_over(self) -> bool:
        row = self.row()
        return row is not None and row.ended is not None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def cookie(self) -> str:
        return f"loosen-{self.port}={self.keys.lasting}"

    def get(self, path: str, *, cookie: bool = True, headers: dict[str, str] | None = None) -> httpx.Response:
        given = ({"cookie": self.cookie} if cookie else {}) | (headers or {})
        # Drawing takes its time on a busy machine.
        return httpx.get(self.origin + path, headers=given, trust_env=False, timeout=6 * PATIENCE_S)

    @contextmanager
    def page(self, **headers: str | None) -> Iterator[Page]:
        """A connection as our own page makes it, unless `headers` say otherwise (None leaves one out)."""
        given: dict[str, str | None] = {"origin": self.origin, "cookie": self.cookie, **headers}
        with connect(
            f"ws://127.0.0.1:{self.port}/live",
            additional_headers={name: value for name, value in given.items() if value is not None},
            proxy=None,
            max_size=2**24,
        ) as socket:
            yield Page(socket)


@contextmanager
def serve_page(served: PageServer | None = None, **changes: Any) -> Iterator[PageServer]:
    """Serve on a free port, on a thread, until the end of the block; `changes` are made to the setup."""
    served = (served or PageServer()).changed(**changes)
    bound = listen(0)
    served.port = bound.getsockname()[1]
    served.server = make_server(make_app(served.setup, keys=served.keys, port=served.port))
    thread = threading.Thread(target=served.server.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        wait_until(lambda: served.server.started, "the start of the server")
        yield served
    finally:
        served.server.should_exit = True
        for tracker in served.trackers:
            tracker.go.set()
        thread.join(PATIENCE_S * 2)
        assert not thread.is_alive(), "the server did not stop"


class Page:
    """The page's side of the live socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.got: list[dict[str, Any]] = []

    def send(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def picture(self, t_ms: float, jpeg: bytes | None = None) -> None:
        self.socket.send(struct.pack("<d", t_ms) + (a_jpeg() if jpeg is None else jpeg))

    def wait(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Read on until a message of this type with these fields comes."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                message = json.loads(self.socket.recv(timeout=max(0.01, end - time.monotonic())))
            except TimeoutError:
                break
            self.got.append(message)
            if message["type"] == kind and all(message.get(key) == value for key, value in fields.items()):
                return message  # type: ignore[no-any-return]
        raise AssertionError(f"no {kind} {fields} came, but {self.got[-5:]}")

    def wait_any(self) -> dict[str, Any]:
        """Read the next message, whatever it is."""
        self.got.append(json.loads(self.socket.recv(timeout=PATIENCE_S)))
        return self.got[-1]

    def closed_with(self) -> int | None:
        """Read on until the server closes, and return its code."""
        try:
            while True:
                self.got.append(json.loads(self.socket.recv(timeout=PATIENCE_S)))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None

    def begin(self, *, camera: bool = True) -> None:
        self.send(type="start", camera=camera)
        self.wait("stage")


def a_jpeg(width: int = 64, height: int = 48) -> bytes:
    """A small grey picture."""
    ok, data = cv2.imencode(".jpg", np.full((height, width, 3), 127, np.uint8))
    assert ok
    return data.tobytes()


class Started:
    """A `loosen` of its own, whose address is known."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stderr is not None
        self.said = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/\?key=(\S+)", self.said)
        assert found, self.said
        self.address, self.port = found[0], int(found[1])

    def end(self) -> str:
        """End it as Ctrl-C does, and return what else it said."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=2 * PATIENCE_S)[1]


@contextmanager
def started(*arguments: str, browser: str = "", within: Sequence[str] = ()) -> Iterator[Started]:
    """Run `loosen` until the end of the block, by the command `within` if one is given."""
    command = [*within, sys.executable, "-m", "loosen", *arguments, *([] if browser else ["--no-browser"])]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | {"BROWSER": browser}) as process:
        try:
            yield Started(process)
        finally:
            if process.poll() is None:
                process.kill()
