"""A person is led through the whole routine, and whatever he presses, he is never lost and never blamed."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import groupby, pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people import FEW, IDS, ROUTINE, WORDS, leg_text
from sessions import KNOWN, NEW, SHORT, Evening

from loosen.body.pose import Look, Pose
from loosen.coach.counting.rep import Rep
from loosen.coach.guidance.past import CareDue, Past
from loosen.coach.guidance.scenes import RestScene, SummaryScene
from loosen.coach.guidance.session import Session
from loosen.coach.guidance.session_plan import PlanStep, StepKind, session_plan
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import Ended, Happened, Say, Stage

ARCH, REACH, ROOF, WALK = IDS
SORE = msgspec.structs.replace(NEW, care_due="risen", hurting=frozenset([ARCH]), hurt_days=1, first_look="")
"""Somebody whom everything is asked."""
COMMANDS = ("continue", "pause", "resume", "skip", "back", "hurts", "finish", "yes", "no", "read", "dance")
TROUBLES = ("camera-refused", "camera-missing", "camera-lost", "camera-back", "tab-hidden", "tab-shown", "slow", "rain")


@cache
def whole() -> Evening:
    """One whole session before the camera, from the first note to the summary, in short doses."""
    evening = Evening(past=NEW)
    evening.to("summary")
    return evening


@cache
def led() -> Evening:
    """The same without a camera."""
    evening = Evening(camera=False)
    evening.to("summary")
    return evening


def screens(evening: Evening) -> list[str]:
    return [screen for screen, _ in groupby(stage.screen for _, stage in evening.stages)]


# -- a whole session -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_session_goes_from_the_safety_note_to_the_summary() -> None:
    each = ["intro", "ready", "set", "ready", "set", "rest"]
    assert screens(whole()) == [
        "care", "ask",
        *each, "intro", "ready", "set", "rest", "intro", "ready", "set", "rest", "intro", "ready", "set",
        "get-up", "ask", "summary",
    ]  # fmt: skip


def test_every_repetition_is_kept_as_it_ends_and_nothing_counts_before_the_gate() -> None:
    evening = whole()
    for exercise in ROUTINE.exercises:
        done = [event for _, event in evening.of(Rep) if event.exercise == exercise.id]
        dose = SHORT[exercise.id]
        assert sum(one.counted for one in done) == dose.reps * (2 if dose.sides == "each" else 1)
        assert all(one.signal is not None for one in done)
    for t_s, _ in evening.of(Rep):
        before = [stage for when_s, stage in evening.stages if when_s < t_s]
        assert before[-1].screen == "set"


def test_the_count_is_shown_and_spoken_one_by_one() -> None:
    evening = whole()
    for exercise in (REACH, ROOF):
        shown = [stage.count for _, stage in evening.stages if (stage.screen, stage.exercise) == ("set", exercise)]
        assert [count for count, _ in groupby(shown)] == [0, 1, 2]  # with the third the set is over
    for t_s, event in evening.of(Rep):
        at_once = [say.text for when_s, say in evening.of(Say) if when_s == t_s]
        if event.counted:
            assert at_once[0].partition(".")[0] in ("One", "Two", "Three", "Four")
        else:
            assert not any(text.startswith(("One", "Two", "Three", "Four")) for text in at_once)


def test_both_sides_of_the_arch_are_done_one_turned_to_the_camera_each() -> None:
    sides = [event.set_side for _, event in whole().of(Rep) if event.exercise == ARCH and event.counted]
    assert [(side, len(list(some))) for side, some in groupby(sides)] == [("right", 2), ("left", 2)]
    assert WORDS["coach.turn"] in whole().said()


def test_each_leg_has_its_turn() -> None:
    reps = [event for _, event in whole().of(Rep) if event.exercise == WALK and event.counted]
    assert sorted(event.set_side for event in reps) == ["left", "left", "right", "right"]
    texts = {stage.side_text for _, stage in whole().stages if stage.screen == "set" and stage.exercise == WALK}
    assert texts == {leg_text("left"), leg_text("right")}


def test_corrections_are_four_seconds_apart_and_none_is_given_three_times() -> None:
    cues = [t_s for t_s, say in whole().of(Say) if say.tone == "cue"]
    assert len(cues) >= 3  # the demonstration's person makes faults
    assert all(later - earlier >= 4.0 for earlier, later in pairwise(cues))
    texts = Counter(say.text.rpartition(". ")[2] for _, say in whole().of(Say) if say.tone == "cue")
    assert max(texts.values()) <= 2


def test_two_sayings_never_fall_on_top_of_each_other_by_the_coachs_own_doing() -> None:
    said = [(t_s, say) for t_s, say in whole().of(Say) if say.tone in ("cue", "praise", "count")]
    for (a_s, a), (b_s, b) in pairwise(said):
        assert b_s > a_s, (a.text, b.text)


def test_the_ring_fills_over_the_stop_and_only_there() -> None:
    in_set = [stage for _, stage in whole().stages if stage.screen == "set"]
    assert all(0 <= stage.ring <= 1 for stage in in_set)
    assert all(stage.phase == "stop" for stage in in_set if stage.ring)
    assert max(stage.ring for stage in in_set) == 1


def test_the_journal_hears_when_each_exercise_begins_and_ends() -> None:
    heard = [(event.what, event.exercise) for _, event in whole().of(Happened) if event.exercise]
    assert heard == [(what, name) for name in IDS for what in ("exercise-begun", "exercise-ended")]


def test_what_can_be_tried_is_shown_after_the_set_and_never_asks_for_more() -> None:
    more = [fault.cue for exercise in ROUTINE.exercises for fault in exercise.faults if fault.asks_more]
    more += [WORDS["cue.shallow"]]
    rests = [stage for _, stage in whole().stages if stage.screen == "rest"]
    assert len({stage.exercise for stage in rests}) == 3
    assert not [line for stage in rests for line in stage.lines if any(cue in line for cue in more)]
    assert all(stage.cue == "" for stage in rests)


@pytest.mark.slow
@pytest.mark.parametrize(("camera", "at_most_s"), [(True, 360), (False, 330)])
def test_a_whole_session_of_somebody_who_has_heard_it_is_short(camera: bool, at_most_s: float) -> None:
    """In the routine's own doses. Answers take no time here, so a minute of them is allowed for."""
    evening = Evening(camera=camera, past=msgspec.structs.replace(KNOWN, doses={}))
    begin_s = evening.t_s
    evening.to("summary")
    assert evening.t_s - begin_s <= at_most_s - 15
    assert all(one.done == one.of for one in evening.stage.summary)


