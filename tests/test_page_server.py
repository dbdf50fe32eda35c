"""The page's server: what it serves, how it starts and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace
from page_support import PATIENCE_S, PageServer, serve_page, started

from loosen.body import figure
from loosen.coach.guidance.stage import Happened
from loosen.errors import InputError, JournalError
from loosen.journal.store.journal import Journal
from loosen.page import server
from loosen.page.journal_thread import JournalState
from loosen.page.server import STATIC
from loosen.page.setup import page_setup
from loosen.page.views.home_view import home, in_demo, minutes
from loosen.routine.reader import builtin
from loosen.routine.words import load_words


@pytest.fixture(scope="module")
def served() -> Iterator[PageServer]:
    with serve_page() as served:
        yield served


def test_the_home_facts_name_every_exercise_with_its_dose(served: PageServer) -> None:
    facts = served.get("/home.json").json()
    routine = builtin()
    assert [e["id"] for e in facts["exercises"]] == [e.id for e in routine.exercises]
    assert [e["dose_text"] for e in facts["exercises"]] == ["5 + 5", "5", "5", "5 + 5"]
    assert [(it["done"], it["letter"]) for it in facts["week"]] == [(False, it) for it in "MTWTFSS"]
    assert [it["today"] for it in facts["week"]].count(True) == 1
    assert facts["kept"] is True
    assert 3 <= facts["minutes"] <= 30


def test_the_home_facts_of_a_demo_are_those_of_what_it_does() -> None:
    routine = builtin()
    with serve_page(demo=True) as demo:
        facts = demo.get("/home.json").json()
    assert [e["dose_text"] for e in facts["exercises"]] == ["2 + 2", "3", "3", "2 + 2"]
    assert facts["minutes"] == minutes(in_demo(routine)) < minutes(routine)


def test_another_routine_is_headed_by_its_own_title(served: PageServer) -> None:
    assert served.get("/home.json").json()["lead"] == ""
    other = replace(builtin(), id="neck", title="A minute for the neck")
    with serve_page(routine=other) as served:
        assert served.get("/home.json").json()["lead"] == "A minute for the neck"


def test_a_routine_with_twice_the_sets_takes_longer() -> None:
    routine = builtin()
    longer = (replace(it, dose=replace(it.dose, sets=2 * it.dose.sets)) for it in routine.exercises)
    assert minutes(replace(routine, exercises=tuple(longer))) > minutes(routine)


def test_the_home_facts_tell_of_yesterday(path: Path) -> None:
    now = datetime.now().astimezone()
    with Journal.open(path) as journal:
        number = journal.begin_session(builtin().id, camera=True, now=now)
        journal.happened(number, Happened(2.0, "led", "x", value=1))
        journal.happened(number, Happened(3.0, "exercise-ended", "x", value=1))
        journal.end_session(number, "finished", now)
    with serve_page(PageServer(lambda: Journal.open(path))) as again:
        facts = again.get("/home.json").json()
    assert facts["week"][now.weekday()]["done"] is True


@pytest.mark.parametrize(
    ("hour", "greeting"), [(4, "Hello."), (5, "Good morning."), (12, "Good afternoon."), (18, "Good evening.")]
)
def test_a_person_is_greeted_by_the_time_of_day_and_sees_which_days_are_to_come(hour: int, greeting: str) -> None:
    now = datetime(2026, 11, 25, hour, tzinfo=UTC)  # a Wednesday
    view = home(builtin(), JournalState(week=(True, *[False] * 6), begun=date(2026, 11, 1)), now, load_words())
    assert view.greeting == greeting
    assert view.week_text == "One day so far this week."
    assert [it.text for it in view.week][:4] == [
        "Monday: a session",
        "Tuesday: a day off",
        "Wednesday, today: nothing yet",
        "Thursday: still to come",
    ]


def test_a_day_before_the_first_session_is_no_day_off() -> None:
    now = datetime(2026, 11, 25, 9, tzinfo=UTC)
    for begun, tuesday in ((None, "Tuesday: before you began"), (date(2026, 11, 24), "Tuesday: a day off")):
        days = home(builtin(), JournalState(begun=begun), now, load_words()).week
        assert [it.text for it in days][:2] == ["Monday: before you began", tuesday]


def test_the_words_are_the_pages_own(served: PageServer) -> None:
    words = served.get("/words.json").json()
    assert words["language"] == "en"
    assert words["calendar"]["weekdays"].startswith("Monday, ")
    assert all(isinstance(text, str) for name, text in words.items() if name != "calendar")


def test_each_exercise_has_a_figure(served: PageServer) -> None:
    for exercise in builtin().exercises:
        answer = served.get(f"/figure/{exercise.id}.json")
        figure = answer.json()
        assert answer.headers["content-type"] == "application/json"
        assert figure["exercise"] == exercise.id
        assert all(len(frame) == 33 for frame in figure["frames"])


@pytest.mark.parametrize("unknown", ["none-such", "%22", "a" * 2000])
def test_a_figure_of_an_unknown_exercise_is_not_there(served: PageServer, unknown: str) -> None:
    answer = served.get(f"/figure/{unknown}.json")
    assert answer.status_code == 404
    assert answer.json() == {"error": served.setup.words["server.no-exercise"]}


def test_the_page_and_its_modules_are_served_with_types_that_browsers_run(served: PageServer) -> None:
    assert served.get("/").headers["content-type"].startswith("text/html")
    path = "/static/js/main.js"
    answer = served.get(path)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.content == (STATIC / "js" / "main.js").read_bytes()
    assert served.get("/static/none-such.js").status_code == 404
    # An unchanged file is not sent again.
    assert served.get(path, headers={"if-none-match": answer.headers["etag"]}).status_code == 304


def test_an_unreadable_journal_still_gives_a_home_page() -> None:
    def broken() -> Journal:
        raise JournalError("the journal is not to be had today")

    with serve_page(PageServer(broken)) as served:
        facts = served.get("/home.json").json()
        assert facts["kept"] is False
        assert served.get("/").status_code == 200


def test_a_journal_that_cannot_be_written_is_said_on_the_home_page(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("a file where the folder should be")
    with serve_page(PageServer(lambda: Journal.open(in_the_way / "journal.db", or_unsaved=True))) as served:
        facts = served.get("/home.json").json()
    assert facts["kept"] is False
    assert ["cannot be used" in notice for notice in facts["notices"]] == [True]


def test_a_fault_in_the_server_is_one_sentence_and_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> object:
        raise RuntimeError("secret inner workings")

    monkeypatch.setattr(figure, "figure_frames", broken)
    with serve_page() as served:
        answer = served.get(f"/figure/{builtin().exercises[0].id}.json")
        assert answer.status_code == 500
        assert answer.text.strip() == served.setup.words["server.went-wrong"]
        assert served.get("/home.json").status_code == 200


def test_a_port_in_use_is_refused_with_what_to_do_and_no_journal_is_opened(path: Path) -> None:
    with server.listen() as taken, pytest.raises(InputError, match="--port"):
        server.serve(page_setup(builtin(), journal=path), port=taken.getsockname()[1], open_browser=False, say=print)
    assert not path.exists()


def test_the_usual_port_is_taken_and_a_free_one_where_it_is_taken_already(monkeypatch: pytest.MonkeyPatch) -> None:
    with server.listen() as found:
        usual = found.getsockname()[1]
    monkeypatch.setattr(server, "USUAL_PORT", usual)
    with server.listen(None) as first, server.listen(None) as second:
        assert first.getsockname()[1] == usual
        assert second.getsockname()[1] not in {0, usual}


@pytest.mark.parametrize("port", [-1, 65536])
def test_an_impossible_port_is_refused(port: int) -> None:
    with pytest.raises(InputError, match="0 to 65535"):
        server.listen(port)


def test_a_journal_of_a_newer_loosen_is_refused_before_anything_is_served(path: Path) -> None:
    Journal.open(path).close()
    before = bytearray(path.read_bytes())
    before[60:64] = (9999).to_bytes(4, "big")
    path.write_bytes(before)
    with pytest.raises(JournalError, match="newer"):
        server.serve(page_setup(builtin(), journal=path), open_browser=False, say=print)
    assert path.read_bytes() == before


def test_no_browser_is_looked_for_where_there_is_no_window(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert not server.can_show_a_browser()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert server.can_show_a_browser()


@pytest.mark.skipif(os.name != "posix", reason="Windows sends Ctrl-C in another way")
def test_ctrl_c_ends_the_server_in_order() -> None:
    with started() as one:
        with socket.create_connection(("127.0.0.1", one.port)) as raw:
            raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert raw.makefile("rb").readline().split()[1] == b"403"
        rest = one.end()
        assert one.process.returncode == 0
    assert "Traceback" not in rest
    assert "stopped" in rest


@pytest.mark.skipif(os.name != "posix", reason="Windows knows no ignored signals")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 0)])
def test_a_server_that_a_script_started_in_the_background_ends_as_soon_as_it_is_told_to(
    sent: signal.Signals, code: int
) -> None:
    """A shell lets such a program inherit an ignored SIGINT. The signal may come before uvicorn runs."""
    with started(within=("sh", "-c", 'trap "" INT; exec "$@"', "sh")) as one:
        one.process.send_signal(sent)
        assert one.process.wait(PATIENCE_S) == code


def test_a_page_that_is_open_holds_up_no_end() -> None:
    with serve_page() as served, served.page() as page:
        page.begin()
        page.picture(1.0)
        served.server.should_exit = True
        assert page.closed_with() == 1012


LOADED = """
import json, sys
from loosen.page.server import serve
from loosen.page.setup import page_setup
from loosen.routine.reader import builtin
page_setup(builtin())
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""


def test_what_is_heavy_is_not_loaded_before_the_page_is_served() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, check=True)
    assert not {"numpy", "cv2", "av", "ai_edge_litert", "matplotlib"} & set(json.loads(done.stdout))
