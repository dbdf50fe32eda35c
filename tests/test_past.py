"""What earlier sessions tell a session: read from the journal, and forgotten in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from journal_makers import EVENING, rep_done
from msgspec.structs import replace
from people import ROUTINE

from loosen.coach.counting.rep import Measure
from loosen.coach.counting.verdict import full_at
from loosen.coach.guidance.past import Past
from loosen.coach.guidance.stage import Happened
from loosen.errors import InputError
from loosen.journal.outcomes.choices import keep_dose
from loosen.journal.outcomes.findings import find
from loosen.journal.outcomes.hindrance import keep_hindrance, read_hindrances
from loosen.journal.outcomes.mornings import keep_morning, waiting_session
from loosen.journal.outcomes.past import own_range, read_past
from loosen.journal.outcomes.period import everything
from loosen.journal.outcomes.ways import keep_way, read_ways
from loosen.journal.store.journal import Journal
from loosen.journal.store.moments import utc_text
from loosen.journal.store.setting_keys import CARE_READ, HINDERED, ways_key
from loosen.routine.model import FirstLook, Routine, Variant

ARCHES = ROUTINE.exercise("back-arches")
SEATED = Variant(id="seated", title="Seated arches", offer="If standing is hard")
VARIED = replace(
    ROUTINE,
    first_look=FirstLook(family="extension"),
    exercises=(replace(ROUTINE.exercises[0], variants=(SEATED,)), *ROUTINE.exercises[1:]),
)


@pytest.fixture
def journal() -> Iterator[Journal]:
    with Journal.in_memory() as journal:
        yield journal


def session_of(journal: Journal, day: int, *happened: Happened, ranges: Sequence[float] = (), **more: Any) -> str:
    """Keep a session `day` days after the EVENING, ended after ten minutes."""
    at = EVENING + timedelta(days=day)
    camera, exercise = more.pop("camera", True), more.pop("exercise", ARCHES.id)
    key = journal.begin_session(more.pop("routine", ROUTINE.id), camera=camera, now=at)
    for number, value in enumerate(ranges):
        journal.add_rep(key, rep_done(number, exercise=exercise, range_deg=value, **more))
    for event in happened:
        journal.happened(key, event)
    journal.end_session(key, "finished", at + timedelta(minutes=10))
    return key


def past_of(journal: Journal, day: int, routine: Routine = VARIED, *, hours: int = 0) -> Past:
    with journal.using() as db:
        return read_past(db, routine, EVENING + timedelta(days=day, hours=hours))


def soreness(before: int | None, after: int | None) -> tuple[Happened, ...]:
    asked = (("soreness-before", before), ("soreness-after", after))
    return tuple(Happened(9.0, "answer", detail=name, value=value) for name, value in asked)


# -- the own range -----------------------------------------------------------------------------------------


def called_full(journal: Journal, day: int, reach: float) -> bool:
    """Return whether a repetition as wide as this is full on a day, as the verdict asks it."""
    full = ARCHES.seen.full
    return reach >= full_at(full, ARCHES.seen.counts_at, past_of(journal, day).ranges.get(ARCHES.id))


def test_a_flare_is_forgiven_by_its_third_session(journal: Journal) -> None:
    for day in range(3):
        session_of(journal, day, ranges=[25.0] * 10)
    assert not called_full(journal, 3, 14.0)
    for day in (3, 4):
        session_of(journal, day, ranges=[14.0, 13.0, 14.0, 15.0, 12.0])
    assert called_full(journal, 5, 14.0)


def test_a_good_spell_lifts_the_mark_and_one_good_day_does_not(journal: Journal) -> None:
    for day in range(4):
        session_of(journal, day, ranges=[12.0] * 5)
    session_of(journal, 4, ranges=[24.0] * 5)
    assert past_of(journal, 5).ranges == {ARCHES.id: 12.0}
    session_of(journal, 5, ranges=[24.0] * 5)
    assert past_of(journal, 6).ranges == {ARCHES.id: 24.0}


def test_one_lucky_reading_does_not_become_the_mark(journal: Journal) -> None:
    session_of(journal, 0, ranges=[20.0] * 9 + [60.0])
    assert past_of(journal, 1).ranges == {ARCHES.id: 20.0}
    session_of(journal, 1, ranges=[60.0])
    assert past_of(journal, 2).ranges == {ARCHES.id: 20.0}


def test_what_counted_without_being_full_tells_the_range_too(journal: Journal) -> None:
    session_of(journal, 0, ranges=[11.0, 12.0, 11.0], verdict="shallow")
    assert past_of(journal, 1).ranges[ARCHES.id] == pytest.approx(11.5)


def test_only_what_counted_before_the_camera_in_this_routine_and_unit_tells_the_range(journal: Journal) -> None:
    session_of(journal, 0, ranges=[20.0])
    session_of(journal, 1, ranges=[80.0], counted=False)
    session_of(journal, 2, ranges=[80.0], camera=False)
    session_of(journal, 3, ranges=[80.0], routine="another")
    session_of(journal, 4, ranges=[80.0], measures={"range": Measure(0.8, "leg lengths", 0.1)})
    session_of(journal, 5, ranges=[80.0], exercise="no-longer-there")
    assert past_of(journal, 6).ranges == {ARCHES.id: 20.0}


def test_a_variant_has_a_range_of_its_own(journal: Journal) -> None:
    session_of(journal, 0, ranges=[20.0])
    session_of(journal, 1, ranges=[9.0], exercise="back-arches.seated")
    assert past_of(journal, 2).ranges == {"back-arches": 20.0, "back-arches.seated": 9.0}


@given(st.lists(st.lists(st.floats(1, 60), min_size=1, max_size=12), min_size=1, max_size=8))
def test_the_own_range_is_one_that_was_reached_lately(sessions: list[list[float]]) -> None:
    found = own_range(sessions)
    lately = [value for session in sessions[:5] for value in session]
    assert min(lately) <= found <= max(lately)
    assert found == own_range(sessions[:5])


@given(st.floats(5, 30), st.floats(5, 30), st.integers(1, 6))
def test_two_sessions_that_agree_decide(before: float, now: float, n: int) -> None:
    assert own_range([[now] * 5] * 2 + [[before] * 5] * n) == now or n == 0
    if n >= 2:
        assert own_range([[now] * 5] + [[before] * 5] * n) == before


# -- what was said -----------------------------------------------------------------------------------------


def test_nothing_is_known_of_a_new_person(journal: Journal) -> None:
    assert past_of(journal, 0) == Past(care_due="first")


def test_what_has_been_told_before_is_known_by_session(journal: Journal) -> None:
    told = Happened(1.0, "exercise-begun", ARCHES.id)
    session_of(journal, 0, told, told)
    session_of(journal, 1, told, Happened(2.0, "exercise-begun", "raise-the-roof"))
    assert past_of(journal, 2).heard == {ARCHES.id: 2, "raise-the-roof": 1}


def test_what_hurt_is_remembered_until_he_says_that_it_is_fine(journal: Journal) -> None:
    session_of(journal, 0, Happened(1.0, "hurt", ARCHES.id), Happened(2.0, "hurt", "raise-the-roof"))
    session_of(journal, 1, Happened(1.0, "fine", ARCHES.id))
    past = past_of(journal, 3)
    assert past.hurt_days == 3
    assert past.hurting == {"raise-the-roof"}
    session_of(journal, 4, Happened(1.0, "fine", "raise-the-roof"), Happened(2.0, "hurt", ARCHES.id))
    assert past_of(journal, 4).hurting == {ARCHES.id}


def test_what_hurt_a_season_ago_is_no_longer_asked_about(journal: Journal) -> None:
    session_of(journal, 0, Happened(1.0, "hurt", ARCHES.id))
    assert [past_of(journal, day).hurting for day in (90, 91)] == [{ARCHES.id}, frozenset()]


def test_a_first_look_that_was_worse_is_taken_again_after_two_weeks(journal: Journal) -> None:
    session_of(journal, 0, Happened(1.0, "first-look", detail="worse"))
    assert [past_of(journal, day).first_look for day in (0, 13, 14)] == ["worse", "worse", ""]
    session_of(journal, 20, Happened(1.0, "first-look", detail="same"))
    assert [past_of(journal, day).first_look for day in (20, 400)] == ["fine", "fine"]
    assert past_of(journal, 20, replace(VARIED, first_look=None)).first_look == ""


# -- the safety note ---------------------------------------------------------------------------------------


def read_on(journal: Journal, day: int) -> None:
    journal.set_setting(CARE_READ, utc_text(EVENING + timedelta(days=day)))


def test_the_safety_note_comes_again_after_a_month(journal: Journal) -> None:
    assert past_of(journal, 0).care_due == "first"
    read_on(journal, 0)
    assert [past_of(journal, day).care_due for day in (0, 29, 31)] == ["", "", "monthly"]


@pytest.mark.parametrize(
    ("answers", "due"),
    [
        ([(3, 3), (3, 5)], "risen"),
        ([(3, 3), (5, 4)], "risen"),
        ([(3, 3), (4, 5)], ""),
        ([(5, 7), (5, 5)], ""),
        ([(None, 5), (5, None)], ""),
        ([(3, 3), (None, None)], ""),
    ],
)
def test_the_safety_note_comes_again_once_soreness_has_risen(
    journal: Journal, answers: list[tuple[int | None, int | None]], due: str
) -> None:
    for day, (before, after) in enumerate(answers):
        read_on(journal, day)  # at the beginning of the session
        session_of(journal, day, *soreness(before, after))
    assert past_of(journal, len(answers)).care_due == due
    read_on(journal, len(answers))
    assert past_of(journal, len(answers) + 1).care_due == ""


def test_who_has_read_the_note_with_an_earlier_loosen_is_asked_a_month_after_that(journal: Journal) -> None:
    journal.set_setting(CARE_READ, True)
    session_of(journal, 0, Happened(0.0, "care-read"), ranges=[20.0])
    session_of(journal, 20, ranges=[20.0])
    assert [past_of(journal, day).care_due for day in (20, 31)] == ["", "monthly"]


# -- choices, words, mornings ------------------------------------------------------------------------------


def test_a_way_of_doing_an_exercise_is_kept(journal: Journal) -> None:
    with journal.changing() as db:
        keep_way(db, VARIED, ARCHES.id, "seated", "", EVENING)
        keep_way(db, VARIED, "raise-the-roof", "", "always", EVENING)
        keep_way(db, VARIED, "reach-for-the-sky", "", "today", EVENING)
    today = past_of(journal, 0)
    assert today.variants == {ARCHES.id: "seated"}
    assert today.left_out == {"raise-the-roof", "reach-for-the-sky"}
    assert past_of(journal, 1).left_out == {"raise-the-roof"}
    with journal.changing() as db:
        keep_way(db, VARIED, "raise-the-roof", "", "", EVENING)
        assert set(read_ways(db, VARIED)) == {ARCHES.id, "reach-for-the-sky"}
    assert past_of(journal, 1, ROUTINE).variants == {}  # the routine has that variant no longer


@pytest.mark.parametrize(("exercise", "variant"), [("no-such", ""), (ARCHES.id, "flying"), ("back-arches.seated", "")])
def test_a_way_that_the_routine_does_not_know_is_refused(journal: Journal, exercise: str, variant: str) -> None:
    with journal.changing() as db, pytest.raises(InputError, match="has no exercise"):
        keep_way(db, VARIED, exercise, variant, "", EVENING)


def test_a_variant_is_done_as_often_as_the_exercise_was_set_to(journal: Journal) -> None:
    with journal.changing() as db:
        keep_dose(db, VARIED.id, ARCHES.id, 1, 3, "own", EVENING)
    assert {name: dose.reps for name, dose in past_of(journal, 0).doses.items()} == {
        "back-arches": 3,
        "back-arches.seated": 3,
    }


def test_what_the_back_keeps_him_from_is_asked_about_once_a_week(journal: Journal) -> None:
    with journal.changing() as db:
        keep_hindrance(db, "  putting on\nmy socks ", EVENING)
    past = past_of(journal, 0)
    assert (past.hindered, past.hindered_due) == ("putting on my socks", True)
    session_of(journal, 0, Happened(9.0, "answer", detail="hindered", value=7))
    assert [past_of(journal, day).hindered_due for day in (0, 6, 7)] == [False, False, True]
    with journal.changing() as db:
        keep_hindrance(db, "gardening", EVENING + timedelta(days=3))
    assert past_of(journal, 3).hindered_due  # of this he was never asked
    with journal.changing() as db:
        keep_hindrance(db, "", EVENING + timedelta(days=4))
        assert [it.text for it in read_hindrances(db)] == ["putting on my socks", "gardening", ""]
    assert (past_of(journal, 9).hindered, past_of(journal, 9).hindered_due) == ("", False)


def test_an_answer_is_of_what_was_named_when_the_session_began(journal: Journal) -> None:
    with journal.changing() as db:
        keep_hindrance(db, "socks", EVENING - timedelta(days=3))
    session_of(journal, 0, Happened(9.0, "answer", detail="hindered", value=7))
    with journal.changing() as db:
        keep_hindrance(db, "gardening", EVENING + timedelta(hours=2))
        found = find(everything(db)).hindered
    assert found is not None
    assert (found.text, found.trend.n) == ("gardening", 0)
    assert past_of(journal, 0, hours=3).hindered_due


def test_words_that_are_too_many_are_refused(journal: Journal) -> None:
    with journal.changing() as db, pytest.raises(InputError, match="at most 80"):
        keep_hindrance(db, "x" * 81, EVENING)


@pytest.mark.parametrize("key", [HINDERED, ways_key(ROUTINE.id), CARE_READ, "template.loosen-lower-back.back-arches"])
@pytest.mark.parametrize("rubbish", [3, ["x"], {"back-arches": 1}, [{"text": "x", "since": "yesterday"}], None])
def test_rubbish_in_the_journal_is_as_if_it_were_not_there(journal: Journal, key: str, rubbish: object) -> None:
    journal.set_setting(key, rubbish)
    assert past_of(journal, 0) == Past(care_due="first")


def test_the_morning_after_belongs_to_the_last_session_of_an_earlier_day(journal: Journal) -> None:
    done = session_of(journal, 0, ranges=[20.0])
    session_of(journal, 0)  # opened, and nothing done
    minutes = journal.session(done).minutes

    def waiting(day: int) -> str | None:
        with journal.using() as db:
            row = waiting_session(db, (EVENING + timedelta(days=day)).date())
        return None if row is None else row.uuid

    assert [waiting(day) for day in (0, 1, 3, 4)] == [None, done, done, None]
    for answer in ("worse", "better"):
        with journal.changing() as db:
            keep_morning(db, done, answer)
    assert waiting(1) is None
    kept = journal.session(done)
    assert [(it.what, it.detail) for it in kept.events] == [("next-morning", "better")]
    assert kept.minutes == minutes


def test_an_answer_in_the_morning_makes_no_unfinished_session_longer(journal: Journal) -> None:
    key = journal.begin_session(ROUTINE.id, camera=True, now=EVENING)
    journal.add_rep(key, rep_done(0))
    journal.add_rep(key, rep_done(40))
    before = journal.session(key).minutes
    with journal.changing() as db:
        keep_morning(db, key, "same")
    assert journal.session(key).minutes == before > 0
