"""What the page looks like, in a real browser."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from page_screens import DESK, EXERCISES, LAPTOP, PARTS, PHONE, SCREENS, SET, SMALL, UPRIGHT, Opener, Screen, is_sound
from page_support import serve_page

from loosen.coach.guidance.stage import Say
from loosen.page.server import STATIC
from loosen.routine.reader import builtin

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("size", "theme"),
    [(LAPTOP, "light"), (PHONE, "dark"), (SMALL, "light")],
    ids=["laptop, light", "phone, dark", "small phone, light"],
)
def test_each_screen_passes_axe_with_one_heading_in_focus_and_big_enough_targets(
    opened: Opener, size: Any, theme: str
) -> None:
    screen = opened(size, color_scheme=theme)
    for name in SCREENS:
        screen.shows(name)
        is_sound(screen.page, name)


@pytest.mark.parametrize(
    "size", [LAPTOP, DESK, PHONE, SMALL, UPRIGHT], ids=["laptop", "desk", "phone", "small phone", "tablet"]
)
def test_somebody_who_stands_need_not_scroll_and_sees_nothing_over_anything_else(opened: Opener, size: Any) -> None:
    screen = opened(size)
    page = screen.page
    for name in ("set", "set by voice", "set in trouble", "ready", "countdown"):
        screen.shows(name)
        spill = page.evaluate(
            """() => {
                 const main = document.getElementById('screen');
                 return [main.scrollHeight - main.clientHeight, main.scrollWidth - main.clientWidth,
                         document.documentElement.scrollHeight - innerHeight];
               }"""
        )
        assert max(spill) <= 0, name
        if not name.startswith("set"):
            continue
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
        assert over == [], name
        hurts = page.get_by_role("button", name="This hurts").bounding_box()
        assert hurts is not None
        assert hurts["height"] < 60, "its words stand on one line"


@pytest.mark.parametrize("size", [LAPTOP, DESK], ids=["laptop", "desk"])
@pytest.mark.parametrize("name", ["set", "set by voice"])
def test_count_phase_and_cue_are_readable_from_three_metres(opened: Opener, size: Any, name: str) -> None:
    screen = opened(size)
    screen.shows(name)

    def share(selector: str) -> float:
        letters = f"parseFloat(getComputedStyle(document.querySelector('{selector}')).fontSize)"
        return round(float(screen.page.evaluate(letters)) / float(size[1]), 4)

    assert share(".count .number") >= 0.30
    assert share(".phase .word") >= 0.09
    assert name != "set" or share(".cue span") >= 0.07


@pytest.mark.parametrize(
    "size", [LAPTOP, DESK, PHONE, SMALL, UPRIGHT], ids=["laptop", "desk", "phone", "small phone", "tablet"]
)
def test_the_word_of_every_phase_stays_on_its_line_within_the_window(opened: Opener, size: Any) -> None:
    screen = opened(size)
    words = {word for it in builtin().exercises for word in msgspec.structs.astuple(it.words) if word}
    assert max(map(len, words)) > 9
    for word in sorted(words):
        screen.shows_stage(replace(SET, phase_word=word))
        box = screen.page.locator(".phase .word").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= size[0] - 12, word
        assert box["height"] < 0.15 * size[1], word


@pytest.mark.parametrize("size", [PHONE, SMALL], ids=["phone", "small phone"])
def test_on_a_phone_the_demo_says_nothing_on_two_lines_or_over_its_person(opened: Opener, size: Any) -> None:
    with serve_page(demo=True) as served:
        screen = opened(size, served=served)
        page = screen.page
        for words in page.locator(".start > *").all():
            box = words.bounding_box()
            assert box is not None
            assert box["height"] < 45, "on one line"
        for name in ("ready", "set"):
            screen.shows(name)
            box = page.locator(".mirror .caption").bounding_box()
            assert box is None or box["height"] < 30
        page.context.close()


@pytest.mark.parametrize("height", [780, 844])
def test_on_a_phone_the_way_on_is_wholly_in_sight(opened: Opener, height: int) -> None:
    screen = opened((390, height))
    page = screen.page
    screen.shows("intro")
    screen.says(Say("Back Arches. " * 8, "guide"))
    screen.is_so("document.getElementById('said').textContent.length > 60")
    for _ in range(2):
        button = page.get_by_role("button", name="Go on").bounding_box()
        bar = page.locator("footer").bounding_box()
        assert button is not None
        assert bar is not None
        assert button["y"] + button["height"] <= bar["y"]
        page.evaluate("document.querySelector('main').scrollTo(0, 9999)")


def test_the_figure_steps_between_key_poses_when_motion_is_unwelcome(opened: Opener) -> None:
    screen = opened(reduced_motion="reduce")
    screen.shows("intro")
    seen: set[str] = set()
    screen.wait_for(lambda: drawn(screen, seen) >= 2, "a second pose")
    for _ in range(24):
        drawn(screen, seen)
        screen.page.wait_for_timeout(100)
    assert len(seen) <= 4


def test_the_figure_moves_otherwise(screen: Screen) -> None:
    screen.shows("intro")
    seen: set[str] = set()
    screen.wait_for(lambda: drawn(screen, seen) > 6, "the seventh pose")


def drawn(screen: Screen, seen: set[str]) -> int:
    """Look at the figure once more; return how many different drawings of it have been seen."""
    seen.add(screen.page.evaluate("document.querySelector('.figure canvas').toDataURL()"))
    return len(seen)


def test_the_figure_beside_the_mirror_faces_as_the_reflection_does(screen: Screen) -> None:
    """The stage says which way the person faces in the camera's picture; the mirror shows it turned round."""
    assert SET.figure is not None
    for mirrored, toes in ((False, -1), (True, 1)):
        screen.shows_stage(replace(SET, figure=replace(SET.figure, mode="still", mirrored=mirrored)))
        screen.wait_for(lambda wanted=toes: screen.page.evaluate(TOES) == wanted, f"toes to {toes}")  # type: ignore[misc]


