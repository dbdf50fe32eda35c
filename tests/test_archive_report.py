"""The report: by person and week, with errors, as table, CSV and page."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from archive_support import ARCH, Clinic, rep
from people import ROUTINE, WORDS

from loosen import cli
from loosen.archive.report.confidence_intervals import Share
from loosen.archive.report.formats import as_csv, as_page
from loosen.archive.report.report import read_report
from loosen.archive.tables import Partition, Tables
from loosen.cli.archive import report_lines
from loosen.cli.terminal import plain

Out = pytest.CaptureFixture[str]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    clinic = Clinic(tmp_path / "out")
    clinic.add("/c/p1/a.mp4", "2026-01-05", ("full", 20.0), ("full", 22.0, "knees-bend"), ("partial", 9.0))
    clinic.add("/c/p1/b.mp4", "2026-01-07", ("rushed", 21.0))
    clinic.add("/c/p1/c.mp4", "2026-01-08", reason="reading it crashed (SIGSEGV) (2 tries)")
    clinic.add("/c/p1/d.mp4", "2026-01-20", ("full", 30.0))
    clinic.add("/c/p2/e.mp4", "2026-01-11", ("shallow", 5.0))
    return tmp_path / "out"


def test_days_repetitions_and_ranges_by_person_and_week(out: Path) -> None:
    seen = read_report(str(out), path_pattern="{person}/*")
    assert [(one.person, one.week, one.days, one.days_unread, one.recordings, one.counted) for one in seen.weeks] == [
        ("p1", date(2026, 1, 5), 2, 1, 3, 3),
        ("p1", date(2026, 1, 12), 0, 0, 0, 0),  # a week without any is a week
        ("p1", date(2026, 1, 19), 1, 0, 1, 1),
        ("p2", date(2026, 1, 5), 1, 0, 1, 1),
    ]
    first = seen.movements[0]
    assert (first.counted, first.attempts, first.full.k, first.full.n) == (3, 4, 2, 3)
    # Two full ones in one recording, one that is not in the other: as alike as can be.
    assert first.full.worth == pytest.approx(3 / (5 / 3))
    assert first.range_mean == pytest.approx(21.0)
    # Their own ± of 3, and 1.96 standard errors. Three weeks are too few to say how alike a week's recordings are, so
    # the person says it, whose means of 21, 21 and 30 differ far more than 20 and 22: within 2, between 22.7.
    likewise = 3 / (1 + (5 / 3 - 1) * 22.7 / 24.7)
    assert first.range_plus_minus == pytest.approx((3**2 + 1.96**2 * 24.7 / likewise) ** 0.5)
    assert first.faults == (("knees-bend", 1),)
    assert seen.movements[1].range_plus_minus == pytest.approx((3**2 + 1.96**2 * 24.7) ** 0.5)
    shares = {verdict: share.k for _, verdict, share in seen.verdicts}
    assert shares == {"full": 3, "rushed": 1, "shallow": 1, "partial": 1}
    assert seen.set_aside == [("reading it crashed (SIGSEGV) (2 tries)", 1)]


@pytest.mark.parametrize(
    ("verdict", "reps", "error", "numbers", "reach", "plus_minus"),
    [
        # A repetition without a range makes no range surer.
        ("full", [20.0, 22.0, None, None], 3.0, (4, 4, 4), 21.0, (3**2 + (1.96 * 2**0.5) ** 2 / 2) ** 0.5),
        ("full", [20.0, 22.0], None, (2, 2, 2), 21.0, None),  # a range whose own error is unknown has none
        ("full", [None, None], 3.0, (2, 2, 2), None, None),
        ("partial", [9.0, None], 3.0, (0, 2, 0), None, None),  # of these none counts: no share either
    ],
)
def test_what_a_movements_range_is_worth(
    tmp_path: Path, verdict: str, reps: list[Any], error: Any, numbers: tuple[int, ...], reach: Any, plus_minus: Any
) -> None:
    clinic = Clinic(tmp_path / "out")
    clinic.add("/c/p/a", "2026-01-05", *((verdict, one) for one in reps), error=error)
    seen = read_report(clinic.tables.out, path_pattern="{person}/*")
    [one] = seen.movements
    assert (one.counted, one.attempts, one.full.n) == numbers
    assert (one.range_mean, one.range_plus_minus) == (reach, plus_minus and pytest.approx(plus_minus))
    if error is None:
        assert any("21°" in line for line in plain(*report_lines(seen, 7, WORDS, [ROUTINE])))
        assert ",21,,deg," in as_csv(seen, 7)


@pytest.mark.parametrize("reason", [None, "reading it crashed"])
@pytest.mark.parametrize("engine", ["0.1.0-a", "0.2.0-a"])
def test_what_was_watched_twice_by_one_engine_or_two_counts_once_by_the_last(
    tmp_path: Path, engine: str, reason: str | None
) -> None:
    clinic = Clinic(tmp_path / "out")
    unit = clinic.add("/c/p/a", "2026-01-05", *[("full", 20.0)] * (0 if reason else 2), reason=reason)
    clinic.tables.engine = engine
    clinic.tables.write(Partition([rep(unit, 1, "full", 8.0)], [], [clinic.recording(unit, 1, None, 2)]))
    seen = read_report(str(tmp_path / "out"), path_pattern="{person}/*")
    assert [(one.range_mean, one.counted, one.full) for one in seen.movements] == [(8.0, 1, Share(1, 1, 1.0))]
    assert [(one.recordings, one.set_aside, one.counted) for one in seen.weeks] == [(1, 0, 1)]
    assert seen.set_aside == []


def test_a_clip_that_another_took_the_place_of_is_gone_unless_it_lies_elsewhere(tmp_path: Path) -> None:
    clinic, out = Clinic(tmp_path / "out"), str(tmp_path / "out")
    clinic.add("/c/p/a", "2026-01-05", ("full", 20.0), ("full", 20.0))
    clinic.add("/c/p/a", "2026-01-06", ("full", 30.0))
    [one] = read_report(out, path_pattern="{person}/*").movements
    assert (one.range_mean, one.counted) == (30.0, 1)
    assert read_report(out).recordings == 1
    clinic.found("unit1", "/c/q/b", "2026-01-07")
    seen = read_report(out, path_pattern="{person}/*")
    assert [(one.person, one.counted) for one in seen.weeks] == [("p", 1), ("q", 2)]
    assert seen.warnings == []


def test_one_recording_under_two_people_goes_to_one_and_is_said(tmp_path: Path, capsys: Out) -> None:
    clinic, out, page = Clinic(tmp_path / "out"), str(tmp_path / "out"), tmp_path / "r.html"
    clinic.add("/c/p/a", "2026-01-05", ("full", 20.0))
    clinic.found("unit1", "/c/q/b", "2026-01-06")
    for n in range(2):
        clinic.add(f"/c/x/{n}", "2026-01-05", ("full", 20.0))
        clinic.found(f"unit{n + 2}", f"/c/y/{n}", "2026-01-05")
    seen = read_report(out, path_pattern="{person}/*")
    assert [(one.person, one.counted) for one in seen.weeks] == [("q", 1), ("x", 2)]
    [warning] = seen.warnings
    assert "One recording lies under two people: /c/p/a and /c/q/b (there are 3 such)" in warning
    arguments = ["archive", "report", out, "--person", "{person}/*", "--html", str(page)]
    assert cli.main(arguments) == 0
    assert warning in capsys.readouterr().err
    assert "One recording lies under two people: /c/p/a and /c/q/b" in page.read_text("utf-8")
    people = tmp_path / "people.csv"
    people.write_text("path,person\np/a,blue\nq/b,blue\nx/0,red\n")
    assert read_report(out, manifest=people).warnings == []  # one person in two places is no matter


def test_a_half_written_partition_is_not_read(out: Path) -> None:
    before = read_report(str(out), path_pattern="{person}/*")
    (out / "reps" / "engine=0.1.0-a" / "part-9-half.parquet").write_bytes(b"half")
    assert read_report(str(out), path_pattern="{person}/*") == before


def test_a_list_tells_whose_it_is_and_of_which_day(out: Path, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("path,person,date\np1/a.mp4,blue,2026-02-02\n/c/p1/b.mp4,blue,\ne.mp4,red,\n")
    seen = read_report(str(out), manifest=people)
    assert [(one.person, one.week, one.counted) for one in seen.weeks if one.counted] == [
        ("blue", date(2026, 1, 5), 1), ("blue", date(2026, 2, 2), 2), ("red", date(2026, 1, 5), 1),
    ]  # fmt: skip
    assert (seen.nobodys, seen.warnings) == (2, [])


def test_table_csv_page_and_json(out: Path, tmp_path: Path, capsys: Out) -> None:
    page, sheet = tmp_path / "r.html", tmp_path / "r.csv"
    arguments = ["archive", "report", str(out), "--person", "{person}/*", "--planned", "3"]
    assert cli.main([*arguments, "--html", str(page), "--csv", str(sheet)]) == 0
    said = capsys.readouterr().out
    assert "Recordings: 5. People: 2." in said
    assert "2 of 3 (+1 could not be read)" in said
    assert "67% (15-96)" in said
    assert "21 ±8°" in said
    text = page.read_text("utf-8")
    assert "2 of 3 (+1 could not be read)" in text
    for sign in ("http:", "https:", "src=", "@import", "url("):
        assert sign not in text
    with sheet.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["exercise"] for row in rows] == [ARCH, "", ARCH, ARCH]
    assert (rows[0]["range_mean"], rows[0]["faults"], rows[1]["days"]) == ("21", "knees-bend 1", "0")
    assert cli.main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["recordings"] == 5


def test_the_page_says_what_it_rests_on_in_words_a_person_knows(out: Path, tmp_path: Path) -> None:
    clinic = Clinic(out)
    clinic.n = 9
    clinic.add("/c/p1/cut.mp4", "2026-01-08", ("full", 20.0, "shallow"), broken_at_s=4.0)
    clinic.add("/c/p1/other.mp4", "2026-01-08", ("full", 20.0, "tail-up"), exercise="of-their-own")
    seen = read_report(str(out), path_pattern="{person}/*")
    assert (seen.first, seen.last, seen.days_of_files) == (date(2026, 1, 5), date(2026, 1, 20), 7)
    page = as_page(seen, 7, WORDS, [ROUTINE], date(2026, 2, 1))
    for said in (
        "Days from 2026-01-05 to 2026-01-20.", "Made on 2026-02-01.", "the knees bent (1 of 5)", "tail-up (1 of 1)",
        "No date is in the pattern or the list for 7 of them", "<td>5 (1 set aside, 1 in part)</td>",
        "<td>Back Arches</td>", "not far enough (1 of 5)", "<td>of-their-own</td>", "Full: of the counted ones",
    ):  # fmt: skip
        assert said in page, said
    assert ARCH not in page
    first, *_ = csv.DictReader(as_csv(seen, 7).splitlines())
    assert (first["exercise"], first["set_aside"], first["in_part"]) == (ARCH, "1", "1")
    assert first["faults"] == "knees-bend 1; shallow 1"
    dated = read_report(str(out), path_pattern="{person}/{date}/*")
    assert (dated.days_of_files, dated.first, dated.nobodys) == (0, None, 7)


def test_one_of_table_csv_page_and_json_can_be_printed(out: Path, tmp_path: Path, capsys: Out) -> None:
    for option in ("--csv", "--html"):
        place = tmp_path / option[2:]
        assert cli.main(["archive", "report", str(out), option, str(place)]) == 0
        capsys.readouterr()
        assert cli.main(["archive", "report", str(out), option, "-"]) == 0
        assert capsys.readouterr().out == place.read_text("utf-8")
        assert cli.main(["archive", "report", str(out), option, "-", "--json"]) == 2
        assert "Only one of --json, --csv - and --html -" in capsys.readouterr().err
    assert not Path("-").exists()


def test_what_paths_and_readers_say_is_text_on_the_page_and_no_formula_in_the_sheet(tmp_path: Path) -> None:
    clinic, page, sheet = Clinic(tmp_path / "out"), tmp_path / "r.html", tmp_path / "r.csv"
    clinic.add("/c/<script>alert(1)/a.mp4", "2026-01-05", ("full", 20.0, "<i>"), exercise="<u>")
    clinic.add("/c/=cmd|x/b.mp4", "2026-01-05", reason="<b>&")
    clinic.add("/c/\t=cmd/c.mp4", "2026-01-05", ("full",))
    clinic.add("/c/<em>,<s>/d.mp4", "2026-01-05", ("full",))
    clinic.found("unit4", "/c/<em>/d.mp4", "2026-01-06")  # of two people: a warning names both
    options = ["--person", "{person}/*", "--html", str(page), "--csv", str(sheet)]
    assert cli.main(["archive", "report", str(tmp_path / "out"), *options]) == 0
    text = page.read_text("utf-8")
    for raw, shown in (
        ("<script", "&lt;script&gt;alert(1)"), ("<i>", "&lt;i&gt; (1 of 1)"), ("<u>", "&lt;u&gt;"),
        ("<b>", "&lt;b&gt;&amp;"), ("<em>", "/c/&lt;em&gt;,"), ("<s>", "&lt;s&gt;/d.mp4"),
    ):  # fmt: skip
        assert raw not in text
        assert shown in text
    assert "\n'=cmd" in sheet.read_text("utf-8")
    assert "\n'\t=cmd" in sheet.read_text("utf-8")


def test_there_must_be_an_archive_and_something_in_it(tmp_path: Path, capsys: Out) -> None:
    assert cli.main(["archive", "report", str(tmp_path)]) == 2
    assert "there is no archive" in capsys.readouterr().err
    Tables(str(tmp_path / "out"), "e").prepare()
    assert cli.main(["archive", "report", str(tmp_path / "out")]) == 2
    assert "nothing has been watched yet" in capsys.readouterr().err


def test_what_a_program_reads_is_utf8_whatever_the_terminal_is(tmp_path: Path) -> None:
    Clinic(tmp_path / "out").add("/c/Зоя/a.mp4", "2026-01-05", ("full", 20.0))
    options = ["--person", "{person}/*", "--html", "-"]
    ended = subprocess.run(
        [sys.executable, "-m", "loosen", "archive", "report", str(tmp_path / "out"), *options],
        env={**os.environ, "PYTHONIOENCODING": "cp1252"}, capture_output=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert "Зоя" in ended.stdout.decode("utf-8")


def test_who_did_something_else_is_not_taken_for_who_did_nothing(tmp_path: Path, capsys: Out) -> None:
    clinic = Clinic(tmp_path / "out")
    unit = clinic.add("/c/p1/other.mp4", "2026-01-05")
    clinic.tables.write(Partition([], [], [clinic.recording(unit, 0, done=2) | {"exercise": None}]))
    [week] = read_report(str(tmp_path / "out"), path_pattern="{person}/*").weeks
    assert (week.days, week.recordings, week.set_aside, week.other) == (0, 1, 0, 1)
    cli.main(["archive", "report", str(tmp_path / "out"), "--person", "{person}/*"])
    said = capsys.readouterr().out
    assert "1 (1 with none of the movements)" in said
    assert "A day is one on which something was counted." in said


def test_the_page_names_every_fault_and_the_terminal_says_how_many_more(tmp_path: Path) -> None:
    clinic = Clinic(tmp_path / "out")
    clinic.add("/c/p1/a.mp4", "2026-01-05", ("full", 20.0, "one", "two", "three", "four"), ("partial", None, "one"))
    seen = read_report(str(tmp_path / "out"), path_pattern="{person}/*")
    page, terminal = (as_page(seen, 7, WORDS, [ROUTINE]), "\n".join(plain(*report_lines(seen, 7, WORDS, [ROUTINE]))))
    assert "one (2 of 2), four (1 of 2), three (1 of 2), two (1 of 2)</td>" in page
    assert "one (2 of 2), four (1 of 2), 2 more" in terminal
    assert "<td class=n>1</td><td class=n>2</td>" in page  # counted, tried
    assert "of all tried" in page
