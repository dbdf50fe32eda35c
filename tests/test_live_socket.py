"""A page that talks to the coach over the live socket, and what happens when it does not behave."""

from __future__ import annotations

import asyncio
import json
import math
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from page_support import FakeSession, FakeTracker, House, Page, a_jpeg, open_house, standing, wait_until
from websockets.exceptions import ConnectionClosed

from loosen import __version__
from loosen.body.pose import Look, Pose
from loosen.coach.report import Rep
from loosen.coach.stage import Ended, Happened, Question, RepDone, Say, Stage
from loosen.errors import MessageError, MissingPart
from loosen.journal.store import Journal
from loosen.page.live import PAGES_AT_ONCE
from loosen.page.messages import Points, Refused
from loosen.page.outbox import Outbox
from loosen.page.pace import Budget, PictureClock
from loosen.page.running import SLOW_LOOKS
from loosen.page.smooth import OneEuro, drawn

if TYPE_CHECKING:
    from loosen.page.parts import Rgb


@pytest.fixture
def house() -> Iterator[House]:
    with open_house() as served:
        yield served


@pytest.fixture
def page(house: House) -> Iterator[Page]:
    with house.page() as connected:
        yield connected


@pytest.fixture
def hurried() -> Iterator[House]:
    """A house whose clock goes ten times as fast, to wait for silence."""
    with open_house(House().changed(clock=lambda: 10 * time.monotonic())) as served:
        yield served


REP = RepDone("back-arches", 1, "both", Rep(1.0, 2.0, 3.0, "both", "full", counted=True))


# -- what a page and the coach say to each other


def test_the_first_message_names_the_version(page: Page) -> None:
    assert page.wait("hello") == {"type": "hello", "version": __version__, "demo": False}


def test_a_start_begins_a_session_and_shows_its_stage(house: House, page: Page) -> None:
    page.send(type="start", camera=True)
    stage = page.wait("stage")
    assert stage["screen"] == "set"
    assert house.session.camera is True
    assert house.session.told[0][0] == "start"


def test_commands_answers_and_troubles_reach_the_session(house: House, page: Page) -> None:
    page.begin()
    page.send(type="command", name="pause")
    page.send(type="answer", question="sore-before", value=4)
    page.send(type="answer", question="stiff-before", value=None)
    page.send(type="trouble", what="camera-refused")
    wait_until(lambda: len(house.session.told) == 5)
    assert house.session.told[1:] == [
        ("command", "pause"),
        ("answer", "sore-before", 4),
        ("answer", "stiff-before", None),
        ("trouble", "camera-refused"),
    ]


def test_time_passes_without_any_picture(house: House, page: Page) -> None:
    page.begin(camera=False)
    wait_until(lambda: house.session.ticks >= 3)


def test_what_the_coach_says_is_passed_on_and_a_changed_stage_is_shown(house: House, page: Page) -> None:
    page.begin()
    house.session.coming = [Say("Good. Two.", "count")]
    assert page.wait("say") == {"type": "say", "text": "Good. Two.", "tone": "count"}
    house.session.stage_now = Stage("ask", question=Question("sore", "How sore?", "not", "very"))
    assert page.wait("stage", screen="ask")["question"]["id"] == "sore"


def test_an_unchanged_stage_is_not_sent_again(house: House, page: Page) -> None:
    page.begin()
    wait_until(lambda: house.session.ticks >= 5)
    house.session.coming = [Say("now", "soft")]
    page.wait("say")
    assert [message["type"] for message in page.got].count("stage") == 1


def test_a_stage_that_always_changes_is_sent_at_most_20_times_a_second(house: House, page: Page) -> None:
    page.begin()
    began = time.monotonic()
    for _ in range(25):
        page.send(type="command", name="continue")
    page.wait("stage", count=25)
    passed = time.monotonic() - began
    shown = [m["count"] for m in page.got if m["type"] == "stage"]
    assert shown == sorted(shown)
    assert len(shown) <= 3 + 20 * passed


