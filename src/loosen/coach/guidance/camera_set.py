"""One set, watched: the ready gate, the count, and at most one correction at a time."""

from __future__ import annotations

from loosen.body.pose import Look
from loosen.body.signals import SignalFrame, SignalReader
from loosen.coach.counting.counter import Counter
from loosen.coach.counting.report import Rep, Side, Trace
from loosen.coach.guidance.ready_gate import Gate, trouble_with, view_trouble
from loosen.coach.guidance.scenes import ON, ExerciseScene
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import FigureClock, RepDone, Stage
from loosen.coach.guidance.voice_set import Turn, turns
from loosen.routine.model import Exercise

LOST_S = 1.5  # out of view for so long, and the set waits
WRONG_S = 1.5  # a wrong view or a trouble must last before it is said
AGAIN_S = 5.0
NUDGE_S = 14.0  # standing still for so long after the gate brings one reminder
TOO_MANY = 3
OTHER: dict[str, str] = {"left": "right", "right": "left"}


class CameraSet(ExerciseScene):
    """One exercise's sets, before the camera.

    For a dose "in-turn" the person first shows one side, then turns the other one to the camera; for "alternating"
    each repetition belongs to the side that its own movement tells. Who goes on with a side that is done is told
    so; after `TOO_MANY` such repetitions the set is over all the same, for it may be the eye that is mistaken.
    """

    def __init__(self, desk: SessionState, exercise: Exercise, number: int, of: int) -> None:
        super().__init__(desk, exercise, number, of)
        self.dose = desk.dose(exercise)
        self.set_number = 1
        self.counts: dict[str, int] = {"left": 0, "right": 0, "both": 0}
        self.rounds = ["first", "second"] if self._in_turn else ["only"]
        self._reader = SignalReader()
        self._gate = Gate(exercise, desk.words)
        self._counter: Counter | None = None
        self._best = desk.best.get(exercise.id)
        self._facing: str | None = None
        self._last: SignalFrame | None = None
        self._found_s = 0.0
        self._trouble: tuple[str, float] | None = None
        self._cue = ""
        self._phase = "rest"
        self._now_s = 0.0
        self._active_s = 0.0
        self._attempts = 0
        self._too_many = 0
        self._praised = False
        self._told_ready = 0.0
        self._home_until_s = 0.0
        self._counts_aloud = True
        self._counted_down_s = -AGAIN_S
        self._on_the_way_home = False

    @property
    def _in_turn(self) -> bool:
        return self.dose.sides == "each" and self.dose.order == "in-turn"

    @property
    def _alternating(self) -> bool:
        return self.dose.sides == "each" and not self._in_turn

    @property
    def counting(self) -> bool:
        """Whether the gate is open and repetitions count."""
        return self._counter is not None

    def enter(self, t_s: float) -> None:
        """Ask the person to come into view."""
        super().enter(t_s)
        self._now_s = self._told_ready = self._found_s = t_s
        self.desk.say(t_s, self.desk.words["ready.say"], "guide")

    def command(self, t_s: float, name: str) -> None:
        """Before the gate has opened one may also go on by voice."""
        if name == "continue" and not self.counting:
            self.move = "by-voice"
        else:
            super().command(t_s, name)

    def see(self, look: Look) -> None:
        """Take one frame."""
        t_s = look.pose.t_s
        seen = self._reader.read(look.pose)
        self._now_s, self._last = t_s, seen
        if self._counter is None:
            self._wait(look, seen)
            return
        if self._hindered(look, seen, t_s):
            return
        for rep, trace in self._counter.see(seen):
            self._ended(t_s, rep, trace)
        if self._counter is not None:
            self._guide(t_s)

    def tick(self, t_s: float) -> None:
        """Time passes also without frames."""
        self._now_s = t_s
        if self._counter is None and not self._gate.ready.countdown and t_s - self._told_ready > 7.0:
            self._told_ready = t_s
            self.desk.trouble(t_s, self._gate.ready.text)
        if self._counter is not None and t_s - self._active_s > NUDGE_S:
            self._active_s = t_s
            self.desk.say(t_s, self.desk.words("coach.nudge", out=self.exercise.words.out), "guide")

    def _wait(self, look: Look, seen: SignalFrame) -> None:
        before = self._gate.ready.countdown
        self._gate.see(look, seen)
        after = self._gate.ready.countdown
        t_s = look.pose.t_s
        if after is not None and after != before:
            self.desk.note = ""
            if before is None:
                # Begun anew after a wobble, the count-down is shown but not told again and again.
                self._counts_aloud = t_s - self._counted_down_s > AGAIN_S
                self._counted_down_s = t_s
            if self._counts_aloud:
                self.desk.say(t_s, self.desk.words.number(after), "count")
        if not self._gate.open:
            return
        self._counter = Counter(
            self.exercise,
            self.desk.words,
            best=self._best,
            baseline=self._gate.baseline(),
            learn=True,
            templates=self.desk.templates.get(self.exercise.id),
        )
        self._facing = seen.facing
        self._found_s = self._active_s = t_s
        self._trouble, self.desk.note = None, ""
        self.desk.say(t_s, f"{self.exercise.words.out}.", "guide")

    def _hindered(self, look: Look, seen: SignalFrame, t_s: float) -> bool:
        """Deal with what keeps the camera from measuring; return whether this frame must not count."""
        words = self.desk.words
        if seen.found and seen.parts.get("trunk", False):
            self._found_s = t_s
        elif t_s - self._found_s > LOST_S:
            self.desk.trouble(t_s, trouble_with(look, seen, words) or words["trouble.left"])
            self._close()
            return True
        rule = self._facing if self._in_turn else None
        at_rest = seen.found and self._phase == "rest"
        turned = view_trouble(self.exercise, seen, words, rule) if at_rest else ""
        text = trouble_with(look, seen, words) or turned
        wrong_view = bool(turned) and text == turned
        if not text:
            self._trouble, self.desk.note = None, ""
            return False
        if self._trouble is None or self._trouble[0] != text:
            self._trouble = (text, t_s)
        if t_s - self._trouble[1] > WRONG_S:
            self.desk.trouble(t_s, text)
            self._active_s = t_s
        # What is not seen is unknown and counts nothing by itself; only a wrong view would measure something else.
        return wrong_view

    def _close(self) -> None:
        """Shut the gate again; the count stands."""
        if self._counter is not None:
            # What was learnt of the person's range holds on both sides and after a break.
            self._best = self._counter.best
        self._counter = None
        facing = self._facing if self._in_turn and self.rounds else None
        self._gate = Gate(self.exercise, self.desk.words, facing)
        self._phase, self._cue = "rest", ""
        self._told_ready = self._now_s

    def _ended(self, t_s: float, rep: Rep, trace: Trace) -> None:
        """A repetition has ended: keep it, count it, and say the one thing that helps."""
        if rep.verdict == "partial":
            return  # whoever stepped out of view, or was already moving, has tried nothing
        self._active_s = t_s
        self._attempts += 1
        side = rep.side if self._alternating else "both"
        set_side: Side = rep.side
        if self._in_turn and self._facing in ("left", "right"):
            set_side = "left" if self._facing == "left" else "right"
        self.desk.keep(RepDone(self.exercise.id, self.set_number, set_side, rep, trace), self.exercise)
        words = self.desk.words
        count = ""
        if rep.counted:
            self.counts[side] += 1
            count = f"{words.number(self.counts[side])}."
        cue = self._cue_for(rep)
        if cue and self.desk.may_cue(t_s):
            self._cue = cue
            self.desk.cue(t_s, cue, count)
        elif rep.counted:
            self._cue = ""
            praise = self.exercise.praise
            if (
                praise
                and rep.verdict == "full"
                and not rep.faults
                and self._attempts >= 3
                and not self._praised
            ):
                self._praised = True
                self.desk.say(t_s, f"{count} {praise}", "praise")
            else:
                self.desk.say(t_s, count, "count")
        if self.exercise.figure.home_s:
            self._home_until_s, self._on_the_way_home = t_s + 1.5 * self.exercise.figure.home_s, False
            if self._attempts <= 2 and self.exercise.words.home and not cue:
                self.desk.later(t_s + 1.2, f"{self.exercise.words.home}.", "guide")
        if self._counter is not None:
            self.desk.templates[self.exercise.id] = self._counter.templates
        self._check_done(t_s, side)

    def _cue_for(self, rep: Rep) -> str:
        cues = {fault.id: fault.cue for fault in self.exercise.faults}
        words = self.desk.words
        cues |= {"no-stop": words["cue.no-stop"], "shallow": words["cue.shallow"]}
        named = [fault.id for fault in self.exercise.faults if fault.id in rep.faults]
        rest = [fault for fault in ("shallow", "no-stop") if fault in rep.faults]
        ranked = [*named, *rest]
        return cues[ranked[0]] if ranked else ""

    def _check_done(self, t_s: float, side: str) -> None:
        words, reps = self.desk.words, self.dose.reps
        if self._alternating:
            if self.counts["left"] >= reps and self.counts["right"] >= reps:
                self._set_done(t_s)
            elif self.counts[side] > reps:
                self.counts[side] = reps
                self._too_many += 1
                if self._too_many >= TOO_MANY:
                    self._set_done(t_s)
                    return
                self.desk.later(t_s + 1.8, words[f"coach.other-leg-{OTHER[side]}"], "guide")
            return
        if self.counts["both"] < reps:
            return
        self.rounds.pop(0)
        if not self.rounds:
            self._set_done(t_s)
            return
        self.counts["both"] = 0
        self._facing = OTHER.get(self._facing or "")
        self._close()
        self.desk.later(t_s + 1.8, words["coach.turn"], "guide")

    def _set_done(self, t_s: float) -> None:
        if self.set_number < self.dose.sets:
            self.set_number += 1
            self.counts, self._too_many = dict.fromkeys(self.counts, 0), 0
            self.rounds = ["first", "second"] if self._in_turn else ["only"]
            self._facing = None
            self._close()
            self.desk.later(t_s + 1.8, self.desk.words["coach.next-set"], "guide")
            return
        self.move = ON

    def _guide(self, t_s: float) -> None:
        """Say what comes next as the phase changes, in the first two repetitions; show it always."""
        assert self._counter is not None
        phase = self._counter.phase
        if phase == self._phase:
            return
        if t_s < self._home_until_s:
            # Going back to the spot looks like the movement; the coach keeps quiet until it is over.
            self._on_the_way_home |= phase in ("out", "stop")
            if phase == "rest" and self._on_the_way_home:
                self._home_until_s = t_s
            self._phase = phase
            return
        words = self.exercise.words
        if phase != "rest":
            self._active_s = t_s
        if self._attempts < 2:
            if phase == "stop":
                self.desk.say(t_s, self.desk.words["coach.hold"], "guide")
            elif phase == "back" and self._phase == "stop":
                self.desk.say(t_s, f"{words.back}.", "guide")
        if phase == "out":
            self._cue = ""
        self._phase = phase

    def _shown(self) -> tuple[int, str]:
        """Return the count to show and the side it belongs to."""
        words = self.desk.words
        if self._alternating:
            left, right = self.counts["left"], self.counts["right"]
            side = "left" if left <= right else "right"
            if self._counter is not None and self._phase == "rest" and self.desk.record(self.exercise).reps:
                side = self.desk.record(self.exercise).reps[-1].side
            return self.counts.get(side, 0), words["side.leg-left" if side == "left" else "side.leg-right"]
        if self._in_turn:
            return self.counts["both"], words["side.first" if len(self.rounds) == 2 else "side.second"]
        return self.counts["both"], ""

    def remaining(self) -> list[Turn]:
        """Return what is still to be done, to be led by voice."""
        side_now = "first" if len(self.rounds) == 2 else "second"
        return [turn for turn in turns(self.dose) if not self._is_done(turn, side_now)]

    def _is_done(self, turn: Turn, side_now: str) -> bool:
        if turn.set_number != self.set_number:
            return turn.set_number < self.set_number
        if self._in_turn and turn.side != side_now:
            return side_now == "second"
        return turn.rep <= self.counts[turn.side if self._alternating else "both"]

    def stage(self) -> Stage:
        exercise, counter, words = self.exercise, self._counter, self.exercise.words
        count, side_text = self._shown()
        keys = ("continue", "skip", "back", "pause", "hurts", "finish")
        if counter is None:
            return Stage(
                "ready",
                title=exercise.title,
                lines=(exercise.how[0],),
                exercise=exercise.id,
                number=self.number,
                of_exercises=self.of_exercises,
                count=count,
                of=self.dose.reps,
                side_text=side_text,
                camera=True,
                note=self.desk.note,
                ready=self._gate.ready,
                figure=FigureClock(exercise.id, "still", mirrored=self._gate.facing == "left"),
                keys=keys,
            )
        going_home = self._now_s < self._home_until_s
        phase = "rest" if going_home else counter.phase
        held_s, target_s = counter.stop_s(self._now_s), max(exercise.tempo.stop_s, 0.1)
        ring = min(held_s / target_s, 1.0) if phase == "stop" else 0.0
        word = {"rest": words.out, "out": words.out, "stop": words.stop, "back": words.back}[phase]
        if phase == "stop" and ring >= 1.0:
            word = words.back
        elif going_home and words.home:
            word = words.home
        share = counter.share
        left_faced = self._last is not None and self._last.facing == "left"
        swapped = self._alternating and self.counts["left"] < self.counts["right"]
        figure = FigureClock(exercise.id, "loop", mirrored=left_faced, swapped=swapped)
        if phase != "rest":
            along = {"out": min(share, 1.0), "stop": 0.0, "back": 1 - min(share, 1.0)}[phase]
            figure = FigureClock(exercise.id, "follow", phase, round(along, 2), left_faced, swapped)
        return Stage(
            "set",
            title=exercise.title,
            exercise=exercise.id,
            number=self.number,
            of_exercises=self.of_exercises,
            count=count,
            of=self.dose.reps,
            side_text=side_text,
            phase=phase,
            phase_word=word,
            ring=round(ring, 2),
            cue=self._cue if phase in ("rest", "out") else "",
            note=self.desk.note,
            camera=True,
            figure=figure,
            keys=keys[1:],
        )
