"""Recordings in, tables out: the same as `loosen watch` says, each recording once, and trouble in one line."""

from __future__ import annotations

import io
import json
import textwrap
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any

import av
import fsspec
import pytest
from archive_support import cluster, pretending, run_archive, table, wait_for, write_tracks
from fsspec.implementations.memory import MemoryFileSystem
from people import IDS

from loosen import __version__, cli
from loosen.archive import decoder_process
from loosen.archive.decoder_process import WatchSettings
from loosen.archive.known_units import KnownUnits
from loosen.archive.recordings import list_recordings
from loosen.archive.run import engine_name
from loosen.archive.storage import fetched
from loosen.archive.tables import MARK, Partition, Tables
from loosen.archive.worker import RecordingTask, watch_one
from loosen.cli import archive as archive_command
from loosen.errors import ArchiveError, VersionMismatch

Out = pytest.CaptureFixture[str]
ARCH, REACH, ROOF, WALK = IDS
FIXTURES = Path(__file__).parent / "fixtures"
SETTINGS = WatchSettings(None, None, 60)


def archive(capsys: Out, *arguments: object) -> tuple[int, str, str]:
    code = cli.main(["archive", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def as_watched(out: Path) -> dict[str, dict[str, Any]]:
    """Return what `watch --json` would say, put together from every column that is not the archive's own."""
    own = {
        "unit",
        "bytes",
        "modified",
        "status",
        "reason",
        "broken_at_s",
        "attempts",
        "routine",
        "loosen",
        "took_s",
        "done_at",
    }
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


# -- the real thing ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_row_is_what_watch_says(tmp_path: Path, capsys: Out) -> None:
    """Clips, one after the other in the same process, and tracks of every exercise."""
    source = tmp_path / "source"
    paths = [path for exercise in IDS for path in write_tracks(source, 1, exercise)]
    (source / "reach.mp4").symlink_to(FIXTURES / "reach.mp4")
    paths += [beginning(FIXTURES / "arch.mp4", source / "arch.mp4", 90), source / "reach.mp4"]
    code, out, err = archive(capsys, source, "--to", tmp_path / "out", "--workers", 1)
    assert (code, "Watched now: 6," in out) == (0, True)
    assert "http://127.0.0.1:" in err
    cli.main(["watch", "--json", *map(str, paths)])
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert as_watched(tmp_path / "out") == {one["input"]: one for one in said}
    assert {row["exercise"] for row in table(tmp_path / "out", "recordings")} == {*IDS, None}


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


@pytest.mark.slow
def test_what_breaks_the_decoder_is_set_aside_after_two_tries_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(BREAKING))
    source, out = tmp_path / "source", tmp_path / "out"
    paths = write_tracks(source, 12)
    for name in ("crash", "hang"):
        (source / f"{name}.mp4").write_bytes(name.encode())
    (source / "noise.mp4").write_bytes(b"no clip at all")
    env = {"PYTHONPATH": str(tmp_path)}
    with cluster(tmp_path, env=env) as machines:
        arguments = (source, "--to", out, "--on", machines.address, "--patience", 3)
        code, said, _ = run_archive(*arguments)
        again, said_again, _ = run_archive(*arguments)
    assert (code, again) == (1, 1)
    rows = {Path(row["input"]).name: row for row in table(out, "recordings")}
    assert len(rows) == len(paths) + 3
    assert rows["crash.mp4"]["reason"] == "reading it crashed (SIGSEGV) (2 tries)"
    assert rows["hang.mp4"]["reason"] == "reading it hung: nothing came for 3 s (2 tries)"
    assert rows["noise.mp4"]["reason"] == "this is not a video that can be read."
    assert sum(row["status"] == "watched" for row in rows.values()) == len(paths)
    for name in ("crash", "hang", "noise"):
        assert f"{source}/{name}.mp4: {rows[name + '.mp4']['reason']}" in said
    assert "Watched now: 0, known from before: 15" in said_again
    assert "Set aside, they cannot be watched: 3" in said_again


@pytest.mark.slow
def test_another_version_on_a_worker_is_refused_with_both_named(tmp_path: Path) -> None:
    write_tracks(tmp_path / "source", 1)
    with cluster(tmp_path, workers=1, env=pretending(tmp_path, "9.9.9")) as machines:
        wait_for(lambda: "Registered to" in machines.log.read_text(), "a worker")
        code, out, err = run_archive(tmp_path / "source", "--to", tmp_path / "out", "--on", machines.address)
    assert (code, out) == (2, "")
    assert "has loosen 9.9.9, this computer has " + __version__ in err
    assert "Traceback" not in err


def test_a_worker_that_comes_later_with_another_version_refuses_the_work() -> None:
    with pytest.raises(VersionMismatch, match=f"has loosen {__version__}, this computer has 9.9.9"):
        watch_one(RecordingTask("gone.npz", SETTINGS, version="9.9.9"))


@pytest.mark.slow
def test_new_changed_moved_and_copied_recordings(tmp_path: Path, capsys: Out) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    first, second, third = write_tracks(source, 3)
    routine = tmp_path / "own.toml"
    built_in = resources.files("loosen.routine").joinpath("loosen-lower-back.toml").read_text("utf-8")
    routine.write_text(built_in.replace('title = "Reach For The Sky"', 'title = "Up And Away"'), "utf-8")

    def run() -> dict[str, Any]:
        code, said, _ = archive(capsys, source, "--to", out, "--workers", 1, "--json", "--routine", routine)
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


# -- trouble -----------------------------------------------------------------------------------------------


class Locked(MemoryFileSystem):  # type: ignore[misc]
    """A storage that lets nobody in."""

    protocol = "locked"

    def info(self, path: str, **options: Any) -> Any:
        raise PermissionError(13, "Forbidden")


fsspec.register_implementation("locked", Locked, clobber=True)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "memory://no-such-bucket/clips",
            "memory://no-such-bucket/clips: there is no such file, folder or bucket.",
        ),
        ("locked://bucket", "locked://bucket: no right to read or write it"),
        ("s3://bucket/clips", "needs the package s3fs. Install it beside loosen, in its source folder: "),
        ("sausage://bucket", "sausage://bucket: cannot be used (Protocol not known: sausage"),
        ("EMPTY", "there is no recording in it (looked for .3gp, .avi"),
        ("EMPTY/*.mp4", "there is no recording in it"),
    ],
)
def test_a_source_that_cannot_be_used_is_said_in_one_line(
    tmp_path: Path, capsys: Out, source: str, said: str
) -> None:
    (tmp_path / "empty").mkdir()
    code, out, err = archive(
        capsys, source.replace("EMPTY", str(tmp_path / "empty")), "--to", tmp_path / "out"
    )
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert not (tmp_path / "out").exists()


