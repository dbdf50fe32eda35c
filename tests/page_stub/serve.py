"""A stand-in for the server, to work on the page alone.

`uv run --directory tests python -m page_stub.serve --demo` plays one made-up session;
POST /stub/send puts any message on the line, for looking at one screen.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import struct
import sys
import tomllib
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from . import facts, frames, stages

SOURCE = Path(__file__).parents[2] / "src" / "loosen"
STATIC = SOURCE / "page" / "static"
POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


class Stub:
    """One stub server: its open lines, what the page sent, and whether it plays by itself."""

    def __init__(self, *, demo: bool = False, plays: bool = True) -> None:
        self.demo = demo
        self.plays = plays
        self.lines: set[WebSocket] = set()
        self.heard: list[dict[str, Any]] = []
        self.pictures = 0
        self.sits: dict[str, Any] | None = facts.sitting()
        self.app = Starlette(
            routes=[
                Route("/", self.page),
                Route("/home.json", self.home),
                Route("/words.json", self.words),
                Route("/sitting.json", self.sitting),
                Route("/figure/{name}.json", self.figure),
                Route("/stub/send", self.send, methods=["POST"]),
                Route("/stub/heard", self.said),
                WebSocketRoute("/live", self.live),
                Mount("/static", StaticFiles(directory=STATIC)),
            ]
        )

    async def page(self, request: Request) -> Response:
        return FileResponse(STATIC / "index.html", headers={"Content-Security-Policy": POLICY})

    async def home(self, request: Request) -> Response:
        return JSONResponse(facts.home())

    async def sitting(self, request: Request) -> Response:
        return JSONResponse(self.sits)

    async def words(self, request: Request) -> Response:
        catalogue = tomllib.loads((SOURCE / "routine" / "words" / "en.toml").read_text(encoding="utf-8"))
        return JSONResponse({**catalogue["page"], "calendar": catalogue["calendar"]})

    async def figure(self, request: Request) -> Response:
        return JSONResponse(frames.figure(request.path_params["name"]))

    async def send(self, request: Request) -> Response:
        message = await request.json()
        for line in list(self.lines):
            await line.send_json(message)
        return JSONResponse({"lines": len(self.lines)})

    async def said(self, request: Request) -> Response:
        return JSONResponse({"heard": self.heard, "pictures": self.pictures})

    async def live(self, line: WebSocket) -> None:
        await line.accept()
        self.lines.add(line)
        await line.send_json({"type": "hello", "version": "0", "demo": self.demo})
        go = asyncio.Event()
        playing: asyncio.Task[None] | None = None
        try:
            while True:
                message = await line.receive()
                if message["type"] == "websocket.disconnect":
                    break
                if message.get("bytes"):
                    self.pictures += 1
                    (t_ms,) = struct.unpack("<d", message["bytes"][:8])
                    await line.send_json({"type": "points", "t_ms": t_ms, "points": person(t_ms / 1000)})
                    continue
                told = json.loads(message["text"])
                self.heard.append(told)
                if told["type"] == "start" and self.plays:
                    if playing:
                        playing.cancel()
                    playing = asyncio.create_task(play(line, bool(told["camera"]), go, demo=self.demo))
                elif told.get("name") == "finish":
                    await line.send_json({"type": "ended", "how": "stopped"})
                elif told["type"] in {"answer", "command"}:
                    go.set()
        except WebSocketDisconnect:
            pass
        finally:
            self.lines.discard(line)
            if playing:
                playing.cancel()


def person(t_s: float, exercise: str = "back-arches") -> list[list[float]]:
    """Return 33 [x, y, visibility] of a made-up person in a 4:3 picture, with a little noise."""
    figure = frames.figure(exercise)
    n = len(figure["frames"])
    frame = figure["frames"][int(t_s * 20) % n]
    noise = random.Random(int(t_s * 1000))
    middle = 0.5 if figure["view"] == "front" else 0.45
    return [
        [middle + x * 0.78 * 0.75 + noise.gauss(0, 0.001), 0.93 - y * 0.78 + noise.gauss(0, 0.001), 0.99]
        for x, y in frame
    ]


async def play(line: WebSocket, camera: bool, go: asyncio.Event, *, demo: bool) -> None:
    for wait_s, shown, said in stages.session(camera):
        if said:
            await line.send_json(said)
        if shown:
            await line.send_json(shown)
        if wait_s:
            await asyncio.sleep(wait_s)
            if demo and shown and shown["exercise"]:
                now = asyncio.get_running_loop().time()
                points = person(now, shown["exercise"])
                await line.send_json({"type": "points", "t_ms": None, "points": points})
        else:
            go.clear()
            await go.wait()
    await line.send_json({"type": "ended", "how": "finished"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--quiet", action="store_true", help="play nothing by itself")
    parser.add_argument("--port", type=int, default=8123)
    asked = parser.parse_args()
    stub = Stub(demo=asked.demo, plays=not asked.quiet)
    sys.stdout.write(f"http://127.0.0.1:{asked.port}/\n")
    uvicorn.run(stub.app, host="127.0.0.1", port=asked.port, log_level="warning")


if __name__ == "__main__":
    main()
