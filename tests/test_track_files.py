"""Landmark tracks: read back exactly as written, and refused when they are anything else."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from loosen.body.pose import Pose
from loosen.camera.formats.track_file import Track, read_track, write_track
from loosen.camera.watch import find_poses, open_recording
from loosen.errors import RecordingError

N = 4


def parts() -> dict[str, Any]:
    """The members of a sound track."""
    rng = np.random.default_rng(3)
    landmarks = rng.random((N, 33, 4), np.float32)
    return {
        "t_s": np.arange(N, dtype=np.float32) / 30,
        "landmarks": landmarks,
        "world": rng.random((N, 33, 3), np.float32),
        "image_size": np.array((640, 480), np.float32),
        "meta": np.array(json.dumps({"fps": 30, "view": "front"})),
    }


def written(path: Path, changes: dict[str, Any] | None = None) -> Path:
    members = parts() | (changes or {})
    np.savez(path, **{name: value for name, value in members.items() if value is not None})
    return path


def with_(name: str, change: Callable[[Any], None]) -> dict[str, Any]:
    """Return one member, changed."""
    array = parts()[name]
    change(array)
    return {name: array}


def test_a_track_gives_its_poses_in_order(tmp_path: Path) -> None:
    track = read_track(written(tmp_path / "a.npz"))
    poses = list(track)
    assert [pose.t_s for pose in poses] == pytest.approx([0, 1 / 30, 2 / 30, 3 / 30])
    assert all(pose.found and pose.size == (640, 480) for pose in poses)
    assert np.array_equal(poses[2].landmarks, parts()["landmarks"][2])
    assert track.meta["view"] == "front"


@given(
    times_s=st.lists(st.floats(0, 1e6), min_size=1, max_size=6, unique=True).map(sorted),
    landmarks=hnp.arrays(np.float32, (6, 33, 4), elements=st.floats(0, 1, width=32)),
    lost=st.sets(st.integers(0, 5)),
)
def test_what_is_read_is_exactly_what_was_written(times_s: list[float], landmarks: Any, lost: set[int]) -> None:
    size = (1280, 720)
    poses = [
        Pose.lost(t_s, size) if i in lost else Pose(t_s, landmarks[i], landmarks[i, :, :3] - 1, size)
        for i, t_s in enumerate(times_s)
    ]
    path = Path(os.environ["LOOSEN_HOME"]).parent / "again.npz"
    assert write_track(path, poses, {"view": "side"}) == len(poses)
    again = list(read_track(path))
    assert [pose.t_s for pose in again] == times_s
    for pose, twin in zip(poses, again, strict=True):
        assert pose.landmarks.tobytes() == twin.landmarks.tobytes()
        assert pose.world.tobytes() == twin.world.tobytes()
        assert pose.size == twin.size


def test_a_lost_frame_is_a_frame_with_nobody_and_a_missing_joint_is_never_called_visible(tmp_path: Path) -> None:
    def lose(array: Any) -> None:
        array[1] = np.nan
        array[1, :, 3] = 0
        array[:, 7, :3] = np.nan
        array[:, 7, 3] = 1

    track = read_track(written(tmp_path / "a.npz", with_("landmarks", lose)))
    assert [pose.found for pose in track] == [True, False, True, True]
    assert (track.landmarks[:, 7, 3] == 0).all()


def put(value: float, *at: Any) -> Callable[[Any], None]:
    def change(array: Any) -> None:
        array[at] = value

    return change


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"t_s": None}, "no `t_s`"),
        ({"world": None}, "no `world`"),
        ({"t_s": np.empty(0, np.float32)}, "no frames"),
        ({"t_s": np.arange(1_000_001, dtype=np.float32)}, "1000001 frames are more than"),
        ({"t_s": np.zeros((N, 1), np.float32)}, r"`t_s`: expected shape \(n\), got \(4, 1\)"),
        ({"t_s": np.arange(N + 1, dtype=np.float32)}, r"`landmarks`: expected shape \(5, 33, 4\), got \(4, 33, 4\)"),
        ({"t_s": np.array([0, 2, 1, 3], np.float32)}, "times must be finite and increase"),
        ({"t_s": np.array([0, 1, 1, 3], np.float32)}, "times must be finite and increase"),
        ({"t_s": np.array([0, 1, np.nan, 3], np.float32)}, "times must be finite and increase"),
        ({"t_s": np.array(["a", "b", "c", "d"])}, "`t_s`: expected numbers"),
        ({"landmarks": np.zeros((N, 17, 4), np.float32)}, r"expected shape \(4, 33, 4\), got \(4, 17, 4\)"),
        ({"landmarks": np.zeros((N, 33, 4), np.complex64)}, "`landmarks`: expected numbers"),
        (with_("landmarks", put(np.inf, 0, 0, 0)), "not a body's"),
        (with_("landmarks", put(1e6, 0, 0, 0)), "not a body's"),
        (with_("landmarks", put(1.5, 0, 0, 3)), "visibility must lie between 0 and 1"),
        (with_("landmarks", put(np.nan, 0, 0, 3)), "visibility must lie between 0 and 1"),
        (with_("world", put(-np.inf, 3, 32, 2)), "`world`.*not a body's"),
        ({"image_size": np.array((0, 480), np.float32)}, "`image_size`: expected a width"),
        ({"image_size": np.array((np.nan, 480), np.float32)}, "`image_size`: expected a width"),
        ({"meta": np.array("[1, 2]")}, "expected a JSON object"),
        ({"meta": np.array("{not JSON")}, "cannot|can be read"),
        ({"meta": np.array(7)}, "`meta`: expected text"),
        ({"meta": np.array("x" * 200_000)}, "`meta`: too long"),
    ],
)
def test_a_track_that_is_not_one_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    path = written(tmp_path / "a.npz", changes)
    with pytest.raises(RecordingError, match=said):
        read_track(path)


def test_nothing_in_a_track_is_ever_run(tmp_path: Path) -> None:
    """A pickled member could run code when it is loaded."""

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    path = written(tmp_path / "a.npz", {"meta": np.array([Trap()], dtype=object)})
    with pytest.raises(RecordingError):
        read_track(path)
    assert not (tmp_path / "sprung").exists()


def test_a_header_that_promises_more_than_the_file_holds_is_refused(tmp_path: Path) -> None:
    """Otherwise memory for it would be set aside before the end of the file is noticed."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (900_000, 33, 4)})
    members = parts() | {"t_s": np.arange(900_000, dtype=np.float32)}
    path = tmp_path / "a.npz"
    np.savez(path, **{name: value for name, value in members.items() if name != "landmarks"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("landmarks.npy", header.getvalue())
    with pytest.raises(RecordingError, match="cut off"):
        read_track(path)


@given(data=st.binary(max_size=200), at=st.integers(0, 10_000), packed=st.booleans())
def test_a_damaged_track_is_refused_or_read_but_never_worse(data: bytes, at: int, packed: bool) -> None:
    path = Path(os.environ["LOOSEN_HOME"]).parent / "damaged.npz"
    (np.savez_compressed if packed else np.savez)(path, **parts())
    whole = path.read_bytes()
    at %= len(whole)
    path.write_bytes(whole[:at] + data + whole[at + len(data) :])
    with suppress(RecordingError):
        assert read_track(path).frames_estimate == N


def test_a_cut_off_an_empty_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    whole = written(tmp_path / "a.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.npz").touch()
    for name in ("cut.npz", "empty.npz", "missing.npz"):
        with pytest.raises(RecordingError, match=name):
            read_track(tmp_path / name)


def test_a_failed_writing_leaves_the_earlier_track(tmp_path: Path) -> None:
    path = written(tmp_path / "a.npz")
    before = path.read_bytes()

    def poses() -> Any:
        yield Pose.lost(0.0, (640, 480))
        raise OSError("camera gone")

    with pytest.raises(OSError, match="camera gone"):
        write_track(path, poses(), {})
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"]


def test_a_track_is_a_recording_whatever_its_name(tmp_path: Path) -> None:
    other = written(tmp_path / "a.npz").rename(tmp_path / "a.track")
    recording = open_recording(other)
    assert isinstance(recording, Track)
    assert (recording.frames_estimate, recording.size, recording.broken_at_s) == (N, (640, 480), None)
    assert [pose.t_s for pose in find_poses(recording)] == [pose.t_s for pose in recording]
