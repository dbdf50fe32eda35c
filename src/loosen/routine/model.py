"""The routine: what a trainer writes in a file, as typed data.

Everything that is known of a movement stands here: the words, the dose, the tempo, the key poses that the
figure moves through, the signal that counts it, and the faults. See ``docs/routine-format.md``. A class has the name
of its table; its docstring is the description in the JSON Schema.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from loosen.routine.fields import (
    During,
    Id,
    LeftRight,
    Plane,
    PlaneOrAny,
    Reps,
    RequiredText,
    Seconds,
    Sets,
    Span,
    Table,
)
from loosen.routine.poses import Figure


class Source(Table, frozen=True, kw_only=True):
    """Where the routine comes from."""

    author: RequiredText
    title: RequiredText
    note: str = ""


class Dose(Table, frozen=True, kw_only=True):
    """How much. `sides`: "each" side gets `reps`, or both sides work "together".

    `order` for "each": finish one side, then turn round ("in-turn"), or change with each repetition
    ("alternating"). `most_sets` and `most_reps` bound what a person may set for himself.
    """

    sets: Sets
    reps: Reps
    sides: Literal["each", "together"]
    order: Literal["in-turn", "alternating"] = "in-turn"
    rest_s: Seconds = 10.0
    most_sets: Sets | None = None
    most_reps: Reps | None = None

    @property
    def bounds(self) -> tuple[int, int]:
        """The most sets and repetitions that a person may set: 3 and 15, unless the file says otherwise."""
        return self.most_sets or max(3, self.sets), self.most_reps or max(15, self.reps)

    @property
    def alternating(self) -> bool:
        """Whether the sides change with each repetition."""
        return self.sides == "each" and self.order == "alternating"

    @property
    def set_reps(self) -> int:
        """How many repetitions a set has, on both sides."""
        return self.reps * (2 if self.sides == "each" else 1)

    @property
    def total(self) -> int:
        """How many repetitions in all."""
        return self.sets * self.set_reps


class NextDose(Table, frozen=True, kw_only=True):
    """A dose that may be offered next."""

    sets: Sets
    reps: Reps


class Progression(Table, frozen=True, kw_only=True):
    """When one of `steps` may be offered: after weeks of sessions that were whole and comfortable.

    At least `after_weeks` (never less than two) and `sessions` since the first session, the last change of the dose and
    the last "this hurts". A session is whole when the dose was done with a `full_share` of full repetitions, and
    comfortable when soreness afterwards was at most `soreness_at_most` and had risen by less than `rise_under`.
    """

    steps: Annotated[tuple[NextDose, ...], msgspec.Meta(min_length=1, max_length=10)]
    after_weeks: Annotated[int, msgspec.Meta(ge=2, le=52)] = 2
    sessions: Annotated[int, msgspec.Meta(ge=3, le=60)] = 6
    full_share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.8
    soreness_at_most: Annotated[int, msgspec.Meta(ge=0, le=4)] = 4
    rise_under: Annotated[int, msgspec.Meta(ge=1, le=2)] = 2


class Tempo(Table, frozen=True, kw_only=True):
    """Seconds for each phase: a range for out and back, and the length of the stop.

    A stop is credited from `credited_from_s`.
    """

    out_s: Span
    stop_s: Seconds
    back_s: Span
    credited_from_s: Seconds = 1.0

    @property
    def durations_s(self) -> dict[Literal["out", "stop", "back"], float]:
        """How long each phase takes, at the middle of its range."""
        return {"out": sum(self.out_s) / 2, "stop": self.stop_s, "back": sum(self.back_s) / 2}


class PhaseWords(Table, frozen=True, kw_only=True):
    """What is shown and said in each phase.

    Where sides alternate, `out_left`, `out_right`, `back_left` and `back_right` are said in place of `out` and `back`
    for a repetition of that side, and `side_left` and `side_right` are the label beside the count.
    """

    out: RequiredText
    stop: RequiredText
    back: RequiredText
    home: str = ""
    out_left: str = ""
    out_right: str = ""
    back_left: str = ""
    back_right: str = ""
    side_left: str = ""
    side_right: str = ""


class Condition(Table, frozen=True, kw_only=True):
    """A statement on a signal over a phase of one repetition.

    `measure` is the signal's "peak", "lowest" or "mean" value, its "change" from the phase's first to its last
    value, its "spread" (highest less lowest), its "speed" (largest rate per second), or "seconds" (how long the
    phase lasts; no signal needed). `relative_to` "baseline" subtracts the person's own standing value. Exactly one
    of `over` and `under`.
    """

    measure: Literal["peak", "lowest", "mean", "change", "spread", "speed", "seconds"]
    signal: str = ""
    during: During = "rep"
    over: float | None = None
    under: float | None = None
    relative_to: Literal["zero", "baseline"] = "zero"

    def met(self, value: float) -> bool:
        """Tell whether a measured value fulfils the condition; NaN never does."""
        return value > self.over if self.over is not None else value < (self.under or 0.0)


class Need(Table, frozen=True, kw_only=True):
    """A condition that a repetition must meet besides its own signal.

    Where it is not met, `otherwise` says what the movement was: "shallow" (an attempt, named, not counted) or
    "not-a-rep" (something else: nothing is said). `unless_asked`: who was asked for the movement, and
    does it in its usual size, need not meet it.
    """

    when: Condition
    otherwise: Literal["shallow", "not-a-rep"]
    reason: str = ""
    unless_asked: bool = False


class Fault(Table, frozen=True, kw_only=True):
    """Something that goes wrong, the cue that helps, and what the fault makes of the repetition, if anything.

    The order in the file is the order of importance. In a set a cue is said twice at most, the second time as
    `cue_again`. `asks_more`: the cue asks for more range, and is not said to somebody who is sore. `offered`: the cue
    is said once, as an offer.
    """

    id: Id
    when: Condition
    cue: RequiredText
    reason: RequiredText
    cue_again: str = ""
    asks_more: bool = False
    offered: bool = False
    verdict: Literal["rushed", "shallow", "no-stop"] | None = None


class Full(Table, frozen=True, kw_only=True):
    """When a repetition is full.

    `at_least` in the signal's unit. Once the person's own range is known, `own_minus` also accepts his best less
    that much, and `own_share` asks for that share of his best instead of `at_least`. `never_urge_past`: a
    range beyond it is not asked for, whatever the person's best.
    """

    at_least: float
    own_minus: float | None = None
    own_share: Annotated[float, msgspec.Meta(gt=0, le=1)] | None = None
    never_urge_past: float | None = None


class SideRule(Table, frozen=True, kw_only=True):
    """Which side a repetition belongs to, by the sign of a signal's mean during the stop.

    Within `even_within` of 0 it belongs to both.
    """

    signal: str
    positive: LeftRight
    even_within: Annotated[float, msgspec.Meta(ge=0)] = 0.0


class Seen(Table, frozen=True, kw_only=True):
    """How the camera sees the movement and what counts as one repetition.

    `view` "any": it can be measured from wherever it is seen; then only signals of every plane may be named.
    `whole` "back": only the way back makes a repetition (rising from a chair, where a recording may begin seated).
    `also`: a second signal whose largest value, relative to the baseline, is reported with the range.
    """

    view: PlaneOrAny
    whole: Literal["rep", "back"] = "rep"
    signal: str
    counts_at: float
    full: Full
    relative_to: Literal["zero", "baseline"] = "baseline"
    needs: tuple[Need, ...] = ()
    side: SideRule | None = None
    start: tuple[Condition, ...] = ()
    also: str = ""

    @property
    def shown(self) -> Plane:
        """The view in which the figure is shown."""
        return "side" if self.view == "any" else self.view


class Variant(Table, frozen=True, kw_only=True):
    """Another way of doing an exercise, such as seated or with one arm.

    What it does not say is as in the exercise. `offer` says in a few words whom it suits.
    """

    id: Id
    title: RequiredText
    offer: RequiredText
    how: Annotated[tuple[RequiredText, ...], msgspec.Meta(min_length=1, max_length=3)] | None = None
    words: PhaseWords | None = None
    tempo: Tempo | None = None
    dose: Dose | None = None
    seen: Seen | None = None
    figure: Figure | None = None
    faults: tuple[Fault, ...] | None = None
    care: str | None = None


class Exercise(Table, frozen=True, kw_only=True):
    """One movement of the routine.

    `looks_like` names exercises of the file that a camera cannot tell from this one; the proof leaves them out.
    `family`: the kinds of movement it belongs to, such as "extension"; when one of a family hurt, the others are asked
    about too.
    """

    id: Id
    title: RequiredText
    how: Annotated[tuple[RequiredText, ...], msgspec.Meta(min_length=1, max_length=3)]
    purpose: RequiredText
    manner: RequiredText
    intensity: Literal["light", "moderate", "strong"]
    dose: Dose
    tempo: Tempo
    words: PhaseWords
    seen: Seen
    figure: Figure
    faults: tuple[Fault, ...] = ()
    progression: Progression | None = None
    care: str = ""
    field_name: str = ""
    praise: str = ""
    get_up: bool = False
    looks_like: tuple[Id, ...] = ()
    family: tuple[Id, ...] = ()
    variants: tuple[Variant, ...] = ()
    note: str = ""

    @property
    def base_id(self) -> str:
        """The id of the exercise that this is, or is a variant of."""
        return self.id.partition(".")[0]

    def varied(self, variant_id: str) -> Exercise:
        """Return the exercise as this variant has it; its id is "exercise.variant". KeyError if there is none."""
        variant = {variant.id: variant for variant in self.variants}[variant_id]
        own = {name: getattr(variant, name) for name in VARIED}
        changed = {name: value for name, value in own.items() if value is not None}
        return msgspec.structs.replace(self, id=f"{self.id}.{variant_id}", variants=(), **changed)


VARIED = ("title", "how", "words", "tempo", "dose", "seen", "figure", "faults", "care")
"""What a variant may have of its own."""


class GetUp(Table, frozen=True, kw_only=True):
    """The routine's rule for getting up: a window in minutes of unbroken sitting.

    `walk` is the offer of a short walk, beside the `movements`.
    """

    id: Id = "get-up"
    title: RequiredText
    after_min: Annotated[float, msgspec.Meta(ge=1, le=240)]
    latest_min: Annotated[float, msgspec.Meta(ge=1, le=240)]
    text: RequiredText
    movements: tuple[Id, ...] = ()
    walk: str = ""


class FirstLook(Table, frozen=True, kw_only=True):
    """A look at how a kind of movement does before it is first done: `reps` small ones, then a question.

    Who says "worse" or "spreading" is not led through exercises of this `family` for `again_after_days`.
    """

    family: Id
    reps: Annotated[int, msgspec.Meta(ge=1, le=5)] = 2
    again_after_days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 14


class Care(Table, frozen=True, kw_only=True):
    """What a person should read once before the first session."""

    first: Annotated[tuple[RequiredText, ...], msgspec.Meta(min_length=1)]
    emergency: tuple[RequiredText, ...] = ()
    soon: tuple[RequiredText, ...] = ()
    stop: tuple[RequiredText, ...] = ()
    always: RequiredText


class Routine(Table, frozen=True, kw_only=True):
    """A whole routine file."""

    format: Literal[1]
    id: Id
    title: RequiredText
    language: Annotated[str, msgspec.Meta(pattern="^[a-z]{2}$")] = "en"
    source: Source
    care: Care
    exercises: Annotated[tuple[Exercise, ...], msgspec.Meta(min_length=1, max_length=40)]
    get_up: GetUp | None = None
    first_look: FirstLook | None = None

    def exercise(self, exercise_id: str) -> Exercise:
        """Return the exercise with this id, or its variant ("exercise.variant"); KeyError if there is none."""
        known = {exercise.id: exercise for exercise in self.exercises}
        if exercise_id in known:  # a variant, too, where it has taken its exercise's place
            return known[exercise_id]
        base, _, variant = exercise_id.partition(".")
        return known[base].varied(variant)

    def all_exercises(self) -> tuple[Exercise, ...]:
        """Return every exercise, each followed by its variants."""
        return tuple(
            one
            for exercise in self.exercises
            for one in (exercise, *(exercise.varied(variant.id) for variant in exercise.variants))
        )
