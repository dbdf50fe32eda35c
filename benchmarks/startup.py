"""How long `loosen --help` takes, beside a bare Python: `uv run python benchmarks/startup.py`.

The figure to reach is 0.2 s. The two are timed in turns, so that whatever else the machine does meets both.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

RUNS = 20
LIMIT_S = 0.2


def took_s(*arguments: str) -> float:
    before_s = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - before_s


def main() -> int:
    bare_s, help_s = [], []
    for _ in range(RUNS):
        bare_s.append(took_s("-c", ""))
        help_s.append(took_s("-m", "loosen", "--help"))
    bare, helped = statistics.median(bare_s), statistics.median(help_s)
    print(f"bare Python    {bare * 1000:6.0f} ms")
    print(f"loosen --help  {helped * 1000:6.0f} ms  ({helped / bare:.1f} x; best {min(help_s) * 1000:.0f} ms)")
    print(f"limit          {LIMIT_S * 1000:6.0f} ms  {'met' if helped <= LIMIT_S else 'MISSED'}")
    return 0 if helped <= LIMIT_S else 1


if __name__ == "__main__":
    sys.exit(main())
