"""What hurts, pauses, people who leave, cameras that go and clocks that jump: the session goes on from where it was."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people import FEW, IDS, ROUTINE, WORDS, leg_text
from sessions import KNOWN, Doer, Evening, Light

from loosen.body.synthetic_body import Manner
from loosen.coach.counting.rep import Rep
from loosen.coach.guidance.stage import Ended, Happened, Say
from loosen.routine.model import Dose

ARCH, REACH, ROOF, WALK = IDS


def dose(exercise_id: str, reps: int) -> dict[str, Dose]:
    return {exercise_id: msgspec.structs.replace(ROUTINE.exercise(exercise_id).dose, reps=reps)}


def reps(evening: Evening) -> list[Rep]:
    return [event for _, event in evening.of(Rep)]


# -- this hurts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("camera", [True, False])
def test_this_hurts_ends_the_set_at_once_and_asks_where_and_how_bad(camera: bool) -> None:
    evening = Evening(camera=camera)
    evening.to("set")
    evening.wait(4)
    evening.command("hurts")
    assert (evening.stage.title, evening.stage.screen) == (WORDS["hurt.title"], "ask")
    assert evening.stage.title in evening.said()[-1]
    heard = len(evening.heard)
    evening.wait(15)
    assert len(evening.heard) == heard  # silence
    assert evening.options == ["back", "leg", "elsewhere", "rather-not"]
    evening.answer("back")
    evening.answer(3)
    assert evening.options == ["smaller", "skip", "finish"]
    events = [(event.what, event.exercise, event.detail, event.value) for _, event in evening.of(Happened)]
    hurt = [("hurt", ARCH, "", None), ("hurt-place", ARCH, "back", None), ("hurt-score", ARCH, "", 3)]
    assert events[-3:] == hurt
    evening.answer("skip")
    assert (evening.stage.screen, evening.stage.exercise) == ("intro", REACH)
    assert ("exercise-ended", "hurt") in [(event.what, event.detail) for _, event in evening.of(Happened)]
    evening.command(*["skip"] * 30)
    first = evening.stage.summary[0]
    assert first.hurt
    assert first.sentence.startswith(WORDS["summary.hurt"])


def hurt_in_set(*answers: int | str | None, camera: bool = False, reps: int = 0) -> Evening:
    evening = Evening(camera=camera)
    evening.to("set")
    evening.until(lambda stage: stage.count >= reps)
    evening.command("hurts")
    for answer in answers:
        evening.answer(answer)
    return evening


def test_pain_in_a_leg_shows_when_to_get_help_in_full_at_once_and_says_the_first_of_it() -> None:
    evening, care = hurt_in_set("leg"), ROUTINE.care
    shown = [line for _, lines in evening.stage.care for line in lines]
    assert shown == [*care.emergency, *care.first, *care.soon]
    assert care.emergency[0] in evening.said()[-1]
    assert all(heading for heading, _ in evening.stage.care)
    evening.answer(1)
    assert [line for _, lines in evening.stage.care for line in lines] == shown  # until he has decided
    question = evening.stage.question
    assert question is not None
    assert [option.id for option in question.options if option.main] == ["finish"]
    assert hurt_in_set("back", 1).stage.care == ()


@pytest.mark.parametrize("answers", [(), ("rather-not",), ("back", None), ("elsewhere",), (None, None)])
def test_nobody_has_to_answer_where_and_how_bad_and_finishing_always_works(
    answers: tuple[int | str | None, ...],
) -> None:
    evening = hurt_in_set(*answers)
    told = [event.what for _, event in evening.of(Happened)]
    assert told.count("hurt-score") == 0
    assert told.count("hurt-place") == (answers[:1] not in [(), ("rather-not",), (None,)])
    evening.command("finish")
    assert [event.how for _, event in evening.of(Ended)] == ["stopped"]  # nothing was done


def test_who_presses_nothing_after_this_hurts_is_asked_once_more_and_then_let_go() -> None:
    evening = hurt_in_set(reps=1)
    evening.wait(25)
    assert evening.said().count(WORDS["hurt.place"]) == 1
    evening.wait(240)
    assert evening.stage.question is not None
    assert evening.stage.question.id == "soreness-after"  # something was done


@pytest.mark.parametrize("camera", [True, False])
def test_going_on_smaller_goes_on_with_what_is_left_of_the_set(camera: bool) -> None:
    evening = Evening(camera=camera, past=msgspec.structs.replace(KNOWN, doses=dose(ARCH, 4)))
    evening.to("set")
    evening.until(lambda stage: stage.count == 1)
    evening.command("hurts")
    for answer in ("back", 2, "smaller"):
        evening.answer(answer)
    assert (evening.stage.screen, evening.stage.exercise) == ("ready" if camera else "set", ARCH)
    assert (evening.stage.count, evening.stage.of) == (1, 2)
    evening.to("rest")
    evening.command(*["skip", "continue"] * 30)
    evening.to("summary")
    first = evening.stage.summary[0]
    assert (first.done, first.of, first.hurt) == (4, 4, True)
    assert "full" not in first.sentence


@pytest.mark.parametrize(("more", "told"), [(0, "5 done."), (1, "5 as usual, then 1 gently.")])
def test_what_was_done_as_usual_before_it_hurt_is_not_called_gentle(more: int, told: str) -> None:
    """Five on the first side, then it hurts: three are left on the second side, eight in all."""
    evening = Evening(past=msgspec.structs.replace(KNOWN, doses=dose(ARCH, 5)))
    evening.person = Doer([Manner()] * 5, [Manner()] * 5)
    evening.to("set")
    evening.until(lambda _: len(reps(evening)) == 5)
    evening.command("hurts")
    for answer in ("back", 2, "smaller"):
        evening.answer(answer)
    evening.until(lambda _: len(reps(evening)) == 5 + more)
    evening.command("finish")
    evening.to("summary")
    first = evening.stage.summary[0]
    assert (first.done, first.of, first.sentence) == (5 + more, 8, f"{WORDS['summary.hurt']} {told}")
    assert evening.stage.lines[0] == "You did part of one movement."


def test_a_movement_that_was_stopped_because_it_hurt_is_not_said_to_be_done() -> None:
    evening = hurt_in_set("back", 2, "skip", reps=1)
    evening.to("summary")
    assert evening.stage.summary[0].done == 1
    done = sum(one.done > 0 for one in evening.stage.summary[1:])
    assert evening.stage.lines[0] == f"You did {done} of 4 movements. And part of one more."


def test_a_set_of_which_enough_is_done_is_over_when_he_goes_on_smaller() -> None:
    evening = Evening(camera=False, past=msgspec.structs.replace(KNOWN, doses=dose(REACH, 4)))
    evening.to("rest")
    evening.to("set")
    evening.until(lambda stage: stage.count == 3)
    evening.command("hurts")
    for answer in ("elsewhere", 2, "smaller"):
        evening.answer(answer)
    assert evening.stage.screen == "rest"
    ended = [(event.exercise, event.detail, event.value) for _, event in evening.of(Happened) if event.detail == "dose"]
    assert ended[-1] == (REACH, "dose", 3)


@pytest.mark.parametrize("before", [(), ("pause",)])
def test_who_says_in_the_introduction_that_it_hurts_is_led_past_the_exercise(before: tuple[str, ...]) -> None:
    evening = Evening(camera=False)
    evening.to("intro")
    evening.command(*before, "hurts")
    assert (evening.stage.paused, evening.stage.title) == (False, WORDS["hurt.title"])
    for exercise in (REACH, ROOF, WALK):
        for answer in ("back", 2, "skip"):
            evening.answer(answer)
        while evening.options:
            evening.answer("fine")  # the next one, if it is alike
        assert (evening.stage.screen, evening.stage.exercise) == ("intro", exercise)
        evening.command("hurts")
    for answer in ("back", 2, "smaller"):
        evening.answer(answer)
    assert evening.stage.screen == "intro"


def test_after_the_set_there_is_nothing_left_to_do_smaller() -> None:
    evening = Evening(camera=False)
    evening.to("rest")
    evening.command("hurts")
    evening.answer("back")
    evening.answer(2)
    assert evening.options == ["go-on", "finish"]
    evening.answer("go-on")
    while evening.options:
        evening.answer("fine")
    assert (evening.stage.screen, evening.stage.exercise) == ("intro", REACH)


# -- pausing, leaving, and a camera that goes ------------------------------------------------------------


@settings(FEW, max_examples=8)
@given(after_s=st.floats(0.5, 40), length_s=st.sampled_from([0.5, 30.0, 3600.0]), by_tab=st.booleans())
def test_a_pause_stops_time_and_nothing_is_lost(after_s: float, length_s: float, by_tab: bool) -> None:
    def run(pause: bool) -> list[str]:
        evening = Evening(camera=False)
        evening.to("set")
        evening.wait(after_s)
        if pause:
            before = evening.stage
            evening.trouble("tab-hidden") if by_tab else evening.command("pause")
            heard = len(evening.said())
            evening.wait(min(length_s, 60.0))
            evening.t_s += max(length_s - 60.0, 0.0)
            assert evening.stage.paused
            assert (evening.stage.count, evening.stage.phase) == (before.count, before.phase)
            assert len(evening.said()) == heard
            evening.trouble("tab-shown") if by_tab else evening.command("resume")
        evening.wait(30)
        return evening.said()

    assert run(pause=True) == run(pause=False)


def test_a_pause_before_the_camera_does_not_lose_the_count() -> None:
    evening = Evening()
    evening.to("set")
    evening.until(lambda stage: stage.count == 1)
    evening.command("pause")
    evening.wait(20)
    assert (evening.stage.paused, evening.stage.count) == (True, 1)
    evening.command("resume")
    assert evening.until(lambda stage: stage.count != 1 or stage.side_text == WORDS["side.second"])
    assert len([1 for _, event in evening.of(Rep) if event.counted]) == 2


def test_leaving_the_picture_makes_the_coach_wait_and_coming_back_goes_on_from_the_same_count() -> None:
    evening = Evening(past=msgspec.structs.replace(KNOWN, doses={}))
    evening.to("set")
    evening.until(lambda stage: stage.count == 2)
    evening.away = True
    evening.until(lambda stage: stage.screen == "ready", limit_s=5)
    assert evening.stage.count == 2
    assert evening.stage.ready is not None
    evening.wait(40)
    assert (evening.stage.screen, evening.stage.count) == ("ready", 2)
    assert WORDS["trouble.nobody"] in evening.said()
    evening.away = False
    evening.until(lambda stage: stage.screen == "set", limit_s=30)
    assert evening.stage.count == 2
    evening.until(lambda stage: stage.count == 3)


def test_a_camera_that_is_lost_in_mid_set_leaves_the_rest_to_the_voice() -> None:
    evening = Evening()
    evening.to("set")
    evening.until(lambda stage: stage.count == 1)
    evening.person = None
    evening.trouble("camera-lost")
    assert evening.stage.screen == "set"
    assert (evening.stage.camera, evening.stage.count) == (False, 1)
    assert WORDS["trouble.camera-lost"] in (evening.stage.note, *evening.said())
    evening.to("summary")
    assert [one.done for one in evening.stage.summary] == [one.of for one in evening.stage.summary]
    assert "camera-lost" in [event.what for _, event in evening.of(Happened)]


def test_who_does_not_want_to_wait_for_the_gate_goes_on_by_voice() -> None:
    evening = Evening()
    evening.away = True
    evening.to("ready")
    evening.command("continue")
    assert evening.stage.screen == "set"
    assert WORDS["coach.by-voice"] in evening.said()


@pytest.mark.parametrize("what", ["camera-missing", "camera-refused", "camera-lost"])
def test_a_camera_that_was_gone_and_is_back_watches_the_next_set(what: str) -> None:
    evening = Evening()
    evening.to("set")
    evening.trouble(what)
    # One that was lost may come back by itself; one that was never there need not be asked for pictures.
    assert (evening.stage.camera, evening.stage.pictures) == (False, what == "camera-lost")
    evening.trouble("camera-back")
    assert evening.stage.pictures
    assert evening.stage.note == ""
    evening.command("skip", "continue")
    assert (evening.stage.screen, evening.stage.exercise) == ("ready", REACH)
    assert (evening.stage.camera, evening.stage.pictures) == (True, True)
    evening.until(lambda stage: (stage.screen, stage.count) == ("set", 1))


def test_a_camera_that_is_back_when_all_is_done_lets_the_set_end() -> None:
    evening = Evening(camera=False)
    for _ in (ARCH, REACH):
        evening.to("intro")
        evening.to("set")
        evening.until(lambda stage: stage.count == stage.of and stage.side_text != WORDS["side.first"])
        evening.trouble("camera-back")
        assert evening.until(lambda stage: stage.screen == "rest", limit_s=5)
        evening.trouble("camera-lost")


@pytest.mark.parametrize("back", [False, True])
def test_a_camera_that_goes_or_comes_back_in_a_pause_finds_the_session_where_it_was(back: bool) -> None:
    evening = Evening(camera=not back)
    evening.to("set")
    evening.until(lambda stage: stage.count == 1)
    at_s = evening.t_s
    evening.command("pause")
    evening.wait(30)
    evening.trouble("camera-back" if back else "camera-lost")
    assert max(event.t_s for _, event in evening.of(Happened)) <= at_s
    evening.wait(30)
    evening.person = None
    evening.command("resume")
    assert (evening.stage.screen, evening.stage.count) == ("ready" if back else "set", 1)
    if not back:
        evening.until(lambda stage: stage.count == 2, limit_s=15)


@pytest.mark.parametrize("what", ["camera-missing", "camera-refused", "camera-lost"])
@pytest.mark.parametrize("after_s", [0.0, 0.5, 5.0])
def test_that_the_camera_is_gone_is_said_even_right_after_another_saying(what: str, after_s: float) -> None:
    evening = Evening()
    evening.to("ready")
    evening.wait(after_s)
    evening.session.events()
    if after_s == 0.0:
        assert evening.heard[-1] == (evening.t_s, Say(WORDS["ready.say"], "guide"))
    text, lost_s = WORDS[f"trouble.{what}"], evening.t_s
    evening.trouble(what)
    assert evening.stage.note == text
    evening.person = None
    evening.wait(4)
    [(said_s, say)] = [(t_s, say) for t_s, say in evening.of(Say) if say.text == text]
    assert say.tone == "trouble"
    assert lost_s <= said_s <= lost_s + 3


def walking(n: int, manners: list[Manner]) -> Evening:
    """Return a session at the last exercise's introduction, and somebody in it who does these."""
    evening = Evening(past=msgspec.structs.replace(KNOWN, doses=dose(WALK, n)))
    for _ in (ARCH, REACH, ROOF):
        evening.to("intro")
        evening.command("skip", "skip")
    evening.to("intro")
    evening.person = Doer(manners)
    return evening


