"""A picture of one recording: the signal over time, each repetition marked, each stop shaded."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from pathlib import Path

from loosen.body.signal_catalogue import SIGNALS
from loosen.coach.counting.report import Rep
from loosen.errors import InputError
from loosen.routine.model import Exercise
from loosen.routine.words import Words

INK, SOFT, ACCENT, WARN = "#2b2a27", "#a8a297", "#1f6f63", "#b4532a"


def draw_signal(
    path: Path, exercise: Exercise, signal: Sequence[tuple[float, float]], reps: Sequence[Rep], words: Words
) -> None:
    """Draw a recording's primary signal as a PNG (or what the name's ending says); InputError if it cannot."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    name = exercise.seen.signal
    unit = SIGNALS[name].unit_text
    figure, axes = plt.subplots(figsize=(11, 4), layout="constrained")
    times = [t for t, _ in signal]
    axes.plot(times, [v for _, v in signal], color=INK, linewidth=1.1)
    top = max((v for _, v in signal if not isnan(v)), default=1.0)
    low = min((v for _, v in signal if not isnan(v)), default=0.0)
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
            words["watch.counts-from"],
            (1.0, exercise.seen.counts_at),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            color=SOFT,
            fontsize=8,
            va="center",
        )
    axes.set_ylim(low - 0.08 * room, top + 0.3 * room)
    axes.set_xlim(times[0] if times else 0, times[-1] if times and times[-1] > times[0] else 1)
    axes.set_xlabel(words["watch.seconds"])
    axes.set_ylabel(f"{name.removesuffix('_deg').replace('_', ' ')} ({unit})")
    counted = sum(rep.counted for rep in reps)
    axes.set_title(words("watch.chart-title", title=exercise.title, counted=counted), loc="left", fontsize=12)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    try:
        figure.savefig(path, dpi=110)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: the chart cannot be written there ({error}).") from None
    finally:
        plt.close(figure)
