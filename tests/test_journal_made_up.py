"""The made-up journal of the demo."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path

from journal_makers import EVENING, rep_done
from journals import as_export, fill, made_up
from page_support import PageServer, serve_page

from loosen.coach.guidance.stage import Happened
from loosen.journal.made_up import demo_journal
from loosen.journal.outcomes.choices import dose_changes
from loosen.journal.outcomes.doses import own_dose
from loosen.journal.outcomes.period import everything
from loosen.journal.store.journal import Journal
from loosen.journal.transfer import backup
from loosen.page.setup import page_setup
from loosen.routine.doses import demo_dose
from loosen.routine.reader import builtin
from loosen.routine.words import load_words

ROUTINE = builtin()


def test_the_same_seed_makes_up_the_same_journal() -> None:
    one, same, other = (Journal.in_memory() for _ in range(3))
    for journal, seed in ((one, 1), (same, 1), (other, 2)):
        fill(journal, made_up(5, seed=seed))
    assert as_export(one) == as_export(same) != as_export(other)


def test_a_demo_with_a_history_leaves_the_real_journal_alone(six: Path) -> None:
    before = six.read_bytes()
    parts = page_setup(ROUTINE, journal=six, demo=True, made_up=9)
    rows = parts.journal.submit(lambda journal: (journal.path, len(journal.sessions()))).result()
    assert rows == (None, 9)
    assert parts.made_up
    parts.journal.submit(lambda journal: journal.close()).result()
    assert six.read_bytes() == before


def test_a_made_up_journal_takes_less_than_fifty_kilobytes_a_session(tmp_path: Path) -> None:
    place = tmp_path / "journal.db"
    with Journal.open(place) as journal:
        fill(journal, made_up(40))
        backup.sweep(journal)
    assert place.stat().st_size < 40 * 50_000


def test_a_made_up_movement_ends_as_a_real_one_does() -> None:
    happened = [event for session in made_up(60).sessions for event in session.events]
    ended = Counter(event.detail for event in happened if event.what == "exercise-ended")
    assert set(ended) == {"dose", "hurt"}
    assert ended["hurt"] == sum(event.what == "hurt" for event in happened)


def test_what_was_done_is_the_dose_that_held() -> None:
    with Journal.in_memory() as journal, journal.using() as db:
        fill(journal, made_up(40))
        changes = dose_changes(db, ROUTINE.id)
        period = everything(db)
    assert [change.what for change in changes] == ["yes"]
    for session in period.sessions:
        held = [change for change in changes if change.day < session.day]
        for past in session.exercises:
            # On the very day either may be; who stopped for pain did half, and so did he on a gentle day.
            if session.day != changes[0].day and not past.hurt and not session.gentle:
                assert max(past.attempts, past.done) == own_dose(ROUTINE.exercise(past.exercise), held).total


def test_a_demos_home_its_history_and_what_it_does_are_of_one_person() -> None:
    served = PageServer()
    served.setup = parts = page_setup(ROUTINE, demo=True, made_up=40)
    with serve_page(served) as demo:
        facts, history = demo.get("/home.json").json(), demo.get("/history.json").json()
    with closing(demo_journal(parts.routine, parts.words, sessions=40, now=EVENING)) as journal:
        sessions = [journal.session(row.id) for row in journal.sessions()]
    home = {it["id"]: (it["dose"]["sets"], it["dose"]["reps"]) for it in facts["exercises"]}
    assert {it["id"]: (it["sets"], it["reps"]) for it in history["doses"]} == home
    assert (facts["offer"], history["offer"]) == (None, None)
    totals = {it.id: demo_dose(it).total for it in ROUTINE.exercises}
    hurt = {(n, e.exercise) for n, it in enumerate(sessions) for e in it.events if e.what == "hurt"}
    for n, detail in enumerate(sessions):
        for it in detail.exercises:
            assert (n, it.exercise) in hurt or detail.gentle or it.done == totals[it.exercise]


def test_what_the_figure_does_does_not_become_the_made_up_persons_past() -> None:
    with demo_journal(ROUTINE, load_words(), sessions=5, now=EVENING) as journal:
        before = as_export(journal)
        number = journal.begin_session(ROUTINE.id, camera=True, now=EVENING)
        journal.add_rep(number, rep_done())
        journal.happened(number, Happened(9.0, "answer", detail="soreness-before", value=4))
        journal.set_setting("care_read", False)
        journal.end_session(number, "finished", EVENING)
        assert journal.kept
        assert as_export(journal) == before
