"""`loosen watch`: recordings in, repetitions out; what cannot be watched is said and does not stop the others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import cv2
import numpy as np
import pytest
from clip_makers import write_clip
from people import IDS, ROUTINE, WORDS, filmed, good

from loosen import cli
from loosen.archive.cluster import cores
from loosen.body.pose import Look, Pose
from loosen.body.synthetic_body import Manner, SyntheticCamera
from loosen.camera.blazepose.region import RgbImage
from loosen.camera.blazepose.tracker import Tracker
from loosen.camera.formats.track_file import write_track
from loosen.camera.formats.video import Clip

Out = pytest.CaptureFixture[str]
ARCH, REACH, ROOF, WALK = IDS
CLIP = Path(__file__).parent / "fixtures" / "reach.mp4"


def track(folder: Path, exercise: str, *manners: Manner, reps: int = 2) -> Path:
    path = folder / f"{exercise}.npz"
    write_track(path, filmed(exercise, manners or good(exercise, reps)), {})
    return path


def watch(capsys: Out, *arguments: object) -> tuple[int, str, str]:
    code = cli.main(["watch", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def reports(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_recording_is_told_in_words(tmp_path: Path, capsys: Out) -> None:
    code, out, _ = watch(capsys, track(tmp_path, REACH, Manner(), Manner(stop_s=0.0)))
    assert code == 0
    head, columns, first, second = out.splitlines()
    assert "Reach For The Sky (recognised), seen from the front: 2 counted of 2 tried" in head
    assert columns.split() == ["no", "from", "to", "side", "range", "stop", "verdict"]
    assert first.split()[0] == "1"
    assert first.endswith("full")
    assert "no-stop (no real stop: still for" in second


FIELDS = [
    "input", "exercise", "found_by", "view", "facing", "duration_s", "frames", "frames_with_pose", "counted", "reps",
]  # fmt: skip
REP_FIELDS = {"start_s", "peak_s", "end_s", "side", "verdict", "faults", "reasons", "measures"}


def test_json_is_one_object_a_line_with_just_the_fields_that_were_promised(tmp_path: Path, capsys: Out) -> None:
    paths = [track(tmp_path, exercise) for exercise in (ARCH, WALK)]
    code, out, _ = watch(capsys, "--json", *paths)
    assert code == 0
    found = reports(out)
    assert [one["input"] for one in found] == [str(path) for path in paths]
    assert [one["exercise"] for one in found] == [ARCH, WALK]
    for one in found:
        assert list(one) == FIELDS
        assert (one["found_by"], one["view"], one["counted"]) == ("recognised", "side", 2)
        assert one["frames"] == one["frames_with_pose"] > 100
        assert len(one["reps"]) == 2
        for rep in one["reps"]:
            assert set(rep) == REP_FIELDS
            assert rep["start_s"] < rep["peak_s"] < rep["end_s"]
            assert (rep["verdict"], rep["faults"], rep["reasons"]) == ("full", [], [])
            for measure in rep["measures"].values():
                assert set(measure) == {"value", "unit", "plus_minus"}


def test_the_exercise_may_be_given_if_the_routine_has_it(tmp_path: Path, capsys: Out) -> None:
    path = track(tmp_path, REACH)
    for exercise, counted in ((REACH, 2), (ARCH, 0)):
        [one] = reports(watch(capsys, "--json", "--exercise", exercise, path)[1])
        assert (one["exercise"], one["found_by"]) == (exercise, "given")
        assert one["counted"] == len(one["reps"]) == counted
    code, out, err = watch(capsys, "--exercise", "jumping-jacks", path)
    assert (code, out) == (2, "")
    assert all(exercise in err for exercise in ("jumping-jacks", *IDS))


def test_what_cannot_be_watched_is_said_and_the_others_are_watched(tmp_path: Path, capsys: Out) -> None:
    one = track(tmp_path, ARCH)
    names = ("empty.mp4", "noise.npz", "folder", "gone.mp4", "gone.npz")
    empty, noise, folder, *gone = (tmp_path / name for name in names)
    empty.touch()
    noise.write_bytes(np.random.default_rng(1).bytes(1000))
    folder.mkdir()
    code, out, err = watch(capsys, "--json", empty, one, noise, folder, *gone)
    assert code == 2
    assert [report["input"] for report in reports(out)] == [str(one)]
    for bad in (empty, noise, folder, *gone):
        assert sum(str(bad) in line for line in err.splitlines() if line.startswith("loosen: ")) == 1


def test_a_recording_of_nobody_is_said_to_be_one(tmp_path: Path, capsys: Out) -> None:
    path, chart = tmp_path / "room.npz", tmp_path / "chart.png"
    write_track(path, [Pose.lost(n / 30, (640, 480)) for n in range(60)], {})
    code, out, _ = watch(capsys, "--chart", chart, path)
    assert (code, drawn(chart).size > 0) == (0, True), "a chart of nobody is still a chart"
    assert out == WORDS("watch.none", name=path, seconds="2.0") + "\n"
    _, out, _ = watch(capsys, "--json", path)
    assert (reports(out)[0]["exercise"], reports(out)[0]["frames_with_pose"]) == (None, 0)


# -- pictures ---------------------------------------------------------------------------------------------


def drawn(path: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return a PNG's pixels (height, width, 3)."""
    picture = cv2.imread(str(path))
    assert picture is not None
    return picture  # type: ignore[return-value]


