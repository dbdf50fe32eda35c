"""The built-in routine is the article's: its order, doses and care, in words that promise nothing."""

from __future__ import annotations

import re

import msgspec
import pytest
from people import IDS, ROUTINE, WORDS

from loosen.cli.routine import list_lines, show_lines
from loosen.routine.model import Exercise
from loosen.routine.reader import as_json

ARTICLE = (  # id, title, sides, view
    ("back-arches", "Back Arches", "each", "side"),
    ("reach-for-the-sky", "Reach For The Sky", "together", "front"),
    ("raise-the-roof", "Raise The Roof", "together", "side"),
    ("lazy-leg-walk", "Lazy Leg Walk", "each", "side"),
)


@pytest.mark.parametrize(("item", "exercise"), list(zip(ARTICLE, ROUTINE.exercises, strict=True)), ids=IDS)
def test_each_movement_has_the_articles_order_dose_and_intensity(item: tuple[str, ...], exercise: Exercise) -> None:
    assert (exercise.id, exercise.title, exercise.dose.sides, exercise.seen.view) == item
    assert (exercise.dose.sets, exercise.dose.reps) == (1, 5)
    assert exercise.intensity == "light"


def test_the_article_is_named_and_so_are_its_30_to_45_minutes_of_sitting_and_30_degrees_of_arch() -> None:
    assert ROUTINE.source.author == "Rick Kaselj, MS"
    assert ROUTINE.source.title == "How to Loosen Up a Tight and Sore Lower Back"
    rule = ROUTINE.get_up
    assert rule is not None
    assert (rule.title, rule.after_min, rule.latest_min) == ("Get Up", 30, 45)
    assert set(rule.movements) <= set(IDS)
    assert ROUTINE.exercise("back-arches").seen.full.never_urge_past == 30


WAYS = {exercise.id: exercise for exercise in ROUTINE.all_exercises()}
every_way = pytest.mark.parametrize("exercise", WAYS.values(), ids=WAYS)


@every_way
def test_a_movement_is_told_in_three_short_lines_two_slow_ways_and_cues_of_one_breath(exercise: Exercise) -> None:
    assert len(exercise.how) == 3
    assert all(len(line.split()) <= 14 for line in exercise.how)
    for low, high in (exercise.tempo.out_s, exercise.tempo.back_s):
        assert 1 <= low <= high <= 4
    assert 1 <= exercise.tempo.stop_s <= 2
    for cue in (cue for fault in exercise.faults for cue in (fault.cue, fault.cue_again) if cue):
        assert len(cue.split()) <= 7
        assert not cue.endswith(".")  # the coach puts it after a count and ends the sentence


@every_way
def test_what_is_asked_a_second_time_is_asked_in_other_words_and_what_is_offered_is_said_once(
    exercise: Exercise,
) -> None:
    for fault in exercise.faults:
        assert bool(fault.cue_again) != fault.offered
        assert fault.cue != fault.cue_again
        assert not (fault.offered and fault.asks_more)
        if fault.offered:
            assert "if comfortable" in fault.cue
            assert fault.verdict is None  # an offer that is not taken makes no repetition worse


def test_whoever_is_sore_hears_nothing_that_asks_for_more() -> None:
    more = {(one.id, fault.id) for one in ROUTINE.exercises for fault in one.faults if fault.asks_more}
    assert more == {
        ("back-arches", "hips-stay"),
        ("reach-for-the-sky", "elbows-bend"),
        ("raise-the-roof", "arms-only"),
        ("lazy-leg-walk", "short-step"),
    }


@pytest.mark.parametrize("name", ["back-arches", "back-arches.hold-on", "raise-the-roof", "raise-the-roof.seated"])
def test_past_30_degrees_of_arch_it_is_far_enough(name: str) -> None:
    first = WAYS[name].faults[0]
    assert (first.when.signal, first.when.over, first.cue) == ("backward_lean_deg", 30, "That's far enough")


