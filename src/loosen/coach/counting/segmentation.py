"""Cuts one signal into attempts, frame by frame: rest, out, stop, back, rest.

The signal is taken relative to the person's rest level, which follows slow changes of posture. All levels are shares
of the excursion that counts, so the same rules serve degrees and leg lengths.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from itertools import takewhile
from math import isnan

from loosen.body.signals import SignalFrame
from loosen.coach.counting.attempt import Attempt, Cut, Sample
from loosen.coach.counting.time_series import noise, slope
from loosen.routine.fields import Phase

# Shares of the excursion that counts.
LEAVE = 0.30  # a movement begins when the signal rises above it
ATTEMPT = 0.50  # a movement that stays below it is no attempt
# Shares of the attempt's own peak.
RETURN = 0.30  # the way back is nearly done below it
HOME = 0.10  # the repetition ends when the signal returns below it
SPLIT = 0.60  # two peaks are two attempts if the valley between them is below it ...
RISE = 0.25  # ... and the signal has risen by this much again
TOP = 0.90  # the stop is the time above it
STILL_S = 0.7  # a rest level is learnt from stillness of this length
LOST_S = 0.7  # a longer gap in the signal ends what is under way ...
BRIDGED_S = 3.0  # ... in a guided set only one that is longer than this
STUCK_S, ASKED_STUCK_S = 12.0, 25.0  # a longer stillness is no stop but another way of standing
KEEP_S, ASKED_KEEP_S = 30.0, 45.0  # a longer movement is no repetition
BEFORE_S = 2.0  # how much is kept from before an attempt
SHORTEST_S = 0.35
CALM_S = 0.15  # a calm of this length is the stop
# In a guided set the person was asked for the movement: a smaller one will do.
ASKED = 0.55  # of the excursion that counts elsewhere
CLEAR = 6.0  # and of the smoothed signal's SD, so that noise alone gets nowhere
ASKED_SHORTEST_S = 1.0
FOLLOW_S, ASKED_FOLLOW_S = 1.5, 6.0  # how slowly the rest level follows; the ready gate has measured it in a guided set


@dataclass(slots=True)
class Segmenter:
    """Finds attempts in one signal.

    `counts_at`: the value that counts, above rest or (`fixed`) above zero, where a higher rest makes the excursion
    shorter. `start`: the signal's value in the exercise's start pose; `tolerance`: how far a person's own rest may
    lie from it. `guided`: the person was asked for this movement. `rest`: the person's rest level, if it is known.
    `noise`: the SD of the noise from frame to frame, in the signal's unit; NaN until known.
    """

    signal: str
    counts_at: float
    start: float
    tolerance: float
    fixed: bool
    guided: bool = False
    rest: float = math.nan
    phase: Phase = "rest"
    value: float = math.nan  # above rest, smoothed
    noise: float = math.nan
    stop_began_s: float | None = None
    baseline: dict[str, float] = field(default_factory=dict)
    _recent: deque[Sample] = field(default_factory=deque)
    _run: list[Sample] = field(default_factory=list)  # the movement under way, with what came before it
    _first: int = 0  # the index in it of the movement's own first sample
    _peak: float = 0.0
    _valley: float = math.inf
    _valley_at: int = 0
    _returned_s: float | None = None
    _cut_start: bool = False
    _settled: bool = False
    _gap: bool = False
    _dt_s: float = 1 / 30  # between two frames, smoothed
    _waiting: list[SignalFrame] = field(default_factory=list)
    _last_s: float = math.nan
    _still_since_s: float | None = None
    _away: bool = False
    _free_from_s: float = -math.inf  # the end of the attempt before
    _low: float = 0.0  # the lowest since then: the next one rises from there
    _fastest: float = 0.0  # of the movement under way: the largest gain over a window
    _calm_since_s: float | None = None

    def __post_init__(self) -> None:
        """Begin with the routine's start pose, or with a baseline that was taken before."""
        self._settled = not isnan(self.rest)
        if not self._settled:
            self.rest = self.start

    @property
    def counts(self) -> float:
        """The excursion above rest that counts."""
        usual = max(self.counts_at - self.rest, 0.3 * self.counts_at) if self.fixed else self.counts_at
        return min(max(ASKED * usual, CLEAR * self._smooth_noise), usual) if self.guided else usual

    @property
    def under_way(self) -> Attempt | None:
        """The movement under way as far as it has come, if it is large enough to be an attempt."""
        if not self._run or self._peak < ATTEMPT * self.counts:
            return None
        return Attempt(self._run, self._first, self.rest, self.baseline, "", self._gap)

    @property
    def _known_noise(self) -> float:
        return 0.0 if isnan(self.noise) else self.noise

    @property
    def _smooth_noise(self) -> float:
        """The SD of the smoothed signal: the median of three takes a third off, the low-pass the rest."""
        if isnan(self.noise):
            return 0.0
        share = 1 - math.exp(-self._dt_s / self._tau_s())
        return 0.67 * self.noise * math.sqrt(share / (2 - share))

    def see(self, frame: SignalFrame) -> list[Attempt]:
        """Take one frame; return the attempts that ended with it."""
        value = frame[self.signal]
        if isnan(value):
            return self._unknown(frame.t_s)
        if not isnan(self._last_s) and frame.t_s <= self._last_s:
            return []
        if not self._settled:
            later = not self._waiting or frame.t_s > self._waiting[-1].t_s
            return self._settle(frame) if later else []
        return self._add(frame, value)

    def finish(self) -> list[Attempt]:
        """End the recording: return what was under way, marked as cut off unless it is over."""
        ended = [] if self._settled else self._begin()
        if self._run and self._peak >= ATTEMPT * self.counts:
            # A return to where the attempt began is its end, for arms that never hang between two repetitions.
            began = 0.0 if self._cut_start else self._run[self._first].smooth + HOME / 2 * self._peak
            home = self.value <= max((RETURN + 0.05) * self._peak, min(began, SPLIT * self._peak))
            ended += self._end(len(self._run) - 1, "" if home else "end")
        self._abandon()
        return ended

    def _begin(self) -> list[Attempt]:
        """Take the frames that waited until the rest level was known."""
        self._settled, waiting, self._waiting = True, self._waiting, []
        return [attempt for frame in waiting for attempt in self._add(frame, frame[self.signal])]

    def _settle(self, frame: SignalFrame) -> list[Attempt]:
        """Wait for the first `STILL_S`: a person who stands still then shows the rest level."""
        self._waiting.append(frame)
        first_s = self._waiting[0].t_s
        if frame.t_s - first_s < STILL_S:
            return []
        points = [(s.t_s, s[self.signal]) for s in self._waiting]
        mean = sum(v for _, v in points) / len(points)
        grain = noise(points)
        # Twice the standard error of a slope through noise alone, times the length.
        by_noise = 0.0 if isnan(grain) else 2 * grain * math.sqrt(12 / len(points))
        still = abs(slope(points)) * STILL_S < max(0.15 * self.counts, by_noise)
        # How a person is still at the very beginning is the best evidence of the rest level, seated or side-on.
        if still and self.fixed and 0 < mean - self.start < 0.5 * (self.counts_at - self.start):
            self.tolerance = max(self.tolerance, mean - self.start)
        if still and abs(mean - self.start) <= self.tolerance:
            self.rest = mean
        return self._begin()

    def _unknown(self, t_s: float) -> list[Attempt]:
        if isnan(self._last_s) or t_s - self._last_s <= (BRIDGED_S if self.guided else LOST_S):
            return []
        return self._end_lost()

    def _end_lost(self) -> list[Attempt]:
        ended: list[Attempt] = []
        if self._run and self._peak >= ATTEMPT * self.counts:
            ended = self._end(len(self._run) - 1, "lost")
        self._abandon()
        self._recent.clear()
        self._away = True
        return ended

    def _add(self, frame: SignalFrame, value: float) -> list[Attempt]:
        t_s = frame.t_s
        away_s = t_s - self._last_s if not isnan(self._last_s) else 0.0
        if away_s > LOST_S and not (self._run and self.guided and away_s <= BRIDGED_S):
            lost = self._end_lost()
            self._last_s = t_s
            return lost + self._add(frame, value)
        dt_s = away_s
        self._gap |= away_s > LOST_S
        self._last_s = t_s
        if 0 < dt_s <= LOST_S:
            self._dt_s += 0.1 * (dt_s - self._dt_s)
        above = value - self.rest
        last = [s.above for s in list(self._recent)[-2:]]
        middle = sorted([*last, above])[len(last) // 2] if len(last) == 2 else above
        before = self._recent[-1].smooth if self._recent else middle
        smooth = before + (middle - before) * (1 - math.exp(-dt_s / self._tau_s()))
        self.value = smooth
        sample = Sample(t_s, above, smooth, frame)
        self._recent.append(sample)
        while self._recent[0].t_s < t_s - BEFORE_S:
            self._recent.popleft()
        if not self._run:
            self._at_rest(sample, dt_s)
            return []
        self._run.append(sample)
        return self._moving(sample)

    def _tau_s(self) -> float:
        """Smooth more where the signal is noisy: up to a quarter of a second, or two frames."""
        if isnan(self.noise):
            return 0.06
        usual = ASKED * self.counts_at if self.guided else self.counts_at
        wanted_s: float = 0.06 * (self.noise / (0.06 * usual)) ** 1.5
        return min(max(0.06, wanted_s), max(0.22, 2 * self._dt_s))

    def _window(self, length_s: float) -> list[tuple[float, float]]:
        """Return the (t_s, value above rest) pairs of the last `length_s`, or of the last four frames."""
        since_s = self._last_s - max(length_s, 3.2 * self._dt_s)
        latest = takewhile(lambda sample: sample.t_s >= since_s, reversed(self._recent))
        return [(sample.t_s, sample.above) for sample in latest][::-1]

    def _at_rest(self, sample: Sample, dt_s: float) -> None:
        """Begin a movement, or let the rest level, the baseline and the noise follow."""
        self.phase = "rest"
        was_away, self._away = self._away, False
        self._low = max(min(self._low, sample.smooth), 0.0)
        if sample.smooth > self._low + LEAVE * self.counts:
            # A movement that is under way when the person comes back was not seen from its start.
            self._start(sample, cut=was_away or len(self._recent) < 4)
            return
        # In a guided set the gate has measured how he stands; bent down is not at rest.
        if self._is_still() and not (self.guided and abs(sample.smooth) > LEAVE * self.counts):
            share = 1 - math.exp(-dt_s / (ASKED_FOLLOW_S if self.guided else FOLLOW_S))
            self._move_rest(self.rest + sample.smooth * share)
            for name, value in sample.frame.values.items():
                if not isnan(value):
                    old = self.baseline.get(name, value)
                    self.baseline[name] = old + (value - old) * share
        if len(self._recent) > 7:
            now = noise([(s.t_s, s.above) for s in list(self._recent)[-24:]])
            if not isnan(now):
                self.noise = now if isnan(self.noise) else self.noise + (now - self.noise) * 0.05

    def _is_still(self) -> bool:
        window = self._window(0.5)
        return len(window) > 3 and abs(slope(window)) * 0.5 < max(0.1 * self.counts, self._known_noise)

    def _move_rest(self, level: float) -> None:
        """Move the rest level, within the tolerance, and with it everything that is measured from it."""
        moved = min(max(level, self.start - self.tolerance), self.start + self.tolerance) - self.rest
        self.rest += moved
        for sample in self._recent:
            sample.above -= moved
            sample.smooth -= moved
        self.value -= moved

    def _start(self, sample: Sample, *, cut: bool) -> None:
        # A movement never reaches back into the attempt before it: people go straight on.
        run = [earlier for earlier in self._recent if earlier.t_s >= self._free_from_s]
        low = [i for i, earlier in enumerate(run) if earlier.smooth <= 0.05 * self.counts]
        lowest = min(range(len(run)), key=lambda i: run[i].smooth)
        self._run = run
        self._first = min(low[-1] + 1 if low else lowest, len(run) - 1)
        self._peak = sample.smooth
        self._valley, self._returned_s = math.inf, None
        self._cut_start = cut
        self._fastest, self._calm_since_s = 0.0, None
        self.phase = "out"
        self.stop_began_s = self._still_since_s = None

    def _abandon(self) -> None:
        """End what is under way without an attempt."""
        self._run = []
        self._peak, self._valley, self._returned_s, self._gap = 0.0, math.inf, None, False
        self.phase, self.stop_began_s, self._still_since_s = "rest", None, None

    def _moving(self, sample: Sample) -> list[Attempt]:
        run, value, t_s = self._run, sample.smooth, sample.t_s
        if value > self._peak:
            # On the way to a higher peak a valley was a hesitation, unless it was deep.
            if self._valley <= SPLIT * self._peak and value - self._valley >= RISE * self._peak:
                return self._split(sample)
            self._peak, self._valley = value, math.inf
        elif value < self._valley:
            self._valley, self._valley_at = value, len(run) - 1
        elif (
            self._peak >= ATTEMPT * self.counts
            and self._valley <= SPLIT * self._peak
            and value - self._valley >= max(RISE * self._peak, 0.5 * ATTEMPT * self.counts)
        ):
            return self._split(sample)
        self._update_phase(sample)
        if t_s - run[self._first].t_s > (ASKED_KEEP_S if self.guided else KEEP_S):
            self._abandon()
            self._away = True
            return []
        if self._stands_otherwise(sample):
            return []
        if value > RETURN * self._peak and value > LEAVE * 0.8 * self.counts:
            self._returned_s = None
            return []
        if self._returned_s is None:
            self._returned_s = t_s
        window = self._window(0.35)
        arrived = value <= HOME * self._peak
        settled = t_s - self._returned_s > 0.3 and abs(slope(window)) * 0.35 < max(0.04 * self._peak, self._known_noise)
        rising = value - self._valley > max(0.08 * self._peak, 3 * self._known_noise)
        if not (arrived or settled or rising or t_s - self._returned_s > 1.2):
            return []
        shortest_s = ASKED_SHORTEST_S if self.guided else SHORTEST_S
        if self._peak < ATTEMPT * self.counts or t_s - run[self._first].t_s < shortest_s:
            self._abandon()
            return []
        ended = self._end(len(run) - 1, "start" if self._never_rose() else "")
        self._free_from_s, self._low = t_s, value
        self._abandon()
        return ended

    def _split(self, sample: Sample) -> list[Attempt]:
        """End one attempt at the valley and begin the next there."""
        ended: list[Attempt] = []
        if self._peak >= ATTEMPT * self.counts:
            ended = self._end(self._valley_at, "start" if self._never_rose(self._valley_at) else "")
        self._run, self._first = self._run[self._valley_at :], 0
        self._peak, self._valley, self._returned_s = sample.smooth, math.inf, None
        self._cut_start = self._gap = False
        self.phase, self.stop_began_s = "out", None
        return ended

    def _never_rose(self, last: int | None = None) -> bool:
        """Whether of an attempt that was first seen under way only the way back was seen, until sample `last`."""
        if not self._cut_start:
            return False
        run = self._run if last is None else self._run[: last + 1]
        top = max(range(self._first, len(run)), key=lambda i: run[i].smooth)
        return min(s.smooth for s in run[: top + 1]) > 0.5 * self._peak

    def _update_phase(self, sample: Sample) -> None:
        window = self._window(0.35)
        gain = slope(window) * 0.35
        high = sample.smooth >= max(0.8 * self._peak, 0.6 * self.counts)
        self._fastest = max(self._fastest, gain)
        # A slow movement is not a stop: the person has come to rest against his own speed.
        grain = (1.2 if self.guided else 0.7) * self._known_noise
        calm = max(min(0.06 * self._peak, 0.35 * self._fastest), grain)
        if self.phase != "out" or not high or abs(gain) >= calm:
            self._calm_since_s = None
        elif self._calm_since_s is None:
            self._calm_since_s = sample.t_s
        calm_s = 0.0 if self._calm_since_s is None else sample.t_s - self._calm_since_s
        if self.phase == "out" and self._calm_since_s is not None and calm_s >= CALM_S:
            self.phase, self.stop_began_s = "stop", self._calm_since_s
        elif self.phase == "stop" and gain > 2.5 * calm and sample.smooth >= self._peak:
            self.phase, self.stop_began_s = "out", None
        elif self.phase in ("out", "stop") and sample.smooth < 0.86 * self._peak and gain < 0:
            self.phase = "back"
        elif self.phase == "back" and sample.smooth >= 0.95 * self._peak:
            self.phase = "out"

    def _stands_otherwise(self, sample: Sample) -> bool:
        """Abandon what is under way when the person has simply come to stand in another way; return whether so."""
        if not self._is_still():
            self._still_since_s = None
            return False
        if self._still_since_s is None:
            self._still_since_s = sample.t_s
        small = self._peak < ATTEMPT * self.counts
        level = self.rest + sample.smooth
        near = abs(sample.smooth + self.rest - self.start) <= self.tolerance
        stuck_s = ASKED_STUCK_S if self.guided else STUCK_S
        patience_s = (4.0 if self.guided else 1.0) if small else 2.5 if self._cut_start and near else stuck_s
        if sample.t_s - self._still_since_s < patience_s:
            return False
        self._abandon()
        self._move_rest(level)
        self._away = level > self.start + self.tolerance  # the next start is seen only after coming down
        return True

    def _end(self, last: int, cut: Cut) -> list[Attempt]:
        if self._cut_start and cut in ("end", "lost") and self._never_rose():
            cut = "start"
        return [Attempt(self._run[: last + 1], self._first, self.rest, dict(self.baseline), cut, self._gap)]
