"""Whatever was done, each sentence of the rest and the summary is true of the record."""

from __future__ import annotations

import re
from typing import get_args

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_makers import rep_done
from people import FEW, ROUTINE, WORDS

from loosen.coach.counting.rep import Measure, Rep
from loosen.coach.guidance.exercise_set import SetEnd
from loosen.coach.guidance.past import Past
from loosen.coach.guidance.session_state import ExerciseRecord, SessionState
from loosen.coach.guidance.summary import exercise_summary, how_it_went, summary_lines, to_try
from loosen.routine.model import Exercise

VERDICTS = ("full", "shallow", "rushed", "no-stop", "partial")
ENDINGS = get_args(SetEnd)
SMALL = {"One": 1, "one": 1}


@st.composite
def reps(draw: st.DrawFn, exercise: Exercise) -> Rep:
    verdict = draw(st.sampled_from(VERDICTS))
    faults = [fault.id for fault in exercise.faults] + ["shallow", "no-stop"]
    still_s = draw(st.sampled_from([0.0, 0.9, 1.0, 2.0]))
    measures = {"range": Measure(20.0, "deg", 4.0)}
    if draw(st.booleans()):
        measures["still_s"] = Measure(still_s, "s", 0.4)
    if draw(st.booleans()):
        measures["also"] = Measure(8.0, "deg", 4.0)
    return msgspec.structs.replace(
        rep_done(),
        exercise=exercise.id,
        verdict=verdict,
        counted=verdict != "partial" and draw(st.booleans()),
        faults=tuple(draw(st.lists(st.sampled_from(faults), max_size=2, unique=True))),
        measures=measures,
    )


@st.composite
def states(draw: st.DrawFn) -> SessionState:
    """Return a session in which anything may have been done."""
    doses = {
        one.id: msgspec.structs.replace(one.dose, reps=draw(st.integers(1, 4)), sets=draw(st.integers(1, 2)))
        for one in ROUTINE.exercises
    }
    state = SessionState(ROUTINE, WORDS, True, Past(), doses, gentle=draw(st.booleans()))
    for exercise in ROUTINE.exercises:
        state.records[exercise.id] = ExerciseRecord(
            reps=draw(st.lists(reps(exercise), max_size=6)),
            led=draw(st.integers(0, 3)),
            skipped=draw(st.booleans()),
            hurt=draw(st.booleans()),
            ended_by=draw(st.sampled_from(ENDINGS)),
        )
        if draw(st.booleans()):
            record = state.records[exercise.id]
            record.usual = draw(st.integers(0, record.done))
            record.asked = record.done + draw(st.integers(0, 3))
            state.smaller.add(exercise.id)
        state.left_out |= {exercise.id} if draw(st.booleans()) else set()
    for question in ("soreness-before", "soreness-after", "stiffness-before", "stiffness-after"):
        state.answers[question] = draw(st.none() | st.integers(0, 10))
    return state


def number(text: str) -> int:
    return SMALL.get(text) or int(text)


def planned(state: SessionState, exercise: Exercise) -> int:
    """Return how many were to be done: the dose, or half of it, or what was settled on the way."""
    dose = state.doses[exercise.id]
    sets, reps, sides = dose.sets, dose.reps, 2 if dose.sides == "each" else 1
    if (state.gentle or exercise.id in state.smaller) and reps > 1:
        reps -= reps // 2
    elif state.gentle or exercise.id in state.smaller:
        sets -= sets // 2
    return max(sets * reps * sides, state.records[exercise.id].asked)


def check(sentence: str, state: SessionState, exercise: Exercise) -> None:
    """Hold one sentence against the record; one that is not known fails."""
    record = state.records[exercise.id]
    seen = [rep for rep in record.reps if rep.verdict != "partial"]
    counted = [rep for rep in seen if rep.counted]
    full = [rep for rep in counted if rep.verdict == "full"]
    done, all_full = len(counted) + record.led, len(full) == len(seen)
    less = state.gentle or exercise.id in state.smaller
    n = r"(One|one|\d+)"
    match = re.fullmatch
    if it := match(rf"{n} done, led by voice\.", sentence):
        assert (number(it[1]), len(counted)) == (record.led, 0)
    elif it := match(rf"{n} more, led by voice\.", sentence):
        assert number(it[1]) == record.led > 0
        assert counted
    elif it := match(rf"{n} done, gently\.", sentence):
        assert (number(it[1]), record.usual) == (done, 0)
        assert less
    elif it := match(r"(\d+) as usual, then (\d+) gently\.", sentence):
        assert (int(it[1]), int(it[2])) == (record.usual, done - record.usual)
        assert less
        assert 0 < record.usual < done
    elif (it := match(rf"{n} done\.", sentence)) and less:
        assert number(it[1]) == done == record.usual
    elif it := match(rf"{n} done\.", sentence):
        assert number(it[1]) == len(counted) == len(seen)
        assert not full
    elif it := match(r"(\d+) of (\d+) counted\.", sentence):
        assert (int(it[1]), int(it[2])) == (len(counted), len(seen))
    elif it := match(rf"{n} done, (and all were full|and it was full)\.", sentence):
        assert number(it[1]) == len(full)
        assert all_full
    elif it := match(rf"{n} done, (all )?full and with a good stop\.", sentence):
        assert number(it[1]) == len(full)
        assert all_full
        assert all(rep.measures["still_s"].value >= exercise.tempo.credited_from_s > 0 for rep in seen)
    elif it := match(r"(\d+) done, (\d+) of them full\.", sentence):
        assert (int(it[1]), int(it[2])) == (len(seen), len(full))
        assert len(counted) == len(seen)
    elif it := match(rf"You tried {n}, and I could not count (it|them)\.", sentence):
        assert number(it[1]) == len(seen) > 0 == done
    elif it := match(r"Next time you could try this: (.*)\.", sentence):
        cues = {it.cue: it for it in exercise.faults}
        fault = cues[it[1]].id if it[1] in cues else "no-stop"
        assert sum(fault in rep.faults for rep in seen) >= 2
        assert (less, record.hurt) == (False, False)
        assert not (it[1] in cues and (cues[it[1]].asks_more or cues[it[1]].offered))
    elif sentence == WORDS["rest.ended-attempts"]:
        assert (record.ended_by, done < planned(state, exercise)) == ("attempts", True)
    elif sentence == WORDS["rest.ended-time"]:
        assert (record.ended_by, done < planned(state, exercise)) == ("time", True)
    elif sentence in WORDS["summary.hurt"]:
        assert record.hurt
    elif sentence == WORDS["summary.left-out"]:
        assert exercise.id in state.left_out
    elif sentence == WORDS["summary.skipped"]:
        assert record.skipped
        assert (done, seen) == (0, [])
    elif sentence == WORDS["summary.skipped-rest"]:
        assert record.skipped
        assert done or seen
    elif sentence in (WORDS["summary.not-done"], WORDS["rest.nothing"]):
        assert (done, seen) == (0, [])
    else:
        assert sentence == "That is fine.", sentence


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=\.) ", text) if text else []


