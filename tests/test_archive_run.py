"""A run over an archive: recordings in, tables out, each once, as `loosen watch` says it, and trouble in one line."""

from __future__ import annotations

import csv
import json
import os
import shutil
import textwrap
from collections import deque
from collections.abc import Iterator
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock, Mock

import av
import pytest
from archive_support import Cluster, archive, cluster, run_archive, table, write_tracks
from clip_makers import write_clip
from distributed.scheduler import KilledWorker, WorkerState
from people import IDS, WORDS, filmed, good, watched

from loosen import __version__, cli
from loosen.archive.decoder_process import WatchSettings
from loosen.archive.recordings import SourceFile
from loosen.archive.run import ArchiveRun, RunSummary, engine_name
from loosen.archive.schema import RECORDINGS
from loosen.archive.tables import KnownUnits, Tables
from loosen.archive.worker import RecordingResult
from loosen.coach.counting.rep import Report
from loosen.errors import ArchiveError, ClusterLost, MissingPart, VersionMismatch

Out = pytest.CaptureFixture[str]
ARCH, REACH, ROOF, WALK = IDS
FIXTURES = Path(__file__).parent / "fixtures"
SETTINGS = WatchSettings(None, None, 60)
BREAKING = """
    import os, signal, sys, time
    if "loosen.archive.decoder_process" in sys.orig_argv:
        import av
        real = av.open
        def broken(path, *arguments, **options):
            if "crash" in path:
                os.kill(os.getpid(), signal.SIGSEGV)
            if "hang" in path:
                time.sleep(3600)
            return real(path, *arguments, **options)
        av.open = broken
"""
UNIT = "ab" * 32
MISSING = """
    import sys
    if "loosen.archive.decoder_process" in sys.orig_argv:
        from loosen.camera.blazepose import tracker
        from loosen.errors import MissingPart
        def missing(*_):
            raise MissingPart("The pose model file is missing. Install loosen again.")
        tracker.Tracker = missing
"""


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Give one cluster with one worker to all tests that need none of their own."""
    with cluster(tmp_path_factory.mktemp("cluster"), workers=1) as one:
        yield one


def as_watched(out: Path) -> dict[str, dict[str, Any]]:
    """Return what `watch --json` would say, put together from every column that is not the archive's own."""
    own = {*RECORDINGS.names} - {*Report.__struct_fields__} | {"broken_at_s"}
    own_reps = {"unit", "number", "exercise", "counted"}
    reps = sorted(table(out, "reps"), key=lambda rep: (rep["unit"], rep["number"]))
    for rep in reps:
        rep["measures"] = {name: value for name, value in rep["measures"].items() if value is not None}
    return {
        row["input"]: {name: value for name, value in row.items() if name not in own}
        | {
            "reps": [
                {name: value for name, value in rep.items() if name not in own_reps}
                for rep in reps
                if rep["unit"] == row["unit"]
            ]
        }
        for row in table(out, "recordings")
        if row["status"] == "watched"
    }


def beginning(clip: Path, to: Path, frames: int) -> Path:
    """Write the first frames of a clip as they are."""
    with av.open(str(clip)) as source, av.open(str(to), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in islice(source.demux(video=0), frames):
            packet.stream = stream
            target.mux(packet)
    return to


@pytest.mark.slow
def test_a_row_is_what_watch_says(tmp_path: Path, capsys: Out) -> None:
    """Clips, one after the other in the same process, and tracks of every exercise."""
    source = tmp_path / "source"
    paths = [path for exercise in IDS for path in write_tracks(source, 1, exercise)]
    beginning(FIXTURES / "reach.mp4", tmp_path / "reach.mp4", 30)
    (source / "reach.mp4").symlink_to(tmp_path / "reach.mp4")
    paths += [beginning(FIXTURES / "arch.mp4", source / "arch.mp4", 60), source / "reach.mp4"]
    code, out, err = archive(capsys, source, "--to", tmp_path / "out", "--workers", 1)
    assert (code, "Watched now: 6," in out) == (0, True)
    assert "http://127.0.0.1:" in err
    cli.main(["watch", "--json", *map(str, paths)])
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert as_watched(tmp_path / "out") == {one["input"]: one for one in said}
    assert {row["exercise"] for row in table(tmp_path / "out", "recordings")} == {*IDS, None}


@pytest.mark.slow
def test_what_breaks_the_decoder_is_set_aside_after_two_tries_and_tried_again_when_asked_for(
    tmp_path: Path, capsys: Out, machines: Cluster
) -> None:
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(BREAKING))
    source, out = tmp_path / "source", tmp_path / "out"
    paths = write_tracks(source, 4)
    for name in ("crash", "hang"):
        (source / f"{name}.mp4").write_bytes(name.encode())
    (source / "noise.mp4").write_bytes(b"no clip at all")
    env = {"PYTHONPATH": str(tmp_path)}
    with cluster(tmp_path, env=env) as breaking:
        code, said, _ = archive(capsys, source, "--to", out, "--on", breaking.address, "--patience", 5)
    rows = {Path(row["input"]).name: row for row in table(out, "recordings")}
    assert len(rows) == len(paths) + 3
    assert rows["crash.mp4"]["reason"] == "reading it crashed (SIGSEGV) (2 tries)"
    assert rows["hang.mp4"]["reason"] == "reading it hung: nothing came for 5 s (2 tries)"
    assert rows["noise.mp4"]["reason"] == "this is not a video that can be read."
    assert sum(row["status"] == "watched" for row in rows.values()) == len(paths)
    for name in ("crash", "hang", "noise"):
        assert f"{source}/{name}.mp4: {rows[name + '.mp4']['reason']}" in said
    arguments = (source, "--to", out, "--on", machines.address)
    again, said, _ = archive(capsys, *arguments)
    assert "Watched now: 0, known from before: 7" in said
    assert "Set aside, they cannot be watched: 3" in said
    assert (code, again) == (1, 1)
    said = archive(capsys, *arguments, "--again")[1]
    assert "Watched now: 0, known from before: 4" in said
    assert said.count("this is not a video that can be read") == 3, "they are no clips, and now that is the reason"
    assert archive(capsys, *arguments)[1].count("this is not a video that can be read") == 3
    assert sorted(row["status"] for row in table(out, "recordings")) == ["set aside"] * 6 + ["watched"] * 4
    assert json.loads(archive(capsys, "report", out, "--json")[1])["recordings"] == 7


