"""The cluster: our own is nobody else's and ends with the run; another one must have the same loosen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import psutil
import pytest
from archive_support import cluster, pretending, run_archive, start_archive, table, wait_for, write_tracks
from distributed import Client, Security

from loosen import __version__
from loosen.archive.cluster import _ctrl_c_held_back, check_versions, connected
from loosen.archive.decoder_process import WatchSettings
from loosen.archive.worker import RecordingTask, watch_one
from loosen.errors import ArchiveError, VersionMismatch

SETTINGS = WatchSettings(None, None, 60)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_somebody_else_on_the_computer_cannot_talk_to_our_cluster() -> None:
    with connected(None, workers=1) as client:
        assert client.scheduler is not None
        ours, _, port = str(client.scheduler.address).rpartition(":")
        assert ours == "tls://127.0.0.1"
        assert client.submit(sum, [1, 2]).result() == 3
        for protocol, keys in (("tcp", None), ("tls", Security.temporary())):
            with pytest.raises(OSError, match=r"Timed out|does not match|closed"):
                Client(f"{protocol}://127.0.0.1:{port}", timeout=2, security=keys)


@pytest.mark.slow
def test_a_run_that_is_told_to_end_takes_its_cluster_with_it(tmp_path: Path) -> None:
    write_tracks(tmp_path / "source", 150)
    process = start_archive(tmp_path / "source", "--to", tmp_path / "out", "--workers", 2)
    wait_for(lambda: any((tmp_path / "out").glob("recordings/*/*.parquet")), "a first partition")
    below = psutil.Process(process.pid).children(recursive=True)
    assert len(below) >= 4
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 143
    assert "Stopped. What was done is kept" in err
    assert not [line for line in err.splitlines() if "Warning" in line or "Traceback" in line]
    wait_for(lambda: not any(one.is_running() for one in below), "its processes to end")
    assert 0 < len(table(tmp_path / "out", "recordings")) < 150


@pytest.mark.parametrize(
    ("scheduler", "worker", "kind", "said"),
    [
        (metadata.PackageNotFoundError("loosen"), "0.1.0", VersionMismatch, r"^The scheduler has no loosen\. Install"),
        ("9.9.9", "0.1.0", VersionMismatch, r"^The scheduler has loosen 9\.9\.9, this computer has"),
        ("0.1.0", metadata.PackageNotFoundError("loosen"), VersionMismatch, "^The worker at tcp://w:1 has no loosen"),
        ("0.1.0", "9.9.9", VersionMismatch, r"^The worker at tcp://w:1 has loosen 9\.9\.9"),
        ("0.1.0", TimeoutError("slow"), ArchiveError, r"^The worker at tcp://w:1 does not answer .*slow.*again\.$"),
    ],
)  # fmt: skip
def test_who_has_another_loosen_or_none_is_told_apart_from_who_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, scheduler: Any, worker: Any, kind: type[Exception], said: str
) -> None:
    monkeypatch.setattr("loosen.archive.cluster.__version__", "0.1.0")
    of_scheduler = Mock(side_effect=scheduler if isinstance(scheduler, Exception) else [scheduler])
    client: Any = Mock(run_on_scheduler=of_scheduler, run=Mock(return_value={"tcp://w:1": worker}))
    with pytest.raises(kind, match=said):
        check_versions(client)


@pytest.mark.slow
def test_a_scheduler_with_another_loosen_is_refused_before_any_work(tmp_path: Path) -> None:
    write_tracks(tmp_path / "source", 1)
    with cluster(tmp_path, workers=0, env=pretending(tmp_path, "9.9.9")) as machines:
        code, out, err = run_archive(tmp_path / "source", "--to", tmp_path / "out", "--on", machines.address)
    assert (code, out) == (2, "")
    assert "The scheduler has loosen 9.9.9" in err
    assert "Traceback" not in err


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="Windows masks no signals")
def test_ctrl_c_while_a_cluster_starts_comes_once_it_has_and_its_processes_do_not_hear_it() -> None:
    child, went_on = None, False
    try:
        with pytest.raises(KeyboardInterrupt), _ctrl_c_held_back():  # noqa: PT012
            child = subprocess.Popen([sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"],
                                     stdout=subprocess.PIPE)  # fmt: skip
            assert child.stdout is not None
            child.stdout.readline()
            os.kill(os.getpid(), signal.SIGINT)
            child.send_signal(signal.SIGINT)
            time.sleep(0.2)
            went_on = True
        assert went_on
        assert child is not None
        assert child.poll() is None
    finally:
        if child is not None:
            child.kill()
            child.communicate()


def test_a_worker_that_comes_later_with_another_version_refuses_the_work() -> None:
    with pytest.raises(VersionMismatch, match=f"has loosen {__version__}, this computer has 9.9.9"):
        watch_one(RecordingTask("gone.npz", SETTINGS, version="9.9.9"))
