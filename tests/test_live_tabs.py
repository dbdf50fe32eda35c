"""Several tabs: one leads at a time, another may take over, and what was done is kept."""

from __future__ import annotations

import threading

import pytest
from page_screens import Opener
from page_support import Page, PageServer, serve_page, wait_until

from loosen.coach.guidance.demo_body import DemoBody
from loosen.coach.guidance.stage import Ended, Stage


def test_a_second_page_is_told_that_another_one_leads(served: PageServer) -> None:
    with served.page() as one, served.page() as two:
        one.begin()
        two.send(type="start", camera=True)
        two.wait("led-elsewhere")
        one.send(type="command", name="continue")
        one.wait("stage", count=1)
        two.send(type="command", name="continue")
        two.wait("refused")
    assert len(served.sessions) == 1


def test_who_takes_over_leads_and_what_the_other_did_is_kept(served: PageServer) -> None:
    with served.page() as one, served.page() as two:
        one.begin()
        served.does_one()
        first = served.session
        two.send(type="start", camera=False, take_over=True)
        two.wait("stage")
        one.wait("taken-over")
        (row,) = served.journal.sessions()
        assert (row.how, row.attempts) == ("stopped", 1)
        ticks = first.ticks
        wait_until(lambda: served.session.ticks >= 3)
        assert first.ticks == ticks, "only one session goes on"
        two.send(type="command", name="continue")
        two.wait("stage", count=1)
        one.send(type="start", camera=False)
        one.wait("led-elsewhere")


@pytest.mark.parametrize("how", ["gone", "ended", "summary"])
def test_where_nobody_is_led_any_more_there_is_nothing_to_take_over(served: PageServer, how: str) -> None:
    with served.page() as one, served.page() as two:
        one.begin()
        served.does_one()
        if how == "gone":
            one.socket.close()
            wait_until(served.is_over)
        elif how == "ended":
            served.session.coming = [Ended("finished")]
            one.wait("ended")
        else:
            served.session.stage_now = Stage("summary")
            one.wait("stage", screen="summary")
        two.begin()
        if how == "summary":
            one.send(type="command", name="pause")
            wait_until(lambda: ("command", "pause") in served.sessions[0].told)
    assert not [message for message in one.got if message["type"] == "taken-over"]


def test_of_pages_that_begin_at_once_one_leads(served: PageServer) -> None:
    with served.page() as one, served.page() as two, served.page() as three:
        pages = (one, two, three)
        at_once = threading.Barrier(len(pages))

        def start(page: Page) -> None:
            at_once.wait()
            page.send(type="start", camera=False)

        threads = [threading.Thread(target=start, args=(page,)) for page in pages]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for page in pages:
            while not {"stage", "led-elsewhere"} & {message["type"] for message in page.got}:
                page.wait_any()
        answers = [message["type"] for page in pages for message in page.got]
        assert (answers.count("stage"), answers.count("led-elsewhere")) == (1, 2)
    assert len(served.sessions) == 1


def test_taking_over_to_and_fro_leaves_each_session_ended_once(served: PageServer) -> None:
    with served.page() as one, served.page() as two:
        one.begin()
        served.does_one()
        for page, other in ((two, one), (one, two)) * 3:
            page.send(type="start", camera=False, take_over=True)
            other.wait("taken-over")
            page.wait("stage")
            served.does_one()
        rows = served.journal.sessions()
        assert [row.ended is None for row in rows] == [True] + [False] * 6


# -- in a real browser


@pytest.mark.browser
def test_the_second_tab_asks_and_the_first_ends_quietly(served: PageServer, opened: Opener) -> None:
    first, second = opened().page, opened().page
    first.click(".start")
    first.wait_for_selector("body[data-screen='set']")
    served.does_one()
    second.click(".start")
    dialog = second.get_by_role("dialog")
    dialog.wait_for()
    assert "already leading a session in another tab" in dialog.inner_text()
    assert "saved" in dialog.inner_text()
    assert second.evaluate("document.querySelector('video')?.srcObject ?? null") is None
    second.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert second.evaluate("document.body.dataset.screen") == "home"
    assert first.evaluate("document.body.dataset.screen") == "set"
    assert len(served.sessions) == 1

    second.click(".start")
    second.get_by_role("button", name="Take over here").click()
    second.wait_for_selector("body[data-screen='set']")
    first.wait_for_selector("body[data-screen='home']")
    notice = first.locator("main .notice[role=status]").inner_text()
    assert "took over in another tab" in notice
    assert "saved" in notice
    assert first.evaluate("document.querySelector('video')?.srcObject ?? null") is None
    (row,) = served.journal.sessions()
    assert (row.how, row.attempts) == ("stopped", 1)
    assert len(served.sessions) == 2

    # The reload of a tab leaves no session behind that it would have to take over from itself.
    second.reload()
    second.wait_for_selector(".start")
    second.click(".start")
    second.wait_for_selector("body[data-screen='set']")
    assert second.get_by_role("dialog").count() == 0


@pytest.mark.browser
def test_a_question_that_stands_when_another_tab_takes_over_goes_away(served: PageServer, opened: Opener) -> None:
    first, second = opened().page, opened().page
    first.click(".start")
    first.wait_for_selector("body[data-screen='set']")
    served.session.stage_now = Stage("set", keys=("pause", "finish"))
    first.get_by_role("button", name="Finish").click()
    first.get_by_role("dialog").wait_for()
    second.click(".start")
    second.get_by_role("button", name="Take over here").click()
    first.wait_for_selector("body[data-screen='home']")
    assert first.get_by_role("dialog").count() == 0
    assert first.locator("header [role=status]").inner_text() == ""


def test_the_demo_too_leads_in_one_tab_only() -> None:
    class Nobody(DemoBody):
        def looks_at(self, t_s: float, stage: Stage) -> None:
            return None

    with serve_page(demo=True, new_demo_body=Nobody) as served, served.page() as one, served.page() as two:
        one.send(type="start", camera=False)
        one.wait("stage")
        two.send(type="start", camera=False)
        two.wait("led-elsewhere")
