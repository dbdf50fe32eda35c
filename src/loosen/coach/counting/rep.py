"""What the coach says of a recording or a set: repetitions with measures and a verdict.

`Rep` is the one record of a repetition: the coach makes it, a session emits it, the journal keeps it, and an export
holds it as it stands here. The bounds in the types are what an import checks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

import msgspec

from loosen.body.signal_catalogue import Facing, View
from loosen.routine.fields import LeftRight

_INT32 = 2**31 - 1

Side = Literal[LeftRight, "both"]
Verdict = Literal["full", "shallow", "rushed", "no-stop", "partial"]
Text = Annotated[str, msgspec.Meta(max_length=400)]
Texts = Annotated[tuple[Text, ...], msgspec.Meta(max_length=100)]
Number = Annotated[float, msgspec.Meta(ge=-1e12, le=1e12)]
Whole = Annotated[int, msgspec.Meta(ge=-_INT32, le=_INT32)]
Count = Annotated[int, msgspec.Meta(ge=0, le=_INT32)]
Series = Annotated[tuple[Whole | None, ...], msgspec.Meta(max_length=20_000)]


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A measured value, its unit, and the half-width of its 95% interval in the same unit."""

    value: Number
    unit: Text
    plus_minus: Number


MEASURES = (
    "range", "stop_s", "still_s", "out_s", "back_s", "smoothness_out", "smoothness_back", "range_left",
    "range_right", "left_right", "unlike_own", "also",
)  # fmt: skip
"""Every measure that a repetition may have (docs/signals.md)."""


class Trace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The primary signal of one repetition: times in ms from its start, values in thousandths of the unit.

    A value is None where it is unknown. `stop_s`: from when to when the person stood still. `target`: the value from
    which on the repetition is full.
    """

    signal: Text
    unit: Text
    stop_s: tuple[Number, Number] | None
    target: Number
    t_ms: Series
    thousandths: Series

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """The signal as (t_s, value) pairs; what is unknown is NaN."""
        series = (self.t_ms, self.thousandths)
        times, values = ([math.nan if one is None else one / 1000 for one in ones] for ones in series)
        return tuple(zip(times, values, strict=True))


def in_thousandths(values: Iterable[float]) -> tuple[int | None, ...]:
    """Return values in whole thousandths of their unit, as a `Trace` holds them; None for what is not finite."""
    return tuple(round(1000 * value) if math.isfinite(value) else None for value in values)


class Rep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One attempt at a repetition; times are the frames' timestamps in seconds.

    `set_number` and `set_side` tell which set it was done in; a recording is one set. `counted`: it was a whole
    repetition, whatever the verdict (docs/routine-format.md, "How counting works"). `faults`: ids of the routine file's
    faults, and the coach's own, "shallow" and "no-stop". `reasons`: the verdict and faults in words. `signal`: what
    was measured while it lasted.
    """

    exercise: Text
    set_number: Count
    set_side: Side
    side: Side
    verdict: Verdict
    counted: bool
    start_s: Number
    peak_s: Number
    end_s: Number
    faults: Texts
    reasons: Texts
    measures: Annotated[dict[Text, Measure], msgspec.Meta(max_length=100)]
    signal: Trace | None


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


REPORTED = ("start_s", "peak_s", "end_s", "side", "verdict", "counted", "faults", "reasons", "measures")
"""A repetition's fields where a report is told: the others are the session's."""


def report_json(report: Report) -> dict[str, Any]:
    """Return a report as `loosen watch --json` prints it: what is said elsewhere as well is left out."""
    whole = plain(report)
    del whole["also"], whole["broken_at_s"]
    for rep in whole["reps"]:
        del rep["counted"]
    return whole


def plain(report: Report) -> dict[str, Any]:
    """Return a report as plain values, without the repetitions' signals."""
    whole: dict[str, Any] = msgspec.to_builtins(report)
    whole["reps"] = [{name: rep[name] for name in REPORTED} for rep in whole["reps"]]
    return whole


def rows(report: Report, missing: float | None = None) -> Iterator[dict[str, Any]]:
    """Yield a flat row for each repetition: the report's input and exercise, the repetition's fields, its measures.

    `missing` stands for a measure that was not taken.
    """
    for number, fields in enumerate(plain(report)["reps"], 1):
        measures = fields.pop("measures")
        row = {"input": report.input, "exercise": report.exercise, "number": number} | fields
        for name in MEASURES:
            measure = measures.get(name)
            row[name] = missing if measure is None else float(measure["value"])
            row[f"{name}_plus_minus"] = missing if measure is None else float(measure["plus_minus"])
        yield row | {"range_unit": measures["range"]["unit"]}
