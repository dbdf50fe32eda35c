"""In a set before the camera nobody is trapped, nothing is asked for three times, and gaps are borne."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import msgspec
import pytest
from people import ROUTINE, WORDS
from sessions import KNOWN, Doer, Evening

from loosen.body.synthetic_body import Manner
from loosen.coach.cast import CAST, CastBody
from loosen.coach.counting.rep import Rep
from loosen.coach.guidance.cues import SetCues
from loosen.coach.guidance.demo_body import DemoBody
from loosen.coach.guidance.stage import Happened, Say, Stage
from loosen.routine.model import Dose

ARCH, REACH, ROOF, WALK = (exercise.id for exercise in ROUTINE.exercises)


def evening_of(exercise: str, person: DemoBody | None, reps: int = 3) -> Evening:
    """Return a session at the set of an exercise, with somebody before the camera."""
    own = ROUTINE.exercise(exercise)
    dose: Dose = msgspec.structs.replace(own.dose, reps=reps)
    alone = msgspec.structs.replace(ROUTINE, exercises=(own,), get_up=None, first_look=None)
    evening = Evening(routine=alone, past=msgspec.structs.replace(KNOWN, doses={exercise: dose}))
    evening.person = person or DemoBody(alone)
    evening.to("ready")
    return evening


def over(stage: Stage) -> bool:
    return stage.screen not in ("ready", "set")


def ended_by(evening: Evening) -> str:
    return next(event.detail for _, event in evening.of(Happened) if event.what == "exercise-ended")


def counted(evening: Evening) -> int:
    return sum(event.counted for _, event in evening.of(Rep))


@pytest.mark.parametrize("phase", ["out", "stop", "back", "rest"])
@pytest.mark.parametrize("gap_s", [1.2, 2.4])
def test_a_gap_in_the_pictures_pauses_the_count_which_goes_on_by_itself(phase: str, gap_s: float) -> None:
    evening = evening_of(REACH, Doer([Manner()] * 6))
    evening.until(lambda stage: stage.count == 1)
    evening.until(lambda stage: stage.phase == phase)
    person, evening.person = evening.person, None
    evening.wait(gap_s)
    assert (evening.stage.screen, evening.stage.camera) == ("set", True)
    if gap_s > 2:
        assert evening.stage.note == WORDS["trouble.no-picture"]
    evening.person = person
    evening.wait(0.2)
    assert evening.stage.note == ""
    evening.until(over, limit_s=60)
    assert (ended_by(evening), counted(evening)) == ("dose", 3)
    assert "led" not in [event.what for _, event in evening.of(Happened)]


def test_a_camera_that_comes_back_in_the_same_exercise_watches_on() -> None:
    evening = evening_of(REACH, Doer([Manner()] * 6, [Manner()] * 6))
    evening.until(lambda stage: stage.count == 1)
    person, evening.person = evening.person, None
    evening.trouble("camera-lost")
    evening.wait(3)
    assert not evening.stage.camera
    evening.person = person
    evening.trouble("camera-back")
    assert (evening.stage.screen, evening.stage.camera, evening.stage.count) == ("ready", True, 1)
    evening.until(over, limit_s=60)
    assert counted(evening) == 3


class Frontal(DemoBody):
    """Somebody who faces the camera, whatever he is asked."""

    def _turn(self, t_s: float, wanted_deg: float) -> None:
        self._t_s = t_s


def test_who_never_turns_his_side_to_the_camera_is_asked_twice_and_then_led_by_voice() -> None:
    evening = evening_of(ARCH, Frontal(ROUTINE), reps=1)
    evening.until(lambda stage: stage.screen == "set", limit_s=60)
    assert not evening.stage.camera
    assert evening.said().count(WORDS["trouble.turn-side"]) == 2
    evening.until(over, limit_s=60)
    assert WORDS["coach.by-voice"] in evening.said()
    assert counted(evening) == 0


def test_who_stands_and_does_nothing_is_reminded_twice_and_let_go() -> None:
    evening = evening_of(REACH, Doer([]))
    evening.until(lambda stage: stage.screen == "set", limit_s=30)
    begin_s = evening.t_s
    evening.until(over, limit_s=60)
    assert evening.t_s - begin_s < 50
    assert ended_by(evening) == "time"
    nudge = WORDS("coach.nudge", how=ROUTINE.exercise(REACH).how[1])
    assert evening.said().count(nudge) == 2
    assert WORDS["coach.leave-it"] in evening.said()


def test_an_empty_room_ends_the_set_after_a_minute_and_a_half() -> None:
    evening = evening_of(REACH, None)
    evening.away = True
    evening.wait(80)
    assert evening.stage.screen == "ready"
    evening.until(over, limit_s=30)
    assert ended_by(evening) == "time"
    assert counted(evening) == 0


def test_a_stooped_person_is_offered_to_stand_tall_once_and_is_not_praised_for_what_he_did_not_do() -> None:
    stooped = next(member for member in CAST if member.name == "stooped")
    alone = msgspec.structs.replace(ROUTINE, exercises=(ROUTINE.exercise(ARCH),), get_up=None, first_look=None)
    evening = evening_of(ARCH, CastBody(alone, stooped), reps=2)
    evening.until(over, limit_s=120)
    cue = next(fault.cue for fault in ROUTINE.exercise(ARCH).faults if fault.id == "stooped")
    assert evening.said().count(f"{cue}.") == 1
    assert not [text for text in evening.said() if WORDS["coach.mended"] in text]
    assert ended_by(evening) == "dose"


def test_what_was_asked_for_and_is_mended_is_praised_once() -> None:
    hasty, good = Manner(stop_s=0.0), Manner()
    evening = evening_of(REACH, Doer([good, hasty, good, good, good, good]), reps=5)
    evening.until(over, limit_s=90)
    asked = [event.text for _, event in evening.of(Say) if event.tone == "cue"]
    assert [text.partition(". ")[2] for text in asked] == [f"{WORDS['cue.no-stop']}."]
    assert [text for text in evening.said() if WORDS["coach.mended"] in text] == [f"Three. {WORDS['coach.mended']}"]


def test_a_cue_that_still_helps_comes_while_the_movement_lasts() -> None:
    """A step that is short of the person's own is named in the stop, when he can still go further."""
    evening = evening_of(REACH, Doer([Manner(), Manner(), Manner(reach=0.62), Manner(), Manner()]), reps=5)
    evening.until(lambda stage: bool(stage.cue), limit_s=90)
    assert evening.stage.cue == WORDS["cue.shallow"]
    assert evening.stage.phase == "stop"


