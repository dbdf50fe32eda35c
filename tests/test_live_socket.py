"""A page that talks to the coach over the live socket, and what happens when it does not behave."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np
import pytest
from page_support import FakeTracker, Page, PageServer, serve_page, standing, wait_until

from loosen import __version__
from loosen.body.pose import Look, Pose
from loosen.coach.guidance.demo_body import DemoBody
from loosen.coach.guidance.stage import Question, Say, Stage
from loosen.page.live.socket import PAGES_AT_ONCE

if TYPE_CHECKING:
    from loosen.camera.blazepose.region import RgbImage


# -- what a page and the coach say to each other


def test_the_first_message_names_the_version(page: Page) -> None:
    assert page.wait("hello") == {"type": "hello", "version": __version__, "demo": False}


def test_start_commands_answers_and_troubles_reach_the_session(served: PageServer, page: Page) -> None:
    page.begin()
    assert served.session.camera
    assert served.session.told[0][0] == "start"
    page.send(type="command", name="pause")
    page.send(type="answer", question="sore-before", value=4)
    page.send(type="answer", question="stiff-before", value=None)
    page.send(type="trouble", what="camera-refused")
    wait_until(lambda: len(served.session.told) == 5)
    assert served.session.told[1:] == [
        ("command", "pause"),
        ("answer", "sore-before", 4),
        ("answer", "stiff-before", None),
        ("trouble", "camera-refused"),
    ]


def test_what_the_coach_says_is_passed_on_and_a_changed_stage_is_shown(served: PageServer, page: Page) -> None:
    page.begin()
    served.session.coming = [Say("Good. Two.", "count")]
    assert page.wait("say") == {"type": "say", "text": "Good. Two.", "tone": "count"}
    served.session.stage_now = Stage("ask", question=Question("sore", "How sore?", "not", "very"))
    assert page.wait("stage", screen="ask")["question"]["id"] == "sore"


def test_time_passes_without_pictures_and_an_unchanged_stage_is_not_sent_again(served: PageServer, page: Page) -> None:
    page.begin(camera=False)
    wait_until(lambda: served.session.ticks >= 5)
    served.session.coming = [Say("now", "soft")]
    page.wait("say")
    assert [message["type"] for message in page.got].count("stage") == 1


def test_a_stage_that_always_changes_is_sent_at_most_20_times_a_second(served: PageServer, page: Page) -> None:
    page.begin()
    began = time.monotonic()
    for _ in range(25):
        page.send(type="command", name="continue")
    page.wait("stage", count=25)
    passed = time.monotonic() - began
    shown = [m["count"] for m in page.got if m["type"] == "stage"]
    assert shown == sorted(shown)
    assert len(shown) <= 3 + 20 * passed


def test_each_picture_is_answered_with_its_time_and_33_points(served: PageServer, page: Page) -> None:
    page.begin()
    for t_ms in (1000.0, 1002.25, 1004.75):
        page.picture(t_ms)
        answer = page.wait("points")
        assert answer["t_ms"] == t_ms
        assert len(answer["points"]) == 33
        assert answer["points"][0] == [0.5, 0.1, 0.9]
    times = [look.pose.t_s for look in served.session.looks]
    assert 0 <= times[0] - served.session.told[0][1] < 30, "on the clock of the session"
    assert np.diff(times) == pytest.approx([0.00225, 0.0025])


def test_pictures_before_a_session_are_answered_too(served: PageServer, page: Page) -> None:
    page.picture(5.0)
    assert page.wait("points")["points"] is not None
    assert not served.sessions


def test_with_a_new_session_the_times_of_pictures_may_begin_anew(served: PageServer, page: Page) -> None:
    page.begin()
    page.picture(1e9)
    page.wait("points")
    page.begin()
    page.picture(5.0)
    assert page.wait("points", t_ms=5.0)["points"]
    assert len(served.session.looks) == 1


def test_without_a_person_there_are_no_points() -> None:
    class Nobody(FakeTracker):
        def look(self, rgb: RgbImage, t_s: float) -> Look:
            return Look(Pose.lost(t_s, (64, 48)))

    with serve_page(new_tracker=Nobody) as served, served.page() as page:
        page.begin()
        page.picture(1.0)
        assert page.wait("points")["points"] is None
        assert len(served.session.looks) == 1


def test_of_pictures_that_come_too_fast_only_the_newest_is_looked_at(served: PageServer, page: Page) -> None:
    page.begin()
    page.picture(0.0)
    page.wait("points")
    tracker = served.trackers[0]
    tracker.go.clear()
    page.picture(100.0)
    wait_until(lambda: tracker.busy == 1)
    for n in range(2, 6):
        page.picture(100.0 * n)
    for replaced in (200.0, 300.0, 400.0):
        assert page.wait("points", t_ms=replaced)["points"] is None
    tracker.go.set()
    assert page.wait("points", t_ms=100.0)["points"]
    assert page.wait("points", t_ms=500.0)["points"]
    assert tracker.seen == 3
    assert tracker.busiest == 1


def test_pages_have_trackers_of_their_own(served: PageServer) -> None:
    with served.page() as one, served.page() as two:
        for page in (one, two):
            page.picture(1.0)
            page.wait("points")
        assert len({id(tracker) for tracker in served.trackers if tracker.seen}) == 2


def test_more_pages_than_anybody_needs_are_turned_away(served: PageServer) -> None:
    with ExitStack() as stack:
        for _ in range(PAGES_AT_ONCE):
            stack.enter_context(served.page()).wait("hello")
        with served.page() as late:
            assert late.closed_with() == 1013
            assert late.got[0]["type"] == "refused"
    with served.page() as after:
        after.wait("hello")


# -- the demo


class Dancer(DemoBody):
    """Somebody who is seen once the stage shows a set."""

    def looks_at(self, t_s: float, stage: Stage) -> Look | None:
        return Look(standing(t_s)) if stage.screen == "set" else None


def test_in_a_demo_the_looks_come_by_themselves_and_are_drawn() -> None:
    with serve_page(demo=True, new_demo_body=Dancer) as served, served.page() as page:
        assert page.wait("hello")["demo"] is True
        page.picture(1.0)
        page.wait("refused")
        page.send(type="start", camera=False)
        answer = page.wait("points")
        assert answer["t_ms"] is None
        assert len(answer["points"]) == 33
        wait_until(lambda: len(served.session.looks) >= 5)
        times = [look.pose.t_s for look in served.session.looks]
        assert times == sorted(set(times))
        assert served.session.camera is True
        served.session.stage_now = Stage("ask")
        page.wait("points", points=None)
        assert not served.trackers


def test_a_page_whose_looks_have_ended_is_closed_and_not_left_dead() -> None:
    class Broken(Dancer):
        def looks_at(self, t_s: float, stage: Stage) -> Look | None:
            return Look(None)  # type: ignore[arg-type]

    with serve_page(demo=True, new_demo_body=Broken) as served, served.page() as page:
        page.send(type="start", camera=False)
        assert page.closed_with() == 1011


def test_a_synthetic_body_that_stumbles_does_not_end_the_demo() -> None:
    class Clumsy(Dancer):
        falls = 1

        def looks_at(self, t_s: float, stage: Stage) -> Look | None:
            if self.falls:
                self.falls -= 1
                raise RuntimeError("stumbled, as the test wanted")
            return super().looks_at(t_s, stage)

    with serve_page(demo=True, new_demo_body=Clumsy) as served, served.page() as page:
        page.begin()
        page.wait("points")
