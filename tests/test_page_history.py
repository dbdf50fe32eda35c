"""Looking back on the page: what the server tells, who may ask, and the screen in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from journal_makers import EVENING
from journals import fill, made_up
from page_support import PATIENCE_S, House, open_house, wait_until

from loosen.journal.choosing import dose_changes, plans
from loosen.journal.store import Journal
from loosen.page.keeper import Keeper

NOW = EVENING + timedelta(minutes=5)


def with_sessions(n: int, **changes: Any) -> House:
    """A house whose journal holds so many made-up sessions up to `NOW`."""

    def journal() -> Journal:
        held = Journal.in_memory()
        fill(held, made_up(n, now=NOW))
        own.opened.append(held)
        return held

    own = House()
    return own.changed(keeper=Keeper(journal, lambda: NOW), **changes)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with open_house(with_sessions(40)) as house:
        yield house


PATHS = (
    "/history.json",
    "/history.json?weeks=52&until=2026-11-01",
    "/history/exercise/back-arches.svg",
    "/history/scores.svg?theme=dark",
    "/history/sitting.svg",
    "/history/report.pdf",
    "/history/session/39.json",
    "/history/session/39/0.svg",
)


@pytest.mark.parametrize("path", PATHS)
def test_every_part_of_the_history_is_served_to_our_page_only(house: House, path: str) -> None:
    answer = house.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert house.get(path, cookie=False).status_code == 403
    assert house.get(path, headers={"origin": "http://127.0.0.1:9"}).status_code == 403
    assert house.get(path, headers={"sec-fetch-site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", PATHS)
def test_none_of_it_can_change_anything(house: House, path: str, method: str) -> None:
    answer = httpx.request(method, house.origin + path, headers={"cookie": house.cookie}, trust_env=False)
    assert answer.status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/history.json?weeks=7",
        "/history.json?weeks=x",
        "/history.json?until=2026-02-31",
        "/history.json?until=0001-01-01",
        "/history.json?until=9999-12-31",
        "/history/exercise/handstand.svg",
        "/history/exercise/..%2f..%2fhome.svg",
        "/history/session/4000.json",
        "/history/session/39/900.svg",
        "/history/session/999999999999999999999999.json",
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(house: House, path: str) -> None:
    answer = house.get(path)
    assert answer.status_code == 404
    assert "Traceback" not in answer.text
    assert 0 < len(answer.text) < 300


def test_the_period_holds_whole_weeks_and_leads_to_its_neighbours(house: House) -> None:
    told = house.get("/history.json?weeks=4").json()
    assert len(told["calendar"]) == 4
    assert [len(week["days"]) for week in told["calendar"]] == [7] * 4
    assert told["later"] is None
    before = house.get(f"/history.json?weeks=4&until={told['earlier']}").json()
    assert before["later"] is not None
    days = {day["day"] for one in (told, before) for week in one["calendar"] for day in week["days"]}
    assert len(days) == 56


def test_every_chart_says_its_finding_in_its_text(house: House) -> None:
    for card in house.get("/history.json").json()["cards"]:
        assert card["texts"][0] in card["alt"]
        assert card["alt"].startswith(card["title"])


def test_a_chart_is_an_image_without_script_and_follows_the_theme(house: House) -> None:
    light, dark = (house.get(f"/history/exercise/back-arches.svg?theme={it}") for it in ("light", "dark"))
    assert light.headers["content-type"] == "image/svg+xml"
    assert "<script" not in light.text
    assert "#0b6b65" in light.text
    assert "#6fd0c0" in dark.text


def test_a_repetition_is_told_with_its_reason_and_signal(house: House) -> None:
    for number in range(40, 0, -1):
        told = house.get(f"/history/session/{number}.json").json()
        for rep in (rep for part in told["exercises"] for rep in part["reps"] if not rep["good"]):
            assert rep["why"] in rep["alt"]
            picture = house.get(rep["chart"]).text
            assert all(word in picture for word in ("out ", "back ", "full from"))
            return
    raise AssertionError("nobody is perfect in forty sessions")


def test_the_report_is_a_pdf(house: House) -> None:
    answer = house.get("/history/report.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


def test_an_empty_journal_has_nothing_to_look_back_on_and_says_so() -> None:
    with open_house(with_sessions(0)) as house:
        told = house.get("/history.json").json()
        assert told["empty"]
        assert told["cards"] == []
        assert told["plan"]["state"] == "none"
        assert house.get("/history/report.pdf").status_code == 404
        assert house.get("/history/scores.svg").status_code == 200


# -- choosing ----------------------------------------------------------------------------------------------


def chosen(house: House, **message: Any) -> str:
    """Send a choice as the page does; return the type of the answer."""
    with house.page() as page:
        page.send(**message)
        while True:
            told = json.loads(page.socket.recv(timeout=PATIENCE_S))
            if told["type"] in ("chosen", "refused"):
                return str(told["type"])


def test_an_own_dose_is_kept_and_used_from_then_on() -> None:
    with open_house(with_sessions(3)) as house:
        assert chosen(house, type="dose", exercise="reach-for-the-sky", sets=2, reps=6) == "chosen"
        lines = {line["id"]: line for line in house.get("/history.json").json()["doses"]}
        assert (lines["reach-for-the-sky"]["sets"], lines["reach-for-the-sky"]["reps"]) == (2, 6)
        assert "2 sets of 6" in lines["reach-for-the-sky"]["changes"][0]
        shown = {it["id"]: it["dose"] for it in house.get("/home.json").json()["exercises"]}
        assert (shown["reach-for-the-sky"]["sets"], shown["reach-for-the-sky"]["reps"]) == (2, 6)
        with house.page() as page:
            page.begin()
        assert house.session.past is not None
        assert house.session.past.doses["reach-for-the-sky"].reps == 6


@pytest.mark.parametrize(
    "message",
    [
        {"type": "dose", "exercise": "back-arches", "sets": 9, "reps": 5},
        {"type": "dose", "exercise": "back-arches", "sets": 1, "reps": 50},
        {"type": "dose", "exercise": "handstand", "sets": 1, "reps": 5},
        {"type": "dose", "exercise": "back-arches", "sets": 0, "reps": 5},
        {"type": "dose", "exercise": "back-arches", "sets": "1; DROP TABLE doses", "reps": 5},
        {"type": "step", "exercise": "back-arches", "answer": "yes"},
        {"type": "plan", "what": "made", "cue": "  ", "part": "evening"},
        {"type": "plan", "what": "made", "cue": "x" * 900, "part": "evening"},
        {"type": "plan", "what": "made", "cue": "tea", "part": "teatime"},
    ],
)
def test_what_cannot_be_chosen_is_refused_and_changes_nothing(message: dict[str, Any]) -> None:
    with open_house(with_sessions(3)) as house:
        house.get("/home.json")
        assert chosen(house, **message) == "refused"
        with house.journal.using() as db:
            assert dose_changes(db, house.parts.routine.id) == ()
            assert len(plans(db)) == 1  # the made-up person's


def test_a_step_that_is_offered_can_be_taken_and_is_then_the_dose(house: House) -> None:
    with open_house(with_sessions(29)) as own:
        offer = own.get("/home.json").json()["offer"]
        assert offer is not None, "29 comfortable sessions in nearly seven weeks"
        assert chosen(own, type="step", exercise=offer["exercise"], answer="yes") == "chosen"
        assert own.get("/home.json").json()["offer"] is None
        with own.journal.using() as db:
            (change,) = dose_changes(db, own.parts.routine.id)
        assert (change.what, change.exercise) == ("yes", offer["exercise"])
        assert chosen(own, type="step", exercise=offer["exercise"], answer="yes") == "refused"


def test_a_plan_is_offered_once_kept_and_shown_in_its_part_of_the_day() -> None:
    now = [EVENING]
    house = House()

    def journal() -> Journal:
        held = Journal.in_memory()
        number = held.begin_session(house.parts.routine.id, camera=False, now=EVENING - timedelta(days=2))
        held.end_session(number, "finished", EVENING - timedelta(days=2))
        return held

    with open_house(house.changed(keeper=Keeper(journal, lambda: now[0]))) as house:

        def plan() -> Any:
            return house.get("/home.json").json()["plan"]

        assert plan()["state"] == "offered"
        cue = "my first\u202e\x00 coffee."
        assert chosen(house, type="plan", what="made", cue=cue, part="morning") == "chosen"
        assert plan()["text"] == "After my first coffee, I will loosen my back."
        assert not plan()["due"]
        now[0] = EVENING.replace(hour=8) + timedelta(days=1)
        assert plan()["due"]
        assert chosen(house, type="plan", what="dropped") == "chosen"
        assert plan()["state"] == "none"


def test_a_choice_without_our_cookie_or_from_elsewhere_is_not_even_heard(house: House) -> None:
    from websockets.exceptions import InvalidStatus

    for headers in ({"cookie": None}, {"origin": "http://evil.example"}):
        with pytest.raises(InvalidStatus), house.page(**headers):
            pass


# -- the screen --------------------------------------------------------------------------------------------

LAPTOP, PHONE = (1280, 800), (390, 844)
Visit = Callable[..., Any]


@pytest.fixture(scope="module")
def visit(chromium: str) -> Iterator[Visit]:
    """Open the page of a house at its history; at the end nothing may have been complained of."""
    from playwright.sync_api import sync_playwright

    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])

        def open_page(house: House, size: tuple[int, int], theme: str) -> Any:
            context = browser.new_context(
                viewport={"width": size[0], "height": size[1]},
                color_scheme=theme,  # type: ignore[arg-type]
            )
            page = context.new_page()
            page.set_default_timeout(PATIENCE_S * 1000)
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(f"{house.origin}/?key={house.keys.lasting}")
            page.get_by_role("button", name="Looking back").click()
            page.wait_for_selector(".looking > *")
            return page

        yield open_page
        browser.close()
    assert not complaints


def is_sound(page: Any, name: str) -> None:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    found = Axe().run(page).response["violations"]
    assert not found, f"{name}: {[(rule['id'], rule['nodes'][0]['html']) for rule in found]}"
    assert page.locator("h1").count() == 1, name
    assert page.evaluate("document.activeElement.tagName") == "H1", name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
    small = page.evaluate(
        """[...document.querySelectorAll('button, a, input, select')].filter((e) => {
             const box = e.getBoundingClientRect();
             return box.width && (box.width < 44 || box.height < 44);
           }).map((e) => e.outerHTML)"""
    )
    assert not small, name


@pytest.mark.browser
@pytest.mark.parametrize(
    ("size", "theme"), [(LAPTOP, "light"), (PHONE, "dark")], ids=["laptop, light", "phone, dark"]
)
def test_axe_finds_nothing_on_the_history_and_on_a_session(
    house: House, visit: Visit, size: tuple[int, int], theme: str
) -> None:
    page = visit(house, size, theme)
    is_sound(page, "history")
    page.locator(".sessions button").first.click()
    page.wait_for_selector(".looked-at")
    is_sound(page, "a session")
    page.keyboard.press("Escape")
    page.wait_for_selector(".weeks")
    page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("n", [0, 1])
def test_with_nothing_or_one_session_the_screen_is_sound_too(visit: Visit, n: int) -> None:
    with open_house(with_sessions(n)) as own:
        page = visit(own, LAPTOP, "dark")
        is_sound(page, f"history with {n}")
        page.context.close()


@pytest.mark.browser
def test_a_dose_and_a_plan_are_set_by_hand(visit: Visit) -> None:
    with open_house(with_sessions(1)) as own:
        page = visit(own, LAPTOP, "light")
        page.get_by_label("Back Arches: one time more").click()
        page.get_by_role("button", name="Keep", exact=True).click()
        page.wait_for_selector(".changes")
        page.get_by_role("button", name="Make a plan").click()
        page.get_by_label("After ...").fill("my mum's call")
        page.get_by_role("button", name="Keep it").click()
        page.get_by_text("After my mum's call, I will loosen my back.").wait_for()
        page.context.close()

        def kept() -> bool:
            with own.journal.using() as db:
                return len(plans(db)) == 1 and [it.reps for it in dose_changes(db, own.parts.routine.id)] == [
                    6
                ]

        wait_until(kept)


@pytest.mark.browser
def test_every_chart_is_drawn_and_follows_the_theme(house: House, visit: Visit) -> None:
    page = visit(house, LAPTOP, "light")
    page.evaluate("document.querySelectorAll('img').forEach((it) => { it.loading = 'eager'; })")
    drawn = "[...document.querySelectorAll('.drawn')].every((it) => it.complete && it.naturalWidth > 0)"

    def all_drawn() -> bool:
        page.wait_for_timeout(20)
        return bool(page.evaluate(drawn)) and page.locator(".drawn").count() >= 5

    wait_until(all_drawn, "the charts")
    page.get_by_role("button", name="Dark colours").click()
    assert page.evaluate(
        "[...document.querySelectorAll('.drawn')].every((it) => it.src.includes('theme=dark'))"
    )
    wait_until(all_drawn, "the dark charts")
    page.context.close()
