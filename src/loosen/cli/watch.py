"""`loosen watch`: recordings in, repetitions out, as text, JSON, a clip with the coach's view drawn in, or a chart."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import loosen
from loosen.cli.options import print_data
from loosen.coach.counting.report import report_json
from loosen.coach.routine_check import vet, vet_choice
from loosen.errors import BrokenRecording, InputError, RecordingError
from loosen.routine.words import Words, load_words
from loosen.terminal import Progress, Terminal, table

if TYPE_CHECKING:
    from loosen.body.pose import Pose
    from loosen.routine.model import Exercise, Routine


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

    `points`: files to write the poses into, frame by frame; their endings (.trc, .mot, .npz) say how.
    """
    places = [place for place in (overlay, chart, *points) if place is not None]
    _refuse(inputs, routine, exercise, overlay, places)
    poses: list[Pose] | None = [] if places else None
    words, code = load_words(routine.language), 0
    for path, report in zip(inputs, _reports(inputs, routine, exercise, poses), strict=True):
        if isinstance(report, InputError):
            print(f"loosen: {report}", file=sys.stderr)
            code = max(code, report.exit_code)
            continue
        if report.broken_at_s is not None:
            print(words("watch.broken", name=path, at=f"{report.broken_at_s:.1f}"), file=sys.stderr)
        if report.also:
            others = [
                words("watch.one-of-others", title=routine.exercise(one).title, n=n)
                for one, n in report.also.items()
            ]
            print(words("watch.others", name=path, others=", ".join(others)), file=sys.stderr)
        if as_json:
            print_data(msgspec.json.encode(report_json(report)) + b"\n")
        else:
            for line in _lines(report, routine, words):
                Terminal().say(line)
        sys.stdout.flush()
        if poses:
            _write_points(points, poses)
        if poses is not None:
            _draw(path, routine, report, poses, overlay, chart)
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


def _reports(
    inputs: Sequence[Path], routine: Routine, exercise: str | None, poses: list[Pose] | None
) -> Iterator[loosen.Report | InputError]:
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
            for index, report in enumerate(pool.map(_watched, tasks)):
                bar.at((index + 1) / len(tasks))
                yield report
        except BrokenProcessPool:
            raise BrokenRecording(
                "One of the recordings crashed the process that read it. Watch them one at a time to find it, or use "
                "`loosen archive`, which sets it aside."
            ) from None


def _watched(
    task: Task, bar: Progress | None = None, poses: list[Pose] | None = None
) -> loosen.Report | InputError:
    """Return a recording's report, or why there is none."""
    try:
        return loosen.watch(
            task.path, task.exercise, routine=task.routine, threads=task.threads, decoders=task.decoders,
            progress=None if bar is None else bar.at, poses=poses,
        )  # fmt: skip
    except InputError as error:
        return error
    except MemoryError:
        return RecordingError(
            f"{task.path}: reading it takes more memory than there is. Scale the clip down."
        )


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
                write_track(place, poses, {"loosen": loosen.__version__})


def _lines(report: loosen.Report, routine: Routine, words: Words) -> Iterator[str]:
    """Yield the lines that tell a report."""
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


def _row(number: int, rep: loosen.Rep) -> list[str]:
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


def _draw(
    path: Path,
    routine: Routine,
    report: loosen.Report,
    poses: Sequence[Pose],
    overlay: Path | None,
    chart: Path | None,
) -> None:
    """Draw what the coach saw in a recording, now that its exercise is known. Raises InputError."""
    name = report.exercise or routine.exercises[0].id
    exercise, words = routine.exercise(name), load_words(routine.language)
    if overlay is not None:
        _draw_overlay(overlay, path, loosen.Coach(routine, name, words), exercise, poses)
    if chart is not None:
        from loosen.camera.chart import draw_signal

        coach = loosen.Coach(routine, name, words)
        signal = []
        for pose in poses:
            coach.see(pose)
            signal.append((pose.t_s, coach.value(name)))
        draw_signal(chart, exercise, signal, report.reps, words)


def _draw_overlay(
    overlay: Path, path: Path, coach: loosen.Coach, exercise: Exercise, poses: Sequence[Pose]
) -> None:
    """Decode a clip once more, for its pictures were not kept, and write it with the poses drawn in."""
    from loosen.camera.formats.video import Clip
    from loosen.camera.overlay import OverlayWriter
    from loosen.camera.watch import open_recording

    clip = open_recording(path)
    if not isinstance(clip, Clip):
        raise InputError(f"{path}: a landmark track has no picture to draw over. Use --chart.")
    cues = {fault.id: fault.cue for fault in exercise.faults}
    count, cue = 0, ""
    rate_hz = (clip.frames_estimate or 30) / (clip.duration_s or 1)
    with OverlayWriter(overlay, clip.size, rate_hz) as writer, Progress(path.name) as bar:
        for n, ((_, rgb), pose) in enumerate(zip(clip, poses, strict=False), 1):
            for _, rep, _ in coach.see(pose):
                count += rep.counted
                cue = next((cues[fault] for fault in rep.faults if fault in cues), "")
            phase = coach.counter(exercise.id).phase
            name = "" if phase == "rest" else getattr(exercise.words, phase)
            writer.add(rgb, pose, count=str(count), phase=name, cue=cue)
            bar.at(n / len(poses))
