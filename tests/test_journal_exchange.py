"""Out of the journal and back again: nothing lost, nothing twice, and nothing hostile let in."""

from __future__ import annotations

import copy
import csv
import io
import json
import math
import tracemalloc
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_makers import EVENING, rep_done
from journals import as_export, fill, made_up

from loosen.coach.report import Trace
from loosen.coach.stage import Happened
from loosen.errors import JournalError
from loosen.journal import exchange, fhir, importing, keeping, tables
from loosen.journal.exporting import contents
from loosen.journal.importing import merge, opened, parse
from loosen.journal.period import everything
from loosen.journal.store import Journal


def without_date(export: bytes) -> dict[str, Any]:
    return {name: value for name, value in json.loads(export).items() if name != "made_utc"}


def imported(export: bytes, journal: Journal | None = None) -> Journal:
    journal = journal or Journal.in_memory()
    fill(journal, parse(export))
    return journal


texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=20)
numbers = st.floats(-1e9, 1e9, allow_nan=False)
whole = st.integers(-(2**31) + 1, 2**31 - 1)
keys = st.uuids(version=4).map(str)
times = st.datetimes().map(lambda t: t.isoformat(timespec="milliseconds") + "Z")
days = st.dates().map(str)
offsets = st.integers(-900, 900)
maybe_texts = st.none() | texts
measures = st.builds(exchange.MeasureOut, value=numbers, unit=texts, plus_minus=numbers)
signals = st.integers(0, 6).flatmap(
    lambda n: st.builds(
        exchange.SignalOut,
        signal=texts,
        unit=texts,
        stop_s=st.none() | st.tuples(numbers, numbers),
        target=numbers,
        t_ms=st.tuples(*[st.none() | whole] * n),
        thousandths=st.tuples(*[st.none() | whole] * n),
    )
)
sides = st.sampled_from(["left", "right", "both"])
reps = st.builds(
    exchange.RepOut,
    exercise=texts,
    set_number=st.integers(0, 99),
    set_side=sides,
    side=sides,
    verdict=st.sampled_from(["full", "shallow", "rushed", "no-stop", "partial"]),
    counted=st.booleans(),
    start_s=numbers,
    peak_s=numbers,
    end_s=numbers,
    faults=st.lists(texts, max_size=2).map(tuple),
    reasons=st.lists(texts, max_size=2).map(tuple),
    measures=st.dictionaries(texts, measures, max_size=3),
    signal=st.none() | signals,
)
events = st.builds(
    exchange.EventOut, t_s=numbers, what=texts, exercise=maybe_texts, detail=texts, value=st.none() | whole
)
sessions = st.builds(
    exchange.SessionOut,
    uuid=keys,
    started_utc=times,
    local_date=days,
    utc_offset_min=offsets,
    ended_utc=st.none() | times,
    how=st.sampled_from(["finished", "stopped", None]),
    routine=texts,
    camera=st.booleans(),
    answers=st.lists(
        st.builds(exchange.AnswerOut, question=texts, value=st.none() | whole, t_s=numbers),
        max_size=3,
        unique_by=lambda it: it.question,
    ).map(tuple),
    reps=st.lists(reps, max_size=2).map(tuple),
    events=st.lists(events, max_size=2).map(tuple),
)
prompts = st.builds(
    exchange.PromptOut,
    uuid=keys,
    at_utc=times,
    sat_s=numbers,
    why=st.sampled_from(["pause", "latest", "after-call", "second"]),
    exercise=maybe_texts,
    snoozes=st.integers(0, 9),
    outcome=st.sampled_from(["confirmed", "away", "said", "missed", None]),
    outcome_utc=st.none() | times,
)
sits = st.builds(
    exchange.SitOut,
    uuid=keys,
    started_utc=times,
    local_date=days,
    utc_offset_min=offsets,
    last_utc=times,
    seconds=numbers,
    ending=st.sampled_from(["up", "away", "paused", None]),
    prompts=st.lists(prompts, max_size=2).map(tuple),
)
doses = st.builds(
    exchange.DoseOut,
    uuid=keys,
    at_utc=times,
    local_date=days,
    utc_offset_min=offsets,
    routine=texts,
    exercise=texts,
    sets=st.integers(1, 10),
    reps=st.integers(1, 50),
    what=st.sampled_from(["own", "yes", "no", "later"]),
)
plans = st.builds(
    exchange.PlanOut,
    uuid=keys,
    at_utc=times,
    local_date=days,
    utc_offset_min=offsets,
    what=st.sampled_from(["made", "declined", "dropped"]),
    cue=texts,
    part=st.sampled_from(["morning", "midday", "afternoon", "evening"]),
)
journals = st.builds(
    exchange.Contents,
    st.lists(sessions, max_size=3),
    st.lists(sits, max_size=3),
    st.lists(doses, max_size=2),
    st.lists(plans, max_size=2),
    st.dictionaries(texts, st.booleans() | whole | texts, max_size=2),
)


