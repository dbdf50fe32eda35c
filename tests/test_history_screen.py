"""The screen for looking back, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from history_support import chosen, with_sessions
from page_screens import LAPTOP, PHONE, SMALL, Opener, is_sound
from page_support import PATIENCE_S, PageServer, serve_page, wait_until

from loosen.journal.outcomes.choices import dose_changes
from loosen.journal.store.queries import plans

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Visit = Callable[..., Any]


@pytest.fixture(scope="module")
def served() -> Iterator[PageServer]:
    with serve_page(with_sessions(40)) as served:
        yield served


@pytest.fixture
def visit(opened: Opener) -> Visit:
    """Open the page of a server at its history."""

    def open_page(served: PageServer, size: tuple[int, int], theme: str) -> Page:
        page = opened(size, served=served, color_scheme=theme).page
        page.set_default_timeout(6000 * PATIENCE_S)  # drawing takes its time on a busy machine
        page.get_by_role("button", name="Looking back").click()
        page.wait_for_selector(".looking > *")
        return page

    return open_page


@pytest.mark.parametrize(
    ("size", "theme"),
    [(LAPTOP, "light"), (PHONE, "dark"), (SMALL, "light")],
    ids=["laptop, light", "phone, dark", "small phone, light"],
)
def test_axe_finds_nothing_on_the_history_and_on_a_session(
    served: PageServer, visit: Visit, size: tuple[int, int], theme: str
) -> None:
    page = visit(served, size, theme)
    is_sound(page, "history")
    page.locator(".sessions button").first.click()
    page.wait_for_selector(".session-part")
    is_sound(page, "a session")
    page.keyboard.press("Escape")
    page.wait_for_selector(".weeks")


@pytest.mark.parametrize("n", [0, 1])
def test_with_nothing_or_one_session_the_screen_is_sound_too(visit: Visit, n: int) -> None:
    with serve_page(with_sessions(n)) as own:
        page = visit(own, LAPTOP, "dark")
        is_sound(page, f"history with {n}")
        page.context.close()


def test_a_dose_and_a_plan_are_set_by_hand(visit: Visit) -> None:
    with serve_page(with_sessions(1)) as own:
        page = visit(own, LAPTOP, "light")
        page.get_by_label("Back Arches: one more repetition").click()
        page.get_by_role("button", name="Keep", exact=True).click()
        page.wait_for_selector(".changes")
        page.get_by_role("button", name="Make a plan").click()
        page.get_by_label("After ...").fill("my mum's call")
        page.get_by_role("button", name="Keep it").click()
        page.get_by_text("After my mum's call, I will loosen my back.").wait_for()
        page.context.close()

        def kept() -> bool:
            with own.journal.using() as db:
                return len(plans(db)) == 1 and [it.reps for it in dose_changes(db, own.setup.routine.id)] == [6]

        wait_until(kept)


def test_every_chart_is_drawn_and_follows_the_theme(served: PageServer, visit: Visit) -> None:
    page = visit(served, LAPTOP, "light")
    drawn = "[...document.querySelectorAll('.drawn')].every((it) => it.complete && it.naturalWidth > 0)"

    def all_drawn() -> bool:
        page.wait_for_timeout(20)
        return bool(page.evaluate(drawn)) and page.locator(".drawn").count() >= 5

    wait_until(all_drawn, "the charts")
    page.get_by_role("button", name="Dark colours").click()
    assert page.evaluate("[...document.querySelectorAll('.drawn')].every((it) => it.src.includes('theme=dark'))")
    wait_until(all_drawn, "the dark charts")


@pytest.mark.parametrize("size", [LAPTOP, PHONE, SMALL], ids=["laptop", "phone", "small phone"])
def test_the_weeks_lie_whole_inside_their_card(served: PageServer, visit: Visit, size: tuple[int, int]) -> None:
    page = visit(served, size, "light")
    out = page.evaluate(
        """() => {
             const card = document.querySelector('.weeks').getBoundingClientRect();
             return [...document.querySelectorAll('.weeks .cell')].filter((it) => {
               const box = it.getBoundingClientRect();
               return box.left < card.left || box.right > card.right;
             }).length;
           }"""
    )
    assert out == 0


def test_on_paper_it_is_light_and_shows_what_is_to_be_read(served: PageServer, visit: Visit) -> None:
    page = visit(served, LAPTOP, "dark")
    page.get_by_role("button", name="Light colours").click()
    page.get_by_role("button", name="Dark colours").click()
    page.emulate_media(media="print", color_scheme="dark")
    ink, inverted = page.evaluate(
        """[getComputedStyle(document.querySelector('.weeks h2')).color,
            getComputedStyle(document.querySelector('.drawn')).filter]"""
    )
    assert ink == "rgb(34, 41, 46)"
    assert "invert" in inverted
    assert not page.get_by_role("button", name="Home").is_visible()
    assert page.locator(".weeks").is_visible()


@pytest.mark.parametrize(
    ("press", "said"), [("Yes", "From the next session on"), ("Not now", "ask again"), ("No", "stays as it is")]
)
def test_an_answered_step_is_answered_in_turn(visit: Visit, press: str, said: str) -> None:
    with serve_page(with_sessions(29)) as own:
        page = visit(own, LAPTOP, "light")
        card = page.locator(".card.offer")
        while not card.get_by_role("status").count():
            offered = card.inner_text()
            card.get_by_role("button", name=press, exact=True).click()
            # To whom has said no to one movement's step, another one's may be offered.
            wait_until(lambda before=offered: card.inner_text() != before, "what comes after")  # type: ignore[misc]
        assert said in card.inner_text()
        assert said in page.evaluate("document.activeElement.textContent")
        page.get_by_role("button", name="Home").click()
        page.wait_for_selector(".start")
        assert card.count() == 0
        page.context.close()


def test_a_step_that_no_longer_applies_says_so(visit: Visit) -> None:
    """Another dose was set, here or in another tab: there is one change at a time."""
    with serve_page(with_sessions(29)) as own:
        page = visit(own, LAPTOP, "light")
        card = page.locator(".card.offer")
        assert card.get_by_role("button").count() == 3
        assert chosen(own, type="dose", exercise="raise-the-roof", sets=1, reps=4) == "chosen"
        card.get_by_role("button", name="Yes").click()
        card.get_by_role("status").wait_for()
        assert "No next step for now" in card.inner_text()
        page.context.close()
        page = visit(own, LAPTOP, "light")
        assert page.locator(".card.offer").count() == 0
        page.context.close()
