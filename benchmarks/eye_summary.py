"""From results to figures: the rows of the table, each with what was to be reached."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any

import peers
from eye_engine import Result
from eye_score import CountScore, FaultScore, auc, match, off_by, score_counts, score_faults, spread  # fmt: skip
from eye_sets import ROUTINE, Truth

from loosen.coach.counting.rep import Rep
from loosen.coach.counting.template import OWN, Template

Figures = dict[str, Any]
METHODS = (peers.ANGLE, peers.NEAREST, peers.OFFLINE)


def _score(score: CountScore | None) -> Figures | None:
    if score is None:
        return None
    return {
        "recordings": score.recordings, "exact": round(score.exact, 4), "obo": round(score.obo, 4),
        "mae": round(score.mae, 4), "off": score.off,
    }  # fmt: skip


def counting(results: Iterable[Result]) -> Figures | None:
    """Score the engine's counts."""
    return _score(score_counts((r.counted, r.case.count) for r in results if r.case.count is not None))


def attempts(results: Iterable[Result]) -> Figures | None:
    """Score the attempts that were reported, counted or with a reason."""
    return _score(score_counts((len(r.reps), r.case.attempts) for r in results if r.case.attempts is not None))


def peer_counting(results: Sequence[Result]) -> Figures:
    """Score the peers' counts on the same recordings."""
    return {
        name: _score(score_counts(
            (r.peer_counts[name], r.case.count) for r in results if r.case.count is not None and name in r.peer_counts
        ))
        for name in METHODS
    }  # fmt: skip


def by_movement(results: Sequence[Result]) -> list[Figures]:
    """Score every set and movement apart."""
    groups: dict[tuple[str, str, str], list[Result]] = defaultdict(list)
    for r in results:
        if r.case.count is not None and r.case.definition is not None:
            groups[r.case.group, r.case.definition, r.case.view].append(r)
    return [
        {
            "set": key[0], "definition": key[1], "view": key[2], "counted": counting(group),
            "attempts": attempts(group), "peers": peer_counting(group),
            "missed": {
                r.case.name: {"counted": r.counted, "attempts": len(r.reps), "true": r.case.count}
                for r in group if off_by(r.counted, r.case.count or (0, 0))
            },
        }
        for key, group in sorted(groups.items())
    ]  # fmt: skip


def pairs(results: Iterable[Result]) -> list[tuple[Result, Rep, float, Truth]]:
    """Return (result, repetition, reported at, truth) of all counted repetitions that match a true one."""
    out = []
    for r in results:
        at = {id(one.rep): one.at_s for one in r.reps}
        counted = [one.rep for one in r.reps if one.rep.counted]
        out += [(r, rep, at[id(rep)], truth) for rep, truth in match(counted, r.case.reps) if not truth.partial]
    return out


def _spread(errors: Sequence[float]) -> Figures | None:
    found = spread(errors)
    if found is None:
        return None
    return {
        "n": found.n, "bias": round(found.bias, 3), "rmse": round(found.rmse, 3),
        "median": round(found.median, 3), "p95": round(found.p95, 3),
    }  # fmt: skip


def timing(results: Sequence[Result]) -> Figures:
    """Errors of start, peak and end in seconds, and how long after its end a repetition was reported."""
    found = pairs(results)
    return {
        "start_s": _spread([rep.start_s - t.start_s for _, rep, _, t in found if t.start_s is not None]),
        "peak_s": _spread([rep.peak_s - t.peak_s for _, rep, _, t in found if t.peak_s is not None]),
        "end_s": _spread([rep.end_s - t.end_s for _, rep, _, t in found if t.end_s is not None]),
        "latency_s": _spread([max(at - t.end_s, 0.0) for _, _, at, t in found if t.end_s is not None]),
    }


def sides(results: Sequence[Result]) -> Figures:
    """How often the side is right, where a side is known."""
    found = [(rep.side, t.side) for _, rep, _, t in pairs(results) if t.side in ("left", "right")]
    told = [(said, true) for said, true in found if said != "both"]
    return {
        "n": len(found), "right": sum(a == b for a, b in found),
        "told": len(told), "right_of_told": sum(a == b for a, b in told),
    }  # fmt: skip