@settings(max_examples=60)
@given(journals)
def test_export_delete_import_gives_back_the_same_journal(held: exchange.Contents) -> None:
    with Journal.in_memory() as journal:
        fill(journal, held)
        before = as_export(journal)
        with journal.changing() as db:
            keeping.delete_all(db)
        assert without_date(as_export(journal)) == without_date(as_export(Journal.in_memory()))
        imported(before, journal)
        assert without_date(as_export(journal)) == without_date(before)


def test_a_session_as_the_coach_kept_it_comes_back_whole(tmp_path: Path) -> None:
    trace = Trace(
        "backward_lean_deg", "deg", ((0.0, 0.123), (0.08, math.nan), (0.16, 20.5)), (0.08, 0.1), 16.0
    )
    done = msgspec.structs.replace(rep_done(), trace=trace)
    with Journal.in_memory() as one, Journal.in_memory() as other:
        number = one.begin_session("loosen-lower-back", camera=True, now=EVENING)
        one.add_rep(number, done)
        one.happened(number, Happened(9.0, "answer", detail="soreness-before", value=4))
        one.happened(number, Happened(12.0, "hurt", "back-arches"))
        one.end_session(number, "finished", EVENING + timedelta(minutes=8))
        imported(as_export(one), other)
        was, now = one.session(1), other.session(1)
        assert msgspec.json.encode(was) == msgspec.json.encode(now)
        assert now.reps[0].trace is not None
        assert math.isnan(now.reps[0].trace.points[1][1])


def test_nothing_comes_twice_and_what_is_here_stays() -> None:
    export = as_export(imported_made_up(6))
    with imported(export) as journal:
        with journal.changing() as db:
            again = merge(db, parse(export))
        assert (again.sessions, again.sits) == (0, 0)
        assert again.known > 6
        assert without_date(as_export(journal)) == without_date(export)


def imported_made_up(n: int) -> Journal:
    journal = Journal.in_memory()
    fill(journal, made_up(n))
    return journal


def test_two_computers_flow_together() -> None:
    one, other = imported_made_up(4), Journal.in_memory()
    fill(other, made_up(3, seed=8))
    imported(as_export(one), other)
    assert len(other.sessions()) == 7


def test_the_file_is_what_its_schema_says() -> None:
    schema = exchange.schema()
    export = json.loads(as_export(imported_made_up(2)))
    definition = schema["$defs"]["JournalFile"]
    assert set(export) == set(definition["required"]) == set(definition["properties"])
    rep = export["sessions"][0]["reps"][0]
    assert set(rep) == set(schema["$defs"]["RepOut"]["properties"])


# -- files that are not what they should be ----------------------------------------------------------------

GOOD: dict[str, Any] = json.loads(as_export(imported_made_up(2)))


def twice(file: dict[str, Any]) -> None:
    file["sessions"].append(file["sessions"][0])


