"""The made-up journal of the demo."""

from __future__ import annotations

from pathlib import Path

import pytest
from journals import (
    as_export,
    fill,
    made_up,
    six_sessions,
)

from loosen.journal import keeping
from loosen.journal.store import Journal
from loosen.page.wiring import real_parts
from loosen.routine.files import builtin


@pytest.fixture
def path(own_home: Path) -> Path:
    """The usual journal of this test's own home, with a few sessions in it."""
    return six_sessions(own_home / "journal.db")


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
