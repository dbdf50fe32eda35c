"""One exercise's sets before the camera: the ready gate, the count, and at most one correction at a time."""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace

from loosen.body.pose import Look
from loosen.body.signals import SignalFrame, SignalReader
from loosen.coach.counting.rep import Rep
from loosen.coach.guidance.cues import TWICE
from loosen.coach.guidance.exercise_set import PlannedRep, SetSide
from loosen.coach.guidance.gated_set import GATE_TOLD_EVERY_S, LATER_S, TROUBLE_S, GatedSet
from loosen.coach.guidance.ready_gate import trouble_with, view_trouble
from loosen.coach.guidance.scenes import Moves
from loosen.coach.guidance.session_plan import Move, PlanStep
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import FigureClock, Stage
from loosen.routine.fields import Phase

GONE_S = 1.0  # no picture of the person for so long is shown ...
LOST_S = 3.5  # ... and after so long the set waits for him
NUDGE_S = 14.0  # standing still for so long brings a reminder, twice ...
NOTHING_S = 42.0  # ... and after so long the set is over
HOME_LATER_S = 1.2
INVITE_S = 1.4  # at rest for so long after a repetition, and the next one is called
GOOD_STOP = 0.8  # of the routine's stop: a shorter one may be enough, but is not praised
CUE_AFTER_S = 0.8  # into the stop, when it has been announced and there is still time to heed a cue
LOOKED_AT_EVERY_S = 0.25  # the movement under way
OTHER: dict[str, str] = {"left": "right", "right": "left"}


