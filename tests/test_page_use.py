"""How the page is used, in a real browser: keys, questions, the camera, the connection."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from page_screens import ASK, CARE, SET, Opener, Screen
from people import ROUTINE

from loosen.coach.guidance.stage import Say

pytestmark = pytest.mark.browser


def test_every_command_has_its_key(screen: Screen) -> None:
    page = screen.page
    screen.shows("set")
    for key in (" ", "ArrowRight", "ArrowLeft", "h"):
        page.keyboard.press(key)
    screen.shows("paused")
    page.keyboard.press(" ")
    screen.shows("rest")
    page.keyboard.press("Enter")
    screen.shows("hurt")
    page.keyboard.press("Enter")
    screen.has_caught_up()
    assert screen.commands() == ["pause", "skip", "back", "hurts", "resume", "continue", "yes"]


def test_what_the_stage_does_not_list_is_not_sent(screen: Screen) -> None:
    page = screen.page
    screen.shows("set")
    screen.shows_stage(replace(SET, keys=("pause",)))
    page.get_by_role("button", name="This hurts").wait_for(state="hidden")
    for key in ("Enter", "ArrowRight", "ArrowLeft", "h", "Escape", " "):
        page.keyboard.press(key)
    screen.has_caught_up()
    assert screen.commands() == ["pause"]


def test_this_hurts_is_there_whenever_it_can_be_said(screen: Screen) -> None:
    page = screen.page
    screen.shows("set")
    hurts = page.get_by_role("button", name="This hurts")
    for name, there in (("rest", True), ("hurt", False), ("paused", True), ("summary", False)):
        screen.shows(name)
        hurts.wait_for(state="visible" if there else "hidden")


def test_enter_starts_also_from_the_choice_of_camera_which_is_remembered(screen: Screen) -> None:
    page = screen.page
    page.focus("input[name=camera][value=on]")
    page.keyboard.press("ArrowRight")
    for n in (1, 2):
        page.keyboard.press("Enter")
        screen.wait_for(lambda n=n: len(screen.served.sessions) == n, "a session")  # type: ignore[misc]
        assert not screen.served.session.camera
        page.reload()
        page.wait_for_selector(".start")


def test_who_dictates_turns_the_letters_off_and_they_stay_off(screen: Screen) -> None:
    page = screen.page
    page.check("input[name=letters][value=off]", force=True)
    for _ in range(2):
        screen.shows("set")
        hurts, sound = page.locator(".hurts"), page.locator(".tools .tool").nth(1)
        assert hurts.inner_text().strip() == "This hurts"
        assert sound.get_attribute("aria-label") == sound.get_attribute("title") == "Turn the voice off"
        assert [it.get_attribute("aria-keyshortcuts") for it in (hurts, sound)] == [None, None]
        page.keyboard.type("hmHM ")
        page.keyboard.press("ArrowRight")
        assert sound.get_attribute("title") == "Turn the voice off"
        screen.shows("ask")
        assert page.locator(".keys").inner_text() == "Choose a number."
        page.keyboard.type("710")
        screen.has_caught_up()
        page.reload()
        page.wait_for_selector(".start")
    assert screen.commands() == ["pause", "skip"] * 2
    assert {told[2] for told in screen.served.told() if told[0] == "answer"} == {None}


def test_letters_that_are_turned_on_again_are_keys_and_are_shown(screen: Screen) -> None:
    page = screen.page
    page.check("input[name=letters][value=off]", force=True)
    page.reload()
    page.check("input[name=letters][value=on]", force=True)
    assert page.get_by_role("button", name="Turn the voice off (M)").is_visible()
    screen.shows("set")
    assert page.locator(".hurts kbd").inner_text() == "H"
    assert page.locator(".hurts").get_attribute("aria-keyshortcuts") == "h"
    page.keyboard.type("m")
    page.get_by_role("button", name="Turn the voice on (M)").wait_for()
    page.keyboard.type("h")
    screen.has_caught_up()
    assert screen.commands() == ["hurts"]


def test_what_was_refused_and_what_is_not_kept_stand_in_the_bar(screen: Screen) -> None:
    page = screen.page
    bar = page.locator("header [role=status]")
    screen.shows("set")
    assert bar.inner_text() == ""
    screen.shows("unkept")
    screen.is_so("document.querySelector('header [role=status]').textContent === 'Nothing is being saved.'")
    screen.served.session.fails_on = {"tick"}
    screen.is_so("document.querySelector('header [role=status]').textContent.startsWith('Something went wrong')")


def test_finishing_asks_first_and_waits_meanwhile(screen: Screen) -> None:
    page = screen.page
    screen.shows("set")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    screen.wait_for(lambda: len(screen.commands()) == 2, "the second command")
    assert screen.commands() == ["pause", "resume"]
    page.keyboard.press("Escape")
    assert page.get_by_text("What you did so far is saved.").is_visible()
    page.get_by_role("dialog").get_by_role("button", name="Finish").click()
    page.wait_for_selector("body[data-screen='home']")
    assert screen.commands() == ["pause", "resume", "pause", "finish"]


def test_where_nothing_was_done_nothing_is_said_to_be_saved(screen: Screen) -> None:
    page = screen.page
    screen.shows_stage(replace(CARE, keys=("read", "finish")))
    page.keyboard.press("Escape")
    page.get_by_role("dialog").get_by_text("Finish here?").wait_for()
    assert page.get_by_text("What you did so far is saved.").count() == 0


def test_enter_skips_no_question_with_a_number(screen: Screen) -> None:
    page = screen.page
    screen.shows_stage(replace(ASK, keys=("continue", "finish")))
    page.keyboard.press("Enter")
    page.keyboard.press("4")
    screen.hears("answer", "soreness-before", 4)
    assert screen.commands() == []


def test_what_was_said_does_not_stand_under_the_next_screen(screen: Screen) -> None:
    page = screen.page
    screen.shows("set")
    screen.says(Say("Right foot forward, big step.", "guide"))
    page.get_by_text("Right foot forward").wait_for()
    page.wait_for_timeout(400)
    screen.shows("summary")
    page.get_by_text("Right foot forward").wait_for(state="hidden", timeout=1500)


def test_while_it_asks_whether_to_finish_nothing_else_is_large(screen: Screen) -> None:
    page = screen.page
    veil = page.locator("#veil")
    screen.shows("set")
    page.keyboard.press("Escape")
    screen.shows("paused")
    assert veil.is_hidden()
    page.keyboard.press("Escape")
    screen.shows_stage(replace(SET, paused=True, keys=("resume", "finish")))
    veil.wait_for(state="visible")
    page.keyboard.press("Escape")
    veil.wait_for(state="hidden")
    page.keyboard.press("Escape")
    veil.wait_for(state="visible")


@pytest.mark.parametrize(
    ("keys", "value"), [("7", 7), ("1", 1), ("10", 10), ("0", 0)], ids=["seven", "one", "ten", "nought"]
)
def test_a_number_is_answered_by_its_digits(screen: Screen, keys: str, value: int) -> None:
    page = screen.page
    screen.shows("ask")
    page.keyboard.type(keys)
    screen.hears("answer", "soreness-before", value)
    assert len([told for told in screen.served.told() if told[0] == "answer"]) == 1


@pytest.mark.parametrize(
    ("keys", "option"),
    [(["2"], "leg"), (["ArrowDown", "Enter"], "back"), (["ArrowRight", "ArrowRight", " "], "leg")],
    ids=["number", "arrow", "space"],
)
def test_one_of_a_few_is_chosen_by_its_number_or_with_the_arrows(screen: Screen, keys: list[str], option: str) -> None:
    screen.shows("hurt place")
    for key in keys:
        screen.page.keyboard.press(key)
    screen.hears("answer", "hurt-place", option)
    assert screen.commands() == []


def test_enter_chooses_only_the_one_to_be_led_to(screen: Screen) -> None:
    screen.shows("hurt place")
    screen.page.keyboard.press("Enter")
    screen.shows("hurt leg")
    screen.page.keyboard.press("Enter")
    screen.hears("answer", "hurt-next", "finish")
    assert [told[1] for told in screen.served.told() if told[0] == "answer"] == ["hurt-next"]


def test_pain_in_a_leg_shows_when_to_get_help_before_what_to_do(screen: Screen) -> None:
    screen.shows("hurt leg")
    words = screen.page.locator("main").inner_text()
    asked = words.index("What shall we do?")
    care = ROUTINE.care
    assert all(0 <= words.find(line) < asked for line in (*care.emergency, *care.soon))
    screen.page.get_by_role("button", name="This hurts").wait_for(state="visible")


def test_what_is_said_stands_in_a_live_region(screen: Screen) -> None:
    screen.shows("set")
    screen.says(Say("Good. Two.", "count"))
    screen.is_so("document.querySelector('[aria-live=polite]').textContent === 'Good. Two.'")


def test_a_refused_camera_is_told_and_not_asked_for_again_when_another_is_plugged_in(opened: Opener) -> None:
    screen = opened(camera=False)
    page = screen.page
    page.evaluate(
        """() => {
             const devices = navigator.mediaDevices, ask = devices.getUserMedia.bind(devices);
             window.asked = 0;
             devices.getUserMedia = (wish) => { window.asked += 1; return ask(wish); };
           }"""
    )
    screen.shows("ready")
    screen.wait_for(lambda: screen.troubles() == ["camera-refused"], "the refusal")
    page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    screen.has_caught_up()
    assert page.evaluate("window.asked") == 1
    assert (screen.troubles(), screen.served.pictures()) == (["camera-refused"], 0)


def test_an_unplugged_camera_is_told(screen: Screen) -> None:
    page = screen.page
    screen.shows("ready")
    screen.is_so("document.querySelector('video').srcObject !== null")
    page.evaluate("document.querySelector('video').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))")
    screen.wait_for(lambda: bool(screen.troubles()), "the trouble")
    assert screen.troubles() == ["camera-lost"]


SHOWN_ON = """(n) => {
    const shown = document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames;
    window.from ??= shown;
    return shown >= window.from + n;
}"""
"""Whether the camera has given so many pictures more, sent or not."""


def test_pictures_go_only_while_the_coach_looks(screen: Screen) -> None:
    page = screen.page
    screen.shows("intro")
    screen.has_caught_up()  # the made-up session begins with a set
    before = screen.served.pictures()
    screen.is_so(SHOWN_ON, 5)
    assert screen.served.pictures() == before
    screen.shows("ready")
    screen.wait_for(lambda: screen.served.pictures() > 2, "the third picture")
    screen.shows("rest")
    screen.has_caught_up()
    before = screen.served.pictures()
    page.evaluate("window.from = undefined")
    screen.is_so(SHOWN_ON, 10)
    assert screen.served.pictures() == before


def test_a_stopped_server_is_said_with_what_to_do(screen: Screen) -> None:
    page = screen.page
    screen.shows("set")
    screen.served.server.should_exit = True
    page.wait_for_selector("body[data-screen='stopped']")
    words = page.locator("main").inner_text()
    assert "loosen has stopped" in words
    assert "saved" in words
    assert page.locator("main code").inner_text() == "loosen"
    assert "looks for it" not in words


def test_a_reload_in_mid_set_says_that_the_session_ended_and_is_kept(screen: Screen) -> None:
    page = screen.page
    notice = page.locator("main .notice[role=status]")
    page.reload()
    page.wait_for_selector(".start")
    assert notice.count() == 0
    screen.shows("set")
    page.reload()
    page.wait_for_selector(".start")
    assert "ended the session" in notice.inner_text()
    assert "saved" in notice.inner_text()
    screen.shows("summary")
    page.reload()
    page.wait_for_selector(".start")
    assert notice.count() == 0
