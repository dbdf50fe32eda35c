"""The coach for a stream of poses: every frame once, in order, and a report at any time.

The counting is that of a guided session; only the ready gate is missing, because a recording starts anywhere. Time
and order are the frames' own, so the same poses give the same report, live, from a clip or from a track file.
"""

from __future__ import annotations

import math
from collections import Counter as Tally

from loosen.body.pose import Pose
from loosen.body.signal_catalogue import Facing, View
from loosen.body.signals import SignalFrame, SignalReader
from loosen.coach.counting.counter import Counter
from loosen.coach.counting.own_range import with_own_range
from loosen.coach.counting.rep import Rep, Report
from loosen.routine.model import Exercise, Routine
from loosen.routine.words import Words, load_words


def _measurable(exercise: Exercise, frame: SignalFrame) -> bool:
    """Whether the movement can be measured in the view that the person is seen in."""
    wrong_view = {"side": "front", "front": "side", "any": ""}[exercise.seen.view]
    return frame.view != wrong_view


class Coach:
    """Counts and judges the repetitions in a stream of poses: poses in, finished repetitions out, live.

    It watches for one `exercise` of the routine, or for all of them to find out which it is. Causal: a repetition
    comes out with the frame that ends it. KeyError if the routine has no such exercise.
    """

    def __init__(self, routine: Routine, exercise: str | None = None, words: Words | None = None) -> None:
        words = words or load_words(routine.language)
        wanted = routine.exercises if exercise is None else [routine.exercise(exercise)]
        self._given = exercise
        self._words = words
        self._reader = SignalReader()
        self._counters = {one.id: Counter(one, words) for one in wanted}
        self._reps: dict[str, list[Rep]] = {one.id: [] for one in wanted}
        self._views: Tally[View] = Tally()
        self._facings: Tally[Facing] = Tally()
        self._first_s: float | None = None
        self._last_s = 0.0
        self._frame: SignalFrame | None = None
        self.frames = 0
        self.frames_with_pose = 0

    def see(self, pose: Pose) -> list[Rep]:
        """Take one frame; return the repetitions that ended with it.

        A frame that is not later than the one before is left out.
        """
        self.frames += 1
        if self._first_s is None:
            self._first_s = pose.t_s
        elif pose.t_s <= self._last_s:
            return []
        self._last_s = pose.t_s
        self.frames_with_pose += pose.found
        self._frame = frame = self._reader.read(pose)
        if frame.found:
            self._views[frame.view] += 1
            self._facings[frame.facing] += 1
        ended: list[Rep] = []
        for name, counter in self._counters.items():
            if _measurable(counter.exercise, frame):
                ended += self._kept(name, counter.see(frame))
        return ended

    def finish(self) -> list[Rep]:
        """End the recording; return the repetitions that its end cut off."""
        return [rep for name, counter in self._counters.items() for rep in self._kept(name, counter.finish())]

    def _kept(self, name: str, reps: list[Rep]) -> list[Rep]:
        self._reps[name] += reps
        return reps

    def counter(self, exercise: str) -> Counter:
        """Return the counter of an exercise, to show where in a repetition the person is."""
        return self._counters[exercise]

    def value(self, exercise: str) -> float:
        """Return the exercise's own signal in the last frame; NaN if unknown."""
        signal = self._counters[exercise].exercise.seen.signal
        return math.nan if self._frame is None else self._frame[signal]

    def recognised(self) -> str | None:
        """Return the exercise that the recording shows: the one with most counted repetitions, or none."""
        if self._given is not None:
            return self._given

        def weight(name: str) -> tuple[int, float]:
            reps = [rep for rep in self._reps[name] if rep.counted]
            return len(reps), sum(rep.end_s - rep.start_s for rep in reps)

        best = max(self._reps, key=weight)
        return best if weight(best)[0] else None

    def report(self, name: str = "") -> Report:
        """Return all that was seen until now; `name` is what the recording is called."""
        recognised = self.recognised()
        found = dict(self._reps)
        if self._given is not None:
            exercise = self._counters[self._given].exercise
            found[self._given] = list(with_own_range(found[self._given], exercise, self._words))
        counted = {exercise_id: sum(rep.counted for rep in reps) for exercise_id, reps in found.items()}
        return Report(
            input=name,
            exercise=recognised,
            found_by="given" if self._given is not None else "recognised",
            view=self._views.most_common(1)[0][0] if self._views else "unknown",
            facing=self._facings.most_common(1)[0][0] if self._facings else "unknown",
            duration_s=round(self._last_s - (self._first_s or 0.0), 3),
            frames=self.frames,
            frames_with_pose=self.frames_with_pose,
            counted=counted.get(recognised or "", 0),
            reps=tuple(found.get(recognised or "", ())),
            also={name: n for name, n in counted.items() if n and name != recognised},
        )
