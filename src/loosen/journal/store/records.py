"""The journal's records: what it gives back, and what an export holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from loosen.coach.counting.rep import Count, Number, Rep, Text, Whole
from loosen.coach.counting.result import ExerciseResult, exercise_result
from loosen.coach.guidance.stage import Happened
from loosen.journal.store.moments import local_time

How = Literal["finished", "stopped"]
DoseAnswer = Literal["own", "yes", "no", "later"]
"""A dose set by oneself, or the answer to one that was offered."""
DayPart = Literal["morning", "midday", "afternoon", "evening"]
CUE_AT_MOST = 80
ANSWERED = ("confirmed", "away", "said")
"""The outcomes of a prompt that mean that the person got up, or said so."""
RESULT_EVENTS = ("exercise-begun", "exercise-ended", "led", "hurt")
"""The events that tell what was done of an exercise."""
NEXT_MORNING = "next-morning"
"""The event that tells of the morning after a session; its detail is the answer."""
TOLD_EVENTS = (*RESULT_EVENTS, "hurt-place", "hurt-score", NEXT_MORNING)
"""The events that a period is read for."""
Morning = Literal["better", "same", "worse"]


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One session in a list.

    `started` and `ended` carry the local time of where it was done. `ended` is None and `how` "stopped" if
    loosen was ended in the middle; `minutes` then reaches to the last thing that was kept. `counted` of
    `attempts` repetitions; `hurt`: "this hurts" was said; `gentle`: it was a gentle day.
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
    gentle: bool = False

    @property
    def day(self) -> date:
        """The local date of where it was done."""
        return date.fromisoformat(self.local_date)


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
        return self.outcome in ANSWERED


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
        return local_time(utc, self.utc_offset_min)


class Hurt(msgspec.Struct, frozen=True):
    """Something that hurt: in which exercise, where (back, leg or elsewhere; "" if not told), how much (0 to 10)."""

    exercise: str | None
    place: str = ""
    score: int | None = None


class SessionResult(SessionRow, frozen=True, kw_only=True):
    """One session with what came of it, in the order in which things happened. `morning`: how the next one was.

    Within a `Period` it has no `reps` and `events`: a period is read for what they come to, which is `exercises`.
    """

    answers: tuple[Rating, ...]
    exercises: tuple[ExerciseResult, ...]
    hurts: tuple[Hurt, ...] = ()
    morning: Morning | Literal[""] = ""
    reps: tuple[Rep, ...] = ()
    events: tuple[Happened, ...] = ()

    @property
    def ratings(self) -> dict[str, int]:
        """The answers by question id ("soreness-before"), only those that were given."""
        return {it.question: it.value for it in self.answers if it.value is not None}

    @property
    def active(self) -> bool:
        """Whether anything was done in it."""
        return any(it.attempts or it.done for it in self.exercises)


def exercise_results(reps: Iterable[Rep], events: Iterable[Happened]) -> tuple[ExerciseResult, ...]:
    """Sum up a session's exercises, in the order in which they were begun."""
    tried: dict[str, list[Rep]] = {}
    done: dict[str, int] = {}
    hurt = set()
    for event in events:
        if event.exercise is None or event.what not in RESULT_EVENTS:
            continue
        tried.setdefault(event.exercise, [])
        if event.what in ("led", "exercise-ended"):
            # Both tell how many are done so far, seen or led; who went back to an exercise did it again.
            done[event.exercise] = event.value or 0
        elif event.what == "hurt":
            hurt.add(event.exercise)
    for rep in reps:
        tried.setdefault(rep.exercise, []).append(rep)
    return tuple(
        exercise_result(exercise, those, done=done.get(exercise, 0), hurt=exercise in hurt)
        for exercise, those in tried.items()
    )


def told_of(events: Iterable[Happened]) -> dict[str, Any]:
    """Return what a session's events tell besides what was done: its `hurts`, and how the `morning` after it was."""
    hurts: list[Hurt] = []
    morning = ""
    for event in events:
        if event.what == "hurt":
            hurts.append(Hurt(event.exercise))
        elif event.what == "hurt-place" and hurts:
            hurts[-1] = msgspec.structs.replace(hurts[-1], place=event.detail)
        elif event.what == "hurt-score" and hurts:
            hurts[-1] = msgspec.structs.replace(hurts[-1], score=event.value)
        elif event.what == NEXT_MORNING and event.detail in ("better", "same", "worse"):
            morning = event.detail
    return {"hurts": tuple(hurts), "morning": morning}


class DoseChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dose that the person set ("own"), or the answer to one that was offered."""

    uuid: Key
    at_utc: Utc
    local_date: LocalDate
    utc_offset_min: OffsetMin
    routine: Text
    exercise: Text
    sets: Annotated[int, msgspec.Meta(ge=1, le=10)]
    reps: Annotated[int, msgspec.Meta(ge=1, le=50)]
    what: DoseAnswer

    @property
    def day(self) -> date:
        """The local date on which it was said."""
        return date.fromisoformat(self.local_date)

    @property
    def is_set(self) -> bool:
        """Whether the dose holds from then on."""
        return self.what in ("own", "yes")


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer to the offer of a plan. `cue`: what it comes after, in the person's words; `part` of the day."""

    uuid: Key
    at_utc: Utc
    local_date: LocalDate
    utc_offset_min: OffsetMin
    what: Literal["made", "declined", "dropped"]
    cue: Annotated[str, msgspec.Meta(max_length=CUE_AT_MOST)]
    part: DayPart

    @property
    def day(self) -> date:
        """The local date on which it was said."""
        return date.fromisoformat(self.local_date)
