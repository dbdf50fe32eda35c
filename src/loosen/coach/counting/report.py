"""What the coach says of a recording or a set: repetitions with measures and a verdict."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from loosen.body.signal_catalogue import Facing, View

Side = Literal["left", "right", "both"]
Verdict = Literal["full", "shallow", "rushed", "no-stop", "partial"]


class Measure(msgspec.Struct, frozen=True):
    """A measured value, its unit, and the half-width of its 95% interval in the same unit."""

    value: float
    unit: str
    plus_minus: float


class Rep(msgspec.Struct, frozen=True):
    """One attempt at a repetition; times are the frames' timestamps in seconds.

    `counted`: it was complete and reached the exercise's `counts_at`, whatever the verdict.
    `faults`: ids of the routine file's faults. `reasons`: the verdict and faults in words.
    """

    start_s: float
    peak_s: float
    end_s: float
    side: Side
    verdict: Verdict
    counted: bool
    faults: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    measures: dict[str, Measure] = {}


class Trace(msgspec.Struct, frozen=True):
    """The primary signal of one repetition, for a picture of it: (t_s, value) pairs and where the stop lay."""

    signal: str
    unit: str
    points: tuple[tuple[float, float], ...]
    stop_s: tuple[float, float] | None
    target: float


class Report(msgspec.Struct, frozen=True):
    """All that was seen of one exercise in one recording."""

    input: str
    exercise: str | None
    found_by: Literal["given", "recognised"]
    view: View
    facing: Facing
    duration_s: float
    frames: int
    frames_with_pose: int
    counted: int
    reps: tuple[Rep, ...]


def report_json(report: Report) -> dict[str, Any]:
    """Return a report as it is documented: which of the attempts counted stands in `counted` and in their verdicts."""
    whole: dict[str, Any] = msgspec.to_builtins(report)
    for rep in whole["reps"]:
        del rep["counted"]
    return whole
