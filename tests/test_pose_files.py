"""Other tools' pose files: read as they write them, written as they read them, refused when they are no such thing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from people import IDS, filmed, good, watched

from loosen import cli
from loosen.body.pose import Landmark, Pose
from loosen.body.synthetic_body import SyntheticCamera
from loosen.camera.formats.markers import MIDDLES, NAMES, angles_of, markers_of, read_markers
from loosen.camera.formats.pose_files import Markers, Motion, read_trc, write_mot, write_trc
from loosen.camera.formats.track_file import write_track
from loosen.errors import RecordingError

Out = pytest.CaptureFixture[str]
ARCH, REACH, ROOF, WALK = IDS
NAME = st.text("abcdefgXYZ_0123 ", min_size=1, max_size=12).filter(lambda text: text == text.strip())
Times = np.ndarray[tuple[int], np.dtype[np.float64]]
PLACES = st.floats(-1e4, 1e4) | st.just(float("nan"))


@st.composite
def times(draw: st.DrawFn) -> Times:
    """Times that increase, nearly even, as a camera's are."""
    n, rate = draw(st.integers(1, 12)), draw(st.floats(5, 250))
    jitter = draw(hnp.arrays(np.float64, n, elements=st.floats(0, 0.03)))
    t_s: Times = (np.arange(n) + jitter) / rate + draw(st.floats(0, 100))
    return t_s


@given(st.data())
def test_a_trc_comes_back_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    t_s, names = data.draw(times()), data.draw(st.lists(NAME, min_size=1, max_size=5, unique=True))
    points = data.draw(hnp.arrays(np.float64, (len(t_s), len(names), 3), elements=PLACES))
    path = tmp_path_factory.mktemp("trc") / "a.trc"
    write_trc(path, Markers(t_s, tuple(names), points))
    again = read_trc(path)
    assert (again.t_s == t_s).all()
    assert again.names == tuple(names)
    np.testing.assert_allclose(again.points, points, atol=1e-6, rtol=0)


@pytest.mark.parametrize("exercise", IDS)
def test_what_was_watched_is_the_same_when_watched_from_its_trc(tmp_path: Path, exercise: str) -> None:
    poses = filmed(exercise, good(exercise, 2))
    write_trc(tmp_path / "a.trc", markers_of(poses))
    before, after = watched(poses, None), watched(read_markers(tmp_path / "a.trc"), None)
    assert (after.exercise, after.counted, after.view, after.facing) == (
        before.exercise, before.counted, before.view, before.facing,
    )  # fmt: skip
    for one, other in zip(before.reps, after.reps, strict=True):
        assert (other.verdict, other.side, other.faults) == (one.verdict, one.side, one.faults)
        assert other.start_s == pytest.approx(one.start_s, abs=0.05)
        reach = one.measures["range"]
        assert other.measures["range"].value == pytest.approx(reach.value, abs=0.1 * reach.plus_minus)


def test_markers_are_metres_from_the_floor_up_and_what_is_not_believed_is_missing() -> None:
    poses = list(filmed(ROOF, good(ROOF)))
    landmarks = poses[0].landmarks.copy()
    landmarks[Landmark.LEFT_WRIST, 3] = 0.1
    poses[0] = Pose(poses[0].t_s, landmarks, poses[0].world, poses[0].size)
    markers = markers_of(poses)
    heights = dict(zip(markers.names, markers.points[30, :, 1], strict=True))
    assert markers.names == (*NAMES, *MIDDLES)
    assert 1.3 < heights["Neck"] < 1.5
    assert heights["LHeel"] == pytest.approx(0, abs=0.05)
    assert np.isnan(markers.points[0, list(NAMES).index("LWrist")]).all()
    assert markers.rate_hz == pytest.approx(30)


# -- as other tools write them -------------------------------------------------------------------------------


