"""Repetitions for the journal's tests. Light: a process that is killed a hundred times imports it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from loosen.coach.counting.report import Measure, Rep
from loosen.coach.guidance.stage import RepDone

BERLIN = timezone(timedelta(hours=1))
EVENING = datetime(2026, 11, 22, 20, 15, 0, tzinfo=BERLIN)


def rep_done(
    number: int = 0, *, exercise: str = "back-arches", range_deg: float = 20.0, **changes: object
) -> RepDone:
    """Return a full repetition, the `number`-th of its set; `changes` to the Rep's fields."""
    fields: dict[str, object] = {
        "start_s": 8.0 * number,
        "peak_s": 8.0 * number + 2.5,
        "end_s": 8.0 * number + 7.0,
        "side": "left",
        "verdict": "full",
        "counted": True,
        "measures": {"range": Measure(range_deg, "deg", 4.0), "stop_s": Measure(2.0, "s", 0.1)},
    }
    rep = Rep(**(fields | changes))  # type: ignore[arg-type]
    return RepDone(exercise=exercise, set_number=1, set_side="left", rep=rep)
