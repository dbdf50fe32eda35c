"""`loosen watch`: recordings in, repetitions out, as text, JSON, a clip with the coach's view drawn in, or a chart."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import loosen
from loosen.cli.options import add_json, add_routine, command, print_json, routine_of, words_of
from loosen.cli.terminal import Progress, show, table
from loosen.errors import BrokenRecording, InputError, RecordingError

if TYPE_CHECKING:
    from loosen.body.pose import Pose
    from loosen.cli.options import Commands
    from loosen.cli.terminal import Shown
    from loosen.routine.model import Routine
    from loosen.routine.words import Words

_EXAMPLES = """\
examples:
  loosen watch arch.mp4 reach.mp4
  loosen watch --exercise back-arches --chart arch.png arch.mp4
  loosen watch --trc arch.trc --mot arch.mot arch.mp4
  loosen watch --json *.npz > reports.jsonl"""


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    one = command(commands, "watch", run, "count and judge the repetitions in recordings", _EXAMPLES)
    one.add_argument("inputs", nargs="+", type=Path, metavar="CLIP", help="video, or landmark track (.npz, .trc)")
    one.add_argument("--exercise", metavar="ID", help="what is done in it (default: found out by itself)")
    one.add_argument("--overlay", type=Path, metavar="OUT.mp4", help="write the clip with the points drawn in")
    one.add_argument("--chart", type=Path, metavar="OUT.png", help="draw the movement over time")
    for kind, what in {"trc": "points for OpenSim", "mot": "angles for OpenSim", "npz": "landmark track"}.items():
        text = f"write what was seen: {what}"
        one.add_argument(f"--{kind}", type=_ending(f".{kind}"), metavar=f"OUT.{kind}", help=text)
    add_routine(one)
    add_json(one, "print one object for each input, one to a line")


def _ending(suffix: str) -> Callable[[str], Path]:
    """Return a function that parses a path and accepts only names that end in `suffix`; for argparse."""

    def path(text: str) -> Path:
        if not text.lower().endswith(suffix):
            raise argparse.ArgumentTypeError(f"expected a name that ends in {suffix}, got {text!r}")
        return Path(text)

    return path


def run(given: argparse.Namespace) -> int:
    """Watch recordings and print what was seen; a bad one does not stop the others."""
    from loosen.coach.counting.rep import report_json

    inputs, routine = given.inputs, routine_of(given.routine)
    # What the poses are written into, frame by frame.
    points = [place for place in (given.trc, given.mot, given.npz) if place is not None]
    places = [place for place in (given.overlay, given.chart, *points) if place is not None]
    _refuse(inputs, routine, given.exercise, given.overlay, places)
    poses: list[Pose] | None = [] if places else None
    words, code = words_of(routine.language), 0
    for path, report in zip(inputs, _reports(inputs, routine, given.exercise, poses), strict=True):
        if isinstance(report, InputError):
            print(f"loosen: {report}", file=sys.stderr)
            code = max(code, report.exit_code)
            continue
        if report.broken_at_s is not None:
            print(words("watch.broken", name=path, at=f"{report.broken_at_s:.1f}"), file=sys.stderr)
        if report.also:
            others = ((routine.exercise(one).title, n) for one, n in report.also.items())
            said = ", ".join(words("watch.one-of-others", title=title, n=n) for title, n in others)
            print(words("watch.others", name=path, others=said), file=sys.stderr)
        if given.json:
            print_json(report_json(report), one_line=True)
        else:
            show(*_lines(report, routine, words))
        sys.stdout.flush()
        if poses:
            _write_points(points, poses)
        if poses is not None:
            _draw(path, routine, report, poses, given.overlay, given.chart)
    return code


def _refuse(
    inputs: Sequence[Path], routine: Routine, exercise: str | None, overlay: Path | None, places: Sequence[Path]
) -> None:
    """Refuse what cannot be done, before anything is."""
    from loosen.coach.routine_check import vet, vet_choice

    vet(routine)
    vet_choice(routine, exercise)
    if len(inputs) > 1 and places:
        raise InputError("--overlay, --chart, --trc, --mot and --npz are of one recording: give one input.")
    for place in places:
        if place.exists() and any(place.samefile(path) for path in inputs if path.exists()):
            raise InputError(f"{place} is the recording itself. Name another file to write to.")
        if place.is_dir() or not place.parent.is_dir():
            raise InputError(f"{place}: not a place to write to; name a file in a folder that exists.")
    if overlay is not None:
        from loosen.camera.watch import is_track

        if is_track(inputs[0]):
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
                yield _report(path, routine, exercise, progress=bar.at, poses=poses)
        return
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import active_children, get_context

    # One thread for the network and one for the decoder each, for the recordings themselves fill the processors.
    report = partial(_report, routine=routine, exercise=exercise, threads=1, decoders=1)
    spawn = get_context("spawn")  # a fork would copy the network's locks
    with ProcessPoolExecutor(workers, spawn, _end_with_parent) as pool, Progress("clips") as bar:
        try:
            for n, one in enumerate(pool.map(report, inputs), 1):
                bar.at(n / len(inputs))
                yield one
        except BrokenProcessPool:
            raise BrokenRecording(
                "One of the recordings crashed the process that read it. Watch them one at a time to find it, or use "
                "`loosen archive`, which sets it aside."
            ) from None
        except BaseException:
            # The pool waits for its processes, and a long clip would keep them for minutes.
            for process in active_children():
                process.terminate()
            raise


def _end_with_parent() -> None:
    """Have a pool's process end when its parent is killed; waiting for the next recording, it would not notice."""
    import threading
    from multiprocessing import parent_process

    def wait() -> None:
        if (parent := parent_process()) is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _report(path: Path, routine: Routine, exercise: str | None, **options: Any) -> loosen.Report | InputError:
    """Return a recording's report, or why there is none."""
    try:
        return loosen.watch(path, exercise, routine=routine, **options)
    except InputError as error:
        return error
    except MemoryError:
        return RecordingError(f"{path}: reading it takes more memory than there is. Scale the clip down.")


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


def _lines(report: loosen.Report, routine: Routine, words: Words) -> Iterator[Shown]:
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
        yield table([head, *rows], frozenset({0, 1, 2}), indent=2)


def _row(number: int, rep: loosen.Rep) -> list[str]:
    reach, stop = rep.measures["range"], rep.measures["still_s"]
    unit = "°" if reach.unit == "deg" else ""
    digits = 0 if unit else 2
    said = "; ".join(rep.reasons)
    return [
        str(number), f"{rep.start_s:.1f}", f"{rep.end_s:.1f}", rep.side,
        f"{reach.value:.{digits}f}{unit} ±{reach.plus_minus:.{digits}f}{unit}", f"{stop.value:.1f} s",
        rep.verdict + (f" ({said})" if said else ""),
    ]  # fmt: skip


def _draw(
    path: Path, routine: Routine, report: loosen.Report, poses: Sequence[Pose], overlay: Path | None, chart: Path | None
) -> None:
    """Draw what was seen, now that the exercise is known. The clip is decoded again: its pictures were not kept."""
    if overlay is not None:
        from loosen.camera.formats.video import open_clip
        from loosen.camera.overlay import overlay_frames, write_overlay

        clip = open_clip(path)
        rate_hz = (clip.frames_estimate or 30) / (clip.duration_s or 1)
        with Progress(path.name) as bar:
            shown = report.exercise or routine.exercises[0].id
            write_overlay(overlay, overlay_frames(clip, poses, routine, shown, bar.at), clip.size, rate_hz)
    if chart is not None:
        from loosen.camera.chart import draw_chart

        draw_chart(chart, report, poses, routine)
