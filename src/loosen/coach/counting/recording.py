"""Watching a recording: every frame once, in order, and a report at the end.

The engine is the one a guided session uses; only the ready gate is missing, because a recording starts anywhere. Time
and order are the frames' own, so the same poses give the same report, live, from a clip or from a track.
"""

from __future__ import annotations

from collections import Counter as Tally
from typing import Literal

from loosen.body.pose import Pose
from loosen.body.signals import Seen, SignalReader
from loosen.coach.counting.counter import Counter
from loosen.coach.counting.report import Rep, Report, Trace
from loosen.routine.model import Exercise, Routine
from loosen.routine.words import Words

Facing = Literal["left", "right", "camera", "away", "unknown"]
View = Literal["front", "side", "oblique", "unknown"]


def measurable(exercise: Exercise, seen: Seen) -> bool:
    """Whether the movement can be measured in the view that the person is seen in."""
    wrong = {"side": "front", "front": "side", "any": ""}[exercise.seen.view]
    return seen.view != wrong


class Watcher:
    """Watches one recording for one exercise, or for all of a routine's to find out which it is."""

    def __init__(self, routine: Routine, words: Words, exercise: str | None = None) -> None:
        self._given = exercise
        wanted = [routine.exercise(exercise)] if exercise is not None else list(routine.exercises)
        self._reader = SignalReader()
        self._counters = {one.id: Counter(one, words) for one in wanted}
        self._reps: dict[str, list[tuple[Rep, Trace]]] = {one.id: [] for one in wanted}
        self._views: Tally[View] = Tally()
        self._facings: Tally[Facing] = Tally()
        self._first_s: float | None = None
        self._last_s = 0.0
        self._seen: Seen | None = None
        self.frames = 0
        self.frames_with_pose = 0

    def see(self, pose: Pose) -> list[tuple[str, Rep, Trace]]:
        """Take one frame; return the repetitions that ended with it, with their exercise.

        A frame that is not later than the one before is left out.
        """
        self.frames += 1
        if self._first_s is None:
            self._first_s = pose.t_s
        elif pose.t_s <= self._last_s:
            return []
        self._last_s = pose.t_s
        self.frames_with_pose += pose.found
        self._seen = seen = self._reader.read(pose)
        if seen.found:
            self._views[seen.view] += 1
            self._facings[seen.facing] += 1
        ended: list[tuple[str, Rep, Trace]] = []
        for name, counter in self._counters.items():
            if measurable(counter.exercise, seen):
                self._keep(name, counter.see(seen), ended)
        return ended

    def value(self, exercise: str) -> float:
        """Return the exercise's own signal in the last frame; NaN if unknown."""
        counter = self._counters[exercise]
        return self._seen[counter.exercise.seen.signal] if self._seen is not None else float("nan")

    def counter(self, exercise: str) -> Counter:
        """Return the counter of an exercise, to show where in a repetition the person is."""
        return self._counters[exercise]

    def finish(self) -> None:
        """The recording has ended."""
        for name, counter in self._counters.items():
            self._keep(name, counter.finish(), [])

    def _keep(self, name: str, done: list[tuple[Rep, Trace]], ended: list[tuple[str, Rep, Trace]]) -> None:
        self._reps[name] += done
        ended += [(name, rep, trace) for rep, trace in done]

    def recognised(self) -> str | None:
        """Return the exercise that the recording shows: the one with most counted repetitions, or none."""
        if self._given is not None:
            return self._given

        def weight(name: str) -> tuple[int, float]:
            reps = [rep for rep, _ in self._reps[name] if rep.counted]
            return len(reps), sum(rep.end_s - rep.start_s for rep in reps)

        best = max(self._reps, key=weight)
        return best if weight(best)[0] else None

    def also(self) -> dict[str, int]:
        """Return the counted repetitions of other exercises than the one found, where there are any."""
        found = self.recognised()
        counted = {name: sum(rep.counted for rep, _ in reps) for name, reps in self._reps.items()}
        return {name: n for name, n in counted.items() if n and name != found}

    def traces(self) -> list[tuple[Rep, Trace]]:
        """Return the repetitions of the exercise found, with their traces."""
        found = self.recognised()
        return [] if found is None else self._reps[found]

    def report(self, name: str) -> Report:
        """Return all that was seen; `name` is what the recording is called."""
        found = self.recognised()
        reps = tuple(rep for rep, _ in self.traces())
        return Report(
            input=name,
            exercise=found,
            found_by="given" if self._given is not None else "recognised",
            view=self._views.most_common(1)[0][0] if self._views else "unknown",
            facing=self._facings.most_common(1)[0][0] if self._facings else "unknown",
            duration_s=round(self._last_s - (self._first_s or 0.0), 3),
            frames=self.frames,
            frames_with_pose=self.frames_with_pose,
            counted=sum(rep.counted for rep in reps),
            reps=reps,
        )
