"""Draws a chart of a recording: the signal over time, each repetition marked, each stop shaded."""

from __future__ import annotations

from collections.abc import Iterable
from math import isnan
from pathlib import Path

from loosen.body.pose import Pose
from loosen.body.signal_catalogue import SIGNALS
from loosen.coach.counting.coach import Coach
from loosen.coach.counting.rep import Report
from loosen.errors import InputError
from loosen.routine.model import Routine
from loosen.routine.words import load_words

INK, SOFT, ACCENT, WARN = "#2b2a27", "#a8a297", "#1f6f63", "#b4532a"


def draw_chart(path: Path, report: Report, poses: Iterable[Pose], routine: Routine) -> None:
    """Draw the signal of the report's exercise (else of the routine's first) as a PNG, or what the ending says.

    `poses`: the recording's, of which the report is. Raises InputError when the file cannot be written.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    exercise = routine.exercise(report.exercise or routine.exercises[0].id)
    words, name, reps = load_words(routine.language), exercise.seen.signal, report.reps
    unit = SIGNALS[name].unit_text
    coach, signal = Coach(routine, exercise.id), list[tuple[float, float]]()
    for pose in poses:
        coach.see(pose)
        signal.append((pose.t_s, coach.value(exercise.id)))
    figure, axes = plt.subplots(figsize=(11, 4), layout="constrained")
    times = [t for t, _ in signal]
    axes.plot(times, [v for _, v in signal], color=INK, linewidth=1.1)
    known = [v for _, v in signal if not isnan(v)]
    low, top = min(known, default=0.0), max(known, default=1.0)
    room = (top - low) or 1.0
    for index, rep in enumerate(reps, 1):
        colour = ACCENT if rep.counted else WARN
        axes.axvspan(rep.start_s, rep.end_s, color=colour, alpha=0.07, linewidth=0)
        half_s = rep.measures["still_s"].value / 2
        axes.axvspan(rep.peak_s - half_s, rep.peak_s + half_s, color=colour, alpha=0.16, linewidth=0)
        label = str(index) if rep.verdict == "full" else f"{index}\n{words[f'watch.short-{rep.verdict}']}"
        axes.text(rep.peak_s, top + 0.05 * room, label, ha="center", va="bottom", fontsize=9, color=colour)
    if exercise.seen.relative_to == "zero":
        axes.axhline(exercise.seen.counts_at, color=SOFT, linewidth=0.9, linestyle=(0, (4, 4)))
        axes.annotate(
            words["watch.counts-from"], (1.0, exercise.seen.counts_at), (4, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", color=SOFT, fontsize=8, va="center",
        )  # fmt: skip
    axes.set_ylim(low - 0.08 * room, top + 0.3 * room)
    axes.set_xlim(times[0] if times else 0, times[-1] if times and times[-1] > times[0] else 1)
    axes.set_xlabel(words["watch.seconds"])
    axes.set_ylabel(f"{name.removesuffix('_deg').replace('_', ' ')} ({unit})")
    axes.set_title(words("watch.chart-title", title=exercise.title, counted=report.counted), loc="left", fontsize=12)
    axes.spines[["top", "right"]].set_visible(False)
    try:
        figure.savefig(path, dpi=110)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: the chart cannot be written there ({error}).") from None
    finally:
        plt.close(figure)
