"""The stiff, the slow and the unsteady are led through a set, are counted, and are asked for nothing three times."""

from __future__ import annotations

import pytest
from people import IDS, ROUTINE, WORDS

from loosen.coach import cast
from loosen.coach.cast import CAST, Member, Trial, trials, wrong_with

BY_NAME = {member.name: member for member in CAST}
each = pytest.mark.parametrize("exercise", IDS)


def tried(exercise: str, member: Member, monkeypatch: pytest.MonkeyPatch, rates: tuple[float, ...]) -> list[Trial]:
    monkeypatch.setattr(cast, "RATES", rates)
    return list(trials(ROUTINE, ROUTINE.exercise(exercise), member, WORDS))


@each
def test_who_gets_four_tenths_of_the_way_is_counted_at_five_pictures_a_second(
    exercise: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [it] = tried(exercise, BY_NAME["40%"], monkeypatch, (5.0,))
    assert (it.counted, it.attempts, it.ended_by) == (it.dose, it.dose, "dose")


@each
def test_who_stays_below_what_can_be_seen_is_told_and_let_go(exercise: str, monkeypatch: pytest.MonkeyPatch) -> None:
    [it] = tried(exercise, BY_NAME["25%"], monkeypatch, (10.0,))
    assert it.ended_by in ("dose", "attempts")
    assert it.attempts <= it.dose + 2
    assert max(it.said.values(), default=0) <= 2
    assert (it.counted == it.dose) == (exercise == "back-arches")  # five degrees


@each
@pytest.mark.parametrize("name", ["left arm to 70 deg", "stooped", "holding on", "never turns", "no stop"])
def test_everybody_is_counted_in_his_own_way(exercise: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for it in tried(exercise, BY_NAME[name], monkeypatch, (10.0,)):
        assert wrong_with(BY_NAME[name], [it]) == ""
        assert it.counted == it.dose


def test_a_slow_persons_stop_is_announced_once_and_his_set_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    [it] = tried("reach-for-the-sky", BY_NAME["slow"], monkeypatch, (30.0,))
    assert (it.counted, it.ended_by) == (5, "dose")


def test_what_is_wrong_with_how_somebody_was_led_is_named() -> None:
    good = Trial("40%", "back-arches", 10.0, 10, 10, 10, {}, "dose", 90.0)
    member = BY_NAME["40%"]

    def wrong(**changed: object) -> str:
        return wrong_with(member, [Trial(**{**{f: getattr(good, f) for f in good.__struct_fields__}, **changed})])

    assert wrong() == ""
    assert "did not end" in wrong(ended_by="")
    assert "13 attempts" in wrong(attempts=13, counted=13)
    assert "3 times" in wrong(said={"A bigger step": 3})
    assert "8 counted of 10" in wrong(counted=8)
    assert "0 counted of 0" in wrong(attempts=0, counted=0, ended_by="time")
