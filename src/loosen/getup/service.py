"""The get-up service: tells the sitting clock facts and answers, and carries its decisions out.

It runs on one thread, which mostly sleeps.
"""

from __future__ import annotations

import logging
import select
import time
from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Protocol

from loosen.errors import GetUpError
from loosen.getup import decisions
from loosen.getup.camera_look import CameraLook
from loosen.getup.clock import SittingClock
from loosen.getup.clock_state import ClockState
from loosen.getup.decisions import Decision
from loosen.getup.prompts.prompter import FallbackPrompter, PromptAnswer, PromptText
from loosen.getup.rule import SHORT_S, WALK, ServiceSettings
from loosen.getup.sensor_registry import SensorRegistry
from loosen.getup.systems.base import System

_log = logging.getLogger("loosen.getup")

WRITE_EVERY_S = 300.0
"""How often a sit's length is written while nothing happens. (Each write wakes the disk.)"""
REWRITE_AFTER_S = 30.0
"""How soon a failed write is tried again, and how old the log is at most when somebody asks for the status."""
UNWATCHED_S = 600.0
"""So long a time in which the service did not run is taken for an absence: nobody knows what the person did."""
PAUSE_AT_MOST_S = 24 * 3600.0
_SLEEP_AT_LEAST_S = 1.0
_POLL_PIPES_S = 0.5


class SitLog(Protocol):
    """Where sits and prompts are kept, given by the room above: `loosen.journal.store.sits`. Never raises."""

    trouble: str

    def begin(self, sit: str, at: datetime) -> None: ...
    def goes_on(self, sit: str, at: datetime, seconds: float) -> None: ...
    def end(self, sit: str, at: datetime, seconds: float, ending: str) -> None: ...
    def prompt(self, prompt: str, sit: str, at: datetime, sat_s: float, why: str, exercise: str) -> None: ...
    def snoozed(self, prompt: str, n: int) -> None: ...
    def settled(self, prompt: str, at: datetime, outcome: str) -> None: ...
    def state(self, state: dict[str, Any]) -> None: ...
    def last_state(self) -> dict[str, Any] | None: ...
    def write(self) -> bool: ...