@settings(FEW, max_examples=120)
@given(state=states())
def test_every_sentence_on_an_exercise_is_true_of_its_record(state: SessionState) -> None:
    for exercise in ROUTINE.exercises:
        record, one = state.records[exercise.id], exercise_summary(state, exercise)
        said = [how_it_went(state, exercise), to_try(state, exercise), one.sentence]
        for sentence in [sentence for text in said for sentence in sentences(text)]:
            check(sentence, state, exercise)
        assert one.sentence
        assert one.done == record.done <= one.of
        assert one.of == max(planned(state, exercise), record.done)
        counted = [rep for rep in record.reps if rep.counted]
        assert one.range_text.startswith("lean back 20°" if exercise.id == "back-arches" else "") or not counted
        assert bool(one.range_text) == bool(counted)
        assert (one.hurt, one.skipped and one.hurt) == (record.hurt, False)


@settings(FEW, max_examples=80)
@given(state=states())
def test_every_sentence_on_a_session_is_true_of_its_records(state: SessionState) -> None:
    first, *others = summary_lines(state)
    records = [state.records[exercise.id] for exercise in ROUTINE.exercises]
    plan = [planned(state, exercise) for exercise in ROUTINE.exercises]
    broken_off = ("", "time", "person", "hurt")
    part = sum(0 < it.done < of and it.ended_by in broken_off for it, of in zip(records, plan, strict=True))
    whole = sum(it.done > 0 for it in records) - part
    first, _, also = first.partition(" And part of ")
    if also:
        assert also == ("one more." if part == 1 else f"{part} more.")
        assert whole
    if it := re.fullmatch(r"You did (one|\d+) of (\d+) movements\.", first):
        assert (number(it[1]), int(it[2])) == (whole, len(records))
        assert bool(also) == bool(part)
    elif it := re.fullmatch(r"You did all (\d+) movements\.", first):
        assert (int(it[1]), part) == (whole, 0)
        assert whole == len(records)
    elif it := re.fullmatch(r"You did part of (one|\d+) movements?\.", first):
        assert (number(it[1]), whole) == (part, 0)
    else:
        assert (whole, part) == (0, 0)
        tried = any(rep.verdict != "partial" for record in records for rep in record.reps)
        assert first == WORDS["summary.tried" if tried else "summary.nothing"]
    rose = [line for line in others if " rose: " in line]
    assert others.count(WORDS["summary.lighter"]) == bool(rose)
    for line in others:
        if line in (WORDS["summary.gentle"], WORDS["summary.lighter"]):
            assert state.gentle or line != WORDS["summary.gentle"]
            continue
        it = re.match(r"(Soreness|Stiffness)( about the same| rose)?: (\d+) before, (\d+) after\.", line)
        assert it is not None
        before, after = int(it[3]), int(it[4])
        kind = it[1].lower()
        assert (before, after) == (state.answers[f"{kind}-before"], state.answers[f"{kind}-after"])
        change = after - before
        assert it[2] == (" about the same" if abs(change) < 2 else " rose" if change > 0 else None)


def test_raise_the_roof_tells_of_its_arch_too() -> None:
    roof = ROUTINE.exercise("raise-the-roof")
    seen = msgspec.structs.replace(roof.seen, also="backward_lean_deg")
    roof = msgspec.structs.replace(roof, seen=seen)
    state = SessionState(ROUTINE, WORDS, True, Past(), {})
    measures = {"range": Measure(160.0, "deg", 10.0), "also": Measure(9.0, "deg", 4.0)}
    state.keep(msgspec.structs.replace(rep_done(measures=measures), exercise=roof.id), roof)
    assert exercise_summary(state, roof).range_text == "arms overhead 160° ± 10°, lean back 10° ± 5°"


def test_one_movement_is_said_in_the_singular() -> None:
    state = SessionState(msgspec.structs.replace(ROUTINE, exercises=ROUTINE.exercises[:1]), WORDS, True, Past(), {})
    state.record(ROUTINE.exercises[0]).led, state.record(ROUTINE.exercises[0]).ended_by = 1, "dose"
    assert summary_lines(state) == ("One movement done.",)
    assert exercise_summary(state, ROUTINE.exercises[0]).sentence == "One done, led by voice."