def test_the_summary_says_how_each_exercise_went_and_whether_it_helped() -> None:
    stage = whole().stage
    assert [one.id for one in stage.summary] == list(IDS)
    for one in stage.summary:
        assert one.done == one.of > 0
        assert one.sentence
        assert "±" in one.range_text
        assert one.chart is not None
        assert not one.hurt
        assert not one.skipped
    assert stage.lines[0] == "You did all 4 movements."
    assert "Soreness about the same: 4 before, 4 after." in stage.lines


def test_every_stage_can_be_sent_to_the_page_and_its_keys_are_commands() -> None:
    for evening in (whole(), led()):
        for _, stage in evening.stages:
            assert msgspec.json.decode(msgspec.json.encode(stage), type=Stage) == stage
            assert set() < set(stage.keys) <= set(COMMANDS)


def test_the_session_is_over_when_the_person_says_so() -> None:
    evening = Evening(camera=False)
    evening.command(*["skip"] * 30)
    assert evening.stage.screen == "summary"
    assert evening.of(Ended) == []
    evening.command("continue")
    assert [event.how for _, event in evening.of(Ended)] == ["finished"]
    evening.command("back", "continue", "finish")
    evening.wait(1)
    assert len(evening.of(Ended)) == 1


def test_a_demonstration_asks_nothing_and_shows_good_and_faulty_repetitions() -> None:
    evening = Evening(demo=True)
    evening.to("rest", limit_s=120)
    assert set(screens(evening)) == {"intro", "ready", "set", "rest"}
    verdicts = {event.verdict for _, event in evening.of(Rep)}
    assert "full" in verdicts
    assert len(verdicts) > 1


# -- what is told ----------------------------------------------------------------------------------------


def introduction(past: Past, exercise: int = 0) -> tuple[float, list[str], Stage]:
    """Return how long an introduction takes, what is said in it, and what is shown."""
    evening = Evening(camera=False, past=past)
    for _ in range(exercise):
        evening.to("intro")
        evening.to("set")
        evening.command("skip")
    shown = evening.to("intro")
    begin_s, heard = evening.t_s, len(evening.said())
    evening.to("set")
    return evening.t_s - begin_s, evening.said()[heard - 1 :], shown


