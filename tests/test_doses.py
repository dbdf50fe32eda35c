"""The dose is a start: the own one within bounds, and the next step after comfortable weeks only."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec
import pytest

from loosen.coach.counting.result import ExerciseResult
from loosen.errors import InputError
from loosen.journal.outcomes.choices import DAY_PARTS, PlanStatus, plan_status
from loosen.journal.outcomes.doses import offer, own_dose, own_doses, within_bounds
from loosen.journal.store.moments import stamp
from loosen.journal.store.records import DoseAnswer, DoseChange, Plan, Rating, SessionResult
from loosen.routine.reader import builtin

ROUTINE = builtin()
ARCHES = ROUTINE.exercises[0]
MONDAY = date(2026, 9, 7)


def session(day: int, **changes: Any) -> SessionResult:
    """A whole, comfortable session of back arches, so many days after the Monday."""
    done: dict[str, Any] = {"attempts": 10, "counted": 10, "done": 10, "hurt": False, "verdicts": {"full": 10}}
    done |= {name: changes.pop(name) for name in done.keys() & changes.keys()}
    when = datetime.combine(MONDAY + timedelta(days=day), time(18), UTC)
    fields = {name: done[name] for name in ("attempts", "counted", "hurt")} | {"camera": True}
    said = changes.pop("answers", {"soreness-before": 3, "soreness-after": 3})
    fields |= {"answers": tuple(Rating(question, value, 0.0) for question, value in said.items())} | changes
    return SessionResult(
        id=day, uuid="", started=when, ended=None, local_date=when.date().isoformat(), minutes=8.0, how="finished",
        routine=ROUTINE.id, exercises=(ExerciseResult(exercise=ARCHES.id, faults={}, **done),), **fields,
    )  # fmt: skip


WEEKS = tuple(session(day) for day in range(0, 26, 3))  # nine sessions in over three weeks
TODAY = MONDAY + timedelta(days=26)


def change(day: int, what: DoseAnswer = "own", sets: int = 1, reps: int = 8) -> DoseChange:
    at = datetime.combine(MONDAY + timedelta(days=day), time(), UTC)
    return DoseChange(**stamp(at), routine="r", exercise=ARCHES.id, sets=sets, reps=reps, what=what)


def offered(
    *sessions: SessionResult, changes: tuple[DoseChange, ...] = (), today: date = TODAY
) -> tuple[int, int] | None:
    found = offer(ROUTINE, changes, sessions, today)
    return None if found is None else (found.sets, found.reps)


def test_gentle_days_earn_no_offer_and_take_none_away() -> None:
    assert offered(*WEEKS[:-1], msgspec.structs.replace(WEEKS[-1], gentle=True)) == offered(*WEEKS[:-1]) == (1, 8)
    assert offered(*(msgspec.structs.replace(one, gentle=True) for one in WEEKS)) is None


def test_after_comfortable_full_weeks_one_next_step_is_offered_with_its_reason() -> None:
    found = offer(ROUTINE, (), WEEKS, TODAY)
    assert found is not None
    assert (found.exercise, found.sets, found.reps) == (ARCHES.id, 1, 8)
    assert (found.sessions, found.weeks) == (9, 3)


def test_nothing_is_offered_in_the_first_two_weeks_however_much_was_done() -> None:
    eager = tuple(session(day) for day in range(14))
    rule = msgspec.structs.replace(ARCHES.progression, after_weeks=2, sessions=3)  # type: ignore[type-var]
    routine = msgspec.structs.replace(ROUTINE, exercises=(msgspec.structs.replace(ARCHES, progression=rule),))
    assert offer(routine, (), eager, MONDAY + timedelta(days=13)) is None
    assert offer(routine, (), eager, MONDAY + timedelta(days=14)) is not None


@pytest.mark.parametrize(
    "last",
    [
        {"done": 6, "attempts": 6, "counted": 6, "verdicts": {"full": 6}},
        {"verdicts": {"full": 5, "shallow": 5}},
        {"answers": {"soreness-before": 2, "soreness-after": 4}},
        {"answers": {"soreness-after": 5}},
        {"hurt": True},
    ],
)
def test_nothing_is_offered_when_the_last_one_was_not_whole_and_comfortable_or_an_earlier_one_hurt(
    last: dict[str, Any],
) -> None:
    assert offered(*WEEKS, session(26, **last)) is None
    assert offered(*WEEKS[:5], session(13, hurt=True), *WEEKS[5:]) is None


@pytest.mark.parametrize(
    "unknown",
    [{"camera": False, "attempts": 0, "counted": 0, "verdicts": {}}, {"answers": {}}],
    ids=["led by voice", "soreness not told"],
)
def test_what_was_not_seen_or_told_is_not_held_against_anybody(unknown: dict[str, Any]) -> None:
    assert offered(*(session(day, **unknown) for day in range(0, 26, 3))) == (1, 8)


def test_after_no_a_step_never_comes_again_and_after_later_in_two_weeks() -> None:
    assert offered(*WEEKS, changes=(change(10, "no"),)) is None
    assert offered(*WEEKS, changes=(change(20, "later"),)) is None
    assert offered(*WEEKS, changes=(change(12, "later"),)) == (1, 8)


def test_after_a_change_counting_begins_anew() -> None:
    whole = tuple(session(day, done=16, counted=16, verdicts={"full": 16}) for day in range(0, 53, 3))
    changes = (change(26, "yes"),)
    assert offered(*whole, changes=changes, today=MONDAY + timedelta(days=40)) is None
    found = offered(*whole, changes=changes, today=MONDAY + timedelta(days=53))
    assert found == (2, 6)


def test_a_routine_without_a_rule_never_offers_anything() -> None:
    plain = msgspec.structs.replace(
        ROUTINE, exercises=tuple(msgspec.structs.replace(it, progression=None) for it in ROUTINE.exercises)
    )
    assert offer(plain, (), WEEKS * 9, TODAY + timedelta(days=900)) is None


def test_the_own_dose_is_the_last_one_set_and_only_that() -> None:
    assert own_dose(ARCHES, ()) == ARCHES.dose
    changes = (change(1, "own", 2, 6), change(2, "no", 3, 9), change(3, "later", 3, 9))
    assert (own_dose(ARCHES, changes).sets, own_dose(ARCHES, changes).reps) == (2, 6)
    assert list(own_doses(ROUTINE, changes)) == [ARCHES.id, f"{ARCHES.id}.hold-on"]  # done as often, holding on
    assert own_dose(ARCHES, (*changes, change(4, "yes", 1, 8))).reps == 8


def test_a_dose_beyond_what_the_routine_allows_is_cut_to_it() -> None:
    tight = msgspec.structs.replace(ARCHES, dose=msgspec.structs.replace(ARCHES.dose, most_reps=6))
    assert own_dose(tight, (change(1, "own", 2, 12),)).reps == 6


@pytest.mark.parametrize(("sets", "reps"), [(0, 5), (4, 5), (1, 16), (1, 0)])
def test_a_dose_out_of_bounds_is_refused_with_the_bounds(sets: int, reps: int) -> None:
    with pytest.raises(InputError, match="expected 1 to 3 sets of 1 to 15"):
        within_bounds(ARCHES, sets, reps)


# -- the plan ----------------------------------------------------------------------------------------------


def plan(what: Any = "made") -> Plan:
    return Plan(**stamp(datetime(2026, 11, 22, tzinfo=UTC), key="plan"), what=what, cue="lunch", part="midday")


def status(
    *plans: Plan, day: date = MONDAY, hour: int = 12, first: date | None = MONDAY, done_today: bool = False
) -> PlanStatus:
    now = datetime.combine(day, time(hour), UTC)
    return plan_status(plans, now, first_session=first, done_today=done_today)


def test_a_plan_is_offered_once_in_the_week_after_the_first_session() -> None:
    assert status(first=None).state == "none"
    assert [status(day=MONDAY + timedelta(days=n)).state for n in (0, 6, 7)] == ["offered", "offered", "none"]
    assert [status(plan(what)).state for what in ("made", "declined", "dropped")] == ["made", "none", "none"]


def test_the_last_word_on_a_plan_counts() -> None:
    assert status(plan()).plan == plan()
    assert status(plan(), plan("dropped")) == PlanStatus(state="none")


def test_a_plan_is_shown_in_its_part_of_the_day_until_something_was_done() -> None:
    assert [hour for hour in range(24) if status(plan(), hour=hour).due] == [11, 12, 13]
    assert not status(plan(), done_today=True).due


def test_the_parts_of_the_day_do_not_overlap() -> None:
    hours = [hour for begins, ends in DAY_PARTS.values() for hour in range(begins, ends)]
    assert sorted(set(hours)) == sorted(hours) == list(range(4, 24))
