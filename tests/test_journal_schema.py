"""An old journal is brought up to date, whole or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from journal_makers import EVENING, rep_done

from loosen.coach.guidance.stage import Happened
from loosen.errors import JournalError
from loosen.journal.store import database, schema, statements
from loosen.journal.store.journal import Journal
from loosen.journal.store.moments import stamp
from loosen.journal.store.records import Rating
from loosen.journal.transfer import backup

FIRST = Path(__file__).parent / "fixtures" / "journal-v1.sql"


@pytest.fixture
def first_version(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(FIRST.read_text("utf-8"))
    return path


def test_a_journal_of_the_first_loosen_can_still_be_read(first_version: Path) -> None:
    with Journal.open(first_version) as journal:
        assert [(row.id, row.how, row.minutes) for row in journal.sessions()] == [
            (2, "stopped", 0.0),
            (1, "finished", 8.5),
        ]
        detail = journal.session(1)
        assert [(answer.question, answer.value) for answer in detail.answers] == [
            ("soreness-before", 6),
            ("soreness-after", None),
        ]
        assert detail.reps[0].measures["range"].value == 21.5
        assert detail.events[0].what == "exercise-begun"
        assert journal.get_setting("care_read") is True
    with closing(sqlite3.connect(first_version)) as db:
        assert schema.version_of(db) == schema.newest()


def test_the_next_version_keeps_every_row(first_version: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    added = "ALTER TABLE sessions ADD COLUMN mood TEXT;\nUPDATE sessions SET mood = 'fine; thanks';\n"
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, added))
    with Journal.open(first_version) as journal:
        assert [row.id for row in journal.sessions()] == [2, 1]
        assert len(journal.session(1).reps) == 1
    with closing(sqlite3.connect(first_version)) as db:
        assert schema.version_of(db) == schema.newest()
        assert db.execute("SELECT DISTINCT mood FROM sessions").fetchall() == [("fine; thanks",)]


def test_a_step_that_fails_in_the_middle_changes_nothing(first_version: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = "ALTER TABLE sessions ADD COLUMN mood TEXT;\nINSERT INTO nowhere VALUES (1);\n"
    released = schema.MIGRATIONS
    monkeypatch.setattr(schema, "MIGRATIONS", (*released, broken))
    with pytest.raises(JournalError, match="nowhere"):
        Journal.open(first_version)
    monkeypatch.setattr(schema, "MIGRATIONS", released)
    with Journal.open(first_version) as journal:
        assert len(journal.sessions()) == 2
    with closing(sqlite3.connect(first_version)) as db:
        assert "mood" not in str(db.execute("SELECT sql FROM sqlite_master").fetchall())


def test_a_new_journal_and_an_old_one_brought_up_to_date_have_the_same_columns(
    first_version: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new.db"
    for path in (first_version, new):
        Journal.open(path).close()

    def columns(path: Path) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(path)) as db:
            return db.execute(
                "SELECT m.name, c.name, c.type, c.pk FROM sqlite_master m, pragma_table_info(m.name) c"
                " WHERE m.type = 'table' ORDER BY m.name, c.cid"
            ).fetchall()

    assert columns(first_version) == columns(new)


@pytest.mark.parametrize("version", range(1, schema.newest()))
def test_from_every_version_on_nothing_is_lost_and_no_number_given_twice(path: Path, version: int) -> None:
    with closing(database.connect(str(path))) as db:
        schema.migrate(db, schema.MIGRATIONS[:version])
        for number in (1, 2, 5):
            begun = stamp(EVENING, "started_utc", f"u{number}") | {"id": number, "routine": "r", "camera": True}
            db.execute(*statements.insert("sessions", begun))
            db.execute(*statements.rep(f"u{number}", rep_done()))
            db.execute(*statements.answer(f"u{number}", Rating("soreness-before", number, 1.0)))
            db.execute(*statements.event(f"u{number}", Happened(2.0, "hurt", "back-arches")))
    with Journal.open(path) as journal, journal.changing() as db:
        assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        for number in (1, 2, 5):
            detail = journal.session(number)
            assert (len(detail.reps), len(detail.events)) == (1, 1)
            assert detail.answers[0].value == number
        backup.delete(db, [5])
        assert db.execute("SELECT count(*) FROM reps").fetchone()[0] == 2
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    with Journal.open(path) as journal:
        assert journal.session(journal.begin_session("r", camera=True, now=EVENING)).id == 6