def test_a_set_of_changing_legs_goes_on_by_voice_with_just_what_is_missing() -> None:
    """Two of the left leg and one of the right were seen; of three each, right, right and left are missing."""
    right, left = Manner(), Manner(mirrored=True)
    evening = walking(3, [left, right, left])
    evening.until(lambda _: len(reps(evening)) == 3)
    assert [done.set_side for done in reps(evening) if done.counted] == ["left", "right", "left"]
    evening.trouble("camera-lost")
    evening.person = None
    assert evening.stage.side_text == leg_text("right")
    begin = len(evening.stages)
    evening.to("summary")
    shown = [
        (stage.side_text, stage.count) for _, stage in evening.stages[begin:]
        if (stage.screen, stage.phase) == ("set", "out")
    ]  # fmt: skip
    leg_right, leg_left = leg_text("right"), leg_text("left")
    assert list(dict.fromkeys(shown)) == [(leg_right, 3), (leg_right, 4), (leg_left, 5)]
    assert (evening.stage.summary[3].done, evening.stage.summary[3].of) == (6, 6)


def test_a_set_does_not_wait_for_ever_for_a_leg_that_the_camera_may_have_mistaken() -> None:
    evening = walking(2, [Manner()] * 7)
    evening.to("get-up")
    assert [done.set_side for done in reps(evening) if done.counted] == ["right"] * 6
    assert evening.said().count(WORDS["coach.other-side"]) == 2


