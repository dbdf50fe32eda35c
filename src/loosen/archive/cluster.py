"""The Dask cluster: one of our own on this computer, or theirs."""

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
# Ours says itself what goes wrong; of a worker that ends, Dask's log would tell in forty lines.
QUIET = {"distributed.logging.distributed": "critical"}
TALKING = ("distributed", "distributed.client", "tornado.application", "asyncio")
# Dask looks at itself so often that each of its processes takes 2% of a processor doing nothing; so, a quarter of that.
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
    """Give a client of the scheduler at `on`, or (None) of a cluster on this computer that ends with it.

    `workers`: how many of our own, each with one thread; by default one for each processor. Raises ArchiveError
    when nobody answers, VersionMismatch when a worker has another loosen.
    """
    if on is None:
        with dask.config.set(QUIET | CALM), ExitStack() as stack:
            with _deaf_to_ctrl_c():
                cluster = stack.enter_context(LocalCluster(
                    n_workers=workers or cores(), threads_per_worker=1, host=LOOPBACK, silence_logs=logging.CRITICAL,
                    dashboard_address=f"{LOOPBACK}:0",
                    # Whoever may talk to a scheduler may run what they like: with keys made for this run, only we may.
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
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Have the processes that are started here leave Ctrl-C to us: each would tell of it in twenty lines.

    To us it comes at the end: half a cluster could not be taken down in order.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        with _handled(signal.SIGINT, signal.SIG_IGN):
            yield
        return
    pressed = False

    def remember(*_: object) -> None:
        nonlocal pressed
        pressed = True

    resource_tracker.ensure_running()  # when it is started later, it lets Ctrl-C through
    # The mask is what our processes inherit; a thread of ours that has another may be told all the same.
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
    """Refuse a scheduler and workers with another loosen than ours; VersionMismatch names both.

    Workers still to come are asked when they work. ArchiveError if one does not answer.
    """
    # A function of the standard library, so that who has no loosen can answer too.
    try:
        of_scheduler = client.run_on_scheduler(metadata.version, "loosen")
    except Exception as error:
        of_scheduler = error
    _check_version("The scheduler", of_scheduler)
    for worker, version in client.run(metadata.version, "loosen", on_error="return").items():
        _check_version(f"The worker at {worker}", version)


def _check_version(who: str, version: str | Exception) -> None:
    match version:
        case metadata.PackageNotFoundError():
            raise VersionMismatch(
                f"{who} has no loosen. Install loosen {__version__} there: the same version, with its archive extra."
            )
        case Exception():
            raise ArchiveError(
                f"{who} does not answer as it should ({type(version).__name__}: {version}). Start it again."
            )
        case _ if version != __version__:
            raise VersionMismatch(
                f"{who} has loosen {version}, this computer has {__version__}. "
                "Results of two versions cannot be compared: install the same one on both."
            )
