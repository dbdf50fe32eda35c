"""A sore person is asked for less, and does what he has chosen to do."""

from __future__ import annotations

import msgspec
import pytest
from people import IDS, ROUTINE, WORDS
from sessions import Evening

from loosen.coach.guidance.past import Past
from loosen.coach.guidance.session_plan import chosen_exercises
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import Option, Question
from loosen.routine.model import Variant

ARCH, REACH, ROOF, WALK = IDS
SEATED = Variant(id="seated", title="Seated Reach", offer="If standing is hard.", how=("Sit tall.",))
WITH_SEATED = msgspec.structs.replace(
    ROUTINE,
    exercises=tuple(
        msgspec.structs.replace(one, variants=(SEATED,)) if one.id == REACH else one for one in ROUTINE.exercises
    ),
)


def chosen(only: str | None = None, **past: object) -> list[str]:
    return [one.id for one in chosen_exercises(WITH_SEATED, msgspec.convert(past, Past), only)]


def test_a_movement_is_done_in_the_variant_that_was_chosen_and_left_out_if_he_leaves_it_out() -> None:
    seated = f"{REACH}.seated"
    assert chosen(variants={REACH: "seated"}) == [ARCH, seated, ROOF, WALK]
    assert chosen(variants={REACH: "no longer there", WALK: ""}) == list(IDS)
    assert chosen(left_out=[ARCH, WALK], variants={ARCH: "seated"}) == [REACH, ROOF]
    assert chosen(left_out=list(IDS)) == []
    assert chosen(seated) == chosen(REACH, variants={REACH: "seated"}, left_out=[REACH]) == [seated]
    with pytest.raises(KeyError):
        chosen(f"{ARCH}.seated")


def test_a_session_leads_through_the_variant_before_the_camera() -> None:
    evening = Evening(routine=WITH_SEATED, only=f"{REACH}.seated")
    evening.until(lambda stage: stage.count == 1)
    assert evening.stage.title == SEATED.title


def test_less_is_half_the_repetitions_rounded_up() -> None:
    state, (arch, reach, *_) = SessionState(ROUTINE, WORDS, True, Past(), {}), ROUTINE.exercises
    state.smaller.add(ARCH)
    assert (state.dose(arch).reps, state.asks_less(arch)) == (3, True)
    assert (state.dose(reach), state.asks_less(reach)) == (reach.dose, False)
    state.gentle = True
    assert state.dose(reach).reps == 3


def test_a_question_takes_its_options_or_its_numbers_and_nothing_else() -> None:
    choice, scale = Question("a", "?", options=(Option("yes", "Yes"),)), Question("b", "?")
    assert [value for value in ("yes", "no", 3, None) if choice.takes(value)] == ["yes", None]
    assert [value for value in ("yes", -1, 0, 10, 11, None) if scale.takes(value)] == [0, 10, None]
