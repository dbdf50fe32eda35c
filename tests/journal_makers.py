"""Repetitions for the journal's tests. Light: a process that is killed a hundred times imports it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from loosen.coach.counting.report import Measure, Rep
from loosen.journal.store import queries
from loosen.journal.store.records import Sit
from loosen.journal.store.sits import Sits

BERLIN = timezone(timedelta(hours=1))
EVENING = datetime(2026, 11, 22, 20, 15, 0, tzinfo=BERLIN)


def rep_done(
    number: int = 0, *, exercise: str = "back-arches", range_deg: float = 20.0, **changes: object
) -> Rep:
    """Return a full repetition, the `number`-th of its set; `changes` to its fields."""
    fields: dict[str, object] = {
        "exercise": exercise,
        "set_number": 1,
        "set_side": "left",
        "start_s": 8.0 * number,
        "peak_s": 8.0 * number + 2.5,
        "end_s": 8.0 * number + 7.0,
        "side": "left",
        "verdict": "full",
        "counted": True,
        "faults": (),
        "reasons": (),
        "signal": None,
        "measures": {"range": Measure(range_deg, "deg", 4.0), "stop_s": Measure(2.0, "s", 0.1)},
    }
    return Rep(**(fields | changes))  # type: ignore[arg-type]


def sits_of(log: Sits) -> tuple[Sit, ...]:
    """Return all sits that the get-up service's log holds."""
    return queries.sits(log._db, "", "~")
