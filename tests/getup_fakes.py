"""A get-up service with fakes for the world: clocks that a test moves, a sensor that it plays, a log in memory."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from journal_makers import BERLIN, sits_of

from loosen.errors import SensorError
from loosen.getup.camera_look import CameraLook
from loosen.getup.decisions import Glance, Sight
from loosen.getup.prompts.prompter import FallbackPrompter, PromptAnswer, Prompter, PromptText
from loosen.getup.rule import WALK, Rule, ServiceSettings
from loosen.getup.sensor_registry import Sensor, SensorEvent, SensorKind, SensorRegistry
from loosen.getup.service import Service
from loosen.getup.systems.base import System
from loosen.journal.store.sits import Sits

TEXTS = {
    "ask-title": "Get up",
    "ask-text": "{minutes} min: {title}",
    "second-title": "Still?",
    "second-text": "{minutes} {title}",
    "up": "I'm up",
    "snooze": "In 5 minutes",
    "show": "Show me",
    "begun": "",
    "ended": "",
}
TITLES = {"reach": "Reach", "arch": "Arch", "roof": "Roof", WALK: "A short walk"}


class FakeSystem(System):
    """Clocks moved by hand. `wall` is how far the wall clock was set away from the true time."""

    def __init__(self, boot_s: float = 5000.0) -> None:
        super().__init__({})
        self.t_s, self.slept_s, self.boot = boot_s, 0.0, "boot-1"
        self.zero = datetime(2026, 11, 23, 8, 0, tzinfo=BERLIN) - timedelta(seconds=boot_s)
        self.wall = timedelta()

    def boot_s(self) -> float:
        return self.t_s

    def awake_s(self) -> float:
        return self.t_s - self.slept_s

    def now(self) -> datetime:
        return self.zero + timedelta(seconds=self.t_s) + self.wall

    def boot_id(self) -> str:
        return self.boot


class FakeSensor(Sensor):
    """Tells what a test says."""

    def __init__(self, system: FakeSystem) -> None:
        self.system = system
        self.input_s = system.awake_s()
        self.coming: list[SensorEvent] = []
        self.doing: set[str] = set()
        self.dead = False

    def events(self) -> list[SensorEvent]:
        coming, self.coming = self.coming, []
        return coming

    def idle_s(self) -> float | None:
        if self.dead:
            raise SensorError("it died")
        return self.system.awake_s() - self.input_s  # like X11's clock, it stands still in sleep

    def under_way(self) -> frozenset[str]:
        return frozenset(self.doing)


class FakePrompter(Prompter):
    """Keeps what it shows. `fails` makes it unusable."""

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.shown: list[PromptText] = []
        self.given: list[PromptAnswer] = []
        self.fails = False

    def show(self, prompt: PromptText) -> None:
        if self.fails:
            raise SensorError("no daemon")
        self.shown.append(prompt)

    def answers(self) -> list[PromptAnswer]:
        given, self.given = self.given, []
        return given


class FakeCameraLook(CameraLook):
    """Looks without a camera."""

    def __init__(self) -> None:
        super().__init__()
        self.light = False
        self.result: tuple[Glance, Sight] | None = None

    def start(self, glance: Glance, t_s: float) -> None:
        self.light = True

    def stop(self) -> None:
        self.light = False

    def seen(self, t_s: float, *, ready: bool) -> tuple[Glance, Sight] | None:
        result, self.result = self.result, None
        if result is not None:
            self.light = False
        return result


class Workplace:
    """A service with its fakes. `goes` lets time pass as `Service.run` would."""

    def __init__(self, *, system: FakeSystem | None = None, log: Sits | None = None, camera: bool = False) -> None:
        self.system = system or FakeSystem()
        self.sensor = FakeSensor(self.system)
        self.prompter, self.other, self.camera = FakePrompter(), FakePrompter("other"), FakeCameraLook()
        self.log = log or Sits.in_memory()
        self.pages: list[str] = []
        self.may_show: dict[str, str] | None = None
        self.settings = ServiceSettings(Rule(movements=tuple(TITLES), camera=camera), TITLES, TEXTS, "")
        kind = SensorKind("fake", ("idle", "lock", "suspend", "call"), lambda: self.sensor)
        self.sensors = SensorRegistry([kind])
        self.starts()

    def starts(self) -> None:
        """Start the service, or start it again."""
        self.service = Service(
            self.settings,
            system=self.system,
            sensors=self.sensors,
            prompter=FallbackPrompter([lambda: self.prompter, lambda: self.other]),
            log=self.log,
            camera=self.camera,
            open_page=self.pages.append,
            titles_now=lambda: self.may_show,
        )

    def goes(self, seconds: float, *, types: bool = True) -> None:
        """Let time pass, with a key every second or none."""
        end_s = self.system.t_s + seconds
        while True:
            wait_s = self.service.step()
            if self.system.t_s >= end_s:
                return
            self.system.t_s = min(self.system.t_s + max(wait_s, 0.02), end_s)
            if types:
                self.sensor.input_s = self.system.awake_s() - self.system.awake_s() % 1.0

    def sleeps(self, seconds: float) -> None:
        """The computer sleeps: one clock goes on, the other does not."""
        self.system.t_s += seconds
        self.system.slept_s += seconds

    def status(self) -> dict[str, Any]:
        return self.service.handle({"do": "status"})

    def sits(self) -> Any:
        return sits_of(self.log)

    def prompts_s(self) -> list[float]:
        """Return how long the person had sat at each prompt in the log."""
        return [prompt.sat_s for sit in self.sits() for prompt in sit.prompts]
