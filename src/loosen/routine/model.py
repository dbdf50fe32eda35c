"""The routine: what a trainer writes in a file, as typed data.

Everything that is known of a movement stands here: the words, the dose, the tempo, the key poses that the
figure moves through, the signal that counts it, and the faults. See ``docs/routine-format.md``. A class has the name
of its table; its docstring is the description in the JSON Schema.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

RequiredText = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=60)]
Span = tuple[Seconds, Seconds]
Degrees = Annotated[float, msgspec.Meta(ge=-180, le=180)]
LegLengths = Annotated[float, msgspec.Meta(ge=-2, le=2)]
LeftRight = Literal["left", "right"]
Plane = Literal["front", "side"]
"""The view in whose picture plane a movement is shown and measured."""
PlaneOrAny = Literal[Plane, "any"]
Phase = Literal["rest", "out", "stop", "back"]
"""Where in a repetition a person is."""
During = Literal["out", "stop", "back", "rep"]
"""The part of a repetition that a condition is asked of: one phase, or all of it."""
FigurePhase = Literal["start", "out", "stop", "back", "home"]
"""Where in its loop the figure is; "home" brings it back to its place."""
Sets = Annotated[int, msgspec.Meta(ge=1, le=10)]
Reps = Annotated[int, msgspec.Meta(ge=1, le=50)]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a routine file: unknown keys are refused, values are checked on reading."""


class Source(_Strict, frozen=True, kw_only=True):
    """Where the routine comes from."""

    author: RequiredText
    title: RequiredText
    note: str = ""


class Dose(_Strict, frozen=True, kw_only=True):
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


class NextDose(_Strict, frozen=True, kw_only=True):
    """A dose that may be offered next."""

    sets: Sets
    reps: Reps


class Progression(_Strict, frozen=True, kw_only=True):
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


class Tempo(_Strict, frozen=True, kw_only=True):
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


class PhaseWords(_Strict, frozen=True, kw_only=True):
    """What is shown and said in each phase, and what the count calls one side."""

    out: RequiredText
    stop: RequiredText
    back: RequiredText
    home: str = ""


class Condition(_Strict, frozen=True, kw_only=True):
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


class Need(_Strict, frozen=True, kw_only=True):
    """A condition that a repetition must meet besides its own signal.

    Where it is not met, `otherwise` says what the movement was: "shallow" (an attempt, named, not counted) or
    "not-a-rep" (something else: nothing is said).
    """

    when: Condition
    otherwise: Literal["shallow", "not-a-rep"]
    reason: str = ""


class Fault(_Strict, frozen=True, kw_only=True):
    """Something that goes wrong, the cue that helps, and what the fault makes of the repetition, if anything.

    The order in the file is the order of importance.
    """

    id: Id
    when: Condition
    cue: RequiredText
    reason: RequiredText
    verdict: Literal["rushed", "shallow", "no-stop"] | None = None


class Full(_Strict, frozen=True, kw_only=True):
    """When a repetition is full.

    `at_least` in the signal's unit. Once the person's own best is known, `own_minus` also accepts his best less
    that much, and `own_share` asks for that share of his best instead of `at_least`. `never_urge_past`: a
    range beyond it is not asked for, whatever the person's best.
    """

    at_least: float
    own_minus: float | None = None
    own_share: Annotated[float, msgspec.Meta(gt=0, le=1)] | None = None
    never_urge_past: float | None = None


class SideRule(_Strict, frozen=True, kw_only=True):
    """Which side a repetition belongs to, by the sign of a signal's mean during the stop.

    Within `even_within` of 0 it belongs to both.
    """

    signal: str
    positive: LeftRight
    even_within: Annotated[float, msgspec.Meta(ge=0)] = 0.0


