"""A dose that is offered, and one that was changed, in words."""

from __future__ import annotations

from loosen.journal.outcomes.doses import Offer
from loosen.page.views.choices_view import offer_text
from loosen.routine.reader import builtin
from loosen.routine.words import load_words


def test_an_offer_says_the_dose_of_now_as_it_says_the_next_one() -> None:
    arches = builtin().exercises[0]
    assert arches.dose.sides == "each"
    offer = Offer(exercise=arches.id, sets=2, reps=5, before=(1, 5), sessions=6, weeks=3)
    said = offer_text(offer, builtin(), load_words())
    assert said is not None
    assert "2 sets of 5 on each side, instead of 1 set of 5 on each side" in said.text