class CameraSet(GatedSet):
    """Sets before the camera. `todo`: what is still to be done (default: the whole dose).

    For a dose "in-turn" the person first shows one side, then turns the other one to the camera; for "alternating"
    each repetition belongs to the side that its own movement tells. A set is over after its dose and `EXTRA` attempts:
    beyond these an attempt that did not count, or was the other leg's turn, takes the place of one that is planned.
    """

    commands: ClassVar[Moves] = {"continue": Move.BY_VOICE, **GatedSet.commands}

    def __init__(self, state: SessionState, step: PlanStep, todo: list[PlannedRep] | None = None) -> None:
        super().__init__(state, step)
        self._alternating = self.dose.alternating
        self.todo = self.begun_anew() if todo is None else todo
        self._reader = SignalReader()
        self._frame: SignalFrame | None = None
        self._seen_s = 0.0  # the last frame
        self._active_s = 0.0  # when he last moved, or was told something
        self._tried_s = 0.0  # the last attempt
        self._trouble: tuple[str, float] | None = None  # its text, and since when it lasts
        self._phase: Phase = "rest"
        self._looked_s = 0.0
        self._cued: set[str] = set()  # faults that were known, and dealt with, while the repetition lasted
        self._held = self._called_back = False  # whether the stop, and the way back, were announced
        self._invited = False
        self._cue = ""
        self._attempts = 0
        self._praised = False
        self._set_number = self.todo[0].set_number if self.todo else 1
        self._side = self.todo[0].side if self.todo else ""
        self._going_home_until_s = 0.0
        self._left_for_home = False

    @property
    def keys(self) -> tuple[str, ...]:
        """Before the gate opens one may also go on by voice."""
        return super().keys if self._counter is None else super().keys[1:]

    def enter(self, t_s: float) -> None:
        """Ask the person to come into view."""
        super().enter(t_s)
        self._now_s = self._gate_since_s = self._gate_told_s = self._found_s = self._seen_s = t_s
        self.state.say(t_s, self.state.words["ready.say"], "guide")

    def see(self, look: Look) -> None:
        t_s = look.pose.t_s
        frame = self._reader.read(look.pose)
        self._now_s = self._seen_s = t_s
        self._frame = frame
        if frame.found:
            self._found_s = t_s
        if self._counter is None:
            self._wait_for_gate(look, frame)
            if self._counter is not None:
                self._active_s = self._tried_s = t_s
                self._phase, self._cue, self._trouble, self._invited = "rest", "", None, True
            return
        if self._unmeasurable(look, frame, t_s):
            return
        for rep in self._counter.see(frame):
            self._take_rep(t_s, rep)
        if self._counter is not None and self.move is Move.STAY:
            self._guide(t_s, self._counter.phase)

    def tick(self, t_s: float) -> None:
        """Repeat what the gate waits for, remind the person of the movement, and end what nothing comes of."""
        self._now_s = t_s
        if self._counter is None:
            self._hurry_gate(t_s)
        elif t_s - self._seen_s > GONE_S:
            self.state.note = self.state.words["trouble.no-picture"]
        elif t_s - self._tried_s > NOTHING_S:
            self.state.say(t_s, self.state.words["coach.leave-it"], "guide")
            self.end("time")
        elif t_s - self._active_s > NUDGE_S:
            self._active_s = t_s
            if self._once_more("nudge"):
                how = self.exercise.how[min(1, len(self.exercise.how) - 1)]
                self.state.say(t_s, self.state.words("coach.nudge", how=how), "guide")

    # -- while the set goes on -----------------------------------------------------------------------------------

    def _unmeasurable(self, look: Look, frame: SignalFrame, t_s: float) -> bool:
        """Deal with what keeps the camera from measuring; return whether this frame must not count."""
        words = self.state.words
        if not frame.found and t_s - self._found_s > LOST_S:
            self._ask(t_s, trouble_with(look, frame, words) or words["trouble.left"])
            self._shut_gate()
            return True
        if not frame.found and t_s - self._found_s > GONE_S:
            self.state.note = words["trouble.left"]
        at_rest = frame.found and self._phase == "rest"
        must_face = self._facing if self._in_turn else None
        wrong_view = view_trouble(self.exercise, frame, words, must_face) if at_rest else ""
        text = trouble_with(look, frame, words) or wrong_view
        if not text or (text != wrong_view and self._gate.lenient and frame.found):
            self._trouble, self.state.note = None, ""
            return False
        if self._trouble is None or self._trouble[0] != text:
            self._trouble = (text, t_s)
        if t_s - self._trouble[1] > TROUBLE_S and frame.found:
            self._active_s = t_s
            self._trouble = (text, t_s + GATE_TOLD_EVERY_S)
            if not self._ask(t_s, text) and text == words["trouble.turn-other-side"]:
                self._facing = frame.facing
                self.state.say(t_s, words["coach.this-side"], "guide")
        # What is not seen is unknown and counts nothing by itself; only a wrong view would measure something else.
        return text == wrong_view

    def _take_rep(self, t_s: float, rep: Rep) -> None:
        """Keep and count a repetition that has ended, and say the one thing that helps."""
        words = self.state.words
        if not self.todo:
            return
        if rep.verdict == "partial" and not rep.counted:
            # The person stepped out of view, or was already moving: he has tried nothing.
            if self._once_more("unseen"):
                self.state.say(t_s, words["coach.unseen"], "guide")
            return
        self._active_s = self._tried_s = t_s
        self._attempts += 1
        self._invited = False
        side, set_side = self.todo[0].side, rep.side
        if self._alternating:
            side = self._side if rep.side == "both" else rep.side  # unseen, it is the one that was due
            set_side = "left" if side == "left" else "right"
        if self._in_turn and self._facing in ("left", "right"):
            set_side = "left" if self._facing == "left" else "right"
        self.state.keep(replace(rep, set_number=self.todo[0].set_number, set_side=set_side), self.exercise)
        if self._counter is not None:
            self.state.templates[self.exercise.id] = self._counter.templates
            self._record.own = self._counter.own
        superfluous = self._tick_off(rep, side)
        count = f"{words.number(self._shown)}." if rep.counted else ""
        if not self.todo:
            self._cue = ""
            self._say_count(t_s, rep, count, last=True)
            if self._record.given_up:
                self.state.later(t_s + LATER_S, words["coach.enough"], "guide")
            self.end("attempts" if self._record.given_up else "dose")
            return
        fault = self._cues.choose(set(rep.faults) - self._cued)
        if not rep.counted:
            self._cue = self._say_uncounted(t_s, fault)
        elif fault and self.state.may_cue(t_s):
            self._cue = self._cues.say(fault)
            self.state.cue(t_s, self._cue, count)
        else:
            self._cue = ""
            self._say_count(t_s, rep, count)
        self._cued.clear()
        home_s, home = self.exercise.figure.home_s, self.exercise.words.home
        if home_s:
            if home:
                self.state.later(t_s + HOME_LATER_S + bool(fault), f"{home}.", "guide")
            self._going_home_until_s, self._left_for_home = t_s + 1.5 * home_s, False
        self._next_turn(t_s, side, superfluous=superfluous)

    def _say_uncounted(self, t_s: float, fault: str) -> str:
        """Say that an attempt was too small to tell from noise, and what helps; return what is to be shown."""
        words = self.state.words
        ways = ", ".join(variant.title.rpartition(", ")[2] for variant in self.exercise.variants)
        times = self._cues.ask("too small")
        if times == 1:
            cue = f"{self._cues.say(fault)}." if fault else ""
            self.state.say(t_s, f"{words['coach.too-small']} {cue}".strip(), "cue" if cue else "guide")
        elif times == TWICE and ways:
            self.state.say(t_s, words("coach.other-ways", ways=ways), "guide")
        return words["coach.too-small-short"]

    def _say_count(self, t_s: float, rep: Rep, count: str, *, last: bool = False) -> None:
        """Say the count, with praise for what was mended, and once for a full repetition from the third on."""
        praise = self.exercise.praise
        stopped = rep.measures.get("still_s")
        good = rep.verdict == "full" and not rep.faults
        good = good and stopped is not None and stopped.value >= GOOD_STOP * self.exercise.tempo.stop_s
        seen = rep.counted and rep.verdict != "partial"
        if seen and not last and self._cues.mended(rep.faults):
            self.state.say(t_s, f"{count} {self.state.words['coach.mended']}", "praise")
        elif praise and good and self._attempts >= 3 and not self._praised:
            self._praised = True
            self.state.say(t_s, f"{count} {praise}", "praise")
        elif count:
            self.state.say(t_s, count, "count")

    def _tick_off(self, rep: Rep, side: SetSide) -> bool:
        """Take an attempt off what is to be done; return whether it was one more on a side that is done."""
        planned = next((it for it in self._set_todo if it.side == side), None)
        if rep.counted and planned is not None:
            self.todo.remove(planned)
            return False
        self._cues.extra -= 1
        if self._cues.extra < 0:
            instead = planned or self.todo[0]
            self.todo.remove(instead)
            if not rep.counted:
                self._record.given_up.append((instead.set_number, instead.side))
        return rep.counted and planned is None

    def _next_turn(self, t_s: float, side: SetSide, *, superfluous: bool) -> None:
        """When a side or a set is done, ask for the next one."""
        words, before, following = self.state.words, self._side, self.todo[0]
        if following.set_number != self._set_number:
            self._facing = None
            self._shut_gate()
            self._rests_until_s = t_s + self.dose.rest_s
            self.state.later(t_s + LATER_S, words["coach.next-set"], "guide")
        elif self._in_turn and following.side != before:
            self._facing = OTHER.get(self._facing or "")
            self._shut_gate()
            self._cues.ask(words["trouble.turn-other-side"])
            turn = "coach.turn" if self.exercise.seen.view == "side" else "coach.other-side"
            self.state.later(t_s + LATER_S, words[turn], "guide")
        elif superfluous and self._cues.extra >= 0:
            self.state.later(t_s + LATER_S, words["coach.other-side"], "guide")
        self._set_number = following.set_number
        if self._alternating:
            due = [it.side for it in self._set_todo]
            self._side = OTHER[side] if OTHER[side] in due else due[0]  # type: ignore[assignment]
        else:
            self._side = following.side

    def _guide(self, t_s: float, phase: Phase) -> None:
        """Lead through the repetition: each turn has its word, and a cue comes while it can still be heeded."""
        before, self._phase = self._phase, phase
        if t_s < self._going_home_until_s:
            # Going back to the place looks like the movement; the coach keeps quiet until it is over.
            self._left_for_home |= phase in ("out", "stop")
            if phase == "rest" and self._left_for_home:
                self._going_home_until_s = t_s
            return
        own_back = self._alternating and bool(getattr(self.exercise.words, f"back_{self._side}", ""))
        if phase == "rest":
            self._held = self._called_back = False
            since_s = max(self._tried_s, self._going_home_until_s)
            if self._attempts and not self._invited and t_s - since_s > (0.0 if own_back else INVITE_S):
                self._invited = True
                self.state.silence()
                self.state.say(t_s, self.lead("out", self._side), "guide")
            return
        self._active_s = t_s
        self._invited = True
        if phase == "out" and before != "out":
            self._cue = ""
        if phase == "stop" and not self._held:
            self._held, self._called_back = True, own_back
            self.state.say(t_s, self.lead("back", self._side) if own_back else self.state.words["coach.hold"], "guide")
        elif phase == "stop" and not self._called_back and self._stop_s >= max(self.exercise.tempo.stop_s, 1.0):
            self._called_back = True
            self.state.say(t_s, self.lead("back", self._side), "guide")
        elif t_s - self._looked_s >= LOOKED_AT_EVERY_S and not (own_back and phase == "stop"):
            self._looked_s = t_s
            self._cue_under_way(t_s, phase)

    def _cue_under_way(self, t_s: float, phase: Phase) -> None:
        """Give a cue for what is wrong already, while the movement can still be mended."""
        if self._counter is None or (phase == "stop" and self._stop_s < CUE_AFTER_S):
            return
        fault = self._cues.choose(self._counter.faults_so_far())
        if fault and fault not in self._cued and self.state.may_cue(t_s):
            self._cued.add(fault)
            self._cue = self._cues.say(fault)
            self.state.cue(t_s, self._cue)

    @property
    def _stop_s(self) -> float:
        return 0.0 if self._counter is None else self._counter.stop_s(self._now_s)

    @property
    def _set_todo(self) -> list[PlannedRep]:
        """What is still to be done of the set under way."""
        return [rep for rep in self.todo if rep.set_number == self._set_number]

    @property
    def _shown(self) -> int:
        """The count that is shown and said."""
        return self.count(self._set_number, self._side)

    # -- what is shown -------------------------------------------------------------------------------------------

    def stage(self) -> Stage:
        exercise, counter, side = self.exercise, self._counter, self._side
        if counter is None:
            gate = self._gate
            figure = FigureClock(exercise.id, "still", mirrored=gate.facing == "left")
            stage = Stage("ready", lines=(exercise.how[0],), count=self._shown, ready=gate.ready, figure=figure)
            return self.completed(stage, side)
        going_home = self._now_s < self._going_home_until_s
        phase = "rest" if going_home else counter.phase
        ring = min(self._stop_s / max(exercise.tempo.stop_s, 0.1), 1.0) if phase == "stop" else 0.0
        word = self.phase_word("back" if ring >= 1.0 else phase)
        if going_home and exercise.words.home:
            word = exercise.words.home
        if not self.todo:
            word = ""
        mirrored = self._frame is not None and self._frame.facing == "left"
        swapped = self._alternating and side == "left"
        figure = FigureClock(exercise.id, "loop", mirrored=mirrored, swapped=swapped)
        if phase != "rest":
            out = min(counter.share, 1.0)
            along = {"out": out, "stop": 0.0, "back": 1 - out}[phase]
            figure = FigureClock(exercise.id, "follow", phase, round(along, 2), mirrored, swapped)
        stage = Stage("set", count=self._shown, phase=phase, phase_word=word, ring=ring, cue=self._cue, figure=figure)
        return self.completed(stage, side)
