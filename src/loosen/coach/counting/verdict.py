"""From an attempt to a repetition with a verdict, its faults and its reasons in words."""

from __future__ import annotations

from typing import NamedTuple

from loosen.body.signal_catalogue import SIGNALS
from loosen.coach.counting.attempt import Attempt
from loosen.coach.counting.measures import Reading, Timing, measures, timing
from loosen.coach.counting.rep import Rep, Side, Trace, Verdict, in_thousandths
from loosen.routine.fields import Phase
from loosen.routine.model import Exercise, Full
from loosen.routine.words import Words

TRACE_POINTS = 90
VERDICTS: tuple[Verdict, ...] = ("rushed", "no-stop", "shallow")  # the first that was found is said
OF_ITS_HEIGHT = frozenset({"range", "also"})  # measures that a gap does not take away
LEAST = 0.35  # of what counts: below it, the whole attempt was noise


class Levels(NamedTuple):
    """The values of the exercise's signal from which a repetition counts, and from which it is full."""

    counts: float
    full: float


def full_at(full: Full, counts_at: float, own: float | None) -> float:
    """Return the range from which a repetition is full, given the person's own (None: not known yet)."""
    target = full.at_least
    if own is not None:
        if full.own_share is not None:
            target = max(counts_at, full.own_share * own)
        if full.own_minus is not None:
            target = max(min(target, own - full.own_minus), counts_at)
    return min(target, full.never_urge_past) if full.never_urge_past is not None else target


def judge(
    exercise: Exercise, attempt: Attempt, noise_sd: float, levels: Levels, words: Words, *, guided: bool = False
) -> Rep | None:
    """Return the repetition that an attempt was, as in a first set; None if it was something else altogether.

    `guided`: the person was asked for the movement. Then a need that is not met makes it shallow, but does not keep it
    from counting, and of a movement in its usual size needs are left out that say so.
    """
    when = timing(attempt, noise_sd)
    reading = Reading(attempt, when)
    seen = exercise.seen
    rest = attempt.rest if seen.relative_to == "zero" else 0.0
    level = when.peak + rest
    if when.peak < LEAST * (seen.counts_at - rest):
        return None
    usual_size = guided and level >= seen.counts_at
    short_of_needs = _unmet(exercise, attempt, reading, asked=usual_size)
    if short_of_needs is None:
        return None
    target = levels.full
    rises_only = seen.whole == "back" and attempt.cut == "start"
    whole = attempt.cut == "" or rises_only
    counted = whole and level >= levels.counts and (guided or not short_of_needs)
    faults: list[str] = []
    reasons: list[str] = []
    found: set[Verdict] = set()
    if not whole:
        reasons.append(words[f"verdict.cut-{attempt.cut}"])
    elif attempt.gap:
        reasons.append(words["verdict.gap"])  # it was done; how well, was not seen
    else:
        # Within half of the camera's own error nobody is called short of the full range.
        doubt = 0.0 if level < levels.counts else SIGNALS[seen.signal].error / 2
        if level + doubt < target or short_of_needs:
            found.add("shallow")
            faults.append("shallow")
            reasons += _short_reasons(level, levels, exercise, short_of_needs, words)
        unseen = ("out", "stop") if rises_only else ()
        for fault in exercise.faults:
            if fault.when.during in (*unseen, "ready"):
                continue
            if reading.holds(fault.when):
                faults.append(fault.id)
                if fault.reason not in reasons:
                    reasons.append(fault.reason)
                if fault.verdict is not None:
                    found.add(fault.verdict)
        # Where noise blurs the edges of a stop, a missing one is only named beyond doubt.
        if "stop" not in unseen and when.still_s + when.still_error_s < exercise.tempo.credited_from_s:
            found.add("no-stop")
            faults.append("no-stop")
            reasons.append(words("verdict.no-stop", still=f"{when.still_s:.1f}"))
    # What did not count is shallow; else haste explains the rest.
    named: list[Verdict] = [verdict for verdict in VERDICTS if verdict in found] if counted else ["shallow"]
    taken = measures(exercise, reading, level, noise_sd)
    if attempt.gap:
        taken = {name: measure for name, measure in taken.items() if name in OF_ITS_HEIGHT}
    side = "both" if attempt.gap else _side(exercise, reading)
    return Rep(
        exercise=exercise.id,
        set_number=1,
        set_side=side,
        side=side,
        verdict="partial" if attempt.gap or not whole else named[0] if named else "full",
        counted=counted,
        start_s=round(when.start_s, 3),
        peak_s=round(when.peak_s, 3),
        end_s=round(when.end_s, 3),
        faults=tuple(faults),
        reasons=tuple(reasons),
        measures=taken,
        signal=_trace(exercise, attempt, when, rest, target),
    )


GROWS = frozenset({"peak", "speed", "spread"})


def faults_under_way(exercise: Exercise, attempt: Attempt, phase: Phase, noise_sd: float, levels: Levels) -> list[str]:
    """Return the faults of a movement under way that are certain already, the coach's own "shallow" among them.

    On the way, what can only grow and is too large; in the stop, also what has not come about by then. Haste on the way
    out is not told in the stop: it cannot be mended any more.
    """
    when = timing(attempt, noise_sd)
    reading = Reading(attempt, when)
    parts = {"out": ("out", "rep"), "stop": ("stop", "rep"), "back": ("back", "rep")}.get(phase, ())
    found = []
    for fault in exercise.faults:
        condition = fault.when
        too_much = condition.measure in GROWS and condition.over is not None
        too_much |= condition.measure == "lowest" and condition.under is not None
        in_stop = phase == "stop" and condition.measure in ("mean", "peak")
        if condition.during in parts and (too_much or in_stop) and reading.holds(condition):
            found.append(fault.id)
    rest = attempt.rest if exercise.seen.relative_to == "zero" else 0.0
    if phase == "stop" and when.peak + rest + SIGNALS[exercise.seen.signal].error / 2 < levels.full:
        found.append("shallow")
    return found


def _unmet(exercise: Exercise, attempt: Attempt, reading: Reading, *, asked: bool) -> list[str] | None:
    """Return the reasons of needs that are not met; None where it was another movement altogether."""
    missing = {"end": ("back", "rep"), "lost": ("back", "rep"), "start": ("out", "rep")}.get(attempt.cut, ())
    reasons: list[str] = []
    for need in exercise.seen.needs:
        if need.when.during in missing or (asked and need.unless_asked):
            continue  # that part was not seen, or it is what he was asked for
        if reading.holds(need.when) is False:
            if need.otherwise == "not-a-rep":
                return None
            reasons.append(need.reason)
    return reasons


def _short_reasons(level: float, levels: Levels, exercise: Exercise, needs: list[str], words: Words) -> list[str]:
    """Return why it is shallow: a need that is not met, below what counts, or short of the full range."""
    if needs:
        return [need for need in needs if need]
    signal = SIGNALS[exercise.seen.signal]
    key, wanted = ("short-of-count", levels.counts) if level < levels.counts else ("short-of-full", levels.full)
    digits = 0 if signal.unit == "deg" else 2
    return [words(f"verdict.{key}", value=f"{level:.{digits}f}", wanted=f"{wanted:.{digits}f}", unit=signal.unit_text)]


def _side(exercise: Exercise, reading: Reading) -> Side:
    rule = exercise.seen.side
    if rule is None:
        return "both"
    points = reading.points(rule.signal, "stop")
    if not points:
        return "both"
    mean = sum(v for _, v in points) / len(points)
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
