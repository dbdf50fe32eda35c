"""What the get-up card says and offers, and the card in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from page_screens import Opener, is_sound
from page_support import PageServer, serve_page

from loosen.journal.store.records import Prompt, Sit
from loosen.page.getup_card import GetUpCard
from loosen.page.journal_thread import JournalThread
from loosen.page.views.getup_view import GetUpView, getup_view
from loosen.routine.words import Words, load_words

WORDS = load_words()
DAY = "2026-11-23T"
NOW = datetime.fromisoformat(f"{DAY}15:42:00+01:00")


def status(*, asks: bool = False, **changes: Any) -> dict[str, Any]:
    """The service's status at 15:42, half an hour into a sit; `asks`: a prompt is open."""
    prompt = {"exercise": "back-arches", "title": "Back Arches", "snoozed_until": None, "answer": ""}
    window = None if asks else [f"{DAY}15:40:00+01:00", f"{DAY}15:55:00+01:00"]
    return {
        "now": NOW.isoformat(),
        "sitting": True,
        "blind": False,
        "since": f"{DAY}15:10:00+01:00",
        "sat_s": 1920.0,
        "window": window,
        "minutes": [30.0, 45.0],
        "waits_for": [],
        "prompt": prompt | {"can_snooze": True} if asks else None,
        "paused_until": None,
    } | changes


def a_sit(began: str, ended: str, ending: Any, outcome: Any) -> Sit:
    started, over = (datetime.fromisoformat(f"{DAY}{at}:00+01:00") for at in (began, ended))
    prompt = Prompt(
        uuid="p",
        at_utc=over.isoformat(),
        sat_s=1860.0,
        why="pause",
        exercise=None,
        snoozes=0,
        outcome=outcome,
        outcome_utc=None,
    )
    return Sit(
        uuid="s",
        started_utc=started.isoformat(),
        local_date="2026-11-23",
        utc_offset_min=60,
        last_utc=over.isoformat(),
        seconds=(over - started).total_seconds(),
        ending=ending,
        prompts=(prompt,) if outcome else (),
    )


SITS = (
    a_sit("09:05", "09:46", "up", "away"),
    a_sit("10:20", "11:02", "up", "said"),
    a_sit("13:00", "13:52", "away", "missed"),
    a_sit("15:10", "15:41", None, None),
)


def test_the_card_tells_since_when_and_when_next() -> None:
    view = getup_view(NOW, status(), SITS, WORDS)
    assert view.title == "Sitting since 15:10 · 32 min"
    assert "after 15:40, or at 15:55 at the latest" in view.text
    assert view.today == (
        "Today: 4 stretches of sitting, the longest 52 min. Prompts answered by getting up: 1 of 3."
        " Once you said that you were up."
    )
    assert [(sit.now, [(it.up, it.said) for it in sit.prompts]) for sit in view.sits] == [
        (False, [(True, False)]),
        (False, [(False, True)]),
        (False, [(False, False)]),
        (True, []),
    ]
    assert view.sits[-1].to_h == 15.7, "a sit that goes on reaches until now"
    assert [(it.do, it.minutes) for it in view.buttons] == [("pause", 60)]


@pytest.mark.parametrize(
    ("changes", "title", "text", "buttons"),
    [
        ({"paused_until": f"{DAY}17:00:00+01:00"}, "Paused until 17:00", "I won’t ask until then.", ["resume"]),
        (
            {"paused_until": "2026-11-24T09:00:00+01:00", "asks": True},
            "Paused until Tuesday 09:00",
            "I won’t ask until then.",
            ["resume"],
        ),
        (
            {"blind": True},
            "I can’t tell whether you are sitting",
            "count from 15:10 as if you were sitting, and ask at 15:55",
            ["pause"],
        ),
        ({"blind": True, "window": None}, "I can’t tell whether you are sitting", "I have already asked", ["pause"]),
        ({"window": None}, "Sitting since 15:10 · 32 min", "I have already asked this time", ["pause"]),
        ({"waits_for": ["call", "quiet"]}, "Sitting since 15:10 · 32 min", "on a call", ["pause"]),
        ({"sitting": False}, "Up and about", "After 30 minutes of sitting", ["pause"]),
        ({"asks": True}, "Time to get up", "Back Arches", ["up", "snooze", "show", "pause"]),
    ],
)
def test_the_card_says_how_things_stand_and_offers_what_can_be_done(
    changes: dict[str, Any], title: str, text: str, buttons: list[str]
) -> None:
    view = getup_view(NOW, status(**changes), (), WORDS)
    assert view.title == title
    assert text in view.text
    assert [it.do for it in view.buttons] == buttons
    assert view.asks is (title == "Time to get up")


