"""A made-up person's journal, for demonstrations and measurements: the same seed gives the same journal.

It is only ever put into a journal in memory (`demo_journal`): nobody's real one can come to hold it.
"""

from __future__ import annotations

import math
import random
import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec

from loosen.body.signal_catalogue import SIGNALS
from loosen.coach.counting.rep import Measure, Rep, Side, Trace, Verdict
from loosen.coach.guidance.stage import Happened
from loosen.journal.outcomes.hindrance import ASKED_EVERY, QUESTION, Hindrance
from loosen.journal.store.journal import Journal
from loosen.journal.store.moments import stamp, utc_text
from loosen.journal.store.records import NEXT_MORNING, DoseChange, Plan, Prompt, Rating, SessionRecord, Sit
from loosen.journal.store.setting_keys import CARE_READ, HINDERED
from loosen.journal.store.writer import Statement
from loosen.journal.transfer.exporter import Contents
from loosen.journal.transfer.importer import merge
from loosen.routine.model import Dose, Exercise, Routine
from loosen.routine.words import Words

PER_WEEK = 4.3
POINTS_PER_S = 12
GROWTH = {"deg": 10.0, "leg": 0.12, "torso": 0.12, "share": 0.1}
SCATTER = {"deg": 2.2, "leg": 0.03, "torso": 0.03, "share": 0.03}
"""How a session differs from the one before it, one standard deviation; repetitions differ half as much."""


def demo_journal(routine: Routine, words: Words, *, sessions: int, now: datetime) -> Journal:
    """Return a made-up journal that is gone when it is closed. What is done meanwhile does not become part of it."""
    journal = _Finished.in_memory()
    with journal.changing() as db:
        merge(db, MadeUp(routine, words, sessions=sessions, now=now).contents())
    return journal


class _Finished(Journal):
    """Keeps no session: what a figure does before the coach is not the made-up person's past."""

    def _write(self, new: Statement | None = None) -> bool:
        del new
        return True


