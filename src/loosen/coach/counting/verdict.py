"""From an attempt to a repetition with a verdict, its faults and its reasons in words."""

from __future__ import annotations

from loosen.body.signal_catalogue import SIGNALS
from loosen.coach.counting.measures import Reading, Timing, measures, timing
from loosen.coach.counting.rep import Rep, Side, Trace, Verdict, in_thousandths
from loosen.coach.counting.segmentation import Attempt
from loosen.routine.model import Exercise, Full
from loosen.routine.words import Words

TRACE_POINTS = 90
VERDICTS: tuple[Verdict, ...] = ("rushed", "no-stop", "shallow")  # the first that was found is said
LEAST = 0.35  # of what counts: below it, the whole attempt was noise


def full_at(full: Full, counts_at: float, best: float | None) -> float:
    """Return the range from which a repetition is full, given the person's own best (None: not known yet)."""
    target = full.at_least
    if best is not None:
        if full.own_share is not None:
            target = max(counts_at, full.own_share * best)
        if full.own_minus is not None:
            target = max(min(target, best - full.own_minus), counts_at)
    return min(target, full.never_urge_past) if full.never_urge_past is not None else target


def judge(exercise: Exercise, attempt: Attempt, noise_sd: float, best: float | None, words: Words) -> Rep | None:
    """Return the repetition that an attempt was, as in a first set; None if it was something else altogether."""
    when = timing(attempt, noise_sd)
    reading = Reading(attempt, when)
    seen = exercise.seen
    rest = attempt.rest if seen.relative_to == "zero" else 0.0
    level = when.peak + rest
    if when.peak < LEAST * (seen.counts_at - rest):
        return None
    short_of_needs = _unmet(exercise, attempt, reading)
    if short_of_needs is None:
        return None
    target = full_at(seen.full, seen.counts_at, best)
    rises_only = seen.whole == "back" and attempt.cut == "start"
    whole = attempt.cut == "" or rises_only
    counted = whole and level >= seen.counts_at and not short_of_needs
    faults: list[str] = []
    reasons: list[str] = []
    found: set[Verdict] = set()
    if not whole:
        reasons.append(words[f"verdict.cut-{attempt.cut}"])
    else:
        # Within half of the camera's own error nobody is called short of the full range.
        doubt = 0.0 if level < seen.counts_at else SIGNALS[seen.signal].error / 2
        if level + doubt < target or short_of_needs:
            found.add("shallow")
            faults.append("shallow")
            reasons += _short_reasons(level, target, exercise, short_of_needs, words)
        for fault in exercise.faults:
            if rises_only and fault.when.during in ("out", "stop"):
                continue
            if reading.holds(fault.when):
                faults.append(fault.id)
                if fault.reason not in reasons:
                    reasons.append(fault.reason)
                if fault.verdict is not None:
                    found.add(fault.verdict)
        # Where noise blurs the edges of a stop, a missing one is only named beyond doubt.
        if not rises_only and when.still_s + when.still_error_s < exercise.tempo.credited_from_s:
            found.add("no-stop")
            faults.append("no-stop")
            reasons.append(words("verdict.no-stop", still=f"{when.still_s:.1f}"))
    # What did not count is shallow; else haste explains the rest.
    named: list[Verdict] = [verdict for verdict in VERDICTS if verdict in found] if counted else ["shallow"]
    side = _side(exercise, reading)
    return Rep(
        exercise=exercise.id,
        set_number=1,
        set_side=side,
        side=side,
        verdict="partial" if not whole else named[0] if named else "full",
        counted=counted,
        start_s=round(when.start_s, 3),
        peak_s=round(when.peak_s, 3),
        end_s=round(when.end_s, 3),
        faults=tuple(faults),
        reasons=tuple(reasons),
        measures=measures(exercise, reading, level, noise_sd),
        signal=_trace(exercise, attempt, when, rest, target),
    )


def _unmet(exercise: Exercise, attempt: Attempt, reading: Reading) -> list[str] | None:
    """Return the reasons of needs that are not met; None where it was another movement altogether."""
    missing = {"end": ("back", "rep"), "lost": ("back", "rep"), "start": ("out", "rep")}.get(attempt.cut, ())
    reasons: list[str] = []
    for need in exercise.seen.needs:
        if need.when.during in missing:
            continue  # that part was not seen
        if reading.holds(need.when) is False:
            if need.otherwise == "not-a-rep":
                return None
            reasons.append(need.reason)
    return reasons


def _short_reasons(level: float, target: float, exercise: Exercise, needs: list[str], words: Words) -> list[str]:
    """Return why it is shallow: a need that is not met, below what counts, or short of the full range."""
    if needs:
        return [need for need in needs if need]
    signal = SIGNALS[exercise.seen.signal]
    key = "short-of-count" if level < exercise.seen.counts_at else "short-of-full"
    wanted = exercise.seen.counts_at if level < exercise.seen.counts_at else target
    digits = 0 if signal.unit == "deg" else 2
    return [words(f"verdict.{key}", value=f"{level:.{digits}f}", wanted=f"{wanted:.{digits}f}", unit=signal.unit_text)]


def _side(exercise: Exercise, reading: Reading) -> Side:
    rule = exercise.seen.side
    if rule is None:
        return "both"
    points = reading.points(rule.signal, "stop")
    mean = sum(v for _, v in points) / len(points) if points else 0.0
    if abs(mean) <= rule.even_within and rule.even_within > 0:
        return "both"
    other: Side = "left" if rule.positive == "right" else "right"
    return rule.positive if mean > 0 else other


def _trace(exercise: Exercise, attempt: Attempt, when: Timing, rest: float, target: float) -> Trace:
    signal = SIGNALS[exercise.seen.signal]
    inside = [s for s in attempt.samples if when.start_s - 0.5 <= s.t_s]
    step = max(-(-len(inside) // TRACE_POINTS), 1)
    digits = 1 if signal.unit == "deg" else 3
    return Trace(
        signal=signal.name,
        unit=signal.unit_text,
        stop_s=(round(when.out_s, 2), round(when.out_s + when.still_s, 2)),
        target=target,
        t_ms=in_thousandths(round(s.t_s - when.start_s, 2) for s in inside[::step]),
        thousandths=in_thousandths(round(s.smooth + rest, digits) for s in inside[::step]),
    )
