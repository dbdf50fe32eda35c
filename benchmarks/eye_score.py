"""Scores: how far counts, times, sides and measures lie from what is true. Pure arithmetic."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eye_sets import Truth

from loosen.coach.counting.rep import Rep

# A repetition is matched with a true one whose peak lies in it, or nearer than this.
NEAR_S = 0.5


@dataclass(frozen=True, slots=True)
class CountScore:
    """Counting over several recordings. `mae`: mean of |counted - true| / true; `obo`: share off by at most one."""

    recordings: int
    exact: float
    obo: float
    mae: float
    off: int


def off_by(counted: int, wanted: tuple[int, int]) -> int:
    """Return by how many a count misses the range of right counts; below it is negative."""
    low, high = min(wanted), max(wanted)
    return min(counted - low, 0) + max(counted - high, 0)


def score_counts(pairs: Iterable[tuple[int, tuple[int, int]]]) -> CountScore | None:
    """Score (counted, range of right counts) pairs; None where there are none."""
    misses = [(off_by(counted, wanted), max(*wanted, 1)) for counted, wanted in pairs]
    if not misses:
        return None
    n = len(misses)
    return CountScore(
        recordings=n,
        exact=sum(miss == 0 for miss, _ in misses) / n,
        obo=sum(abs(miss) <= 1 for miss, _ in misses) / n,
        mae=sum(abs(miss) / true for miss, true in misses) / n,
        off=sum(abs(miss) for miss, _ in misses),
    )


def match(reps: Sequence[Rep], truths: Sequence[Truth]) -> list[tuple[Rep, Truth]]:
    """Pair reported repetitions with true ones, one to one, nearest peaks first."""
    options: list[tuple[float, int, int]] = []
    for i, rep in enumerate(reps):
        for j, truth in enumerate(truths):
            if truth.peak_s is None:
                continue
            away = abs(rep.peak_s - truth.peak_s)
            inside = truth.start_s is not None and truth.end_s is not None
            within = inside and (truth.start_s or 0.0) <= rep.peak_s <= (truth.end_s or 0.0)
            if within or away <= NEAR_S:
                options.append((away, i, j))
    used_reps: set[int] = set()
    used_truths: set[int] = set()
    pairs: list[tuple[int, int]] = []
    for _, i, j in sorted(options):
        if i not in used_reps and j not in used_truths:
            used_reps.add(i)
            used_truths.add(j)
            pairs.append((i, j))
    return [(reps[i], truths[j]) for i, j in sorted(pairs)]


@dataclass(frozen=True, slots=True)
class Spread:
    """A set of errors: how many, mean (bias), root mean square, median and 95th percentile of the absolute ones."""

    n: int
    bias: float
    rmse: float
    median: float
    p95: float


def spread(errors: Sequence[float]) -> Spread | None:
    """Summarise errors; None where there are none."""
    known = [error for error in errors if not math.isnan(error)]
    if not known:
        return None
    sizes = sorted(abs(error) for error in known)
    return Spread(
        n=len(known),
        bias=sum(known) / len(known),
        rmse=math.sqrt(sum(error * error for error in known) / len(known)),
        median=statistics.median(sizes),
        p95=sizes[min(math.ceil(0.95 * len(sizes)) - 1, len(sizes) - 1)],
    )


def auc(good: Sequence[float], bad: Sequence[float]) -> float:
    """Return how often a bad one scores above a good one (ties count half); NaN without both."""
    if not good or not bad:
        return math.nan
    wins = sum((b > g) + 0.5 * (b == g) for b in bad for g in good)
    return wins / (len(good) * len(bad))


# What a rendered fault should be called. The first set: any of these names it; the second: may be said besides, because
# it follows from the fault. A verdict counts as a name, too.
RENDERED_FAULTS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "knees_bend": (frozenset({"knees-bend"}), frozenset()),
    "no_hold": (frozenset({"no-stop"}), frozenset()),
    "shallow": (frozenset({"shallow"}), frozenset({"hips-stay", "no-stop", "head-stays"})),
    "right_arm_only": (frozenset({"arms-uneven"}), frozenset({"shallow"})),
    "left_arm_only": (frozenset({"arms-uneven"}), frozenset({"shallow"})),
    "rushed_no_hold": (frozenset({"rushed", "too-fast", "back-too-fast"}), frozenset({"no-stop"})),
    "rushed": (frozenset({"rushed", "too-fast", "back-too-fast"}), frozenset({"no-stop"})),
    "stops_at": (frozenset({"shallow"}), frozenset({"arms-uneven"})),
    "arms_only": (frozenset({"arms-only"}), frozenset({"shallow"})),
    "short_step": (frozenset({"short-step"}), frozenset({"shallow"})),
    "rear_foot_lifted": (frozenset({"foot-lifts"}), frozenset()),
    "fast_drag": (frozenset({"drag-too-fast"}), frozenset({"back-too-fast", "rushed"})),
}
SPEED = frozenset({"rushed", "too-fast", "back-too-fast"})


@dataclass(frozen=True, slots=True)
class FaultScore:
    """Faults of one repetition: those missed and those said without cause."""

    wanted: int
    missed: tuple[str, ...]
    false: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether all was named, and nothing else."""
        return not self.missed and not self.false


def score_faults(rep: Rep | None, truth: Truth) -> FaultScore:
    """Compare what the engine said of a repetition with the faults it was rendered with.

    A repetition that was not reported misses all its faults; a good one not reported counts as "unseen".
    """
    if rep is None:
        return FaultScore(len(truth.faults), truth.faults or ("unseen",), ())
    said = set(rep.faults) | ({rep.verdict} - {"full", "partial"})
    allowed: set[str] = set()
    missed: list[str] = []
    for fault in truth.faults:
        # The longest key first: "rushed_no_hold" is more than "rushed".
        key = next((k for k in sorted(RENDERED_FAULTS, key=len, reverse=True) if fault.startswith(k)), None)
        names, besides = RENDERED_FAULTS[key] if key else (frozenset({fault}), frozenset[str]())
        allowed |= names | besides
        if not said & names:
            missed.append(fault)
    if allowed & SPEED:
        allowed |= SPEED
    return FaultScore(len(truth.faults), tuple(missed), tuple(sorted(said - allowed)))