def test_each_picture_is_answered_with_its_time_and_33_points(house: House, page: Page) -> None:
    page.begin()
    for t_ms in (1000.0, 1002.25, 1004.75):
        page.picture(t_ms)
        answer = page.wait("points")
        assert answer["t_ms"] == t_ms
        assert len(answer["points"]) == 33
        assert answer["points"][0] == [0.5, 0.1, 0.9]
    times = [look.pose.t_s for look in house.session.looks]
    assert np.diff(times) == pytest.approx([0.00225, 0.0025])


def test_pictures_before_a_session_are_answered_too(house: House, page: Page) -> None:
    page.picture(5.0)
    assert page.wait("points")["points"] is not None
    assert not house.sessions


def test_with_a_new_session_the_times_of_pictures_may_begin_anew(house: House, page: Page) -> None:
    page.begin()
    page.picture(1e9)
    page.wait("points")
    page.begin()
    page.picture(5.0)
    assert page.wait("points", t_ms=5.0)["points"]
    assert len(house.session.looks) == 1


def test_looks_are_on_the_same_clock_as_the_session(house: House, page: Page) -> None:
    page.begin()
    page.picture(123456.0)
    page.wait("points")
    page.send(type="command", name="finish")
    started = house.session.told[0][1]
    assert 0 <= house.session.looks[0].pose.t_s - started < 30


def test_without_a_person_there_are_no_points() -> None:
    class Nobody(FakeTracker):
        def look(self, rgb: Rgb, t_s: float) -> Look:
            return Look(Pose.lost(t_s, (64, 48)))

    with open_house(House().changed(new_tracker=Nobody)) as house, house.page() as page:
        page.begin()
        page.picture(1.0)
        assert page.wait("points")["points"] is None
        assert len(house.session.looks) == 1


def test_of_pictures_that_come_too_fast_only_the_newest_is_looked_at(house: House, page: Page) -> None:
    page.begin()
    page.picture(0.0)
    page.wait("points")
    tracker = house.trackers[0]
    tracker.go.clear()
    page.picture(100.0)
    wait_until(lambda: tracker.busy == 1)
    for n in range(2, 6):
        page.picture(100.0 * n)
    for replaced in (200.0, 300.0, 400.0):
        assert page.wait("points", t_ms=replaced)["points"] is None
    tracker.go.set()
    assert page.wait("points", t_ms=100.0)["points"]
    assert page.wait("points", t_ms=500.0)["points"]
    assert tracker.seen == 3
    assert tracker.busiest == 1


def test_two_pages_have_sessions_and_trackers_of_their_own(house: House) -> None:
    with house.page() as one, house.page() as two:
        one.begin()
        two.begin()
        for page in (one, two):
            page.picture(1.0)
            page.wait("points")
        one.send(type="command", name="pause")
        wait_until(lambda: ("command", "pause") in house.sessions[0].told)
        assert ("command", "pause") not in house.sessions[1].told
        assert len({id(tracker) for tracker in house.trackers if tracker.seen}) == 2


def test_more_pages_than_anybody_needs_are_turned_away(house: House) -> None:
    with ExitStack() as stack:
        for _ in range(PAGES_AT_ONCE):
            stack.enter_context(house.page()).wait("hello")
        with house.page() as late:
            assert late.closed_with() == 1013
            assert late.got[0]["type"] == "refused"
    with house.page() as after:
        after.wait("hello")


# -- the journal


def test_a_repetition_is_in_the_journal_before_the_session_ends(house: House, page: Page) -> None:
    page.begin()
    house.session.coming = [REP, Happened(3.0, "answer", detail="sore-before", value=4)]
    wait_until(lambda: house.attempts() == 1)
    detail = house.journal.session(house.journal.sessions()[0].id)
    assert detail.reps[0].rep == REP.rep
    wait_until(lambda: bool(house.journal.session(detail.session.id).answers))
    assert detail.session.ended is None


def test_a_session_that_ends_is_kept_as_finished(house: House, page: Page) -> None:
    page.begin()
    house.session.coming = [Ended("finished")]
    assert page.wait("ended") == {"type": "ended", "how": "finished"}
    page.socket.close()
    wait_until(house.is_over)
    assert house.journal.sessions()[0].how == "finished"