def ghosts(results: Sequence[Result], *, routine_only: bool) -> Figures:
    """Count what was counted where nothing is to be counted."""
    total, recordings, where = 0, 0, {}
    for r in results:
        counts = {n: c for n, c in r.ghosts.items() if not routine_only or n in ROUTINE}
        if counts:
            recordings += 1
            total += sum(counts.values())
            if any(counts.values()):
                where[r.case.name] = {n: c for n, c in counts.items() if c}
    by_counter: dict[str, int] = defaultdict(int)
    for counts in where.values():
        for name, count in counts.items():
            by_counter[name] += count
    return {"recordings": recordings, "ghosts": total, "by_counter": dict(by_counter), "where": where}


def peer_ghosts(results: Sequence[Result]) -> Figures:
    """Count the peers' ghosts, a family at a time."""
    out: Figures = {}
    for name in METHODS[:2]:
        families: dict[str, list[int]] = defaultdict(list)
        for r in results:
            for family, counts in r.peer_ghosts.items():
                families[family].append(counts[name])
        out[name] = {f: {"recordings": len(c), "ghosts": sum(c)} for f, c in sorted(families.items())}
    return out


def template(results: Sequence[Result]) -> Figures:
    """AUC of the distance from a person's own first three good repetitions, good against wrong ones."""
    keyed: dict[tuple[str, str, str, str], dict[bool, Result]] = defaultdict(dict)
    for r in results:
        if r.case.correct is not None and r.shapes and r.case.definition:
            keyed[r.case.dataset, r.case.movement, r.case.view, r.case.subject][r.case.correct] = r
    each: dict[str, list[float]] = defaultdict(list)
    for (dataset, movement, view, _), both in keyed.items():
        if len(both) < 2 or len(both[True].shapes) <= OWN:
            continue
        own = reduce(Template.with_one_more, both[True].shapes[:OWN], Template())
        good = [own.unlikeness(shape) for shape in both[True].shapes[OWN:]]
        bad = [own.unlikeness(shape) for shape in both[False].shapes]
        value = auc([v for v in good if not math.isnan(v)], [v for v in bad if not math.isnan(v)])
        if not math.isnan(value):
            each[f"{dataset}: {movement}, {view}"].append(value)
    means = {name: round(sum(values) / len(values), 3) for name, values in sorted(each.items())}
    return {"mean": round(sum(means.values()) / len(means), 3) if means else None, "by_movement": means}


def faults(results: Sequence[Result]) -> Figures:
    """Faults named on the rendered clips, repetition by repetition."""
    scores: list[tuple[str, int, FaultScore, Rep | None]] = []
    for r in results:
        if r.case.dataset != "rendered" or r.case.definition not in ROUTINE:
            continue
        found = {id(t): rep for rep, t in match([one.rep for one in r.reps], r.case.reps)}
        for index, truth in enumerate(r.case.reps, 1):
            rep = found.get(id(truth))
            scores.append((r.case.name, index, score_faults(rep, truth), rep))
    good = [s for _, _, s, _ in scores if not s.wanted]
    return {
        "repetitions": len(scores),
        "agree": sum(s.agrees for _, _, s, _ in scores),
        "faults": sum(s.wanted for _, _, s, _ in scores),
        "named": sum(s.wanted - len(s.missed) for _, _, s, _ in scores if s.wanted),
        "good": len(good),
        "good_called_good": sum(s.agrees for s in good),
        "wrong": [
            {"clip": name, "repetition": i, "missed": s.missed, "false": s.false, "said": rep.faults if rep else None}
            for name, i, s, rep in scores if not s.agrees
        ],
    }  # fmt: skip


