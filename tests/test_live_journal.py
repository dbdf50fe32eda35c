"""What of a session led over the live socket is in the journal, and when."""

from __future__ import annotations

import socket
import struct
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from page_support import REP, House, Page, open_house, wait_until

from loosen.coach.counting.template import POINTS, Template
from loosen.coach.guidance.stage import Ended, Happened, Stage
from loosen.journal.store.journal import Journal
from loosen.journal.store.settings import is_known


def test_a_repetition_is_in_the_journal_before_the_session_ends(house: House, page: Page) -> None:
    page.begin()
    house.session.coming = [REP, Happened(3.0, "answer", detail="sore-before", value=4)]
    wait_until(lambda: house.attempts() == 1)
    detail = house.journal.session(house.journal.sessions()[0].id)
    assert detail.reps == (REP,)
    wait_until(lambda: bool(house.journal.session(detail.session.id).answers))
    assert detail.session.ended is None


def test_a_session_that_ends_is_kept_as_finished(house: House, page: Page) -> None:
    page.begin()
    house.session.coming = [REP, Ended("finished")]
    assert page.wait("ended") == {"type": "ended", "how": "finished"}
    page.socket.close()
    wait_until(house.is_over)
    assert house.journal.sessions()[0].how == "finished"


@pytest.mark.parametrize("how", ["closed", "cut off"])
def test_a_page_that_goes_in_mid_session_leaves_it_stopped_and_kept(house: House, how: str) -> None:
    with house.page() as page:
        page.begin()
        house.does_one()
        if how == "cut off":
            page.socket.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            page.socket.socket.close()
            wait_until(house.is_over)
    wait_until(house.is_over)
    assert house.journal.sessions()[0].how == "stopped"


def test_a_second_start_stops_the_first_session(house: House, page: Page) -> None:
    page.begin()
    house.does_one()
    page.send(type="start", camera=False)
    wait_until(lambda: len(house.sessions) == 2)
    house.does_one()
    rows = house.journal.sessions()
    assert [(row.camera, row.ended is not None) for row in rows] == [(False, False), (True, True)]


OPENED = [
    Happened(0.5, "care-read"),
    Happened(1.0, "answer", detail="soreness-before", value=None),
    Happened(2.0, "exercise-begun", "back-arches"),
    Happened(3.0, "paused", detail="tab-hidden"),
]


def test_a_session_that_was_only_opened_leaves_nothing(house: House) -> None:
    with house.page() as page:
        page.begin()
        house.session.coming = [*OPENED]
        wait_until(lambda: not house.session.coming)
    with house.page() as page:
        page.begin()
        house.session.coming = [*OPENED, Ended("finished")]
        page.wait("ended")
    with house.page() as page:
        page.begin()
        house.does_one()
    assert len(house.journal.sessions()) == 1


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
def test_the_first_thing_that_counts_is_kept_at_once_with_all_before_it(house: House, page: Page, first: Any) -> None:
    page.begin()
    began = datetime.now().astimezone()
    house.session.coming = [*OPENED, first]
    wait_until(lambda: house.row() is not None, "the session in the journal")
    page.send(type="command", name="continue")
    page.wait("stage", count=1)
    row = house.row()
    assert row is not None
    assert row.ended is None
    assert (began - row.started).total_seconds() < 60
    told = house.journal.session(row.id)
    assert [event.what for event in told.events][:3] == ["care-read", "exercise-begun", "paused"]
    assert len(told.reps) + len(told.answers) + len(told.events) == len(OPENED) + (
        0 if isinstance(first, Happened) and first.what == "answer" else 1
    )


def test_a_page_that_goes_at_its_summary_leaves_a_finished_session(house: House) -> None:
    with house.page() as page:
        page.begin()
        house.does_one()
        house.session.stage_now = Stage("summary")
        page.wait("stage", screen="summary")
    wait_until(house.is_over)
    assert house.journal.sessions()[0].how == "finished"