@pytest.mark.parametrize("exercise", [REACH, WALK])
def test_a_chart_shows_the_signal_and_a_band_for_each_repetition(tmp_path: Path, capsys: Out, exercise: str) -> None:
    chart = tmp_path / "chart.png"
    code, out, _ = watch(capsys, "--chart", chart, track(tmp_path, exercise, reps=3))
    assert code == 0
    assert "3 counted" in out
    picture = drawn(chart)
    assert picture.shape[0] > 300
    assert picture.shape[1] > 900
    # Dark ink for the curve, and across its middle three tinted bands with white between.
    assert ((picture < 90).all(axis=2)).sum() > 1000
    row = picture[int(picture.shape[0] * 0.2)]
    tinted = (row.max(axis=1) < 252) & (row.min(axis=1) > 180)
    assert (np.diff(tinted.astype(int)) == 1).sum() >= 3


@pytest.mark.parametrize(
    ("option", "name", "why"),
    [("--chart", "chart.dance", "chart cannot be written"), ("--overlay", "over.mp4", "no picture to draw over")],
    ids=["a chart of a kind that is not known", "a track has no picture"],
)
def test_what_cannot_be_drawn_is_said(tmp_path: Path, capsys: Out, option: str, name: str, why: str) -> None:
    code, _, err = watch(capsys, option, tmp_path / name, track(tmp_path, REACH))
    assert (code, why in err, (tmp_path / name).exists()) == (2, True, False)


@pytest.mark.parametrize("option", ["--overlay", "--chart"])
@pytest.mark.parametrize("name", ["nowhere/out.mp4", "", "track.npz/out.png"])
def test_a_place_that_cannot_be_written_to_is_refused_before_anything_is_watched(
    tmp_path: Path, capsys: Out, option: str, name: str
) -> None:
    """Watching may take minutes; nobody should wait for them in vain. The recording is not even opened."""
    (tmp_path / "track.npz").touch()
    code, out, err = watch(capsys, option, tmp_path / name, tmp_path / "gone.mp4")
    assert (code, out) == (2, "")
    assert "not a place to write to" in err
    assert str(tmp_path / name) in err
    assert "gone.mp4" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["track.npz"]