def test_a_page_that_goes_in_mid_session_leaves_it_stopped_and_kept(house: House) -> None:
    with house.page() as page:
        page.begin()
        house.session.coming = [REP]
        wait_until(lambda: house.attempts() == 1)
    wait_until(house.is_over)
    assert house.journal.sessions()[0].how == "stopped"


def test_a_page_that_is_cut_off_leaves_its_session_stopped(house: House) -> None:
    with house.page() as page:
        page.begin()
        page.socket.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        page.socket.socket.close()
        wait_until(house.is_over)


def test_a_second_start_stops_the_first_session(house: House, page: Page) -> None:
    page.begin()
    page.send(type="start", camera=False)
    wait_until(lambda: len(house.journal.sessions()) == 2)
    rows = house.journal.sessions()
    assert [(row.camera, row.ended is not None) for row in rows] == [(False, False), (True, True)]


def test_the_end_of_the_server_ends_the_session_and_closes_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with open_house(House(lambda: Journal.open(path))) as house, house.page() as page:
        page.begin()
        house.session.coming = [REP]
        wait_until(lambda: house.attempts() == 1)
        served = True
    assert served
    assert not path.with_name("journal.db-wal").exists()
    with Journal.open(path) as journal:
        (row,) = journal.sessions()
    assert (row.how, row.attempts, row.ended is not None) == ("stopped", 1, True)


