"""The guided session: scene after scene, from the safety note to the summary.

Pure: times come in, events and a stage come out. Whoever leads a session (page, terminal, test) calls `see`, `tick`
and `command`, then reads `events()` and `stage()`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import msgspec

from loosen.body.pose import Look
from loosen.coach.guidance.camera_set import CameraSet
from loosen.coach.guidance.demo_body import demo_dose
from loosen.coach.guidance.scenes import (
    CareScene,
    GetUpScene,
    HurtScene,
    IntroScene,
    QuestionScene,
    RestScene,
    Scene,
    SorenessScene,
    SummaryScene,
)
from loosen.coach.guidance.session_state import SessionState, Templates
from loosen.coach.guidance.stage import Ended, Event, Stage
from loosen.coach.guidance.voice_set import VoiceSet
from loosen.routine.duration import break_dose
from loosen.routine.model import Dose, Exercise, Routine
from loosen.routine.words import Words

Make = Callable[[], Scene]
BEFORE = ("soreness-before", "stiffness-before")
AFTER = ("soreness-after", "stiffness-after")
PAUSED_KEYS = ("resume", "continue", "hurts", "skip", "back", "finish")
JUMP_S = 2.0  # the clock has jumped (the computer slept) when two times told lie further apart


class Session:
    """Leads one session. Times `t_s` are seconds on one clock of the caller's, rising."""

    def __init__(
        self,
        routine: Routine,
        words: Words,
        *,
        camera: bool,
        care_read: bool,
        best: Mapping[str, float] | None = None,
        demo: bool = False,
        doses: Mapping[str, Dose] | None = None,
        templates: Templates | None = None,
        only: str | None = None,
    ) -> None:
        """Lead through `routine`; `only` one exercise of it, for a break of a minute or two: without questions."""
        if only is not None:
            exercise = routine.exercise(only)
            routine = msgspec.structs.replace(routine, exercises=(exercise,), get_up=None)
            doses = {only: break_dose(exercise)}
        if demo:
            doses = {exercise.id: demo_dose(exercise) for exercise in routine.exercises}
        self._desk = SessionState(routine, words, camera, best or {}, doses or {}, dict(templates or {}))
        self._demo = demo
        self._asks = not demo and only is None
        self._wanted = (
            camera  # whether pictures are welcome: until the person or the computer has no camera to give
        )
        self._plan: list[Make] = []
        self._lay_out(care_read)
        self._at = 0
        self._scene: Scene | None = None
        self._paused_s: float | None = None
        self._paused_by = ""
        self._lost_s = 0.0  # time spent paused
        self._told_s: float | None = None
        self._over = False

    def start(self, t_s: float) -> None:
        """Begin with the first scene."""
        self._woke(t_s)
        self._go(0, t_s)

    def command(self, t_s: float, name: str) -> None:
        """Take a command; what the stage's `keys` do not list is ignored."""
        self._woke(t_s)
        if self._over or self._scene is None or name not in self.stage().keys:
            return
        if name == "pause":
            self._pause(t_s, "person")
        elif name in ("resume", "continue") and self._paused_s is not None:
            self._resume(t_s)
        elif name == "finish":
            self._finish(t_s)
        elif name == "hurts" and isinstance(self._scene, IntroScene | CameraSet | VoiceSet | RestScene):
            self._resume(t_s)
            self._desk.hush()
            self._scene = HurtScene(self._desk, self._scene.exercise)
            self._scene.enter(self._own(t_s))
        else:
            self._resume(t_s)
            self._desk.hush()
            self._scene.command(self._own(t_s), name)
            self._follow(t_s)

    def answer(self, t_s: float, question: str, value: int | None) -> None:
        """Take the answer to the question on the stage; None is "rather not say"."""
        self._woke(t_s)
        scene = self._scene
        if not isinstance(scene, QuestionScene) or scene.question.id != question or self._over:
            return
        if value is not None and not scene.question.low <= value <= scene.question.high:
            return
        scene.answer(self._own(t_s), value)
        self._follow(t_s)

    def trouble(self, t_s: float, what: str) -> None:
        """Take a trouble from outside: camera-refused, -missing, -lost, -back, tab-hidden, -shown, slow."""
        self._woke(t_s)
        if self._over:
            return
        desk, words = self._desk, self._desk.words
        if what == "tab-hidden":
            if self._paused_s is None and isinstance(
                self._scene, CameraSet | VoiceSet | IntroScene | RestScene
            ):
                self._pause(t_s, "tab")
        elif what == "tab-shown":
            if self._paused_by == "tab":
                self._resume(t_s)
        elif what == "camera-back":
            desk.camera, desk.note, self._wanted = True, "", True
            desk.happened(self._own(t_s), what)
        elif what in ("camera-refused", "camera-missing", "camera-lost"):
            desk.camera = False
            self._wanted = what == "camera-lost"
            desk.happened(self._own(t_s), what)
            desk.trouble(self._own(t_s), words[f"trouble.{what}"])
            if isinstance(self._scene, CameraSet):
                self._by_voice(t_s, self._scene)
        elif what == "slow":
            desk.trouble(self._own(t_s), words["trouble.slow"])

    def see(self, look: Look) -> None:
        """Take one frame."""
        self._woke(look.pose.t_s)
        if self._over or self._scene is None or self._paused_s is not None:
            return
        pose = look.pose
        if self._lost_s:
            look = replace(look, pose=replace(pose, t_s=self._own(pose.t_s)))
        self._scene.see(look)
        self._follow(pose.t_s)

    def tick(self, t_s: float) -> None:
        """Let time pass; about ten times a second."""
        self._woke(t_s)
        if self._over or self._scene is None or self._paused_s is not None:
            return
        self._desk.tick(self._own(t_s))
        self._scene.tick(self._own(t_s))
        self._follow(t_s)

    def events(self) -> list[Event]:
        """Return what has happened since the last call."""
        events, self._desk.heard = self._desk.heard, []
        return events

    @property
    def templates(self) -> Templates:
        """What the person's good repetitions look like by now; for the next session."""
        return self._desk.templates

    def stage(self) -> Stage:
        """Return what stands on the stage now."""
        if self._scene is None:
            return Stage("care")
        stage = self._scene.stage()
        if self._paused_s is not None:
            note = self._desk.words["coach.paused"]
            stage = msgspec.structs.replace(stage, paused=True, note=note, cue="", keys=PAUSED_KEYS)
        standing = stage.screen in ("ready", "set")
        watched = standing and isinstance(self._scene, CameraSet)
        return msgspec.structs.replace(stage, camera=watched, pictures=standing and self._wanted)

    def _woke(self, t_s: float) -> None:
        """Notice that the clock has jumped since it was last told, and take the jump out: nobody moved meanwhile."""
        last_s, self._told_s = self._told_s, max(self._told_s or t_s, t_s)
        if last_s is not None and t_s - last_s > JUMP_S and self._paused_s is None:
            self._lost_s += t_s - last_s

    def _own(self, t_s: float) -> float:
        """Return session time: the caller's less what was spent paused."""
        return t_s - self._lost_s

    def _pause(self, t_s: float, by: str) -> None:
        self._paused_s, self._paused_by = t_s, by
        self._desk.happened(self._own(t_s), "paused", detail=by)

    def _resume(self, t_s: float) -> None:
        if self._paused_s is None:
            return
        self._lost_s += t_s - self._paused_s
        self._paused_s, self._paused_by = None, ""
        self._desk.happened(self._own(t_s), "resumed")

    def _lay_out(self, care_read: bool) -> None:
        desk, exercises = self._desk, self._desk.routine.exercises
        plan = self._plan
        if not care_read and not self._demo:
            plan.append(lambda: CareScene(desk))
        if self._asks:
            plan += [lambda q=question: QuestionScene(desk, q) for question in BEFORE]  # type: ignore[misc]
            plan.append(lambda: SorenessScene(desk))
        for index, exercise in enumerate(exercises):
            following = exercises[index + 1] if index + 1 < len(exercises) else None
            plan.append(lambda e=exercise, n=index + 1: IntroScene(desk, e, n, len(exercises)))  # type: ignore[misc]
            plan.append(lambda e=exercise, n=index + 1: self._set(e, n, len(exercises)))  # type: ignore[misc]
            if following is not None:
                plan.append(lambda e=exercise, f=following: RestScene(desk, e, f))  # type: ignore[misc]
        if desk.routine.get_up is not None and not self._demo:
            plan.append(lambda: GetUpScene(desk))
        self._questions_at = len(plan)
        if self._asks:
            plan += [lambda q=question: QuestionScene(desk, q) for question in AFTER]  # type: ignore[misc]
        plan.append(lambda: SummaryScene(desk))

    def _set(self, exercise: Exercise, number: int, of: int) -> Scene:
        if self._desk.camera:
            return CameraSet(self._desk, exercise, number, of)
        return VoiceSet(self._desk, exercise, number, of)

    def _by_voice(self, t_s: float, scene: CameraSet) -> None:
        """Go on with the same set by voice; what is done is done."""
        todo = scene.remaining()
        self._scene = VoiceSet(self._desk, scene.exercise, scene.number, scene.of_exercises, todo)
        self._scene.enter(self._own(t_s))

    def _go(self, at: int, t_s: float) -> None:
        self._at = min(max(at, 0), len(self._plan) - 1)
        self._scene = self._plan[self._at]()
        self._scene.enter(self._own(t_s))
        self._follow(t_s)

    def _follow(self, t_s: float) -> None:
        """Go where the scene wants to."""
        scene = self._scene
        if scene is None or not scene.move:
            return
        move, scene.move = scene.move, ""
        if isinstance(scene, CameraSet | VoiceSet) and move in ("on", "back"):
            done = self._desk.record(scene.exercise).done
            self._desk.happened(self._own(t_s), "exercise-ended", scene.exercise, value=done, detail=move)
        match move:
            case "on":
                self._go(self._at + 1, t_s)
            case "back":
                self._go(self._previous(), t_s)
            case "again":
                self._go(self._at, t_s)
            case "by-voice" if isinstance(scene, CameraSet):
                self._desk.say(self._own(t_s), self._desk.words["coach.by-voice"], "guide")
                self._by_voice(t_s, scene)
            case "over":
                self._over = True
                self._desk.heard.append(Ended("finished" if isinstance(scene, SummaryScene) else "stopped"))

    def _previous(self) -> int:
        """Return the scene before: from a set its own intro, from an intro the one before."""
        at = self._at - 1
        while at > 0 and isinstance(self._plan[at](), RestScene | CameraSet | VoiceSet | SorenessScene):
            at -= 1
        return at

    def _finish(self, t_s: float) -> None:
        """Finish early: to the last questions if anything was done, to the summary otherwise."""
        self._resume(t_s)
        if isinstance(self._scene, SummaryScene):
            self._over = True
            self._desk.heard.append(Ended("finished"))
            return
        done = any(record.done for record in self._desk.records.values())
        if self._at < self._questions_at and done and not self._demo:
            self._desk.happened(self._own(t_s), "finished-early")
            self._go(self._questions_at, t_s)
        elif done:
            self._go(len(self._plan) - 1, t_s)
        else:
            self._over = True
            self._desk.heard.append(Ended("stopped"))
