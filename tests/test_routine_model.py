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


@pytest.mark.parametrize("exercise", ROUTINE.exercises, ids=IDS)
def test_a_movement_is_told_in_three_short_lines_two_slow_ways_and_cues_of_one_breath(exercise: Exercise) -> None:
    assert len(exercise.how) == 3
    assert all(len(line.split()) <= 14 for line in exercise.how)
    for low, high in (exercise.tempo.out_s, exercise.tempo.back_s):
        assert 1 <= low <= high <= 4
    assert 1 <= exercise.tempo.stop_s <= 2
    for fault in exercise.faults:
        assert len(fault.cue.split()) <= 7
        assert not fault.cue.endswith(".")  # the coach puts it after a count and ends the sentence


def test_the_routine_promises_no_treatment() -> None:
    text = as_json(ROUTINE).lower()
    assert not re.search(r"\b(treat|cure|diagnos|rehab|clinical-grade)", text)
    assert "decompress" in text
    for exercise in ROUTINE.exercises:
        if "decompress" in exercise.purpose:
            assert "author" in exercise.purpose  # it is his word, not ours


def test_the_care_note_names_who_asks_first_and_what_is_an_emergency() -> None:
    first, emergency = " ".join(ROUTINE.care.first), " ".join(ROUTINE.care.emergency)
    for word in ("spondylolisthesis", "pars", "stenosis", "osteoporosis", "fracture", "surgery", "cancer"):
        assert word in first
    for word in ("both legs", "bladder", "bowel", "Chest pain"):
        assert word in emergency
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
    assert "every 30 to 45 minutes" in text
    assert text.endswith(ROUTINE.care.always)


def test_a_routine_without_a_rule_for_getting_up_ends_with_its_movements() -> None:
    routine = msgspec.structs.replace(ROUTINE, get_up=None)
    lines = list_lines(routine, "here", WORDS)
    assert lines[-1].strip().startswith("4. Lazy Leg Walk")
    assert len(list_lines(ROUTINE, "here", WORDS)) == len(lines) + 1
