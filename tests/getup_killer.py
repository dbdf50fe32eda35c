"""Kill a writer of the log at random moments: ``python getup_killer.py JOURNAL TIMES``. Forks, so it is quick."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from loosen.journal.store.sits import Sits


def write_for_ever(path: Path, tag: int, told: int) -> None:
    log = Sits.open(path)
    for n in itertools.count():
        sit, now = f"{tag}-{n}", datetime.now(UTC)
        log.begin(sit, now)
        log.prompt(f"p{sit}", sit, now, 1800.0, "pause", "back-arches")
        log.settled(f"p{sit}", now, "away")
        log.end(sit, now, 1800.0, "up")
        log.state({"sit": sit})
        assert log.write()
        os.write(told, b".")


def main() -> None:
    path, times = Path(sys.argv[1]), int(sys.argv[2])
    dice, killed = random.Random(20261123), 0
    Sits.open(path).close()
    for tag in range(times):
        hears, tells = os.pipe()
        child = os.fork()
        if not child:
            write_for_ever(path, tag, tells)
        os.read(hears, 1)  # the first is kept; from here on any moment will do
        time.sleep(dice.uniform(0, 0.01))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        killed += os.WTERMSIG(status) == signal.SIGKILL
        os.close(hears)
        os.close(tells)
    print(json.dumps({"killed": killed}))


if __name__ == "__main__":
    main()