def other_trc(
    path: Path, exercise: str = ROOF, unit: str = "m", scale: float = 1.0, px: bool = False, gap: bool = False
) -> Path:
    """Write a TRC laid out as Sports2D does (tabs after the last name, frames from 0, a whole path in the header).

    `px`: pixels with y down, which its header calls metres. `gap`: an empty line under the header, as Cortex has it.
    """
    poses = filmed(exercise, good(exercise, 2))
    markers = markers_of(poses)
    names, points = list(markers.names), markers.points.copy()
    points[..., 2] = 0.1  # the same for all: Sports2D measures no depth
    if px:
        names = list(NAMES)
        flat = np.stack([pose.landmarks[:, :2] * pose.size for pose in poses])
        points = np.zeros((len(poses), len(names), 3))
        points[..., :2] = flat[:, [int(joint) for joint in NAMES.values()]]
    points *= scale
    points[3:6, names.index("RIndex")] = np.nan
    head = "DataRate CameraRate NumFrames NumMarkers Units OrigDataRate OrigDataStartFrame OrigNumFrames"
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t/home/lab/{path.name}", head.replace(" ", "\t"),
        "\t".join(map(str, [30.0, 30.0, len(points), len(names), unit, 30.0, 0, len(points)])),
        "Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t\t",
        "\t\t" + "\t".join(f"X{i}\tY{i}\tZ{i}" for i in range(1, len(names) + 1)),
        *([""] if gap else []),
    ]  # fmt: skip
    for n, (pose, row) in enumerate(zip(poses, points.reshape(len(points), -1), strict=True)):
        lines.append(f"{n}\t{pose.t_s}\t" + "\t".join("" if np.isnan(v) else str(v) for v in row))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(
    "options", [{}, {"unit": "mm", "scale": 1000.0, "gap": True}, {"unit": "cm", "scale": 100.0}, {"px": True}]
)
def test_sports2ds_and_opensims_files_are_watched(tmp_path: Path, options: dict[str, object]) -> None:
    path = other_trc(tmp_path / "a.trc", **options)  # type: ignore[arg-type]
    report = watched(read_markers(path), None)
    expected = watched(filmed(ROOF, good(ROOF, 2)), None)
    assert (report.exercise, report.counted, report.view) == (ROOF, 2, "side")
    for one, other in zip(expected.reps, report.reps, strict=True):
        assert other.measures["range"].value == pytest.approx(one.measures["range"].value, abs=0.5)


def test_a_mot_has_what_opensim_reads_of_it(tmp_path: Path) -> None:
    path, angles = tmp_path / "a.mot", np.array([[-0.1, 90.0], [np.nan, 90.25]])
    write_mot(path, Motion(np.array([0.0, 0.1]), ("knee", "trunk"), angles))
    head, rows = path.read_text().split("endheader\n")
    assert {"Coordinates", "nRows=2", "nColumns=3", "inDegrees=yes"} <= set(head.splitlines())
    assert rows == "time\tknee\ttrunk\n0.0\t-0.100000\t90.000000\n0.1\tnan\t90.250000\n"


def test_angles_are_sports2ds(tmp_path: Path) -> None:
    """Standing: legs straight, trunk upright. Arms overhead: 180 at the shoulder. The same whichever side is seen."""
    sides: tuple[Literal["right", "left"], ...] = ("right", "left")
    motions = [angles_of(filmed(ROOF, good(ROOF), SyntheticCamera("side", facing))) for facing in sides]
    for motion in motions:
        first = dict(zip(motion.names, motion.values[60], strict=True))
        assert first["trunk"] == pytest.approx(90, abs=4)
        assert first["right shank"] == pytest.approx(-90, abs=12)
        most = dict(zip(motion.names, np.nanmax(motion.values, axis=0), strict=True))
        assert most["right shoulder"] == pytest.approx(170, abs=10)
        assert most["trunk"] > 95  # backward is beyond the upright, as the figure faces right
    assert motions[0].names == motions[1].names
    at = motions[0].names.index("trunk")
    np.testing.assert_allclose(motions[0].values[:, at], motions[1].values[:, at], atol=1)


# -- the command ---------------------------------------------------------------------------------------------