@every_way
def test_light_smooth_and_controlled_is_said_and_so_are_both_places_of_the_hands(exercise: Exercise) -> None:
    assert exercise.manner.startswith("Light, smooth and controlled")
    base = exercise.id.partition(".")[0]
    hands = {"back-arches": ("lower back", "pelvis"), "lazy-leg-walk": ("sides", "hips")}
    if exercise.id in hands:
        assert all(place in exercise.how[0] for place in hands[base])
    if exercise.id in ("reach-for-the-sky", "raise-the-roof"):
        assert all(part in exercise.how[0] for part in ("head", "shoulders", "hips", "legs", "in line"))


def test_the_lazy_leg_walk_is_led_by_the_leg_that_steps_and_the_side_is_the_dragged_legs() -> None:
    words = ROUTINE.exercise("lazy-leg-walk").words
    assert (words.out_right, words.side_right) == ("Left foot forward, big step", "left foot steps")
    assert words.back_right == "Dig in, and drag the right leg up, slowly"
    swapped = {"left": "right", "right": "left", "Left": "Right", "Right": "Left"}
    for told, other in ((words.out_left, words.out_right), (words.back_left, words.back_right)):
        assert told == re.sub(r"\b[Ll]eft\b|\b[Rr]ight\b", lambda found: swapped[found[0]], other)


def test_whoever_cannot_do_a_movement_as_it_is_finds_another_way_that_suits_him() -> None:
    offers = {one.id: {variant.id: variant.offer for variant in one.variants} for one in ROUTINE.exercises}
    for name in ("reach-for-the-sky", "raise-the-roof"):
        assert set(offers[name]) == {"seated", "one-arm"}
        assert offers[name]["one-arm"] == "A sore shoulder"
    for name in ("back-arches", "lazy-leg-walk"):
        assert offers[name] == {"hold-on": "Unsure on your feet"}
    assert all(len(offer.split()) <= 8 for each in offers.values() for offer in each.values())


def test_the_routine_promises_no_treatment() -> None:
    text = as_json(ROUTINE).lower()
    assert not re.search(r"\b(treat|cure|diagnos|rehab|clinical-grade)", text)
    assert "decompress" in text
    for exercise in ROUTINE.exercises:
        if "decompress" in exercise.purpose:
            assert "author" in exercise.purpose  # it is his word, not ours


def test_the_care_note_names_who_asks_first_and_what_is_an_emergency() -> None:
    first, emergency = " ".join(ROUTINE.care.first), " ".join(ROUTINE.care.emergency)
    for word in ("spondylolisthesis", "pars", "stenosis", "osteoporosis", "fracture", "surgery", "cancer",
                 "hip replacement", "neck", "pregnant", "heart"):  # fmt: skip
        assert word in first
    for word in ("both legs", "weakness", "numbness", "drop", "bladder", "bowel", "sexual function", "Chest pain",
                 "local emergency number"):  # fmt: skip
        assert word in emergency
    soon = " ".join(ROUTINE.care.soon)
    for word in ("six weeks", "night", "fall", "steroids", "fragile bones", "cancer", "Fever"):
        assert word in soon
    assert "not medical advice" in ROUTINE.care.always
    assert "camera estimates" in ROUTINE.care.always


def test_a_movement_is_found_by_its_id_and_no_other_is() -> None:
    for exercise in ROUTINE.exercises:
        assert ROUTINE.exercise(exercise.id) is exercise
    with pytest.raises(KeyError):
        ROUTINE.exercise("jumping-jacks")


def test_nobody_changes_the_routine_by_accident() -> None:
    with pytest.raises(AttributeError):
        ROUTINE.exercises[0].dose.reps = 500  # type: ignore[misc]


def test_the_routine_can_be_read_before_doing_it() -> None:
    text = "\n".join(show_lines(ROUTINE, WORDS))
    for exercise in ROUTINE.exercises:
        for line in (exercise.title, *exercise.how, exercise.purpose, exercise.care):
            assert line in text
        for variant in exercise.variants:
            assert f"Or: {variant.title} ({variant.offer})" in text
    assert "every 30 to 45 minutes" in text
    assert text.endswith(ROUTINE.care.always)


def test_a_routine_without_a_rule_for_getting_up_ends_with_its_movements() -> None:
    routine = msgspec.structs.replace(ROUTINE, get_up=None)
    lines = list_lines(routine, "here", WORDS)
    assert lines[-1].strip().startswith("4. Lazy Leg Walk")
    assert len(list_lines(ROUTINE, "here", WORDS)) == len(lines) + 1
