"""Without a camera the voice leads, at the routine's own tempo, and counts."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people import FEW, IDS, ROUTINE, WORDS, leg_text

from loosen.coach.guidance.exercise_set import PlannedRep, planned_reps
from loosen.coach.guidance.past import Past
from loosen.coach.guidance.session_plan import Move, PlanStep, StepKind
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import Say, Stage
from loosen.coach.guidance.voice_set import VoiceSet, timetable
from loosen.routine.model import Dose, Exercise

ARCH, REACH, ROOF, WALK = IDS
each = pytest.mark.parametrize("exercise", ROUTINE.exercises, ids=IDS)


def state(dose: Dose | None = None) -> SessionState:
    doses = {one.id: dose for one in ROUTINE.exercises} if dose is not None else {}
    return SessionState(ROUTINE, WORDS, False, Past(), doses)


def led(
    exercise: Exercise, dose: Dose | None = None, todo: list[PlannedRep] | None = None, tick_s: float = 0.1
) -> tuple[SessionState, list[tuple[float, Stage]], list[tuple[float, Say]]]:
    """Return the state, every stage and everything said, from the first count-down to the end."""
    shared = state(dose)
    scene, t_s = VoiceSet(shared, PlanStep(StepKind.SET, exercise, 1), todo), 10.0
    scene.enter(t_s)
    stages: list[tuple[float, Stage]] = []
    said: list[tuple[float, Say]] = []
    while scene.move is Move.STAY:
        t_s += tick_s
        scene.tick(t_s)
        stages.append((t_s, scene.stage()))
        said += [(t_s, event) for event in shared.events if isinstance(event, Say)]
        shared.events.clear()
        assert t_s < 3600, "it never ends"
    return shared, stages, said


@each
def test_the_whole_dose_is_led_and_counted(exercise: Exercise) -> None:
    shared, _, said = led(exercise)
    sides = 2 if exercise.dose.sides == "each" else 1
    assert shared.record(exercise).done == sides * exercise.dose.reps
    counts = [say.text for _, say in said if say.tone == "count"]
    assert counts[:3] == ["Three", "Two", "One"]
    alternating = exercise.id == WALK  # counted through, both legs together
    numbers = range(1, exercise.dose.reps * (sides if alternating else 1) + 1)
    assert counts[3:] == [f"{WORDS.number(n)}." for n in numbers] * (1 if alternating else sides)


@each
def test_each_phase_lasts_as_long_as_the_tempo_says(exercise: Exercise) -> None:
    _, stages, _ = led(exercise)
    lasted: dict[str, float] = {}
    for (a_s, stage), (b_s, _) in pairwise(stages):
        lasted[stage.phase] = lasted.get(stage.phase, 0) + b_s - a_s
    for phase, wanted_s in exercise.tempo.durations_s.items():
        assert lasted[phase] / exercise.dose.total == pytest.approx(wanted_s, abs=0.11)


@each
def test_what_is_said_goes_with_what_is_shown(exercise: Exercise) -> None:
    _, stages, said = led(exercise)
    shown = dict(stages)
    for t_s, say in said:
        stage = shown[t_s]
        if say.text == f"{exercise.words.out}.":
            assert stage.phase == "out"
        elif say.text == WORDS["coach.hold"]:
            assert (stage.phase, stage.phase_word) == ("stop", exercise.words.stop)
    led_by_side = exercise.words.back_left  # there the sentence for the side is said in the stop
    assert sum(say.text == WORDS["coach.hold"] for _, say in said) == (0 if led_by_side else exercise.dose.total)


@each
def test_the_figure_moves_in_step_and_the_ring_fills_in_the_stop(exercise: Exercise) -> None:
    _, stages, _ = led(exercise)
    for _, stage in stages:
        assert stage.figure is not None
        assert stage.figure.exercise == exercise.id
        if stage.phase in ("out", "stop", "back"):
            assert (stage.figure.mode, stage.figure.phase) == ("follow", stage.phase)
        assert 0 <= stage.figure.share <= 1
        assert (stage.ring > 0) <= (stage.phase == "stop")
        assert stage.seconds_left is None or stage.seconds_left >= 0
    assert max(stage.ring for _, stage in stages) > 0.9


def test_the_side_is_named_and_changed_half_way_or_each_time() -> None:
    def sides(exercise_id: str) -> list[str]:
        _, stages, _ = led(ROUTINE.exercise(exercise_id))
        texts = [stage.side_text for _, stage in stages if stage.phase == "out"]
        return [text for n, text in enumerate(texts) if n == 0 or texts[n - 1] != text]

    assert sides(ARCH) == [WORDS["side.first"], WORDS["side.second"]]
    assert sides(REACH) == [""]
    assert sides(WALK) == [leg_text("right"), leg_text("left")] * 5
    _, _, said = led(ROUTINE.exercise(ARCH))
    assert [say.text for _, say in said].count(WORDS["coach.other-side"]) == 1
    _, stages, _ = led(ROUTINE.exercise(WALK), todo=[PlannedRep(1, "right", 4), PlannedRep(1, "left", 4)])
    swapped = [stage.figure.swapped for _, stage in stages if stage.figure and stage.phase == "stop"]
    assert (stages[0][1].count, swapped[0], swapped[-1]) == (8, False, True)


DOSES = st.builds(
    Dose,
    sets=st.integers(1, 3),
    reps=st.integers(1, 6),
    sides=st.sampled_from(["each", "together"]),
    order=st.sampled_from(["in-turn", "alternating"]),
    rest_s=st.sampled_from([0.0, 10.0]),
)


@settings(FEW, max_examples=30)
@given(dose=DOSES, exercise=st.sampled_from(ROUTINE.exercises), data=st.data())
def test_any_dose_is_led_to_its_end_from_wherever_it_was_left(
    dose: Dose, exercise: Exercise, data: st.DataObject
) -> None:
    todo = [turn for turn in planned_reps(dose) if data.draw(st.booleans())]
    shared, stages, _ = led(exercise, dose, todo, tick_s=0.5)
    assert shared.record(exercise).led == len(todo)
    assert all(0 <= stage.count <= stage.of for _, stage in stages)


@settings(FEW, max_examples=20)
@given(dose=DOSES, exercise=st.sampled_from(ROUTINE.exercises), data=st.data())
def test_just_what_is_to_do_is_planned_and_in_its_order(dose: Dose, exercise: Exercise, data: st.DataObject) -> None:
    todo = [turn for turn in planned_reps(dose) if data.draw(st.booleans())]
    moments = timetable(exercise, dose, todo)
    for beat in ("out", "stop", "back"):
        assert [(m.rep, m.side) for m in moments if m.kind == beat] == [(t.rep, t.side) for t in todo]
    assert all(moment.length_s >= 0 for moment in moments)
    # Between two sets is the dose's own rest; between two sides of one set there is time to turn.
    new_sets = sum(a.set_number != b.set_number for a, b in pairwise(todo))
    new_sides = sum(
        (a.set_number == b.set_number) and a.side != b.side and dose.order == "in-turn" for a, b in pairwise(todo)
    )
    between = [m for m in moments if m.kind == "change"]
    assert len(between) == new_sets + new_sides
    assert sum(m.length_s for m in between if not m.side) == new_sets * dose.rest_s
    assert [m.kind for m in moments].count("countdown") == bool(todo)


@settings(FEW, max_examples=20)
@given(dose=DOSES)
def test_a_dose_has_every_repetition_of_every_set_and_side_just_once(dose: Dose) -> None:
    whole = planned_reps(dose)
    sides = 2 if dose.sides == "each" else 1
    assert len(set(whole)) == len(whole) == dose.sets * dose.reps * sides
    assert [turn.set_number for turn in whole] == sorted(turn.set_number for turn in whole)
    for side in {turn.side for turn in whole}:
        for number in range(1, dose.sets + 1):
            reps = [t.rep for t in whole if (t.set_number, t.side) == (number, side)]
            assert reps == list(range(1, dose.reps + 1))


@settings(FEW, max_examples=10)
@given(tick_s=st.sampled_from([0.02, 0.1, 0.3, 0.7]), exercise=st.sampled_from(ROUTINE.exercises))
def test_a_slow_computer_leads_as_long_as_a_quick_one(tick_s: float, exercise: Exercise) -> None:
    dose = msgspec.structs.replace(exercise.dose, reps=2)
    _, stages, _ = led(exercise, dose, tick_s=tick_s)
    planned_s = sum(moment.length_s for moment in timetable(exercise, dose, planned_reps(dose)))
    assert stages[-1][0] - 10.0 == pytest.approx(planned_s, abs=2 * tick_s)
