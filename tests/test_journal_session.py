"""A whole session, as the coach leads it, is found in the journal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from journal_makers import EVENING

from loosen.coach.counting.report import Rep
from loosen.coach.guidance.session import Session
from loosen.coach.guidance.stage import Ended, Event, Happened
from loosen.journal.store.journal import Journal
from loosen.routine.reader import builtin
from loosen.routine.words import load_words


def keep(journal: Journal, number: int, events: Iterable[Event]) -> None:
    for event in events:
        match event:
            case Rep():
                journal.add_rep(number, event)
            case Happened():
                journal.happened(number, event)
            case Ended():
                journal.end_session(number, event.how, EVENING + timedelta(minutes=12))


def test_a_session_by_voice_is_kept_with_answers_and_exercises() -> None:
    routine = builtin()
    session = Session(routine, load_words(), camera=False, care_read=False)
    with Journal.in_memory() as journal:
        number = journal.begin_session(routine.id, camera=False, now=EVENING)
        t_s = 5000.0  # the clock of a session may begin anywhere
        session.start(t_s)
        for _ in range(20 * 60 * 10):
            t_s += 0.1
            session.tick(t_s)
            stage = session.stage()
            match stage.screen:
                case "care":
                    session.command(t_s, "read")
                case "ask" if stage.question is not None:
                    session.answer(t_s, stage.question.id, None if "stiffness" in stage.question.id else 4)
                case "get-up":
                    session.command(t_s, "yes")
                case "intro" | "rest" | "summary":
                    session.command(t_s, "continue")
            events = session.events()
            keep(journal, number, events)
            if any(isinstance(event, Ended) for event in events):
                break
        detail = journal.session(number)
        assert journal.week(EVENING.date())[6]
    assert detail.session.how == "finished"
    assert [(answer.question, answer.value) for answer in detail.answers] == [
        ("soreness-before", 4),
        ("stiffness-before", None),
        ("soreness-after", 4),
        ("stiffness-after", None),
    ]
    led = {event.exercise: event.value for event in detail.events if event.what == "exercise-ended"}
    assert led == {
        exercise.id: exercise.dose.sets * exercise.dose.reps * (2 if exercise.dose.sides == "each" else 1)
        for exercise in routine.exercises
    }
