"""A whole session as a person has it: a real browser, a camera that shows somebody, and the journal afterwards."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import av
import cv2
import pytest
from browsing import ALLOWED, CAMERA, QUIET
from playwright.sync_api import Page, Request, sync_playwright

FIXTURES = Path(__file__).parent / "fixtures"
EXERCISES = ["back-arches", "reach-for-the-sky", "raise-the-roof", "lazy-leg-walk"]
LONGEST_S = 420.0  # the camera's film lasts little more than a minute and begins again


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """The film of a session as MJPEG, which Chromium takes for a camera."""
    path = tmp_path / "session.mjpeg"
    pictures: list[tuple[float, bytes]] = []
    with av.open(str(FIXTURES / "session.mp4")) as source:
        for frame in source.decode(video=0):
            shown = cv2.resize(frame.to_ndarray(format="bgr24"), (640, 480))
            pictures.append((float(frame.time or 0.0), cv2.imencode(".jpg", shown)[1].tobytes()))
    # Chromium shows such a film at 30 pictures a second.
    with path.open("wb") as out:
        index = 0
        for tick in range(int(pictures[-1][0] * 30)):
            while index + 1 < len(pictures) and pictures[index + 1][0] <= tick / 30:
                index += 1
            out.write(pictures[index][1])
    return path


@pytest.fixture
def short_routine(tmp_path: Path) -> Path:
    """The article's routine with one repetition of everything."""
    text = resources.files("loosen.routine").joinpath("loosen-lower-back.toml").read_text("utf-8")
    text = text.replace('reps = 5, sides = "each", order = "in-turn"', 'reps = 1, sides = "together"')
    text = text.replace(
        'reps = 5, sides = "each", order = "alternating"', 'reps = 1, sides = "each", order = "alternating"'
    )
    text = text.replace("reps = 5", "reps = 1").replace("rest_s = 10", "rest_s = 1")
    path = tmp_path / "short.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def address(short_routine: Path, own_home: Path) -> Iterator[str]:
    """A running `loosen`, and where its page is."""
    command = [sys.executable, "-m", "loosen", "--no-browser", "--routine", str(short_routine)]
    env = os.environ | {"LOOSEN_HOME": str(own_home)}
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            for line in server.stderr:
                if found := re.search(r"http://127\.0\.0\.1:\S+", line):
                    yield found[0]
                    break
            else:
                pytest.fail("loosen said no address")
        finally:
            server.terminate()
            server.communicate(timeout=20)


def lead_through(page: Page) -> list[str]:
    """Do what a person does at the keyboard; return the exercises whose sets were seen to run."""
    seen: list[str] = []
    end_s = time.monotonic() + LONGEST_S
    while time.monotonic() < end_s:
        screen = page.evaluate("document.body.dataset.screen")
        if screen == "summary":
            return seen
        if screen == "care":
            page.get_by_role("button", name=re.compile("read", re.IGNORECASE)).click()
        elif screen == "ask":
            page.keyboard.press("1" if page.locator(".options").count() else "3")
        elif screen in ("intro", "rest"):
            page.keyboard.press("Enter")
        elif screen == "get-up":
            page.get_by_role("button", name="No", exact=True).click()
        elif screen == "set":
            title = page.locator(".place, #place, header").first.inner_text()
            if title not in seen:
                seen.append(title)
        page.wait_for_timeout(250)
    pytest.fail(f"no summary after {LONGEST_S:.0f} s; on the screen {screen!r}: {page.inner_text('body')}")


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(LONGEST_S + 60)
def test_a_person_is_led_through_all_four_exercises_counted_and_kept(
    chromium: str, film: Path, address: str, short_routine: Path
) -> None:
    elsewhere: list[str] = []
    mistakes: list[str] = []

    def note(request: Request) -> None:
        if not re.match(r"(https?|wss?)://127\.0\.0\.1:|data:|blob:", request.url):
            elsewhere.append(request.url)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=[*QUIET, *CAMERA, ALLOWED, f"--use-file-for-fake-video-capture={film.resolve()}"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.on("request", note)
        page.on("websocket", lambda socket: None if "127.0.0.1" in socket.url else elsewhere.append(socket.url))
        page.on("pageerror", lambda error: mistakes.append(str(error)))
        page.goto(address)
        page.get_by_role("button", name=re.compile("start", re.IGNORECASE)).first.click()
        lead_through(page)
        told = page.inner_text("body")
        browser.close()
    assert not elsewhere
    assert not mistakes
    assert "Lazy Leg Walk" in told

    shown = subprocess.run(
        [sys.executable, "-m", "loosen", "journal", "show", "--json"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    kept = json.loads(shown.stdout)
    counted = {row["exercise"] for row in kept["reps"] if row["counted"]}
    assert counted == set(EXERCISES), told
    walked = {row["set_side"] for row in kept["reps"] if row["exercise"] == "lazy-leg-walk" and row["counted"]}
    assert walked == {"left", "right"}
    answers = {row["question"] for row in kept["answers"]}
    assert answers == {"soreness-before", "stiffness-before", "soreness-after", "stiffness-after"}
