"""What a person chooses and says on the home page, and what becomes of it; in a real browser where it is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from page_screens import LAPTOP, PHONE, SET, SMALL, Opener, Screen, is_sound
from page_support import Page, PageServer, serve_page, wait_until

from loosen.coach.guidance.stage import Happened
from loosen.journal.outcomes.hindrance import read_hindrances
from loosen.journal.store.journal import Journal
from loosen.journal.store.records import NEXT_MORNING
from loosen.page.views.behind_view import behind_pages
from loosen.routine.reader import builtin
from loosen.routine.words import load_words

ROUTINE = builtin()
OTHERWISE = next(it for it in ROUTINE.exercises if len(it.variants) > 1)
VARIANT = OTHERWISE.variants[0]


def lately(days: int) -> Journal:
    """A journal with one session, so many days ago."""
    journal, then = Journal.in_memory(), datetime.now().astimezone() - timedelta(days=days)
    session = journal.begin_session(ROUTINE.id, camera=True, now=then)
    for event in (
        Happened(1.0, "exercise-begun", "back-arches"),
        Happened(2.0, "led", "back-arches", value=1),
        Happened(3.0, "exercise-ended", "back-arches", value=1),
    ):
        journal.happened(session, event)
    journal.end_session(session, "finished", then + timedelta(minutes=6))
    return journal


@pytest.fixture
def after_two_days() -> Iterator[PageServer]:
    with serve_page(PageServer(lambda: lately(2))) as served:
        yield served


# -- done otherwise, or left out


def test_a_variant_that_was_chosen_is_led_and_one_left_out_today_is_not(served: PageServer, page: Page) -> None:
    page.send(type="way", exercise=OTHERWISE.id, variant=VARIANT.id)
    page.wait("chosen")
    page.send(type="way", exercise="back-arches", left_out="today")
    page.wait("chosen")
    page.begin()
    past = served.session.past
    assert past is not None
    assert past.variants == {OTHERWISE.id: VARIANT.id}
    assert past.left_out == {"back-arches"}


@pytest.mark.parametrize(
    "way",
    [
        {"exercise": "juggling"},
        {"exercise": "back-arches", "variant": "juggling"},
        {"exercise": "back-arches", "left_out": "forever"},
        {"exercise": f"{OTHERWISE.id}.{VARIANT.id}", "left_out": "today"},
    ],
)
def test_a_way_that_is_not_on_offer_is_refused(served: PageServer, page: Page, way: dict[str, str]) -> None:
    page.send(type="way", **way)
    page.wait("refused")
    home = served.get("/home.json").json()
    assert {(it["variant"], it["left_out"]) for it in home["exercises"]} == {("", "")}


def test_the_row_says_how_it_is_done_and_the_minutes_count_only_what_is_done(served: PageServer, page: Page) -> None:
    before = served.get("/home.json").json()
    page.send(type="way", exercise=OTHERWISE.id, variant=VARIANT.id)
    for exercise in ROUTINE.exercises:
        if exercise is not OTHERWISE:
            page.send(type="way", exercise=exercise.id, left_out="always")
    for _ in ROUTINE.exercises:
        page.wait("chosen")
    home = served.get("/home.json").json()
    row = next(it for it in home["exercises"] if it["id"] == OTHERWISE.id)
    assert (row["title"], row["figure"]) == (VARIANT.title, f"{OTHERWISE.id}.{VARIANT.id}")
    assert served.get(f"/figure/{row['figure']}.json").json()["frames"]
    assert {it["left_out_text"] for it in home["exercises"]} == {"", "Left out for now"}
    assert 1 <= home["minutes"] < before["minutes"]


@pytest.mark.browser
def test_a_movement_is_done_otherwise_by_the_keyboard_and_the_figure_shows_it(screen: Screen) -> None:
    page = screen.page
    row = page.locator(".exercises > li", has=page.locator(f"[data-of={OTHERWISE.id}]"))
    row.get_by_role("button", name=f"Change {OTHERWISE.title}").press("Enter")
    row.get_by_role("radio", name=OTHERWISE.title).first.focus()
    page.keyboard.press("ArrowDown")
    row.locator(".name", has_text=VARIANT.title).wait_for()
    assert row.get_by_role("radio", name=VARIANT.title).evaluate("it => it.checked && it === document.activeElement")
    screen.is_so(
        "(name) => performance.getEntriesByType('resource').some((it) => it.name.endsWith(name))",
        f"/figure/{OTHERWISE.id}.{VARIANT.id}.json",
    )
    is_sound_but_for_focus(screen, "home with a choice open")


def is_sound_but_for_focus(screen: Screen, name: str) -> None:
    screen.page.locator("h1").focus()
    is_sound(screen.page, name)


@pytest.mark.browser
def test_with_everything_left_out_there_is_nothing_to_start_and_it_says_what_to_do(screen: Screen) -> None:
    page = screen.page
    for exercise in ROUTINE.exercises:
        change = page.locator(f"[data-of={exercise.id}]")
        change.click()
        page.get_by_role("radio", name="Leave it out today").check()
        page.locator(f"li.left-out [data-of={exercise.id}]").click()
    page.locator(".start[disabled]").wait_for()
    assert page.get_by_text("Bring one movement back to start.").is_visible()
    page.keyboard.press("Enter")
    page.locator(f"[data-of={ROUTINE.exercises[0].id}]").click()
    page.get_by_role("radio", name="The usual way").check()
    page.locator(".start:not([disabled])").wait_for()
    assert screen.served.sessions == []


# -- the morning after, and what it is for


def answers(journal: Journal) -> list[str]:
    with journal.using() as db:
        return [row[0] for row in db.execute("SELECT detail FROM events WHERE what = ?", (NEXT_MORNING,))]


@pytest.mark.browser
def test_the_morning_after_is_asked_once_and_takes_one_tap(opened: Opener, after_two_days: PageServer) -> None:
    screen = opened(served=after_two_days)
    page = screen.page
    assert page.locator(".morning .asked").inner_text().startswith("How was your back the morning after")
    is_sound(page, "home after a session")
    page.get_by_role("button", name="Better").click()
    page.get_by_text("Thank you. It is noted.").wait_for()
    wait_until(lambda: answers(after_two_days.journal) == ["better"])
    page.reload()
    page.wait_for_selector(".start")
    assert page.locator(".morning").count() == 0


@pytest.mark.browser
def test_who_does_not_want_to_say_how_the_morning_was_is_not_asked_again(
    opened: Opener, after_two_days: PageServer
) -> None:
    page = opened(served=after_two_days).page
    page.locator(".morning").get_by_role("button", name="Not now").click()
    page.reload()
    page.wait_for_selector(".start")
    assert page.locator(".morning").count() == 0
    assert answers(after_two_days.journal) == []


def test_yesterdays_session_is_asked_about_as_this_morning() -> None:
    with serve_page(PageServer(lambda: lately(1))) as served:
        assert "this morning" in served.get("/home.json").json()["morning"]["text"]


def test_nobody_who_did_nothing_is_asked_about_the_morning_or_what_it_is_for(served: PageServer) -> None:
    home = served.get("/home.json").json()
    assert (home["morning"], home["asks_hindered"]) == (None, False)


@pytest.mark.browser
def test_what_the_back_keeps_one_from_is_written_once_changed_and_dropped(
    opened: Opener, after_two_days: PageServer
) -> None:
    page = opened(served=after_two_days).page
    page.get_by_role("button", name="Looking back").click()
    card = page.locator(".hindrance")
    card.get_by_role("button", name="Name it").click()
    page.keyboard.type("lifting my grandson. " + "h" * 80)
    page.keyboard.press("Enter")
    card.get_by_text("What your back keeps you from: “lifting my grandson. hhh").wait_for()
    card.get_by_role("button", name="Change it").click()
    page.locator("#hindered-by").fill("gardening")
    page.keyboard.press("Enter")
    card.get_by_text("What your back keeps you from: “gardening”.").wait_for()
    card.get_by_role("button", name="Drop it").click()
    card.get_by_role("button", name="Name it").wait_for()
    with after_two_days.journal.using() as db:
        assert [len(it.text) for it in read_hindrances(db)] == [80, len("gardening"), 0]


# -- the safety note


@pytest.mark.browser
@pytest.mark.parametrize(("size", "theme"), [(LAPTOP, "light"), (PHONE, "dark"), (SMALL, "light")])
def test_the_safety_note_can_be_read_on_every_screen_in_full(opened: Opener, size: tuple[int, int], theme: str) -> None:
    screen = opened(size, color_scheme=theme)
    page = screen.page
    care = ROUTINE.care
    for name in ("home", "ask", "intro", "set", "rest", "hurt leg", "summary"):
        screen.shows(name)
        page.get_by_role("button", name="Safety note").click()
        words = page.get_by_role("dialog").inner_text()
        for line in (*care.first, *care.emergency, *care.soon, *care.stop, care.always):
            assert line in words, name
        box = page.get_by_role("dialog").get_by_role("button", name="Close").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= size[1], name
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="detached")
        assert page.evaluate("document.body.dataset.screen") == (
            name if name in ("home", "set", "rest", "intro", "summary") else "ask"
        )


@pytest.mark.browser
def test_a_set_waits_while_the_safety_note_is_read(screen: Screen) -> None:
    page = screen.page
    screen.shows_stage(SET)
    page.get_by_role("button", name="Safety note").click()
    page.keyboard.press("h")
    screen.wait_for(lambda: screen.commands() == ["pause"], "the pause")
    page.keyboard.press("Escape")
    screen.wait_for(lambda: screen.commands() == ["pause", "resume"], "going on")


# -- what lies behind


def test_the_pages_behind_are_short_and_name_every_source_once() -> None:
    pages = behind_pages(load_words())
    assert len(pages) == 2
    for page in pages:
        text = " ".join(page.paragraphs)
        assert 250 <= len(text.split()) <= 350
        assert {int(n) for n in re.findall(r"\[(\d+)\]", text)} == set(range(1, len(page.sources) + 1))
        assert all(re.search(r"\b20[0-2]\d\b", source) for source in page.sources)


@pytest.mark.browser
@pytest.mark.parametrize(("size", "theme"), [(LAPTOP, "dark"), (SMALL, "light")])
def test_what_lies_behind_is_reached_from_home_and_read(opened: Opener, size: tuple[int, int], theme: str) -> None:
    page = opened(size, color_scheme=theme).page
    page.get_by_role("button", name="What lies behind").click()
    page.wait_for_selector("article")
    is_sound(page, "behind")
    assert page.locator("article").count() == 2
    page.keyboard.press("Escape")
    page.wait_for_selector(".start")
