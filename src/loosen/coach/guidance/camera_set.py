"""One exercise's sets before the camera: the ready gate, the count, and at most one correction at a time."""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace

from loosen.body.pose import Look
from loosen.body.signals import SignalFrame, SignalReader
from loosen.coach.counting.counter import Counter
from loosen.coach.counting.rep import Rep
from loosen.coach.guidance.cues import best_cue
from loosen.coach.guidance.exercise_set import ExerciseSet, PlannedRep, SetSide, planned_reps
from loosen.coach.guidance.ready_gate import Gate, trouble_with, view_trouble
from loosen.coach.guidance.scenes import Moves
from loosen.coach.guidance.session_plan import Move, PlanStep
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import FigureClock, Stage
from loosen.routine.fields import Phase

LOST_S = 1.5  # out of view for so long, and the set waits
TROUBLE_S = 1.5  # a wrong view or another trouble must last so long before it is said
GATE_TOLD_EVERY_S = 7.0
COUNTED_DOWN_AGAIN_S = 5.0  # a count-down that begins anew within this time is shown but not spoken
NUDGE_S = 14.0  # standing still for so long after the gate brings a reminder
LATER_S = 1.8  # after a count, so that two sayings do not fall together
HOME_LATER_S = 1.2
TOO_MANY = 3
OTHER: dict[str, str] = {"left": "right", "right": "left"}