def test_the_first_time_an_exercise_is_told_whole_and_later_in_a_few_seconds_with_everything_still_shown() -> None:
    arch, reach = ROUTINE.exercise(ARCH), ROUTINE.exercise(REACH)
    manner = arch.manner
    long_s, said, shown = introduction(NEW)
    assert said == [f"{arch.title}.", *arch.how, manner, arch.purpose, WORDS("intro.care", care=arch.care)]
    assert long_s < 30
    _, said, _ = introduction(NEW, exercise=1)
    assert said == [f"{reach.title}.", *reach.how, reach.purpose, WORDS("intro.care", care=reach.care)]  # once each
    short_s, said, again = introduction(KNOWN)
    assert said[0] == f"{arch.title}."
    assert said[1:] == []
    assert 2.5 <= short_s <= 4.5
    assert (again.lines, again.purpose, again.care_text) == (shown.lines, shown.purpose, shown.care_text)
    assert (again.lines, again.purpose) == (arch.how, arch.purpose)
    assert manner in again.dose_text
    assert arch.care in again.care_text


@pytest.mark.parametrize("due", ["first", "monthly", "risen"])
def test_the_safety_note_says_why_it_is_shown(due: CareDue) -> None:
    evening = Evening(camera=False, past=msgspec.structs.replace(KNOWN, care_due=due))
    assert (evening.stage.screen, evening.stage.title) == ("care", WORDS[f"care.title-{due}"])


def test_what_the_back_keeps_one_from_is_asked_once_a_week_in_his_own_words() -> None:
    past = msgspec.structs.replace(KNOWN, hindered="tying my shoes", hindered_due=True)
    evening = Evening(camera=False, past=past)
    evening.answer(2)
    evening.answer(2)
    question = evening.stage.question
    assert question is not None
    assert (question.id, question.text) == ("hindered", "Tying my shoes: how well does it go now?")
    evening.answer(7)
    assert evening.stage.screen == "intro"
    answers = [(event.detail, event.value) for _, event in evening.of(Happened) if event.what == "answer"]
    assert answers[-1] == ("hindered", 7)
    not_due = Evening(camera=False, past=msgspec.structs.replace(past, hindered_due=False))
    not_due.answer(2)
    not_due.answer(2)
    assert not_due.stage.screen == "intro"


def test_a_short_walk_is_among_the_offers_for_getting_up() -> None:
    assert ROUTINE.get_up is not None
    walking = msgspec.structs.replace(ROUTINE.get_up, walk="A walk to the window and back")
    evening = Evening(camera=False, routine=msgspec.structs.replace(ROUTINE, get_up=walking))
    while evening.stage.screen != "get-up":
        evening.command("skip")
    assert walking.walk in evening.stage.lines[1]


# -- without a camera --------------------------------------------------------------------------------------


def test_without_a_camera_the_person_confirms_nothing() -> None:
    """Between the questions before and the offer at the end no key was pressed (see Evening.to)."""
    assert [s for s in screens(led()) if s != "ask"] == [
        *["intro", "set", "rest"] * 3,
        "intro",
        "set",
        "get-up",
        "summary",
    ]
    assert led().of(Rep) == []
    assert not any(stage.camera for _, stage in led().stages)
    for one in led().stage.summary:
        assert one.done == one.of
        assert one.sentence == f"{one.done} done, led by voice."
        assert one.range_text == ""  # nothing was measured, nothing is claimed


@pytest.mark.parametrize("rest_s", [0.0, 3.0, 5.0, 10.0])
def test_what_is_said_in_a_rest_is_said_before_the_rest_is_over(rest_s: float) -> None:
    doses = {one: msgspec.structs.replace(SHORT[one], rest_s=rest_s) for one in IDS}
    evening = Evening(camera=False, past=msgspec.structs.replace(KNOWN, doses=doses))
    evening.to("summary")
    said = [(t_s, say.text) for t_s, say in evening.of(Say)]
    ends = [t_s for t_s, stage in evening.stages if stage.screen == "intro"][1:]
    told = [(t_s, text) for t_s, text in said if text.endswith("led by voice.") or text.startswith("Next: ")]
    assert len(told) == {0.0: 0, 3.0: 3, 5.0: 3, 10.0: 6}[rest_s]
    for t_s, text in told:
        assert min(end_s for end_s in ends if end_s > t_s) - t_s > len(text.split()) / 3


def test_the_last_word_of_a_set_and_what_is_said_of_it_do_not_fall_together() -> None:
    evening = Evening(past=msgspec.structs.replace(KNOWN, doses={}))
    evening.to("set")
    state = evening.session._state
    state.later(evening.t_s + 1.8, WORDS["coach.enough"], "guide")
    rest = RestScene(state, PlanStep(StepKind.REST, ROUTINE.exercise(ARCH), 1))
    rest.enter(evening.t_s)
    due_s = sorted(due_s for due_s, _ in state._due)
    assert len(due_s) >= 2
    assert min(b_s - a_s for a_s, b_s in pairwise(due_s)) > 1.7