def test_the_last_word_of_a_set_is_its_count() -> None:
    evening = evening_of(REACH, Doer([Manner(stop_s=0.0)] * 6))
    evening.until(over, limit_s=60)
    last_s = evening.of(Rep)[-1][0]
    assert [event.text for t_s, event in evening.of(Say) if t_s == last_s][:1] == ["Three."]


def test_alternating_legs_keep_their_label_until_the_repetition_is_over() -> None:
    evening = evening_of(WALK, None, reps=2)
    evening.until(over, limit_s=90)
    shown = [(stage.side_text, stage.count) for _, stage in evening.stages if stage.screen == "set"]
    changes = [now for before, now in pairwise(shown) if now != before]
    own = ROUTINE.exercise(WALK).words
    assert changes[:3] == [(own.side_left, 1), (own.side_right, 2), (own.side_left, 3)]
    led = [text for text in evening.said() if text in (f"{own.out_right}.", f"{own.out_left}.")]
    assert led[:4] == [f"{own.out_right}.", f"{own.out_left}."] * 2


# -- the cues themselves -----------------------------------------------------------------------------------


def said(cues: SetCues, fault: str) -> list[str]:
    texts = []
    while cues.choose([fault]):
        texts.append(cues.say(fault))
    return texts


def test_a_cue_is_said_as_written_then_in_other_words_and_never_again() -> None:
    for exercise in ROUTINE.exercises:
        cues = SetCues(exercise, WORDS, asks_less=False)
        for fault in exercise.faults:
            expected = [fault.cue] if fault.offered else [fault.cue, fault.cue_again or fault.cue]
            assert said(cues, fault.id) == expected
        assert len(set(said(cues, "no-stop"))) == 2


def test_more_range_is_asked_for_twice_whichever_fault_asks() -> None:
    cues = SetCues(ROUTINE.exercise(WALK), WORDS, asks_less=False)
    assert cues.say(cues.choose(["short-step", "shallow"])) == "A bigger step"
    assert cues.say(cues.choose(["shallow"])) == WORDS["cue.shallow"]
    assert cues.choose(["short-step", "shallow"]) == ""


def test_on_a_gentle_day_nothing_asks_for_more() -> None:
    exercise = ROUTINE.exercise(WALK)
    cues = SetCues(exercise, WORDS, asks_less=True)
    asking = [fault.id for fault in exercise.faults if fault.asks_more]
    assert asking
    assert all(not cues.choose([fault]) for fault in (*asking, "shallow"))
    assert cues.choose(["foot-lifts", *asking]) == "foot-lifts"


def test_when_the_most_important_cue_is_used_up_the_next_one_has_its_turn() -> None:
    cues = SetCues(ROUTINE.exercise(ARCH), WORDS, asks_less=False)
    said(cues, "too-fast")
    assert cues.choose(["no-stop", "too-fast"]) == "no-stop"
    assert Counter(said(cues, "too-fast")) == Counter()


