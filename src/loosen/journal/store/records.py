"""The journal's records: what it gives back, and what an export holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Annotated, Literal, NamedTuple

import msgspec

from loosen.coach.counting.report import Count, Number, Rep, Text, Whole
from loosen.coach.guidance.stage import Happened

How = Literal["finished", "stopped"]
Measures = dict[str, tuple[float, str, float]]
"""As a repetition's measures are kept: value, unit and half a 95% interval, by name."""


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One session in a list.

    `started` and `ended` carry the local time of where it was done. `ended` is None and `how` "stopped" if
    loosen was ended in the middle; `minutes` then reaches to the last thing that was kept. `counted` of
    `attempts` repetitions; `hurt`: "this hurts" was said.
    """

    id: int
    uuid: str
    started: datetime
    ended: datetime | None
    local_date: str
    how: How
    routine: str
    camera: bool
    minutes: float
    attempts: int
    counted: int
    hurt: bool = False


class Named(NamedTuple):
    """What a session is named by, also one that cannot be read: `when` is its local start, or what stands there."""

    id: int
    local_date: str
    when: str
    attempts: int


class Rating(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer to a question of the session, from 0 to 10; `value` is None for "rather not say"."""

    question: Text
    value: Whole | None
    t_s: Number


_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?Z$"

Key = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Utc = Annotated[str, msgspec.Meta(pattern=_TIME)]
LocalDate = Annotated[str, msgspec.Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
OffsetMin = Annotated[int, msgspec.Meta(ge=-900, le=900)]


class SessionRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One session whole. `local_date` and `utc_offset_min` are those of where it was done."""

    uuid: Key
    started_utc: Utc
    local_date: LocalDate
    utc_offset_min: OffsetMin
    ended_utc: Utc | None
    how: How | None
    routine: Text
    camera: bool
    answers: Annotated[tuple[Rating, ...], msgspec.Meta(max_length=1000)]
    reps: Annotated[tuple[Rep, ...], msgspec.Meta(max_length=20_000)]
    events: Annotated[tuple[Happened, ...], msgspec.Meta(max_length=20_000)]


class Prompt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A prompt to get up. `outcome` is None while it is open, `snoozes` how often it was put off."""

    uuid: Key
    at_utc: Utc
    sat_s: Number
    why: Literal["pause", "latest", "after-call", "second"]
    exercise: Text | None
    snoozes: Count
    outcome: Literal["confirmed", "away", "said", "missed"] | None
    outcome_utc: Utc | None

    @property
    def answered(self) -> bool:
        """Whether the person got up, or said so."""
        return self.outcome in ("confirmed", "away", "said")


class Sit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An unbroken stretch of sitting, of `seconds` up to `last_utc`. `ending` is None while it goes on."""

    uuid: Key
    started_utc: Utc
    local_date: LocalDate
    utc_offset_min: OffsetMin
    last_utc: Utc
    seconds: Number
    ending: Literal["up", "away", "paused"] | None
    prompts: Annotated[tuple[Prompt, ...], msgspec.Meta(max_length=1000)]

    def local(self, utc: str) -> datetime:
        """Return a moment of the sit, such as `started_utc`, in the local time of where it was."""
        return datetime.fromisoformat(utc).astimezone(timezone(timedelta(minutes=self.utc_offset_min)))


class ExerciseRow(msgspec.Struct, frozen=True, kw_only=True):
    """One exercise of a session in a line.

    `verdicts`: how many attempts had each. `range_best` with `range_plus_minus` in `range_unit` is the
    largest range among the counted repetitions, `stop_s` their middle one; None where nothing was measured.
    """

    exercise: str
    attempts: int
    counted: int
    verdicts: dict[str, int]
    range_best: float | None = None
    range_plus_minus: float | None = None
    range_unit: str = ""
    stop_s: float | None = None
    faults: dict[str, int] = {}


class SessionDetail(msgspec.Struct, frozen=True):
    """A session whole, in the order in which things happened."""

    session: SessionRow
    answers: tuple[Rating, ...]
    exercises: tuple[ExerciseRow, ...]
    reps: tuple[Rep, ...]
    events: tuple[Happened, ...]


class Part(NamedTuple):
    """What was done of an exercise: what was seen of it, or how many were `led` by voice; `hurt`: it was said to."""

    exercise: str
    seen: ExerciseRow | None
    led: int
    hurt: bool


def parts(detail: SessionDetail) -> list[Part]:
    """Return a session's exercises in the order in which they were begun."""
    hurt = {event.exercise for event in detail.events if event.what == "hurt"}
    # "exercise-ended" tells how many were done, seen or led by voice; who went back to it did it again.
    led = {
        event.exercise: event.value or 0 for event in detail.events if event.what in ("led", "exercise-ended")
    }
    seen = {it.exercise: it for it in detail.exercises}
    begun = [event.exercise for event in detail.events if event.what == "exercise-begun" and event.exercise]
    return [
        Part(exercise, seen.get(exercise), led.get(exercise, 0), exercise in hurt)
        for exercise in dict.fromkeys([*begun, *seen])
    ]


def by_exercise(reps: tuple[Rep, ...]) -> tuple[ExerciseRow, ...]:
    """Sum up repetitions for each exercise, in the order of their first appearance."""
    groups: dict[str, list[Rep]] = {}
    for rep in reps:
        groups.setdefault(rep.exercise, []).append(rep)
    return tuple(_row(exercise, group) for exercise, group in groups.items())


def _row(exercise: str, reps: list[Rep]) -> ExerciseRow:
    counted = [rep for rep in reps if rep.counted]
    ranges = [rep.measures["range"] for rep in counted if "range" in rep.measures]
    stops = sorted(rep.measures["stop_s"].value for rep in counted if "stop_s" in rep.measures)
    best = max(ranges, key=lambda measure: measure.value, default=None)
    return ExerciseRow(
        exercise=exercise,
        attempts=len(reps),
        counted=len(counted),
        verdicts=_tally(rep.verdict for rep in reps),
        range_best=best.value if best else None,
        range_plus_minus=best.plus_minus if best else None,
        range_unit=best.unit if best else "",
        stop_s=stops[len(stops) // 2] if stops else None,
        faults=_tally(fault for rep in reps for fault in rep.faults),
    )


def _tally(words: Iterable[str]) -> dict[str, int]:
    return dict(Counter(words).most_common())