TOES = """() => {
    const canvas = document.querySelector('.scene > .figure canvas'), { width, height } = canvas;
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
    const ink = (y) => Array.from({ length: width }, (_, x) => x).filter((x) => data[4 * (y * width + x) + 3] > 200);
    const middle = (xs) => (xs[0] + xs[xs.length - 1]) / 2;
    let sole = height - 1;
    while (sole > 0 && (ink(sole).length < 4 || ink(sole).length > 0.5 * width)) sole -= 1;
    return Math.sign(middle(ink(sole - 4)) - middle(ink(sole - Math.round(0.12 * height))));
}"""
"""Whether the feet reach to the right of the shanks (1) or to the left (-1). The floor is a line across the canvas."""


def test_every_figure_is_fetched_once_and_before_it_is_needed(screen: Screen) -> None:
    asked = "performance.getEntriesByType('resource').map((e) => e.name).filter((name) => name.includes('/figure/'))"
    screen.is_so(f"{asked}.length === {len(EXERCISES)}")
    screen.is_so("!document.querySelector('.easel .figure.empty')")
    for name in ("intro", "rest"):
        screen.shows(name)
        screen.is_so("document.querySelector('main .figure') && !document.querySelector('main .figure.empty')")
    assert screen.page.evaluate(f"new Set({asked}).size") == screen.page.evaluate(f"{asked}.length")
    assert screen.page.evaluate(f"{asked}.length") == len(EXERCISES)


def test_the_page_holds_no_inline_script_or_style() -> None:
    text = (STATIC / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text)
    assert "//" not in re.sub(r"<!--.*?-->", "", text)


def test_every_word_of_the_page_is_in_the_catalogue_and_every_one_is_used() -> None:
    file = resources.files("loosen.routine").joinpath("words", "en.toml")
    catalogue = set(tomllib.loads(file.read_text(encoding="utf-8"))["page"])
    code = "\n".join(path.read_text(encoding="utf-8") for path in STATIC.rglob("*.js"))
    asked = set(re.findall(r"\bt\(\s*'([a-z_]+)'", code))
    assert not asked - catalogue
    # Some keys are chosen in a condition, or made of a name.
    quoted = set(re.findall(r"'([a-z_]+)'", code))
    made = {f"part_{name}" for name in PARTS}
    made |= {f"{what}_{n}" for what in ("sets", "reps") for n in ("one", "many")}
    made |= {f"{which}_{what}" for which in ("more", "fewer") for what in ("sets", "reps")}
    made |= {f"{switch}_hint" for switch in ("camera", "letters")}
    assert not catalogue - asked - quoted - made