def at(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(file: dict[str, Any]) -> None:
        spot: Any = file
        for part in path[:-1]:
            spot = spot[part]
        spot[path[-1]] = value

    return change


SPOILED = {
    "another format": at("format", value="garmin"),
    "a later version": at("version", value=2),
    "a key too many": at("extra", value=1),
    "a wrong type": at("sessions", 0, "camera", value="yes"),
    "an uuid that is none": at("sessions", 0, "uuid", value="1' OR '1'='1"),
    "one uuid twice": twice,
    "a day that is none": at("sessions", 1, "local_date", value="2026-02-31"),
    "a time that is none": at("sessions", 1, "started_utc", value="2026-11-22T99:00:00.000Z"),
    "a month beyond": at("sits", 0, "last_utc", value="2026-13-01T00:00:00Z"),
    "an offset beyond the earth": at("sessions", 0, "utc_offset_min", value=100_000),
    "a number beyond any": at("sessions", 0, "reps", 0, "start_s", value=1e300),
    "a whole number beyond the database": at("sessions", 0, "answers", 0, "value", value=2**63),
    "a text as long as a book": at("sessions", 0, "reps", 0, "reasons", value=["x" * 10_000]),
    "a text that steers the terminal": at("sessions", 0, "routine", value="\x1b[2Jgone"),
    "a text that turns the writing round": at("plans", 0, "cue", value="lunch \u202e"),
    "a signal with a value missing": at("sessions", 0, "reps", 0, "signal", "t_ms", value=[1]),
    "a setting as large as a journal": at("settings", value={"care_read": ["x"] * 200_000}),
    "sets without end": at("doses", value=[{**GOOD["plans"][0], "sets": 10**6}]),
    "a list in place of everything": at("sessions", value={"0": {}}),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED.keys())
def test_a_spoiled_file_is_refused_whole_and_the_journal_left_as_it_was(
    spoil: Callable[[dict[str, Any]], None], tmp_path: Path
) -> None:
    file = copy.deepcopy(GOOD)
    spoil(file)
    with imported_made_up(1) as journal:
        before = as_export(journal)
        with pytest.raises(JournalError):
            imported(json.dumps(file).encode(), journal)
        assert without_date(as_export(journal)) == without_date(before)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"format":"loosen-journal","version":1,"settings":{"a":' + b"[" * 200_000,
        json.dumps(GOOD | {"settings": {"a": eval("[" * 60 + "]" * 60)}}).encode()[:-40],
    ],
    ids=["empty", "half", "not text", "lists in lists", "tables in tables", "a deep setting", "cut off"],
)
def test_what_is_no_export_at_all_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(JournalError, match=r"no export of loosen's journal|nested"):
        parse(data)


def test_a_setting_nested_deeply_is_refused() -> None:
    deep = json.dumps(GOOD).replace('"settings": {', '"settings": {"deep": ' + "[" * 900 + "]" * 900 + ", ")
    with pytest.raises(JournalError):
        parse(deep.encode())


def test_a_setting_that_would_swell_in_memory_is_refused_undecoded() -> None:
    swelling = json.dumps(GOOD).replace(
        '"settings": {', '"settings": {"much": [' + "[]," * 3_000_000 + "[]], "
    )
    tracemalloc.start()
    with pytest.raises(JournalError, match="too large"):
        parse(swelling.encode())
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 3 * len(swelling)


def test_what_is_remembered_of_this_computer_stays_here() -> None:
    with Journal.in_memory() as journal:
        journal.set_setting("getup-state", {"since": 1})
        journal.set_setting("care_read", True)
        assert json.loads(as_export(journal))["settings"] == {"care_read": True}


def test_many_settings_are_not_let_in_where_one_would_not_be() -> None:
    file = copy.deepcopy(GOOD) | {"settings": {f"s{n}": "x" * 100_000 for n in range(30)}}
    with pytest.raises(JournalError, match="settings are too large"):
        parse(json.dumps(file).encode())


def test_a_file_too_large_to_read_is_refused_unread(tmp_path: Path) -> None:
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(importing.MAX_BYTES + 1)
    with pytest.raises(JournalError, match=r"256 MB.*backup"), opened(huge):
        pass


def test_a_fault_while_it_is_taken_in_leaves_the_journal_as_it_was() -> None:
    """Whatever the checks let through: the change is made whole or not at all."""
    held = made_up(3)
    answer = exchange.AnswerOut(question="q", value=1, t_s=0.0)
    bad = msgspec.structs.replace(next(iter(made_up(1, seed=9).sessions)), answers=(answer,), how="danced")
    with imported_made_up(1) as journal:
        before = as_export(journal)
        with pytest.raises(JournalError, match="left as it was"):
            fill(journal, held._replace(sessions=[*held.sessions, bad]))
        assert without_date(as_export(journal)) == without_date(before)
        fill(journal, made_up(2, seed=5))
        assert len(journal.sessions()) == 3


