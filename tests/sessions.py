"""Leading made-up people through whole sessions, in made-up time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, TypeVar
from unittest.mock import patch

from people import ROUTINE, WORDS, body

from loosen.body.pose import Look, Pose
from loosen.body.synthetic_body import Manner
from loosen.coach.guidance.demo_body import DemoBody
from loosen.coach.guidance.past import Past
from loosen.coach.guidance.session import Session
from loosen.coach.guidance.stage import Event, Say, Stage
from loosen.routine.doses import demo_dose
from loosen.routine.model import Exercise, Routine

E = TypeVar("E")
Light = Literal["ok", "dark", "covered"]
FPS = 12.0
SHORT = {exercise.id: demo_dose(exercise) for exercise in ROUTINE.exercises}
KNOWN = Past(doses=SHORT, first_look="fine", heard={exercise.id: 3 for exercise in ROUTINE.all_exercises()})
"""Somebody who was here before, and does short doses."""
NEW = Past(doses=SHORT, care_due="first", first_look="fine")
"""Somebody who has heard nothing yet, except that he had his first look."""


class Doer(DemoBody):
    """Somebody who does just these repetitions, one list for each time that the gate opens, and then stands."""

    def __init__(self, *programme: Sequence[Manner]) -> None:
        super().__init__(ROUTINE)
        self._programme = list(programme)

    def _manners(self, exercise: Exercise) -> tuple[Manner, ...]:
        return tuple(self._programme.pop(0) if self._programme else ())


class Evening:
    """One session and the person in it. `away`: he is out of the picture. `light`, `people`: what else it shows."""

    def __init__(
        self,
        *,
        camera: bool = True,
        past: Past = KNOWN,
        demo: bool = False,
        routine: Routine = ROUTINE,
        only: str | None = None,
        begin_s: float = 100.0,
    ) -> None:
        self.session = Session(routine, WORDS, camera=camera, past=past, demo=demo, only=only)
        self.person = DemoBody(routine) if camera else None
        self.t_s = begin_s
        self.away = False
        self.light: Light = "ok"
        self.people = 1
        self.heard: list[tuple[float, Event]] = []
        self.stages: list[tuple[float, Stage]] = []
        self.session.start(begin_s)
        self._listen()

    @property
    def stage(self) -> Stage:
        return self.session.stage()

    def command(self, *names: str) -> None:
        for name in names:
            self.session.command(self.t_s, name)
            self._listen()

    def trouble(self, what: str) -> None:
        self.session.trouble(self.t_s, what)
        self._listen()

    def answer(self, value: int | str | None) -> None:
        question = self.stage.question
        assert question is not None
        self.session.answer(self.t_s, question.id, value)
        self._listen()

    @property
    def options(self) -> list[str]:
        """What the question on the stage offers."""
        question = self.stage.question
        return [option.id for option in question.options] if question is not None else []

    @property
    def _willing(self) -> str:
        question = self.stage.question
        assert question is not None
        return next((option.id for option in question.options if option.main), self.options[0])

    def step(self) -> None:
        """Let one frame's time pass."""
        self.t_s += 1 / FPS
        if self.person is not None:
            with patch("loosen.coach.guidance.demo_body.Person", body):
                look = self.person.looks_at(self.t_s, self.stage)
            if self.away:
                look = Look(Pose.lost(self.t_s, (640, 480)), people=0)
            elif look is not None:
                look = replace(look, light=self.light, people=self.people)
            if look is not None:
                self.session.see(look)
        self.session.tick(self.t_s)
        self._listen()

    def wait(self, seconds: float) -> None:
        end_s = self.t_s + seconds
        while self.t_s < end_s:
            self.step()

    def until(self, there: Callable[[Stage], bool], limit_s: float = 200.0) -> Stage:
        """Let time pass until the stage is so; answer nothing, press nothing."""
        end_s = self.t_s + limit_s
        while not there(self.stage):
            assert self.t_s < end_s, f"still at {self.stage.screen}: {self.stage.title}"
            self.step()
        return self.stage

    def to(self, screen: str, limit_s: float = 900.0) -> Stage:
        """Go on as a willing person does, until a screen comes: read, answer 4, take what is offered, say yes."""
        end_s = self.t_s + limit_s
        while self.stage.screen != screen:
            assert self.t_s < end_s, f"still at {self.stage.screen}: {self.stage.title}"
            match self.stage.screen:
                case "care":
                    self.command("read")
                case "ask":
                    self.answer(4) if not self.options else self.answer(self._willing)
                case "get-up":
                    self.command("yes")
                case _:
                    self.step()
        return self.stage

    def of(self, kind: type[E]) -> list[tuple[float, E]]:
        """Return everything of one kind that was heard, with its time."""
        return [(t_s, event) for t_s, event in self.heard if isinstance(event, kind)]

    def said(self) -> list[str]:
        return [say.text for _, say in self.of(Say)]

    def _listen(self) -> None:
        self.heard += [(self.t_s, event) for event in self.session.events()]
        if not self.stages or self.stages[-1][1] != self.stage:
            self.stages.append((self.t_s, self.stage))
