"""The guided session: scene after scene, from the safety note to the summary.

Pure: times come in, events and a stage come out. The leader of a session (page, terminal, test) calls `see`,
`tick` and `command`, then reads `events()` and `stage()`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import msgspec

from loosen.body.pose import Look
from loosen.coach.guidance import scenes
from loosen.coach.guidance.camera_set import CameraSet
from loosen.coach.guidance.choice_scenes import FamilyScene, GentleScene, HurtScene
from loosen.coach.guidance.exercise_set import ExerciseSet
from loosen.coach.guidance.first_look import FirstLookScene
from loosen.coach.guidance.past import Past, Templates
from loosen.coach.guidance.session_plan import (
    Move,
    PlanStep,
    StepKind,
    chosen_exercises,
    closing_step,
    session_plan,
    step_before,
    step_past,
)
from loosen.coach.guidance.session_state import SessionState
from loosen.coach.guidance.stage import Ended, Event, Stage
from loosen.coach.guidance.voice_set import VoiceSet
from loosen.routine.doses import break_dose, demo_dose
from loosen.routine.model import Exercise, Routine
from loosen.routine.words import Words

PAUSED_KEYS = ("resume", "continue", "hurts", "skip", "back", "finish")
SCENES: dict[StepKind, type[scenes.Scene]] = {
    StepKind.CARE: scenes.CareScene,
    StepKind.QUESTION: scenes.QuestionScene,
    StepKind.GENTLE: GentleScene,
    StepKind.KEPT_OUT: scenes.KeptOutScene,
    StepKind.FAMILY: FamilyScene,
    StepKind.FIRST_LOOK: FirstLookScene,
    StepKind.INTRO: scenes.IntroScene,
    StepKind.SET: CameraSet,  # or a VoiceSet, without a camera
    StepKind.REST: scenes.RestScene,
    StepKind.GET_UP: scenes.GetUpScene,
    StepKind.SUMMARY: scenes.SummaryScene,
}
JUMP_S = 2.0  # two times further apart mean that the clock has jumped: the computer slept


def without_questions(routine: Routine, past: Past) -> Past:
    """Return the past of somebody of whom nothing is to be asked or told at length."""
    heard = {exercise.id: 1 for exercise in routine.all_exercises()}
    return msgspec.structs.replace(past, heard=heard, hurting=frozenset(), first_look="fine")


class Session:
    """Leads one session. Times `t_s` are seconds on one clock of the caller's, rising."""

    def __init__(
        self,
        routine: Routine,
        words: Words,
        *,
        camera: bool,
        past: Past | None = None,
        demo: bool = False,
        only: str | None = None,
    ) -> None:
        """Plan a session through `routine`, or (`only`) a break of a minute or two with one exercise or variant of it.

        `past`: what earlier sessions tell of the person. `demo`: short doses, and nothing but the exercises. A break
        asks no questions about the back.
        """
        past = past or Past()
        if demo:
            past = without_questions(routine, past)
        whole, look = routine, routine.first_look
        exercises = chosen_exercises(routine, past, only)
        kept_out: tuple[Exercise, ...] = ()
        if look is not None and past.first_look == "worse":
            kept_out = tuple(exercise for exercise in exercises if look.family in exercise.family)
            exercises = tuple(exercise for exercise in exercises if exercise not in kept_out)
        doses = past.doses
        if only is not None:
            routine = msgspec.structs.replace(routine, get_up=None)
            doses = {exercise.id: break_dose(exercise) for exercise in exercises}
        if demo:
            doses = {exercise.id: demo_dose(exercise) for exercise in exercises}
        routine = msgspec.structs.replace(routine, exercises=exercises)
        self._state = SessionState(routine, words, camera, past, doses, dict(past.templates))
        self._state.hurting = [one for one in whole.all_exercises() if one.id in past.hurting]
        self._state.kept_out = kept_out
        self._demo = demo
        questions = not demo and only is None
        self._plan = session_plan(
            exercises,
            care=bool(past.care_due) and not demo,
            questions=questions,
            hindered=bool(past.hindered) and past.hindered_due,
            kept_out=bool(kept_out),
            family=not demo,
            look_at=look.family if look is not None and past.first_look != "fine" else "",
            get_up=not demo and routine.get_up is not None,
        )
        self._pictures_wanted = camera  # until the person or the computer has no camera to give
        self._at = 0
        self._scene: scenes.Scene | None = None
        self._paused_s: float | None = None
        self._paused_by = ""
        self._lost_s = 0.0  # the time that pauses and jumps of the clock have taken
        self._told_s: float | None = None
        self._finished_early = False
        self._over = False

    def start(self, t_s: float) -> None:
        """Begin with the first scene."""
        self._advance_clock(t_s)
        self._go_to(0, t_s)

    def command(self, t_s: float, name: str) -> None:
        """Take a command; this is the one place where a command that the stage's `keys` do not list is refused."""
        self._advance_clock(t_s)
        if self._over or self._scene is None or name not in self.stage().keys:
            return
        if name == "pause":
            self._pause(t_s, "person")
            return
        resumes_only = name == "resume" or (name == "continue" and self._paused_s is not None)
        self._resume(t_s)
        if resumes_only:
            return
        if name == "finish" and "finish" in self._scene.session_keys:
            self._finish(t_s)
            return
        self._state.silence()
        if name == "hurts":
            self._scene = HurtScene(self._state, self._step, self._scene)
            self._scene.enter(self._session_s(t_s))
        else:
            self._scene.command(self._session_s(t_s), name)
            self._follow(t_s)

    def answer(self, t_s: float, question: str, value: int | str | None) -> None:
        """Take the answer to the question on the stage: a number, an option's id, or None for "rather not say"."""
        self._advance_clock(t_s)
        scene, asked = self._scene, self.stage().question
        if not isinstance(scene, scenes.AskScene) or asked is None or self._over:
            return
        if asked.id != question or not asked.takes(value):
            return
        self._resume(t_s)
        scene.answer(self._session_s(t_s), value)
        self._follow(t_s)

    def trouble(self, t_s: float, what: str) -> None:
        """Take a trouble from outside: camera-refused, -missing, -lost, -back, tab-hidden, -shown, slow."""
        self._advance_clock(t_s)
        if self._over:
            return
        state, session_s = self._state, self._session_s(t_s)
        match what:
            case "tab-hidden":
                if self._paused_s is None and self._scene is not None and "pause" in self._scene.keys:
                    self._pause(t_s, "tab")
            case "tab-shown":
                if self._paused_by == "tab":
                    self._resume(t_s)
            case "camera-back":
                state.camera, state.note, self._pictures_wanted = True, "", True
                state.happened(session_s, what)
                if isinstance(self._scene, VoiceSet) and self._scene.todo:
                    self._scene = CameraSet(state, self._scene.step, self._scene.todo)
                    self._scene.enter(session_s)
            case "camera-refused" | "camera-missing" | "camera-lost":
                state.camera, self._pictures_wanted = False, what == "camera-lost"
                state.happened(session_s, what)
                state.trouble(session_s, state.words[f"trouble.{what}"])
                if isinstance(self._scene, CameraSet):
                    self._go_on_by_voice(t_s, self._scene)
            case "slow":
                state.trouble(session_s, state.words["trouble.slow"])

    def see(self, look: Look) -> None:
        """Take one frame."""
        pose = look.pose
        self._advance_clock(pose.t_s)
        if self._over or self._scene is None or self._paused_s is not None:
            return
        if self._lost_s:
            look = replace(look, pose=replace(pose, t_s=self._session_s(pose.t_s)))
        self._scene.see(look)
        self._follow(pose.t_s)

    def tick(self, t_s: float) -> None:
        """Let time pass; about ten times a second."""
        self._advance_clock(t_s)
        if self._over or self._scene is None or self._paused_s is not None:
            return
        self._state.tick(self._session_s(t_s))
        self._scene.tick(self._session_s(t_s))
        self._follow(t_s)

    def events(self) -> list[Event]:
        """Return what has happened since the last call."""
        events, self._state.events = self._state.events, []
        return events

    @property
    def templates(self) -> Templates:
        """What the person's good repetitions look like by now; for the next session."""
        return self._state.templates

    def stage(self) -> Stage:
        """Return what stands on the stage now."""
        if self._scene is None:
            return Stage("care")
        stage = self._scene.stage()
        if self._paused_s is not None:
            stage = msgspec.structs.replace(stage, paused=True, note=self._state.words["coach.paused"], cue="")
        standing = stage.screen in ("ready", "set")
        watched = standing and isinstance(self._scene, CameraSet)
        keys = self._scene.keys if self._paused_s is None else PAUSED_KEYS
        pictures = standing and self._pictures_wanted
        return msgspec.structs.replace(stage, camera=watched, pictures=pictures, keys=keys)

    @property
    def _step(self) -> PlanStep:
        return self._plan[self._at]

    def _advance_clock(self, t_s: float) -> None:
        """Take a jump of the caller's clock out of session time: nobody moved meanwhile."""
        last_s, self._told_s = self._told_s, max(self._told_s or t_s, t_s)
        if last_s is not None and t_s - last_s > JUMP_S and self._paused_s is None:
            self._lost_s += t_s - last_s

    def _session_s(self, t_s: float) -> float:
        """Return session time: the caller's less pauses and jumps. It stands still in a pause."""
        return (t_s if self._paused_s is None else min(t_s, self._paused_s)) - self._lost_s

    def _pause(self, t_s: float, by: str) -> None:
        self._paused_s, self._paused_by = t_s, by
        self._state.happened(self._session_s(t_s), "paused", detail=by)

    def _resume(self, t_s: float) -> None:
        if self._paused_s is None:
            return
        self._lost_s += t_s - self._paused_s
        self._paused_s, self._paused_by = None, ""
        self._state.happened(self._session_s(t_s), "resumed")

    def _go_to(self, at: int, t_s: float) -> None:
        self._at = at
        kind = VoiceSet if self._step.kind is StepKind.SET and not self._state.camera else SCENES[self._step.kind]
        if self._step.kind is not StepKind.REST:  # there the set's last word is still heard
            self._state.silence(but="trouble")
        self._scene = kind(self._state, self._step)
        self._scene.enter(self._session_s(t_s))
        self._follow(t_s)

    def _follow(self, t_s: float) -> None:
        """Go where the scene asks to."""
        scene = self._scene
        if scene is None or scene.move is Move.STAY:
            return
        move, scene.move = scene.move, Move.STAY
        if isinstance(scene, ExerciseSet) and move in (Move.NEXT, Move.BACK):
            self._end_exercise(t_s, scene.exercise, scene.ended_by)
        match move:
            case Move.NEXT:
                self._go_to(self._at + 1, t_s)
            case Move.BACK:
                self._go_to(step_before(self._plan, self._at, self._state.left_out), t_s)
            case Move.PAST:
                self._go_to(step_past(self._plan, self._at), t_s)
            case Move.SMALLER if isinstance(scene, HurtScene):
                self._go_on_smaller(t_s, scene)
            case Move.BY_VOICE if isinstance(scene, CameraSet):
                self._state.say(self._session_s(t_s), self._state.words["coach.by-voice"], "guide")
                self._go_on_by_voice(t_s, scene)
            case Move.FINISH:
                self._finish(t_s)
            case Move.OVER:
                at_end = self._step.kind is StepKind.SUMMARY and not self._finished_early
                self._end("finished" if at_end else "stopped")
            case _:
                raise RuntimeError(f"{move} is impossible in {type(scene).__name__}: {scene.stage()}")

    def _end_exercise(self, t_s: float, exercise: Exercise, by: str) -> None:
        record = self._state.record(exercise)
        record.ended_by = by
        self._state.happened(self._session_s(t_s), "exercise-ended", exercise, value=record.done, detail=by)

    def _go_on_smaller(self, t_s: float, hurt: HurtScene) -> None:
        """Go on with what is left of the set that hurt, or begin the exercise."""
        if hurt.left is None:
            # After the question before an exercise the next step may be a first look.
            self._go_to(self._at if self._step.kind is StepKind.INTRO else self._at + 1, t_s)
        elif hurt.left:
            self._state.say(self._session_s(t_s), self._state.words["intro.smaller"], "soft")
            kind = CameraSet if self._state.camera else VoiceSet
            self._scene = kind(self._state, hurt.step, hurt.left)
            self._scene.enter(self._session_s(t_s))
        else:
            self._end_exercise(t_s, hurt.exercise, "dose")
            self._go_to(self._at + 1, t_s)

    def _go_on_by_voice(self, t_s: float, scene: CameraSet) -> None:
        """Go on with the same set by voice; what is done is done."""
        self._scene = VoiceSet(self._state, scene.step, scene.todo)
        self._scene.enter(self._session_s(t_s))

    def _finish(self, t_s: float) -> None:
        """Finish early: with the last questions and the summary if anything was done, at once otherwise."""
        if not any(record.done for record in self._state.records.values()):
            self._end("stopped")
            return
        closing = closing_step(self._plan)
        if early := self._at < closing:
            self._finished_early = True
            self._state.happened(self._session_s(t_s), "finished-early")
        self._go_to(closing if early and not self._demo else len(self._plan) - 1, t_s)

    def _end(self, how: Literal["finished", "stopped"]) -> None:
        self._over = True
        self._state.events.append(Ended(how))
