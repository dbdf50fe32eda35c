"""What the get-up service costs, beside its peers, in one run: memory, processor, wake-ups.

``uv run python benchmarks/getup.py [--seconds 60]`` on Linux, with Xvfb, openbox, dunst and dbus-daemon; the peers are
measured where they are installed (Debian: apt-get install safeeyes workrave rsibreak).

- Memory: PSS of the whole process tree (``/proc/PID/smaps_rollup``), in MiB.
- Processor: user and system time of the tree, in seconds a minute.
- Wake-ups: voluntary context switches of every thread of the tree, each second: each is once that something slept and
  was woken.

Each program runs alone on an X server and bus of its own, is left for a while to settle, and is then measured twice:
with nobody at the keyboard, and with 10 input events a second. Ours is measured a third time inside the window,
with input all the time and a prompt that waits for a pause.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from getup_support import private_bus, running, x_server

OURS = "loosen getup"
IN_WINDOW = "loosen getup, in the window"
PEERS = {"Safe Eyes": ["safeeyes"], "Workrave": ["workrave"], "RSIBreak": ["rsibreak"]}
TICKS = os.sysconf("SC_CLK_TCK")
QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
INPUT_EVERY_S = 0.1


class Cost(NamedTuple):
    """What a program cost over a while."""

    pss_mib: float
    cpu_s_per_min: float
    wakeups_per_s: float


def tree(pid: int) -> list[int]:
    """Return a process and all below it."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        for task in Path(f"/proc/{one}/task").glob("*"):
            try:
                waiting += [int(child) for child in (task / "children").read_text().split()]
            except OSError:
                continue
    return found


def pss_mib(pids: Sequence[int]) -> float:
    total = 0
    for pid in pids:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def cpu_s(pids: Sequence[int]) -> float:
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(one[11]) + int(one[12]) for one in fields) / TICKS


def wakeups(pids: Sequence[int]) -> int:
    total = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").glob("*/status"):
            line = next(line for line in task.read_text().splitlines() if line.startswith("voluntary"))
            total += int(line.split()[1])
    return total


def measure(pid: int, seconds: float) -> Cost:
    pids = tree(pid)
    cpu_before, wakes_before = cpu_s(pids), wakeups(pids)
    time.sleep(seconds)
    pids = [one for one in pids if Path(f"/proc/{one}").exists()]
    cpu, wakes = cpu_s(pids) - cpu_before, wakeups(pids) - wakes_before
    return Cost(pss_mib(tree(pid)), cpu * 60 / seconds, wakes / seconds)


@contextmanager
def somebody_types(screen: str) -> Iterator[None]:
    """Ten input events a second, from a process of its own."""
    script = (
        "import time\nfrom Xlib import X, display\nfrom Xlib.ext import xtest\n"
        f"d = display.Display({screen!r})\nn = 0\n"
        "while True:\n    n += 1\n    xtest.fake_input(d, X.MotionNotify, x=100 + n % 50, y=100)\n"
        f"    d.sync()\n    time.sleep({INPUT_EVERY_S})\n"
    )
    with running(sys.executable, "-c", script, **QUIET):
        time.sleep(1)
        yield


def costs(name: str, command: Sequence[str], seconds: float, settle_s: float) -> dict[str, Cost]:
    """Return what a program costs: "idle" and "input". In the window somebody types all the time: else it would ask."""
    with ExitStack() as stack:
        screen, address = stack.enter_context(x_server()), stack.enter_context(private_bus())
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (home / "run").mkdir(mode=0o700)
        environment = os.environ | {
            "DISPLAY": screen,
            "DBUS_SESSION_BUS_ADDRESS": address,
            "HOME": str(home),
            "LOOSEN_HOME": str(home / "loosen"),
            "XDG_RUNTIME_DIR": str(home / "run"),
        }
        environment.pop("WAYLAND_DISPLAY", None)
        for part in ("openbox", "dunst"):
            stack.enter_context(running(part, env=environment, **QUIET))
        time.sleep(1)
        if name == IN_WINDOW:
            stack.enter_context(somebody_types(screen))
        program = subprocess.Popen(command, env=environment, start_new_session=True, **QUIET)
        try:
            time.sleep(settle_s)
            if program.poll() is not None:
                raise SystemExit(f"{name} did not stay: exit code {program.returncode}")
            idle = measure(program.pid, seconds)
            if name == IN_WINDOW:
                return {"idle": idle, "input": idle}
            with somebody_types(screen):
                busy = measure(program.pid, seconds)
        finally:
            os.killpg(program.pid, signal.SIGKILL)
            program.wait()
    return {"idle": idle, "input": busy}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--settle", type=float, default=8.0)
    parser.add_argument("--alone", action="store_true", help="without the peers")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    ours = [sys.executable, "-m", "loosen", "getup", "run"]
    programs = {OURS: ours, IN_WINDOW: [*ours, "--after-s", "1", "--latest-s", "7200"]}
    programs |= {name: command for name, command in PEERS.items() if shutil.which(command[0]) and not given.alone}
    found = {name: costs(name, command, given.seconds, given.settle) for name, command in programs.items()}
    peers = [name for name in found if name in PEERS]
    ratios = {}
    if peers:
        ratios["memory"] = found[OURS]["idle"].pss_mib / min(found[name]["idle"].pss_mib for name in peers)
        ratios["wake-ups"] = found[OURS]["idle"].wakeups_per_s / min(
            found[name]["idle"].wakeups_per_s for name in peers
        )
    if given.json:
        print(
            json.dumps(
                {name: {k: v._asdict() for k, v in of.items()} for name, of in found.items()} | {"ratios": ratios}
            )
        )
        return 0
    print(f"{'':30}{'PSS MiB':>9}{'CPU s/min':>11}{'wakes/s':>9}   with input: {'CPU s/min':>9}{'wakes/s':>9}")
    for name, of in found.items():
        idle, busy = of["idle"], of["input"]
        print(f"{name:30}{idle.pss_mib:9.1f}{idle.cpu_s_per_min:11.3f}{idle.wakeups_per_s:9.2f}", end="")
        print(f"               {busy.cpu_s_per_min:9.3f}{busy.wakeups_per_s:9.2f}")
    for what, ratio in ratios.items():
        print(f"{what}: {ratio:.2f} of the best peer's")
    return 0


if __name__ == "__main__":
    sys.exit(main())
