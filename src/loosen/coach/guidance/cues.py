"""Corrections: which one helps most, and what has been asked already in this set.

Nothing is asked for more than twice in a set: first as written, then in other words, then never again.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable
from typing import NamedTuple

from loosen.coach.counting.rep import Rep
from loosen.routine.model import Exercise
from loosen.routine.words import Words

TWICE = 2
EXTRA = 2  # attempts beyond the dose


class Cue(NamedTuple):
    """How a fault is corrected: its wordings in order, and whether they ask for more range."""

    wordings: tuple[str, ...]
    asks_more: bool


def cues_of(exercise: Exercise, words: Words) -> dict[str, Cue]:
    """Return the cue of each fault, in the order of importance; the coach's own come after the routine file's."""
    cues = {
        fault.id: Cue((fault.cue,) if fault.offered else (fault.cue, fault.cue_again or fault.cue), fault.asks_more)
        for fault in exercise.faults
    }
    for fault in ("shallow", "no-stop"):
        cues[fault] = Cue((words[f"cue.{fault}"], words[f"cue.{fault}-again"]), fault == "shallow")
    return cues


def best_cue(exercise: Exercise, reps: Iterable[Rep], words: Words, *, asks_less: bool = False) -> str:
    """Return the cue for the fault that most of the repetitions have; empty if there is none.

    `asks_less`: no cue that asks for more range.
    """
    cues = {fault: cue for fault, cue in cues_of(exercise, words).items() if not (asks_less and cue.asks_more)}
    tally = Tally(fault for rep in reps for fault in rep.faults)
    commonest = max(cues, key=lambda fault: tally[fault])  # of equals, the first
    return cues[commonest].wordings[0] if tally[commonest] else ""


class SetCues:
    """What has been asked for in one exercise's sets, how often, and what was mended.

    `asks_less`: no cue that asks for more range. `extra`: how many attempts beyond the dose are left.
    """

    def __init__(self, exercise: Exercise, words: Words, *, asks_less: bool = False) -> None:
        self.asks_less = asks_less
        self.extra = EXTRA
        self._cues = cues = cues_of(exercise, words)
        self._asked: Tally[str] = Tally()
        self._said: Tally[str] = Tally()
        ready = {fault.id for fault in exercise.faults if fault.when.during == "ready"}
        self._mendable = set(cues) - ready  # how he stood before is in no repetition
        self._open: set[str] = set()  # asked for, and neither mended nor praised yet
        self._said_last = ""

    def choose(self, faults: Iterable[str]) -> str:
        """Return the fault to correct: the most important one that may still be asked about; empty if there is none."""
        found = set(faults)
        return next((fault for fault in self._cues if fault in found and self._may_say(fault)), "")

    def _may_say(self, fault: str) -> bool:
        """Whether its wordings are not used up; those that ask for more range are together said twice."""
        cue = self._cues[fault]
        if cue.asks_more and self.asks_less:
            return False
        asked_more = sum(times for said, times in self._said.items() if self._cues[said].asks_more)
        return self._said[fault] < len(cue.wordings) and not (cue.asks_more and asked_more >= TWICE)

    def say(self, fault: str) -> str:
        """Return the wording whose turn it is, and note it as said."""
        text = self._cues[fault].wordings[self._said[fault]]
        self._said[fault] += 1
        self._open |= {fault} & self._mendable
        self._said_last = fault
        return text

    def ask(self, what: str) -> int:
        """Note that something else is asked for, such as to turn; return how often that was by now."""
        self._asked[what] += 1
        return self._asked[what]

    def mended(self, faults: Iterable[str]) -> bool:
        """Whether a repetition with these faults is the first without the one that was asked about last."""
        if self._said_last not in self._open or self._said_last in faults:
            return False
        self._open.discard(self._said_last)
        return True