class Seen(_Strict, frozen=True, kw_only=True):
    """How the camera sees the movement and what counts as one repetition.

    `view` "any": it can be measured from wherever it is seen; then only signals of every plane may be named.
    `whole` "back": only the way back makes a repetition (rising from a chair, where a recording may begin seated).
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

    @property
    def shown(self) -> Plane:
        """The view in which the figure is shown."""
        return "side" if self.view == "any" else self.view


class KeyPose(_Strict, frozen=True, kw_only=True):
    """A body at rest in one position: joint angles in degrees, feet and pelvis in leg lengths.

    Where a foot stands and where the pelvis is are given as places, because a planted foot must not slide; the
    knees follow. Every arm or foot key comes for both sides, and with ``_left`` or ``_right`` for one. `lean_deg` is
    backward, `head_deg` is backward against the trunk; `arm_forward_deg` and `arm_side_deg` raise the arm from
    hanging, to the front and to the side; `arm_turn_deg` turns the upper arm inward; `hands` is a shorthand for
    an arm position.
    """

    lean_deg: Degrees = 0.0
    head_deg: Degrees = 0.0
    hips_forward: LegLengths = 0.0
    hips_down: LegLengths = 0.0
    hands: Literal["sides", "low-back", "hips", "overhead"] = "sides"
    arm_forward_deg: Degrees | None = None
    arm_side_deg: Degrees | None = None
    arm_turn_deg: Degrees | None = None
    elbow_deg: Degrees | None = None
    foot_forward: LegLengths = 0.0
    foot_up: LegLengths = 0.0
    heel_deg: Degrees = 0.0
    arm_forward_left_deg: Degrees | None = None
    arm_forward_right_deg: Degrees | None = None
    arm_side_left_deg: Degrees | None = None
    arm_side_right_deg: Degrees | None = None
    arm_turn_left_deg: Degrees | None = None
    arm_turn_right_deg: Degrees | None = None
    elbow_left_deg: Degrees | None = None
    elbow_right_deg: Degrees | None = None
    foot_forward_left: LegLengths | None = None
    foot_forward_right: LegLengths | None = None
    foot_up_left: LegLengths | None = None
    foot_up_right: LegLengths | None = None
    heel_left_deg: Degrees | None = None
    heel_right_deg: Degrees | None = None


class Step(_Strict, frozen=True, kw_only=True):
    """One move of the figure: to `pose`, as part of a phase; the steps of one phase share its time evenly.

    A foot that moves forward or back swings `lift` leg lengths above the floor; without it, it slides. "home"
    steps bring the figure back to the start after the repetition has ended.
    """

    pose: str
    phase: Literal["out", "back", "home"]
    lift: Annotated[float, msgspec.Meta(ge=0, le=0.5)] = 0.0


class Figure(_Strict, frozen=True, kw_only=True):
    """The movement as key poses and the way through them. `moving` names the parts in the accent colour."""

    start: str
    poses: dict[str, KeyPose]
    steps: Annotated[tuple[Step, ...], msgspec.Meta(min_length=1)]
    moving: tuple[Literal["head", "trunk", "arms", "legs"], ...] = ()
    home_s: Seconds = 0.0


class Exercise(_Strict, frozen=True, kw_only=True):
    """One movement of the routine.

    `looks_like` names exercises of the file that a camera cannot tell from this one; the proof leaves them out.
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
    note: str = ""


class GetUp(_Strict, frozen=True, kw_only=True):
    """The routine's rule for getting up: a window in minutes of unbroken sitting."""

    id: Id = "get-up"
    title: RequiredText
    after_min: Annotated[float, msgspec.Meta(ge=1, le=240)]
    latest_min: Annotated[float, msgspec.Meta(ge=1, le=240)]
    text: RequiredText
    movements: tuple[Id, ...] = ()


class Care(_Strict, frozen=True, kw_only=True):
    """What a person should read once before the first session."""

    first: Annotated[tuple[RequiredText, ...], msgspec.Meta(min_length=1)]
    emergency: tuple[RequiredText, ...] = ()
    soon: tuple[RequiredText, ...] = ()
    stop: tuple[RequiredText, ...] = ()
    always: RequiredText


class Routine(_Strict, frozen=True, kw_only=True):
    """A whole routine file."""

    format: Literal[1]
    id: Id
    title: RequiredText
    language: Annotated[str, msgspec.Meta(pattern="^[a-z]{2}$")] = "en"
    source: Source
    care: Care
    exercises: Annotated[tuple[Exercise, ...], msgspec.Meta(min_length=1, max_length=40)]
    get_up: GetUp | None = None

    def exercise(self, exercise_id: str) -> Exercise:
        """Return the exercise with this id; KeyError if there is none."""
        return {exercise.id: exercise for exercise in self.exercises}[exercise_id]
