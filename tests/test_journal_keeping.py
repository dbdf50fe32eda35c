"""The journal's file: backed up, moved, deleted for good; weeks that do not jump; and made-up ones."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from journal_makers import EVENING, rep_done
from journals import as_export, fill, made_up

from loosen.cli import main
from loosen.errors import JournalError
from loosen.journal import keeping
from loosen.journal.period import read_period
from loosen.journal.report import days_by_week
from loosen.journal.store import Journal
from loosen.page.wiring import real_parts
from loosen.routine.files import builtin

SECRET = "after-my-secret-cue"
WRITER = Path(__file__).with_name("journal_writer.py")


@pytest.fixture
def path(own_home: Path) -> Path:
    """The usual journal of this test's own home, with a few sessions in it."""
    place = own_home / "journal.db"
    with Journal.open(place) as journal:
        fill(journal, made_up(6))
        with journal.changing() as db:
            db.execute("UPDATE plans SET cue = ?", (SECRET,))
    return place


def everything_in(path: Path) -> dict[str, object]:
    with Journal.open(path) as journal:
        export: dict[str, object] = json.loads(as_export(journal))
    return {name: value for name, value in export.items() if name != "made_utc"}


# -- backup and moving -------------------------------------------------------------------------------------


def test_a_backup_is_one_file_and_a_new_computer_takes_it_in_whole(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything_in(path)
    assert main(["journal", "backup", str(tmp_path / "b.db")]) == 0
    assert sorted(it.name for it in tmp_path.iterdir() if it.is_file()) == ["b.db"]
    assert (tmp_path / "b.db").stat().st_mode & 0o077 == 0
    new = tmp_path / "new" / "journal.db"
    assert main(["journal", "import", "--journal", str(new), str(tmp_path / "b.db")]) == 0
    assert "6 sessions" in capsys.readouterr().out
    assert everything_in(new) == before


def test_a_backup_can_stand_in_for_the_journal_itself(path: Path, tmp_path: Path) -> None:
    assert main(["journal", "backup", str(tmp_path / "b.db")]) == 0
    assert everything_in(tmp_path / "b.db") == everything_in(path)


def test_a_backup_made_while_others_write_is_whole(path: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, str(WRITER), str(path), "busy"], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        for _ in range(5):
            writer.stdout.readline()
        for n in range(3):
            assert main(["journal", "backup", str(tmp_path / f"{n}.db")]) == 0
        writer.kill()
        told = writer.communicate()[0].splitlines()
    for n in range(3):
        with closing(sqlite3.connect(tmp_path / f"{n}.db")) as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            assert db.execute("SELECT count(*) FROM sessions").fetchone()[0] == 7
    with Journal.open(path) as journal:
        assert len(journal.session(journal.sessions(1)[0].id).reps) >= len(told)


def test_nothing_is_written_over(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "there.pdf").write_text("precious")
    for command in (["backup"], ["export"], ["report"]):
        assert main(["journal", *command, str(tmp_path / "there.pdf")]) == 2
        assert "is there already" in capsys.readouterr().err
    assert (tmp_path / "there.pdf").read_text() == "precious"


@pytest.mark.parametrize(
    "content", [b"SQLite format 3\x00", b"SQLite format 3\x00" + b"\x00" * 5000], ids=["cut", "zeros"]
)
def test_a_damaged_backup_is_refused_and_the_journal_left_as_it_was(
    path: Path, tmp_path: Path, content: bytes
) -> None:
    before = everything_in(path)
    (tmp_path / "bad.db").write_bytes(content)
    assert main(["journal", "import", str(tmp_path / "bad.db")]) == 2
    assert everything_in(path) == before
    assert (tmp_path / "bad.db").read_bytes() == content


def test_another_programs_database_is_not_taken_in(path: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as db:
        db.execute("CREATE TABLE sessions (uuid TEXT)")
        db.commit()
    before = everything_in(path)
    assert main(["journal", "import", str(tmp_path / "other.db")]) == 2
    assert everything_in(path) == before


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE sessions SET routine = char(27) || '[2Jgone'",
        "UPDATE plans SET cue = 'lunch ' || char(8238)",
        "UPDATE sessions SET utc_offset_min = 100000",
        "UPDATE sessions SET local_date = '2026-02-31'",
        "UPDATE reps SET faults = 'no list'",
        "INSERT OR REPLACE INTO settings VALUES ('care_read', '\"\\u001b[2J\"')",
        "INSERT INTO settings VALUES ('much', '\"' || hex(zeroblob(200000)) || '\"')",
    ],
)
def test_a_backup_is_held_to_what_an_export_must_be(path: Path, tmp_path: Path, spoil: str) -> None:
    before = everything_in(path)
    with Journal.open(tmp_path / "other.db") as journal:
        fill(journal, made_up(3, seed=9))
        with journal.changing() as db:
            db.execute(spoil)
    assert main(["journal", "import", str(tmp_path / "other.db")]) == 2
    assert everything_in(path) == before


