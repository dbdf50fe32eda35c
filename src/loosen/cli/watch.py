"""`loosen watch`: recordings in, repetitions out, as text, JSON, a clip with the coach's eye drawn in, or a chart."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from loosen import __version__
from loosen.cli.options import print_data
from loosen.coach.counting.recording import Coach
from loosen.coach.counting.report import Rep, Report, report_json
from loosen.coach.routine_check import vet, vet_choice
from loosen.errors import BrokenRecording, InputError, RecordingError
from loosen.routine.model import Routine
from loosen.routine.words import Words, load_words
from loosen.terminal import Progress, Terminal, table

if TYPE_CHECKING:
    from loosen.body.pose import Pose
    from loosen.camera.watch import Outcome


@dataclass(frozen=True, slots=True)
class Task:
    """One recording to watch. `threads`: for the neural network; `decoders`: for the clip (0: the library's choice)."""

    path: Path
    routine: Routine
    exercise: str | None
    threads: int
    decoders: int


def watch(
    inputs: Sequence[Path],
    *,
    routine: Routine,
    exercise: str | None = None,
    overlay: Path | None = None,
    chart: Path | None = None,
    points: Sequence[Path] = (),
    as_json: bool = False,
) -> int:
    """Watch recordings, print what was seen, and return the exit code; a bad one does not stop the others.

    `points`: files to write what was seen into, frame by frame; their endings (.trc, .mot, .npz) say how.
    """
    _refuse(inputs, routine, exercise, overlay, [one for one in (overlay, chart, *points) if one is not None])
    poses: list[Pose] | None = [] if points else None
    words, code = load_words(routine.language), 0
    for path, outcome in zip(inputs, _outcomes(inputs, routine, exercise, poses), strict=True):
        if outcome.report is None:
            print(f"loosen: {outcome.error}", file=sys.stderr)
            code = max(code, outcome.exit_code)
            continue
        if outcome.broken_at_s is not None:
            print(words("watch.broken", name=path, at=f"{outcome.broken_at_s:.1f}"), file=sys.stderr)
        if outcome.also:
            others = [
                words("watch.one-of-others", title=routine.exercise(one).title, n=n)
                for one, n in outcome.also.items()
            ]
            print(words("watch.others", name=path, others=", ".join(others)), file=sys.stderr)
        if as_json:
            print_data(msgspec.json.encode(report_json(outcome.report)) + b"\n")
        else:
            for line in _lines(outcome.report, routine, words):
                Terminal().say(line)
        sys.stdout.flush()
        if poses:
            _write_points(points, poses)
        if overlay or chart:
            _draw(path, routine, outcome.report, overlay, chart)
    return code


def _refuse(
    inputs: Sequence[Path],
    routine: Routine,
    exercise: str | None,
    overlay: Path | None,
    places: Sequence[Path],
) -> None:
    """Refuse what cannot be done, before anything is."""
    vet(routine)
    vet_choice(routine, exercise)
    if len(inputs) > 1 and places:
        raise InputError("--overlay, --chart, --trc, --mot and --npz are of one recording: give one input.")
    for place in places:
        if place.exists() and any(place.samefile(path) for path in inputs if path.exists()):
            raise InputError(f"{place} is the recording itself. Name another file to write to.")
        if place.is_dir() or not place.parent.is_dir():
            raise InputError(f"{place}: not a place to write to; name a file in a folder that exists.")
    if overlay is not None and inputs[0].suffix.lower() in (".npz", ".trc"):
        raise InputError(f"{inputs[0]}: a landmark track has no picture to draw over. Use --chart.")


def _outcomes(
    inputs: Sequence[Path], routine: Routine, exercise: str | None, poses: list[Pose] | None
) -> Iterator[Outcome]:
    """Watch all inputs, on all cores where there are several; the order is kept. One input's poses may be kept."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    workers = min(len(inputs), cores)
    if workers <= 1:
        for path in inputs:
            with Progress(path.name) as bar:
                yield _watched(Task(path, routine, exercise, 2, 0), bar, poses)
        return
    tasks = [Task(path, routine, exercise, 1, 1) for path in inputs]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool, Progress("clips") as bar:
        try:
            for index, outcome in enumerate(pool.map(_watched, tasks)):
                bar.at((index + 1) / len(tasks))
                yield outcome
        except BrokenProcessPool:
            raise BrokenRecording(
                "One of the recordings crashed the process that read it. Watch them one at a time to find it, or use "
                "`loosen archive`, which sets it aside."
            ) from None


def _watched(task: Task, bar: Progress | None = None, poses: list[Pose] | None = None) -> Outcome:
    from loosen.camera.watch import Outcome, watch_recording

    progress = bar.at if bar is not None else None
    try:
        return watch_recording(
            task.path, task.routine, task.exercise,
            threads=task.threads, decoders=task.decoders, progress=progress, poses=poses,
        )  # fmt: skip
    except MemoryError:
        error = f"{task.path}: reading it takes more memory than there is. Scale the clip down."
        return Outcome(None, error, RecordingError.exit_code)


def _write_points(places: Sequence[Path], poses: Sequence[Pose]) -> None:
    from loosen.camera.formats.markers import angles_of, markers_of
    from loosen.camera.formats.pose_files import write_mot, write_trc
    from loosen.camera.formats.track_file import write_track

    for place in places:
        match place.suffix.lower():
            case ".trc":
                write_trc(place, markers_of(poses))
            case ".mot":
                write_mot(place, angles_of(poses))
            case _:
                write_track(place, poses, {"loosen": __version__})


def _lines(report: Report, routine: Routine, words: Words) -> Iterator[str]:
    """Say a report in lines."""
    if report.exercise is None:
        yield words("watch.none", name=report.input, seconds=f"{report.duration_s:.1f}")
        return
    exercise = routine.exercise(report.exercise)
    how = words["watch.given" if report.found_by == "given" else "watch.recognised"]
    yield words(
        "watch.head",
        name=report.input, title=exercise.title, how=how, view=report.view, counted=report.counted,
        attempts=len(report.reps), seconds=f"{report.duration_s:.1f}",
    )  # fmt: skip
    if report.reps:
        head = [words[f"watch.{key}"] for key in ("number", "from", "to", "side", "range", "stop", "verdict")]
        rows = [_row(index, rep) for index, rep in enumerate(report.reps, 1)]
        yield from ("  " + line for line in table([head, *rows], right=frozenset({0, 1, 2})))


def _row(number: int, rep: Rep) -> list[str]:
    reach, stop = rep.measures["range"], rep.measures["still_s"]
    unit = "°" if reach.unit == "deg" else ""
    digits = 0 if unit else 2
    said = "; ".join(rep.reasons)
    return [
        str(number),
        f"{rep.start_s:.1f}",
        f"{rep.end_s:.1f}",
        rep.side,
        f"{reach.value:.{digits}f}{unit} ±{reach.plus_minus:.{digits}f}{unit}",
        f"{stop.value:.1f} s",
        rep.verdict + (f" ({said})" if said else ""),
    ]


def _draw(path: Path, routine: Routine, report: Report, overlay: Path | None, chart: Path | None) -> None:
    """Watch the recording once more, now knowing which exercise it is, and draw."""
    from loosen.camera.formats.sources import open_recording
    from loosen.camera.overlay import OverlayWriter

    recording, words = open_recording(path), load_words(routine.language)
    if overlay is not None and recording.kind == "track":
        raise InputError(f"{path}: a landmark track has no picture to draw over. Use --chart.")
    name = report.exercise or routine.exercises[0].id
    exercise = routine.exercise(name)
    coach = Coach(routine, name, words)
    signal: list[tuple[float, float]] = []
    cues = {fault.id: fault.cue for fault in exercise.faults}
    count, cue = 0, ""
    rate = (recording.frames_estimate or 30) / (recording.duration_s or 1)
    with ExitStack() as stack:
        writer = stack.enter_context(OverlayWriter(overlay, recording.size, rate)) if overlay else None
        with Progress(path.name) as bar:
            for look, rgb in recording.shown():
                for _, rep, _ in coach.see(look.pose):
                    count += rep.counted
                    cue = next((cues[fault] for fault in rep.faults if fault in cues), "")
                counter = coach.counter(name)
                signal.append((look.pose.t_s, coach.value(name)))
                bar.at(min(coach.frames / (recording.frames_estimate or coach.frames), 1.0))
                if writer is not None and rgb is not None:
                    phase = "" if counter.phase == "rest" else getattr(exercise.words, counter.phase)
                    writer.add(rgb, look.pose, count=str(count), phase=phase, cue=cue)
    if chart is not None:
        from loosen.camera.chart import draw_signal

        draw_signal(chart, exercise, signal, report.reps, words)