@pytest.mark.parametrize(("options", "decoded"), [(["--chart"], 1), (["--chart", "--overlay"], 2)])
def test_whatever_is_drawn_a_clip_is_tracked_once_and_decoded_again_only_for_its_pictures(
    tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch, options: list[str], decoded: int
) -> None:
    looked_at: list[float] = []
    decodings: list[Path] = []

    class CountingTracker(Tracker):
        def look(self, rgb: RgbImage, t_s: float) -> Look:
            looked_at.append(t_s)
            return super().look(rgb, t_s)

    def frames(clip: Clip) -> Iterator[tuple[float, RgbImage]]:
        decodings.append(clip.path)
        return decode(clip)

    decode = Clip.__iter__
    monkeypatch.setattr(Clip, "__iter__", frames)
    monkeypatch.setattr("loosen.camera.blazepose.tracker.Tracker", CountingTracker)
    clip = write_clip(tmp_path / "clip.mp4", [n / 30 for n in range(12)])
    places = [part for one in options for part in (one, tmp_path / f"out{one}.{'mp4' if 'over' in one else 'png'}")]
    assert watch(capsys, *places, clip)[0] == 0
    assert (len(looked_at), len(decodings)) == (12, decoded)
    assert all(Path(place).stat().st_size for place in places[1::2])


@pytest.mark.parametrize("kind", ["overlay", "chart", "trc", "mot", "npz"])
def test_what_is_written_is_of_one_recording(tmp_path: Path, capsys: Out, kind: str) -> None:
    code, out, err = watch(capsys, f"--{kind}", tmp_path / f"out.{kind}", "a.npz", "b.npz")
    assert (code, out, "one input" in err) == (2, "", True)


# -- a clip, not a track -----------------------------------------------------------------------------------


def test_other_movements_in_a_recording_are_told(tmp_path: Path, capsys: Out) -> None:
    arch = list(filmed(ARCH, good(ARCH, 2)))
    later_s = arch[-1].t_s + 1.0
    walk = [replace(pose, t_s=pose.t_s + later_s) for pose in filmed(WALK, good(WALK))]
    two = tmp_path / "two.npz"
    write_track(two, [*arch, *walk], {})
    code, out, err = watch(capsys, two)
    assert code == 0
    assert "Back Arches (recognised)" in out
    assert "Lazy Leg Walk: 1" in err
    assert "other movements" not in watch(capsys, "--exercise", WALK, two)[2]


CRASHING = """
    import sys
    if "--multiprocessing-fork" in sys.orig_argv:
        import os, signal
        import av
        real = av.open
        def crashing(path, *arguments, **options):
            if "crash" in str(path):
                os.kill(os.getpid(), signal.SIGKILL)
            return real(path, *arguments, **options)
        av.open = crashing
"""


@pytest.mark.slow
@pytest.mark.skipif(cores() < 2, reason="with one processor no other process reads")
def test_a_clip_that_crashes_its_reader_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(CRASHING))
    for name in ("crash.mp4", "crash2.mp4"):
        (tmp_path / name).write_bytes(b"a clip")
    ended = subprocess.run(
        [sys.executable, "-m", "loosen", "watch", tmp_path / "crash.mp4", tmp_path / "crash2.mp4"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "One of the recordings crashed the process that read it." in ended.stderr
    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False)


def test_a_recording_without_a_name_or_too_large_for_the_memory_is_said_in_one_line(
    capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    unnamed = watch(capsys, "")
    monkeypatch.setattr("loosen.watch", Mock(side_effect=MemoryError))
    large = watch(capsys, "a.mp4")
    for (code, _, err), said in ((unnamed, "name is missing"), (large, "takes more memory than there is")):
        assert (code, err.count("\n"), said in err) == (2, 1, True)


def test_what_is_for_programs_is_utf8_whatever_the_terminal_is(tmp_path: Path) -> None:
    track = tmp_path / "Зоя.npz"
    write_track(track, filmed(IDS[1], good(IDS[1], 1), SyntheticCamera(ROUTINE.exercise(IDS[1]).seen.shown)), {})
    done = subprocess.run(
        [sys.executable, "-m", "loosen", "watch", "--json", track],
        env={**os.environ, "PYTHONIOENCODING": "cp1252"}, capture_output=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout.decode("utf-8"))["input"] == str(track)
