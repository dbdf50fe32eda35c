"""The journal reads well in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from journal_makers import EVENING, rep_done
from msgspec.structs import replace
from screens import fitted

from loosen.cli.journal_text import list_table, session_text
from loosen.cli.terminal import plain
from loosen.coach.counting.rep import Measure
from loosen.coach.guidance.stage import Happened
from loosen.journal.outcomes.mornings import keep_morning
from loosen.journal.store.journal import Journal
from loosen.page.views.session_view import session_view
from loosen.routine.reader import builtin
from loosen.routine.words import load_words

ARCHES = builtin().exercise("back-arches")
EXERCISES = {"back-arches": ARCHES, "reach": replace(ARCHES, title="Reach")}


@pytest.fixture(autouse=True)
def usual_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def journal() -> Iterator[Journal]:
    journal = Journal.in_memory()
    first = journal.begin_session("r", camera=False, now=EVENING - timedelta(days=2))
    journal.happened(first, Happened(20.0, "exercise-begun", exercise="reach"))
    journal.happened(first, Happened(30.0, "hurt", exercise="reach"))
    journal.happened(first, Happened(40.0, "exercise-ended", exercise="reach", value=3))
    second = journal.begin_session("r", camera=True, now=EVENING)
    for t_s, question, value in (
        (1.0, "soreness-before", 6),
        (2.0, "stiffness-before", 7),
        (500.0, "soreness-after", 4),
        (510.0, "stiffness-after", None),
    ):
        journal.happened(second, Happened(t_s, "answer", detail=question, value=value))
    journal.happened(second, Happened(10.0, "exercise-begun", exercise="back-arches"))
    journal.add_rep(second, rep_done(0, range_deg=22.4))
    journal.add_rep(second, rep_done(1, range_deg=19.0, verdict="no-stop", reasons=("There was no stop.",)))
    journal.add_rep(second, rep_done(2, range_deg=6.0, verdict="shallow", counted=False, reasons=("Too little.",)))
    journal.happened(second, Happened(300.0, "exercise-begun", exercise="reach"))
    journal.happened(second, Happened(310.0, "exercise-ended", exercise="reach", value=0))
    journal.end_session(second, "finished", EVENING + timedelta(minutes=9))
    yield journal
    journal.close()


def test_the_list_says_when_how_long_how_many_and_how_it_ended(journal: Journal) -> None:
    assert plain(list_table(journal.sessions(), load_words())) == [
        "#  when                  min    reps",
        "2  2026-11-22 Sun 20:15    9  2 of 3   finished, camera",
        "1  2026-11-20 Fri 20:15    0       -   stopped, by voice, it hurt",
    ]


def test_a_narrow_terminal_cuts_nothing_off(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = fitted(
        40, list_table(journal.sessions(), load_words()), *session_text(journal.session(2), load_words(), {})
    )
    assert {"stopped,", "by", "voice,", "it", "hurt", "Soreness", "Stiffness"} <= set(" ".join(lines).split())


def test_a_session_says_what_was_done_and_felt(journal: Journal) -> None:
    text = "\n".join(plain(*session_text(journal.session(2), load_words(), EXERCISES)))
    assert text == (
        "Session 2, Sunday 22 November 2026, 20:15\n"
        "9 min, finished, camera\n"
        "\n"
        "Soreness   before 6 of 10  after 4 of 10\n"
        "Stiffness  before 7 of 10  after not said\n"
        "\n"
        "Back Arches\n"
        "  2 counted of 3: 1 full, 1 without a stop, 1 shallow\n"
        "  lean back 20° ± 5°, stop 2.0 s\n"
        "  1 x There was no stop.\n"
        "  1 x Too little.\n"
        "\n"
        "Reach\n"
        "  not done"
    )


def test_a_session_by_voice_claims_no_measures(journal: Journal) -> None:
    lines = plain(*session_text(journal.session(1), load_words(), EXERCISES))
    assert lines[-2:] == ["Reach, it hurt", "  3 led by voice, nothing measured"]
    assert not any("°" in line for line in lines)
    view = session_view(journal.session(1), builtin(), load_words())
    assert view.exercises[0].text == "3 led by voice, nothing measured. It hurt."


def test_a_session_says_where_it_hurt_what_was_led_and_how_the_next_morning_was(journal: Journal) -> None:
    routine = builtin()
    exercises = {it.id: it for it in routine.all_exercises()}
    key = journal.begin_session(routine.id, camera=True, now=EVENING)
    roof = "raise-the-roof.seated"
    measures = {"range": Measure(140.0, "deg", 10.0), "also": Measure(9.0, "deg", 4.0)}
    journal.add_rep(key, rep_done(exercise=roof, measures=measures))
    for event in (
        Happened(1.0, "gentle", detail="yes"),
        Happened(2.0, "answer", detail="hindered", value=7),
        Happened(30.0, "led", roof, value=4),
        Happened(31.0, "hurt", roof),
        Happened(32.0, "hurt-place", roof, "leg"),
        Happened(33.0, "hurt-score", roof, value=6),
    ):
        journal.happened(key, event)
    with journal.changing() as db:
        keep_morning(db, key, "worse")
    detail = journal.session(key)
    lines = plain(*session_text(detail, load_words(), exercises))
    assert "1 min, stopped, camera, a gentle day, it hurt" in lines
    felt = " ".join(" ".join(lines[3:6]).split())
    assert "What the back keeps you from goes 7 of 10 (10: as well as ever)" in felt
    assert "The next morning worse" in felt
    title = exercises[roof].title
    assert lines[-4:] == [
        f"{title}, it hurt: leg or buttock, 6 of 10",
        "  1 counted of 1: 1 full",
        "  3 more led by voice",
        "  arms overhead 140° ± 10°, lean back 10° ± 5°",
    ]
    view = session_view(detail, routine, load_words())
    assert view.felt == ("What the back keeps you from: goes 7 of 10 (10: as well as ever)", "The next morning: worse")
    assert view.exercises[0].title == title
    assert view.exercises[0].text == (
        "1 counted of 1 tried, 3 more led by voice. Arms overhead 140° ± 10°, lean back 10° ± 5°."
        " It hurt: leg or buttock, 6 of 10."
    )
    assert view.exercises[0].reps[0].facts == "arms overhead 140° ± 10°, lean back 10° ± 5°"