def test_what_another_computer_remembers_of_itself_is_not_taken_in(path: Path) -> None:
    with Journal.open(path) as journal:
        held = made_up(1, seed=9)._replace(settings={"getup-state": {"since": 1}, "care_read": True})
        fill(journal, held)
        assert journal.get_setting("getup-state") is None
        assert journal.get_setting("care_read") is True


def test_importing_while_another_process_writes_loses_nothing(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    with Journal.in_memory() as journal:
        fill(journal, made_up(20, seed=3))
        other.write_bytes(as_export(journal))
    with subprocess.Popen(
        [sys.executable, str(WRITER), str(path), "busy", "60"], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert main(["journal", "import", str(other)]) == 0
        told = writer.communicate()[0].splitlines()
    assert len(told) == 60
    with Journal.open(path) as journal:
        assert len(journal.sessions()) == 6 + 20 + 1
        (busy,) = [row for row in journal.sessions() if row.routine == "busy"]
        assert busy.attempts == 60


KILLED = """
import sys, time
from pathlib import Path
from loosen.journal.importing import merge, opened
from loosen.journal.store import Journal
with opened(Path(sys.argv[2])) as contents, Journal.open(Path(sys.argv[1])) as journal, journal.changing() as db:
    print(merge(db, contents).sessions, flush=True)
    time.sleep(60)
"""


def test_an_import_that_is_killed_before_its_end_leaves_the_journal_as_it_was(
    path: Path, tmp_path: Path
) -> None:
    before = everything_in(path)
    other = tmp_path / "other.json"
    with Journal.in_memory() as journal:
        fill(journal, made_up(20, seed=3))
        other.write_bytes(as_export(journal))
    command = [sys.executable, "-c", KILLED, str(path), str(other)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "20\n"
        killed.kill()
    assert everything_in(path) == before


def test_a_stalled_writer_refuses_a_change_in_one_sentence_and_loses_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("loosen.journal.database.BUSY_S", 0.05)
    before = everything_in(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as stalled:
        stalled.execute("BEGIN IMMEDIATE")
        assert main(["journal", "delete", "1", "--yes"]) == 2
        assert "left as it was" in capsys.readouterr().err
        stalled.execute("ROLLBACK")
    assert everything_in(path) == before


# -- deleting ----------------------------------------------------------------------------------------------


def traces_of(text: str, path: Path) -> list[str]:
    return [it.name for it in path.parent.glob("journal.db*") if text.encode() in it.read_bytes()]


def test_what_is_deleted_is_in_no_file_any_more(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert traces_of(SECRET, path)
    assert main(["journal", "delete", "--all", "--yes"]) == 0
    assert traces_of(SECRET, path) == []
    assert main(["journal", "list"]) == 0
    assert "No session yet" in capsys.readouterr().err


def test_it_is_gone_from_the_log_too_while_another_loosen_has_the_journal_open(path: Path) -> None:
    with Journal.open(path) as page:
        number = page.begin_session(SECRET, camera=True, now=EVENING)
        page.add_rep(number, rep_done())
        assert traces_of(SECRET, path)
        assert main(["journal", "delete", "--all", "--yes"]) == 0
        assert traces_of(SECRET, path) == []
        page.begin_session("later", camera=True, now=EVENING)
        assert len(page.sessions()) == 1


def test_a_reader_that_holds_on_to_the_log_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(keeping, "CHECKPOINT_AT_MOST_S", 0.1)
    monkeypatch.setattr("loosen.journal.database.BUSY_S", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sessions").fetchone()
        assert main(["journal", "delete", "--all", "--yes"]) == 0
        assert "close it and run this again" in capsys.readouterr().err
    assert main(["journal", "delete", "--all", "--yes"]) == 0
    assert traces_of(SECRET, path) == []


def test_one_session_or_those_before_a_day_can_go_alone(path: Path) -> None:
    with Journal.open(path) as journal:
        days = [row.local_date for row in journal.sessions()]
    assert main(["journal", "delete", "6", "--yes"]) == 0
    assert main(["journal", "delete", "--before", days[2], "--yes"]) == 0
    with Journal.open(path) as journal:
        assert [row.local_date for row in journal.sessions()] == days[1:3]
        with journal.using() as db:
            assert db.execute("SELECT count(*) FROM sits WHERE local_date < ?", (days[2],)).fetchone()[0] == 0
            assert db.execute("SELECT count(*) FROM prompts").fetchone()[0] > 0
            assert db.execute("SELECT count(*) FROM reps").fetchone()[0] > 0


def test_before_a_day_plans_replaced_doses_and_what_was_learnt_go_too(path: Path) -> None:
    row = "(uuid, at_utc, local_date, utc_offset_min, routine, exercise, sets, reps, what)"
    with Journal.open(path) as journal:
        routine = journal.sessions(1)[0].routine
        journal.set_setting(f"template.{routine}.a", 1)
        journal.set_setting("template.another.a", 1)
        journal.set_setting("care_read", True)
        with journal.changing() as db:
            db.execute("DELETE FROM doses")
            for n, day in enumerate(("2020-01-01", "2020-01-02")):
                db.execute(
                    f"INSERT INTO doses {row} VALUES (?, ?, ?, 0, ?, 'a', 1, ?, 'own')",
                    (f"u{n}", f"{day}T08:00:00Z", day, routine, n + 1),
                )
        last = journal.sessions(1)[0].local_date
    assert traces_of(SECRET, path)
    assert main(["journal", "delete", "--before", last, "--yes"]) == 0
    with Journal.open(path) as journal, journal.using() as db:
        assert db.execute("SELECT count(*) FROM plans").fetchone()[0] == 0
        assert db.execute("SELECT uuid FROM doses").fetchall() == [("u1",)]
        keys = {key for (key,) in db.execute("SELECT key FROM settings")}
    assert {f"template.{routine}.a", "care_read"} <= keys
    assert "template.another.a" not in keys
    assert traces_of(SECRET, path) == []


def test_another_writer_at_the_vacuum_does_not_make_a_deletion_a_failure(path: Path) -> None:
    with Journal.open(path) as journal, closing(sqlite3.connect(path, isolation_level=None)) as other:
        with journal.changing() as db:
            keeping.delete_all(db)
        other.execute("BEGIN IMMEDIATE")
        with journal.using() as db:
            db.execute("PRAGMA busy_timeout = 50")
            assert keeping.sweep(db) is False
        other.execute("ROLLBACK")
        assert journal.sessions() == ()


@pytest.mark.parametrize(
    "arguments", [[], ["1", "--all"], ["--all", "--before", "2026-01-01"], ["77"], ["--all"]]
)
def test_without_a_clear_wish_and_a_yes_nothing_is_deleted(
    path: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything_in(path)
    assert main(["journal", "delete", *arguments]) == 2
    assert everything_in(path) == before


@pytest.mark.parametrize(("answer", "left"), [("y", 0), ("n", 6), ("", 6)])
def test_deleting_asks_first(
    path: Path, answer: str, left: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return f"{answer}\n"

    monkeypatch.setattr(sys, "stdin", Terminal())
    assert main(["journal", "delete", "--all"]) == (0 if left == 0 else 1)
    assert "everything in the journal? It cannot be undone" in capsys.readouterr().err
    with Journal.open(path) as journal:
        assert len(journal.sessions()) == left


# -- weeks that do not jump --------------------------------------------------------------------------------


def sessions_at(*moments: datetime) -> Journal:
    journal = Journal.in_memory()
    for moment in moments:
        number = journal.begin_session("r", camera=False, now=moment)
        journal.end_session(number, "finished", moment + timedelta(minutes=8))
    return journal


def weeks_of(journal: Journal, first: date, last: date) -> list[int]:
    with journal.using() as db:
        return [n for _, n in days_by_week(read_period(db, first, last))]


@pytest.mark.parametrize("home", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("month", [3, 10, 4, 11])
def test_a_daily_session_makes_seven_days_a_week_whatever_the_clocks_do(home: str, month: int) -> None:
    zone, first = ZoneInfo(home), date(2026, month, 2)
    first -= timedelta(days=first.weekday())
    moments = [
        datetime(day.year, day.month, day.day, hour, 30, tzinfo=zone)
        for n in range(35)
        for day in [first + timedelta(days=n)]
        for hour in [(0, 23, 2)[n % 3]]
    ]
    journal = sessions_at(*moments)
    assert weeks_of(journal, first, first + timedelta(days=34)) == [7] * 5
    with journal.using() as db:
        period = read_period(db, first, first + timedelta(days=34))
    # A time that the change of the clocks leaves out comes back as the same moment, an hour on.
    assert [session.started.astimezone(UTC) for session in period.sessions] == sorted(
        moment.astimezone(UTC) for moment in moments
    )


def test_a_trip_round_the_world_moves_no_session_to_another_day() -> None:
    homes = ("Europe/Berlin", "Asia/Tokyo", "Pacific/Kiritimati", "Pacific/Honolulu", "Europe/Berlin")
    first = date(2026, 6, 1)
    moments = [datetime(2026, 6, 1 + n, 7, 0, tzinfo=ZoneInfo(homes[n % len(homes)])) for n in range(14)]
    journal = sessions_at(*moments)
    assert weeks_of(journal, first, first + timedelta(days=13)) == [7, 7]
    assert {row.local_date for row in journal.sessions()} == {moment.date().isoformat() for moment in moments}


def test_the_weeks_are_the_same_wherever_one_looks_at_them(tmp_path: Path) -> None:
    script = (
        "import sys; from datetime import date; from pathlib import Path\n"
        "from loosen.journal.store import Journal; from loosen.journal.period import read_period\n"
        "from loosen.journal.report import days_by_week\n"
        "j = Journal.open(Path(sys.argv[1]))\n"
        "with j.using() as db: print(days_by_week(read_period(db, date(2026, 10, 1), date(2026, 11, 30))))"
    )
    place = tmp_path / "journal.db"
    with Journal.open(place) as journal:
        fill(journal, made_up(20))
    told = {
        subprocess.run(
            [sys.executable, "-c", script, str(place)],
            env={"TZ": zone, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone in ("UTC", "Pacific/Kiritimati", "Pacific/Honolulu")
    }
    assert len(told) == 1


# -- the made-up journal -----------------------------------------------------------------------------------


def test_the_same_seed_makes_up_the_same_journal() -> None:
    one, same, other = (Journal.in_memory() for _ in range(3))
    for journal, seed in ((one, 1), (same, 1), (other, 2)):
        fill(journal, made_up(5, seed=seed))
    assert as_export(one) == as_export(same) != as_export(other)


def test_a_demo_with_a_history_leaves_the_real_journal_alone(path: Path) -> None:
    before = path.read_bytes()
    parts = real_parts(builtin(), journal=path, demo=True, made_up=9)
    rows = parts.keeper.soon(lambda journal: (journal.path, len(journal.sessions()))).result()
    assert rows == (None, 9)
    assert parts.made_up
    parts.keeper.soon(lambda journal: journal.close()).result()
    assert path.read_bytes() == before


def test_a_made_up_journal_takes_less_than_fifty_kilobytes_a_session(tmp_path: Path) -> None:
    place = tmp_path / "journal.db"
    with Journal.open(place) as journal:
        fill(journal, made_up(40))
        with journal.using() as db:
            keeping.sweep(db)
    assert place.stat().st_size < 40 * 50_000


def test_a_refused_number_is_said_plainly(path: Path) -> None:
    with Journal.open(path) as journal, pytest.raises(JournalError):
        journal.session(10**30)


def test_an_export_is_of_one_moment_while_another_process_writes(path: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, str(WRITER), str(path), "busy", "80"], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        assert main(["journal", "export", str(tmp_path / "e.json")]) == 0
        told = writer.communicate()[0].splitlines()
    assert len(told) == 79
    new = tmp_path / "new.db"
    assert main(["journal", "import", "--journal", str(new), str(tmp_path / "e.json")]) == 0
    with Journal.open(new) as journal:
        busy = journal.session(next(row.id for row in journal.sessions() if row.routine == "busy"))
    assert [done.rep.start_s / 8 for done in busy.reps] == list(range(len(busy.reps)))


@pytest.mark.parametrize(
    "kind", ["--as csv", "--as csv --table sits", "--as fhir", "--no-signals", "--schema"]
)
def test_every_kind_of_export_goes_to_the_terminal_too(
    path: Path, kind: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["journal", "export", *kind.split()]) == 0
    assert len(capfdbinary.readouterr().out) > 500
