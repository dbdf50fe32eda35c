"""The service: sensors and answers in, the sitting clock's decisions out, all on one thread that mostly sleeps."""

from __future__ import annotations

import logging
import select
import sys
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, Protocol

from loosen.errors import GetUpError
from loosen.getup.child_processes import Looker
from loosen.getup.clock import SittingClock
from loosen.getup.decisions import (
    Decision,
    Look,
    Prompt,
    Settled,
    Show,
    SitBegan,
    SitEnded,
    Snoozed,
    StopLooking,
    Withdraw,
)
from loosen.getup.prompts.base import Answer, Ask
from loosen.getup.prompts.ways import Ways
from loosen.getup.rule import SHORT_S
from loosen.getup.sensor_registry import Watch
from loosen.getup.startup import Plan
from loosen.getup.state import State
from loosen.getup.system_clock import Times

_log = logging.getLogger("loosen.getup")

BEAT_S = 300.0
"""How often a sit's length is written down while nothing happens. (A disk is woken by each writing.)"""
AGAIN_S = 30.0
"""How soon it is tried again after a writing that failed, and how old the log is at most when somebody asks."""
UNWATCHED_S = 600.0
"""Nobody knows what was done while the service did not run; so long a time is taken for an absence."""
PAUSE_AT_MOST_S = 24 * 3600.0
_JUMP_S = 1.0


