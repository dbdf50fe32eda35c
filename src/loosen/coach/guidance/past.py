"""What earlier sessions tell of the person: read from a journal, heeded by a session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from loosen.coach.counting.rep import Side
from loosen.coach.counting.template import Template
from loosen.routine.model import Dose

Templates = dict[str, dict[Side, Template]]
"""What a person's good repetitions look like, by exercise id and side."""

MATTERS = 2
"""A change of so many points from 0 to 10 matters to people (Farrar et al., Pain 2001, 94:149-158)."""

CareDue = Literal["", "first", "monthly", "risen"]
"""Why the safety note is to be read now: for the first time, after a month, or because pain has risen."""


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """What earlier sessions tell of the person, as of today. Exercises are named by id, variants by "exercise.variant".

    `ranges`: the person's own range, in the unit of the exercise's signal. `heard`: in how many sessions an exercise
    has been told. `hurt_days`: how many days ago he last said that something hurt. `hurting`: the exercises
    that hurt, and that he has not called fine since. `variants`: the variant in which he does an exercise.
    `left_out`: the exercises that he leaves out, today or for good. `first_look`: what the first look at the routine's
    family came to: "" (not yet, or to be asked again), "fine" or "worse". `hindered`: what the back keeps him from, in
    his own words; `hindered_due`: it is a week since he was asked.
    """

    care_due: CareDue = ""
    ranges: Mapping[str, float] = {}
    templates: Templates = {}
    doses: Mapping[str, Dose] = {}
    heard: Mapping[str, int] = {}
    hurt_days: int | None = None
    hurting: frozenset[str] = frozenset()
    variants: Mapping[str, str] = {}
    left_out: frozenset[str] = frozenset()
    first_look: Literal["", "fine", "worse"] = ""
    hindered: str = ""
    hindered_due: bool = False
