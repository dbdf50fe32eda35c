"""What the page looks like, in a real browser with a stand-in for the server."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from page_stub import stages
from page_stub.running import Running, running
from page_stub.screens import (
    DESK,
    LAPTOP,
    PHONE,
    SCREENS,
    SMALL,
    Opener,
    is_so,
    shown,
    wait_for,
)
from page_stub.serve import SOURCE, STATIC

from loosen.routine.reader import builtin

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


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


@pytest.mark.parametrize("size", [LAPTOP, PHONE, SMALL], ids=["laptop", "phone", "small phone"])
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


@pytest.mark.parametrize("size", [LAPTOP, DESK, PHONE, SMALL], ids=["laptop", "desk", "phone", "small phone"])
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


@pytest.mark.parametrize("size", [LAPTOP, DESK, PHONE, SMALL], ids=["laptop", "desk", "phone", "small phone"])
@pytest.mark.parametrize("name", ["set", "set by voice", "set in trouble"])
def test_in_a_set_nothing_lies_over_anything_else(
    opened: Opener, server: Running, size: Any, name: str
) -> None:
    page = opened(size)
    shown(page, server, name)
    over = page.evaluate(
        """() => {
             const parts = ['main .mirror', '.scene > .figure', '.dial', '.side', '.phase', '.cue', 'footer'];
             const boxes = parts.map((it) => document.querySelector(it)).filter((it) => it?.offsetParent)
               .map((it) => [it.className || it.tagName, it.getBoundingClientRect()]);
             return boxes.flatMap(([name, a], i) => boxes.slice(i + 1)
               .filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
                 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1)
               .map(([other]) => `${name} and ${other}`));
           }"""
    )
    assert over == []
    hurts = page.get_by_role("button", name="This hurts").bounding_box()
    assert hurts is not None
    assert hurts["height"] < 60, "its words stand on one line"


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


@pytest.mark.parametrize("size", [LAPTOP, DESK, PHONE, SMALL], ids=["laptop", "desk", "phone", "small phone"])
def test_the_word_of_every_phase_stays_on_its_line_within_the_window(
    opened: Opener, server: Running, size: Any
) -> None:
    page = opened(size)
    shown(page, server, "set")
    words = {word for it in builtin().exercises for word in msgspec.structs.astuple(it.words) if word}
    assert max(map(len, words)) > 9
    for word in sorted(words):
        server.send(page, stages.in_set(phase_word=word))
        box = page.locator(".phase .word").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= size[0] - 12, word
        assert box["height"] < 0.15 * size[1], word


@pytest.mark.parametrize("size", [PHONE, SMALL], ids=["phone", "small phone"])
def test_on_a_phone_the_demo_says_nothing_on_two_lines_or_over_its_person(
    browser: Browser, size: Any
) -> None:
    with running(demo=True) as server:
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        page.goto(server.address)
        page.wait_for_selector(".start")
        for words in page.locator(".start > *").all():
            box = words.bounding_box()
            assert box is not None
            assert box["height"] < 45, "on one line"
        for name in ("ready", "set"):
            shown(page, server, name)
            box = page.locator(".mirror .caption").bounding_box()
            assert box is None or box["height"] < 30
        page.context.close()


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
    made |= {f"{switch}_hint" for switch in ("camera", "letters")}
    made |= {f"sitting_wait_{what}" for what in ("call", "full-screen", "quiet")}
    made |= {"sitting_today_said_one", "sitting_today_said_many"}
    assert not set(catalogue) - asked - quoted - made
