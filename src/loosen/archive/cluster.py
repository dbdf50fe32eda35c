"""The Dask cluster: one of our own on this computer, or one that is running already."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import metadata
from multiprocessing import resource_tracker
from typing import Any

import dask
from distributed import Client, LocalCluster

from loosen import __version__
from loosen.errors import ArchiveError, VersionMismatch

CONNECT_S = 10
LOOPBACK = "127.0.0.1"
# A run says itself what goes wrong; Dask's log has forty lines for a worker that ends.
QUIET = {"distributed.logging.distributed": "critical"}
TALKING = ("distributed", "distributed.client", "tornado.application", "asyncio")
# By default each of Dask's processes takes 2% of a processor to monitor itself; with these, a quarter of that.
CALM = {
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.worker.profile.enabled": False,
}


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def connected(on: str | None, workers: int | None = None) -> Iterator[Client]:
    """Yield a client of the scheduler at `on`, or (None) of a cluster on this computer that ends with the block.

    `workers`: how many our own cluster has, each with one thread; by default one for each processor. Raises
    ArchiveError when no scheduler answers, VersionMismatch when the scheduler or a worker has another loosen.
    """
    if on is None:
        with dask.config.set(QUIET | CALM), ExitStack() as stack:
            with _ctrl_c_held_back():
                cluster = stack.enter_context(LocalCluster(
                    n_workers=workers or cores(), threads_per_worker=1, host=LOOPBACK, silence_logs=logging.CRITICAL,
                    dashboard_address=f"{LOOPBACK}:0",
                    # Whoever can talk to a scheduler can run anything: the keys are made for this run only.
                    protocol="tls://", security=True,
                ))  # fmt: skip
            yield stack.enter_context(Client(cluster))
        return
    try:
        client = Client(on, timeout=CONNECT_S)
    except (OSError, ValueError) as error:
        raise ArchiveError(
            f"{on}: no Dask scheduler answers there. Start one with `dask scheduler`, or check the address."
        ) from error
    with client:
        for name in TALKING:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        check_versions(client)
        yield client


@contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Keep Ctrl-C from the processes that are started in the block: each would print twenty lines.

    In this process it is raised at the end of the block, because half a cluster cannot be shut down in order.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        with _handled(signal.SIGINT, signal.SIG_IGN):
            yield
        return
    pressed = False

    def remember(*_: object) -> None:
        nonlocal pressed
        pressed = True

    resource_tracker.ensure_running()  # started within the block, it would unblock Ctrl-C
    # Child processes inherit the mask; the handler is for threads of this process that have another one.
    with _handled(signal.SIGINT, remember):
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if pressed:
        raise KeyboardInterrupt


@contextmanager
def _handled(number: signal.Signals, handler: Any) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def check_versions(client: Client) -> None:
    """Raise VersionMismatch, naming both, when the scheduler or a worker has another loosen than this computer.

    Workers that come later are checked with their first task. Raises ArchiveError when one does not answer.
    """
    # A function of the standard library, so that a machine without loosen can answer too.
    try:
        of_scheduler = client.run_on_scheduler(metadata.version, "loosen")
    except Exception as error:
        of_scheduler = error
    of_workers = client.run(metadata.version, "loosen", on_error="return")
    versions = {"The scheduler": of_scheduler} | {f"The worker at {one}": of_workers[one] for one in of_workers}
    for who, version in versions.items():
        if isinstance(version, metadata.PackageNotFoundError):
            raise VersionMismatch(
                f"{who} has no loosen. Install loosen {__version__} there: the same version, with its archive extra."
            )
        if isinstance(version, Exception):
            said = f"{type(version).__name__}: {version}"
            raise ArchiveError(f"{who} does not answer as it should ({said}). Start it again.")
        if version != __version__:
            raise VersionMismatch(
                f"{who} has loosen {version}, this computer has {__version__}. "
                "Results of two versions cannot be compared: install the same one on both."
            )
