"""A sore person is asked for less, and does what he has chosen to do."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from people import IDS, ROUTINE, WORDS
from sessions import KNOWN, Doer, Evening

from loosen.body.synthetic_body import manners_for
from loosen.coach.guidance.past import Past
from loosen.coach.guidance.session_plan import chosen_exercises
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import Ended, Happened, Option, Question
from loosen.routine.model import Dose, FirstLook, Routine, Variant

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


@pytest.mark.parametrize(
    ("sets", "reps", "asked", "words"),
    [
        (1, 10, 5, "about half"),
        (1, 5, 3, "about half"),
        (2, 3, 4, "fewer"),
        (2, 1, 1, "about half"),
        (3, 1, 2, "fewer"),
        (1, 1, 1, ""),
    ],
)
def test_what_is_said_of_a_gentle_day_is_true_of_its_doses(sets: int, reps: int, asked: int, words: str) -> None:
    doses = {one.id: Dose(sets=sets, reps=reps, sides="together") for one in ROUTINE.exercises}
    evening = Evening(camera=False, past=msgspec.structs.replace(KNOWN, doses=doses, hurt_days=1))
    evening.to("intro")  # he takes what is offered
    [said] = {line for _, stage in evening.stages for line in stage.lines if line.startswith("On a gentle day")}
    assert ("half" in said, "fewer" in said) == (words == "about half", words == "fewer")
    assert words in said
    evening.to("summary")
    assert [(one.done, one.of) for one in evening.stage.summary] == [(asked, asked)] * len(IDS)
    assert "half" not in " ".join(evening.stage.lines)


def test_a_question_takes_its_options_or_its_numbers_and_nothing_else() -> None:
    choice, scale = Question("a", "?", options=(Option("yes", "Yes"),)), Question("b", "?")
    assert [value for value in ("yes", "no", 3, None) if choice.takes(value)] == ["yes", None]
    assert [value for value in ("yes", -1, 0, 10, 11, None) if scale.takes(value)] == [0, 10, None]


# -- the gentle day ----------------------------------------------------------------------------------------


def with_families(routine: Routine = ROUTINE) -> Routine:
    """Return the routine in which two movements bend back, and three reach or step, whatever the file says."""
    families = {ARCH: ("extension",), REACH: ("overhead",), ROOF: ("extension", "overhead"), WALK: ("stride",)}
    exercises = tuple(msgspec.structs.replace(one, family=families[one.id]) for one in routine.exercises)
    return msgspec.structs.replace(routine, exercises=exercises, first_look=FirstLook(family="extension"))


FAMILIES = with_families()


def asked(soreness: int | None = 2, stiffness: int | None = 2, **past: object) -> Evening:
    """Return a session after the first two answers."""
    known = msgspec.structs.replace(KNOWN, **past)
    evening = Evening(camera=False, past=known, routine=FAMILIES)
    evening.answer(soreness)
    evening.answer(stiffness)
    return evening


def happened(evening: Evening) -> list[tuple[str, str | None, str]]:
    return [(event.what, event.exercise, event.detail) for _, event in evening.of(Happened) if event.what != "answer"]


@pytest.mark.parametrize(
    ("soreness", "stiffness", "hurt_days", "why"),
    [
        (5, 0, None, "sore"),
        (0, 7, None, "stiff"),
        (None, None, 3, "hurt"),
        (4, 6, 0, "hurt"),
        (4, 6, 4, ""),
        (None, None, None, ""),
    ],
)
def test_a_gentle_day_is_offered_to_who_is_sore_or_stiff_or_was_hurt_within_three_days(
    soreness: int | None, stiffness: int | None, hurt_days: int | None, why: str
) -> None:
    evening = asked(soreness, stiffness, hurt_days=hurt_days)
    if not why:
        assert evening.stage.screen == "intro"
        return
    question = evening.stage.question
    assert question is not None
    assert evening.stage.title == WORDS[f"gentle.{why}"]
    assert [(option.id, option.main) for option in question.options] == [
        ("gentle", True), ("usual", False), ("not-today", False),
    ]  # fmt: skip
    # One consistent thing: the rule to stop at 5 of 10 is not beside a button that says go on.
    shown = [*evening.stage.lines, *[line for _, lines in evening.stage.care for line in lines]]
    assert not set(shown) & set(ROUTINE.care.stop)
    evening.wait(600)
    assert evening.stage.question == question  # it waits: he sits at the keyboard


def test_a_gentle_day_is_half_the_dose_and_bending_back_is_asked_about_and_may_be_left_out() -> None:
    evening = asked(soreness=6, doses={})
    evening.answer("gentle")
    assert happened(evening)[-1] == ("gentle", None, "yes")
    assert evening.options == ["do-it", "leave-out"]
    evening.answer("leave-out")
    assert ("left-out", ARCH, "") in happened(evening)
    assert (evening.stage.exercise, evening.stage.of) == (REACH, 3)
    evening.until(lambda stage: stage.screen == "rest")
    assert evening.stage.lines == ("3 done, led by voice.", WORDS("rest.next", title=ROUTINE.exercise(ROOF).title))
    evening.until(lambda stage: stage.screen == "ask")
    evening.answer("do-it")
    assert (evening.stage.exercise, evening.stage.of) == (ROOF, 3)
    evening.to("summary")
    assert evening.stage.lines[:2] == ("You did 3 of 4 movements.", WORDS["summary.gentle"])
    assert evening.stage.summary[0].sentence == WORDS["summary.left-out"]
    assert [(one.done, one.of) for one in evening.stage.summary[1:]] == [(3, 3), (3, 3), (6, 6)]


@pytest.mark.parametrize("day", ["gentle", "usual"])
def test_only_on_a_gentle_day_who_steps_short_is_asked_for_nothing_more(day: str) -> None:
    evening = Evening(past=msgspec.structs.replace(KNOWN, doses={}, left_out=frozenset([ARCH, REACH, ROOF])))
    small = [replace(manner, reach=0.45) for manner in manners_for(ROUTINE.exercise(WALK), 12)]
    evening.person = Doer(small)
    evening.answer(6)
    evening.answer(2)
    evening.answer(day)
    evening.to("summary")
    more = [cue for fault in ROUTINE.exercise(WALK).faults if fault.asks_more for cue in (fault.cue, fault.cue_again)]
    assert any(cue in text for cue in more if cue for text in evening.said()) == (day == "usual")
    assert (evening.stage.summary[0].sentence == "6 done, gently.") == (day == "gentle")
    assert evening.stage.summary[0].done == evening.stage.summary[0].of == (6 if day == "gentle" else 10)


def test_a_gentle_day_is_never_imposed_and_not_today_ends_kindly() -> None:
    evening = asked(soreness=6)
    evening.answer("usual")
    assert happened(evening)[0] == ("gentle", None, "no")
    assert (evening.stage.screen, evening.stage.exercise, evening.stage.of) == ("intro", ARCH, 2)
    evening = asked(stiffness=9)
    evening.answer("not-today")
    assert evening.said()[-1] == WORDS["gentle.goodbye"]
    assert [event.how for _, event in evening.of(Ended)] == ["stopped"]


# -- what hurt ---------------------------------------------------------------------------------------------


def test_what_hurt_and_its_kin_are_asked_about_until_it_is_called_fine() -> None:
    evening = asked(hurting=frozenset([ARCH]))
    assert evening.options == ["smaller", "leave-out", "fine"]
    assert evening.stage.lines == (WORDS("family.hurt", title=ROUTINE.exercise(ARCH).title),)
    evening.answer("smaller")
    assert (evening.stage.exercise, evening.stage.of) == (ARCH, 1)
    evening.command("skip", "skip")
    assert evening.stage.exercise == REACH  # no kin of it
    evening.command("skip", "skip")
    assert ROUTINE.exercise(ROOF).title in evening.stage.lines[0]
    evening.answer("leave-out")
    assert happened(evening)[-2:] == [("left-out", ROOF, ""), ("exercise-begun", WALK, "")]
    evening = asked(hurting=frozenset([ARCH]))
    evening.answer("fine")
    assert ("fine", ARCH, "") in happened(evening)
    evening.to("summary")
    assert all(one.done == one.of for one in evening.stage.summary)  # and nothing more was asked


def test_what_hurt_in_another_variant_or_is_left_out_for_good_is_called_fine_with_its_kin() -> None:
    evening = asked(hurting=frozenset([ARCH]), left_out=frozenset([ARCH]))
    evening.until(lambda stage: bool(stage.question))
    evening.answer("fine")
    assert ("fine", ARCH, "") in happened(evening)


def test_what_hurts_in_a_session_is_asked_about_when_its_kin_come_up() -> None:
    evening = asked()
    evening.to("set")
    evening.command("hurts")
    for answer in ("back", 4, "skip"):
        evening.answer(answer)
    assert evening.stage.exercise == REACH
    evening.until(lambda stage: bool(stage.question))
    assert evening.options == ["smaller", "leave-out", "fine"]
    evening.wait(15)
    asked_times = evening.said().count(WORDS["family.ask"])
    evening.wait(20)
    assert evening.said().count(WORDS["family.ask"]) == asked_times + 1
    evening.wait(40)
    assert (evening.stage.exercise, ("left-out", ROOF, "") in happened(evening)) == (WALK, True)


def test_a_break_with_what_hurt_asks_first() -> None:
    past = msgspec.structs.replace(KNOWN, hurting=frozenset([ARCH]))
    evening = Evening(camera=False, past=past, routine=FAMILIES, only=ARCH)
    evening.answer("leave-out")
    assert evening.stage.screen == "summary"
    assert evening.stage.lines == (WORDS["summary.nothing"],)
    assert Evening(camera=False, past=past, routine=FAMILIES, demo=True).stage.screen == "intro"


# -- a first look ------------------------------------------------------------------------------------------


def looking() -> Evening:
    """Return a session that has come to its first look."""
    evening = asked(first_look="")
    assert evening.stage.title == WORDS["first-look.title"]
    return evening


def test_before_bending_back_for_the_first_time_two_small_ones_are_led_that_do_not_count() -> None:
    evening = looking()
    evening.until(lambda stage: bool(stage.question))
    said = evening.said()
    out, back = (f"{getattr(ROUTINE.exercise(ARCH).words, phase)}." for phase in ("out", "back"))
    assert [text for text in said if text in ("Three.", "Two.", "One.", out, back)].count(out) == 2
    assert said.count(back) == 2
    assert {"led", "exercise-begun"} & {what for what, _, _ in happened(evening)} == set()
    assert evening.options == ["better", "same", "worse"]
    evening.answer("same")
    assert happened(evening)[-2:] == [("first-look", None, "same"), ("exercise-begun", ARCH, "")]
    evening.to("summary")
    assert [(one.done, one.of) for one in evening.stage.summary] == [(4, 4), (3, 3), (3, 3), (4, 4)]


@pytest.mark.parametrize(("reps", "words"), [(1, "One small one,"), (2, "Two small ones,"), (5, "Five small ones,")])
def test_the_first_look_says_how_many_there_will_be(reps: int, words: str) -> None:
    routine = msgspec.structs.replace(FAMILIES, first_look=FirstLook(family="extension", reps=reps))
    past = msgspec.structs.replace(KNOWN, first_look="")
    evening = Evening(camera=False, past=past, routine=routine, only=ARCH)
    assert evening.stage.lines[0].startswith(words)
    assert words in evening.said()[-1]


@pytest.mark.parametrize("answer", ["worse", "nothing"])
def test_who_feels_worse_or_says_nothing_is_not_led_through_bending_back_and_told_why(answer: str) -> None:
    evening = looking()
    evening.until(lambda stage: bool(stage.question))
    if answer == "worse":
        evening.answer("worse")
        assert "14 days" in evening.said()[-1]
    else:
        evening.wait(65)
    assert (("first-look", None, "worse") in happened(evening)) == (answer == "worse")
    assert [name for what, name, _ in happened(evening) if what == "left-out"] == [ARCH, ROOF]
    assert evening.stage.screen == "rest"
    assert ROUTINE.exercise(ROOF).title in evening.stage.lines[0]
    evening.until(lambda stage: stage.screen == "intro")
    assert evening.stage.exercise == REACH
    evening.to("summary")
    assert [one.done for one in evening.stage.summary] == [0, 3, 0, 4]
    assert evening.stage.lines[0] == "You did 2 of 4 movements."


def test_pain_in_the_first_look_is_worse_and_it_may_be_cut_short() -> None:
    evening = looking()
    evening.command("hurts")
    for answer in ("leg", 3):
        evening.answer(answer)
    assert evening.options == ["finish", "go-on"]
    assert ("first-look", None, "worse") in happened(evening)
    evening.answer("go-on")
    assert evening.stage.exercise == REACH
    evening = looking()
    evening.command("continue")
    assert evening.stage.screen == "set"
    evening.command("skip")
    assert evening.options == ["better", "same", "worse"]
    evening.answer("better")
    assert (evening.stage.screen, evening.stage.exercise) == ("intro", ARCH)


def test_what_hurts_at_the_question_is_looked_at_before_it_is_done_smaller() -> None:
    evening = asked(first_look="", hurting=frozenset([ARCH]))
    assert evening.options == ["smaller", "leave-out", "fine"]
    evening.command("hurts")
    for answer in ("back", 2, "smaller"):
        evening.answer(answer)
    assert (evening.stage.title, evening.stage.exercise) == (WORDS["first-look.title"], ARCH)


def test_after_a_worse_look_the_movements_are_left_out_from_the_start_and_it_is_said_once() -> None:
    evening = asked(first_look="worse")
    assert evening.stage.title == WORDS["first-look.out-title"]
    assert ROUTINE.exercise(ARCH).title in evening.said()[-1]
    evening.to("summary")
    assert [one.id for one in evening.stage.summary] == [REACH, WALK]
    assert evening.stage.lines[0] == "You did all 2 movements."
    assert sum(ROUTINE.exercise(ARCH).title in text for text in evening.said()) == 1


def test_a_break_looks_first_too_and_a_demo_never_does() -> None:
    for state, title in (("", "title"), ("worse", "out-title")):  # what was worse is not tried again at once
        past = msgspec.structs.replace(KNOWN, first_look=state)
        evening = Evening(camera=False, past=past, routine=FAMILIES, only=ROOF)
        assert evening.stage.title == WORDS[f"first-look.{title}"]
        if state == "worse":
            evening.to("summary")
            assert evening.stage.lines == (WORDS["summary.nothing"],)
        assert Evening(camera=False, past=past, routine=FAMILIES, only=REACH).stage.screen == "intro"
        assert Evening(past=past, routine=FAMILIES, demo=True).stage.screen == "intro"


def test_a_session_of_which_everything_is_left_out_says_so_kindly() -> None:
    evening = asked(left_out=frozenset(IDS))
    assert evening.stage.screen == "get-up"
    evening.to("summary")
    assert evening.stage.lines[0] == WORDS["summary.nothing"]
    assert evening.stage.summary == ()
