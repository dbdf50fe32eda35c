"""One exercise's sets, led by voice and figure at the routine's tempo; the person confirms nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from loosen.coach.guidance.exercise_set import ExerciseSet, PlannedRep, SetSide
from loosen.coach.guidance.session_plan import PlanStep
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import FigureClock, Stage
from loosen.routine.fields import Phase
from loosen.routine.model import Dose, Exercise

COUNTDOWN_S = 3.0
REST_S = 1.0
CHANGE_S = 6.0  # to turn the other side to where one looks


@dataclass(frozen=True, slots=True)
class Beat:
    """One stretch of a set: what is done, how long, in which repetition and on which side.

    "change" lies between two sets, or two sides of one set.
    """

    kind: Literal["countdown", "out", "stop", "back", "home", "rest", "change"]
    length_s: float
    rep: int = 0
    side: SetSide = ""
    set_number: int = 1


def timetable(exercise: Exercise, dose: Dose, reps: list[PlannedRep]) -> list[Beat]:
    """Return the beats of these repetitions, in order."""
    beats: list[Beat] = []
    before: PlannedRep | None = None
    for rep in reps:
        if before is None:
            beats.append(Beat("countdown", COUNTDOWN_S, rep.rep, rep.side, rep.set_number))
        elif rep.set_number != before.set_number:
            beats.append(Beat("change", dose.rest_s, rep.rep, "", rep.set_number))
        elif rep.side != before.side and dose.order == "in-turn":
            beats.append(Beat("change", CHANGE_S, rep.rep, rep.side, rep.set_number))
        beats += [
            Beat(phase, length_s, rep.rep, rep.side, rep.set_number)
            for phase, length_s in exercise.tempo.durations_s.items()
        ]
        if exercise.figure.home_s:
            beats.append(Beat("home", exercise.figure.home_s, rep.rep, rep.side, rep.set_number))
        beats.append(Beat("rest", REST_S, rep.rep, rep.side, rep.set_number))
        before = rep
    return beats or [Beat("rest", REST_S)]


class VoiceSet(ExerciseSet):
    """Sets without a camera. `todo`: what is still to be done (default: the whole dose)."""

    def __init__(self, state: SessionState, step: PlanStep, todo: list[PlannedRep] | None = None) -> None:
        super().__init__(state, step)
        self.todo = self.begun_anew() if todo is None else todo
        self._beats = timetable(self.exercise, self.dose, self.todo)
        self._at = 0
        self._began_s = 0.0  # of the beat
        self._now_s = 0.0
        self._counted_down = 0

    def enter(self, t_s: float) -> None:
        super().enter(t_s)
        self._began_s = self._now_s = t_s
        self._counted_down = 0

    def tick(self, t_s: float) -> None:
        """Let time pass: say each phase's word, and count."""
        self._now_s = t_s
        beat = self._beats[self._at]
        if beat.kind == "countdown":
            left = self._seconds_left(beat)
            if left != self._counted_down and left > 0:
                self._counted_down = left
                self.state.say(t_s, self.state.words.number(left), "count")
        if t_s - self._began_s < beat.length_s:
            return
        self._began_s += beat.length_s
        if beat.kind == "back":
            record = self.state.record(self.exercise)
            record.led += 1
            self.todo = self.todo[1:]
            self.state.happened(t_s, "led", self.exercise, value=record.done)
            self.state.say(t_s, f"{self.state.words.number(self.count(beat.set_number, beat.side))}.", "count")
        if self._at + 1 == len(self._beats):
            self.end("dose")
            return
        self._at += 1
        if text := self._saying(self._beats[self._at]):
            self.state.say(t_s, text, "guide")

    def _seconds_left(self, beat: Beat) -> int:
        return int(beat.length_s - (self._now_s - self._began_s) + 0.999)

    def _saying(self, beat: Beat) -> str:
        """Return what is said as a beat begins."""
        words, own = self.state.words, self.exercise.words
        by_side = beat.side in ("left", "right") and bool(getattr(own, f"back_{beat.side}"))
        match beat.kind:
            case "out":
                return self.lead("out", beat.side)
            case "stop":
                return self.lead("back", beat.side) if by_side else words["coach.hold"]
            case "back" if not by_side:
                return self.lead("back", beat.side)
            case "home" if own.home and beat.rep <= 2:
                return f"{own.home}."
            case "change":
                return words["coach.other-side" if beat.side else "coach.next-set"]
            case _:
                return ""

    def stage(self) -> Stage:
        beat, words = self._beats[self._at], self.state.words
        within_s = self._now_s - self._began_s
        share = min(max(within_s / beat.length_s, 0.0), 1.0) if beat.length_s else 1.0
        # A second side is the first one seen from the other side; another leg is the same view with the legs changed.
        mirrored, swapped = beat.side == "second", beat.side == "left"
        figure = FigureClock(self.exercise.id, "still", mirrored=mirrored, swapped=swapped)
        phase: Phase = "rest"
        match beat.kind:
            case "countdown":
                word = words["ready.get-ready"]
            case "change":
                word = words["coach.rest"]
            case "rest":
                word = self.phase_word(phase)
            case "home":
                word = self.exercise.words.home
            case "out" | "stop" | "back":
                phase = beat.kind
                word = self.phase_word(phase)
        if beat.kind in ("out", "stop", "back", "home"):
            figure = FigureClock(self.exercise.id, "follow", beat.kind, round(share, 3), mirrored, swapped)
        timed = beat.kind in ("stop", "countdown", "change")
        stage = Stage(
            "set",
            count=self.count(beat.set_number, beat.side),
            phase=phase,
            phase_word=word,
            ring=share if beat.kind == "stop" else 0.0,
            seconds_left=max(self._seconds_left(beat), 0) if timed else None,
            figure=figure,
        )
        return self.completed(stage, beat.side)