# -- tables and FHIR ---------------------------------------------------------------------------------------


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_tables_hold_every_row_once() -> None:
    with imported_made_up(8) as journal, journal.using() as db:
        held = contents(db)
        period = everything(db)
        kept = [it for session in held.sessions for it in session.reps]
        assert len(rows_of("".join(tables.repetitions_csv(contents(db))))) == len(kept)
        assert len(rows_of("".join(tables.sits_csv(contents(db))))) == len(list(contents(db).sits))
        by_exercise = rows_of("".join(tables.exercises_csv(period)))
        assert len(by_exercise) == sum(len(session.exercises) for session in period.sessions)
        assert {row["exercise"] for row in by_exercise} == set(period.exercises())
        assert sum(int(row["attempts"]) for row in by_exercise) == len(kept)


@pytest.mark.parametrize("formula", ["=HYPERLINK(1)", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(formula: str) -> None:
    with Journal.in_memory() as journal:
        number = journal.begin_session(formula, camera=True, now=EVENING)
        journal.add_rep(number, rep_done(exercise=formula, reasons=(formula,), measures={}))
        with journal.using() as db:
            lines = [
                "".join(tables.exercises_csv(everything(db))),
                "".join(tables.repetitions_csv(contents(db))),
            ]
        for row in (row for text in lines for row in rows_of(text)):
            assert row["exercise"] == "'" + formula
            assert not [cell for cell in row.values() if cell.startswith(("=", "+", "@", "\t", "\r"))]


def test_a_negative_number_stays_a_number() -> None:
    with Journal.in_memory() as journal:
        number = journal.begin_session("r", camera=True, now=EVENING)
        journal.add_rep(number, rep_done(range_deg=-3.5))
        with journal.using() as db:
            assert rows_of("".join(tables.exercises_csv(everything(db))))[0]["range"] == "-3.5"


def test_the_fhir_bundle_is_valid_and_says_what_was_asked_and_measured() -> None:
    from fhir.resources.R4B import get_fhir_model_class

    with imported_made_up(12) as journal, journal.using() as db:
        made = fhir.bundle(everything(db), EVENING, frozenset({"reach-for-the-sky"}))
    bundle: Any = get_fhir_model_class("Bundle").model_validate_json(msgspec.json.encode(made))
    kinds = [entry.resource.get_resource_type() for entry in bundle.entry]
    assert kinds.count("Patient") == 1
    assert kinds.count("QuestionnaireResponse") == 12
    codes = {
        coding["code"]: entry["resource"]
        for entry in made["entry"]
        if entry["resource"]["resourceType"] == "Observation"
        for coding in entry["resource"]["code"]["coding"]
    }
    assert {
        "72514-3",
        "73985-4",
        "55411-3",
        "41295-7",
        "41307-0",
        "back-arches-range",
        "lazy-leg-walk-back-time",
    } <= set(codes)
    assert codes["72514-3"]["valueQuantity"]["code"] == "{score}"
    assert codes["41295-7"]["valueQuantity"]["code"] == "deg"
    assert "markerless" in codes["41295-7"]["method"]["text"]
    urls = [entry["fullUrl"] for entry in made["entry"]]
    assert len(set(urls)) == len(urls)
    referred = {it["reference"] for resource in codes.values() for it in resource.get("hasMember", [])}
    assert referred <= set(urls)


def test_the_same_session_keeps_its_number_in_every_bundle() -> None:
    with imported_made_up(3) as journal, journal.using() as db:
        first, second = (fhir.bundle(everything(db), EVENING, frozenset()) for _ in range(2))
    assert [it["fullUrl"] for it in first["entry"]] == [it["fullUrl"] for it in second["entry"]]
    assert all(uuid.UUID(it["resource"]["id"]) for it in first["entry"])


def test_every_key_of_the_file_is_documented() -> None:
    text = (Path(__file__).parents[1] / "docs" / "journal.md").read_text("utf-8")
    keys = set(exchange.schema()["$defs"]["JournalFile"]["properties"])
    keys |= set(exchange.schema()["$defs"]["SignalOut"]["properties"]) - {"signal", "unit"}
    assert [key for key in keys if f"`{key}`" not in text] == []
