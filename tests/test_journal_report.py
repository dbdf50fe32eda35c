"""The page to print: what it says, that nothing in it can do harm, and that it is one page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from journal_makers import EVENING, rep_done
from journals import fill, made_up

from loosen.cli import main
from loosen.coach.counting.rep import Rep
from loosen.coach.guidance.stage import Happened
from loosen.errors import InputError
from loosen.journal.outcomes.period import Period, everything, monday_of, read_period
from loosen.journal.report.html import as_html
from loosen.journal.report.pdf import as_pdf
from loosen.journal.report.report import PeriodReport, period_report
from loosen.journal.store.journal import Journal
from loosen.journal.store.moments import stamp
from loosen.journal.store.records import DoseChange
from loosen.routine.reader import builtin
from loosen.routine.words import load_words

ROUTINE, WORDS = builtin(), load_words()
LAST = EVENING.date()
CLAIMS = re.compile(r"\b(treat|cure|diagnos|rehab|therap|clinical.grade|heal)", re.IGNORECASE)


def period_of(sessions: int, weeks: int = 12) -> Period:
    with Journal.in_memory() as journal:
        fill(journal, made_up(sessions))
        with journal.using() as db:
            return read_period(db, monday_of(LAST) - timedelta(weeks=weeks - 1), LAST)


def one_session(*reps: Rep, said: Sequence[Happened] = (), routine: str = ROUTINE.id) -> Period:
    """Return the week of one session with these repetitions."""
    with Journal.in_memory() as journal:
        number = journal.begin_session(routine, camera=bool(reps), now=EVENING)
        for rep in reps:
            journal.add_rep(number, rep)
        for event in said:
            journal.happened(number, event)
        with journal.using() as db:
            return read_period(db, LAST - timedelta(days=6), LAST)


def told(period: Period) -> PeriodReport:
    return period_report(period, ROUTINE, (), WORDS, EVENING)


def report(sessions: int = 50, changes: tuple[DoseChange, ...] = ()) -> PeriodReport:
    return period_report(period_of(sessions), ROUTINE, changes, WORDS, EVENING)


def test_it_says_everything_a_physiotherapist_asks_first() -> None:
    change = DoseChange(
        **stamp(EVENING - timedelta(days=9)), routine=ROUTINE.id, exercise="back-arches", sets=2, reps=5, what="own"
    )
    page = report(changes=(change,))
    facts = dict(page.facts)
    assert facts["Done"].startswith("Sessions: 50, ")
    assert "of 12." in facts["Done"]
    assert "Highest:" in facts["Soreness (0-10)"]
    assert "longest unbroken sit" in facts["Sitting"]
    assert "Back Arches: 2 × 5" in facts["Dose changed"]
    assert facts['"This hurts"']
    assert len(page.table) == 4
    assert all("±" in row[3] for row in page.table)
    assert {row[5] for row in page.table} <= {"improved", "worse", "about the same", "too early to say"}
    assert "standing lumbar extension" in page.table[0][0]
    assert "MDC95" in page.table_note


def test_it_makes_no_medical_claim() -> None:
    page = report()
    texts = [text for pair in page.facts for text in pair] + [*page.method, page.table_note, page.title]
    assert not [text for text in texts if CLAIMS.search(text)]
    assert "not medical advice" in page.method[-1]


def test_this_hurts_stands_there_with_day_and_movement() -> None:
    page = told(one_session(rep_done(), said=[Happened(9.0, "hurt", "back-arches")]))
    assert dict(page.facts)['"This hurts"'] == "22 Nov Back Arches"
    told_more = [Happened(9.5, "hurt-place", "back-arches", "leg"), Happened(9.8, "hurt-score", "back-arches", value=6)]
    page = told(one_session(rep_done(), said=[Happened(9.0, "hurt", "back-arches"), *told_more]))
    assert dict(page.facts)['"This hurts"'] == "22 Nov Back Arches (leg or buttock, 6 of 10)"


def test_as_pdf_it_is_one_page_with_text_that_can_be_found() -> None:
    data = as_pdf(report(300), WORDS)
    assert len(re.findall(rb"/Type /Page\b", data)) == 1
    # Letters are kept as letters (TrueType), not as outlines.
    assert b"/CIDFontType2" in data or b"/TrueType" in data


def test_what_comes_from_a_journal_cannot_become_part_of_the_page() -> None:
    evil = '<script>alert("x")</script>'
    rep = rep_done(exercise=evil, faults=(evil,), reasons=(evil,))
    page = told(one_session(rep, said=[Happened(3.0, "hurt", evil)], routine=evil))
    text = as_html(page, WORDS).decode()
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", text)


def test_an_empty_time_is_refused_with_what_to_do() -> None:
    empty = Period(first=date(2020, 1, 6), last=date(2020, 3, 1), sessions=(), sitting=())
    with pytest.raises(InputError, match="--weeks"):
        period_report(empty, ROUTINE, (), WORDS, EVENING)


@pytest.mark.parametrize("name", ["r.pdf", "r.html"])
def test_the_command_writes_it(own_home: Path, tmp_path: Path, name: str) -> None:
    with Journal.open() as journal:
        fill(journal, made_up(4))
    assert main(["journal", "report", str(tmp_path / name), "--until", LAST.isoformat(), "--weeks", "4"]) == 0
    assert (tmp_path / name).stat().st_size > 5_000
    assert main(["journal", "report", str(tmp_path / "none.pdf"), "--until", "2020-01-01"]) == 2
    assert main(["journal", "report", str(tmp_path / "report.docx"), "--until", LAST.isoformat()]) == 2
    assert [it.name for it in tmp_path.iterdir() if it.is_file()] == [name]
    assert main(["journal", "report", str(tmp_path / "no" / "where.pdf"), "--until", LAST.isoformat()]) == 2


@pytest.mark.browser
def test_as_html_it_prints_on_one_page(chromium: str, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    file = tmp_path / "report.html"
    file.write_bytes(as_html(report(50), WORDS))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(file.as_uri())
        printed = page.pdf(prefer_css_page_size=True)
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        browser.close()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_a_range_by_voice_is_said_not_to_be_measured() -> None:
    begun, ended = (
        Happened(1.0, "exercise-begun", "back-arches"),
        Happened(60.0, "exercise-ended", "back-arches", "on", 10),
    )
    page = told(one_session(said=[begun, ended]))
    assert page.table[0][2] == "1, 1 whole"
    assert page.table[0][5] == "not measured"


def test_a_long_routine_and_much_that_hurt_still_fit_on_one_page() -> None:
    with Journal.in_memory() as journal:
        for day in range(30):
            when = EVENING - timedelta(days=day)
            number = journal.begin_session(ROUTINE.id, camera=True, now=when)
            for exercise in range(10):
                journal.add_rep(number, rep_done(exercise=f"movement-{exercise}"))
            journal.happened(number, Happened(9.0, "hurt", "movement-3"))
        with journal.using() as db:
            held = msgspec.structs.replace(everything(db), first=LAST - timedelta(days=34), last=LAST)
    page = told(held)
    assert "20 times before that" in dict(page.facts)['"This hurts"']
    assert len(re.findall(rb"/Type /Page\b", as_pdf(page, WORDS))) == 1


def test_faults_are_told_in_the_routines_own_words() -> None:
    named = ["knees-bend", "knees-bend", "no-stop", "of-another-routine"]
    page = told(one_session(*(rep_done(n, faults=(fault,)) for n, fault in enumerate(named))))
    assert page.table[0][-1] == "100%; the knees bent (2), no real stop (1)"


@pytest.mark.parametrize(
    ("left", "right", "sides"),
    [
        (20.0, 20.0, "0°, within the error"),
        (22.0, 20.0, "within the error"),
        (20.0, 25.5, "5°, within the error"),
        (40.0, 20.0, "20°, left further"),
        (20.0, 40.0, "20°, right further"),
    ],
)
def test_a_side_is_named_only_beyond_the_error_of_the_difference(left: float, right: float, sides: str) -> None:
    reps = rep_done(0, range_deg=left, side="left"), rep_done(1, range_deg=right, side="right")
    assert sides in told(one_session(*reps)).table[0][6]


@pytest.mark.parametrize("days", [["--weeks", "1000000"], ["--until", "0001-01-05"]])
def test_weeks_before_the_calendar_are_refused(
    own_home: Path, tmp_path: Path, days: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["journal", "report", str(tmp_path / "r.html"), *days]) == 2
    assert "name fewer with --weeks" in capsys.readouterr().err


def test_days_and_weeks_before_the_first_session_were_not_missed() -> None:
    with Journal.in_memory() as journal:
        number = journal.begin_session(ROUTINE.id, camera=False, now=EVENING)
        journal.happened(number, Happened(2.0, "led", ROUTINE.exercises[0].id, value=1))
        with journal.using() as db:
            period = read_period(db, monday_of(LAST) - timedelta(weeks=11), LAST)
    assert "Days with one: 1 of 1. Weeks with one: 1 of 1." in dict(told(period).facts)[WORDS["report.adherence"]]
