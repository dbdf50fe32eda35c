"""What a person's good repetitions have in common, and how unlike them another is."""

from __future__ import annotations

import math
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import ROUTINE, WORDS, filmed

from loosen.body.signals import SignalFrame, SignalReader
from loosen.body.synthetic_body import Manner
from loosen.coach.counting.counter import Counter
from loosen.coach.counting.rep import Rep
from loosen.coach.counting.template import OWN, POINTS, REMEMBERED, Shape, Template, shape_of

ROOF, WALK = "raise-the-roof", "lazy-leg-walk"
SIGNAL = "arm_elevation_left_deg"


def shape(level: float, length_s: float = 3.0) -> Shape:
    return Shape(length_s, {SIGNAL: (level,) * POINTS})


def learnt(*levels: float) -> Template:
    return reduce(Template.with_one_more, map(shape, levels), Template())


def test_a_repetition_unlike_ones_own_lies_further_off() -> None:
    own = learnt(150, 152, 148)
    like, low, hasty = (own.unlikeness(one) for one in (shape(151), shape(110), shape(150, 1.0)))
    assert like < 1 < low
    assert like < 1 < hasty


def test_it_takes_three_to_know_a_person() -> None:
    assert [learnt(*[150.0] * n).known for n in range(5)] == [False, False, False, True, True]
    assert OWN == 3


def test_nothing_to_compare_is_no_number() -> None:
    assert math.isnan(learnt(1.0).unlikeness(Shape(0, {})))


@given(st.lists(st.floats(0, 180), min_size=1, max_size=REMEMBERED))
def test_the_middle_and_the_scatter_are_those_of_all_learnt(levels: list[float]) -> None:
    own = learnt(*levels)
    mean = sum(levels) / len(levels)
    assert own.middle[SIGNAL][0] == pytest.approx(mean, abs=1e-6)
    assert own.scatter[SIGNAL] == pytest.approx(sum((x - mean) ** 2 for x in levels) / len(levels), abs=1e-4)


def test_one_bad_day_moves_a_template_little_and_makes_it_forgiving() -> None:
    usual = learnt(*[150.0, 152.0, 148.0] * 10)
    after = reduce(Template.with_one_more, [shape(135)] * 5, usual)
    assert after.middle[SIGNAL][0] > 145
    assert after.unlikeness(shape(135)) < usual.unlikeness(shape(135))


def test_a_signal_is_compared_once_it_was_seen_three_times_and_is_not_forgotten_when_hidden() -> None:
    knee = Shape(3.0, {"knee_bend_deg": (5.0,) * POINTS})
    own = reduce(Template.with_one_more, [knee, knee], learnt(150, 152, 148))
    assert own.seen == {SIGNAL: 3, "knee_bend_deg": 2}
    bent = Shape(3.0, {"knee_bend_deg": (60.0,) * POINTS})
    assert own.unlikeness(bent) == 0  # only the length can be compared
    assert own.with_one_more(knee).unlikeness(bent) > 1
    assert own.unlikeness(shape(110)) > 1


def test_a_shape_is_drawn_out_evenly_and_needs_five_frames() -> None:
    frames = [SignalFrame(t / 10, {SIGNAL: float(t)}, "front", "camera") for t in range(31)]
    frames[7].values["knee_bend_deg"] = 5.0
    found = shape_of(frames, 0.5, 2.9)
    assert found.length_s == pytest.approx(2.4)
    assert set(found.signals) == {SIGNAL}
    assert found.signals[SIGNAL] == pytest.approx([5 + n for n in range(POINTS)])


def counted(exercise: str, *manners: Manner, by: Counter | None = None) -> list[Rep]:
    counter = by or Counter(ROUTINE.exercise(exercise), WORDS)
    reader = SignalReader()
    reps = [rep for pose in filmed(exercise, manners) for rep in counter.see(reader.read(pose))]
    return reps + counter.finish()


def test_the_fourth_repetition_is_compared_with_the_first_three() -> None:
    reps = counted(ROOF, *[Manner()] * 4, Manner(reach=0.8), Manner(pace=2.5))
    assert ["unlike_own" in rep.measures for rep in reps] == [False] * 3 + [True] * 3
    like, lower, faster = (rep.measures["unlike_own"].value for rep in reps[3:])
    assert like < 0.5
    assert lower > 2 * like
    assert faster > like


def test_each_side_has_a_template_of_its_own_and_earlier_ones_are_carried_on() -> None:
    counter = Counter(ROUTINE.exercise(WALK), WORDS)
    reps = counted(WALK, *[Manner(), Manner(mirrored=True)] * 4, by=counter)
    assert [("unlike_own" in rep.measures) for rep in reps] == [False] * 6 + [True] * 2
    assert {side: one.n for side, one in counter.templates.items()} == {"left": 4, "right": 4}
    later = Counter(ROUTINE.exercise(WALK), WORDS, templates=counter.templates)
    assert all("unlike_own" in rep.measures for rep in counted(WALK, Manner(), by=later))
