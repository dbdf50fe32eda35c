"""What one attempt measures: its phases, range, stop, times and smoothness, each with its uncertainty."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from math import isnan

from loosen.body.signal_catalogue import SIGNALS
from loosen.body.signals import SignalFrame
from loosen.coach.counting.attempt import Attempt
from loosen.coach.counting.rep import Measure
from loosen.coach.counting.segmentation import HOME, TOP
from loosen.coach.counting.time_series import first_s, largest_speed, last_s, noise, phase_smoothness, smoothed
from loosen.routine.fields import During
from loosen.routine.model import Condition, Exercise

NAN = math.nan
# A minimum-jerk movement covers its first tenth in 0.246 of its time, and the way from a tenth to a half in 0.254.
FLAT = 0.246 / 0.254
TIME_ERROR_S = 0.15  # how well a threshold finds a moment, on the rendered clips
STOP_ERROR_S = 0.35  # RMSE 0.17 s on the rendered clips


@dataclass(frozen=True, slots=True)
class Timing:
    """When an attempt's phases lie, in seconds: start, top reached, top left, end; and the peak's time and height.

    `out_s`, `still_s` and `back_s` add up to the whole: time within a tenth of the end position that belongs to the
    movement (a minimum-jerk one slows down there) does not count as standing still.
    """

    start_s: float
    top_s: float
    left_s: float
    end_s: float
    peak_s: float
    peak: float
    out_s: float
    still_s: float
    back_s: float
    still_error_s: float

    @property
    def stop_s(self) -> float:
        """Time within a tenth of the end position."""
        return self.left_s - self.top_s

    def span(self, phase: During) -> tuple[float, float]:
        """Return when a phase begins and ends."""
        begins_s = {"out": self.start_s, "stop": self.top_s, "back": self.left_s, "rep": self.start_s}
        ends_s = {"out": self.top_s, "stop": self.left_s, "back": self.end_s, "rep": self.end_s}
        return begins_s.get(phase, math.inf), ends_s.get(phase, math.inf)  # "ready" is in no repetition


def timing(attempt: Attempt, noise_sd: float) -> Timing:
    """Find the phases of an attempt in its smoothed signal."""
    raw = [(s.t_s, s.above) for s in attempt.samples]
    own = raw[attempt.begin][0]
    excursion = max(s.smooth for s in attempt.samples[attempt.begin :])
    grain = noise_sd / excursion if excursion > 0 and not isnan(noise_sd) else 0.0
    width_s = min(max(0.1, 4 * grain), 0.4)
    points = smoothed(raw, width_s)
    body = [(t, v) for t, v in points if t >= own]
    peak_at = max(range(len(body)), key=lambda i: body[i][1])
    top = body[peak_at][1]
    # The highest of many noisy values lies above the end position; the median of those within the noise does not.
    rate_hz = (len(body) - 1) / (body[-1][0] - body[0][0]) if len(body) > 1 else 1.0
    grain_left = excursion * grain / math.sqrt(max(rate_hz * width_s, 1.0))
    peak = statistics.median(v for _, v in body if v >= top - 2.5 * grain_left)
    rising = body[: peak_at + 1]
    falling = [(-t, v) for t, v in reversed(body[peak_at:])]
    top_s, left_s = first_s(rising, TOP * peak), -first_s(falling, TOP * peak)

    def up(share: float) -> float:
        return last_s([point for point in rising if point[0] <= top_s], share * peak)

    def down(share: float) -> float:
        return -last_s([point for point in falling if point[0] <= -left_s], share * peak)

    # A person who is back at rest ends up to a second after the last sample; one who turned round half-way, with it.
    home = body[-1][1] <= (HOME + 0.05) * peak
    earliest, latest = attempt.samples[0].t_s, body[-1][0] + (1.0 if home else 0.0)
    flat_out = FLAT * (up(0.5) - up(0.1))
    flat_back = FLAT * (down(0.1) - down(0.5))
    start_s = max(up(0.1) - min(flat_out, 1.2), min(own, earliest) if attempt.cut == "start" else earliest)
    end_s = min(down(0.1) + min(flat_back, 1.2), latest)
    slowing_s = min(FLAT * (top_s - up(0.5)), 1.0)
    gathering_s = min(FLAT * (down(0.5) - left_s), 1.0)
    still_s = max(left_s - top_s - slowing_s - gathering_s, 0.0)
    # Without a stop, slowing down and gathering speed meet at the peak and share the time.
    spare = (left_s - top_s - still_s) / (slowing_s + gathering_s) if slowing_s + gathering_s > 0 else 0.0
    held = [v for t, v in raw if top_s + slowing_s <= t <= left_s - gathering_s]
    return Timing(
        start_s=start_s,
        top_s=top_s,
        left_s=left_s,
        end_s=max(end_s, left_s),
        peak_s=(top_s + left_s) / 2,
        peak=statistics.median(held) if len(held) >= 5 else peak,
        out_s=top_s - start_s + spare * slowing_s,
        still_s=still_s,
        back_s=max(end_s, left_s) - left_s + spare * gathering_s,
        still_error_s=6 * grain,
    )


class Reading:
    """All signals of one attempt by phase, to ask conditions of."""

    def __init__(self, attempt: Attempt, when: Timing) -> None:
        self.attempt, self.when = attempt, when
        self._phases: dict[tuple[str, During], list[tuple[float, float]]] = {}

    def frames(self, phase: During) -> list[SignalFrame]:
        """Return the frames of a phase."""
        begin_s, end_s = self.when.span(phase)
        return [s.frame for s in self.attempt.samples if begin_s <= s.t_s <= end_s]

    def points(self, signal: str, phase: During) -> list[tuple[float, float]]:
        """Return a signal's (t_s, value) pairs over a phase, unknown values left out."""
        key = (signal, phase)
        if key not in self._phases:
            self._phases[key] = [(s.t_s, v) for s in self.frames(phase) if not isnan(v := s[signal])]
        return self._phases[key]

    def value(self, condition: Condition) -> float:
        """Return what a condition measures; NaN where too little was seen to say."""
        begin_s, end_s = self.when.span(condition.during)
        if condition.measure == "seconds":
            lengths_s = {"out": self.when.out_s, "stop": self.when.still_s, "back": self.when.back_s}
            return lengths_s.get(condition.during, end_s - begin_s)
        points = self.points(condition.signal, condition.during)
        frames = self.frames(condition.during)
        if not points or len(points) < 0.5 * len(frames):
            return NAN
        base = 0.0
        if condition.relative_to == "baseline":
            base = self.attempt.baseline.get(condition.signal, NAN)
        values = [v for _, v in smoothed(points, 0.25)]
        match condition.measure:
            case "mean":
                return sum(v for _, v in points) / len(points) - base
            case "speed":
                return largest_speed(points)
            case "change":
                before = self._at(condition.signal, begin_s, after=False)
                return self._at(condition.signal, end_s, after=True) - before
            case "peak":
                return max(values) - base
            case "lowest":
                return min(values) - base
            case "spread":
                return max(values) - min(values)

    def _at(self, signal: str, t_s: float, *, after: bool) -> float:
        """Return a signal's mean just before or after a moment, or the nearest known value."""
        known = [(s.t_s - t_s, v) for s in self.attempt.samples if not isnan(v := s.frame[signal])]
        near = [v for away, v in known if (0 <= away <= 0.15 if after else -0.15 <= away <= 0)]
        return sum(near) / len(near) if near else min(known, key=lambda k: abs(k[0]), default=(0.0, NAN))[1]

    def holds(self, condition: Condition) -> bool | None:
        """Tell whether a condition is met; None where too little was seen to say."""
        value = self.value(condition)
        return None if isnan(value) else condition.met(value)