class Log(Protocol):
    """Where sits and prompts are noted; see `loosen.journal.store.sits`. Never raises."""

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
    """Serves one person. `step` does what is to be done now and tells when to come back."""

    def __init__(
        self,
        plan: Plan,
        *,
        times: Times,
        watch: Watch,
        ways: Ways,
        log: Log,
        looker: Looker,
        show_page: Callable[[str], None],
    ) -> None:
        self.plan, self.times, self.watch, self.ways, self.log = plan, times, watch, ways, log
        self._looker, self._show_page = looker, show_page
        self._behind_s = times.boot_s() - times.awake_s()
        self._beat_s = -BEAT_S
        self._unwritten = False
        self._blind = False
        self.over = False
        t_s = times.boot_s()
        state, unwatched = self._kept_state(t_s)
        self.clock = SittingClock(plan.rule, t_s, state=state)
        if unwatched:
            # An absence is found before any sensor speaks of the present.
            self._carry_out(self.clock.tick(t_s), t_s)
        watch.open(times.awake_s())
        self.clock.again(t_s)

    # -- one step ----------------------------------------------------------------------------------------------

    def step(self, ready: Collection[int] = ()) -> float:
        """Hear, decide and act; return how many seconds may pass until the next step. `ready`: what became readable."""
        t_s, awake_s = self.times.boot_s(), self.times.awake_s()
        self._hear(t_s, awake_s)
        for answer in self.ways.answers():
            self.answer(t_s, answer)
        seen = self._looker.seen(t_s, ready=self._looker.fileno() in ready)
        if seen is not None:
            self.clock.saw(t_s, *seen)
        self._decide(t_s)
        self._beat(t_s)
        if self.watch.has_news(awake_s) or self.ways.has_answers():
            return 0.0
        # What was just decided may have moved what comes next.
        wake_s = self.clock.wake_s(t_s)
        if self._looker.until_s is not None:
            wake_s = min(wake_s, self._looker.until_s)
        return max(wake_s - self.times.boot_s(), 0.0)

    def answer(self, t_s: float, answer: Answer) -> bool:
        """Take an answer to the prompt; False if it means nothing now."""
        match answer:
            case "up":
                return self.clock.up(t_s)
            case "snooze":
                return self.clock.snooze(t_s)
            case "show":
                return self.clock.show(t_s)

    def run(self, others: Callable[[], list[int]], serve: Callable[[], None]) -> None:
        """Step until `over`; `others` and `serve` are the control socket's."""
        ready: list[int] = []
        while not self.over:
            wait_s = self.step(ready)
            readable = [*others(), *self.watch.filenos(), *self.ways.filenos()]
            if (looking := self._looker.fileno()) is not None:
                if sys.platform == "win32":
                    wait_s = min(wait_s, 0.5)  # pipes cannot be waited for there
                else:
                    readable.append(looking)
            try:
                ready = select.select(readable, [], [], max(wait_s, 0.001))[0]
            except (OSError, ValueError):
                # Something closed in between: the next step finds out what.
                ready = []
                time.sleep(0.1)
            serve()

    def close(self) -> None:
        """Leave nothing behind: the prompt goes, the light goes out, the state is kept."""
        self._looker.stop()
        self.ways.close()
        self.watch.close()
        self._keep(self.times.boot_s())
        self.log.write()

    # -- what the control socket asks ----------------------------------------------------------------------------

    def handle(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Do what a request asks, and return the status. GetUpError says why it cannot be done."""
        t_s = self.times.boot_s()
        self._hear(t_s, self.times.awake_s())
        what = asked.get("do")
        match what:
            case "status":
                pass
            case "up" | "show" | "snooze":
                if not self.answer(t_s, what):
                    raise GetUpError(self._why_not(what))
            case "pause":
                seconds = asked.get("seconds")
                if not isinstance(seconds, int | float) or not 0 < seconds <= PAUSE_AT_MOST_S:
                    raise GetUpError(f"expected a pause of up to 24 hours, got {seconds!r} seconds")
                self.clock.pause(t_s, t_s + seconds)
            case "resume":
                if self.clock.state.paused_s is None:
                    raise GetUpError("There is no pause to end")
                self.clock.resume(t_s)
            case "moved":
                self.clock.moved(t_s, seen=asked.get("seen") is True)
            case "stop":
                self.over = True
            case _:
                raise GetUpError("expected one of status, up, show, snooze, pause, resume, moved, stop")
        self._decide(t_s)
        # Whoever asks will look into the log, too.
        self._beat(t_s, every_s=AGAIN_S)
        return self.status(t_s)

    def status(self, t_s: float) -> dict[str, Any]:
        """Return how things stand, ready for JSON; times are local, with their offset.

        "blind": nothing tells of keyboard and mouse, so that sitting is assumed and not known.
        """
        state, plan = self.clock.state, self.plan
        stamp = self._stamper(t_s)
        sitting = bool(state.sit)
        to_come = not state.prompted or state.snoozed_s is not None
        window = [state.began_s + plan.after_s, state.began_s + plan.latest_s]
        return {
            "running": True,
            "now": stamp(t_s),
            "blind": self._blind,
            "sitting": sitting,
            "since": stamp(state.began_s) if sitting else None,
            "sat_s": round(t_s - state.began_s, 1) if sitting else 0.0,
            "window": [stamp(at_s) for at_s in window] if sitting and not state.prompted else None,
            "minutes": [plan.after_s / 60, plan.latest_s / 60],
            "waits_for": [*state.doing, *(["quiet"] if state.quiet else [])] if to_come else [],
            "locked": state.locked_s is not None,
            "prompt": self._open_prompt(stamp),
            "asked": state.prompted,
            "paused_until": None if state.paused_s is None else stamp(state.paused_s),
            "camera": plan.camera,
            "sensors": self.watch.report(),
            "ways": self.ways.report(),
            "log_trouble": self.log.trouble,
        }

    def _open_prompt(self, stamp: Callable[[float], str]) -> dict[str, Any] | None:
        state = self.clock.state
        if not state.prompt:
            return None
        return {
            "why": state.why,
            "shown": stamp(state.shown_s),
            "exercise": state.exercise,
            "title": self.plan.titles.get(state.exercise, ""),
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

    # -- inside ------------------------------------------------------------------------------------------------

    def _hear(self, t_s: float, awake_s: float) -> None:
        """Tell the clock what the sensors know now, but for what is dear to find out."""
        self._notice_sleep(t_s, awake_s)
        self.watch.open(awake_s)
        for asleep in self.watch.news(awake_s):
            if asleep:
                self.clock.sleeping(t_s)
        self.clock.locked(t_s, self.watch.locked)
        idle_s = self.watch.idle_s(awake_s)
        self._blind = idle_s is None
        self.clock.idle(t_s, idle_s)

    def _decide(self, t_s: float) -> None:
        if self.clock.asks_what_is_under_way(t_s):
            found = self.watch.under_way(self.times.awake_s())
            self.clock.busy(t_s, found - {"quiet"}, quiet="quiet" in found)
        self._carry_out(self.clock.tick(t_s), t_s)

    def _notice_sleep(self, t_s: float, awake_s: float) -> None:
        behind_s = t_s - awake_s
        slept_s, self._behind_s = behind_s - self._behind_s, behind_s
        if slept_s > _JUMP_S:
            self.watch.woke(awake_s, slept_s)
            self.clock.suspended(t_s, slept_s)
            # Decided before any sensor speaks: theirs stood still, and would tell of the time before.
            self._carry_out(self.clock.tick(t_s), t_s)

    def _carry_out(self, decided: list[Decision], t_s: float) -> None:
        if not decided:
            return
        for decision in decided:
            self._note(decision, t_s)
            try:
                self._act(decision, t_s)
            except Exception:  # one thing that fails must not keep the next from being done
                _log.exception("%s could not be carried out", type(decision).__name__)
        self._keep(t_s)
        self._unwritten = not self.log.write()

    def _act(self, decision: Decision, t_s: float) -> None:
        match decision:
            case Prompt():
                self.ways.show(self._ask(decision))
            case Withdraw():
                self.ways.withdraw()
            case Look():
                self._looker.start(decision.glance, t_s)
            case StopLooking():
                self._looker.stop()
            case Show():
                self._show_page(decision.exercise)

    def _note(self, decision: Decision, t_s: float) -> None:
        now, log = self.times.now(), self.log

        def at(at_s: float) -> datetime:
            return now - timedelta(seconds=t_s - at_s)

        match decision:
            case SitBegan():
                log.begin(decision.sit, at(decision.at_s))
            case SitEnded():
                log.end(decision.sit, at(decision.at_s), decision.seconds, decision.ending)
            case Prompt() if not decision.again:
                log.prompt(
                    decision.prompt,
                    decision.sit,
                    at(decision.at_s),
                    decision.sat_s,
                    decision.why,
                    decision.exercise,
                )
            case Snoozed():
                log.snoozed(decision.prompt, decision.n)
            case Settled():
                log.settled(decision.prompt, at(decision.at_s), decision.outcome)

    def _ask(self, prompt: Prompt) -> Ask:
        texts, kind = self.plan.texts, "second" if prompt.why == "second" else "ask"
        title = self.plan.titles.get(prompt.exercise, "")
        text = texts[f"{kind}-text"].format(minutes=int(prompt.sat_s // 60), title=title)
        answers: list[tuple[Answer, str]] = [("up", texts["up"])]
        if prompt.snoozes_left:
            answers.append(("snooze", texts["snooze"]))
        if prompt.exercise:
            answers.append(("show", texts["show"]))
        return Ask(texts[f"{kind}-title"], text, tuple(answers))

    def _beat(self, t_s: float, every_s: float = BEAT_S) -> None:
        """Write down how long the sit has lasted, and what could not be written before."""
        if t_s - self._beat_s < (AGAIN_S if self._unwritten else every_s):
            return
        if not (self.clock.state.sit or self._unwritten):
            return
        self._keep(t_s)
        self._unwritten = not self.log.write()

    def _keep(self, t_s: float) -> None:
        self._beat_s = t_s
        state, now = self.clock.state, self.times.now()
        if state.sit:
            # Begun before it was begun: the person may have deleted the log meanwhile.
            self.log.begin(state.sit, now - timedelta(seconds=t_s - state.began_s))
            sign_s = min(max(state.seen_s, state.began_s), t_s)
            self.log.goes_on(state.sit, now - timedelta(seconds=t_s - sign_s), sign_s - state.began_s)
        self.log.state({"boot": self.times.boot_id(), "at": now.isoformat(), "clock": state.as_dict()})

    def _kept_state(self, t_s: float) -> tuple[State | None, bool]:
        """Return the state of before a restart on the present clock's scale, and whether it lies too far back."""
        kept = self.log.last_state()
        if kept is None:
            return None, False
        try:
            was_s = State.from_dict(kept["clock"]).now_s
            wall_s = (self.times.now() - datetime.fromisoformat(kept["at"])).total_seconds()
            same = bool(kept["boot"]) and kept["boot"] == self.times.boot_id() and was_s <= t_s
            gap_s = t_s - was_s if same else max(wall_s, 0.0)
            state = State.from_dict(kept["clock"], by_s=t_s - gap_s - was_s)
        except (KeyError, TypeError, ValueError):
            return None, False
        state.doing, state.quiet, state.looking, state.locked_s, state.now_s = [], False, "", None, t_s
        unwatched = gap_s >= (UNWATCHED_S if same else SHORT_S) and t_s - state.seen_s >= self.plan.away_s
        state.slept = state.slept or unwatched
        return state, unwatched

    def _stamper(self, t_s: float) -> Callable[[float], str]:
        now = self.times.now()
        return lambda at_s: (now - timedelta(seconds=t_s - at_s)).isoformat(timespec="seconds")
