"""One set, led by voice and figure at the routine's tempo; the person confirms nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from loosen.coach.guidance.scenes import ON, ExerciseScene
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import FigureClock, Stage
from loosen.routine.model import Dose, Exercise, Phase

Beat = Literal["countdown", "out", "stop", "back", "home", "rest", "turn"]
COUNTDOWN_S = 3.0
REST_S = 1.0
TURN_S = 6.0


@dataclass(frozen=True)
class Moment:
    """One stretch of the set: what is done, how long, in which repetition and on which side."""

    beat: Beat
    length_s: float
    rep: int = 0
    side: str = ""


@dataclass(frozen=True)
class Turn:
    """One repetition of a dose: in which set, on which side ("first", "second", "left", "right" or none)."""

    set_number: int
    side: str
    rep: int


def turns(dose: Dose) -> list[Turn]:
    """Return all repetitions of a dose in their order."""
    numbers = range(1, dose.reps + 1)
    out: list[Turn] = []
    for set_number in range(1, dose.sets + 1):
        if dose.sides == "each" and dose.order == "alternating":
            out += [Turn(set_number, side, rep) for rep in numbers for side in ("right", "left")]
        else:
            sides = ("first", "second") if dose.sides == "each" else ("",)
            out += [Turn(set_number, side, rep) for side in sides for rep in numbers]
    return out


def plan(exercise: Exercise, dose: Dose, todo: list[Turn]) -> list[Moment]:
    """Lay repetitions out in time."""
    tempo, moments = exercise.tempo, list[Moment]()
    before: Turn | None = None
    for turn in todo:
        if before is None:
            moments.append(Moment("countdown", COUNTDOWN_S, turn.rep, turn.side))
        elif turn.set_number != before.set_number:
            moments.append(Moment("turn", dose.rest_s, turn.rep))
        elif turn.side != before.side and dose.order == "in-turn":
            moments.append(Moment("turn", TURN_S, turn.rep, turn.side))
        moments += [
            Moment("out", sum(tempo.out_s) / 2, turn.rep, turn.side),
            Moment("stop", tempo.stop_s, turn.rep, turn.side),
            Moment("back", sum(tempo.back_s) / 2, turn.rep, turn.side),
        ]
        if exercise.figure.home_s:
            moments.append(Moment("home", exercise.figure.home_s, turn.rep, turn.side))
        moments.append(Moment("rest", REST_S, turn.rep, turn.side))
        before = turn
    return moments or [Moment("rest", REST_S)]


class VoiceSet(ExerciseScene):
    """One exercise's sets without a camera."""

    def __init__(
        self, desk: SessionState, exercise: Exercise, number: int, of: int, todo: list[Turn] | None = None
    ) -> None:
        super().__init__(desk, exercise, number, of)
        dose = desk.dose(exercise)
        self._moments = plan(exercise, dose, turns(dose) if todo is None else todo)
        self._at = 0
        self._began_s = 0.0
        self._now_s = 0.0
        self._second = 0

    def enter(self, t_s: float) -> None:
        """Begin with a short count-down."""
        super().enter(t_s)
        self._began_s = self._now_s = t_s
        self._second = 0

    def tick(self, t_s: float) -> None:
        """Let time pass: say each phase's word, and count."""
        self._now_s = t_s
        moment = self._moments[self._at]
        if moment.beat == "countdown":
            left = int(moment.length_s - (t_s - self._began_s) + 0.999)
            if left != self._second and left > 0:
                self._second = left
                self.desk.say(t_s, self.desk.words.number(left), "count")
        if t_s - self._began_s < moment.length_s:
            return
        self._began_s += moment.length_s
        if moment.beat == "back":
            record = self.desk.record(self.exercise)
            record.led += 1
            self.desk.happened(t_s, "led", self.exercise, value=record.done)
            self.desk.say(t_s, f"{self.desk.words.number(moment.rep)}.", "count")
        self._at += 1
        if self._at >= len(self._moments):
            self._at -= 1
            self.move = ON
            return
        self._speak(t_s, self._moments[self._at])

    def _speak(self, t_s: float, moment: Moment) -> None:
        words, own = self.desk.words, self.exercise.words
        early = moment.rep <= 2
        if moment.beat == "out":
            self.desk.say(t_s, f"{own.out}.", "guide")
        elif moment.beat == "stop":
            self.desk.say(t_s, words["coach.hold"], "guide")
        elif moment.beat == "back":
            self.desk.say(t_s, f"{own.back}.", "guide")
        elif moment.beat == "home" and early and own.home:
            self.desk.say(t_s, f"{own.home}.", "guide")
        elif moment.beat == "turn":
            self.desk.say(t_s, words["coach.other-side" if moment.side else "coach.next-set"], "guide")

    def stage(self) -> Stage:
        moment, exercise, words = self._moments[self._at], self.exercise, self.exercise.words
        within_s = self._now_s - self._began_s
        share = min(max(within_s / moment.length_s, 0.0), 1.0) if moment.length_s else 1.0
        desk = self.desk
        # A second side is the first one seen from the other side; another leg is the same view with the legs changed.
        mirrored, swapped = moment.side == "second", moment.side == "left"
        figure = FigureClock(exercise.id, "still", mirrored=mirrored, swapped=swapped)
        phase: Phase = "rest"
        word = {"countdown": desk.words["ready.get-ready"], "turn": desk.words["coach.rest"]}.get(
            moment.beat, words.out
        )
        if moment.beat in ("out", "stop", "back", "home"):
            beat = moment.beat
            figure = FigureClock(exercise.id, "follow", beat, round(share, 3), mirrored, swapped)
            phase = "rest" if beat == "home" else beat
            word = {"out": words.out, "stop": words.stop, "back": words.back, "home": words.home}[beat]
        count = moment.rep if moment.beat in ("rest", "home") else max(moment.rep - 1, 0)
        side = {
            "first": "side.first", "second": "side.second", "left": "side.leg-left", "right": "side.leg-right"
        }.get(moment.side)  # fmt: skip
        left_s = moment.length_s - within_s
        return Stage(
            "set",
            title=exercise.title,
            exercise=exercise.id,
            number=self.number,
            of_exercises=self.of_exercises,
            count=count,
            of=desk.dose(exercise).reps,
            side_text=desk.words[side] if side else "",
            phase=phase,
            phase_word=word,
            ring=round(share, 2) if moment.beat == "stop" else 0.0,
            seconds_left=max(int(left_s + 0.999), 0)
            if moment.beat in ("stop", "countdown", "turn")
            else None,
            note=desk.note,
            figure=figure,
            keys=("skip", "back", "pause", "hurts", "finish"),
        )