@pytest.mark.slow
def test_new_changed_moved_and_copied_recordings(tmp_path: Path, capsys: Out, machines: Cluster) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    first, second, third = write_tracks(source, 3)
    routine = tmp_path / "own.toml"
    built_in = resources.files("loosen.routine").joinpath("loosen-lower-back.toml").read_text("utf-8")
    routine.write_text(built_in.replace('title = "Reach For The Sky"', 'title = "Up And Away"'), "utf-8")

    def run() -> dict[str, Any]:
        options = ("--on", machines.address, "--json", "--routine", routine)
        code, said, _ = archive(capsys, source, "--to", out, *options)
        assert code == 0
        told: dict[str, Any] = json.loads(said)
        return {key: told[key] for key in ("listed", "watched", "known", "copies")}

    assert run() == {"listed": 3, "watched": 3, "known": 0, "copies": 0}
    first.rename(source / "moved.npz")
    (source / "below").mkdir()
    (source / "below" / "copy.npz").write_bytes(second.read_bytes())
    third.write_bytes(write_tracks(tmp_path / "other", 1, WALK)[0].read_bytes())
    assert run() == {"listed": 4, "watched": 1, "known": 1, "copies": 2}
    assert run() == {"listed": 4, "watched": 0, "known": 4, "copies": 0}
    assert len(table(out, "recordings")) == 4
    assert {Path(row["address"]).name for row in table(out, "places")} >= {"moved.npz", "copy.npz"}
    _, said, _ = archive(capsys, "report", out)
    assert "Up And Away" in said, "the report has the titles of the routine that was watched by"


def test_the_engine_is_the_version_the_routine_and_the_exercise() -> None:
    names = {engine_name(WatchSettings(text, exercise, 60)) for text in (None, "x") for exercise in (None, ARCH)}
    assert len(names) == 4
    assert all(name.startswith(__version__ + "-") for name in names)
    assert engine_name(WatchSettings(None, None, 5)) == engine_name(SETTINGS)


@pytest.mark.slow
def test_what_a_machine_lacks_is_held_against_no_recording(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(MISSING))
    source, out = tmp_path / "source", tmp_path / "out"
    source.mkdir()
    shutil.copy(FIXTURES / "arch.mp4", source)
    code, said, err = run_archive(source, "--to", out, "--workers", 1, env={"PYTHONPATH": str(tmp_path)})
    assert (code, said) == (2, "")
    assert err.splitlines()[-1].endswith("The pose model file is missing. Install loosen again.")
    assert "Traceback" not in err
    assert not list(out.glob("recordings/*/*"))


