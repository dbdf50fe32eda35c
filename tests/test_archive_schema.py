"""The tables have every field of the coach's records."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
from people import filmed, good, watched

from loosen.archive.recordings import SourceFile
from loosen.archive.schema import RECORDINGS, REPS, recording_row, rep_rows
from loosen.archive.worker import RecordingResult
from loosen.coach.counting.rep import REPORTED, Rep, report_json

ARCH = "back-arches"
REPORT = watched(filmed(ARCH, good(ARCH, 5)), ARCH)


def test_what_a_report_tells_of_a_repetition_is_every_field_but_the_sessions() -> None:
    assert set(REPORTED) == set(Rep.__struct_fields__) - {"exercise", "set_number", "set_side", "signal"}


def test_a_repetitions_row_has_every_field_and_every_measure_of_watch_json() -> None:
    rows = pa.Table.from_pylist(rep_rows(RecordingResult("ab", REPORT)), schema=REPS).to_pylist()
    reps = report_json(REPORT)["reps"]
    assert [row["number"] for row in rows] == [1, 2, 3, 4, 5]
    assert "unlike_own" in reps[-1]["measures"]
    for row, rep in zip(rows, reps, strict=True):
        row["measures"] = {name: value for name, value in row["measures"].items() if value is not None}
        assert {name: row[name] for name in rep} == rep | {"faults": [], "reasons": list(rep["reasons"])}
        assert row.keys() - rep.keys() == {"unit", "number", "exercise", "counted"}


def test_a_recordings_row_has_every_field_of_watch_json_but_the_repetitions() -> None:
    file = SourceFile("a recording", "s", 1, datetime(2026, 11, 1))
    given = recording_row(file, RecordingResult("ab", REPORT), "r", datetime(2026, 11, 2))
    [row] = pa.Table.from_pylist([given], schema=RECORDINGS).to_pylist()
    said = report_json(REPORT)
    del said["reps"]
    assert {name: row[name] for name in said} == said
    assert (row["status"], row["attempts"], row["reason"]) == ("watched", 5, None)


def test_what_was_set_aside_has_a_row_that_says_why() -> None:
    result = RecordingResult("ab", reason="no video")
    given = recording_row(SourceFile("a", "s", 1, None), result, "r", datetime(2026, 11, 2))
    [row] = pa.Table.from_pylist([given], schema=RECORDINGS).to_pylist()
    assert (row["status"], row["reason"], row["exercise"], row["attempts"]) == ("set aside", "no video", None, None)
    assert rep_rows(result) == []