class CameraSet(ExerciseSet):
    """Sets before the camera. `todo`: what is still to be done (default: the whole dose).

    For a dose "in-turn" the person first shows one side, then turns the other one to the camera; for "alternating"
    each repetition belongs to the side that its own movement tells. A person who goes on with a side that is done is
    told so; after `TOO_MANY` such repetitions the set is over all the same, because the camera may mistake the legs.
    """

    commands: ClassVar[Moves] = {"continue": Move.BY_VOICE, **ExerciseSet.commands}

    def __init__(self, state: SessionState, step: PlanStep, todo: list[PlannedRep] | None = None) -> None:
        super().__init__(state, step)
        self._alternating = self.dose.alternating
        self._in_turn = self.dose.sides == "each" and not self._alternating
        self.todo = planned_reps(self.dose) if todo is None else todo  # what is still to be done
        self._too_many = 0
        self._reader = SignalReader()
        self._gate = Gate(self.exercise, state.words)
        self._counter: Counter | None = None
        self._best = state.past.ranges.get(self.exercise.id)
        self._facing: str | None = None  # of the person when the gate opened, or for the side that is next
        self._frame: SignalFrame | None = None
        self._now_s = 0.0
        self._found_s = 0.0  # when the person was last in view
        self._active_s = 0.0  # when he last moved, or was told something
        self._trouble: tuple[str, float] | None = None  # its text, and since when it lasts
        self._gate_told_s = 0.0
        self._counted_down_s = -COUNTED_DOWN_AGAIN_S
        self._counts_down_aloud = True
        self._phase: Phase = "rest"
        self._cue = ""
        self._attempts = 0
        self._praised = False
        self._going_home_until_s = 0.0
        self._left_for_home = False

    @property
    def keys(self) -> tuple[str, ...]:
        """Before the gate opens one may also go on by voice."""
        return super().keys if self._counter is None else super().keys[1:]

    def enter(self, t_s: float) -> None:
        """Ask the person to come into view."""
        super().enter(t_s)
        self._now_s = self._gate_told_s = self._found_s = t_s
        self.state.say(t_s, self.state.words["ready.say"], "guide")

    def see(self, look: Look) -> None:
        t_s = look.pose.t_s
        frame = self._reader.read(look.pose)
        self._now_s, self._frame = t_s, frame
        if self._counter is None:
            self._wait_for_gate(look, frame)
            return
        if self._unmeasurable(look, frame, t_s):
            return
        for rep in self._counter.see(frame):
            self._take_rep(t_s, rep)
        if self._counter is not None:
            self._guide(t_s, self._counter.phase)

    def tick(self, t_s: float) -> None:
        """Repeat what the gate waits for, or remind the person of the movement."""
        self._now_s = t_s
        ready = self._gate.ready
        if self._counter is None:
            if not ready.countdown and t_s - self._gate_told_s > GATE_TOLD_EVERY_S:
                self._gate_told_s = t_s
                self.state.trouble(t_s, ready.text)
        elif t_s - self._active_s > NUDGE_S:
            self._active_s = t_s
            self.state.say(t_s, self.state.words("coach.nudge", out=self.exercise.words.out), "guide")

    def _wait_for_gate(self, look: Look, frame: SignalFrame) -> None:
        t_s, before = look.pose.t_s, self._gate.ready.countdown
        self._gate.see(look, frame)
        countdown = self._gate.ready.countdown
        if countdown is not None and countdown != before:
            self.state.note = ""
            if before is None:
                self._counts_down_aloud = t_s - self._counted_down_s > COUNTED_DOWN_AGAIN_S
                self._counted_down_s = t_s
            if self._counts_down_aloud:
                self.state.say(t_s, self.state.words.number(countdown), "count")
        if not self._gate.open:
            return
        self._counter = Counter(
            self.exercise,
            self.state.words,
            best=self._best,
            baseline=self._gate.baseline(),
            learn=True,
            templates=self.state.templates.get(self.exercise.id),
        )
        self._facing = frame.facing
        self._found_s = self._active_s = t_s
        self._trouble, self.state.note = None, ""
        self.state.say(t_s, f"{self.exercise.words.out}.", "guide")

    def _unmeasurable(self, look: Look, frame: SignalFrame, t_s: float) -> bool:
        """Deal with what keeps the camera from measuring; return whether this frame must not count."""
        words = self.state.words
        if frame.found and frame.parts.get("trunk", False):
            self._found_s = t_s
        elif t_s - self._found_s > LOST_S:
            self.state.trouble(t_s, trouble_with(look, frame, words) or words["trouble.left"])
            self._shut_gate()
            return True
        at_rest = frame.found and self._phase == "rest"
        must_face = self._facing if self._in_turn else None
        wrong_view = view_trouble(self.exercise, frame, words, must_face) if at_rest else ""
        text = trouble_with(look, frame, words) or wrong_view
        if not text:
            self._trouble, self.state.note = None, ""
            return False
        if self._trouble is None or self._trouble[0] != text:
            self._trouble = (text, t_s)
        if t_s - self._trouble[1] > TROUBLE_S:
            self.state.trouble(t_s, text)
            self._active_s = t_s
        # What is not seen is unknown and counts nothing by itself; only a wrong view would measure something else.
        return text == wrong_view

    def _shut_gate(self) -> None:
        """Wait for the gate again; the count stands, and so does the person's own range."""
        if self._counter is not None:
            self._best = self._counter.best
        self._counter = None
        self._gate = Gate(self.exercise, self.state.words, self._facing if self._in_turn else None)
        self._phase, self._cue = "rest", ""
        self._gate_told_s = self._now_s

    def _take_rep(self, t_s: float, rep: Rep) -> None:
        """Keep and count a repetition that has ended, and say the one thing that helps."""
        if rep.verdict == "partial" or not self.todo:
            return  # the person stepped out of view, or was already moving: he has tried nothing
        self._active_s = t_s
        self._attempts += 1
        side, set_side = self.todo[0].side, rep.side
        if self._alternating:
            side = "left" if rep.side == "left" else "right"
        if self._in_turn and self._facing in ("left", "right"):
            set_side = "left" if self._facing == "left" else "right"
        self.state.keep(replace(rep, set_number=self.todo[0].set_number, set_side=set_side), self.exercise)
        if self._counter is not None:
            self.state.templates[self.exercise.id] = self._counter.templates
        count = f"{self.state.words.number(self._done(side) + 1)}." if rep.counted else ""
        cue = best_cue(self.exercise, [rep], self.state.words)
        if cue and self.state.may_cue(t_s):
            self._cue = cue
            self.state.cue(t_s, cue, count)
        elif rep.counted:
            self._cue = ""
            self._say_count(t_s, rep, count)
        words, home_s = self.exercise.words, self.exercise.figure.home_s
        if home_s:
            self._going_home_until_s, self._left_for_home = t_s + 1.5 * home_s, False
            if self._attempts <= 2 and words.home and not cue:
                self.state.later(t_s + HOME_LATER_S, f"{words.home}.", "guide")
        if rep.counted:
            self._tick_off(t_s, side)

    def _say_count(self, t_s: float, rep: Rep, count: str) -> None:
        """Say the count, once with praise: for a full repetition from the third on."""
        praise = self.exercise.praise
        good = rep.verdict == "full" and not rep.faults
        if praise and good and self._attempts >= 3 and not self._praised:
            self._praised = True
            self.state.say(t_s, f"{count} {praise}", "praise")
        else:
            self.state.say(t_s, count, "count")

    def _tick_off(self, t_s: float, side: SetSide) -> None:
        """Take a repetition off what is to be done; when a side or a set is done, ask for the next one."""
        this_set, words = self._set_todo, self.state.words
        planned = next((rep for rep in this_set if rep.side == side), None)
        if planned is not None:
            self.todo.remove(planned)
        else:
            self._too_many += 1
            if self._too_many < TOO_MANY:
                self.state.later(t_s + LATER_S, words[f"coach.other-leg-{OTHER[side]}"], "guide")
                return
            self.todo = self.todo[len(this_set) :]
        if not self.todo:
            self.move = Move.NEXT
        elif self.todo[0].set_number != this_set[0].set_number:
            self._too_many, self._facing = 0, None
            self._shut_gate()
            self.state.later(t_s + LATER_S, words["coach.next-set"], "guide")
        elif self._in_turn and self.todo[0].side != side:
            self._facing = OTHER.get(self._facing or "")
            self._shut_gate()
            self.state.later(t_s + LATER_S, words["coach.turn"], "guide")

    def _guide(self, t_s: float, phase: Phase) -> None:
        """Take a new phase; in the first two repetitions, say what comes next."""
        if phase == self._phase:
            return
        before, self._phase = self._phase, phase
        if t_s < self._going_home_until_s:
            # Going back to the place looks like the movement; the coach keeps quiet until it is over.
            self._left_for_home |= phase in ("out", "stop")
            if phase == "rest" and self._left_for_home:
                self._going_home_until_s = t_s
            return
        if phase != "rest":
            self._active_s = t_s
        if self._attempts < 2:
            if phase == "stop":
                self.state.say(t_s, self.state.words["coach.hold"], "guide")
            elif phase == "back" and before == "stop":
                self.state.say(t_s, f"{self.exercise.words.back}.", "guide")
        if phase == "out":
            self._cue = ""

    @property
    def _set_todo(self) -> list[PlannedRep]:
        """What is still to be done of the set under way."""
        return [rep for rep in self.todo if rep.set_number == self.todo[0].set_number]

    def _done(self, side: SetSide) -> int:
        """Return how many repetitions of the set under way are done on a side."""
        return self.dose.reps - sum(rep.side == side for rep in self._set_todo)

    @property
    def _side(self) -> SetSide:
        """Whose turn it is."""
        if not self._alternating:
            return self.todo[0].side if self.todo else ""
        reps = self.state.record(self.exercise).reps
        if self._counter is not None and self._phase == "rest" and reps:
            return "left" if reps[-1].side == "left" else "right"
        return "left" if self._done("left") <= self._done("right") else "right"

    def stage(self) -> Stage:
        exercise, counter, side = self.exercise, self._counter, self._side
        count = self._done(side)
        if counter is None:
            gate = self._gate
            figure = FigureClock(exercise.id, "still", mirrored=gate.facing == "left")
            stage = Stage("ready", lines=(exercise.how[0],), count=count, ready=gate.ready, figure=figure)
            return self.completed(stage, side)
        going_home = self._now_s < self._going_home_until_s
        phase = "rest" if going_home else counter.phase
        stop_share = counter.stop_s(self._now_s) / max(exercise.tempo.stop_s, 0.1)
        ring = min(stop_share, 1.0) if phase == "stop" else 0.0
        word = self.phase_word("back" if ring >= 1.0 else phase)
        if going_home and exercise.words.home:
            word = exercise.words.home
        mirrored = self._frame is not None and self._frame.facing == "left"
        swapped = self._alternating and self._done("left") < self._done("right")
        figure = FigureClock(exercise.id, "loop", mirrored=mirrored, swapped=swapped)
        if phase != "rest":
            out = min(counter.share, 1.0)
            along = {"out": out, "stop": 0.0, "back": 1 - out}[phase]
            figure = FigureClock(exercise.id, "follow", phase, round(along, 2), mirrored, swapped)
        cue = self._cue if phase in ("rest", "out") else ""
        stage = Stage("set", count=count, phase=phase, phase_word=word, ring=ring, cue=cue, figure=figure)
        return self.completed(stage, side)
