"""Messages that are not as they should be, pages that do not read, and that no picture is ever written."""

from __future__ import annotations

import asyncio
import json
import math
import os
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from page_support import Page, PageServer, a_jpeg, serve_page, wait_until
from websockets.exceptions import ConnectionClosed

from loosen.coach.guidance.stage import Stage
from loosen.journal.store.journal import Journal
from loosen.page.live.messages import DrawnLandmarks, Refused
from loosen.page.live.outbox import Outbox

BAD_TEXTS = [
    "",
    "{",
    "null",
    "[]",
    '{"type":"start"}',
    '{"type":"start","camera":1}',
    '{"type":"start","camera":true,"more":1}',
    '{"type":"command","name":"format-disk"}',
    '{"type":"answer","question":"sore","value":"4"}',
    '{"type":"answer","question":"sore","value":4.5}',
    '{"type":"answer","question":"sore","value":-1}',
    '{"type":"answer","question":"sore","value":11}',
    '{"type":"answer","question":"sore","value":NaN}',
    '{"type":"answer","question":"sore","value":true}',
    '{"type":"answer","question":"../../etc/passwd","value":1}',
    '{"type":"answer","question":"' + "a" * 3000 + '","value":1}',
    '{"type":"trouble","what":"everything"}',
    '{"type":"hello","version":"1","demo":true}',
    '{"type":"ended","how":"finished"}',
    '{"type":"command","name":"pause"}{"type":"command","name":"pause"}',
    "[" * 4000,
    " " * 100_000,
    "\x00",
]


def test_texts_that_are_no_messages_are_refused_and_the_connection_survives(served: PageServer, page: Page) -> None:
    page.begin()
    for text in BAD_TEXTS:
        page.socket.send(text)
        assert page.wait("refused")["text"]
    page.send(type="command", name="continue")
    page.wait("stage", count=1)
    assert [told[0] for told in served.session.told] == ["start", "command"]


def _timed(t_ms: float, rest: bytes | None = None) -> bytes:
    return struct.pack("<d", t_ms) + (a_jpeg() if rest is None else rest)


BAD_PICTURES = {
    "empty": b"",
    "no-time": b"\x00" * 7,
    "no-picture": _timed(50.0, b""),
    "nan": _timed(math.nan),
    "inf": _timed(math.inf),
    "minus-inf": _timed(-math.inf),
    "negative": _timed(-1.0),
    "a-year": _timed(3.2e10),
    "denormal-backwards": _timed(5e-324),
    "backwards": _timed(10.0),
    "again": _timed(20.0),
    "not-a-jpeg": _timed(50.0, b"GIF89a" + b"\x00" * 100),
    "png": _timed(51.0, b"\x89PNG\r\n\x1a\n" + b"\x00" * 100),
    "only-a-start": _timed(52.0, b"\xff\xd8\xff"),
    "noise": _timed(53.0, b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40),
    "header-only": _timed(54.0, a_jpeg()[:120]),
    "three-megabytes": _timed(55.0, a_jpeg() + b"\x00" * 3_000_000),
}


def test_pictures_that_cannot_be_used_are_refused_answered_and_survived(served: PageServer, page: Page) -> None:
    page.begin()
    page.picture(20.0)
    page.wait("points")
    for name, data in BAD_PICTURES.items():
        page.socket.send(data)
        assert page.wait("refused")["text"], name
        answers = [message for message in page.got if message["type"] == "points"]
        assert answers[-1]["points"] is None, name
        if name in {"backwards", "again"}:
            # Its own time tells the page which picture the answer is to.
            assert answers[-1]["t_ms"] == struct.unpack("<d", data[:8])[0]
        page.got.clear()
    page.picture(70.0)
    assert page.wait("points", t_ms=70.0)["points"]
    assert len(served.session.looks) == 2


def test_a_frame_of_50_megabytes_is_refused_by_the_socket_and_the_server_goes_on(served: PageServer) -> None:
    with served.page() as page:
        page.begin()
        served.does_one()
        with suppress(ConnectionClosed):
            page.socket.send(_timed(1.0, b"\xff\xd8\xff" + bytes(50_000_000)))
        # 1009 is "too big"; None where the connection was cut before that could be read.
        assert page.closed_with() in {1009, None}
    wait_until(served.is_over)
    with served.page() as page:
        page.begin()


