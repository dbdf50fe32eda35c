"""Of all that went wrong one thing is said: the commonest fault, and of equals the most important one."""

from __future__ import annotations

import pytest
from journal_makers import rep_done
from people import ROUTINE, WORDS

from loosen.coach.guidance.cues import best_cue

ARCH = ROUTINE.exercise("back-arches")
FIRST, SECOND = ARCH.faults[:2]


@pytest.mark.parametrize(
    ("faults", "cue"),
    [
        ([()], ""),
        ([(SECOND.id, FIRST.id)], FIRST.cue),
        ([(FIRST.id,), (SECOND.id,), (SECOND.id,)], SECOND.cue),
        ([("no-stop", "shallow")], WORDS["cue.shallow"]),
        ([("no-stop", FIRST.id)], FIRST.cue),
    ],
)
def test_the_commonest_fault_is_said_and_of_equals_the_first_of_the_file(
    faults: list[tuple[str, ...]], cue: str
) -> None:
    assert best_cue(ARCH, [rep_done(faults=one) for one in faults], WORDS) == cue