class Service:
    """Serves one person. `open_page` opens the page at a movement.

    `titles_now` finds out what a prompt may show by now, by id with the titles; None where that cannot be known.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        *,
        system: System,
        sensors: SensorRegistry,
        prompter: FallbackPrompter,
        log: SitLog,
        camera: CameraLook,
        open_page: Callable[[str], None],
        titles_now: Callable[[], dict[str, str] | None] = lambda: None,
    ) -> None:
        self.settings, self.system, self.sensors = settings, system, sensors
        self.prompter, self.log = prompter, log
        self._camera, self._open_page = camera, open_page
        self._titles, self._titles_now = settings.titles, titles_now
        self._asleep_s = system.boot_s() - system.awake_s()
        self._written_s = -WRITE_EVERY_S
        self._unwritten = False
        self._blind = False
        self.over = False
        t_s = system.boot_s()
        state, unwatched = self._kept_state(t_s)
        self.clock = SittingClock(settings.rule, t_s, state=state, movements=self._movements)
        if unwatched:
            # The absence is found before any sensor tells of the present.
            self._carry_out(self.clock.tick(t_s), t_s)
        sensors.open(system.awake_s())
        self.clock.again(t_s)

    # -- one step ----------------------------------------------------------------------------------------------

    def step(self, ready: Collection[int] = ()) -> float:
        """Take in facts, decide and act; return the seconds until the next step. `ready`: readable descriptors."""
        t_s, awake_s = self.system.boot_s(), self.system.awake_s()
        self._tell_clock(t_s, awake_s)
        seen = self._camera.seen(t_s, ready=self._camera.fileno() in ready)
        if seen is not None:
            self.clock.saw(t_s, *seen)
        self._decide(t_s)
        # Asking sensors and showing prompts may have read events along, which no descriptor announces any more.
        while self._take_events(t_s, awake_s):
            self._decide(t_s)
        self._write_now_and_then(t_s)
        # The time has gone on while decisions were carried out.
        wake_s = self.clock.wake_s(t_s)
        if self._camera.until_s is not None:
            wake_s = min(wake_s, self._camera.until_s)
        return max(wake_s - self.system.boot_s(), 0.0)

    def answer(self, t_s: float, answer: PromptAnswer) -> bool:
        """Take an answer to the prompt; False if it means nothing now."""
        take = {"up": self.clock.up, "snooze": self.clock.snooze, "show": self.clock.show}[answer]
        return take(t_s)

    def run(self, other_filenos: Callable[[], list[int]], serve: Callable[[], None]) -> None:
        """Step until `over`. The two functions are the control socket's: its descriptors, and what serves them."""
        ready: list[int] = []
        while not self.over:
            wait_s = self.step(ready)
            readable = [*other_filenos(), *self.sensors.filenos(), *self.prompter.filenos()]
            if (look := self._camera.fileno()) is not None:
                if self.system.can_select_pipes:
                    readable.append(look)
                else:
                    wait_s = min(wait_s, _POLL_PIPES_S)
            try:
                ready = select.select(readable, [], [], max(wait_s, 0.001))[0]
            except (OSError, ValueError):
                # A descriptor was closed meanwhile: the next step finds out which.
                ready = []
                time.sleep(0.1)
            serve()

    def close(self) -> None:
        """Withdraw the prompt, put the camera's light out, close the sensors and keep the state."""
        self._camera.stop()
        self.prompter.close()
        self.sensors.close()
        self._keep(self.system.boot_s())
        self.log.write()

    # -- requests by the control socket ----------------------------------------------------------------------------

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        """Carry out a request and return the status. GetUpError says why it cannot be carried out."""
        t_s = self.system.boot_s()
        self._tell_clock(t_s, self.system.awake_s())
        what = request.get("do")
        match what:
            case "status":
                pass
            case "up" | "show" | "snooze":
                if not self.answer(t_s, what):
                    raise GetUpError(self._why_not(what))
            case "pause":
                seconds = request.get("seconds")
                if not isinstance(seconds, int | float) or not 0 < seconds <= PAUSE_AT_MOST_S:
                    raise GetUpError(f"expected a pause of up to 24 hours, got {seconds!r} seconds")
                self.clock.pause(t_s, t_s + seconds)
            case "resume":
                if self.clock.state.paused_s is None:
                    raise GetUpError("There is no pause to end")
                self.clock.resume(t_s)
            case "moved":
                self.clock.moved(t_s, seen=request.get("seen") is True)
            case "stop":
                self.over = True
            case _:
                raise GetUpError("expected one of status, up, show, snooze, pause, resume, moved, stop")
        self._decide(t_s)
        # Whoever asks for the status reads the log, too.
        self._write_now_and_then(t_s, every_s=REWRITE_AFTER_S)
        return self.status(t_s)

    def status(self, t_s: float) -> dict[str, Any]:
        """Return the service's state as JSON values; times are local, with their offset.

        "blind" means that no sensor tells of keyboard and mouse, so that sitting is assumed and not known.
        """
        state, rule = self.clock.state, self.settings.rule
        at = self._local_times(t_s)

        def stamp(at_s: float) -> str:
            return at(at_s).isoformat(timespec="seconds")

        sitting = bool(state.sit)
        prompt_to_come = not state.prompted or state.snoozed_s is not None
        window = [state.began_s + rule.after_s, state.began_s + rule.latest_s]
        return {
            "running": True,
            "now": stamp(t_s),
            "blind": self._blind,
            "sitting": sitting,
            "since": stamp(state.began_s) if sitting else None,
            "sat_s": round(t_s - state.began_s, 1) if sitting else 0.0,
            "window": [stamp(at_s) for at_s in window] if sitting and not state.prompted else None,
            "minutes": [rule.after_s / 60, rule.latest_s / 60],
            "waits_for": [*state.doing, *(["quiet"] if state.quiet else [])] if prompt_to_come else [],
            "locked": state.locked_s is not None,
            "prompt": self._open_prompt(stamp),
            "asked": state.prompted,
            "paused_until": None if state.paused_s is None else stamp(state.paused_s),
            "camera": rule.camera,
            "sensors": self.sensors.report(),
            "ways": self.prompter.report(),
            "log_trouble": self.log.trouble,
        }

    def _open_prompt(self, stamp: Callable[[float], str]) -> dict[str, Any] | None:
        state = self.clock.state
        if not state.prompt:
            return None
        return {
            "why": state.why,
            "shown": stamp(state.shown_s),
            "exercise": "" if state.exercise == WALK else state.exercise,
            "title": self._titles.get(state.exercise, ""),
            "snoozed_until": None if state.snoozed_s is None else stamp(state.snoozed_s),
            "answer": state.answer,
            "can_snooze": self.clock.can_snooze,
        }

    def _why_not(self, what: str) -> str:
        state = self.clock.state
        if not state.prompt:
            return "Nothing is being asked now: see `loosen getup status`"
        if what == "snooze" and state.snoozed_s is not None:
            return "It is put off already: see `loosen getup status`"
        return "It cannot be put off again" if what == "snooze" else "That was answered already"

    # -- private -----------------------------------------------------------------------------------------------

    def _tell_clock(self, t_s: float, awake_s: float) -> None:
        """Tell the clock what the sensors know now, except for what is under way, which is costly to find out."""
        self._notice_sleep(t_s, awake_s)
        self.sensors.open(awake_s)
        self._take_events(t_s, awake_s)
        idle_s = self.sensors.idle_s(awake_s)
        self._blind = idle_s is None
        self.clock.idle(t_s, idle_s)

    def _take_events(self, t_s: float, awake_s: float) -> bool:
        """Tell the clock what sensors noticed and what the person answered; return whether there was anything."""
        events, answers = self.sensors.events(awake_s), self.prompter.answers()
        if any(event.what == "asleep" and event.on for event in events):
            self.clock.sleeping(t_s)
        self.clock.locked(t_s, self.sensors.locked)
        for answer in answers:
            self.answer(t_s, answer)
        return bool(events or answers)

    def _decide(self, t_s: float) -> None:
        if self.clock.asks_what_is_under_way(t_s):
            found = self.sensors.under_way(self.system.awake_s())
            self.clock.busy(t_s, found - {"quiet"}, quiet="quiet" in found)
        self._carry_out(self.clock.tick(t_s), t_s)

    def _notice_sleep(self, t_s: float, awake_s: float) -> None:
        asleep_s = t_s - awake_s
        slept_s, self._asleep_s = asleep_s - self._asleep_s, asleep_s
        if slept_s > _SLEEP_AT_LEAST_S:
            self.sensors.woke(awake_s, slept_s)
            self.clock.suspended(t_s, slept_s)
            # Decided before any sensor is asked: their clocks stood still, so they would tell of the time before.
            self._carry_out(self.clock.tick(t_s), t_s)

    def _carry_out(self, decided: list[Decision], t_s: float) -> None:
        if not decided:
            return
        for decision in decided:
            try:
                self._act(decision, t_s)
            except Exception:  # the other decisions are still carried out
                _log.exception("%s could not be carried out", type(decision).__name__)
        self._keep(t_s)
        self._unwritten = not self.log.write()

    def _act(self, decision: Decision, t_s: float) -> None:
        """Carry out one decision; what belongs into the log is noted first."""
        at, log = self._local_times(t_s), self.log
        match decision:
            case decisions.SitBegan(sit, at_s):
                log.begin(sit, at(at_s))
            case decisions.SitEnded(sit, at_s, seconds, ending):
                log.end(sit, at(at_s), seconds, ending)
            case decisions.ShowPrompt(prompt, sit, at_s, sat_s, why, exercise):
                if not decision.again:
                    log.prompt(prompt, sit, at(at_s), sat_s, why, exercise)
                self.prompter.show(self._prompt_text(decision))
            case decisions.Snoozed(prompt, _, n):
                log.snoozed(prompt, n)
            case decisions.Settled(prompt, at_s, outcome):
                log.settled(prompt, at(at_s), outcome)
            case decisions.Withdraw():
                self.prompter.withdraw()
            case decisions.StartLooking(glance):
                self._camera.start(glance, t_s)
            case decisions.StopLooking():
                self._camera.stop()
            case decisions.OpenPage(exercise):
                self._open_page("" if exercise == WALK else exercise)

    def _movements(self) -> tuple[str, ...]:
        titles = self._titles_now()
        if titles is None:
            return self.settings.rule.movements
        self._titles = self._titles | titles
        return tuple(titles)

    def _prompt_text(self, prompt: decisions.ShowPrompt) -> PromptText:
        texts, kind = self.settings.texts, "second" if prompt.why == "second" else "ask"
        title = self._titles.get(prompt.exercise, "")
        text = texts[f"{kind}-text"].format(minutes=int(prompt.sat_s // 60), title=title)
        answers: list[tuple[PromptAnswer, str]] = [("up", texts["up"])]
        if prompt.snoozes_left:
            answers.append(("snooze", texts["snooze"]))
        if prompt.exercise and prompt.exercise != WALK:
            answers.append(("show", texts["show"]))
        return PromptText(texts[f"{kind}-title"], text, tuple(answers))

    def _write_now_and_then(self, t_s: float, every_s: float = WRITE_EVERY_S) -> None:
        """Write how long the sit has lasted, and what could not be written before, if that is due again."""
        if t_s - self._written_s < (REWRITE_AFTER_S if self._unwritten else every_s):
            return
        if not (self.clock.state.sit or self._unwritten):
            return
        self._keep(t_s)
        self._unwritten = not self.log.write()

    def _keep(self, t_s: float) -> None:
        self._written_s = t_s
        state, at = self.clock.state, self._local_times(t_s)
        if state.sit:
            # After a restart the log does not know the sit yet; noted again, it changes nothing.
            self.log.begin(state.sit, at(state.began_s))
            sign_s = min(max(state.seen_s, state.began_s), t_s)
            self.log.goes_on(state.sit, at(sign_s), sign_s - state.began_s)
        self.log.state({"boot": self.system.boot_id(), "at": at(t_s).isoformat(), "clock": asdict(state)})

    def _kept_state(self, t_s: float) -> tuple[ClockState | None, bool]:
        """Return the state from before a restart, its times on the present clock, and whether it is too long ago."""
        kept = self.log.last_state()
        if kept is None:
            return None, False
        try:
            was_s = ClockState.from_dict(kept["clock"]).now_s
            wall_s = (self.system.now() - datetime.fromisoformat(kept["at"])).total_seconds()
            same = bool(kept["boot"]) and kept["boot"] == self.system.boot_id() and was_s <= t_s
            gap_s = t_s - was_s if same else max(wall_s, 0.0)
            state = ClockState.from_dict(kept["clock"], by_s=t_s - gap_s - was_s)
        except (KeyError, TypeError, ValueError, OverflowError):
            return None, False
        state.doing, state.quiet, state.looking, state.locked_s, state.now_s = [], False, "", None, t_s
        unwatched = gap_s >= (UNWATCHED_S if same else SHORT_S) and t_s - state.seen_s >= self.settings.rule.away_s
        state.slept = state.slept or unwatched
        return state, unwatched

    def _local_times(self, t_s: float) -> Callable[[float], datetime]:
        """Return a function from times on the sitting clock to local times; `t_s` is now."""
        now = self.system.now()
        return lambda at_s: now - timedelta(seconds=t_s - at_s)