# -- commands -----------------------------------------------------------------------------------------


def at_screen(name: str) -> Evening:
    """Return a session that has just come to a screen."""
    evening = Evening(camera=name in ("ready", "set"), past=NEW if name == "care" else KNOWN)
    match name:
        case "by voice":
            evening.to("set")
        case "hurt":
            evening.to("intro")
            evening.command("hurts")
        case "hurt options":
            evening.to("intro")
            evening.command("hurts")
            evening.answer("leg")
            evening.answer(None)
        case "last":
            evening.command(*["skip"] * 30)
        case "paused":
            evening.to("set")
            evening.command("pause")
        case "over":
            evening.command("finish")
        case "get-up":
            while evening.stage.screen != "get-up":
                evening.command("skip")
        case _:
            evening.to(name)
    return evening


SCREENS = (
    "care",
    "ask",
    "intro",
    "ready",
    "set",
    "by voice",
    "rest",
    "hurt",
    "hurt options",
    "get-up",
    "last",
    "paused",
    "over",
)


@pytest.mark.parametrize("screen", SCREENS)
def test_every_key_that_is_offered_leads_on_and_no_other_does_anything(screen: str) -> None:
    evening = at_screen(screen)
    begin = evening.stage
    for what in (*COMMANDS, *TROUBLES):
        if evening.stage != begin:
            evening = at_screen(screen)
        heard = len(evening.heard)
        offered = what in evening.stage.keys
        evening.command(what) if what in COMMANDS else evening.trouble(what)
        if what in COMMANDS and not offered:
            assert (evening.stage, len(evening.heard)) == (begin, heard), what
        else:
            evening.wait(0.5)
        assert evening.stage.screen
        assert len(evening.of(Ended)) <= 1


def test_a_scene_that_is_given_a_command_it_does_not_know_raises_with_what_it_shows() -> None:
    scene = SummaryScene(SessionState(ROUTINE, WORDS, False, Past(), {}), PlanStep(StepKind.SUMMARY))
    with pytest.raises(RuntimeError, match=r"'back' is impossible in SummaryScene: Stage\(screen='summary'"):
        scene.command(1.0, "back")


def test_a_plan_is_steps_with_kind_and_exercise() -> None:
    whole_plan = session_plan(ROUTINE.exercises, care=True, questions=True, family=True, hindered=True, get_up=True)
    kinds = [step.kind.value for step in whole_plan]
    each = ["family", "intro", "set", "rest"]
    assert kinds[:5] == ["care", "question", "question", "question", "gentle"]
    assert kinds[5:] == [*each * 3, "family", "intro", "set", "get-up", "question", "question", "summary"]
    bare = session_plan(ROUTINE.exercises)
    assert [step.exercise.id for step in bare if step.exercise and step.kind is StepKind.SET] == list(IDS)
    assert len(bare) == 3 * len(IDS)


ACTIONS = st.one_of(
    st.sampled_from(COMMANDS),
    st.sampled_from(TROUBLES),
    st.sampled_from(["wait", "wait", "long wait", "away", "here", "answer", "an option", "no answer", "wrong answer"]),
)


@settings(FEW, max_examples=25)
@given(
    camera=st.booleans(), begin=st.sampled_from(["care", "intro", "set", "set"]), past=st.sampled_from([NEW, SORE]),
    actions=st.lists(ACTIONS, min_size=5, max_size=40),
)  # fmt: skip
def test_whatever_is_pressed_in_whatever_order_the_session_survives(
    camera: bool, begin: str, past: Past, actions: list[str]
) -> None:
    evening = Evening(camera=camera, past=past)
    evening.to(begin)
    for action in actions:
        match action:
            case "wait":
                evening.wait(0.4)
            case "long wait":
                evening.wait(6.0)
            case "away" | "here":
                evening.away = action == "away"
            case "an option":
                if evening.options:
                    evening.answer(evening.options[-1 if len(evening.heard) % 2 else 0])
            case "answer" | "no answer" | "wrong answer":
                if evening.stage.question is not None:
                    evening.answer({"answer": 3, "no answer": None, "wrong answer": 99}[action])
            case _ if action in COMMANDS:
                evening.command(action)
            case _:
                evening.trouble(action)
    for _ in range(10):  # and he always finds out
        if evening.stage.screen == "care":
            evening.command("read")
        evening.command("finish")
    endings = evening.of(Ended)
    assert len(endings) == 1
    if endings:
        assert evening.heard[-1][1] == endings[0][1]  # and nothing more was said
    for _, stage in evening.stages:
        assert 0 <= stage.ring <= 1
        assert stage.count >= 0