def ranges(results: Sequence[Result]) -> Figures:
    """Errors of range, stop and drag where the truth is exact, and how often the stated +- covers them."""
    groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
    stops, drags = [], []
    for r, rep, _, t in pairs([r for r in results if r.case.dataset == "rendered"]):
        if "range" in t.values:
            reach = rep.measures["range"]
            groups[f"rendered: {r.case.definition}"].append((reach.value - t.values["range"], reach.plus_minus))
        if t.stop_s is not None and r.case.definition in ROUTINE:
            stop = rep.measures["still_s"]
            stops.append((stop.value - t.stop_s, stop.plus_minus))
        if "drag_s" in t.values:
            drags.append((rep.measures["back_s"].value - t.values["drag_s"], rep.measures["back_s"].plus_minus))
    for r in results:
        if r.ranges and r.case.correct is not False:
            name = f"{r.case.dataset}: {r.case.definition}"
            groups[name] += [(a - whole, c) for a, whole, _, c in r.ranges]
            groups[f"{name}, upper arm alone"] += [(a - upper, c) for a, _, upper, c in r.ranges]

    def told(errors: Sequence[tuple[float, float]]) -> Figures | None:
        figures = _spread([error for error, _ in errors])
        if figures is not None:
            figures["covered"] = round(sum(abs(e) <= c for e, c in errors) / len(errors), 3)
        return figures

    return {"range": {k: told(v) for k, v in sorted(groups.items())}, "stop_s": told(stops), "drag_s": told(drags)}


def robustness(results: Sequence[Result]) -> Figures:
    """How often the count stays right, and stays the same, under each change."""
    names = list(dict.fromkeys(name for r in results for name in r.changed))
    out: Figures = {}
    for name in names:
        tried = [r for r in results if name in r.changed]
        ends = name in ("late entry", "leaves mid-set")
        out[name] = {
            "recordings": len(tried),
            "right": sum(not off_by(*r.changed[name]) for r in tried),
            "right_unchanged": sum(not off_by(r.counted, r.case.count or (0, 0)) for r in tried),
            "same": None if ends else sum(r.changed[name][0] == r.counted for r in tried),
        }
    return out


def recognition(results: Sequence[Result]) -> Figures:
    """How often the routine's exercise (or none) was found; once strictly, once as the labels' `maps_to` allows."""

    def right(of: Callable[[Result], bool], chosen: Sequence[Result]) -> Figures:
        return {"recordings": len(chosen), "right": sum(map(of, chosen))}

    def strict(r: Result) -> bool:
        return r.recognised == r.case.shows

    def lenient(r: Result) -> bool:
        return r.recognised in (r.case.shows, r.case.may_show, None if r.case.shows is None else r.case.shows)

    wrong = {r.case.name: {"found": r.recognised, "shows": r.case.shows} for r in results if not strict(r)}
    shown = [r for r in results if r.case.shows is not None]
    none = [r for r in results if r.case.shows is None]
    return {
        "all": right(strict, results), "shows one": right(strict, shown), "shows none": right(strict, none),
        "lenient": right(lenient, results), "wrong": wrong,
    }  # fmt: skip


def summary(results: Sequence[Result]) -> Figures:
    """Return all figures."""
    ui = [r for r in results if r.case.dataset.startswith("ui_prmd") and r.case.definition]
    correct = [r for r in ui if r.case.correct]
    wrong = [r for r in ui if r.case.correct is False]
    videos = [r for r in results if r.case.dataset == "videos" and r.case.definition]
    rendered = [r for r in results if r.case.dataset == "rendered"]
    known = {id(r) for r in (*ui, *videos, *rendered)}
    others = [r for r in results if id(r) not in known and r.case.definition]
    groups = {
        "UI-PRMD correct": correct, "UI-PRMD wrong": wrong, "real clips": videos, "rendered clips": rendered,
        "other motion capture": others,
    }  # fmt: skip
    return {
        "groups": {
            name: {
                "counted": counting(group), "attempts": attempts(group), "peers": peer_counting(group),
                "timing": timing(group), "sides": sides(group),
            }
            for name, group in groups.items() if group
        },
        "by_movement": by_movement(results),
        "template": template(ui),
        "ghosts": {
            "the routine's counters": ghosts(results, routine_only=True),
            "all counters": ghosts(results, routine_only=False),
            "peers": peer_ghosts(results),
        },
        "faults": faults(results),
        "measures": ranges(results),
        "robustness": robustness(results),
        "recognition": recognition(results),
        "poses": {
            r.case.name: {"frames": r.frames, "with_pose": r.frames_with_pose} for r in rendered
        },
    }  # fmt: skip