def test_a_journal_that_cannot_be_written_is_said_and_the_session_goes_on(
    house: House, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.begin()
    house.journal.kept = False

    def refuse(*_: object) -> None:
        raise OSError("the disk has caught fire")

    monkeypatch.setattr(house.journal, "add_rep", refuse)
    house.session.coming = [REP]
    assert page.wait("stage", kept=False)["screen"] == "set"
    page.send(type="command", name="continue")
    page.wait("stage", count=1)


def test_a_full_disk_is_said_and_so_is_that_there_is_room_again(house: House, page: Page) -> None:
    page.begin()
    wait_until(lambda: house.row() is not None)
    db = house.journal._db
    db.execute("PRAGMA query_only = ON")
    house.session.coming = [REP]
    page.wait("stage", kept=False)
    db.execute("PRAGMA query_only = OFF")
    house.session.coming = [REP]
    page.wait("stage", kept=True)
    assert house.attempts() == 2


def test_a_journal_that_cannot_even_be_opened_does_not_stop_a_session() -> None:
    def broken() -> Journal:
        raise OSError("no journal today")

    with open_house(House(broken)) as house, house.page() as page:
        page.begin()
        house.session.coming = [REP]
        page.wait("stage", kept=False)


def test_the_safety_note_is_remembered_once_it_is_read(
    house: House, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.begin()
    house.session.stage_now = Stage("care")
    page.wait("stage", screen="care")

    def read(t_s: float, name: str) -> None:
        house.session.stage_now = Stage("ask")

    monkeypatch.setattr(house.session, "command", read)
    page.send(type="command", name="read")
    wait_until(lambda: house.journal.get_setting("care_read") is True)
    page.send(type="start", camera=False)
    wait_until(lambda: len(house.sessions) == 2)
    assert house.session.past is not None
    assert house.session.past.care_read


# -- trouble with the camera


def test_a_camera_that_falls_silent_is_noticed_once_and_its_return_too(hurried: House) -> None:
    with hurried.page() as page:
        page.begin()
        page.picture(0.0)
        page.wait("points")
        wait_until(lambda: bool(hurried.session.troubles()))
        ticks = hurried.session.ticks
        wait_until(lambda: hurried.session.ticks >= ticks + 4)
        assert hurried.session.troubles() == ["camera-lost"]
        page.picture(9000.0)
        page.wait("points")
        page.picture(9300.0)
        page.wait("points")
        assert hurried.session.troubles() == ["camera-lost", "camera-back"]


@pytest.mark.parametrize("quiet", ["paused", "asked", "hidden", "without", "ended", "told"])
def test_silence_is_no_trouble_where_no_picture_is_needed(hurried: House, quiet: str) -> None:
    with hurried.page() as page:
        page.begin(camera=quiet != "without")
        page.picture(0.0)
        page.wait("points")
        if quiet == "paused":
            hurried.session.stage_now = Stage("set", camera=True, paused=True)
        elif quiet == "asked":
            hurried.session.stage_now = Stage("ask")
        elif quiet == "hidden":
            page.send(type="trouble", what="tab-hidden")
        elif quiet == "told":
            page.send(type="trouble", what="camera-missing")
        elif quiet == "ended":
            hurried.session.coming = [Ended("finished")]
        ticks = hurried.session.ticks
        wait_until(lambda: hurried.session.ticks >= ticks + 4)
        assert "camera-lost" not in hurried.session.troubles()
        if quiet == "hidden":
            page.send(type="trouble", what="tab-shown")
            wait_until(lambda: "camera-lost" in hurried.session.troubles())


def test_a_slow_machine_is_said_once(hurried: House) -> None:
    """By a clock that goes ten times as fast, the looks of a quick machine come slowly."""
    with hurried.page() as page:
        page.begin()
        for n in range(2 * SLOW_LOOKS + 5):
            page.picture(300.0 * (n + 1))
            page.wait("points")
            time.sleep(0.02)
        assert hurried.session.troubles() == ["slow"]


def test_a_tracker_that_fails_is_made_anew(house: House, page: Page) -> None:
    page.begin()
    page.picture(0.0)
    page.wait("points")
    house.trackers[0].fails = 1
    page.picture(30.0)
    assert page.wait("points", t_ms=30.0)["points"] is None
    t_ms = 60.0
    while len(house.session.looks) < 2:
        page.picture(t_ms := t_ms + 30)
        page.wait("points", t_ms=t_ms)
        threading.Event().wait(0.05)
    assert len(house.trackers) == 2


def test_a_tracker_that_cannot_be_had_is_said_and_the_camera_is_given_up() -> None:
    def missing() -> FakeTracker:
        raise MissingPart("The pose weights are missing: install loosen again.")

    house = House().changed(new_tracker=missing, clock=lambda: 10 * time.monotonic())
    with open_house(house), house.page() as page:
        page.begin()
        page.picture(0.0)
        assert page.wait("refused")["text"] == "The pose weights are missing: install loosen again."
        wait_until(lambda: house.session.troubles() == ["camera-lost"])


# -- faults in the coach


@pytest.mark.parametrize("fault", ["command", "tick", "see", "start"])
def test_a_fault_in_a_session_is_said_and_the_session_goes_on(house: House, page: Page, fault: str) -> None:
    if fault == "start":
        make = house.parts.new_session

        def faulty(camera: bool, past: object) -> FakeSession:
            session = make(camera, past)  # type: ignore[arg-type]
            assert isinstance(session, FakeSession)
            session.fails_on = {"start"}
            return session

        object.__setattr__(house.parts, "new_session", faulty)
    page.begin()
    house.session.fails_on = {fault}
    if fault == "command":
        page.send(type="command", name="pause")
    elif fault == "see":
        page.picture(0.0)
    page.wait("refused", text=house.parts.words["server.went-wrong"])
    house.session.fails_on = set()
    page.send(type="command", name="continue")
    page.wait("stage", count=1)


def test_a_session_that_cannot_be_made_is_said(house: House, page: Page) -> None:
    def broken(camera: bool, past: object) -> FakeSession:
        raise RuntimeError("no coach today")

    make = house.parts.new_session
    object.__setattr__(house.parts, "new_session", broken)
    page.send(type="start", camera=True)
    page.wait("refused")
    object.__setattr__(house.parts, "new_session", make)
    page.begin()


# -- messages that are not as they should be

BAD_TEXTS = [
    "",
    "{",
    "null",
    "[]",
    '"start"',
    "{}",
    '{"type":"start"}',
    '{"type":"start","camera":1}',
    '{"type":"start","camera":"yes"}',
    '{"type":"start","camera":true,"more":1}',
    '{"type":"command","name":"format-disk"}',
    '{"type":"command","name":null}',
    '{"type":"command","name":["pause"]}',
    '{"type":"answer","question":"sore","value":"4"}',
    '{"type":"answer","question":"sore","value":4.5}',
    '{"type":"answer","question":"sore","value":-1}',
    '{"type":"answer","question":"sore","value":1e400}',
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


def test_texts_that_are_no_messages_are_refused_and_the_connection_survives(house: House, page: Page) -> None:
    page.begin()
    for text in BAD_TEXTS:
        page.socket.send(text)
        assert page.wait("refused")["text"]
    page.send(type="command", name="continue")
    page.wait("stage", count=1)
    assert [told[0] for told in house.session.told] == ["start", "command"]


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


def test_pictures_that_cannot_be_used_are_refused_answered_and_survived(house: House, page: Page) -> None:
    page.begin()
    page.picture(20.0)
    page.wait("points")
    for name, data in BAD_PICTURES.items():
        page.socket.send(data)
        assert page.wait("refused")["text"], name
        answers = [message for message in page.got if message["type"] == "points"]
        assert answers[-1]["points"] is None, name
        page.got.clear()
    page.picture(70.0)
    assert page.wait("points", t_ms=70.0)["points"]
    assert len(house.session.looks) == 2


def test_a_truncated_jpeg_never_ends_the_connection(page: Page) -> None:
    whole = a_jpeg(320, 240)
    page.begin()
    for n, length in enumerate(range(3, len(whole), max(1, len(whole) // 20))):
        page.picture(100.0 * (n + 1), whole[:length])
        page.wait("points", t_ms=100.0 * (n + 1))
    page.picture(1e6)
    assert page.wait("points", t_ms=1e6)["points"]


def test_a_frame_of_50_megabytes_is_refused_by_the_socket_and_the_server_goes_on(house: House) -> None:
    with house.page() as page:
        page.begin()
        with suppress(ConnectionClosed):
            page.socket.send(_timed(1.0, b"\xff\xd8\xff" + bytes(50_000_000)))
        # 1009 is "too big"; None where the connection was cut before that could be read.
        assert page.closed_with() in {1009, None}
    wait_until(house.is_over)
    with house.page() as page:
        page.begin()


def test_text_that_is_not_unicode_ends_only_its_own_connection(house: House) -> None:
    with house.page() as page:
        page.begin()
        page.socket.send(b"\xff\xfe\xfd", text=True)
        assert page.closed_with() == 1007
    with house.page() as page:
        page.begin()


def test_whoever_sends_only_rubbish_is_sent_away(house: House) -> None:
    with house.page() as page:
        page.begin()
        try:
            for _ in range(500):
                page.socket.send("rubbish")
        except ConnectionClosed:
            pass
        assert page.closed_with() == 1008
        assert page.got[-1] == {"type": "refused", "text": house.parts.words["server.sent-away"]}
    with house.page() as page:
        page.begin()


def test_a_flood_of_commands_is_cut_and_other_pages_do_not_notice(house: House) -> None:
    with house.page() as calm, house.page() as flood:
        calm.begin()
        flood.begin()
        try:
            for _ in range(3000):
                flood.send(type="command", name="pause")
        except ConnectionClosed:
            pass
        assert flood.closed_with() == 1008
        assert len(house.sessions[1].told) < 1000
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
            outbox.points(Points(float(n), None))
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
        with open_house(House(lambda: Journal.open(journal))) as house, house.page() as page:
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


# -- pace and drawing


def test_the_clock_of_pictures_keeps_their_distances_and_never_runs_ahead() -> None:
    clock = PictureClock()
    assert clock.time_of(5000.0, 100.0) == 100.0
    assert clock.time_of(5033.0, 100.07) == pytest.approx(100.033)
    assert clock.time_of(5066.0, 100.066) == pytest.approx(100.066)
    # The first picture was late by 0.2 s, as now becomes clear: the clock is set right.
    late = PictureClock()
    late.time_of(0.0, 10.2)
    assert late.time_of(1000.0, 11.0) == 11.0
    assert late.time_of(1033.0, 11.05) == pytest.approx(11.033)


@pytest.mark.parametrize("t_ms", [1000.0, 999.0, 0.0])
def test_a_picture_that_is_not_newer_is_refused(t_ms: float) -> None:
    clock = PictureClock()
    clock.time_of(1000.0, 1.0)
    with pytest.raises(MessageError):
        clock.time_of(t_ms, 1.1)


def test_a_clock_that_slept_is_set_again() -> None:
    clock = PictureClock()
    clock.time_of(0.0, 0.0)
    assert clock.time_of(100.0, 60.0) == 60.0


def test_a_budget_refills_with_time_and_no_further_than_full() -> None:
    budget = Budget(at_once=2, per_s=1)
    assert [budget.spend(0.0) for _ in range(3)] == [True, True, False]
    assert budget.spend(1.0)
    assert not budget.spend(1.5)
    assert [budget.spend(100.0) for _ in range(3)] == [True, True, False]


def test_somebody_who_stands_still_is_drawn_steadily_and_a_fast_hand_is_not_left_behind() -> None:
    rng = np.random.default_rng(1)
    steady = OneEuro()
    raw = 0.5 + rng.normal(0, 0.004, (200, 33, 2))
    out = np.array([steady(n / 30, frame) for n, frame in enumerate(raw)])
    assert out[50:].std(axis=0).mean() < 0.5 * raw[50:].std(axis=0).mean()
    steady.forget()
    moving = np.linspace(0, 1, 30)  # one picture width in a second
    lag = [moving[n] - steady(n / 30, np.full((33, 2), moving[n]))[0, 0] for n in range(30)]
    assert max(lag) < 0.03


def test_a_joint_that_was_away_comes_back_where_it_is() -> None:
    steady = OneEuro()
    steady(0.0, np.full((33, 2), 0.2))
    gone = np.full((33, 2), 0.2)
    gone[5] = np.nan
    assert np.isnan(steady(0.03, gone)[5]).all()
    back = np.full((33, 2), 0.2)
    back[5] = 0.9
    out = steady(0.06, back)
    assert out[5, 0] == 0.9
    assert out[6, 0] == pytest.approx(0.2)


def test_after_a_gap_the_drawing_does_not_slide_in_from_the_old_place() -> None:
    steady = OneEuro()
    steady(0.0, np.full((33, 2), 0.1))
    assert steady(5.0, np.full((33, 2), 0.9))[0, 0] == 0.9


def test_unknown_joints_are_drawn_as_unknown() -> None:
    pose = standing(0.0)
    pose.landmarks[7] = (np.nan, np.nan, np.nan, 0)
    points = drawn(pose, OneEuro())
    assert points is not None
    assert math.isnan(points[7][0] or 0.0)
    assert points[7][2] == 0
    assert drawn(Pose.lost(0.0, (4, 3)), OneEuro()) is None


def test_the_day_of_a_session_is_the_local_one(house: House, page: Page) -> None:
    page.begin()
    wait_until(lambda: bool(house.journal.sessions()))
    assert house.journal.sessions()[0].started.utcoffset() == datetime.now().astimezone().utcoffset()


# -- the demo


class Dancer:
    """Somebody who is seen once the stage shows a set."""

    def looks_at(self, t_s: float, stage: Stage) -> Look | None:
        return Look(standing(t_s)) if stage.screen == "set" else None


def test_in_a_demo_the_looks_come_by_themselves_and_are_drawn() -> None:
    with open_house(House().changed(new_looks=Dancer)) as house, house.page() as page:
        assert page.wait("hello")["demo"] is True
        page.send(type="start", camera=False)
        answer = page.wait("points")
        assert answer["t_ms"] is None
        assert len(answer["points"]) == 33
        wait_until(lambda: len(house.session.looks) >= 5)
        times = [look.pose.t_s for look in house.session.looks]
        assert times == sorted(set(times))
        assert house.session.camera is True
        house.session.stage_now = Stage("ask")
        page.wait("points", points=None)
        assert not house.trackers


def test_in_a_demo_pictures_are_refused() -> None:
    with open_house(House().changed(new_looks=Dancer)) as house, house.page() as page:
        page.picture(1.0)
        page.wait("refused")


def test_a_synthetic_body_that_stumbles_does_not_end_the_demo() -> None:
    class Clumsy(Dancer):
        falls = 1

        def looks_at(self, t_s: float, stage: Stage) -> Look | None:
            if self.falls:
                self.falls -= 1
                raise RuntimeError("stumbled, as the test wanted")
            return super().looks_at(t_s, stage)

    with open_house(House().changed(new_looks=Clumsy)) as house, house.page() as page:
        page.begin()
        page.wait("points")