def test_before_it_has_begun_a_session_ignores_everything() -> None:
    session = Session(ROUTINE, WORDS, camera=True)
    session.command(0.0, "continue")
    session.tick(1.0)
    session.see(Look(Pose.lost(1.0, (640, 480))))
    session.answer(1.0, "soreness-before", 3)
    assert session.events() == []
    assert session.stage().screen == "care"


def test_only_having_read_the_safety_note_leads_past_it() -> None:
    evening = Evening(past=NEW, camera=False)
    evening.wait(30)
    evening.command("skip", "back", "no", "hurts")
    assert evening.stage.screen == "care"
    evening.command("read")
    assert evening.stage.question is not None
    assert "care-read" in [event.what for _, event in evening.of(Happened)]


@pytest.mark.parametrize("value", [0, 10, None])
def test_an_answer_is_heard_and_rather_not_say_is_one(value: int | None) -> None:
    evening = Evening(camera=False)
    evening.answer(value)
    [(_, heard)] = evening.of(Happened)
    assert (heard.what, heard.detail, heard.value) == ("answer", "soreness-before", value)
    assert evening.stage.question is not None
    assert evening.stage.question.id == "stiffness-before"


@pytest.mark.parametrize("value", [-1, 11, 10**9])
def test_an_answer_off_the_scale_is_not_taken(value: int) -> None:
    evening = Evening(camera=False)
    evening.answer(value)
    evening.session.answer(evening.t_s, "stiffness-after", 3)  # nor one to a question that was not asked
    assert evening.of(Happened) == []


def test_going_back_leads_from_a_set_to_its_introduction_and_from_there_further_back() -> None:
    evening = Evening(camera=False)
    evening.to("set")
    evening.command("back")
    assert (evening.stage.screen, evening.stage.exercise) == ("intro", ARCH)
    evening.command("back")
    assert evening.stage.screen == "ask"


def test_a_skipped_exercise_is_said_to_be_skipped_and_nothing_worse() -> None:
    evening = Evening(camera=False)
    evening.to("set")
    evening.command("skip")
    assert (evening.stage.screen, evening.stage.exercise) == ("intro", REACH)
    evening.command(*["skip"] * 30)
    first = evening.stage.summary[0]
    assert (first.skipped, first.hurt, first.done) == (True, False, 0)
    assert first.sentence == WORDS["summary.skipped"]


def test_what_was_skipped_and_then_done_after_all_was_done() -> None:
    evening = Evening(camera=False)
    evening.to("set")
    evening.command("skip", "back")
    assert (evening.stage.screen, evening.stage.exercise) == ("intro", ARCH)
    evening.to("rest")
    evening.to("summary")
    first = evening.stage.summary[0]
    assert (first.skipped, first.sentence) == (False, "4 done, led by voice.")


def test_finishing_early_after_some_work_asks_how_it_feels_and_sums_up_and_before_any_just_stops() -> None:
    idle, evening = Evening(camera=False), Evening(camera=False)
    idle.to("intro")
    idle.command("finish")
    assert [event.how for _, event in idle.of(Ended)] == ["stopped"]
    evening.to("rest")
    evening.command("finish")
    assert evening.stage.question is not None
    assert evening.stage.question.id == "soreness-after"
    evening.to("summary")
    evening.command("finish")
    assert [event.how for _, event in evening.of(Ended)] == ["stopped"], "the rest was not done"


def test_the_persons_own_dose_is_kept() -> None:
    doses = {ARCH: msgspec.structs.replace(ROUTINE.exercise(ARCH).dose, sets=2, reps=1)}
    evening = Evening(camera=False, past=msgspec.structs.replace(KNOWN, doses=doses))
    evening.to("rest")
    evening.command("finish")
    evening.to("summary")
    assert (evening.stage.summary[0].done, evening.stage.summary[0].of) == (4, 4)


def test_what_good_repetitions_look_like_is_carried_from_one_session_to_the_next() -> None:
    learnt = whole().session.templates
    assert learnt[REACH]["both"].n >= 1
    assert set(learnt[WALK]) == {"left", "right"}
    next_one = Session(ROUTINE, WORDS, camera=True, past=Past(templates=learnt))
    assert next_one.templates == learnt
