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
from loosen.coach.counting.attempt import Attempt, joined
from loosen.coach.counting.rep import Measure, Rep, Side
from loosen.coach.counting.segmentation import Segmenter
from loosen.coach.counting.template import REMEMBERED, Template, shape_of
from loosen.coach.counting.verdict import Levels, faults_under_way, full_at, judge
from loosen.routine.fields import Phase
from loosen.routine.model import Exercise
from loosen.routine.words import Words

OWN_REPS = 5
OWN_AT_LEAST = 3
# How far a person's own rest level may lie from the figure's.
TOLERANCE = {"deg": 15.0, "other": 0.25}


def start_values(exercise: Exercise) -> dict[str, float]:
    """Return every signal's value in the exercise's start pose, as its figure shows it."""
    points = FigureMotion(exercise).points("start")
    reader = SignalReader()
    return reader.read(project(points, SyntheticCamera(exercise.seen.shown), 0.0)).values


class Counter:
    """Counts and judges one exercise.

    `own`: the person's own range from earlier sessions. `baseline`: his own standing values from the ready gate;
    without it the exercise's start pose serves until his own are known. `guided`: he was asked for the movement, so
    that each whole one of his counts, however small. `asks_less`: half of his own range is full today. `templates`, by
    side: what his good repetitions looked like before; they go on learning.
    """

    def __init__(
        self,
        exercise: Exercise,
        words: Words,
        *,
        own: float | None = None,
        baseline: dict[str, float] | None = None,
        guided: bool = False,
        asks_less: bool = False,
        templates: Mapping[Side, Template] | None = None,
    ) -> None:
        self.templates: dict[Side, Template] = dict(templates or {})
        self.exercise = exercise
        self._words = words
        self._carried = own
        self._guided = guided
        self._asks_less = asks_less
        self._own: deque[float] = deque(maxlen=OWN_REPS)
        self._half: Attempt | None = None  # the attempt before, if it was nothing by itself
        start, signal = start_values(exercise), exercise.seen.signal
        fixed = exercise.seen.relative_to == "zero"
        tolerance = TOLERANCE["deg"] if signal.endswith("_deg") else TOLERANCE["other"]
        if fixed:
            tolerance = min(0.3 * exercise.seen.counts_at, 2 * tolerance)
        rest = (baseline or {}).get(signal, math.nan)
        begin = start.get(signal, 0.0)
        if guided and not isnan(rest):
            # The gate has measured how he stands; who bends down for a while does not come to stand otherwise.
            begin, tolerance = rest, min(tolerance, 0.5 * exercise.seen.counts_at)
        self._segmenter = Segmenter(
            signal=signal,
            counts_at=exercise.seen.counts_at,
            start=begin,
            tolerance=tolerance,
            fixed=fixed,
            guided=guided,
            rest=rest,
            baseline=start | (baseline or {}),
        )

    @property
    def own(self) -> float | None:
        """The person's own range: of earlier sessions, until three good repetitions tell what it is today."""
        if self._carried is not None and len(self._own) < OWN_AT_LEAST:
            return self._carried
        return statistics.median(self._own) if self._own else None

    @property
    def _levels(self) -> Levels:
        """The values from which a repetition counts, and from which it is full."""
        seen, segmenter = self.exercise.seen, self._segmenter
        if not self._guided:
            return Levels(seen.counts_at, full_at(seen.full, seen.counts_at, self.own))
        counts = segmenter.counts + (segmenter.rest if segmenter.fixed else 0.0)
        own = self.own
        if own is None:  # his first repetition is the measure of the others
            return Levels(counts, counts)
        full = min(full_at(seen.full, counts, own), (0.5 if self._asks_less else 1.0) * own)
        return Levels(counts, max(full, counts))

    @property
    def phase(self) -> Phase:
        """Where in a repetition the person is now."""
        return self._segmenter.phase

    @property
    def share(self) -> float:
        """How far out the person is now: 0 at rest, 1 where the repetition is full."""
        seen_as = self.exercise.seen
        wanted = seen_as.full.at_least if self.own is None else self._levels.full
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

    def faults_so_far(self) -> list[str]:
        """Return the faults that the repetition under way has already, and that it can still be rid of."""
        attempt = self._segmenter.under_way
        if attempt is None:
            return []
        return faults_under_way(self.exercise, attempt, self._segmenter.phase, self._segmenter.noise, self._levels)

    def finish(self) -> list[Rep]:
        """End the recording; return what was still under way."""
        return self._judged(self._segmenter.finish())

    def _judged(self, attempts: list[Attempt]) -> list[Rep]:
        reps: list[Rep] = []
        for ended in attempts:
            attempt, rep = ended, self._judge(ended)
            whole = joined(self._half, ended) if rep is None and self._guided else None
            if whole is not None and (rep := self._judge(whole)) is not None:
                attempt = whole  # two movements that were nothing by themselves: a point was lost in the middle of one
            self._half = ended if rep is None else None
            if rep is None:
                continue
            # A clean repetition tells the person's own range; in a guided set each one that was not rushed.
            clean = rep.verdict not in ("rushed", "partial") if self._guided else set(rep.faults) <= {"no-stop"}
            if rep.counted and clean:
                self._own.append(rep.measures["range"].value)
            reps.append(self._compared(rep, attempt))
        return reps

    def _judge(self, attempt: Attempt) -> Rep | None:
        noise_sd, levels = self._segmenter.noise, self._levels
        return judge(self.exercise, attempt, noise_sd, levels, self._words, guided=self._guided)

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