# -- the person's own range ----------------------------------------------------------------------------


def test_the_own_range_is_kept_after_leaving_the_picture_and_on_the_second_side() -> None:
    """Six tenths of the way are whole for who goes no further; who has shown the whole way is told it is short."""

    def verdicts(first: Manner) -> list[str]:
        evening = Evening(past=msgspec.structs.replace(KNOWN, doses=dose(ARCH, 2)))
        evening.person = Doer([first], [Manner(reach=0.6)], [Manner(reach=0.6)])
        evening.to("set")
        evening.until(lambda _: len(reps(evening)) == 1)
        evening.away = True
        evening.until(lambda stage: stage.screen == "ready")
        evening.away = False
        evening.until(lambda _: len(reps(evening)) == 3)
        assert [done.set_side for done in reps(evening)] == ["right", "right", "left"]
        assert all(done.counted for done in reps(evening))
        return [done.verdict for done in reps(evening)]

    assert verdicts(Manner()) == ["full", "shallow", "shallow"]
    assert verdicts(Manner(reach=0.6)) == ["full", "full", "full"]


# -- what is in the way in mid-set -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "people", "light"),
    [("two-people", 2, "ok"), ("dark", 1, "dark"), ("covered", 1, "covered"), ("", 1, "ok")],
)
def test_what_is_in_the_way_in_mid_set_is_said_and_nobody_is_urged_on_meanwhile(
    what: str, people: int, light: Light
) -> None:
    evening = Evening(past=msgspec.structs.replace(KNOWN, doses=dose(ARCH, 3)))
    evening.person = Doer([Manner()])
    evening.to("set")
    evening.until(lambda stage: stage.count == 1)
    evening.people, evening.light = people, light
    begin = len(evening.said())
    evening.wait(20)
    said = evening.said()[begin:]
    nudge = WORDS("coach.nudge", how=ROUTINE.exercise(ARCH).how[1])
    assert evening.stage.count == 1
    if not what:
        assert nudge in said
        assert evening.stage.note == ""
        return
    assert evening.stage.note == WORDS[f"trouble.{what}"]
    assert WORDS[f"trouble.{what}"] in said
    assert nudge not in said
    evening.people, evening.light = 1, "ok"
    evening.wait(1)
    assert evening.stage.note == ""


