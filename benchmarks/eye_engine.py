"""Runs the live engine and its peers over one recording, frame by frame, once.

The engine is `loosen.coach.counting.coach.Coach`, as `loosen watch` and a guided session use it.
"""

from __future__ import annotations

import hashlib
import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import peers
from eye_change import CHANGES, away
from eye_sets import FAMILY, ROUTINE, Case
from numpy.typing import NDArray

from loosen.body.pose import Pose
from loosen.body.signals import SignalFrame, SignalReader
from loosen.camera.formats.track_file import read_track, write_track
from loosen.camera.watch import find_poses, open_recording
from loosen.coach.counting.coach import Coach
from loosen.coach.counting.rep import Rep
from loosen.coach.counting.template import Shape, shape_of
from loosen.coach.counting.time_series import smoothed
from loosen.routine.model import Routine
from loosen.routine.reader import builtin, read_routine
from loosen.routine.words import Words, load_words

MOVEMENTS = Path(__file__).with_name("movements.toml")
# Motion capture through a virtual camera: what is true of the body is known.
EXACT = frozenset({"ui_prmd_vicon", "bandai_namco"})
CACHE = Path(tempfile.gettempdir()) / "loosen-eye-tracks"


@dataclass(frozen=True, slots=True)
class Reported:
    """A repetition and the time of the frame on which it was reported."""

    rep: Rep
    at_s: float


@dataclass(slots=True)
class Result:
    """What came of one recording.

    `ranges`: (measured, true, upper arm alone, stated +-) of each repetition whose truth is exact.
    """

    case: Case
    frames: int
    frames_with_pose: int
    view: str
    reps: tuple[Reported, ...] = ()
    ghosts: dict[str, int] = field(default_factory=dict)
    peer_ghosts: dict[str, dict[str, int]] = field(default_factory=dict)
    recognised: str | None = None
    changed: dict[str, tuple[int, tuple[int, int]]] = field(default_factory=dict)
    peer_counts: dict[str, int] = field(default_factory=dict)
    shapes: tuple[Shape, ...] = ()
    ranges: tuple[tuple[float, float, float, float], ...] = ()

    @property
    def counted(self) -> int:
        """How many repetitions the engine counted."""
        return sum(one.rep.counted for one in self.reps)


@dataclass(frozen=True, slots=True)
class Job:
    """One recording and how much to do with it."""

    case: Case
    variants: bool
    with_peers: bool
    samples: peers.Samples | None


@cache
def _routines() -> tuple[Routine, Routine, Words]:
    return builtin(), read_routine(MOVEMENTS), load_words("en")


def routine_of(definition: str) -> Routine:
    """Return the routine that holds a definition."""
    ours, others, _ = _routines()
    return ours if definition in ROUTINE else others


def poses_of(case: Case) -> list[Pose]:
    """Return a recording's poses; a clip's are kept in a temporary folder, by its content and the tracker's."""
    if case.kind == "track":
        return list(read_track(case.path))
    import loosen.camera

    mark = hashlib.sha256(case.path.read_bytes())
    for source in sorted(Path(loosen.camera.__path__[0]).rglob("*.py")):
        mark.update(source.read_bytes())
    kept = CACHE / f"{mark.hexdigest()}.npz"
    if not kept.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        write_track(kept, find_poses(open_recording(case.path)), {"clip": case.name})
    return list(read_track(kept))


def watch(poses: Sequence[Pose], routine: Routine, exercise: str) -> tuple[Reported, ...]:
    """Return the repetitions that the live engine reports, each with when it did."""
    coach = Coach(routine, exercise, _routines()[2])
    at_s = [pose.t_s for pose in poses for _ in coach.see(pose)]
    at_s += [poses[-1].t_s for _ in coach.finish()]
    # As the report has them: those of a person's own small range are known to count only at the end.
    return tuple(Reported(rep, t_s) for rep, t_s in zip(coach.report("").reps, at_s, strict=True))


def _everything(poses: Sequence[Pose], result: Result) -> None:
    """Let the routine find out what it sees, and let every counter watch that must stay silent here."""
    ours, others, words = _routines()
    silent = {
        name: 0 for name, family in FAMILY.items() if family in result.case.negative and name != result.case.definition
    }
    for routine in (ours, others):
        if routine is others:
            wanted = tuple(one for one in routine.exercises if one.id in silent)
            if not wanted:
                continue
            routine = msgspec.structs.replace(routine, exercises=wanted)  # noqa: PLW2901
        coach = Coach(routine, words=words)
        reps = [rep for pose in poses for rep in coach.see(pose)]
        coach.finish()
        for rep in reps:
            if rep.exercise in silent:
                silent[rep.exercise] += rep.counted
        if routine is ours:
            report = coach.report("")
            result.recognised, result.view = report.exercise, report.view
            result.frames, result.frames_with_pose = report.frames, report.frames_with_pose
    result.ghosts = silent