def marked(folder: Path, **changes: object) -> Path:
    folder.mkdir()
    (folder / MARK).write_text(
        json.dumps({"what": "loosen archive", "format": 1, "loosen": __version__} | changes)
    )
    return folder


def test_an_out_of_a_newer_version_is_refused_untouched(tmp_path: Path, capsys: Out) -> None:
    write_tracks(tmp_path / "source", 1)
    out = marked(tmp_path / "out", format=2, loosen="7.0.0")
    code, _, err = archive(capsys, tmp_path / "source", "--to", out)
    assert (code, err.count("\n")) == (2, 1)
    assert f"was made by loosen 7.0.0 (format 2); this is loosen {__version__}" in err
    assert [path.name for path in out.iterdir()] == [MARK]


def test_an_out_that_is_damaged_or_somebody_elses_is_refused(tmp_path: Path, capsys: Out) -> None:
    write_tracks(tmp_path / "source", 1)
    out = marked(tmp_path / "out")
    (out / MARK).write_text("{")
    assert "is damaged" in archive(capsys, tmp_path / "source", "--to", out)[2]
    code, _, err = archive(capsys, tmp_path / "source", "--to", tmp_path / "source")
    assert (code, "holds other things and no archive" in err) == (2, True)


def test_two_runs_at_once_on_one_out_are_refused(tmp_path: Path, capsys: Out) -> None:
    write_tracks(tmp_path / "source", 1)
    tables = Tables(str(tmp_path / "out"), engine_name(SETTINGS))
    tables.prepare()
    with tables.writing():
        code, _, err = archive(capsys, tmp_path / "source", "--to", tmp_path / "out")
    assert (code, "Another run is writing" in err) == (1, True)


def test_no_scheduler_there(tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tracks(tmp_path / "source", 1)
    monkeypatch.setattr("loosen.archive.cluster.CONNECT_S", 0.3)
    code, _, err = archive(capsys, tmp_path / "source", "--to", tmp_path / "out", "--on", "tcp://127.0.0.1:9")
    assert (code, "no Dask scheduler answers there" in err) == (2, True)


def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        archive_command, "find_spec", lambda name: None if name in ("dask", "duckdb") else object()
    )
    code, out, err = archive(capsys, tmp_path, "--to", tmp_path / "out")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "needs dask, duckdb" in err
    assert "[archive]" in err


def test_an_exercise_that_the_routine_has_not(tmp_path: Path, capsys: Out) -> None:
    code, _, err = archive(capsys, tmp_path, "--to", tmp_path / "out", "--exercise", "dancing")
    assert (code, ARCH in err) == (2, True)


