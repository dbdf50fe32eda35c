"""What of a session led over the live socket is in the journal, and when."""

from __future__ import annotations

import asyncio
import socket
import struct
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from page_support import REP, Page, PageServer, serve_page, wait_until

from loosen.coach.counting.template import POINTS, Template
from loosen.coach.guidance.past import Templates
from loosen.coach.guidance.stage import Ended, Happened, Stage
from loosen.journal.store.journal import Journal
from loosen.journal.store.setting_keys import is_known
from loosen.page.journal_thread import JournalThread, SessionRecorder


def test_a_repetition_is_in_the_journal_before_the_session_ends(served: PageServer, page: Page) -> None:
    page.begin()
    served.session.coming = [REP, Happened(3.0, "answer", detail="sore-before", value=4)]
    wait_until(lambda: served.attempts() == 1)
    detail = served.journal.session(served.journal.sessions()[0].id)
    assert detail.reps == (REP,)
    wait_until(lambda: bool(served.journal.session(detail.id).answers))
    assert detail.ended is None


@pytest.mark.parametrize(
    ("how", "kept"),
    [
        ("closed", "stopped"),
        ("cut off", "stopped"),
        ("ended", "finished"),
        ("at its summary", "finished"),
        ("at its summary, finished early", "stopped"),
    ],
)
def test_however_a_session_ends_it_is_kept(served: PageServer, how: str, kept: str) -> None:
    with served.page() as page:
        page.begin()
        served.does_one()
        if how == "cut off":
            page.socket.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            page.socket.socket.close()
            wait_until(served.is_over)
        elif how == "ended":
            served.session.coming = [Ended("finished")]
            assert page.wait("ended") == {"type": "ended", "how": "finished"}
        elif how.startswith("at its summary"):
            served.session.coming = [Happened(9.0, "finished-early")] if how.endswith("early") else []
            served.session.stage_now = Stage("summary")
            page.wait("stage", screen="summary")
    wait_until(served.is_over)
    assert served.journal.sessions()[0].how == kept


@pytest.mark.parametrize("answered_first", [True, False])
def test_a_session_whose_camera_never_watched_is_kept_as_one_by_voice(
    served: PageServer, page: Page, answered_first: bool
) -> None:
    page.begin()
    if answered_first:
        served.session.coming = [Happened(1.0, "answer", detail="soreness-before", value=3)]
        wait_until(lambda: served.row() is not None)
    page.send(type="trouble", what="camera-missing")
    wait_until(lambda: served.session.troubles() == ["camera-missing"])
    served.session.coming = [Happened(2.0, "led", "back-arches"), Ended("finished")]
    wait_until(served.is_over)
    assert [row.camera for row in served.journal.sessions()] == [False]


def test_a_camera_that_goes_after_it_has_watched_or_comes_later_has_watched(served: PageServer, page: Page) -> None:
    page.begin()
    for n, troubles in enumerate((("camera-lost",), ("camera-missing", "camera-back")), 1):
        if n == 2:
            page.send(type="start", camera=True)
            wait_until(lambda: len(served.sessions) == 2)
            for what in troubles:
                page.send(type="trouble", what=what)
        page.picture(1000.0 * n)
        wait_until(lambda: bool(served.session.looks))
        page.send(type="trouble", what="camera-lost")
        wait_until(lambda: served.session.troubles()[-1:] == ["camera-lost"])
        served.does_one()
    assert [row.camera for row in served.journal.sessions()] == [True, True]


def test_a_second_start_stops_the_first_session(served: PageServer, page: Page) -> None:
    page.begin()
    served.does_one()
    page.send(type="start", camera=False)
    wait_until(lambda: len(served.sessions) == 2)
    served.does_one()
    rows = served.journal.sessions()
    assert [(row.camera, row.ended is not None) for row in rows] == [(False, False), (True, True)]


OPENED = [
    Happened(0.5, "care-read"),
    Happened(1.0, "answer", detail="soreness-before", value=None),
    Happened(2.0, "exercise-begun", "back-arches"),
    Happened(3.0, "paused", detail="tab-hidden"),
]


def test_a_session_that_was_only_opened_leaves_nothing(served: PageServer) -> None:
    with served.page() as page:
        page.begin()
        served.session.coming = [*OPENED]
        wait_until(lambda: not served.session.coming)
    with served.page() as page:
        page.begin()
        served.session.coming = [*OPENED, Ended("finished")]
        page.wait("ended")
    with served.page() as page:
        page.begin()
        served.does_one()
    assert len(served.journal.sessions()) == 1


@pytest.mark.parametrize(
    "first",
    [
        REP,
        Happened(4.0, "answer", detail="soreness-before", value=0),
        Happened(4.0, "led", "back-arches", value=1),
        Happened(4.0, "hurt", "back-arches"),
    ],
    ids=["repetition", "answer", "led", "hurt"],
)
def test_the_first_thing_that_counts_is_kept_at_once_with_all_before_it(
    served: PageServer, page: Page, first: Any
) -> None:
    page.begin()
    began = datetime.now().astimezone()
    served.session.coming = [*OPENED, first]
    wait_until(lambda: served.row() is not None, "the session in the journal")
    page.send(type="command", name="continue")
    page.wait("stage", count=1)
    row = served.row()
    assert row is not None
    assert row.ended is None
    assert (began - row.started).total_seconds() < 60
    assert row.started.utcoffset() == began.utcoffset(), "its day is the local one"
    told = served.journal.session(row.id)
    assert [event.what for event in told.events][:3] == ["care-read", "exercise-begun", "paused"]
    assert len(told.reps) + len(told.answers) + len(told.events) == len(OPENED) + (
        0 if isinstance(first, Happened) and first.what == "answer" else 1
    )