# -- a clock that jumps --------------------------------------------------------------------------------


def test_an_hour_in_which_the_computer_slept_exercises_nothing() -> None:
    def run(jump_s: float) -> tuple[list[str], int]:
        evening = Evening(camera=False)
        evening.to("set")
        evening.until(lambda stage: stage.count == 1)
        begin = len(evening.said())
        evening.wait(1)
        before = evening.stage
        evening.t_s += jump_s
        evening.step()
        assert (evening.stage.count, evening.stage.phase) == (before.count, before.phase)
        evening.wait(20)
        evening.command("finish")
        evening.to("summary")
        return evening.said()[begin:], evening.stage.summary[0].done

    assert run(3600.0) == run(0.0)


@pytest.mark.parametrize("first", ["tick", "see"])
def test_who_was_watched_when_the_computer_slept_is_watched_on_from_the_same_count(first: str) -> None:
    evening = Evening(past=msgspec.structs.replace(KNOWN, doses=dose(ARCH, 3)))
    evening.person = Doer([Manner()] * 3, [Manner()] * 3)
    evening.to("set")
    evening.until(lambda stage: (stage.count, stage.phase) == (1, "rest"))
    evening.t_s += 3600.0
    if first == "tick":
        evening.session.tick(evening.t_s)
    heard = len(evening.heard)
    evening.step()
    assert evening.stage.count == 1
    assert [event for _, event in evening.heard[heard:] if isinstance(event, Rep)] == []
    evening.person._person = None  # he, too, goes on from where he was
    evening.until(lambda stage: stage.count == 2, limit_s=60)