# -- more sets than one ------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", [REACH, WALK, ARCH])
def test_two_sets_have_a_rest_between_them_and_are_counted_apart(exercise: str) -> None:
    own = ROUTINE.exercise(exercise)
    alone = msgspec.structs.replace(ROUTINE, exercises=(own,), get_up=None, first_look=None)
    dose = msgspec.structs.replace(own.dose, sets=2, reps=2)
    evening = Evening(routine=alone, past=msgspec.structs.replace(KNOWN, doses={exercise: dose}))
    evening.person = DemoBody(alone)
    evening.to("ready")
    evening.until(over, limit_s=200)
    reps = [event for _, event in evening.of(Rep) if event.counted]
    assert [rep.set_number for rep in reps] == [1] * dose.set_reps + [2] * dose.set_reps
    assert ended_by(evening) == "dose"
    next_s = [t_s for t_s, event in evening.of(Say) if event.text == WORDS["coach.next-set"]]
    counts_s = [t_s for t_s, event in evening.of(Say) if event.text == "Three" and t_s > next_s[0]]
    assert len(next_s) == 1
    assert counts_s[0] - next_s[0] >= dose.rest_s - 3


def test_attempts_that_do_not_count_end_two_sets_after_two_more() -> None:
    own = ROUTINE.exercise(REACH)
    alone = msgspec.structs.replace(ROUTINE, exercises=(own,), get_up=None, first_look=None)
    dose = msgspec.structs.replace(own.dose, sets=2, reps=3)
    evening = Evening(routine=alone, past=msgspec.structs.replace(KNOWN, doses={REACH: dose}))
    evening.person = Doer([Manner(reach=0.25)] * 8, [Manner()] * 8)
    evening.to("ready")
    evening.until(over, limit_s=200)
    attempts = [event for _, event in evening.of(Rep) if event.verdict != "partial"]
    assert (len(attempts), counted(evening), ended_by(evening)) == (8, 3, "attempts")
    first_set = [stage.count for t_s, stage in evening.stages if t_s < evening.of(Rep)[4][0]]
    assert set(first_set) == {0}  # what did not count moves no number


def test_a_camera_that_is_lost_again_and_again_is_no_reason_to_ask_again() -> None:
    evening = evening_of(REACH, Doer(*[[Manner(stop_s=0.0)] * 3] * 4), reps=9)
    for _ in range(3):
        evening.until(lambda stage: stage.screen == "set" and stage.camera, limit_s=30)
        evening.wait(12)
        person, evening.person = evening.person, None
        evening.trouble("camera-lost")
        evening.wait(2)
        evening.person = person
        evening.trouble("camera-back")
    texts = Counter(event.text.rpartition(". ")[2] for _, event in evening.of(Say) if event.tone == "cue")
    assert texts
    assert max(texts.values()) == 1
    assert sum(texts.values()) <= 2


def test_a_leg_whose_stop_was_not_seen_is_the_one_that_was_due() -> None:
    evening = evening_of(WALK, None, reps=2)
    evening.until(lambda stage: stage.count == 1)
    evening.until(lambda stage: stage.phase == "out")
    person, evening.person = evening.person, None
    evening.wait(2.4)
    evening.person = person
    evening.until(over, limit_s=90)
    sides = [event.set_side for _, event in evening.of(Rep) if event.counted]
    assert sides.count("left") == sides.count("right") == 2


def test_what_a_gap_hid_is_neither_measured_nor_praised() -> None:
    evening = evening_of(REACH, Doer([Manner()] * 6))
    evening.until(lambda stage: stage.count == 1)
    evening.until(lambda stage: stage.phase == "stop")
    person, evening.person = evening.person, None
    evening.wait(2.0)
    evening.person = person
    evening.until(lambda stage: stage.count == 2)
    rep = [event for _, event in evening.of(Rep)][1]
    assert (rep.verdict, rep.counted, rep.faults, rep.reasons) == ("partial", True, (), (WORDS["verdict.gap"],))
    assert "still_s" not in rep.measures


def test_who_does_a_movement_again_that_ended_by_attempts_is_counted_from_nothing() -> None:
    evening = evening_of(REACH, Doer([Manner(reach=0.25)] * 5, [Manner()] * 3))
    evening.until(lambda _: len(evening.of(Rep)) == 4)
    evening.command("back")
    evening.to("ready")
    assert evening.stage.count == 0
    evening.until(over, limit_s=90)
    assert all(stage.count >= 0 for _, stage in evening.stages)
    ends = [event.detail for _, event in evening.of(Happened) if event.what == "exercise-ended"]
    assert ends == ["person", "dose"]