def test_watch_writes_points_angles_and_a_track_and_watches_them_again(tmp_path: Path, capsys: Out) -> None:
    source = tmp_path / "a.npz"
    write_track(source, filmed(REACH, good(REACH, 2)), {})
    outs = {kind: tmp_path / f"out.{kind}" for kind in ("trc", "mot", "npz")}
    options = [part for kind, path in outs.items() for part in (f"--{kind}", str(path))]
    assert cli.main(["watch", "--json", str(source), *options]) == 0
    first = json.loads(capsys.readouterr().out)
    for kind in ("trc", "npz"):
        assert cli.main(["watch", "--json", str(outs[kind])]) == 0
        again = json.loads(capsys.readouterr().out)
        assert (again["exercise"], again["counted"]) == (first["exercise"], first["counted"])
        if kind == "npz":
            assert again | {"input": ""} == first | {"input": ""}
    assert f"nRows={first['frames']}\n" in outs["mot"].read_text()
    assert cli.main(["watch", str(outs["mot"])]) == 2
    assert "angles by time, without points" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--trc", "--mot", "--npz"])
def test_pose_files_are_called_by_their_ending(option: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["watch", option, "out.txt", "a.npz"])


# -- trouble -------------------------------------------------------------------------------------------------


def changed(path: Path, line: int, old: str, new: str) -> None:
    lines = path.read_text().split("\n")
    assert old in lines[line]
    lines[line] = lines[line].replace(old, new, 1)
    path.write_text("\n".join(lines))


@pytest.mark.parametrize(
    ("line", "old", "new", "said"),
    [
        (0, "PathFileType", "Whatever", "does not begin with PathFileType"),
        (2, "30.0", "60.0", "mixed frame rates: the header says 60 a second, the times say 30"),
        (2, "\tm\t", "\tparsec\t", "Units (one of"),
        (2, "30.0", "fast", "must give DataRate"),
        (3, "LHip", "Waist", "among its markers there must be LHip"),
        (3, "LHip", "RHip", "name each marker once"),
        (3, "LHip", "", "header says 29 markers, its fourth line names 28"),
        (2, "\t29\t", "\t30\t", "header says 30 markers, its fourth line names 29"),
        (2, "\t29\t", "\t\t", "must give DataRate, NumFrames, NumMarkers"),
        (2, "30.0\t30.0\t", "30.0\t30.0\tinf\t", "must give DataRate, NumFrames"),
        (2, "30.0\t30.0\t", "30.0\t30.0\tnan\t", "must give DataRate, NumFrames"),
        (9, "0.1", "zero", "line 10 is not all numbers"),
        (9, "4\t0.1", "4\t0.01", "increase from frame to frame"),
    ],
)
def test_a_trc_that_is_none_is_refused_with_the_reason(
    tmp_path: Path, capsys: Out, line: int, old: str, new: str, said: str
) -> None:
    path = other_trc(tmp_path / "a.trc")
    changed(path, line, old, new)
    assert cli.main(["watch", str(path)]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_a_trc_that_is_cut_off_or_lies_on_its_side_is_refused(tmp_path: Path) -> None:
    path = other_trc(tmp_path / "a.trc")
    path.write_text(path.read_text()[:20000])
    with pytest.raises(RecordingError, match=r"cut off: \d+ of \d+ frames"):
        read_trc(path)
    markers = markers_of(filmed(ROOF, good(ROOF)))
    write_trc(path, Markers(markers.t_s, markers.names, markers.points[..., [0, 2, 1]] * (1, -1, 1)))
    with pytest.raises(RecordingError, match="y must point up"):
        read_markers(path)
    write_trc(path, Markers(markers.t_s, markers.names, markers.points * 100))
    with pytest.raises(RecordingError, match="check the units"):
        read_markers(path)


def test_a_trc_that_ends_within_a_frame_is_refused_and_trimmed_tabs_are_missing_points(tmp_path: Path) -> None:
    path = other_trc(tmp_path / "a.trc")
    whole = path.read_text().rstrip("\n")
    for cut in (whole[: whole.rindex("\t")], whole[:-300]):
        path.write_text(cut)
        with pytest.raises(RecordingError, match="cut off within its last frame"):
            read_trc(path)
    path.write_text(whole[: whole.rindex("\t")] + "\n")
    assert np.isnan(read_trc(path).points[-1, -1, 2])
    path.write_text(whole)  # all there but the end of the line
    assert np.isfinite(read_trc(path).points[-1, -1]).all()


@given(st.binary(max_size=300))
def test_noise_is_refused(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    path = tmp_path_factory.mktemp("noise") / "a.trc"
    path.write_bytes(b"PathFileType\t4\n" + noise)
    with pytest.raises(RecordingError):
        read_trc(path)
