"""What stands on the stage at a moment: everything a page, a terminal or a test needs to show and say.

The session decides; whoever shows it only draws these values. All texts are ready to be read.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from loosen.coach.counting.rep import Number, Rep, Text, Whole
from loosen.coach.guidance.rep_chart import RepChart
from loosen.routine.fields import FigurePhase, Phase

Screen = Literal["care", "ask", "intro", "ready", "set", "rest", "get-up", "summary"]
BodyPartName = Literal["head", "arms", "trunk", "legs", "feet"]
Tone = Literal["count", "guide", "cue", "praise", "trouble", "soft"]


class Option(msgspec.Struct, frozen=True):
    """One of the answers to choose from. `main`: the one to be led to, if there is one."""

    id: str
    text: str
    main: bool = False


class Question(msgspec.Struct, frozen=True):
    """A question answered by one of its `options`; without any, by a whole number from `low` to `high`, or skipped."""

    id: str
    text: str
    low_text: str = ""
    high_text: str = ""
    low: int = 0
    high: int = 10
    options: tuple[Option, ...] = ()

    def takes(self, value: int | str | None) -> bool:
        """Whether this is an answer to the question; None, "rather not say", always is."""
        if value is None or self.options:
            return value is None or value in [option.id for option in self.options]
        return isinstance(value, int) and self.low <= value <= self.high


class BodyPart(msgspec.Struct, frozen=True):
    """A part of the body that must come into view before the set begins."""

    name: BodyPartName
    seen: bool


class Ready(msgspec.Struct, frozen=True):
    """The ready gate: what is still missing, in words, and the count-down once nothing is."""

    text: str
    parts: tuple[BodyPart, ...]
    countdown: int | None = None


class FigureClock(msgspec.Struct, frozen=True):
    """Where the figure is: looping by itself, or held at a share (0..1) of a phase.

    `mirrored`: it faces the picture's left. `swapped`: left and right limbs exchanged, for the other leg's turn.
    """

    exercise: str
    mode: Literal["loop", "follow", "still"]
    phase: FigurePhase = "start"
    share: float = 0.0
    mirrored: bool = False
    swapped: bool = False


class ExerciseSummary(msgspec.Struct, frozen=True):
    """How one exercise went. `chart`: one repetition's signal to draw."""

    id: str
    title: str
    done: int
    of: int
    sentence: str
    range_text: str = ""
    stop_text: str = ""
    skipped: bool = False
    hurt: bool = False
    chart: RepChart | None = None


class Stage(msgspec.Struct, frozen=True, tag="stage"):
    """Everything on the stage now.

    `count` of `of` repetitions on this side; `side_text` names the side; `phase_word` is the word for the phase
    ("HOLD"); `ring` fills from 0 to 1 over the stop; `cue` is the one correction; `note` the one sentence about
    trouble. `camera`: the coach watches in this screen; `pictures`: he would, so pictures are welcome even while he
    leads by voice because they stopped coming. `keys` lists the commands that do something now.
    """

    screen: Screen
    title: str = ""
    lines: tuple[str, ...] = ()
    dose_text: str = ""
    purpose: str = ""
    care_text: str = ""
    exercise: str | None = None
    number: int = 0
    of_exercises: int = 0
    count: int = 0
    of: int = 0
    side_text: str = ""
    phase: Phase = "rest"
    phase_word: str = ""
    ring: float = 0.0
    seconds_left: int | None = None
    cue: str = ""
    note: str = ""
    camera: bool = False
    pictures: bool = False
    paused: bool = False
    kept: bool = True
    question: Question | None = None
    ready: Ready | None = None
    figure: FigureClock | None = None
    summary: tuple[ExerciseSummary, ...] = ()
    care: tuple[tuple[str, tuple[str, ...]], ...] = ()
    keys: tuple[str, ...] = ()


class Say(msgspec.Struct, frozen=True, tag="say"):
    """Words to speak now (and to put in the live region)."""

    text: str
    tone: Tone


class Happened(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something for the journal; its types are also what an import checks.

    `what`: "exercise-begun", "led" (one more repetition to the voice), "exercise-ended" (`detail`: by what, of
    `SetEnd`; `value`: how many are done), "skipped", "paused", "resumed", "camera-lost", "answer" (a number;
    `detail`: the question's id), "care-read", "gentle" (`detail`: yes or no), "hurt", then "hurt-place" (`detail`:
    back, leg or elsewhere) and "hurt-score" (`value`: 0 to 10), "fine" (an exercise that hurt no longer does),
    "left-out" (of an exercise, in this session), "first-look" (`detail`: better, same or worse; `exercise` None) ...
    """

    t_s: Number
    what: Text
    exercise: Text | None = None
    detail: Text = ""
    value: Whole | None = None


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """The session is over: "finished" to its end, or "stopped" before."""

    how: Literal["finished", "stopped"]


Event = Say | Rep | Happened | Ended
"""A repetition is to be kept at once: it stands in the journal before the next one begins."""
