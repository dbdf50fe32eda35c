"""A file that is not what it should be is refused whole, in a sentence, and the journal is as it was."""

from __future__ import annotations

import copy
import json
import re
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from journal_makers import EVENING, rep_done
from journals import as_export, everything_in, fill, imported, imported_made_up, made_up, without_date

from loosen.cli import main
from loosen.coach.guidance.stage import Happened
from loosen.errors import JournalError
from loosen.journal.store.journal import Journal
from loosen.journal.store.records import Rating
from loosen.journal.transfer import backup, importer
from loosen.journal.transfer.importer import opened, parse

pytestmark = pytest.mark.usefixtures("that_evening")

GOOD: dict[str, Any] = json.loads(as_export(imported_made_up(2)))


def twice(file: dict[str, Any]) -> None:
    file["sessions"].append(file["sessions"][0])


def at(*path: str | int, **changes: Any) -> Callable[[dict[str, Any]], None]:
    """Return what changes these keys of the table that lies there in a file."""

    def change(file: dict[str, Any]) -> None:
        spot: Any = file
        for part in path:
            spot = spot[part]
        spot.update(changes)

    return change


SESSION, SIT, PLAN = ("sessions", 0), ("sits", 0), ("plans", 0)
REP = (*SESSION, "reps", 0)
SPOILED = {
    "another format": at(format="garmin"),
    "a later version": at(version=2),
    "a key too many": at(extra=1),
    "a wrong type": at(*SESSION, camera="yes"),
    "an uuid that is none": at(*SESSION, uuid="1' OR '1'='1"),
    "one uuid twice": twice,
    "a day that is none": at(*SESSION, local_date="2026-02-31"),
    "a time that is none": at(*SESSION, started_utc="2026-11-22T99:00:00.000Z"),
    "a month beyond": at(*SIT, last_utc="2026-13-01T00:00:00Z"),
    "an offset beyond the earth": at(*SESSION, utc_offset_min=100_000),
    "a number beyond any": at(*REP, start_s=1e300),
    "a whole number beyond the database": at(*SESSION, "answers", 0, value=2**63),
    "a text as long as a book": at(*REP, reasons=["x" * 10_000]),
    "a text that steers the terminal": at(*SESSION, routine="\x1b[2Jgone"),
    "a text that turns the writing round": at(*PLAN, cue="lunch \u202e"),
    "a signal with a value missing": at(*REP, "signal", t_ms=[1]),
    "a setting as large as a journal": at(settings={"care_read": ["x"] * 200_000}),
    "settings as large as a journal": at(settings={f"s{n}": "x" * 100_000 for n in range(30)}),
    "a setting nested deeply": at(settings={"deep": json.loads("[" * 900 + "]" * 900)}),
    "sets without end": at(doses=[{**GOOD["plans"][0], "sets": 10**6}]),
    "a list in place of everything": at(sessions={"0": {}}),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED.keys())
