"""A service with stand-ins for everything outside: clocks that a test moves, a desk that it plays, a log in memory."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from loosen.errors import SensorError
from loosen.getup.child_processes import Looker
from loosen.getup.decisions import Glance, Sight
from loosen.getup.prompts.base import Answer, Ask
from loosen.getup.prompts.ways import Ways
from loosen.getup.sensor_registry import Kind, Watch
from loosen.getup.sensors.base import Heard, Mute
from loosen.getup.service import Service
from loosen.getup.startup import Plan
from loosen.journal.store.sits import Sits

BERLIN = timezone(timedelta(hours=1))
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
TITLES = {"reach": "Reach", "arch": "Arch", "roof": "Roof", "walk": "Walk"}


class FakeTimes:
    """Clocks moved by hand; `wall` is how far the wall clock was set away from the truth."""

    def __init__(self, boot_s: float = 5000.0) -> None:
        self.at_s, self.slept_s, self.boot = boot_s, 0.0, "boot-1"
        self.zero = datetime(2026, 11, 23, 8, 0, tzinfo=BERLIN) - timedelta(seconds=boot_s)
        self.wall = timedelta()

    def boot_s(self) -> float:
        return self.at_s

    def awake_s(self) -> float:
        return self.at_s - self.slept_s

    def now(self) -> datetime:
        return self.zero + timedelta(seconds=self.at_s) + self.wall

    def boot_id(self) -> str:
        return self.boot


class FakeSensor(Mute):
    """Tells what a test says."""

    def __init__(self, times: FakeTimes) -> None:
        self.times = times
        self.input_s = times.awake_s()
        self.coming: list[Heard] = []
        self.doing: set[str] = set()
        self.dead = False

    def news(self) -> list[Heard]:
        coming, self.coming = self.coming, []
        return coming

    def idle_s(self) -> float | None:
        if self.dead:
            raise SensorError("it died")
        return self.times.awake_s() - self.input_s  # as X11's: it stands still in sleep

    def under_way(self) -> frozenset[str]:
        return frozenset(self.doing)


class FakeWay:
    """Writes down what is asked; `fails` makes it unusable."""

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.asked: list[Ask] = []
        self.given: list[Answer] = []
        self.withdrawn = 0
        self.fails = False

    def fileno(self) -> int | None:
        return None

    def show(self, ask: Ask) -> None:
        if self.fails:
            raise SensorError("no daemon")
        self.asked.append(ask)

    def withdraw(self) -> None:
        self.withdrawn += 1

    def answers(self) -> list[Answer]:
        given, self.given = self.given, []
        return given

    def has_answers(self) -> bool:
        return bool(self.given)

    def close(self) -> None:
        pass


class FakeLooker(Looker):
    """Looks without a camera."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: list[Glance] = []
        self.light = False
        self.result: tuple[Glance, Sight] | None = None

    def start(self, glance: Glance, t_s: float) -> None:
        self.looks.append(glance)
        self.light = True

    def stop(self) -> None:
        self.light = False

    def seen(self, t_s: float, *, ready: bool) -> tuple[Glance, Sight] | None:
        result, self.result = self.result, None
        if result is not None:
            self.light = False
        return result


class Room:
    """A service and all that it works with. `goes` lets time pass as `Service.run` would."""

    def __init__(self, *, times: FakeTimes | None = None, log: Sits | None = None, **plan: Any) -> None:
        self.times = times or FakeTimes()
        self.sensor = FakeSensor(self.times)
        self.way, self.other, self.looker = FakeWay(), FakeWay("other"), FakeLooker()
        self.log = log or Sits.in_memory()
        self.pages: list[str] = []
        self.plan = Plan(1800.0, 2700.0, TITLES, TEXTS, "", **plan)
        self.watch = Watch([Kind("fake", ("idle", "lock", "suspend", "call"), lambda: self.sensor)])
        self.service = self.served()

    def served(self) -> Service:
        """Start (or start again) the service."""
        return Service(
            self.plan,
            times=self.times,
            watch=self.watch,
            ways=Ways([lambda: self.way, lambda: self.other]),
            log=self.log,
            looker=self.looker,
            show_page=self.pages.append,
        )

    def goes(self, seconds: float, *, types: bool = True) -> None:
        """Let time pass, with a key every second or none."""
        end_s = self.times.at_s + seconds
        while True:
            wait_s = self.service.step()
            if self.times.at_s >= end_s:
                return
            self.times.at_s = min(self.times.at_s + max(wait_s, 0.02), end_s)
            if types:
                self.sensor.input_s = self.times.awake_s() - self.times.awake_s() % 1.0

    def sleeps(self, seconds: float) -> None:
        """The computer sleeps: one clock goes on, the other does not."""
        self.times.at_s += seconds
        self.times.slept_s += seconds

    def prompts_s(self) -> list[float]:
        """When the person was asked, in seconds since the start of the log."""
        day = self.times.zero.date()
        sits = self.log.sits(day - timedelta(days=2), day + timedelta(days=3))
        return [asked.sat_s for sit in sits for asked in sit.prompts]

    def sits(self) -> Any:
        day = self.times.zero.date()
        return self.log.sits(day - timedelta(days=2), day + timedelta(days=3))