@pytest.mark.parametrize("by_tab", [True, False])
def test_a_pause_that_is_the_first_thing_after_a_sleep_exercises_nothing(by_tab: bool) -> None:
    evening = Evening(camera=False)
    evening.to("set")
    evening.until(lambda stage: stage.count == 1)
    evening.t_s += 3600.0
    evening.trouble("tab-hidden") if by_tab else evening.command("pause")
    evening.trouble("tab-shown") if by_tab else evening.command("resume")
    evening.wait(2)
    assert (evening.stage.screen, evening.stage.exercise, evening.stage.count) == ("set", ARCH, 1)


@pytest.mark.parametrize("what", ["camera-lost", "skip"])
def test_whatever_comes_first_after_a_sleep_the_voice_goes_on_at_its_own_pace(what: str) -> None:
    evening = Evening(camera=what == "camera-lost")
    evening.to("set")
    evening.wait(3)
    evening.t_s += 3600.0
    evening.trouble(what) if what == "camera-lost" else evening.command(what)
    evening.person = None
    evening.wait(8)
    guided = ROUTINE.exercise(ARCH if what == "camera-lost" else REACH)
    assert (f"{guided.words.out}." if what == "camera-lost" else f"{guided.title}.") in evening.said()[-6:]
    assert evening.stage.seconds_left is None or evening.stage.seconds_left < 60