def test_the_end_of_the_server_ends_the_session_and_closes_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with open_house(House(lambda: Journal.open(path))) as house, house.page() as page:
        page.begin()
        house.session.coming = [REP]
        wait_until(lambda: house.attempts() == 1)
    assert not path.with_name("journal.db-wal").exists()
    with Journal.open(path) as journal:
        (row,) = journal.sessions()
    assert (row.how, row.attempts, row.ended is not None) == ("stopped", 1, True)


def test_a_journal_that_cannot_be_written_is_said_and_the_session_goes_on(
    house: House, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.begin()
    house.journal.trouble = "the disk is on fire"

    def refuse(*_: object) -> None:
        raise OSError("the disk has caught fire")

    monkeypatch.setattr(house.journal, "add_rep", refuse)
    house.session.coming = [REP]
    assert page.wait("stage", kept=False)["screen"] == "set"
    page.send(type="command", name="continue")
    page.wait("stage", count=1)


def test_a_full_disk_is_said_and_so_is_that_there_is_room_again(house: House, page: Page) -> None:
    page.begin()
    house.does_one()
    with house.journal.database.open() as db:
        db.execute("PRAGMA query_only = ON")
    house.session.coming = [REP]
    page.wait("stage", kept=False)
    db.execute("PRAGMA query_only = OFF")
    house.session.coming = [REP]
    page.wait("stage", kept=True)
    assert house.attempts() == 3


def test_a_journal_that_cannot_even_be_opened_does_not_stop_a_session() -> None:
    def broken() -> Journal:
        raise OSError("no journal today")

    with open_house(House(broken)) as house, house.page() as page:
        page.begin()
        house.session.coming = [REP]
        page.wait("stage", kept=False)


def test_the_safety_note_is_remembered_once_the_coach_says_that_it_was_read(house: House, page: Page) -> None:
    page.begin()
    house.session.stage_now = Stage("care")
    page.wait("stage", screen="care")
    page.send(type="command", name="read")
    wait_until(lambda: ("command", "read") in house.session.told)
    assert house.journal.get_setting("care_read") is None
    house.session.coming = [Happened(1.0, "care-read")]
    wait_until(lambda: house.journal.get_setting("care_read") is True)
    page.send(type="start", camera=False)
    wait_until(lambda: len(house.sessions) == 2)
    assert house.session.past is not None
    assert house.session.past.care_read


def test_the_day_of_a_session_is_the_local_one(house: House, page: Page) -> None:
    page.begin()
    house.does_one()
    assert house.journal.sessions()[0].started.utcoffset() == datetime.now().astimezone().utcoffset()


def test_what_was_learnt_of_a_person_reaches_the_next_session_and_rubbish_does_not(house: House) -> None:
    template = Template(
        3, 4.0, {"backward_lean_deg": (1.26,) * POINTS}, {"backward_lean_deg": 0.5}, {"backward_lean_deg": 3}
    )
    with house.page() as page:
        page.begin()
        house.session.learnt = {"back-arches": {"right": template}, "raise-the-roof": {"both": template}}
        house.session.coming = [REP, Ended("finished")]
        wait_until(house.is_over)
    house.journal.set_setting("template.loosen-lower-back.raise-the-roof", ["rubbish"])
    with house.page() as page:
        page.begin()
    assert house.session.past is not None
    [(exercise, sides)] = house.session.past.templates.items()
    assert exercise == "back-arches"
    assert sides == {"right": template.rounded()}
    assert sides["right"].middle["backward_lean_deg"][0] == 1.3


def test_every_setting_that_the_page_keeps_is_known(house: House, page: Page) -> None:
    template = Template(3, 4.0, {"lean_deg": (1.0,) * POINTS}, {"lean_deg": 0.5}, {"lean_deg": 3})
    page.begin()
    house.session.learnt = {"back-arches": {"right": template}}
    house.session.coming = [Happened(1.0, "care-read"), REP, Ended("finished")]
    wait_until(house.is_over)
    wait_until(lambda: house.journal.get_setting("care_read") is True)
    with house.journal.using() as db:
        keys = [key for (key,) in db.execute("SELECT key FROM settings ORDER BY key")]
    assert keys == ["care_read", "template.loosen-lower-back.back-arches"]
    assert all(map(is_known, keys))
