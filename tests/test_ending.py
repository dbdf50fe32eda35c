"""Every command that goes on for a while ends when it is told to, also one that was started in the background."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGTERM to handle")

CLIP = Path(__file__).parent / "fixtures" / "reach.mp4"
PATIENCE_S = 20.0
"""Ending takes a fraction of a second, but a machine may be busy with other things."""


@contextmanager
def in_background(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Run loosen as a shell runs what ends in `&`: with SIGINT ignored."""

    def ignore_ctrl_c() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    with subprocess.Popen(
        [sys.executable, "-m", "loosen", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=ignore_ctrl_c,  # noqa: PLW1509
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def wait_until_at_work(process: subprocess.Popen[str]) -> None:
    """Wait until a program and its children have used 1.5 s of the processor: they are no longer just starting."""
    own = psutil.Process(process.pid)
    while sum(one.cpu_times().user for one in (own, *own.children(recursive=True))) < 1.5 and process.poll() is None:
        time.sleep(0.05)


def ended(process: subprocess.Popen[str]) -> str:
    """Send SIGTERM, and return what the process said on stderr by its end; nothing it started outlives it."""
    children = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    _, errors = process.communicate(timeout=PATIENCE_S)
    _, left = psutil.wait_procs(children, timeout=PATIENCE_S)
    assert left == []
    assert "Traceback" not in errors
    return errors


@pytest.mark.slow
@pytest.mark.parametrize("inputs", [[CLIP], [CLIP] * 30], ids=["one clip", "many clips"])
def test_watching_ends_and_leaves_nothing_half_written(tmp_path: Path, inputs: Sequence[Path]) -> None:
    drawing = ["--overlay", tmp_path / "over.mp4"] if len(inputs) == 1 else []
    with in_background("watch", *drawing, *inputs) as process:
        wait_until_at_work(process)
        assert ended(process) == ""
        assert process.returncode == 143
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_what_watches_for_a_killed_command_ends_with_it() -> None:
    with in_background("watch", *[CLIP] * 30) as process:
        wait_until_at_work(process)
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        assert psutil.wait_procs(children, timeout=PATIENCE_S)[1] == []


def test_the_get_up_service_ends_in_order(own_home: Path) -> None:
    with in_background("getup", "run") as process:
        assert process.stderr is not None
        begun = process.stderr.readline()
        assert begun
        assert ended(process)
        assert process.returncode == 0
    assert not (own_home / "getup.sock").exists()
