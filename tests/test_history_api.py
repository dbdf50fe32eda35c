"""Looking back on the page: what the server tells, and who may ask."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from history_support import NOW, chosen, with_sessions
from journal_makers import EVENING
from page_support import PageServer, serve_page

from loosen.coach.guidance.stage import Happened
from loosen.journal.outcomes.choices import dose_changes
from loosen.journal.report import pdf, report
from loosen.journal.store.journal import Journal
from loosen.journal.store.queries import plans
from loosen.page.journal_thread import JournalThread
from loosen.page.views import charts, history_view, session_view


@pytest.fixture(scope="module")
def served() -> Iterator[PageServer]:
    with serve_page(with_sessions(40)) as served:
        yield served


PATHS = (
    "/history.json",
    "/history.json?weeks=52&until=2026-11-01",
    "/history/exercise/back-arches.svg",
    "/history/scores.svg?theme=dark",
    "/history/sitting.svg",
    "/history/report.pdf",
    "/history/session/39.json",
)


@pytest.mark.parametrize("path", PATHS)
def test_every_part_of_the_history_is_served_to_our_page_only(served: PageServer, path: str) -> None:
    answer = served.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert served.get(path, cookie=False).status_code == 403
    assert served.get(path, headers={"origin": "http://127.0.0.1:9"}).status_code == 403
    assert served.get(path, headers={"sec-fetch-site": "cross-site"}).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/history.json?weeks=7",
        "/history.json?weeks=x",
        "/history.json?until=2026-02-31",
        "/history.json?until=0001-01-01",
        "/history.json?until=9999-12-31",
        "/history/exercise/handstand.svg",
        "/history/exercise/..%2f..%2fhome.svg",
        "/history/session/4000.json",
        "/history/session/999999999999999999999999.json",
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(served: PageServer, path: str) -> None:
    answer = served.get(path)
    assert answer.status_code == 404
    assert "Traceback" not in answer.text
    assert 0 < len(answer.text) < 300


def test_the_period_holds_whole_weeks_and_leads_to_its_neighbours(served: PageServer) -> None:
    told = served.get("/history.json?weeks=4").json()
    assert len(told["calendar"]) == 4
    assert [len(week["days"]) for week in told["calendar"]] == [7] * 4
    assert told["later"] is None
    before = served.get(f"/history.json?weeks=4&until={told['earlier']}").json()
    assert before["later"] is not None
    days = {day["day"] for one in (told, before) for week in one["calendar"] for day in week["days"]}
    assert len(days) == 56


def test_every_chart_says_its_finding_in_its_text(served: PageServer) -> None:
    for card in served.get("/history.json").json()["cards"]:
        assert card["texts"][0] in card["alt"]
        assert card["alt"].startswith(card["title"])


def test_a_chart_is_an_image_without_script_and_follows_the_theme(served: PageServer) -> None:
    light, dark = (served.get(f"/history/exercise/back-arches.svg?theme={it}") for it in ("light", "dark"))
    assert light.headers["content-type"] == "image/svg+xml"
    assert "<script" not in light.text
    assert "#0b6b65" in light.text
    assert "#6fd0c0" in dark.text


def test_a_repetition_is_told_with_its_reason_and_signal(served: PageServer) -> None:
    for number in range(40, 0, -1):
        told = served.get(f"/history/session/{number}.json").json()
        for rep in (rep for part in told["exercises"] for rep in part["reps"] if not rep["good"]):
            assert rep["why"] in rep["chart"]["alt"]
            said = " ".join(label["text"] for label in rep["chart"]["labels"])
            assert all(word in said for word in ("out ", "back ", "full from"))
            return
    raise AssertionError("nobody is perfect in forty sessions")


def test_the_report_is_a_pdf(served: PageServer) -> None:
    answer = served.get("/history/report.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


def test_an_empty_journal_has_nothing_to_look_back_on_and_says_so() -> None:
    with serve_page(with_sessions(0)) as served:
        told = served.get("/history.json").json()
        assert told["empty"]
        assert told["cards"] == []
        assert told["plan"]["state"] == "none"
        assert served.get("/history/report.pdf").status_code == 404
        assert served.get("/history/scores.svg").status_code == 200


def test_nothing_that_takes_long_runs_on_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be leading a session in another tab."""
    on: dict[str, str] = {}

    def noted(module: Any, name: str) -> None:
        real = getattr(module, name)

        def note(*given: Any, **named: Any) -> Any:
            on[name] = threading.current_thread().name
            return real(*given, **named)

        monkeypatch.setattr(module, name, note)

    for module, name in (
        (report, "period_report"),
        (pdf, "as_pdf"),
        (history_view, "history_view"),
        (session_view, "session_view"),
        (charts, "scores_svg"),
        (msgspec.msgpack, "encode"),
    ):
        noted(module, name)
    with serve_page(with_sessions(3)) as served:
        for path in ("/history.json", "/history/report.pdf", "/history/scores.svg", "/history/session/3.json"):
            assert served.get(path).status_code == 200
    assert len(on) == 6
    assert {name: thread for name, thread in on.items() if not thread.startswith("asyncio_")} == {}