class MadeUp:
    """Makes up `sessions` sessions and the sits between them, up to the moment `now` (with its offset).

    It is somebody who gets looser and less sore over a year's worth of sessions, with days off, with sessions by
    voice, gentle days, and a movement that hurt now and then. What his back keeps him from he says at first, and
    how well it goes about once a week.
    """

    def __init__(self, routine: Routine, words: Words, *, sessions: int, now: datetime, seed: int = 7) -> None:
        self._routine, self._words, self._n, self._now = routine, words, sessions, now
        self._random = random.Random(seed)
        self._asides = random.Random(seed + 1)  # what is asked beside a session changes nothing of it
        self._asked_on = date.min
        # More than one a day only where there are more than a long life's worth.
        self._days_apart = max(7 / PER_WEEK if sessions < 3000 else 3650 / sessions, 1e-3)
        offered = [(it.id, it.progression.steps[0]) for it in routine.exercises if it.progression is not None]
        self._steps = dict(offered[:1] if sessions >= 30 else [])
        self._stepped_at = now - timedelta(days=self._days_apart * sessions / 2)

    def contents(self) -> Contents:
        """Return the whole journal; sessions and sits are made up while they are read."""
        settings: dict[str, Any] = {CARE_READ: utc_text(self._now - timedelta(days=5))}
        if self._n:
            since = (self._now - timedelta(days=self._days_apart * self._n)).date()
            settings[HINDERED] = [Hindrance(text=self._words["made-up.hindered"], since=since.isoformat())]
        return Contents(self._sessions(), self._sits(), self._doses(), self._plans(), settings)

    # -- sessions --------------------------------------------------------------------------------------------

    def _sessions(self) -> Iterator[SessionRecord]:
        for number in range(self._n):
            share = number / max(self._n - 1, 1)
            back = timedelta(days=self._days_apart * (self._n - 1 - number))
            day = (self._now - back).date()
            begun = self._at(day, 18.5 + self._random.gauss(0, 0.7) - (2.0 if number == self._n - 1 else 0))
            if begun >= self._now:
                begun = self._now - timedelta(minutes=40)
            yield self._session(begun, self._better(share))

    def _better(self, share: float) -> float:
        """Return how far on the way (0..1) the person is: quick at first, then ever more slowly."""
        weeks = share * self._n * self._days_apart / 7
        return (1 - math.exp(-weeks / 9)) / (1 - math.exp(-60 / 9))

    def _session(self, begun: datetime, better: float) -> SessionRecord:
        chance = self._random
        camera, hurts = chance.random() > 0.12, chance.random() < 0.03
        early = hurts or chance.random() < 0.06
        reps: list[Rep] = []
        events: list[Happened] = []
        soreness = self._score(6.2 - 4.4 * better)
        stiffness = self._score(6.8 - 4.2 * better)
        eased = 1 if chance.random() < 0.6 else 0
        t_s = 20.0
        gentle = soreness >= 6 and self._asides.random() < 0.5
        if gentle:
            events.append(Happened(12.0, "gentle", detail="yes"))
        for exercise in self._routine.exercises[: 2 if early else None]:
            events.append(Happened(t_s, "exercise-begun", exercise.id))
            hurt = hurts and exercise is self._routine.exercises[1]
            dose = self._dose_on(exercise, begun)
            if gentle:
                dose = msgspec.structs.replace(dose, reps=(dose.reps + 1) // 2)
            todo = dose.total // (2 if hurt else 1)
            done, t_s = self._set(exercise, todo, t_s + 25, better, reps if camera else None)
            if not camera:
                events.append(Happened(t_s, "led", exercise.id, value=todo))
            if hurt:
                events.append(Happened(t_s, "hurt", exercise.id))
                soreness, eased = min(soreness + 1, 10), 0
            events.append(Happened(t_s, "exercise-ended", exercise.id, "hurt" if hurt else "dose", done))
        events += self._asides_of(t_s, hurts=hurts, last=begun.date() >= self._now.date())
        asked = (("soreness", soreness, 4.0), ("stiffness", stiffness, 9.0))
        return SessionRecord(
            **stamp(begun, "started_utc", self._uuid()),
            ended_utc=utc_text(begun + timedelta(seconds=t_s + 30)),
            how="stopped" if early else "finished",
            routine=self._routine.id,
            camera=camera,
            answers=(
                *(Rating(f"{name}-before", value, at) for name, value, at in asked),
                *(Rating(f"{name}-after", max(value - eased, 0), t_s + at) for name, value, at in asked),
                *self._weekly(begun.date(), better),
            ),
            reps=tuple(reps),
            events=tuple(events),
        )

    def _asides_of(self, t_s: float, *, hurts: bool, last: bool) -> Iterator[Happened]:
        """Yield where it hurt and how much, and the morning after, which today's session has not had."""
        chance = self._asides
        if hurts:
            exercise = self._routine.exercises[1].id
            yield Happened(t_s, "hurt-place", exercise, chance.choice(("back", "back", "leg")))
            yield Happened(t_s, "hurt-score", exercise, value=chance.randint(4, 7))
            yield Happened(t_s, "fine", exercise)
        if not last and chance.random() < 0.6:
            how = "worse" if hurts else chance.choice(("better", "better", "same", "same", "same", "worse"))
            yield Happened(t_s, NEXT_MORNING, detail=how)

    def _weekly(self, day: date, better: float) -> Iterator[Rating]:
        if day - self._asked_on >= ASKED_EVERY:
            self._asked_on = day
            typical = 3.0 + 4.5 * better + self._asides.gauss(0, 0.7)
            yield Rating(QUESTION, min(max(round(typical), 0), 10), 14.0)

    def _set(
        self, exercise: Exercise, todo: int, t_s: float, better: float, reps: list[Rep] | None
    ) -> tuple[int, float]:
        """Do an exercise; return how many repetitions counted and when it ended."""
        kind = SIGNALS[exercise.seen.signal].unit
        full = exercise.seen.full.at_least
        typical = full + GROWTH[kind] * (0.35 + better) + self._random.gauss(0, SCATTER[kind])
        # As the coach asks for a share of the person's own range, once he knows it.
        counts_at = exercise.seen.counts_at
        target = max(full, counts_at + 0.75 * (typical - counts_at))
        done = 0
        for number in range(todo):
            value = typical + self._random.gauss(0, SCATTER[kind] / 2)
            side = self._side(exercise, number, todo)
            rep = self._rep(exercise, value, target, t_s, side, better)
            t_s = rep.end_s + exercise.figure.home_s + self._random.uniform(0.5, 1.5)
            done += rep.counted
            if reps is not None:
                reps.append(rep)
        return (done if reps is not None else todo), t_s + 12

    @staticmethod
    def _side(exercise: Exercise, number: int, todo: int) -> Side:
        dose = exercise.dose
        if dose.sides == "together":
            return "both"
        second = number % 2 == 1 if dose.order == "alternating" else number >= todo // 2
        return "right" if second else "left"

    def _rep(self, exercise: Exercise, value: float, target: float, start_s: float, side: Side, better: float) -> Rep:
        chance, words, tempo = self._random, self._words, exercise.tempo
        signal = SIGNALS[exercise.seen.signal]
        out_s, back_s = (self._between(*span) for span in (tempo.out_s, tempo.back_s))
        still_s = max(tempo.stop_s + chance.gauss(0.1, 0.3), 0.2)
        verdict: Verdict = "full"
        faults: tuple[str, ...] = ()
        reasons: tuple[str, ...] = ()
        slip = chance.random() / (1.2 - 0.8 * better)
        rushed = next((fault for fault in exercise.faults if fault.verdict == "rushed"), None)
        if slip < 0.05 and rushed is not None:
            verdict, faults, reasons = "rushed", (rushed.id,), (rushed.reason,)
            out_s = tempo.out_s[0] * 0.4
        elif slip < 0.1 and tempo.credited_from_s:
            verdict, still_s = "no-stop", chance.uniform(0.1, 0.5)
            faults, reasons = ("no-stop",), (words("verdict.no-stop", still=f"{still_s:.1f}"),)
        elif slip < 0.16:
            verdict, faults = "shallow", ("shallow",)
            value = exercise.seen.counts_at + 0.6 * (target - exercise.seen.counts_at)
            told, wanted = (f"{it:.{0 if signal.unit == 'deg' else 2}f}" for it in (value, target))
            reasons = (words("verdict.short-of-full", value=told, wanted=wanted, unit=signal.unit_text),)
        digits = 1 if signal.unit == "deg" else 3
        measures = {"range": Measure(round(value, digits), signal.unit_text, signal.error)}
        for name, seconds in (("still_s", still_s), ("out_s", out_s), ("back_s", back_s)):
            measures[name] = Measure(round(seconds, 2), "s", 0.3)
        if exercise.seen.also:
            second = SIGNALS[exercise.seen.also]
            level = (6 + 6 * better) * self._asides.uniform(0.9, 1.1)
            measures["also"] = Measure(round(level, 1), second.unit_text, second.error)
        if exercise.seen.view == "front":
            uneven = 4.0 + chance.gauss(0, 2.5)
            measures["range_left"] = Measure(round(value, 1), "deg", signal.error)
            measures["range_right"] = Measure(round(value - uneven, 1), "deg", signal.error)
            measures["left_right"] = Measure(round(uneven, 1), "deg", 9.0)
        end_s = start_s + out_s + still_s + back_s
        return Rep(
            exercise=exercise.id,
            set_number=1,
            set_side=side,
            side=side if exercise.seen.side is not None else "both",
            verdict=verdict,
            counted=True,
            start_s=round(start_s, 3),
            peak_s=round(start_s + out_s + still_s / 2, 3),
            end_s=round(end_s, 3),
            faults=faults,
            reasons=reasons,
            measures=measures,
            signal=self._signal(exercise, value, target, out_s, still_s, back_s),
        )

    def _signal(
        self, exercise: Exercise, top: float, target: float, out_s: float, still_s: float, back_s: float
    ) -> Trace:
        signal = SIGNALS[exercise.seen.signal]
        grain = SCATTER[signal.unit] / 6
        t_ms, values = [], []
        for step in range(-6, int((out_s + still_s + back_s + 0.3) * POINTS_PER_S)):
            t_s = step / POINTS_PER_S
            share = _jerkless(t_s / out_s) if t_s < out_s + still_s else 1 - _jerkless((t_s - out_s - still_s) / back_s)
            t_ms.append(round(1000 * t_s))
            values.append(round(1000 * (top * share + self._random.gauss(0, grain))))
        return Trace(
            signal=signal.name,
            unit=signal.unit_text,
            stop_s=(round(out_s, 2), round(out_s + still_s, 2)),
            target=round(target, 3),
            t_ms=tuple(t_ms),
            thousandths=tuple(values),
        )

    # -- all the rest ----------------------------------------------------------------------------------------

    def _sits(self) -> Iterator[Sit]:
        if not self._n:
            return
        first = (self._now - timedelta(days=self._days_apart * self._n)).date()
        last = min((self._now.date() - first).days, 370)
        for back in range(last, -1, -1):
            day = self._now.date() - timedelta(days=back)
            if day.weekday() >= 5:
                continue
            better = self._better(1 - back / max(last, 1))
            hour = 8.6
            while hour < 16.5:
                minutes = max(self._random.gauss(62 - 24 * better, 13), 6)
                begun = self._at(day, hour)
                if begun + timedelta(minutes=minutes) >= self._now:
                    break
                yield self._sit(begun, minutes)
                hour += minutes / 60 + self._random.uniform(0.1, 0.6)

    def _sit(self, begun: datetime, minutes: float) -> Sit:
        ended = begun + timedelta(minutes=minutes)
        got_up = self._random.random() < 0.7
        prompt = Prompt(
            uuid=self._uuid(),
            at_utc=utc_text(begun + timedelta(minutes=minutes - 2)),
            sat_s=60 * (minutes - 2),
            why="pause",
            exercise=None,
            snoozes=0,
            outcome="confirmed" if got_up else "missed",
            outcome_utc=utc_text(ended) if got_up else None,
        )
        return Sit(
            **stamp(begun, "started_utc", self._uuid()),
            last_utc=utc_text(ended),
            seconds=round(60 * minutes, 1),
            ending="up",
            prompts=(prompt,) if minutes > 30 else (),
        )

    def _doses(self) -> Iterator[DoseChange]:
        """One step was taken half-way, where there were weeks enough for it."""
        for exercise, step in self._steps.items():
            yield DoseChange(
                **stamp(self._stepped_at, key=self._uuid()),
                routine=self._routine.id,
                exercise=exercise,
                sets=step.sets,
                reps=step.reps,
                what="yes",
            )

    def _dose_on(self, exercise: Exercise, at: datetime) -> Dose:
        """Return the dose that held at a moment: what was done is what was set."""
        step = self._steps.get(exercise.id)
        if step is None or at < self._stepped_at:
            return exercise.dose
        return msgspec.structs.replace(exercise.dose, sets=step.sets, reps=step.reps)

    def _plans(self) -> Iterator[Plan]:
        if self._n >= 2:
            at = self._now - timedelta(days=self._days_apart * (self._n - 2))
            yield Plan(**stamp(at, key=self._uuid()), what="made", cue=self._words["made-up.cue"], part="evening")

    def _at(self, day: date, hour: float) -> datetime:
        return datetime.combine(day, time(), self._now.tzinfo) + timedelta(hours=hour)

    def _between(self, low: float, high: float) -> float:
        return self._random.uniform(0.95 * low, 1.05 * high)

    def _score(self, typical: float) -> int:
        return min(max(round(typical + self._random.gauss(0, 0.8)), 0), 10)

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


def _jerkless(share: float) -> float:
    """Return the way covered (0..1) at a share of the time: the minimum-jerk course (Flash and Hogan, 1985)."""
    x = min(max(share, 0.0), 1.0)
    return x**3 * (10 - 15 * x + 6 * x * x)
