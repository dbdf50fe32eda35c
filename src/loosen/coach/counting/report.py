"""What the coach says of a recording or a set: repetitions with measures and a verdict."""

from __future__ import annotations

from collections.abc import Iterator
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


MEASURES = (
    "range", "stop_s", "still_s", "out_s", "back_s", "smoothness_out", "smoothness_back", "range_left",
    "range_right", "left_right", "unlike_own",
)  # fmt: skip
"""Every measure that a repetition may have (docs/signals.md)."""


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
    """All that was seen of one exercise in one recording.

    `also`: how many repetitions of the routine's other exercises were counted in it, by id. `broken_at_s`: the time
    from which on the recording could not be read.
    """

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
    also: dict[str, int] = {}
    broken_at_s: float | None = None


def report_json(report: Report) -> dict[str, Any]:
    """Return a report as `loosen watch --json` prints it: what is said elsewhere as well is left out."""
    whole: dict[str, Any] = msgspec.to_builtins(report)
    del whole["also"], whole["broken_at_s"]
    for rep in whole["reps"]:
        del rep["counted"]
    return whole


def rows(report: Report) -> Iterator[dict[str, Any]]:
    """Yield a flat row for each repetition: the report's input and exercise, the repetition's fields, its measures."""
    for number, rep in enumerate(report.reps, 1):
        fields = msgspec.to_builtins(rep)
        measures = fields.pop("measures")
        row = {"input": report.input, "exercise": report.exercise, "number": number} | fields
        for name in MEASURES:
            measure = measures.get(name) or {"value": None, "plus_minus": None}
            row |= {name: measure["value"], f"{name}_plus_minus": measure["plus_minus"]}
        yield row | {"range_unit": rep.measures["range"].unit}
