"""Out of the journal and back again: nothing lost, and nothing twice."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from exchange_strategies import journals
from hypothesis import given, settings
from journal_makers import EVENING, rep_done, session_begun
from journals import as_export, fill, imported, imported_made_up, without_date

from loosen.coach.counting.rep import Measure, Trace
from loosen.coach.guidance.stage import Happened
from loosen.journal.outcomes.hindrance import keep_hindrance
from loosen.journal.outcomes.mornings import keep_morning
from loosen.journal.outcomes.past import read_past
from loosen.journal.outcomes.period import everything
from loosen.journal.store.journal import Journal
from loosen.journal.store.records import Hurt
from loosen.journal.transfer import backup, csv_tables, exporter, fhir
from loosen.journal.transfer.exporter import contents
from loosen.journal.transfer.importer import merge, parse
from loosen.routine.reader import builtin


@settings(max_examples=60)
@given(journals)
def test_export_delete_import_gives_back_the_same_journal(held: exporter.Contents) -> None:
    with Journal.in_memory() as journal:
        fill(journal, held)
        before = as_export(journal)
        with journal.using() as db:
            was = read_past(db, builtin(), EVENING)
        with journal.changing() as db:
            backup.delete_all(db)
        assert without_date(as_export(journal)) == without_date(as_export(Journal.in_memory()))
        imported(before, journal)
        assert without_date(as_export(journal)) == without_date(before)
        with journal.using() as db:
            assert read_past(db, builtin(), EVENING) == was


def test_a_session_as_the_coach_kept_it_comes_back_whole(tmp_path: Path) -> None:
    trace = Trace(
        signal="backward_lean_deg",
        unit="deg",
        stop_s=(0.08, 0.1),
        target=16.0,
        t_ms=(0, 80, 160),
        thousandths=(123, None, 20_500),
    )
    rep = rep_done(signal=trace)
    with Journal.in_memory() as one, Journal.in_memory() as other:
        number = one.begin_session("loosen-lower-back", camera=True, now=EVENING)
        one.add_rep(number, rep)
        one.happened(number, Happened(9.0, "answer", detail="soreness-before", value=4))
        one.happened(number, Happened(12.0, "hurt", "back-arches"))
        one.end_session(number, "finished", EVENING + timedelta(minutes=8))
        imported(as_export(one), other)
        was, now = one.session(1), other.session(1)
        assert msgspec.json.encode(was) == msgspec.json.encode(now)
        assert now.reps[0].signal is not None
        assert math.isnan(now.reps[0].signal.points[1][1])


def test_two_computers_flow_together_nothing_comes_twice_and_what_is_here_stays() -> None:
    export = as_export(imported_made_up(6))
    with imported(export) as journal:
        with journal.changing() as db:
            again = merge(db, parse(export, EVENING))
        assert (again.sessions, again.sits) == (0, 0)
        assert again.known > 6
        assert without_date(as_export(journal)) == without_date(export)
        imported(as_export(imported_made_up(3, seed=8)), journal)
        assert len(journal.sessions()) == 9


def test_the_file_is_what_its_schema_says() -> None:
    schema = exporter.schema()
    export = json.loads(as_export(imported_made_up(2)))
    definition = schema["$defs"]["JournalFile"]
    assert set(export) == set(definition["required"]) == set(definition["properties"])
    rep = export["sessions"][0]["reps"][0]
    assert set(rep) == set(schema["$defs"]["Rep"]["properties"])


# -- tables and FHIR ---------------------------------------------------------------------------------------


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_tables_hold_every_row_once() -> None:
    with imported_made_up(8) as journal, journal.using() as db:
        held = contents(db)
        period = everything(db)
        kept = [it for session in held.sessions for it in session.reps]
        assert len(rows_of("".join(csv_tables.repetitions_csv(contents(db))))) == len(kept)
        assert len(rows_of("".join(csv_tables.sits_csv(contents(db))))) == len(list(contents(db).sits))
        by_exercise = rows_of("".join(csv_tables.exercises_csv(period)))
        assert len(by_exercise) == sum(len(session.exercises) for session in period.sessions)
        assert {row["exercise"] for row in by_exercise} == set(period.exercises())
        assert sum(int(row["attempts"]) for row in by_exercise) == len(kept)


def test_a_prompt_counts_as_answered_alike_in_the_table_and_on_the_page() -> None:
    with imported_made_up(8) as journal:
        with journal.changing() as db:
            for n, outcome in enumerate(("confirmed", "away", "said", "missed", None)):
                db.execute("UPDATE prompts SET outcome = ? WHERE id % 5 = ?", (outcome, n))
            answered = db.execute("SELECT count(*) FROM prompts WHERE id % 5 < 3").fetchone()[0]
        with journal.using() as db:
            table = rows_of("".join(csv_tables.sits_csv(contents(db))))
            days = everything(db).sitting
    assert sum(int(row["answered"]) for row in table) == sum(day.answered for day in days) == answered > 0


@pytest.mark.parametrize("formula", ["=HYPERLINK(1)", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(formula: str) -> None:
    with Journal.in_memory() as journal:
        number = journal.begin_session(formula, camera=True, now=EVENING)
        journal.add_rep(number, rep_done(exercise=formula, reasons=(formula,), measures={}))
        with journal.using() as db:
            lines = [
                "".join(csv_tables.exercises_csv(everything(db))),
                "".join(csv_tables.repetitions_csv(contents(db))),
            ]
        for row in (row for text in lines for row in rows_of(text)):
            assert row["exercise"] == "'" + formula
            assert not [cell for cell in row.values() if cell.startswith(("=", "+", "@", "\t", "\r"))]


def test_a_negative_number_stays_a_number() -> None:
    with session_begun() as (journal, number):
        journal.add_rep(number, rep_done(range_deg=-3.5))
        with journal.using() as db:
            assert rows_of("".join(csv_tables.exercises_csv(everything(db))))[0]["range"] == "-3.5"


def test_the_fhir_bundle_is_valid_and_says_what_was_asked_and_measured() -> None:
    from fhir.resources.R4B import get_fhir_model_class

    with imported_made_up(12) as journal, journal.using() as db:
        made, again = (fhir.bundle(everything(db), EVENING, frozenset({"reach-for-the-sky"})) for _ in range(2))
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
    told = "72514-3 73985-4 55411-3 41295-7 41307-0 back-arches-range lazy-leg-walk-back-time"
    assert set(told.split()) <= set(codes)
    assert codes["72514-3"]["valueQuantity"]["code"] == "{score}"
    assert codes["41295-7"]["valueQuantity"]["code"] == "deg"
    assert "markerless" in codes["41295-7"]["method"]["text"]
    urls = [entry["fullUrl"] for entry in made["entry"]]
    assert len(set(urls)) == len(urls)
    assert urls == [entry["fullUrl"] for entry in again["entry"]]  # the same session keeps its number
    referred = {it["reference"] for resource in codes.values() for it in resource.get("hasMember", [])}
    assert referred <= set(urls)


def test_what_hurt_the_morning_after_and_what_the_back_keeps_him_from_go_out_in_every_form() -> None:
    from fhir.resources.R4B import get_fhir_model_class

    with Journal.in_memory() as journal:
        key = journal.begin_session("loosen-lower-back", camera=True, now=EVENING)
        measures = {"range": Measure(150.0, "deg", 10.0), "also": Measure(12.0, "deg", 4.0)}
        journal.add_rep(key, rep_done(exercise="raise-the-roof", measures=measures))
        for event in (
            Happened(1.0, "gentle", detail="yes"),
            Happened(2.0, "answer", detail="hindered", value=7),
            Happened(3.0, "hurt", "raise-the-roof"),
            Happened(4.0, "hurt-place", "raise-the-roof", "leg"),
            Happened(5.0, "hurt-score", "raise-the-roof", value=6),
        ):
            journal.happened(key, event)
        with journal.changing() as db:
            keep_hindrance(db, "putting on socks", EVENING)
            keep_morning(db, key, "worse")
        was = journal.session(key)
        with imported(as_export(journal)) as other:
            assert msgspec.json.encode(other.session(key)) == msgspec.json.encode(was)
        with journal.using() as db:
            [row] = rows_of("".join(csv_tables.exercises_csv(everything(db))))
            made = fhir.bundle(everything(db), EVENING, frozenset())
    assert (was.hurts, was.morning, was.gentle) == ((Hurt("raise-the-roof", "leg", 6),), "worse", True)
    columns = "gentle_day hurt_place hurt_score also also_plus_minus also_unit hindered next_morning"
    assert [row[name] for name in columns.split()] == ["yes", "leg", "6", "12.0", "4.0", "deg", "7", "worse"]
    get_fhir_model_class("Bundle").model_validate_json(msgspec.json.encode(made))
    told = {it["code"]["coding"][0]["code"]: it for entry in made["entry"] if (it := entry["resource"]).get("code")}
    assert told["hindered"]["valueQuantity"]["value"] == 7
    assert told["hindered"]["note"] == [{"text": "putting on socks"}]
    assert told["next-morning"]["valueCodeableConcept"]["text"] == "Worse"
    assert told["hurt"]["valueQuantity"]["value"] == 6
    assert told["hurt"]["bodySite"]["text"] == "Leg or buttock"
    assert told["raise-the-roof-second-range"]["valueQuantity"]["value"] == 12.0


def test_every_key_of_the_file_is_documented() -> None:
    text = (Path(__file__).parents[1] / "docs" / "journal.md").read_text("utf-8")
    keys = set(exporter.schema()["$defs"]["JournalFile"]["properties"])
    keys |= set(exporter.schema()["$defs"]["Trace"]["properties"]) - {"signal", "unit"}
    assert [key for key in keys if f"`{key}`" not in text] == []
