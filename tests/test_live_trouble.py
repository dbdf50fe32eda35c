"""When something goes wrong on the live socket: the camera, the tracker or the coach."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from page_support import FakeTracker, HandClock, Page, PageServer, serve_page, standing, wait_until

from loosen.body.pose import Look
from loosen.coach.guidance.demo_body import DemoBody
from loosen.coach.guidance.stage import Ended, Stage
from loosen.errors import MissingPart
from loosen.page.live.session_runner import FIRST_LOOK_S, SILENCE_S, SLOW_LOOKS, SLOW_PER_S


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def timed(clock: HandClock) -> Iterator[PageServer]:
    """A server in which time passes only when the test says so."""
    with serve_page(clock=clock) as served:
        yield served


def some_ticks(served: PageServer) -> None:
    """Wait until the session was ticked a few times more."""
    ticks = served.session.ticks
    wait_until(lambda: served.session.ticks >= ticks + 3)


# -- trouble with the camera


def test_a_camera_that_falls_silent_is_noticed_once_and_its_return_too(timed: PageServer, clock: HandClock) -> None:
    with timed.page() as page:
        page.begin()
        page.picture(0.0)
        page.wait("points")
        clock.go(SILENCE_S)
        some_ticks(timed)
        assert not timed.session.troubles()
        clock.go(0.1)
        some_ticks(timed)
        clock.go(SILENCE_S + 0.1)
        some_ticks(timed)
        assert timed.session.troubles() == ["camera-lost"]
        page.picture(9000.0)
        page.wait("points")
        page.picture(9300.0)
        page.wait("points")
        assert timed.session.troubles() == ["camera-lost", "camera-back"]


def test_four_seconds_without_a_picture_lose_nothing(timed: PageServer, clock: HandClock) -> None:
    with timed.page() as page:
        page.begin()
        for t_ms in (0.0, 4000.0, 8000.0):
            page.picture(t_ms)
            page.wait("points")
            clock.go(4.0)
            some_ticks(timed)
        assert timed.session.troubles() == []


@pytest.mark.parametrize("quiet", ["paused", "asked", "tab-hidden", "without", "ended", "camera-missing"])
def test_silence_is_no_trouble_where_no_picture_is_needed(timed: PageServer, clock: HandClock, quiet: str) -> None:
    with timed.page() as page:
        page.begin(camera=quiet != "without")
        page.picture(0.0)
        page.wait("points")
        if quiet == "paused":
            timed.session.stage_now = Stage("set", camera=True, paused=True)
        elif quiet == "asked":
            timed.session.stage_now = Stage("ask")
        elif quiet in ("tab-hidden", "camera-missing"):
            page.send(type="trouble", what=quiet)
            wait_until(lambda: quiet in timed.session.troubles())
        elif quiet == "ended":
            timed.session.coming = [Ended("finished")]
        some_ticks(timed)
        clock.go(10 * SILENCE_S)
        some_ticks(timed)
        assert "camera-lost" not in timed.session.troubles()
        if quiet == "tab-hidden":
            page.send(type="trouble", what="tab-shown")
            wait_until(lambda: "tab-shown" in timed.session.troubles())
            clock.go(SILENCE_S + 0.1)
            wait_until(lambda: "camera-lost" in timed.session.troubles())


def test_a_demo_that_waits_for_itself_has_lost_no_camera(clock: HandClock) -> None:
    class Waiting(DemoBody):
        looks = 1

        def looks_at(self, t_s: float, stage: Stage) -> Look | None:
            self.looks -= 1
            return Look(standing(t_s)) if self.looks == 0 else None

    with serve_page(clock=clock, demo=True, new_demo_body=Waiting) as served, served.page() as page:
        page.begin()
        wait_until(lambda: bool(served.session.looks))
        for _ in range(3):
            clock.go(10 * SILENCE_S)
            some_ticks(served)
        assert not served.session.troubles()


@pytest.mark.parametrize(("per_s", "told"), [(SLOW_PER_S - 1, ["slow"]), (SLOW_PER_S + 1, [])])
def test_a_slow_machine_is_said_once_and_a_quick_one_never(
    timed: PageServer, clock: HandClock, per_s: float, told: list[str]
) -> None:
    with timed.page() as page:
        page.begin()
        for n in range(2 * SLOW_LOOKS + 5):
            page.picture(1000.0 * (n + 1) / per_s)
            page.wait("points")
            clock.go(1 / per_s)
        assert timed.session.troubles() == told


def test_a_tracker_that_fails_is_made_anew(served: PageServer, page: Page) -> None:
    page.begin()
    page.picture(0.0)
    page.wait("points")
    served.trackers[0].fails = 1
    page.picture(30.0)
    assert page.wait("points", t_ms=30.0)["points"] is None
    t_ms = 60.0
    while len(served.session.looks) < 2:
        page.picture(t_ms := t_ms + 30)
        page.wait("points", t_ms=t_ms)
        threading.Event().wait(0.05)
    assert len(served.trackers) == 2


def test_a_tracker_that_cannot_be_had_is_said_and_the_camera_is_given_up() -> None:
    def missing() -> FakeTracker:
        raise MissingPart("The pose weights are missing: install loosen again.")

    clock = HandClock()
    served = PageServer().changed(new_tracker=missing, clock=clock)
    with serve_page(served), served.page() as page:
        page.begin()
        page.picture(0.0)
        assert page.wait("refused")["text"] == "The pose weights are missing: install loosen again."
        clock.go(FIRST_LOOK_S + 0.1)
        wait_until(lambda: served.session.troubles() == ["camera-lost"])


# -- faults in the coach


@pytest.mark.parametrize("fault", ["command", "tick", "see", "start"])
def test_a_fault_in_a_session_is_said_and_the_session_goes_on(served: PageServer, page: Page, fault: str) -> None:
    if fault == "start":
        served.fails_at_first = {"start"}
    page.begin()
    served.session.fails_on = {fault}
    if fault == "command":
        page.send(type="command", name="pause")
    elif fault == "see":
        page.picture(0.0)
    page.wait("refused", text=served.setup.words["server.went-wrong"])
    served.session.fails_on = set()
    page.send(type="command", name="continue")
    page.wait("stage", count=1)


def test_a_session_that_cannot_be_made_is_said(
    served: PageServer, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    served.fails_at_first = {"being made"}
    page.send(type="start", camera=True)
    page.wait("refused", text=served.setup.words["server.went-wrong"])
    assert "RuntimeError: no coach today" in caplog.text
    served.fails_at_first = set()
    page.begin()
