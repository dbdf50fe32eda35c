"""The journal as a file that other programs can read and loosen can take back: its JSON, version 1.

Documented in docs/journal.md; `loosen journal export --schema` prints the JSON Schema.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from loosen.coach.counting.report import Side, Verdict
from loosen.journal.outcomes.plans import CUE_AT_MOST, Part

FORMAT: Literal["loosen-journal"] = "loosen-journal"
VERSION: Literal[1] = 1

_INT32 = 2**31 - 1
_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?Z$"

Text = Annotated[str, msgspec.Meta(max_length=400)]
Key = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Utc = Annotated[str, msgspec.Meta(pattern=_TIME)]
Day = Annotated[str, msgspec.Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
OffsetMin = Annotated[int, msgspec.Meta(ge=-900, le=900)]
Number = Annotated[float, msgspec.Meta(ge=-1e12, le=1e12)]
Whole = Annotated[int, msgspec.Meta(ge=-_INT32, le=_INT32)]
Count = Annotated[int, msgspec.Meta(ge=0, le=_INT32)]
Texts = Annotated[tuple[Text, ...], msgspec.Meta(max_length=100)]
Points = Annotated[tuple[Whole | None, ...], msgspec.Meta(max_length=20_000)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unknown keys are refused; values are checked on reading."""


class MeasureOut(_Part, frozen=True, kw_only=True):
    """A measure: `plus_minus` is half of a 95% interval."""

    value: Number
    unit: Text
    plus_minus: Number


class SignalOut(_Part, frozen=True, kw_only=True):
    """A repetition's signal: times in ms from its start, values in thousandths of the unit, null where unknown.

    `stop_s`: from when to when it stood still. `target`: from what value on it was full.
    """

    signal: Text
    unit: Text
    stop_s: tuple[Number, Number] | None
    target: Number
    t_ms: Points
    thousandths: Points


class RepOut(_Part, frozen=True, kw_only=True):
    """One attempt at a repetition; times in seconds on the session's clock."""

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
    measures: Annotated[dict[Text, MeasureOut], msgspec.Meta(max_length=100)]
    signal: SignalOut | None


class AnswerOut(_Part, frozen=True, kw_only=True):
    """An answer; null is "rather not say"."""

    question: Text
    value: Whole | None
    t_s: Number


class EventOut(_Part, frozen=True, kw_only=True):
    """Anything else that happened."""

    t_s: Number
    what: Text
    exercise: Text | None
    detail: Text
    value: Whole | None


class SessionOut(_Part, frozen=True, kw_only=True):
    """One session. `local_date` and `utc_offset_min` are those of where it was done."""

    uuid: Key
    started_utc: Utc
    local_date: Day
    utc_offset_min: OffsetMin
    ended_utc: Utc | None
    how: Literal["finished", "stopped"] | None
    routine: Text
    camera: bool
    answers: Annotated[tuple[AnswerOut, ...], msgspec.Meta(max_length=1000)]
    reps: Annotated[tuple[RepOut, ...], msgspec.Meta(max_length=20_000)]
    events: Annotated[tuple[EventOut, ...], msgspec.Meta(max_length=20_000)]


class PromptOut(_Part, frozen=True, kw_only=True):
    """A prompt to get up, and what came of it."""

    uuid: Key
    at_utc: Utc
    sat_s: Number
    why: Literal["pause", "latest", "after-call", "second"]
    exercise: Text | None
    snoozes: Count
    outcome: Literal["confirmed", "away", "said", "missed"] | None
    outcome_utc: Utc | None


class SitOut(_Part, frozen=True, kw_only=True):
    """An unbroken stretch of sitting."""

    uuid: Key
    started_utc: Utc
    local_date: Day
    utc_offset_min: OffsetMin
    last_utc: Utc
    seconds: Number
    ending: Literal["up", "away", "paused"] | None
    prompts: Annotated[tuple[PromptOut, ...], msgspec.Meta(max_length=1000)]


class DoseOut(_Part, frozen=True, kw_only=True):
    """A dose that the person set, or his answer to one that was offered."""

    uuid: Key
    at_utc: Utc
    local_date: Day
    utc_offset_min: OffsetMin
    routine: Text
    exercise: Text
    sets: Annotated[int, msgspec.Meta(ge=1, le=10)]
    reps: Annotated[int, msgspec.Meta(ge=1, le=50)]
    what: Literal["own", "yes", "no", "later"]


class PlanOut(_Part, frozen=True, kw_only=True):
    """What was said about an if-then plan."""

    uuid: Key
    at_utc: Utc
    local_date: Day
    utc_offset_min: OffsetMin
    what: Literal["made", "declined", "dropped"]
    cue: Annotated[str, msgspec.Meta(max_length=CUE_AT_MOST)]
    part: Part


class Head(msgspec.Struct, frozen=True):
    """What is read first: whether the rest can be."""

    format: str
    version: int


class JournalFile(_Part, frozen=True, kw_only=True):
    """The whole file. `settings`: what loosen remembers, by key, each any small JSON value (left undecoded here)."""

    format: Literal["loosen-journal"]
    version: Literal[1]
    made_utc: Utc
    made_by: Text
    sessions: tuple[SessionOut, ...]
    sits: tuple[SitOut, ...]
    doses: tuple[DoseOut, ...]
    plans: tuple[PlanOut, ...]
    settings: Annotated[dict[Text, msgspec.Raw], msgspec.Meta(max_length=1000)]


class Contents(NamedTuple):
    """What is taken in, whatever kind of file it came from."""

    sessions: Iterable[SessionOut]
    sits: Iterable[SitOut]
    doses: Iterable[DoseOut]
    plans: Iterable[PlanOut]
    settings: dict[str, Any]


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "loosen journal",
    } | msgspec.json.schema(JournalFile)
