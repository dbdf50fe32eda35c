"""Several programs at one journal: begun by two at once, set aside under one that has it open."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from loosen.journal import opening, schema


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def test_a_journal_that_another_program_begins_meanwhile_is_not_taken_for_a_strangers(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        only_to_read = opening.only_to_read

        def with_the_other_at_work(path: Path) -> sqlite3.Connection:
            def begun(statement: str) -> None:
                if "sqlite_master" in statement:
                    schema.migrate(other)

            db = only_to_read(path)
            db.set_trace_callback(begun)
            return db

        monkeypatch.setattr(opening, "only_to_read", with_the_other_at_work)
        assert opening.examine(path).state == "new"
        assert schema.version_of(other) == schema.newest()