def test_a_recording_that_takes_too_much_memory_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_much(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("loosen.camera.watch.watch", too_much)
    answer = decoder_process._watch(decoder_process.WatchRequest("a.mp4", "a.mp4"), SETTINGS, io.BytesIO())
    assert answer == decoder_process.WatchResult(error="reading it takes more than 1 GiB of memory.")


# -- the parts ---------------------------------------------------------------------------------------------


def test_listing_takes_folders_patterns_and_files_each_once(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.MP4", "below/c.npz", "below/d.txt", ".hidden/e.mp4", "f.odd"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = list_recordings([str(tmp_path), str(tmp_path / "*.mp4"), str(tmp_path / "f.odd")])
    assert sorted(Path(one.address).name for one in found) == ["a.mp4", "b.MP4", "c.npz", "f.odd"]
    assert all(one.stamp and one.size == 1 and one.modified for one in found)


def test_any_storage_of_fsspec_will_do(tmp_path: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/clinic/p1/a.mp4", b"some clip")
    [found] = list_recordings(["memory://clinic"])
    assert (found.address, found.size) == ("memory:///clinic/p1/a.mp4", 9)
    with fetched(found.address) as (path, unit):
        assert (path.read_bytes(), path.suffix, len(unit)) == (b"some clip", ".mp4", 64)
    assert not path.exists()
    tables = Tables("memory://clinic/out", "e")
    tables.prepare()
    with tables.writing() as known:
        assert unit not in known
    place = {"address": found.address, "stamp": found.stamp, "unit": unit, "bytes": 9}
    tables.write(Partition(places=[place], recordings=[{"unit": unit, "bytes": 9, "status": "watched"}]))
    with tables.writing() as known:
        assert known.places == {found.address: (found.stamp, unit)}
        assert unit in known
        assert (known.alike(9, ""), known.alike(8, "")) == ((unit,), ())
    memory.rm("/clinic", recursive=True)


def test_what_may_be_the_same_stays_few_however_many_are_of_one_size() -> None:
    """It travels with every unit of work: tracks are often all of one size."""
    known = KnownUnits()
    for n in range(1000):
        known.add_before(f"{n:064x}", 9, f"s{n}")
    assert known.alike(9, "s7") == (f"{7:064x}",)
    assert known.alike(9, "new") == ()


def test_a_partition_counts_only_once_it_is_whole(tmp_path: Path) -> None:
    """A run that was killed between two of its files leaves nothing that counts; the next one clears it away."""
    tables = Tables(str(tmp_path / "out"), "e")
    tables.prepare()
    row: dict[str, Any] = {"unit": "ab" * 32, "bytes": 1, "status": "watched"}
    tables.write(
        Partition(
            [{"unit": "ab" * 32, "number": 1}], [{"address": "a", "stamp": "s", "unit": "ab" * 32}], [row]
        )
    )
    [whole] = (tmp_path / "out" / "recordings" / "engine=e").iterdir()
    for name in ("reps", "places"):
        (tmp_path / "out" / name / "engine=e" / "part-1-half.parquet").write_bytes(b"half")
    with tables.writing() as known:
        assert "ab" * 32 in known
    assert {path.name for path in (tmp_path / "out").rglob("*.parquet")} == {whole.name}


def test_where_there_is_no_lock_what_another_run_is_writing_is_left_alone() -> None:
    memory = fsspec.filesystem("memory")
    tables = Tables("memory://two-runs/out", "e")
    tables.prepare()
    others = [f"{tables.folder(name)}/part-1-others.parquet" for name in ("reps", "places")]
    for path in others:
        memory.pipe_file(path, b"not all of it yet")
    with tables.writing() as known:
        assert not known.places
    assert all(memory.exists(path) for path in others)
    memory.rm("/two-runs", recursive=True)


def test_a_damaged_partition_is_named(tmp_path: Path) -> None:
    tables = Tables(str(tmp_path / "out"), "e")
    tables.prepare()
    tables.write(Partition(recordings=[{"unit": "ab" * 32, "bytes": 1, "status": "watched"}]))
    [part] = (tmp_path / "out" / "recordings" / "engine=e").iterdir()
    part.write_bytes(part.read_bytes()[:50])
    with pytest.raises(ArchiveError, match=part.name), tables.writing():
        pass


def test_the_engine_is_the_version_the_routine_and_the_exercise() -> None:
    names = {
        engine_name(WatchSettings(text, exercise, 60)) for text in (None, "x") for exercise in (None, ARCH)
    }
    assert len(names) == 4
    assert all(name.startswith(__version__ + "-") for name in names)
    assert engine_name(WatchSettings(None, None, 5)) == engine_name(SETTINGS)