def measures(exercise: Exercise, reading: Reading, level: float, noise_sd: float) -> dict[str, Measure]:
    """Return the measures of a repetition by name, in a fixed order; `level`: its range."""
    when, name = reading.when, exercise.seen.signal
    signal = SIGNALS[name]
    n = max(len(reading.frames("stop")), 1)
    known = noise_sd if not isnan(noise_sd) else 0.0
    unit = signal.unit_text
    digits = 1 if signal.unit == "deg" else 3
    out: dict[str, Measure] = {
        "range": Measure(round(level, digits), unit, round(math.hypot(signal.error, 2 * known / math.sqrt(n)), digits)),
        "stop_s": Measure(round(when.stop_s, 2), "s", STOP_ERROR_S),
        "still_s": Measure(round(when.still_s, 2), "s", round(STOP_ERROR_S + when.still_error_s, 2)),
        "out_s": Measure(round(when.out_s, 2), "s", 2 * TIME_ERROR_S),
        "back_s": Measure(round(when.back_s, 2), "s", 2 * TIME_ERROR_S),
    }
    for phase in ("out", "back"):
        points = reading.points(name, phase)
        score = phase_smoothness(points, noise(points), 3.0 if signal.unit != "deg" or level > 60 else 2.0)
        if not isnan(score):
            out[f"smoothness_{phase}"] = Measure(round(score, 2), "SPARC", 0.1)
    if exercise.seen.also:
        also = SIGNALS[exercise.seen.also]
        peak = Condition(measure="peak", signal=also.name, relative_to="baseline", over=0)
        if not isnan(value := reading.value(peak)):
            out["also"] = Measure(round(value, 1 if also.unit == "deg" else 3), also.unit_text, also.error)
    left, right = (reading.points(f"arm_elevation_{side}_deg", "stop") for side in ("left", "right"))
    if exercise.seen.view == "front" and name.startswith("arm_") and left and right:
        means = [sum(v for _, v in points) / len(points) for points in (left, right)]
        for side, mean in zip(("left", "right"), means, strict=True):
            out[f"range_{side}"] = Measure(round(mean, 1), "deg", out["range"].plus_minus)
        out["left_right"] = Measure(round(means[0] - means[1], 1), "deg", SIGNALS["arm_elevation_difference_deg"].error)
    return out
