"""One exercise: from signals to repetitions, causally."""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Mapping
from math import isnan

import msgspec

from loosen.body.figure import FigureMotion
from loosen.body.signals import SignalFrame, SignalReader
from loosen.body.synthetic_body import SyntheticCamera, project
from loosen.coach.counting.rep import Measure, Rep, Side
from loosen.coach.counting.segmentation import Attempt, Segmenter
from loosen.coach.counting.template import REMEMBERED, Template, shape_of
from loosen.coach.counting.verdict import full_at, judge
from loosen.routine.fields import Phase
from loosen.routine.model import Exercise
from loosen.routine.words import Words

OWN_REPS = 5
# How far a person's own rest level may lie from the figure's.
TOLERANCE = {"deg": 15.0, "other": 0.25}


def start_values(exercise: Exercise) -> dict[str, float]:
    """Return every signal's value in the exercise's start pose, as its figure shows it."""
    points = FigureMotion(exercise).points("start")
    reader = SignalReader()
    return reader.read(project(points, SyntheticCamera(exercise.seen.shown), 0.0)).values


class Counter:
    """Counts and judges one exercise.

    `best`: the person's own best range from earlier sessions. `baseline`: his own standing values from the ready gate;
    without it the exercise's start pose serves until his own are known. `learn` (in a guided set): a repetition that
    is whole but short also tells the person's own range. `templates`, by side: what his good repetitions looked like
    before; they go on learning.
    """

    def __init__(
        self,
        exercise: Exercise,
        words: Words,
        *,
        best: float | None = None,
        baseline: dict[str, float] | None = None,
        learn: bool = False,
        templates: Mapping[Side, Template] | None = None,
    ) -> None:
        self.templates: dict[Side, Template] = dict(templates or {})
        self.exercise = exercise
        self._words = words
        self._carried = best
        self._learn = learn
        self._own: deque[float] = deque(maxlen=OWN_REPS)
        start, signal = start_values(exercise), exercise.seen.signal
        fixed = exercise.seen.relative_to == "zero"
        tolerance = TOLERANCE["deg"] if signal.endswith("_deg") else TOLERANCE["other"]
        if fixed:
            tolerance = min(0.3 * exercise.seen.counts_at, 2 * tolerance)
        self._segmenter = Segmenter(
            signal=signal,
            counts_at=exercise.seen.counts_at,
            start=start.get(signal, 0.0),
            tolerance=tolerance,
            fixed=fixed,
            rest=(baseline or {}).get(signal, math.nan),
            baseline=start | (baseline or {}),
        )

    @property
    def best(self) -> float | None:
        """The person's own range: the middle of his last good repetitions, or what earlier sessions knew."""
        own = statistics.median(self._own) if self._own else None
        if self._carried is None:
            return own
        return self._carried if own is None or len(self._own) < 3 else max(own, 0.9 * self._carried)

    @property
    def phase(self) -> Phase:
        """Where in a repetition the person is now."""
        return self._segmenter.phase

    @property
    def share(self) -> float:
        """How far out the person is now: 0 at rest, 1 where the repetition is full."""
        seen_as = self.exercise.seen
        wanted = full_at(seen_as.full, seen_as.counts_at, self.best)
        if seen_as.relative_to == "zero":
            wanted -= self._segmenter.rest
        value = self._segmenter.value
        return 0.0 if isnan(value) or wanted <= 0 else min(max(value / wanted, 0.0), 1.5)

    def stop_s(self, t_s: float) -> float:
        """How long the person has been in the stop."""
        began_s = self._segmenter.stop_began_s
        return 0.0 if began_s is None else t_s - began_s

    def see(self, frame: SignalFrame) -> list[Rep]:
        """Take one frame's signals; return the repetitions that ended with it."""
        return self._judged(self._segmenter.see(frame))

    def finish(self) -> list[Rep]:
        """End the recording; return what was still under way."""
        return self._judged(self._segmenter.finish())

    def _judged(self, attempts: list[Attempt]) -> list[Rep]:
        reps: list[Rep] = []
        # A clean repetition tells the person's own range; in a guided set also a short one.
        harmless = {"no-stop", "shallow"} if self._learn else {"no-stop"}
        for attempt in attempts:
            rep = judge(self.exercise, attempt, self._segmenter.noise, self.best, self._words)
            if rep is None:
                continue
            if rep.counted and set(rep.faults) <= harmless:
                self._own.append(rep.measures["range"].value)
            reps.append(self._compared(rep, attempt))
        return reps

    def _compared(self, rep: Rep, attempt: Attempt) -> Rep:
        """Add how unlike the person's own good repetitions this one is, once they are known; learn from a good one."""
        if rep.verdict == "partial":
            return rep
        template = self.templates.get(rep.side, Template())
        shape = shape_of([sample.frame for sample in attempt.samples], rep.start_s, rep.end_s)
        if rep.verdict == "full" and not rep.faults:
            self.templates[rep.side] = template.with_one_more(shape)
        unlikeness = template.unlikeness(shape) if template.known else math.nan
        if math.isnan(unlikeness):
            return rep
        # The relative error of a standard deviation that comes from n repetitions.
        error = 1.96 * unlikeness / math.sqrt(2 * (min(template.n, REMEMBERED) - 1))
        measure = Measure(round(unlikeness, 2), "own scatter", round(error, 2))
        return msgspec.structs.replace(rep, measures=rep.measures | {"unlike_own": measure})