@pytest.mark.parametrize(
    ("prompt", "text", "buttons"),
    [
        ({"snoozed_until": f"{DAY}15:47:00+01:00"}, "I’ll ask again at 15:47.", ["pause"]),
        ({"answer": "up"}, "away from the desk", ["pause"]),
        ({"can_snooze": False}, "Back Arches", ["up", "show", "pause"]),
    ],
)
def test_a_prompt_asks_and_can_be_put_off_only_as_long_as_it_may(
    prompt: dict[str, Any], text: str, buttons: list[str]
) -> None:
    asking = status(asks=True)
    asking["prompt"] |= prompt
    view = getup_view(NOW, asking, (), WORDS)
    assert view.asks is ("up" in buttons)
    assert text in view.text
    assert [it.do for it in view.buttons] == buttons


def test_without_a_service_the_card_says_how_to_get_one() -> None:
    view = getup_view(NOW, None, (), WORDS)
    assert (view.title, view.command, view.today, view.buttons) == (
        "Get up now and then",
        "loosen getup install",
        "",
        (),
    )
    assert getup_view(NOW, None, SITS, WORDS).today.startswith("Today: 4 stretches")


# -- the card in a browser ---------------------------------------------------------------------------------


class ScriptedCard(GetUpCard):
    """A card whose service says what the test wants, and whose requests are written down."""

    def __init__(self, folder: Path, journal: JournalThread) -> None:
        super().__init__(folder, journal)
        self.now_is = status()
        self.asked: list[dict[str, Any]] = []

    async def view(self, words: Words) -> GetUpView:
        return getup_view(NOW, self.now_is, SITS, words)

    async def ask(self, request: dict[str, Any]) -> None:
        self.asked.append(request)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[PageServer]:
    served = PageServer()
    with serve_page(served, getup=ScriptedCard(tmp_path, served.setup.journal)) as served:
        yield served


@pytest.fixture
def card(served: PageServer) -> ScriptedCard:
    """The card of a served that is served."""
    card = served.setup.getup
    assert isinstance(card, ScriptedCard)
    return card


@pytest.mark.browser
def test_the_card_shows_the_day_and_its_buttons_reach_the_service(opened: Opener, card: ScriptedCard) -> None:
    screen = opened()
    screen.is_so("!document.querySelector('.sitting').hidden")
    shown = screen.page.locator(".sitting")
    assert "Sitting since 15:10 · 32 min" in shown.inner_text()
    assert "Today: 4 stretches of sitting" in shown.inner_text()
    assert screen.page.locator(".timeline .sit").count() == 4
    assert screen.page.locator(".timeline .asked").count() == 3
    shown.get_by_role("button", name="Pause for an hour").click()
    screen.wait_for(lambda: card.asked == [{"do": "pause", "seconds": 3600}], "the pause")


@pytest.mark.browser
def test_the_card_asks_when_the_service_asks(opened: Opener, card: ScriptedCard) -> None:
    card.now_is = status(asks=True)
    screen = opened(camera=False)
    screen.is_so("document.querySelector('.sitting.asked') !== null")
    shown = screen.page.locator(".sitting")
    assert "Time to get up" in shown.inner_text()
    shown.get_by_role("button", name="In 5 minutes").click()
    shown.get_by_role("button", name="I’m up").click()
    screen.wait_for(lambda: card.asked == [{"do": "snooze"}, {"do": "up"}], "both answers")
    screen.page.locator("input[name=camera][value=off]").check(force=True)
    shown.get_by_role("button", name="Show me").click()
    screen.wait_for(lambda: screen.served.movements == ["back-arches"], "the movement")
    assert not screen.served.session.camera


@pytest.mark.browser
def test_the_card_has_no_violation(opened: Opener, card: ScriptedCard) -> None:
    for theme in ("light", "dark"):
        for asks in (False, True):
            card.now_is = status(asks=asks)
            screen = opened(color_scheme=theme)
            screen.is_so("!document.querySelector('.sitting').hidden")
            is_sound(screen.page, f"the card, {theme}")


@pytest.mark.browser
@pytest.mark.parametrize("movement", ["back-arches", "reach-for-the-sky.one-arm"])
def test_an_address_with_a_movement_begins_it_at_once(opened: Opener, served: PageServer, movement: str) -> None:
    screen = opened(camera=False)
    screen.page.evaluate("localStorage.setItem('loosen.camera', 'off')")
    screen.page.goto(f"{served.origin}?movement={movement}")
    screen.wait_for(lambda: served.movements == [movement], "the movement")
    assert not served.session.camera
    screen.is_so("location.search === ''")
