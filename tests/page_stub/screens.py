"""Every screen by its name, and what a test in a browser does with the page again and again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from page_support import PATIENCE_S

from page_stub import stages
from page_stub.running import Running

if TYPE_CHECKING:
    from playwright.sync_api import Page

LAPTOP, DESK, PHONE, SMALL = (1280, 800), (1920, 1080), (390, 844), (360, 740)
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
"""Opens the page: `opened(size, camera=True, **wishes)`."""


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