def test_the_end_of_the_server_ends_the_session_and_closes_the_journal(path: Path) -> None:
    with serve_page(PageServer(lambda: Journal.open(path))) as served, served.page() as page:
        page.begin()
        served.session.coming = [REP]
        wait_until(lambda: served.attempts() == 1)
    assert not path.with_name("journal.db-wal").exists()
    with Journal.open(path) as journal:
        (row,) = journal.sessions()
    assert (row.how, row.attempts, row.ended is not None) == ("stopped", 1, True)


def test_a_full_disk_is_said_and_so_is_that_there_is_room_again(served: PageServer, page: Page) -> None:
    page.begin()
    served.does_one()
    with served.journal.database.open() as db:
        db.execute("PRAGMA query_only = ON")
    served.session.coming = [REP]
    page.wait("stage", kept=False)
    db.execute("PRAGMA query_only = OFF")
    served.session.coming = [REP]
    page.wait("stage", kept=True)
    assert served.attempts() == 3


def test_a_journal_that_cannot_even_be_opened_is_said_and_the_session_goes_on() -> None:
    def broken() -> Journal:
        raise OSError("no journal today")

    with serve_page(PageServer(broken)) as served, served.page() as page:
        page.begin()
        served.session.coming = [REP]
        assert page.wait("stage", kept=False)["screen"] == "set"
        page.send(type="command", name="continue")
        page.wait("stage", count=1)


def test_the_safety_note_is_remembered_once_the_coach_says_that_it_was_read(served: PageServer, page: Page) -> None:
    page.begin()
    served.session.stage_now = Stage("care")
    page.wait("stage", screen="care")
    page.send(type="command", name="read")
    wait_until(lambda: ("command", "read") in served.session.told)
    assert served.journal.get_setting("care_read") is None
    served.session.coming = [Happened(1.0, "care-read")]
    wait_until(lambda: served.journal.get_setting("care_read") is not None)
    page.send(type="start", camera=False)
    wait_until(lambda: len(served.sessions) == 2)
    assert served.session.past is not None
    assert served.session.past.care_due == ""


def test_a_first_look_that_was_worse_is_remembered_though_nothing_else_was_done() -> None:
    with serve_page(PageServer()) as served, served.page() as page:
        page.begin()
        served.session.coming = [Happened(1.0, "first-look", detail="worse"), Ended("stopped")]
        wait_until(served.is_over)
        wait_until(lambda: len(served.journal.sessions()) == 1)
        page.begin()
        wait_until(lambda: len(served.sessions) == 2)
        assert served.session.past is not None
        assert served.session.past.first_look == "worse"
        assert not any(served.journal.week(served.setup.journal.now().date()))


def test_what_nothing_was_learnt_of_is_not_written_back() -> None:
    known: Templates = {"back-arches": {"right": Template(3, 4.0)}}
    thread = JournalThread(Journal.in_memory)
    recorder = SessionRecorder(thread, "r", camera=True)
    recorder.templates(known, known)
    assert thread.submit(lambda journal: journal.get_setting("template.r.back-arches")).result() is None
    recorder.templates(known, {})
    assert thread.submit(lambda journal: journal.get_setting("template.r.back-arches")).result() is not None
    asyncio.run(thread.close())


def test_what_was_learnt_of_a_person_reaches_the_next_session_and_rubbish_does_not(served: PageServer) -> None:
    template = Template(
        3, 4.0, {"backward_lean_deg": (1.26,) * POINTS}, {"backward_lean_deg": 0.5}, {"backward_lean_deg": 3}
    )
    with served.page() as page:
        page.begin()
        served.session.learnt = {"back-arches": {"right": template}, "raise-the-roof": {"both": template}}
        served.session.coming = [Happened(1.0, "care-read"), REP, Ended("finished")]
        wait_until(served.is_over)
    wait_until(lambda: served.journal.get_setting("care_read") is not None)
    with served.journal.using() as db:
        keys = {key for (key,) in db.execute("SELECT key FROM settings")}
    names = ("back-arches", "raise-the-roof")
    assert keys == {"care_read", *(f"template.loosen-lower-back.{name}" for name in names)}
    assert all(map(is_known, keys))
    served.journal.set_setting("template.loosen-lower-back.raise-the-roof", ["rubbish"])
    with served.page() as page:
        page.begin()
    assert served.session.past is not None
    [(exercise, sides)] = served.session.past.templates.items()
    assert exercise == "back-arches"
    assert sides == {"right": template.rounded()}
    assert sides["right"].middle["backward_lean_deg"][0] == 1.3