def test_no_two_periods_share_a_chart(monkeypatch: pytest.MonkeyPatch) -> None:
    """However alike their checksums are, which are made for faults in a line and not for telling things apart."""
    monkeypatch.setattr(zlib, "crc32", lambda *_: 7)
    with serve_page(with_sessions(3)) as served:
        before = served.get("/history/scores.svg").text
        number = served.journal.begin_session(served.setup.routine.id, camera=False, now=NOW)
        for when, value in (("before", 9), ("after", 1)):
            served.journal.happened(number, Happened(1.0, "answer", detail=f"soreness-{when}", value=value))
        served.journal.end_session(number, "finished", NOW)
        assert served.get("/history/scores.svg").text != before


# -- choosing ----------------------------------------------------------------------------------------------


def test_an_own_dose_is_kept_and_used_from_then_on() -> None:
    with serve_page(with_sessions(3)) as served:
        assert chosen(served, type="dose", exercise="reach-for-the-sky", sets=2, reps=6) == "chosen"
        lines = {line["id"]: line for line in served.get("/history.json").json()["doses"]}
        assert (lines["reach-for-the-sky"]["sets"], lines["reach-for-the-sky"]["reps"]) == (2, 6)
        assert "2 sets of 6" in lines["reach-for-the-sky"]["changes"][0]
        shown = {it["id"]: it["dose_text"] for it in served.get("/home.json").json()["exercises"]}
        assert shown["reach-for-the-sky"] == "2 × 6"
        with served.page() as page:
            page.begin()
        assert served.session.past is not None
        assert served.session.past.doses["reach-for-the-sky"].reps == 6


@pytest.mark.parametrize(
    "message",
    [
        {"type": "dose", "exercise": "back-arches", "sets": 9, "reps": 5},
        {"type": "dose", "exercise": "back-arches", "sets": 1, "reps": 50},
        {"type": "dose", "exercise": "handstand", "sets": 1, "reps": 5},
        {"type": "dose", "exercise": "back-arches", "sets": 0, "reps": 5},
        {"type": "dose", "exercise": "back-arches", "sets": "1; DROP TABLE doses", "reps": 5},
        {"type": "step", "exercise": "back-arches", "answer": "yes"},
        {"type": "plan", "what": "made", "cue": "  ", "part": "evening"},
        {"type": "plan", "what": "made", "cue": "x" * 900, "part": "evening"},
        {"type": "plan", "what": "made", "cue": "tea", "part": "teatime"},
    ],
)
def test_what_cannot_be_chosen_is_refused_and_changes_nothing(message: dict[str, Any]) -> None:
    with serve_page(with_sessions(3)) as served:
        served.get("/home.json")
        assert chosen(served, **message) == "refused"
        with served.journal.using() as db:
            assert dose_changes(db, served.setup.routine.id) == ()
            assert len(plans(db)) == 1  # the made-up person's


def test_a_step_that_is_offered_can_be_taken_and_is_then_the_dose(served: PageServer) -> None:
    with serve_page(with_sessions(29)) as own:
        offer = own.get("/home.json").json()["offer"]
        assert offer is not None, "29 comfortable sessions in nearly seven weeks"
        assert chosen(own, type="step", exercise=offer["exercise"], answer="yes") == "chosen"
        assert own.get("/home.json").json()["offer"] is None
        with own.journal.using() as db:
            (change,) = dose_changes(db, own.setup.routine.id)
        assert (change.what, change.exercise) == ("yes", offer["exercise"])
        assert chosen(own, type="step", exercise=offer["exercise"], answer="yes") == "refused"


def test_a_plan_is_offered_once_kept_and_shown_in_its_part_of_the_day() -> None:
    now = [EVENING]
    served = PageServer()

    def journal() -> Journal:
        held = Journal.in_memory()
        number = held.begin_session(served.setup.routine.id, camera=False, now=EVENING - timedelta(days=2))
        held.end_session(number, "finished", EVENING - timedelta(days=2))
        return held

    with serve_page(served, journal=JournalThread(journal, lambda: now[0])) as served:

        def plan() -> Any:
            return served.get("/home.json").json()["plan"]

        assert plan()["state"] == "offered"
        cue = "my first\u202e\x00 coffee."
        assert chosen(served, type="plan", what="made", cue=cue, part="morning") == "chosen"
        assert plan()["text"] == "After my first coffee, I will loosen my back."
        assert not plan()["due"]
        now[0] = EVENING.replace(hour=8) + timedelta(days=1)
        assert plan()["due"]
        assert chosen(served, type="plan", what="dropped") == "chosen"
        assert plan()["state"] == "none"
