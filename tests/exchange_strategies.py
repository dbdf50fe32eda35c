"""Any journal at all that could have been kept, for property tests of export and import."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from loosen.coach.counting.rep import Measure, Rep, Trace
from loosen.coach.guidance.stage import Happened
from loosen.journal.store.records import DoseChange, Plan, Prompt, Rating, SessionRecord, Sit
from loosen.journal.transfer import exporter

FIRST, LAST = datetime(2000, 1, 2), datetime(2026, 11, 20)

texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=20)
numbers = st.floats(-90, 90, allow_nan=False)
seconds = st.floats(0, 600, allow_nan=False)
whole = st.integers(-90_000, 90_000)
counts = st.integers(0, 10)
keys = st.uuids(version=4).map(str)
maybe_texts = st.none() | texts
measures = st.builds(
    Measure, value=numbers.map(abs), unit=st.sampled_from(["deg", "s"]) | texts, plus_minus=seconds.map(lambda s: s / 6)
)
signals = st.integers(0, 6).flatmap(
    lambda n: st.builds(
        Trace,
        signal=texts,
        unit=texts,
        stop_s=st.none() | st.tuples(numbers, numbers),
        target=numbers,
        t_ms=st.tuples(*[st.none() | whole] * n),
        thousandths=st.tuples(*[st.none() | whole] * n),
    )
)
sides = st.sampled_from(["left", "right", "both"])


def utc(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds") + "Z"


@st.composite
def starts(draw: st.DrawFn, name: str = "at_utc") -> dict[str, Any]:
    """A row's own time, its offset, and the local date that follows."""
    at, offset = draw(st.datetimes(FIRST, LAST)), draw(st.integers(-900, 900))
    at = at.replace(microsecond=1000 * (at.microsecond // 1000))
    day = (at.replace(tzinfo=UTC) + timedelta(minutes=offset)).date().isoformat()
    return {name: utc(at), "utc_offset_min": offset, "local_date": day}


def later(start: dict[str, Any], by_s: float) -> str:
    return utc(datetime.fromisoformat(start["started_utc"][:-1]) + timedelta(seconds=round(by_s)))


@st.composite
def reps(draw: st.DrawFn) -> Rep:
    start_s, peak_s, end_s = sorted(draw(st.tuples(seconds, seconds, seconds)))
    return draw(
        st.builds(
            Rep,
            exercise=texts,
            set_number=st.integers(0, 99),
            set_side=sides,
            side=sides,
            verdict=st.sampled_from(["full", "shallow", "rushed", "no-stop", "partial"]),
            counted=st.booleans(),
            start_s=st.just(start_s),
            peak_s=st.just(peak_s),
            end_s=st.just(end_s),
            faults=st.lists(texts, max_size=2).map(tuple),
            reasons=st.lists(texts, max_size=2).map(tuple),
            measures=st.dictionaries(texts, measures, max_size=3),
            signal=st.none() | signals,
        )
    )


told = st.sampled_from(["hurt", "hurt-place", "hurt-score", "fine", "gentle", "first-look", "next-morning", "led"])
events = st.builds(
    Happened, t_s=seconds, what=told | texts, exercise=maybe_texts, detail=texts, value=st.none() | counts
)
answers = st.builds(Rating, question=texts, value=st.none() | counts, t_s=seconds)


@st.composite
def sessions(draw: st.DrawFn) -> SessionRecord:
    start = draw(starts("started_utc"))
    return SessionRecord(
        **start,
        uuid=draw(keys),
        ended_utc=draw(st.none() | seconds.map(lambda by_s: later(start, by_s))),
        how=draw(st.sampled_from(["finished", "stopped", None])),
        routine=draw(texts),
        camera=draw(st.booleans()),
        answers=tuple(draw(st.lists(answers, max_size=3, unique_by=lambda it: it.question))),
        reps=tuple(draw(st.lists(reps(), max_size=2))),
        events=tuple(draw(st.lists(events, max_size=2))),
    )


@st.composite
def sits(draw: st.DrawFn) -> Sit:
    start, sat_s = draw(starts("started_utc")), draw(seconds)
    prompts = st.builds(
        Prompt,
        uuid=keys,
        at_utc=st.just(later(start, sat_s)),
        sat_s=seconds,
        why=st.sampled_from(["pause", "latest", "after-call", "second"]),
        exercise=maybe_texts,
        snoozes=counts,
        outcome=st.sampled_from(["confirmed", "away", "said", "missed", None]),
        outcome_utc=st.none() | st.just(later(start, sat_s)),
    )
    return Sit(
        **start,
        uuid=draw(keys),
        last_utc=later(start, sat_s),
        seconds=sat_s,
        ending=draw(st.sampled_from(["up", "away", "paused", None])),
        prompts=tuple(draw(st.lists(prompts, max_size=2))),
    )


def dated(record: type[Any], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Records of something that was done at one moment."""
    return st.builds(lambda start, **rest: record(**start, **rest), starts(), uuid=keys, **fields)


answered = st.sampled_from(["own", "yes", "no", "later"])
doses = dated(
    DoseChange, routine=texts, exercise=texts, sets=st.integers(1, 10), reps=st.integers(1, 50), what=answered
)
parts = st.sampled_from(["morning", "midday", "afternoon", "evening"])
plans = dated(Plan, what=st.sampled_from(["made", "declined", "dropped"]), cue=texts, part=parts)
setting_names = st.sampled_from(["care_read", "hindered", "ways.loosen-lower-back"])
hindrances = st.lists(st.fixed_dictionaries({"text": texts, "since": st.dates().map(str)}), max_size=2)
ways = st.dictionaries(texts, st.fixed_dictionaries({"variant": texts, "left_out": texts}), max_size=2)
setting_values = st.booleans() | whole | texts | hindrances | ways
settings = st.dictionaries(
    setting_names | texts.map(lambda name: f"template.loosen.{name}"), setting_values, max_size=3
)
journals = st.builds(
    exporter.Contents,
    st.lists(sessions(), max_size=3),
    st.lists(sits(), max_size=3),
    st.lists(doses, max_size=2),
    st.lists(plans, max_size=2),
    settings,
)
