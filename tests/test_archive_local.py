"""An archive on one's own computer: its cluster is nobody else's, and ends with it."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil
import pytest
from archive_support import start_archive, table, wait_for, write_tracks
from clip_makers import write_clip
from distributed import Client, Security

from loosen import cli
from loosen.archive.cluster import connected

Out = pytest.CaptureFixture[str]


@pytest.mark.parametrize(("protocol", "keys"), [("tcp", None), ("tls", Security.temporary())])
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_somebody_else_on_the_computer_cannot_talk_to_our_cluster(
    protocol: str, keys: Security | None
) -> None:
    with connected(None, workers=1) as client:
        assert client.scheduler is not None
        ours, _, port = str(client.scheduler.address).rpartition(":")
        assert ours == "tls://127.0.0.1"
        assert client.submit(sum, [1, 2]).result() == 3
        with pytest.raises(OSError, match=r"Timed out|does not match|closed"):
            Client(f"{protocol}://127.0.0.1:{port}", timeout=2, security=keys)


@pytest.mark.slow
def test_a_run_that_is_told_to_end_takes_its_cluster_with_it(tmp_path: Path) -> None:
    write_tracks(tmp_path / "source", 300)
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
    assert 0 < len(table(tmp_path / "out", "recordings")) < 300


@pytest.mark.slow
def test_a_clip_that_is_damaged_further_on_is_said(tmp_path: Path, capsys: Out) -> None:
    whole = write_clip(tmp_path / "whole.mkv", [i / 30 for i in range(150)])
    cut = tmp_path / "source" / "cut.mkv"
    cut.parent.mkdir()
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert cli.main(["archive", str(cut.parent), "--to", str(tmp_path / "out"), "--workers", "1"]) == 0
    [row] = table(tmp_path / "out", "recordings")
    said = capsys.readouterr().out
    assert "Watched as far as they can be read: 1" in said
    assert f"{cut}: not beyond {row['broken_at_s']:.1f} s" in said
    cli.main(["archive", "report", str(tmp_path / "out")])
    assert "Watched only as far as they can be read: 1." in capsys.readouterr().out


def test_an_empty_address_is_refused(tmp_path: Path, capsys: Out) -> None:
    assert cli.main(["archive", "", "--to", str(tmp_path / "out")]) == 2
    assert cli.main(["archive", str(tmp_path), "--to", " "]) == 2
    assert capsys.readouterr().err.count("An address is empty.") == 2
