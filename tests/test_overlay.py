"""The overlay: a clip with the body drawn over it and the words beneath, whole or not there at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from loosen.body.pose import N_LANDMARKS, Landmark, Pose
from loosen.camera.formats.video import open_clip
from loosen.camera.overlay import OverlayFrame, Panel, write_overlay
from loosen.camera.silhouette import draw_body
from loosen.errors import InputError

SIZE = (320, 240)
GREY = np.full((240, 320, 3), 128, np.uint8)


def standing(t_s: float = 0.0, visible: float = 1.0) -> Pose:
    """A plain upright body, 190 px high, seen from the front."""
    places = {
        "NOSE": (160, 40), "EAR": (8, 40), "SHOULDER": (22, 70), "ELBOW": (30, 105), "WRIST": (32, 135),
        "INDEX": (32, 145), "HIP": (13, 130), "KNEE": (13, 175), "ANKLE": (13, 215), "HEEL": (13, 220),
        "FOOT_INDEX": (18, 224),
    }  # fmt: skip
    landmarks = np.zeros((N_LANDMARKS, 4), np.float32)
    landmarks[:, :2] = np.array((160, 40)) / SIZE
    for joint in Landmark:
        side, _, name = joint.name.partition("_")
        if side in ("LEFT", "RIGHT") and name in places:
            across, y = places[name]
            landmarks[joint, :2] = np.array((160 + (across if side == "LEFT" else -across), y)) / SIZE
    landmarks[:, 3] = visible
    return Pose(t_s, landmarks, np.zeros((N_LANDMARKS, 3), np.float32), SIZE)


def test_the_clip_keeps_each_frames_time_and_adds_a_strip_beneath(tmp_path: Path) -> None:
    times_s, given = [0.0, 0.04, 0.2, 1.0], GREY.copy()
    frames = [OverlayFrame(given, standing(t_s), "1 of 5", "hold", "Knees long.") for t_s in times_s]
    write_overlay(tmp_path / "out.mp4", frames, SIZE, 25)
    clip = open_clip(tmp_path / "out.mp4")
    written = list(clip)
    assert [t_s for t_s, _ in written] == pytest.approx(times_s, abs=0.002)
    assert clip.size[0] == 320
    assert clip.size[1] > 240
    picture = written[0][1].astype(int)
    assert picture[:20, :20].mean() == pytest.approx(128, abs=6)
    assert picture[240:].mean() < 90
    assert [file.name for file in tmp_path.iterdir()] == ["out.mp4"]
    assert (given == 128).all(), "the picture that was given is not drawn upon"


def test_a_failure_leaves_neither_a_piece_nor_harms_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "out.mp4").write_text("before")

    def frames() -> Iterator[OverlayFrame]:
        yield OverlayFrame(GREY, standing())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_overlay(tmp_path / "out.mp4", frames(), SIZE, 25)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("out.mp4", "before")]


def test_nothing_to_draw_on_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no picture"):
        write_overlay(tmp_path / "out.mp4", [], SIZE, 25)
    assert list(tmp_path.iterdir()) == []


def test_a_frame_that_comes_twice_is_written_once(tmp_path: Path) -> None:
    frames = [OverlayFrame(GREY, standing(t_s)) for t_s in (0.0, 0.0, 0.1, 0.05, 0.2)]
    write_overlay(tmp_path / "out.mp4", frames, SIZE, float("nan"))
    assert [t_s for t_s, _ in open_clip(tmp_path / "out.mp4")] == pytest.approx([0, 0.1, 0.2], abs=0.002)


def test_an_odd_size_loses_its_last_row_only(tmp_path: Path) -> None:
    odd = np.full((241, 321, 3), 128, np.uint8)
    write_overlay(tmp_path / "out.mp4", [OverlayFrame(odd, standing())], (321, 241), 25)
    assert open_clip(tmp_path / "out.mp4").size[0] == 320


def test_a_body_is_drawn_where_it_is() -> None:
    picture = GREY.copy()
    draw_body(picture, standing())
    changed = (picture != 128).any(axis=2)
    assert changed[100, 160]  # the trunk
    assert changed[190, 147]  # a shank
    assert not changed[190, 160]  # between the legs
    assert not changed[:, :100].any()
    assert 0.03 < changed.mean() < 0.2


def test_nobody_and_what_is_not_seen_are_not_drawn() -> None:
    for pose in (Pose.lost(0.0, SIZE), standing(visible=0.1)):
        picture = GREY.copy()
        draw_body(picture, pose)
        assert (picture == 128).all()


def test_a_body_partly_outside_the_picture_is_drawn_as_far_as_it_goes() -> None:
    pose = standing()
    pose.landmarks[:, 0] += 0.5
    picture = GREY.copy()
    draw_body(picture, pose)
    assert (picture[:, 300:] != 128).any()


@pytest.mark.parametrize("width", [240, 320, 1280])
def test_the_longest_cue_stays_within_its_strip(width: int) -> None:
    panel = Panel(width, width * 3 // 4)
    ground = panel.strip("", "", "").copy()
    written = panel.strip("10 of 10", "reach", "Turn the other side to me.").copy()
    marked = (written != ground).any(axis=(0, 2))
    assert marked[: width // 3].any()
    assert marked[width // 2 :].any()
    assert not marked[-2:].any()
