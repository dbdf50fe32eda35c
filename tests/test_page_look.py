"""What the page looks like and how it is used, in a real browser with a stand-in for the server."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from page_stub import stages
from page_stub.running import BROWSER, Running, running
from page_stub.serve import SOURCE, STATIC
from page_support import PATIENCE_S

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

LAPTOP, DESK, PHONE = (1280, 800), (1920, 1080), (390, 844)
SCREENS: dict[str, dict[str, Any] | None] = {
    "home": None,
    "care": stages.care(),
    "ask": stages.question("soreness-before"),
    "intro": stages.intro(),
    "ready": stages.ready(3),
    "countdown": stages.ready(5, 3),
    "set": stages.in_set(cue="Keep your knees long"),
    "set by voice": stages.in_set(camera=False, seconds_left=2),
    "set in trouble": stages.in_set("rest", 0, note="I can't see your feet. Take a step back."),
    "paused": stages.in_set(paused=True, note="You left the picture.", keys=stages.PAUSED_KEYS),
    "unkept": stages.in_set(kept=False),
    "rest": stages.rest(),
    "hurt": stages.hurt(),
    "get-up": stages.get_up(),
    "summary": stages.summary(),
}
Opener = Callable[..., "Page"]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=BROWSER)
        yield browser
        browser.close()


@pytest.fixture
def server() -> Iterator[Running]:
    with running() as server:
        yield server


@pytest.fixture
def opened(browser: Browser, server: Running) -> Iterator[Opener]:
    """Open the page; at the end, nothing may have been complained of or asked of another host."""
    contexts, complaints, hosts = [], [], set()

    def open_page(size: tuple[int, int] = LAPTOP, *, camera: bool = True, **wishes: Any) -> Page:
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(
            viewport=viewport,  # type: ignore[arg-type]
            permissions=["camera"] if camera else [],
            **wishes,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
        page.goto(server.address)
        page.wait_for_selector(".start")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not [text for text in complaints if "WebSocket" not in text]
    assert {host.split(":")[0] for host in hosts} <= {"127.0.0.1"}


def wait_for(page: Page, holds: Callable[[], bool], what: str) -> None:
    """Let the browser go on until something has reached the server."""
    end_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end_s, f"{what} did not happen"
        page.wait_for_timeout(20)


def is_so(page: Page, script: str, given: object = None) -> None:
    """Wait until a script holds in the page. (Playwright's own waiting needs a policy that allows `eval`.)"""
    wait_for(page, lambda: bool(page.evaluate(script, given)), script)


def has_heard(page: Page, server: Running, told: dict[str, Any]) -> None:
    """Wait until the server was told so, after everything that was told before."""
    wait_for(page, lambda: told in server.stub.heard, str(told))


def caught_up(page: Page, server: Running) -> None:
    """Wait until everything that the page has sent so far has been heard: a last thing goes the same way."""
    shown(page, server, "ask")
    page.get_by_role("button", name="rather not").click()
    has_heard(page, server, {"type": "answer", "question": "soreness-before", "value": None})


def shown(page: Page, server: Running, name: str) -> None:
    """Show one of the screens."""
    stage = SCREENS[name]
    if stage is not None:
        if page.evaluate("document.body.dataset.mode") == "quiet":
            page.click(".start")
        server.send(page, stage)


@pytest.mark.parametrize(
    ("size", "theme"), [(LAPTOP, "light"), (PHONE, "dark")], ids=["laptop, light", "phone, dark"]
)
def test_axe_finds_no_violation_on_any_screen(opened: Opener, server: Running, size: Any, theme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    page = opened(size, color_scheme=theme)
    for name in SCREENS:
        shown(page, server, name)
        found = Axe().run(page).response["violations"]
        assert not found, f"{name}: {[(rule['id'], rule['nodes'][0]['html']) for rule in found]}"


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_each_screen_has_one_heading_with_the_focus_and_big_enough_targets(
    opened: Opener, server: Running, size: Any
) -> None:
    page = opened(size)
    for name in SCREENS:
        shown(page, server, name)
        assert page.locator("h1").count() == 1, name
        assert page.evaluate("document.activeElement.tagName") == "H1", name
        small = page.evaluate(
            """[...document.querySelectorAll('button, a, input')].filter((e) => {
                 const box = e.getBoundingClientRect();
                 return box.width && (box.width < 44 || box.height < 44);
               }).map((e) => e.outerHTML)"""
        )
        assert not small, name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"


@pytest.mark.parametrize("size", [LAPTOP, DESK, PHONE], ids=["laptop", "desk", "phone"])
@pytest.mark.parametrize("name", ["set", "set by voice", "set in trouble", "ready", "countdown"])
def test_somebody_who_stands_need_not_scroll(opened: Opener, server: Running, size: Any, name: str) -> None:
    page = opened(size)
    shown(page, server, name)
    spill = page.evaluate(
        """() => {
             const main = document.getElementById('screen');
             return [main.scrollHeight - main.clientHeight, main.scrollWidth - main.clientWidth,
                     document.documentElement.scrollHeight - innerHeight];
           }"""
    )
    assert max(spill) <= 0


@pytest.mark.parametrize("size", [LAPTOP, DESK], ids=["laptop", "desk"])
@pytest.mark.parametrize("name", ["set", "set by voice"])
def test_count_phase_and_cue_are_readable_from_three_metres(
    opened: Opener, server: Running, size: Any, name: str
) -> None:
    page = opened(size)
    shown(page, server, name)

    def share(selector: str) -> float:
        letters = f"parseFloat(getComputedStyle(document.querySelector('{selector}')).fontSize)"
        return round(float(page.evaluate(letters)) / float(size[1]), 4)

    assert share(".count .number") >= 0.30
    assert share(".phase .word") >= 0.09
    assert name != "set" or share(".cue span") >= 0.07


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


@pytest.mark.parametrize("height", [780, 844])
def test_on_a_phone_the_way_on_is_wholly_in_sight(opened: Opener, server: Running, height: int) -> None:
    page = opened((390, height))
    shown(page, server, "intro")
    server.send(page, {"type": "say", "text": "Back Arches. " * 8, "tone": "guide"})
    is_so(page, "document.getElementById('said').textContent.length > 60")
    for _ in range(2):
        button = page.get_by_role("button", name="Go on").bounding_box()
        bar = page.locator("footer").bounding_box()
        assert button is not None
        assert bar is not None
        assert button["y"] + button["height"] <= bar["y"]
        page.evaluate("document.querySelector('main').scrollTo(0, 9999)")


def test_enter_starts_also_from_the_choice_of_camera(opened: Opener, server: Running) -> None:
    page = opened()
    page.focus("input[value=on]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    has_heard(page, server, {"type": "start", "camera": False})


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
    page.check("input[value=off]", force=True)
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


def test_the_figure_steps_between_key_poses_when_motion_is_unwelcome(opened: Opener, server: Running) -> None:
    page = opened(reduced_motion="reduce")
    shown(page, server, "intro")
    seen: set[str] = set()
    wait_for(page, lambda: drawn(page, seen) >= 2, "a second pose")
    for _ in range(24):
        drawn(page, seen)
        page.wait_for_timeout(100)
    assert len(seen) <= 4


def test_the_figure_moves_otherwise(opened: Opener, server: Running) -> None:
    page = opened()
    shown(page, server, "intro")
    seen: set[str] = set()
    wait_for(page, lambda: drawn(page, seen) > 6, "the seventh pose")


def test_every_figure_is_fetched_once_and_before_it_is_needed(opened: Opener, server: Running) -> None:
    page = opened()
    asked = "performance.getEntriesByType('resource').map((e) => e.name).filter((name) => name.includes('/figure/'))"
    is_so(page, f"{asked}.length === {len(stages.EXERCISES)}")
    is_so(page, "!document.querySelector('.easel .figure.empty')")
    for name in ("intro", "rest"):
        shown(page, server, name)
        is_so(page, "document.querySelector('main .figure') && !document.querySelector('main .figure.empty')")
    assert (
        page.evaluate(f"new Set({asked}).size") == page.evaluate(f"{asked}.length") == len(stages.EXERCISES)
    )


def drawn(page: Page, seen: set[str]) -> int:
    """Look at the figure once more; return how many different drawings of it have been seen."""
    seen.add(page.evaluate("document.querySelector('.figure canvas').toDataURL()"))
    return len(seen)


def test_the_page_holds_no_inline_script_or_style() -> None:
    text = (STATIC / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text)
    assert "//" not in re.sub(r"<!--.*?-->", "", text)


def test_every_word_of_the_page_is_in_the_catalogue_and_every_one_is_used() -> None:
    catalogue = tomllib.loads((SOURCE / "routine" / "words" / "en.toml").read_text(encoding="utf-8"))["page"]
    code = "\n".join(path.read_text(encoding="utf-8") for path in STATIC.rglob("*.js"))
    asked = set(re.findall(r"\bt\(\s*'([a-z_]+)'", code))
    assert not asked - set(catalogue)
    # Some keys are chosen in a condition, or made of a name.
    quoted = set(re.findall(r"'([a-z_]+)'", code))
    made = {f"part_{name}" for name in stages.PARTS}
    made |= {f"{what}_{n}" for what in ("week_days", "sets", "reps") for n in ("one", "many")}
    made |= {f"{which}_{what}" for which in ("more", "fewer") for what in ("sets", "reps")}
    made |= {f"sitting_wait_{what}" for what in ("call", "full-screen", "quiet")}
    made |= {"sitting_today_said_one", "sitting_today_said_many"}
    assert not set(catalogue) - asked - quoted - made