@pytest.mark.slow
def test_what_is_put_back_or_moved_back_is_where_it_lies(tmp_path: Path, capsys: Out, machines: Cluster) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    a, b = source / "p1" / "a.npz", source / "p2" / "b.npz"
    [reach], [arch] = write_tracks(tmp_path, 1, REACH), write_tracks(tmp_path, 1, ARCH)
    for place in (a, b):
        place.parent.mkdir(parents=True)
    arguments = (source, "--to", out, "--on", machines.address)

    def report() -> dict[str, str]:
        code, said, err = archive(capsys, "report", out, "--person", "{person}/*", "--csv", "-")
        assert (code, err) == (0, "")
        return {row["person"]: row["exercise"] for row in csv.DictReader(said.splitlines())}

    shutil.copy2(reach, a)
    assert archive(capsys, *arguments)[0] == 0
    assert report() == {"p1": REACH}
    a.rename(b)
    shutil.copy2(arch, a)
    assert archive(capsys, *arguments)[0] == 0
    assert report() == {"p1": ARCH, "p2": REACH}
    b.rename(a)  # back, as it was: the storage's mark is the one of before
    code, said, _ = archive(capsys, *arguments)
    assert (code, "Watched now: 0" in said) == (0, True)
    assert report() == {"p1": REACH}
    a.rename(b)
    assert archive(capsys, *arguments)[0] == 0
    assert report() == {"p2": REACH}
    places = len(table(out, "places"))
    assert "known from before: 1." in archive(capsys, *arguments)[1]
    assert len(table(out, "places")) == places


def run_of(out: Path, client: Any = None) -> ArchiveRun:
    return ArchiveRun(client, Tables(str(out), "e"), KnownUnits(), SETTINGS, WORDS, RunSummary(), "r")


def test_ctrl_c_between_two_rows_leaves_no_recording_without_its_repetitions(tmp_path: Path) -> None:
    one = run_of(tmp_path / "out")
    one.part.reps = reps = MagicMock()
    reps.__iadd__.side_effect = KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        one._keep(SourceFile("a.npz", "s", 1, None), RecordingResult(UNIT, watched(filmed(ARCH, good(ARCH)), ARCH)))
    assert one.part.recordings == []


def failed(error: Exception) -> Any:
    """Return what Dask gives for a unit of work that failed."""
    return Mock(status="error", exception=Mock(return_value=error))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KilledWorker("task", object.__new__(WorkerState), 3), "workers ended"),
        (FileNotFoundError(2, "gone"), "no such file"),
        (PermissionError(13, "no"), "right"),
        (ArchiveError("it changed while it was watched"), "it changed while it was watched"),
        (RuntimeError("odd"), "RuntimeError: odd"),
    ],
)
def test_a_recording_that_could_not_be_worked_on_is_tried_again_next_time(
    tmp_path: Path, error: Exception, said: str
) -> None:
    one = run_of(tmp_path / "out")
    one._take(SourceFile("a.npz", "s", 1, None), failed(error), None)
    [(address, reason)] = one.summary.failed
    assert (address, said in reason) == ("a.npz", True), reason
    assert (one.summary.complete, len(one.part)) == (False, 0)


@pytest.mark.parametrize("error", [MissingPart("no model"), VersionMismatch("another one")])
def test_what_will_be_so_for_every_recording_ends_the_run(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(type(error)):
        run_of(tmp_path / "out")._take(SourceFile("a.npz", "s", 1, None), failed(error), None)


def test_a_scheduler_that_goes_while_work_is_handed_out_is_said(tmp_path: Path) -> None:
    gone = Mock(status="closed", nthreads=Mock(side_effect=OSError("Timed out trying to connect")))
    one = run_of(tmp_path / "out", gone)
    with pytest.raises(ClusterLost, match="What was done is kept"):
        one._fill(None, deque([SourceFile("a.npz", "s", 1, None)]))


@pytest.mark.slow
def test_a_name_that_is_no_text_is_said_and_the_rest_goes_on(tmp_path: Path, capsys: Out, machines: Cluster) -> None:
    source = tmp_path / "source"
    [track] = write_tracks(source, 1)
    try:
        Path(os.fsdecode(os.fsencode(source) + b"/n\xe9.npz")).write_bytes(track.read_bytes())
    except OSError:
        pytest.skip("this disk has no such names")
    code, said, err = archive(capsys, source, "--to", tmp_path / "out", "--on", machines.address)
    assert (code, "Watched now: 1" in said, "Traceback" in err) == (1, True, False)
    assert "n\\udce9.npz: its name is not text" in said


@pytest.mark.slow
def test_a_clip_that_is_damaged_further_on_is_said(tmp_path: Path, capsys: Out, machines: Cluster) -> None:
    whole = write_clip(tmp_path / "whole.mkv", [i / 30 for i in range(150)])
    cut, out = tmp_path / "source" / "cut.mkv", tmp_path / "out"
    cut.parent.mkdir()
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    code, said, _ = archive(capsys, cut.parent, "--to", out, "--on", machines.address)
    [row] = table(out, "recordings")
    assert (code, "Watched as far as they can be read: 1" in said) == (0, True)
    assert f"{cut}: not beyond {row['broken_at_s']:.1f} s" in said
    assert "Watched only as far as they can be read: 1." in archive(capsys, "report", out)[1]
