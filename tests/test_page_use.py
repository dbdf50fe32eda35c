"""How the page is used, in a real browser with a stand-in for the server: keys, questions, the camera, the line."""

from __future__ import annotations

import pytest
from page_stub import stages
from page_stub.running import Running
from page_stub.screens import (
    Opener,
    caught_up,
    has_heard,
    is_so,
    shown,
    wait_for,
)

pytestmark = pytest.mark.browser


def test_every_command_has_its_key(opened: Opener, server: Running) -> None:
    page = opened()
    shown(page, server, "set")
    for key in (" ", "ArrowRight", "ArrowLeft", "h"):
        page.keyboard.press(key)
    shown(page, server, "paused")
    page.keyboard.press(" ")
    shown(page, server, "rest")
    page.keyboard.press("Enter")
    shown(page, server, "hurt")
    page.keyboard.press("Enter")
    caught_up(page, server)
    assert server.commands() == ["pause", "skip", "back", "hurts", "resume", "continue", "yes"]


def test_what_the_stage_does_not_list_is_not_sent(opened: Opener, server: Running) -> None:
    page = opened()
    shown(page, server, "set")
    server.send(page, stages.in_set(keys=["pause"]))
    page.get_by_role("button", name="This hurts").wait_for(state="hidden")
    for key in ("Enter", "ArrowRight", "ArrowLeft", "h", "Escape", " "):
        page.keyboard.press(key)
    caught_up(page, server)
    assert server.commands() == ["pause"]


def test_this_hurts_is_there_whenever_it_can_be_said(opened: Opener, server: Running) -> None:
    page = opened()
    shown(page, server, "set")
    hurts = page.get_by_role("button", name="This hurts")
    for name, there in (("rest", True), ("hurt", False), ("paused", True), ("summary", False)):
        shown(page, server, name)
        hurts.wait_for(state="visible" if there else "hidden")