def test_a_spoiled_file_is_refused_whole_and_the_journal_left_as_it_was(
    spoil: Callable[[dict[str, Any]], None],
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
        parse(data, EVENING)


def test_a_setting_that_would_swell_in_memory_is_refused_undecoded() -> None:
    swelling = json.dumps(GOOD).replace('"settings": {', '"settings": {"much": [' + "[]," * 3_000_000 + "[]], ")
    tracemalloc.start()
    with pytest.raises(JournalError, match="too large"):
        parse(swelling.encode(), EVENING)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 3 * len(swelling)


def test_what_is_remembered_of_this_computer_stays_here() -> None:
    with Journal.in_memory() as journal:
        journal.set_setting("getup-state", {"since": 1})
        journal.set_setting("care_read", True)
        assert json.loads(as_export(journal))["settings"] == {"care_read": True}


def test_a_file_too_large_to_read_is_refused_unread(tmp_path: Path) -> None:
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(importer.MAX_BYTES + 1)
    with pytest.raises(JournalError, match=r"256 MB.*backup"), opened(huge, EVENING):
        pass


def test_a_fault_while_it_is_taken_in_leaves_the_journal_as_it_was() -> None:
    """Whatever the checks let through: the change is made whole or not at all."""
    held = made_up(3)
    answer = Rating("q", 1, 0.0)
    bad = msgspec.structs.replace(next(iter(made_up(1, seed=9).sessions)), answers=(answer,), how="danced")
    with imported_made_up(1) as journal:
        before = as_export(journal)
        with pytest.raises(JournalError, match="left as it was"):
            fill(journal, held._replace(sessions=[*held.sessions, bad]))
        assert without_date(as_export(journal)) == without_date(before)
        fill(journal, made_up(2, seed=5))
        assert len(journal.sessions()) == 3


# -- well-formed, but absurd -------------------------------------------------------------------------------

ABSURD = {
    "the year 9999": (
        at(*SESSION, started_utc="9999-01-01T08:00:00Z", local_date="9999-01-01"), "lies in the future"
    ),
    "the year 1970": (
        at(*SESSION, started_utc="1970-01-01T08:00:00Z", local_date="1970-01-01"), "lies before the year 2000"
    ),
    "ended in the year 9999": (at(*SESSION, ended_utc="9999-01-01T08:00:00Z"), "lies in the future"),
    "ended before it began": (at(*SESSION, ended_utc="2020-01-01T08:00:00Z"), "ended before it began"),
    "another local date": (at(*SESSION, local_date="2026-01-01"), "local_date 2026-01-01"),
    "a repetition long after": (at(*REP, start_s=9e4, peak_s=9e4, end_s=9e4), "outside its time"),
    "a repetition far before": (at(*REP, start_s=-9e4), "cannot have shown"),
    "a repetition that ends before it begins": (at(*REP, end_s=-1.0), "out of order"),
    "a range beyond a body": (
        at(*REP, "measures", "range", value=5e8), r"a range of 5e\+08 \+- 4 deg in a repetition of 'back-arches'"
    ),
    "a stop below nothing": (at(*REP, "measures", "still_s", value=-3), "a still_s of -3"),
    "an error below nothing": (at(*REP, "measures", "range", plus_minus=-1), r"range of .* \+- -1"),
    "a signal beyond a body": (at(*REP, "signal", target=1e9), "beyond what a body can do"),
    "a set without end": (at(*REP, set_number=10**6), "set number 1000000"),
    "a soreness of a thousand": (at(*SESSION, "answers", 0, value=1000), "expected 0 to 10"),
    "a soreness below none": (at(*SESSION, "answers", 0, value=-1), "expected 0 to 10"),
    "minus five done": (at(*SESSION, "events", 1, value=-5), "the value -5"),
    "a sit of years": (at(*SIT, seconds=1e9), "its times contradict"),
    "a sit backwards": (at(*SIT, last_utc="2020-01-01T08:00:00Z"), "ended before it began"),
    "a prompt of another year": (
        at(*SIT, "prompts", 0, at_utc="2025-01-01T08:00:00Z"), "a prompt outside its time"
    ),
    "a plan of tomorrow's world": (
        at(*PLAN, at_utc="2999-01-01T08:00:00Z", local_date="2999-01-01"), "the plan of 2999"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "why"), ABSURD.values(), ids=ABSURD.keys())
def test_what_cannot_have_been_is_refused_in_a_sentence_that_names_it(
    spoil: Callable[[dict[str, Any]], None],
    why: str,
    tmp_path: Path,
    own_home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = copy.deepcopy(GOOD)
    spoil(file)
    assert file != GOOD
    there = tmp_path / "there.json"
    there.write_text(json.dumps(file))
    assert main(["journal", "import", str(there)]) == 2
    told = capsys.readouterr().err
    assert re.search(why, told)
    assert re.search(r"the (session|sit|plan) of \d{4}-\d\d-\d\dT[\d:.]+Z \(\$\.\w+\[0\]\)", told)
    assert told.count("\n") == 1
    assert not own_home.exists()


@pytest.mark.parametrize("kind", ["export", "backup"])
def test_what_lies_ahead_is_told_by_the_day_that_it_is_here(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / kind
    with Journal.open(tmp_path / "j.db") as journal:
        fill(journal, made_up(2))
        with journal.using() as db:
            backup.back_up(db, file) if kind == "backup" else file.write_bytes(as_export(journal))
    monkeypatch.setattr("loosen.cli.options.now", lambda: EVENING - timedelta(days=400))
    assert main(["journal", "import", str(file)]) == 2
    assert "lies in the future (it is 2025-10-18 here" in capsys.readouterr().err
    monkeypatch.setattr("loosen.cli.options.now", lambda: EVENING)
    assert main(["journal", "import", str(file)]) == 0


def test_a_backup_is_held_to_sense_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Journal.open(tmp_path / "b.db") as journal:
        fill(journal, made_up(2))
        with journal.changing() as db:
            db.execute("UPDATE sessions SET ended_utc = '2020-01-01T08:00:00.000Z' WHERE id = 2")
    assert main(["journal", "import", str(tmp_path / "b.db")]) == 2
    assert re.search(r"the session of 2026-\S+ \(\$.sessions\[1\]\) ended before it began", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("took", "ended"),
    [
        (timedelta(minutes=20), timedelta(minutes=20)),
        (timedelta(minutes=3), timedelta(minutes=-20)),
        (timedelta(minutes=40), timedelta(minutes=-20)),
        (timedelta(hours=47), timedelta(days=2)),
        (timedelta(days=2), None),
    ],
    ids=["as ever", "the clock set back", "40 minutes, the clock set back an hour", "two days later", "never ended"],
)
@pytest.mark.parametrize("kind", ["export", "backup"])
def test_whatever_the_coach_keeps_is_taken_in_again(
    took: timedelta, ended: timedelta | None, kind: str, tmp_path: Path
) -> None:
    file = tmp_path / kind
    with Journal.open(tmp_path / "j.db") as journal:
        number = journal.begin_session("r", camera=True, now=EVENING)
        # A page that was opened days ago: the session's clock is the page's.
        journal.add_rep(number, rep_done(start_s=300_000.0, peak_s=300_002.0, end_s=300_007.0))
        last_s = 300_000.0 + took.total_seconds()
        journal.happened(number, Happened(last_s, "exercise-ended", "back-arches", value=1))
        if ended is not None:
            journal.end_session(number, "finished", EVENING + ended)
        with journal.using() as db:
            backup.back_up(db, file) if kind == "backup" else file.write_bytes(as_export(journal))
    with Journal.in_memory() as journal, opened(file, EVENING + timedelta(days=3)) as contents:
        fill(journal, contents)
        assert len(journal.sessions()) == 1


def test_settings_of_another_loosen_are_left_out_with_a_word(
    tmp_path: Path, own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "there.json"
    known = {"care_read": True, "template.loosen-lower-back.back-arches": {}, "getup-state": {}}
    there.write_text(json.dumps(GOOD | {"settings": known | {"colour": "blue", "template.": 1}}))
    assert main(["journal", "import", str(there)]) == 0
    out, told = capsys.readouterr()
    assert "2 sessions" in out
    assert "Left out" in told
    assert "colour, template. (settings in all: 2)" in told
    kept = everything_in(own_home / "journal.db")["settings"]
    assert sorted(kept) == ["care_read", "template.loosen-lower-back.back-arches"]
