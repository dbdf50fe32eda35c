"""Cutting one signal into attempts, frame by frame: rest, out, stop, back, rest.

The signal is taken relative to the person's rest level, which follows him slowly. All levels are shares of the
excursion that counts, so the same rules serve degrees and leg lengths.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from math import isnan
from typing import Literal

from loosen.body.signals import SignalFrame
from loosen.coach.counting.time_series import noise, slope
from loosen.routine.model import Phase

# Shares of the excursion that counts.
LEAVE = 0.30  # beyond it something has begun
ATTEMPT = 0.50  # below it, what has begun is no attempt
# Shares of the attempt's own peak.
RETURN = 0.30  # below it the way back is nearly done
HOME = 0.10  # and here it is done
SPLIT = 0.60  # a valley this deep between two peaks parts them
RISE = 0.25  # once the signal has risen this much again
TOP = 0.90  # the stop is the time above it
STILL_S = 0.7  # a rest level is learnt from stillness of this length
LOST_S = 0.7  # a longer gap ends what is under way
STUCK_S = 12.0  # still for so long is no stop but a new way of standing
KEEP_S = 30.0  # what takes longer than this is no repetition
BEFORE_S = 2.0  # kept from before an attempt
SHORTEST_S = 0.35


@dataclass(slots=True)
class Sample:
    """One frame of the signal: its value above rest, smoothed, and all signals of the frame."""

    t_s: float
    above: float
    smooth: float
    seen: SignalFrame


@dataclass(slots=True)
class Attempt:
    """A movement away from rest and back (or cut off).

    `samples` reach from `BEFORE_S` before it to its end; `begin` is the index of the first sample of its own.
    `cut` says why it is not whole. `rest` is the level it is measured from.
    """

    samples: list[Sample]
    begin: int
    rest: float
    baseline: dict[str, float]
    cut: Literal["", "start", "end", "lost"] = ""


@dataclass(slots=True)
class Segmenter:
    """Finds attempts in one signal.

    `counts` is the excursion above rest that counts, `start` the signal's value in the exercise's start pose,
    `tolerance` how far a person's own rest may lie from it, `fixed` whether `counts` is measured from zero (then
    a higher rest makes the excursion shorter).
    """

    signal: str
    counts_at: float
    start: float
    tolerance: float
    fixed: bool
    rest: float = math.nan
    phase: Phase = "rest"
    value: float = math.nan  # above rest, smoothed
    stop_began_s: float | None = None
    baseline: dict[str, float] = field(default_factory=dict)
    _recent: deque[Sample] = field(default_factory=deque)
    _under_way: list[Sample] | None = None
    _begin: int = 0
    _peak: float = 0.0
    _valley: float = math.inf
    _valley_at: int = 0
    _returned_s: float | None = None
    _cut_start: bool = False
    _settled: bool = False
    _waiting: list[SignalFrame] = field(default_factory=list)
    _last_s: float = math.nan
    _noise: float = math.nan
    _stuck_since_s: float | None = None
    _away: bool = False
    _free_from_s: float = -math.inf  # the end of the attempt before

    def __post_init__(self) -> None:
        """Begin with the routine's start pose, or with a baseline that was taken before."""
        self._settled = not isnan(self.rest)
        if not self._settled:
            self.rest = self.start

    @property
    def counts(self) -> float:
        """The excursion above rest that counts."""
        return max(self.counts_at - self.rest, 0.3 * self.counts_at) if self.fixed else self.counts_at

    @property
    def noise(self) -> float:
        """SD of the frame-to-frame noise, in the signal's unit; NaN until known."""
        return self._noise

    @property
    def _grain(self) -> float:
        """The noise, or 0 while it is not known."""
        return 0.0 if isnan(self._noise) else self._noise

    def see(self, seen: SignalFrame) -> list[Attempt]:
        """Take one frame; return the attempts that ended with it."""
        value = seen[self.signal]
        if isnan(value):
            return self._unknown(seen.t_s)
        if not isnan(self._last_s) and seen.t_s <= self._last_s:
            return []
        if not self._settled:
            later = not self._waiting or seen.t_s > self._waiting[-1].t_s
            return self._settle(seen) if later else []
        return self._take(seen, value)

    def finish(self) -> list[Attempt]:
        """The recording has ended: return what was under way, marked as cut where it is."""
        ended: list[Attempt] = []
        if not self._settled:
            self._settled = True
            for early in self._waiting:
                ended += self._take(early, early[self.signal])
            self._waiting = []
        if self._under_way is not None and self._peak >= ATTEMPT * self.counts:
            # Down where this one began is down, for arms that never hang between two repetitions.
            began = 0.0 if self._cut_start else self._under_way[self._begin].smooth + HOME / 2 * self._peak
            home = self.value <= max((RETURN + 0.05) * self._peak, min(began, SPLIT * self._peak))
            ended += self._end(len(self._under_way) - 1, "" if home else "end")
        self._drop()
        return ended

    def _settle(self, seen: SignalFrame) -> list[Attempt]:
        """Look at the first moments: if the person is still, that is his rest."""
        self._waiting.append(seen)
        first_s = self._waiting[0].t_s
        if seen.t_s - first_s < STILL_S:
            return []
        points = [(s.t_s, s[self.signal]) for s in self._waiting]
        mean = sum(v for _, v in points) / len(points)
        grain = noise(points)
        # Twice the standard error of a slope through noise alone, times the length.
        by_noise = 0.0 if isnan(grain) else 2 * grain * math.sqrt(12 / len(points))
        still = abs(slope(points)) * STILL_S < max(0.15 * self.counts, by_noise)
        # How somebody stands still at the very beginning is the best evidence of his rest, seated or side-on.
        if still and self.fixed and 0 < mean - self.start < 0.5 * (self.counts_at - self.start):
            self.tolerance = max(self.tolerance, mean - self.start)
        if still and abs(mean - self.start) <= self.tolerance:
            self.rest = mean
        self._settled = True
        ended: list[Attempt] = []
        for early in self._waiting:
            ended += self._take(early, early[self.signal])
        self._waiting = []
        return ended

    def _unknown(self, t_s: float) -> list[Attempt]:
        if isnan(self._last_s) or t_s - self._last_s <= LOST_S:
            return []
        ended: list[Attempt] = []
        if self._under_way is not None and self._peak >= ATTEMPT * self.counts:
            ended = self._end(len(self._under_way) - 1, "lost")
        self._drop()
        self._recent.clear()
        self._away = True
        return ended

    def _take(self, seen: SignalFrame, value: float) -> list[Attempt]:
        t_s = seen.t_s
        if not isnan(self._last_s) and t_s - self._last_s > LOST_S:
            lost = self._unknown(t_s)
            self._last_s = t_s
            return lost + self._take(seen, value)
        dt_s = t_s - self._last_s if not isnan(self._last_s) else 0.0
        self._last_s = t_s
        above = value - self.rest
        last = [s.above for s in list(self._recent)[-2:]]
        middle = sorted([*last, above])[len(last) // 2] if len(last) == 2 else above
        before = self._recent[-1].smooth if self._recent else middle
        smooth = before + (middle - before) * (1 - math.exp(-dt_s / self._tau_s()))
        self.value = smooth
        sample = Sample(t_s, above, smooth, seen)
        self._recent.append(sample)
        while self._recent[0].t_s < t_s - BEFORE_S:
            self._recent.popleft()
        if self._under_way is None:
            return self._rest(sample, dt_s)
        self._under_way.append(sample)
        return self._moving(sample)

    def _tau_s(self) -> float:
        """Smooth more where the signal is noisy: up to a quarter of a second."""
        if isnan(self._noise):
            return 0.06
        wanted_s: float = 0.06 * (self._noise / (0.06 * self.counts)) ** 1.5
        return min(max(0.06, wanted_s), 0.22)

    def _window(self, length_s: float) -> list[tuple[float, float]]:
        points: list[tuple[float, float]] = []
        for sample in reversed(self._recent):
            if sample.t_s < self._last_s - length_s:
                break
            points.append((sample.t_s, sample.above))
        points.reverse()
        return points

    def _rest(self, sample: Sample, dt_s: float) -> list[Attempt]:
        self.phase = "rest"
        if self._away:
            # Back after being away: what is already under way was not seen from its start.
            self._away = False
            if sample.smooth > LEAVE * self.counts:
                self._start(sample, cut=True)
                return []
        if sample.smooth > LEAVE * self.counts:
            self._start(sample, cut=len(self._recent) < 4)
            return []
        window = self._window(0.5)
        still = len(window) > 3 and abs(slope(window)) * 0.5 < max(0.1 * self.counts, self._grain)
        if still:
            share = 1 - math.exp(-dt_s / 1.5)
            shift = (sample.smooth) * share
            low, high = self.start - self.tolerance, self.start + self.tolerance
            moved = min(max(self.rest + shift, low), high) - self.rest
            self._shift(moved)
            for name, value in sample.seen.values.items():
                if not isnan(value):
                    old = self.baseline.get(name, value)
                    self.baseline[name] = old + (value - old) * share
        if len(self._recent) > 10:
            now = noise([(s.t_s, s.above) for s in list(self._recent)[-24:]])
            if not isnan(now):
                self._noise = now if isnan(self._noise) else self._noise + (now - self._noise) * 0.05
        return []

    def _shift(self, moved: float) -> None:
        """Move the rest level, and with it all that is measured from it."""
        self.rest += moved
        for sample in self._recent:
            sample.above -= moved
            sample.smooth -= moved
        self.value -= moved

    def _start(self, sample: Sample, *, cut: bool) -> None:
        # Never back into the repetition before: people go straight on.
        run = [earlier for earlier in self._recent if earlier.t_s >= self._free_from_s]
        low = [i for i, earlier in enumerate(run) if earlier.smooth <= 0.05 * self.counts]
        lowest = min(range(len(run)), key=lambda i: run[i].smooth)
        self._under_way = run
        self._begin = min(low[-1] + 1 if low else lowest, len(run) - 1)
        self._peak = sample.smooth
        self._valley, self._returned_s = math.inf, None
        self._cut_start = cut
        self.phase = "out"
        self.stop_began_s = self._stuck_since_s = None

    def _drop(self) -> None:
        self._under_way = None
        self._peak, self._valley, self._returned_s = 0.0, math.inf, None
        self.phase, self.stop_began_s, self._stuck_since_s = "rest", None, None

    def _moving(self, sample: Sample) -> list[Attempt]:
        run = self._under_way
        assert run is not None
        value, t_s = sample.smooth, sample.t_s
        if value > self._peak:
            # Climbing to a higher peak: whatever valley lay between was a hesitation, unless it was deep.
            if self._valley <= SPLIT * self._peak and value - self._valley >= RISE * self._peak:
                return self._part(sample)
            self._peak, self._valley = value, math.inf
        elif value < self._valley:
            self._valley, self._valley_at = value, len(run) - 1
        elif (
            self._peak >= ATTEMPT * self.counts
            and self._valley <= SPLIT * self._peak
            and value - self._valley >= max(RISE * self._peak, 0.5 * ATTEMPT * self.counts)
        ):
            return self._part(sample)
        self._name_phase(sample)
        if t_s - run[self._begin].t_s > KEEP_S:
            self._forget()
            return []
        if self._stuck(sample):
            return []
        if value > RETURN * self._peak and value > LEAVE * 0.8 * self.counts:
            self._returned_s = None
            return []
        if self._returned_s is None:
            self._returned_s = t_s
        window = self._window(0.35)
        arrived = value <= HOME * self._peak
        settled = t_s - self._returned_s > 0.3 and abs(slope(window)) * 0.35 < max(
            0.04 * self._peak, self._grain
        )
        rising = value - self._valley > max(0.08 * self._peak, 3 * self._grain)
        if not (arrived or settled or rising or t_s - self._returned_s > 1.2):
            return []
        if self._peak < ATTEMPT * self.counts or t_s - run[self._begin].t_s < SHORTEST_S:
            self._drop()
            return []
        ended = self._end(len(run) - 1, "start" if self._never_rose() else "")
        self._free_from_s = t_s
        self._drop()
        return ended

    def _part(self, sample: Sample) -> list[Attempt]:
        """End one attempt at the valley and begin the next there."""
        run = self._under_way
        assert run is not None
        ended: list[Attempt] = []
        if self._peak >= ATTEMPT * self.counts:
            ended = self._end(self._valley_at, "start" if self._never_rose(self._valley_at) else "")
        tail = run[self._valley_at :]
        self._under_way, self._begin = tail, 0
        self._peak, self._valley, self._returned_s = sample.smooth, math.inf, None
        self._cut_start = False
        self.phase, self.stop_began_s = "out", None
        return ended

    def _never_rose(self, last: int | None = None) -> bool:
        """Whether an attempt that was under way when first seen was only seen coming back (until sample `last`)."""
        run = self._under_way
        assert run is not None
        if not self._cut_start:
            return False
        until = len(run) if last is None else last + 1
        top = max(range(self._begin, until), key=lambda i: run[i].smooth)
        return min(s.smooth for s in run[: top + 1]) > 0.5 * self._peak

    def _name_phase(self, sample: Sample) -> None:
        window = self._window(0.35)
        gain = slope(window) * 0.35
        high = sample.smooth >= max(0.8 * self._peak, 0.6 * self.counts)
        calm = max(0.06 * self._peak, 0.7 * self._grain)
        if self.phase == "out" and high and abs(gain) < calm:
            self.phase, self.stop_began_s = "stop", sample.t_s
        elif self.phase == "stop" and gain > 2.5 * calm and sample.smooth >= self._peak:
            self.phase, self.stop_began_s = "out", None
        elif self.phase in ("out", "stop") and sample.smooth < 0.86 * self._peak and gain < 0:
            self.phase = "back"
        elif self.phase == "back" and sample.smooth >= 0.95 * self._peak:
            self.phase = "out"

    def _stuck(self, sample: Sample) -> bool:
        """Give up what is under way when the person has simply come to stand otherwise."""
        window = self._window(0.5)
        if len(window) < 4 or abs(slope(window)) * 0.5 > max(0.1 * self.counts, self._grain):
            self._stuck_since_s = None
            return False
        if self._stuck_since_s is None:
            self._stuck_since_s = sample.t_s
        small = self._peak < ATTEMPT * self.counts
        near = abs(sample.smooth + self.rest - self.start) <= self.tolerance
        patience_s = 1.0 if small else 2.5 if self._cut_start and near else STUCK_S
        if sample.t_s - self._stuck_since_s < patience_s:
            return False
        level = self.rest + sample.smooth
        low, high = self.start - self.tolerance, self.start + self.tolerance
        self._drop()
        self._shift(min(max(level, low), high) - self.rest)
        self._away = level > high  # the next start is seen only after coming down
        return True

    def _forget(self) -> None:
        self._drop()
        self._away = True

    def _end(self, last: int, cut: Literal["", "start", "end", "lost"]) -> list[Attempt]:
        run = self._under_way
        assert run is not None
        if self._cut_start and cut in ("end", "lost"):
            cut = "start" if self._never_rose() else cut
        return [Attempt(run[: last + 1], self._begin, self.rest, dict(self.baseline), cut)]
