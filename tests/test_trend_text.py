"""What a period shows is said with its doubts, and with the same figures everywhere."""

from __future__ import annotations

from datetime import timedelta

from journal_makers import EVENING, rep_done

from loosen.cli.journal_text import session_text
from loosen.cli.terminal import plain
from loosen.coach.counting.rep import Measure, Rep
from loosen.coach.guidance.past import Past
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import Happened
from loosen.coach.guidance.summary import exercise_summary
from loosen.journal.outcomes.findings import ExerciseFinding, find
from loosen.journal.outcomes.period import everything
from loosen.journal.report.report import period_report
from loosen.journal.store.journal import Journal
from loosen.page.views.session_view import session_view
from loosen.page.views.trend_text import exercise_texts, news
from loosen.routine.reader import builtin
from loosen.routine.words import load_words

ROUTINE, WORDS = builtin(), load_words()
SEEN = ROUTINE.exercise("back-arches").seen


def over(*sessions: list[Rep]) -> Journal:
    """Return the journal of a session a day."""
    journal = Journal.in_memory()
    for n, reps in enumerate(sessions):
        number = journal.begin_session(ROUTINE.id, camera=True, now=EVENING + timedelta(days=n))
        for rep in reps:
            journal.add_rep(number, rep)
    return journal


def found_over(*sessions: list[Rep]) -> ExerciseFinding:
    with over(*sessions) as journal, journal.using() as db:
        return find(everything(db)).exercises[0]


def test_everybody_says_the_same_range() -> None:
    """Of 10, 20 and 41 degrees: the median, not the largest; with the camera's error, not below what is rounded to."""
    reps = [rep_done(n, range_deg=value) for n, value in enumerate((10.0, 20.0, 41.0))]
    exercise = ROUTINE.exercise("back-arches")
    state = SessionState(ROUTINE, WORDS, True, Past(), {})
    for rep in reps:
        state.keep(rep, exercise)
    with over(reps) as journal, journal.using() as db:
        detail, period = journal.session(1), everything(db)
    texts = {
        "the coach": exercise_summary(state, exercise).range_text,
        "the terminal": "\n".join(plain(*session_text(detail, WORDS, {exercise.id: exercise}))),
        "the session's screen": session_view(detail, ROUTINE, WORDS).exercises[0].text,
        "looking back": exercise_texts(find(period).exercises[0], exercise.seen, WORDS)[0],
    }
    said = {who: "ean back 20° ± 5°" in text.replace(": about", "") for who, text in texts.items()}
    assert said == dict.fromkeys(texts, True)
    report = period_report(period, ROUTINE, (), WORDS, EVENING).table[0][3]
    assert report == "lean back 20° → 20° (± 5°)"


def test_what_was_led_by_voice_is_said_not_to_be_measured() -> None:
    with over([]) as journal:
        journal.happened(journal.sessions()[0].uuid, Happened(60.0, "exercise-ended", "back-arches", "on", 10))
        with journal.using() as db:
            (found,) = find(everything(db)).exercises
    assert exercise_texts(found, SEEN, WORDS) == ["Done by voice, so nothing was measured."]


def test_sides_that_moved_apart_within_the_error_are_not_told_apart() -> None:
    def apart(degrees: float) -> list[Rep]:
        difference = Measure(degrees, "deg", 14.0)
        return [rep_done(measures={"range": Measure(150.0, "deg", 10.0), "left_right": difference})]

    found = found_over(*(apart(12.0 if n > 5 else 0.0) for n in range(12)))
    assert found.apart is not None
    assert (found.apart.finding, found.further) == ("worse", None)
    sides = exercise_texts(found, SEEN, WORDS)[1]
    assert "too little for the camera" in sides
    assert "left further" not in sides


def test_only_a_change_beyond_the_scatter_is_news() -> None:
    def said(*ranges: float) -> list[str]:
        with over(*([rep_done(range_deg=value)] for value in ranges)) as journal, journal.using() as db:
            return news(find(everything(db)), {"back-arches": ROUTINE.exercise("back-arches")}, WORDS)

    assert said(20.0) == ["It is too early to say what changes."]
    assert said(*[20.0, 21.0] * 6) == ["Nothing has changed by more than your days vary anyway."]
    assert said(*[10.0] * 6, *[30.0] * 6) == ["Back Arches, lean back: 10° at first, 30° now. You go further."]