def run(job: Job) -> Result:
    """Do everything with one recording."""
    case, poses = job.case, poses_of(job.case)
    result = Result(case, len(poses), 0, "unknown")
    _everything(poses, result)
    if case.definition is not None:
        routine = routine_of(case.definition)
        result.reps = watch(poses, routine, case.definition)
        if case.dataset in EXACT and FAMILY[case.definition] == "arms":
            result.ranges = _ranges(poses, case.definition, result.reps)
        if case.correct is not None:
            seen = _signals(poses)
            result.shapes = tuple(shape_of(seen, one.rep.start_s, one.rep.end_s) for one in result.reps)
        if job.variants and case.count is not None:
            _vary(poses, result, routine, case.definition)
    if job.with_peers:
        _ask_peers(poses, result, job)
    return result


def _signals(poses: Sequence[Pose]) -> list[SignalFrame]:
    reader = SignalReader()
    return [reader.read(pose) for pose in poses]


def _ranges(
    poses: Sequence[Pose], definition: str, reps: Sequence[Reported]
) -> tuple[tuple[float, float, float, float], ...]:
    """Compare each counted repetition's range with the arms' elevation in space, highest over a quarter of a second."""
    both = definition == "reach-for-the-sky"
    known = [(pose.t_s, *_elevations_deg(pose, both=both)) for pose in poses if pose.found]
    out = []
    for rep in (one.rep for one in reps if one.rep.counted):
        inside = [row for row in known if rep.start_s <= row[0] <= rep.end_s]
        if inside:
            whole, upper = (max(v for _, v in smoothed([(r[0], r[i]) for r in inside], 0.25)) for i in (1, 2))
            reach = rep.measures["range"]
            out.append((reach.value, whole, upper, reach.plus_minus))
    return tuple(out)


def _elevations_deg(pose: Pose, *, both: bool) -> tuple[float, float]:
    """Return the angles in space between arm and trunk: as the signal is defined, and of the upper arm alone.

    The signal is the whole arm's where that is straight (from 150 degrees at the elbow, wholly from 165). Of two arms
    it is the mean, or the higher one.
    """
    world = pose.world.astype(float)
    down = (world[23] + world[24]) / 2 - (world[11] + world[12]) / 2
    wholes, uppers = [], []
    for s, e, w in ((11, 13, 15), (12, 14, 16)):
        upper = _between_deg(world[e] - world[s], down)
        elbow = 180 - _between_deg(world[e] - world[s], world[w] - world[e])
        straight = min(max((elbow - 150) / 15, 0.0), 1.0)
        wholes.append(upper + straight * (_between_deg(world[w] - world[s], down) - upper))
        uppers.append(upper)
    return (sum(wholes) / 2, sum(uppers) / 2) if both else (max(wholes), max(uppers))


def _between_deg(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    along = float(a @ b) / float(np.linalg.norm(a) * np.linalg.norm(b))
    return math.degrees(math.acos(min(max(along, -1.0), 1.0)))


def _vary(poses: Sequence[Pose], result: Result, routine: Routine, definition: str) -> None:
    case = result.case
    assert case.count is not None
    for name, change in CHANGES.items():
        if "side view" in name and (case.view != "side" or definition == "lazy-leg-walk"):
            continue
        reps = watch(change(poses), routine, definition)
        result.changed[name] = sum(one.rep.counted for one in reps), case.count
    timed = [t for t in case.reps if t.start_s is not None and t.peak_s is not None and t.end_s is not None]
    if len(timed) < 5 or len(timed) != case.count[0] or case.count[0] != case.count[1]:
        return
    comes_s = timed[1].peak_s or 0.0
    goes_s = timed[len(timed) // 2].peak_s or 0.0
    for name, begin_s, end_s in (("late entry", -1.0, comes_s), ("leaves mid-set", goes_s, goes_s + 2.0)):
        left = sum((t.end_s or 0) <= begin_s or (t.start_s or 0) >= end_s for t in timed)
        reps = watch(away(poses, begin_s, end_s), routine, definition)
        # A repetition that was half seen may be counted or called partial.
        result.changed[name] = sum(one.rep.counted for one in reps), (left, left + 1)


def _ask_peers(poses: Sequence[Pose], result: Result, job: Job) -> None:
    case = result.case
    if case.definition is not None and case.count is not None:
        family = FAMILY[case.definition]
        result.peer_counts = {
            peers.ANGLE: peers.angle_counter(poses, family, case.definition),
            peers.NEAREST: peers.nearest_counter(poses, job.samples or peers.figure_samples(case.definition)),
            peers.OFFLINE: peers.offline_counter(poses),
        }
    stand_ins = {"arms": "reach-for-the-sky", "knee": "squat", "gap": "lazy-leg-walk", "back": "back-arches"}
    for family in case.negative:
        definition = stand_ins[family]
        result.peer_ghosts[family] = {
            peers.ANGLE: peers.angle_counter(poses, family, definition),
            peers.NEAREST: peers.nearest_counter(poses, peers.figure_samples(definition)),
        }
