"""The journal's file: backed up, exported, moved to another computer."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from journal_makers import with_little_room, writer
from journals import as_export, everything_in, fill, imported_made_up, made_up

from loosen.cli import main
from loosen.errors import JournalError
from loosen.journal.store.journal import Journal
from loosen.journal.transfer import backup

pytestmark = pytest.mark.usefixtures("that_evening")


def test_a_backup_is_one_file_and_a_new_computer_takes_it_in_whole(
    six: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything_in(six)
    assert main(["journal", "backup", str(tmp_path / "b.db")]) == 0
    assert sorted(it.name for it in tmp_path.iterdir() if it.is_file()) == ["b.db"]
    assert (tmp_path / "b.db").stat().st_mode & 0o077 == 0
    new = tmp_path / "new" / "journal.db"
    assert main(["journal", "import", "--journal", str(new), str(tmp_path / "b.db")]) == 0
    assert "6 sessions" in capsys.readouterr().out
    assert everything_in(new) == before
    assert everything_in(tmp_path / "b.db") == before  # it can stand in for the journal itself


def test_a_journal_that_cannot_be_read_is_not_laid_at_the_backups_door(six: Path, tmp_path: Path) -> None:
    with Journal.open(six) as journal, journal.database.open() as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        content = bytearray(six.read_bytes())
        six.write_bytes(content[: len(content) // 2])
        with pytest.raises(JournalError, match=r"^The journal cannot be read \(.*\): see `loosen doctor`$"):
            backup.back_up(db, tmp_path / "b.db")
    assert [it.name for it in tmp_path.iterdir() if it.is_file()] == []


def test_a_disk_without_room_for_the_backup_is_said_in_words(six: Path, tmp_path: Path) -> None:
    done = with_little_room(65536, "journal", "backup", str(tmp_path / "b.db"))
    assert done.stderr == f"loosen: {tmp_path}/b.db cannot be written (the disk cannot be read or written).\n"
    assert done.returncode == 2


def test_a_backup_made_while_others_write_is_whole(six: Path, tmp_path: Path) -> None:
    with writer(six, "busy") as busy:
        assert busy.stdout is not None
        for _ in range(5):
            busy.stdout.readline()
        for n in range(3):
            assert main(["journal", "backup", str(tmp_path / f"{n}.db")]) == 0
        busy.kill()
        told = busy.communicate()[0].splitlines()
    for n in range(3):
        with closing(sqlite3.connect(tmp_path / f"{n}.db")) as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            assert db.execute("SELECT count(*) FROM sessions").fetchone()[0] == 7
    with Journal.open(six) as journal:
        assert len(journal.session(journal.sessions(1)[0].id).reps) >= len(told)


def test_nothing_is_written_over(six: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "there.pdf").write_text("precious")
    for command in (["backup"], ["export"], ["report"]):
        assert main(["journal", *command, str(tmp_path / "there.pdf")]) == 2
        assert "is there already" in capsys.readouterr().err
    assert (tmp_path / "there.pdf").read_text() == "precious"


SPOILED = [
    b"SQLite format 3\x00",
    b"SQLite format 3\x00" + b"\x00" * 5000,
    "PRAGMA application_id = 7",  # another program's
    "UPDATE sessions SET routine = char(27) || '[2Jgone'",
    "UPDATE plans SET cue = 'lunch ' || char(8238)",
    "UPDATE sessions SET utc_offset_min = 100000",
    "UPDATE sessions SET local_date = '2026-02-31'",
    "UPDATE reps SET faults = 'no list'",
    "INSERT OR REPLACE INTO settings VALUES ('care_read', '\"\\u001b[2J\"')",
    "INSERT INTO settings VALUES ('much', '\"' || hex(zeroblob(200000)) || '\"')",
]


@pytest.mark.parametrize("spoil", SPOILED)
def test_a_backup_that_is_damaged_or_not_what_an_export_must_be_is_refused(
    six: Path, tmp_path: Path, spoil: bytes | str
) -> None:
    other, before = tmp_path / "other.db", everything_in(six)
    if isinstance(spoil, bytes):
        other.write_bytes(spoil)
    else:
        with Journal.open(other) as journal:
            fill(journal, made_up(3, seed=9))
            with journal.changing() as db:
                db.execute(spoil)
    content = other.read_bytes()
    assert main(["journal", "import", str(other)]) == 2
    assert everything_in(six) == before
    assert other.read_bytes() == content


def test_importing_while_another_process_writes_loses_nothing(six: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_bytes(as_export(imported_made_up(20, seed=3)))
    with writer(six, "busy", "60") as busy:
        assert main(["journal", "import", str(other)]) == 0
        told = busy.communicate()[0].splitlines()
    assert len(told) == 60
    with Journal.open(six) as journal:
        assert len(journal.sessions()) == 6 + 20 + 1
        assert [row.attempts for row in journal.sessions() if row.routine == "busy"] == [60]


KILLED = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from loosen.journal.transfer.importer import merge, opened
from loosen.journal.store.journal import Journal
now = datetime(2026, 11, 22, 20, tzinfo=UTC)
with opened(Path(sys.argv[2]), now) as contents, Journal.open(Path(sys.argv[1])) as journal, journal.changing() as db:
    print(merge(db, contents).sessions, flush=True)
    time.sleep(60)
"""


def test_an_import_that_is_killed_before_its_end_leaves_the_journal_as_it_was(six: Path, tmp_path: Path) -> None:
    before = everything_in(six)
    other = tmp_path / "other.json"
    other.write_bytes(as_export(imported_made_up(20, seed=3)))
    command = [sys.executable, "-c", KILLED, str(six), str(other)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "20\n"
        killed.kill()
    assert everything_in(six) == before


def test_a_stalled_writer_refuses_a_change_in_one_sentence_and_loses_nothing(
    six: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("loosen.journal.store.database.BUSY_S", 0.05)
    before = everything_in(six)
    with closing(sqlite3.connect(six, isolation_level=None)) as stalled:
        stalled.execute("BEGIN IMMEDIATE")
        assert main(["journal", "delete", "1", "--yes"]) == 1  # for now, not for good
        assert "left as it was" in capsys.readouterr().err
        stalled.execute("ROLLBACK")
    assert everything_in(six) == before


def test_an_export_is_of_one_moment_while_another_process_writes(six: Path, tmp_path: Path) -> None:
    with writer(six, "busy", "80") as busy:
        assert busy.stdout is not None
        busy.stdout.readline()
        assert main(["journal", "export", str(tmp_path / "e.json")]) == 0
        told = busy.stdout.read().splitlines()  # `communicate` would miss what was read with the first line
    assert len(told) == 79
    new = tmp_path / "new.db"
    assert main(["journal", "import", "--journal", str(new), str(tmp_path / "e.json")]) == 0
    with Journal.open(new) as journal:
        kept = journal.session(next(row.id for row in journal.sessions() if row.routine == "busy")).reps
    assert [rep.start_s / 8 for rep in kept] == list(range(len(kept)))


@pytest.mark.parametrize("kind", ["--as csv", "--as csv --table sits", "--as fhir", "--no-signals", "--schema"])
def test_every_kind_of_export_goes_to_the_terminal_too(
    six: Path, kind: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["journal", "export", *kind.split()]) == 0
    assert len(capfdbinary.readouterr().out) > 500
