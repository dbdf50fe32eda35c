"""What signals and coach cost: time a frame, and memory over a simulated hour.

    uv run python benchmarks/coach.py [--json] [--minutes 60]

Prints milliseconds a frame for reading the signals and counting one exercise, and how much the process's memory grew
from the end of the first tenth of the time to its end.
"""

from __future__ import annotations

import argparse
import gc
import json
import time
import tracemalloc
from itertools import cycle

from loosen.body.pose import Pose
from loosen.body.signals import SignalReader
from loosen.body.synthetic_body import Person, SyntheticCamera, manners_for, recording
from loosen.coach.counting.counter import Counter
from loosen.routine.reader import builtin
from loosen.routine.words import load_words

FPS = 30.0
WANTED_MS = 0.3
WANTED_MIB = 5.0


def cost_ms(poses: list[Pose], exercise_id: str) -> float:
    """Return the median milliseconds of one frame through signals and coach."""
    reader, counter = SignalReader(), Counter(builtin().exercise(exercise_id), load_words())
    times = []
    for pose in poses:
        begin = time.perf_counter()
        counter.see(reader.read(pose))
        times.append(time.perf_counter() - begin)
    return sorted(times)[len(times) // 2] * 1000


def growth_mib(poses: list[Pose], exercise_id: str, minutes: float) -> float:
    """Return how many MiB are held more at the end of a simulated time than after its first tenth."""
    reader, counter = SignalReader(), Counter(builtin().exercise(exercise_id), load_words())
    frames = int(minutes * 60 * FPS)
    base = 0
    tracemalloc.start()
    for index, pose in zip(range(frames), cycle(poses), strict=False):
        later = Pose(index / FPS, pose.landmarks, pose.world, pose.size)
        counter.see(reader.read(later))
        if index == frames // 10:
            gc.collect()
            base = tracemalloc.get_traced_memory()[0]
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return (held - base) / 2**20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--minutes", type=float, default=60.0)
    given = parser.parse_args()
    rows = []
    for exercise in builtin().exercises:
        person = Person(exercise, manners_for(exercise))
        poses = list(recording(person, SyntheticCamera(exercise.seen.shown, fps=FPS, jitter=0.003)))
        rows.append(
            {
                "exercise": exercise.id,
                "ms_a_frame": round(cost_ms(poses, exercise.id), 3),
                "growth_mib": round(growth_mib(poses, exercise.id, given.minutes), 3),
            }
        )
    if given.json:
        print(json.dumps({"wanted_ms": WANTED_MS, "wanted_mib": WANTED_MIB, "rows": rows}))
        return
    for row in rows:
        cost, growth = row["ms_a_frame"], row["growth_mib"]
        print(f"{row['exercise']:20} {cost:.3f} ms a frame   {growth:+.3f} MiB in {given.minutes:g} min")
    print(f"wanted: <= {WANTED_MS} ms and < {WANTED_MIB} MiB")


if __name__ == "__main__":
    main()