def test_text_that_is_not_unicode_ends_only_its_own_connection(served: PageServer) -> None:
    with served.page() as page:
        page.begin()
        page.socket.send(b"\xff\xfe\xfd", text=True)
        assert page.closed_with() == 1007
    with served.page() as page:
        page.begin()


@pytest.mark.parametrize("text", ["rubbish", '{"type":"command","name":"pause"}'], ids=["rubbish", "commands"])
def test_whoever_sends_only_rubbish_or_a_flood_is_sent_away_and_other_pages_do_not_notice(
    served: PageServer, text: str
) -> None:
    with served.page() as calm, served.page() as flood:
        calm.begin()
        with suppress(ConnectionClosed):
            for _ in range(3000):
                flood.socket.send(text)
        assert flood.closed_with() == 1008
        assert flood.got[-1] == {"type": "refused", "text": served.setup.words["server.sent-away"]}
        assert ("command", "pause") not in served.session.told
        calm.send(type="command", name="continue")
        calm.wait("stage", count=1)


def test_for_a_page_that_reads_nothing_little_is_held() -> None:
    """Of words the last few dozen are held; of stages and points only those that are still news."""

    async def read_at_last() -> list[dict[str, Any]]:
        read: list[dict[str, Any]] = []

        async def send(text: str) -> None:
            read.append(json.loads(text))

        outbox = Outbox(send, lambda: 0.0)
        for n in range(10_000):
            outbox.put(Refused(str(n)))
            outbox.landmarks(DrawnLandmarks(float(n), None))
            outbox.stage(Stage("set", count=n))
        sending = asyncio.create_task(outbox.run())
        while not read or read[-1].get("text") != "9999":
            await asyncio.sleep(0)
        sending.cancel()
        return read

    read = asyncio.run(read_at_last())
    assert [message["count"] for message in read if message["type"] == "stage"] == [9999]
    assert [m["t_ms"] for m in read if m["type"] == "points"][-1] == 9999.0
    assert len(read) <= 100


def test_a_page_that_goes_while_something_is_on_its_way_leaves_nothing_running() -> None:
    async def send(_: str) -> None:
        pass

    async def go() -> bool:
        outbox = Outbox(send, lambda: 0.0)
        sending = asyncio.create_task(outbox.run())
        for n in (1, 2):
            outbox.stage(Stage("set", count=n))
            await asyncio.sleep(0.01)
        outbox.put(Refused("as it goes"))
        await asyncio.sleep(0)
        sending.cancel()
        await asyncio.wait([sending], timeout=1)
        return sending.cancelled()

    assert asyncio.run(go())


# -- no picture on any disk


def test_no_picture_is_ever_written_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the files that are opened for writing during a session, the journal is the only one."""
    work = tmp_path / "work"
    work.mkdir()
    for name in ("HOME", "TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "LOOSEN_HOME"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.chdir(work)
    journal = tmp_path / "LOOSEN_HOME" / "journal.db"
    written: list[str] = []
    watching = True

    def note(event: str, args: tuple[object, ...]) -> None:
        if watching and event == "open" and isinstance(args[0], str | bytes):
            flags = args[2] if isinstance(args[2], int) else 0
            if flags & (os.O_WRONLY | os.O_RDWR):
                written.append(os.fsdecode(args[0]))

    sys.addaudithook(note)
    try:
        with serve_page(PageServer(lambda: Journal.open(journal))) as served, served.page() as page:
            page.begin()
            for n in range(30):
                page.picture(33.0 * (n + 1), a_jpeg(640, 480))
                page.wait("points")
            page.socket.send(_timed(2000.0, a_jpeg()[:200]))
            page.wait("refused")
    finally:
        watching = False
    assert set(written) <= {str(journal)}
    found = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert found <= {"journal.db", "journal.db-wal", "journal.db-shm"}
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"\xff\xd8\xff" not in kept
