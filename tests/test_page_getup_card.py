"""The page and the get-up service: a card, a session of one movement, and each without the other."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from getup_support import serving
from msgspec.structs import replace
from page_support import PageServer, serve_page, wait_until

from loosen.coach.guidance.past import Past
from loosen.coach.guidance.session import Session
from loosen.coach.guidance.stage import Happened
from loosen.errors import GetUpError
from loosen.getup import control_socket
from loosen.journal.store.journal import Journal
from loosen.journal.store.sits import Sits
from loosen.page import getup_card
from loosen.page.getup_card import GetUpCard
from loosen.page.journal_thread import JournalThread
from loosen.routine.doses import break_dose, seconds
from loosen.routine.model import Exercise
from loosen.routine.reader import builtin
from loosen.routine.words import load_words

ROUTINE, WORDS = builtin(), load_words()


# -- 19: one movement of a minute or two -------------------------------------------------------------------


@pytest.mark.parametrize("exercise", ROUTINE.exercises, ids=lambda one: one.id)
def test_19_a_movement_takes_one_to_two_minutes_whatever_its_dose(exercise: Exercise) -> None:
    assert 60 <= seconds(exercise, break_dose(exercise)) <= 120
    for reps in (1, 2, 40):
        other = replace(exercise, dose=replace(exercise.dose, reps=reps, sets=3))
        assert 55 <= seconds(other, break_dose(other)) <= 120


def test_19_it_is_led_like_any_exercise_without_questions() -> None:
    session = Session(ROUTINE, load_words(), camera=False, past=Past(first_look="fine"), only="back-arches")
    session.start(0.0)
    assert session.stage().screen == "intro"
    screens, t_s = [], 0.0
    while session.stage().screen != "summary":
        t_s += 0.1
        session.tick(t_s)
        screens.append(session.stage().screen)
        assert t_s < 300
    assert set(screens) == {"intro", "set", "summary"}
    assert [item.id for item in session.stage().summary] == ["back-arches"]
    assert 55 <= t_s <= 140


# -- the card's facts and wishes ---------------------------------------------------------------------------


def a_service(folder: Path, heard: list[dict[str, Any]]) -> AbstractContextManager[object]:
    def handle(request: dict[str, Any]) -> dict[str, Any]:
        heard.append(request)
        if request["do"] == "snooze":
            raise GetUpError("It cannot be put off again")
        return {"sitting": False, "minutes": [30.0, 45.0], "paused_until": None}

    return serving(folder, handle)


@pytest.fixture
def journal(tmp_path: Path) -> JournalThread:
    return JournalThread(lambda: Journal.open(tmp_path / "journal.db"))


@pytest.fixture
def card(tmp_path: Path, journal: JournalThread) -> GetUpCard:
    return GetUpCard(tmp_path, journal)


@pytest.fixture
def served(journal: JournalThread, card: GetUpCard) -> PageServer:
    return PageServer().changed(journal=journal, getup=card)


def test_the_card_is_made_of_the_services_status_and_the_journals_sits(served: PageServer, tmp_path: Path) -> None:
    now = datetime.now().astimezone()
    with Sits.open(tmp_path / "journal.db") as log:
        log.begin("s", now)
        log.prompt("p", "s", now, 1800.0, "pause", "back-arches")
        assert log.write()
    with serve_page(served):
        told = served.get("/sitting.json").json()
        assert told["title"] == WORDS["getup-card.off"]
        assert [len(sit["prompts"]) for sit in told["sits"]] == [1]
        with a_service(tmp_path, []):
            assert served.get("/sitting.json").json()["title"] == WORDS["getup-card.nobody"]


def test_a_wish_goes_to_the_service_and_a_refusal_is_said(served: PageServer, tmp_path: Path) -> None:
    heard: list[dict[str, Any]] = []
    with serve_page(served), a_service(tmp_path, heard), served.page() as page:
        page.send(type="sitting", do="pause", minutes=30)
        page.wait("sitting")
        page.send(type="sitting", do="snooze")
        assert "cannot be put off" in page.wait("refused")["text"]
        page.wait("sitting")
    assert heard == [{"do": "pause", "seconds": 1800}, {"do": "snooze"}]


def test_without_a_service_a_wish_is_answered_with_what_to_do(served: PageServer) -> None:
    with serve_page(served), served.page() as page:
        page.send(type="sitting", do="resume")
        assert "loosen getup run" in page.wait("refused")["text"]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "sitting", "do": "stop"},
        {"type": "sitting", "do": "pause", "minutes": 0},
        {"type": "sitting", "do": "pause", "minutes": 9999},
        {"type": "start", "camera": False, "movement": "somersault"},
    ],
)
def test_a_nonsense_wish_or_movement_is_refused(served: PageServer, message: dict[str, Any]) -> None:
    with serve_page(served), served.page() as page:
        page.send(**message)
        page.wait("refused")
    assert served.sessions == []


def test_what_was_done_standing_is_told_to_the_service(served: PageServer, tmp_path: Path) -> None:
    heard: list[dict[str, Any]] = []
    with serve_page(served), a_service(tmp_path, heard), served.page() as page:
        page.send(type="start", camera=False, movement="back-arches")
        page.wait("stage")
        served.session.coming = [Happened(n + 1.0, "exercise-ended", "back-arches", value=5 * n) for n in (0, 1)]
        wait_until(lambda: {"do": "moved", "seen": False} in heard, "the telling")
    assert served.movements == ["back-arches"]
    assert len(heard) == 1


class Hung:
    """A service that takes questions, here collected, and answers none before `over`."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.over = threading.Event()

    def ask(self, _: Path, request: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(request)
        self.over.wait()
        return {"sitting": False}


@pytest.fixture
def hung(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hung]:
    service = Hung()
    monkeypatch.setattr(control_socket, "ask", service.ask)
    monkeypatch.setattr(getup_card, "ANSWER_AT_MOST_S", 0.1)
    yield service
    service.over.set()


def test_a_hung_service_is_asked_once_and_nobody_waits_for_it(card: GetUpCard, hung: Hung) -> None:
    async def poll() -> None:
        assert await asyncio.gather(*(card.status() for _ in range(8))) == [None] * 8
        assert await card.status() is None

    asyncio.run(poll())
    card.close()
    assert hung.asked == [{"do": "status"}]
    card.moved(seen=True)
    with pytest.raises(GetUpError):
        asyncio.run(card.ask({"do": "snooze"}))


def test_a_wish_that_was_refused_is_not_carried_out_when_the_service_answers_again(card: GetUpCard, hung: Hung) -> None:
    async def wish_then_ask_on() -> None:
        await card.status()
        with pytest.raises(GetUpError, match="does not answer"):
            await card.ask({"do": "snooze"})
        hung.over.set()
        # They are passed on in their order: once this is asked, the wish has had its turn.
        while hung.asked.count({"do": "status"}) < 2:
            await card.status()

    asyncio.run(wish_then_ask_on())
    assert {"do": "snooze"} not in hung.asked
    card.close()


def test_the_card_closes_with_the_server(served: PageServer, tmp_path: Path) -> None:
    def asking() -> list[str]:
        return [it.name for it in threading.enumerate() if it.name.startswith("getup")]

    with serve_page(served), a_service(tmp_path, []):
        served.get("/sitting.json")
        assert len(asking()) == 1
    wait_until(lambda: not asking(), "the end of its thread")


# -- opening the page at a movement ------------------------------------------------------------------------


def test_the_opened_address_keeps_the_movement_and_loses_the_key(served: PageServer) -> None:
    with serve_page(served):
        for given, wanted in (
            ("back-arches", "/?movement=back-arches"),
            ("a-b.c", "/?movement=a-b.c"),
            ("a.", "/"),
            ("x%0d%0aset-cookie:a", "/"),
            ("../x", "/"),
        ):
            key = served.keys.once()
            answer = httpx.get(f"{served.origin}/?key={key}&movement={given}", trust_env=False)
            assert (answer.status_code, answer.headers["location"]) == (303, wanted)


def test_an_unknown_movement_on_the_command_line_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    from loosen.cli import main

    assert main(["--movement", "somersault", "--no-browser", "--port", "0"]) == 2
    assert "back-arches" in capsys.readouterr().err


def test_the_card_of_an_unreadable_journal_has_no_sits(tmp_path: Path) -> None:
    def refused() -> Journal:
        raise GetUpError("made for a test")

    journal = JournalThread(refused)
    with pytest.raises(GetUpError):
        journal.open()
    card = GetUpCard(tmp_path, journal)
    assert asyncio.run(card.status()) is None
    assert asyncio.run(card.sits_today()) == ()