def test_enter_starts_also_from_the_choice_of_camera(opened: Opener, server: Running) -> None:
    page = opened()
    page.focus("input[name=camera][value=on]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    has_heard(page, server, {"type": "start", "camera": False})


def test_who_dictates_turns_the_letters_off_and_they_stay_off(opened: Opener, server: Running) -> None:
    page = opened()
    page.check("input[name=letters][value=off]", force=True)
    for _ in range(2):
        shown(page, server, "set")
        hurts, sound = page.locator(".hurts"), page.locator(".tools .tool").first
        assert hurts.inner_text().strip() == "This hurts"
        assert sound.get_attribute("aria-label") == sound.get_attribute("title") == "Turn the voice off"
        assert [it.get_attribute("aria-keyshortcuts") for it in (hurts, sound)] == [None, None]
        page.keyboard.type("hmHM ")
        page.keyboard.press("ArrowRight")
        assert sound.get_attribute("title") == "Turn the voice off"
        shown(page, server, "ask")
        assert page.locator(".keys").inner_text() == "Choose a number."
        page.keyboard.type("710")
        caught_up(page, server)
        page.reload()
        page.wait_for_selector(".start")
    assert server.commands() == ["pause", "skip"] * 2
    assert {told["value"] for told in server.stub.heard if told["type"] == "answer"} == {None}


def test_letters_that_are_turned_on_again_are_keys_and_are_shown(opened: Opener, server: Running) -> None:
    page = opened()
    page.check("input[name=letters][value=off]", force=True)
    page.reload()
    page.check("input[name=letters][value=on]", force=True)
    assert page.get_by_role("button", name="Turn the voice off (M)").is_visible()
    shown(page, server, "set")
    assert page.locator(".hurts kbd").inner_text() == "H"
    assert page.locator(".hurts").get_attribute("aria-keyshortcuts") == "h"
    page.keyboard.type("m")
    page.get_by_role("button", name="Turn the voice on (M)").wait_for()
    page.keyboard.type("h")
    caught_up(page, server)
    assert server.commands() == ["hurts"]


def test_what_was_refused_and_what_is_not_kept_stand_in_the_bar(opened: Opener, server: Running) -> None:
    page = opened()
    bar = page.locator("header [role=status]")
    shown(page, server, "set")
    assert bar.inner_text() == ""
    shown(page, server, "unkept")
    is_so(page, "document.querySelector('header [role=status]').textContent === 'Nothing is being saved.'")
    server.send(page, {"type": "refused", "text": "Something went wrong."})
    is_so(page, "document.querySelector('header [role=status]').textContent === 'Something went wrong.'")


def test_finishing_asks_first_and_waits_meanwhile(opened: Opener, server: Running) -> None:
    page = opened()
    shown(page, server, "set")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    wait_for(page, lambda: len(server.commands()) == 2, "the second command")
    assert server.commands() == ["pause", "resume"]
    page.keyboard.press("Escape")
    page.get_by_role("dialog").get_by_role("button", name="Finish").click()
    page.wait_for_selector("body[data-screen='home']")
    assert server.commands() == ["pause", "resume", "pause", "finish"]


def test_while_it_asks_whether_to_finish_nothing_else_is_large(opened: Opener, server: Running) -> None:
    page = opened()
    veil = page.locator("#veil")
    shown(page, server, "set")
    page.keyboard.press("Escape")
    shown(page, server, "paused")
    assert veil.is_hidden()
    page.keyboard.press("Escape")
    shown(page, server, "paused")
    veil.wait_for(state="visible")
    page.keyboard.press("Escape")
    veil.wait_for(state="hidden")
    page.keyboard.press("Escape")
    veil.wait_for(state="visible")


@pytest.mark.parametrize(
    ("keys", "value"), [("7", 7), ("1", 1), ("10", 10), ("0", 0)], ids=["seven", "one", "ten", "nought"]
)
def test_a_number_is_answered_by_its_digits(opened: Opener, server: Running, keys: str, value: int) -> None:
    page = opened()
    shown(page, server, "ask")
    page.keyboard.type(keys)
    has_heard(page, server, {"type": "answer", "question": "soreness-before", "value": value})
    assert [told for told in server.stub.heard if told["type"] == "answer"] == [
        {"type": "answer", "question": "soreness-before", "value": value}
    ]


def test_one_may_rather_not_say(opened: Opener, server: Running) -> None:
    page = opened()
    shown(page, server, "ask")
    page.get_by_role("button", name="rather not").click()
    has_heard(page, server, {"type": "answer", "question": "soreness-before", "value": None})


def test_what_is_said_stands_in_a_live_region(opened: Opener, server: Running) -> None:
    page = opened()
    shown(page, server, "set")
    server.send(page, {"type": "say", "text": "Good. Two.", "tone": "count"})
    is_so(page, "document.querySelector('[aria-live=polite]').textContent === 'Good. Two.'")


def test_a_refused_camera_is_told_and_no_picture_is_sent(opened: Opener, server: Running) -> None:
    page = opened(camera=False)
    shown(page, server, "ready")
    wait_for(page, lambda: bool(server.troubles()), "the trouble")
    caught_up(page, server)
    assert server.troubles() == ["camera-refused"]
    assert server.stub.pictures == 0


def test_a_camera_that_was_refused_is_not_asked_for_again_when_another_is_plugged_in(
    opened: Opener, server: Running
) -> None:
    page = opened(camera=False)
    page.evaluate(
        """() => {
             const devices = navigator.mediaDevices, ask = devices.getUserMedia.bind(devices);
             window.asked = 0;
             devices.getUserMedia = (wish) => { window.asked += 1; return ask(wish); };
           }"""
    )
    shown(page, server, "ready")
    wait_for(page, lambda: server.troubles() == ["camera-refused"], "the refusal")
    page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    assert page.evaluate("window.asked") == 1


def test_an_unplugged_camera_is_told(opened: Opener, server: Running) -> None:
    page = opened()
    shown(page, server, "ready")
    is_so(page, "document.querySelector('video').srcObject !== null")
    page.evaluate(
        "document.querySelector('video').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))"
    )
    wait_for(page, lambda: bool(server.troubles()), "the trouble")
    assert server.troubles() == ["camera-lost"]


SHOWN_ON = """(n) => {
    const shown = document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames;
    window.from ??= shown;
    return shown >= window.from + n;
}"""
"""Whether the camera has given so many pictures more, sent or not."""


def test_pictures_go_only_while_the_coach_looks(opened: Opener, server: Running) -> None:
    page = opened()
    shown(page, server, "intro")
    is_so(page, SHOWN_ON, 5)
    assert server.stub.pictures == 0
    shown(page, server, "ready")
    wait_for(page, lambda: server.stub.pictures > 2, "the third picture")
    shown(page, server, "rest")
    caught_up(page, server)
    before = server.stub.pictures
    page.evaluate("window.from = undefined")
    is_so(page, SHOWN_ON, 10)
    assert server.stub.pictures == before


def test_the_choice_of_no_camera_is_remembered(opened: Opener, server: Running) -> None:
    page = opened()
    page.check("input[name=camera][value=off]", force=True)
    page.reload()
    page.wait_for_selector(".start")
    page.click(".start")
    has_heard(page, server, {"type": "start", "camera": False})


def test_a_stopped_server_is_said_with_what_to_do(opened: Opener, server: Running) -> None:
    page = opened()
    shown(page, server, "set")
    server.server.should_exit = True
    page.wait_for_selector("body[data-screen='gone']")
    words = page.locator("main").inner_text()
    assert "loosen has stopped" in words
    assert "saved" in words
    assert page.locator("main code").inner_text() == "loosen"
    assert "looks for it" not in words


def test_a_reload_in_mid_set_says_that_the_session_ended_and_is_kept(opened: Opener, server: Running) -> None:
    page = opened()
    notice = page.locator("main [role=status]")
    page.reload()
    page.wait_for_selector(".start")
    assert notice.count() == 0
    shown(page, server, "set")
    page.reload()
    page.wait_for_selector(".start")
    assert "ended the session" in notice.inner_text()
    assert "saved" in notice.inner_text()
    shown(page, server, "summary")
    page.reload()
    page.wait_for_selector(".start")
    assert notice.count() == 0
