"""The tracker sees what MediaPipe sees, keeps to its person, and says when it sees nothing."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from loosen.body.pose import Landmark, Look
from loosen.camera.blazepose.detector import anchors, merge
from loosen.camera.blazepose.landmarker import refine
from loosen.camera.blazepose.model import _quiet_start
from loosen.camera.blazepose.region import Region, region_of, sigmoid
from loosen.camera.blazepose.tracker import Tracker
from loosen.camera.formats.video import open_clip

Picture = NDArray[np.uint8]
FIXTURES = Path(__file__).parent / "fixtures"
HIPS = [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]
WALL = (206, 200, 192)


@pytest.fixture(scope="module")
def tracker() -> Tracker:
    """Give one tracker to all tests; each begins with a reset."""
    return Tracker(threads=2)


@pytest.fixture(scope="module")
def seen() -> dict[str, list[Look]]:
    """Give what is seen in each fixture clip."""
    tracker = Tracker(threads=2)
    looks = {}
    for name in ("reach", "arch"):
        tracker.reset()
        looks[name] = [tracker.look(rgb, t_s) for t_s, rgb in open_clip(FIXTURES / f"{name}.mp4")]
    return looks


@pytest.fixture(scope="module")
def standing() -> Picture:
    """Give a picture (480, 640, 3) of somebody standing, seen from the front."""
    return next(rgb for _, rgb in open_clip(FIXTURES / "reach.mp4"))


def room(width: int, height: int = 480) -> Picture:
    """Give an empty room with some structure on the wall."""
    picture = np.full((height, width, 3), WALL, np.uint8)
    picture[height * 4 // 5 :] = (150, 110, 80)
    cv2.rectangle(picture, (width // 8, height // 6), (width // 5, height // 3), (60, 80, 90), 6)
    return picture


def put_in(picture: Picture, person: Picture, x: int, scale: float = 1.0) -> Picture:
    """Put the middle of a person's picture (its 220 columns) into a picture with its middle at `x` px."""
    part = person[60:470, 210:430]
    part = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
    height, width = part.shape[:2]
    out = picture.copy()
    left, top = x - width // 2, picture.shape[0] - 10 - height
    from_, to = max(0, -left), min(width, picture.shape[1] - left)
    if from_ < to:
        out[top : top + height, left + from_ : left + to] = part[:, from_:to]
    return out


def watch(tracker: Tracker, pictures: Iterable[Picture], fps: float = 10, start_s: float = 0.0) -> list[Look]:
    return [tracker.look(picture, start_s + i / fps) for i, picture in enumerate(pictures)]


def hips_px(look: Look) -> float:
    """Return how far from the left edge the hips are, in px; NaN when nobody was found."""
    return float(look.pose.landmarks[HIPS, 0].mean() * look.pose.size[0])


@pytest.mark.parametrize("name", ["reach", "arch"])
def test_it_sees_what_mediapipe_sees_and_loses_no_frame_of_a_plain_clip(seen: dict[str, list[Look]], name: str) -> None:
    assert {(look.pose.found, look.people, look.light) for look in seen[name]} == {(True, 1, "ok")}
    with np.load(FIXTURES / f"{name}.mediapipe.npz") as golden:
        frames, landmarks, world = (golden["frame"], golden["landmarks"].astype(float), golden["world"].astype(float))
    looks = [seen[name][i] for i in frames]
    width_height = np.array(looks[0].pose.size)
    ours = np.array([look.pose.landmarks for look in looks])
    off_px = np.linalg.norm((ours[..., :2] - landmarks[..., :2]) * width_height, axis=-1)
    assert np.isfinite(off_px).all()
    # The first frame has no history, so that only rounding differs.
    assert np.median(off_px[0]) < 0.5
    assert np.median(off_px) < 1.5
    assert np.percentile(off_px, 95) < 6
    assert np.median(np.abs(ours[..., 3] - landmarks[..., 3])) < 0.01
    assert np.median(np.abs(ours[..., 2] - landmarks[..., 2]) * width_height[0]) < 12
    off_m = np.linalg.norm(np.array([look.pose.world for look in looks]) - world, axis=-1)
    assert np.median(off_m) < 0.02


def test_the_same_pictures_give_the_same_poses_to_the_last_bit(tracker: Tracker, seen: dict[str, list[Look]]) -> None:
    tracker.reset()
    for look, (t_s, rgb) in zip(seen["arch"][:40], open_clip(FIXTURES / "arch.mp4"), strict=False):
        again = tracker.look(rgb, t_s).pose
        assert again.landmarks.tobytes() == look.pose.landmarks.tobytes()
        assert again.world.tobytes() == look.pose.world.tobytes()


def test_two_trackers_made_at_once_leave_standard_error_where_it_was() -> None:
    before = os.fstat(2)
    inside, leave = threading.Event(), threading.Event()

    def make() -> None:
        with _quiet_start():
            inside.set()
            leave.wait(10)

    with _quiet_start():
        other = threading.Thread(target=make)
        other.start()
        # Only if the other does not wait for us does it come inside.
        inside.wait(0.2)
    inside.wait(10)
    leave.set()
    other.join()
    assert (os.fstat(2).st_dev, os.fstat(2).st_ino) == (before.st_dev, before.st_ino)


def test_an_empty_room_holds_nobody(tracker: Tracker) -> None:
    tracker.reset()
    looks = watch(tracker, [room(640)] * 3)
    assert [(look.pose.found, look.people, look.light) for look in looks] == [(False, 0, "ok")] * 3
    assert np.isnan(looks[0].pose.landmarks[:, :3]).all()
    assert (looks[0].pose.landmarks[:, 3] == 0).all()


def test_the_margins_of_a_picture_do_not_change_a_body(tracker: Tracker, standing: Picture) -> None:
    """A tall, a wide and a plain picture of one person give the same shape in pixels."""
    shapes = []
    for top, left in ((0, 0), (300, 0), (0, 300)):
        tracker.reset()
        padded = cv2.copyMakeBorder(standing, top, 0, left, 0, cv2.BORDER_CONSTANT, value=WALL).astype(np.uint8)
        # The second look is at a region found by the landmarks, no longer at the detector's.
        pose = watch(tracker, [padded] * 4)[-1].pose
        shapes.append(pose.landmarks[:, :2] * np.array(pose.size) - (left, top))
    assert np.median(np.linalg.norm(shapes[1] - shapes[0], axis=1)) < 3
    assert np.median(np.linalg.norm(shapes[2] - shapes[0], axis=1)) < 3


@pytest.mark.parametrize("tilt_deg", [-25, 25])
def test_a_tilted_camera_tilts_picture_points_and_world_points_alike(
    tracker: Tracker, standing: Picture, tilt_deg: float
) -> None:
    def spine_deg(points: NDArray[np.float32]) -> float:
        up = points[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]].mean(axis=0) - points[HIPS].mean(axis=0)
        return float(np.degrees(np.arctan2(up[0], -up[1])))

    turned = cv2.warpAffine(
        standing, cv2.getRotationMatrix2D((320, 240), -tilt_deg, 1.0), (640, 480), borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8)
    tracker.reset()
    pose = watch(tracker, [turned] * 4)[-1].pose
    assert spine_deg(pose.landmarks[:, :2] * np.array(pose.size, np.float32)) == pytest.approx(tilt_deg, abs=5)
    assert spine_deg(pose.world[:, :2]) == pytest.approx(tilt_deg, abs=6)


def test_somebody_who_turns_up_elsewhere_is_found_in_that_very_frame(tracker: Tracker, standing: Picture) -> None:
    tracker.reset()
    here, there = put_in(room(1280), standing, 250), put_in(room(1280), standing, 1000)
    looks = watch(tracker, [here] * 5 + [there] * 2)
    assert all(look.pose.found for look in looks)
    assert hips_px(looks[4]) == pytest.approx(250, abs=25)
    assert hips_px(looks[5]) == pytest.approx(1000, abs=25)


def test_of_two_people_the_larger_is_followed_and_both_are_counted(tracker: Tracker, standing: Picture) -> None:
    tracker.reset()
    both = put_in(put_in(room(900), standing, 250), standing, 700, scale=0.8)
    looks = watch(tracker, [both] * 15)
    assert all(look.people == 2 for look in looks)
    assert all(hips_px(look) == pytest.approx(250, abs=25) for look in looks)


def test_nobody_else_is_taken_for_the_person_who_works_there(tracker: Tracker, standing: Picture) -> None:
    """They step out of view for a moment: the other, at the far end, is not followed at once."""
    tracker.reset()
    alone = put_in(room(900), standing, 700, scale=0.8)
    both = put_in(alone, standing, 250)
    watch(tracker, [both] * 25)
    away = watch(tracker, [alone] * 4, start_s=2.5)
    back = watch(tracker, [both] * 2, start_s=2.9)
    assert not any(look.pose.found for look in away)
    assert [hips_px(look) for look in back] == pytest.approx([250, 250], abs=25)
    gone = watch(tracker, [alone] * 10, start_s=3.1)
    assert hips_px(gone[-1]) == pytest.approx(700, abs=25)


@pytest.mark.parametrize("towards", [1, -1])
def test_a_passer_by_does_not_lead_the_tracker_away(tracker: Tracker, standing: Picture, towards: int) -> None:
    side_view = next(rgb for _, rgb in open_clip(FIXTURES / "arch.mp4"))
    passer = side_view if towards > 0 else np.ascontiguousarray(side_view[:, ::-1])
    start = -150 if towards > 0 else 1430

    def passing() -> Iterator[Picture]:
        for i in range(75):
            yield put_in(put_in(room(1280), standing, 640), passer, start + towards * i * 22, scale=1.1)

    tracker.reset()
    watch(tracker, [put_in(room(1280), standing, 640)] * 25)
    looks = watch(tracker, passing(), start_s=2.5)
    off = [not abs(hips_px(look) - 640) < 60 for look in looks]
    assert sum(off) < 12  # hidden by the passer-by, or led away for a moment
    assert not any(off[-25:])


def test_time_that_goes_back_begins_anew(tracker: Tracker, standing: Picture) -> None:
    tracker.reset()
    watch(tracker, [put_in(room(1280), standing, 250)] * 30)
    assert hips_px(tracker.look(put_in(room(1280), standing, 1000), 0.0)) == pytest.approx(1000, abs=25)


def test_a_covered_and_a_dark_camera_are_told_apart(tracker: Tracker, standing: Picture) -> None:
    rng = np.random.default_rng(5)

    def noisy(picture: NDArray[np.floating]) -> Picture:
        return (picture + rng.normal(0, 3, picture.shape)).clip(0, 255).astype(np.uint8)

    finger = np.broadcast_to(np.array((70.0, 20.0, 15.0)), (480, 640, 3))
    for picture, light in (
        (standing, "ok"),
        (room(640), "ok"),
        (noisy(standing * 0.4), "ok"),
        (noisy(standing * 0.1), "dark"),
        (noisy(np.zeros((480, 640, 3))), "covered"),
        (noisy(finger), "covered"),
        (np.zeros((480, 640, 3), np.uint8), "covered"),
    ):
        tracker.reset()
        assert tracker.look(picture, 0.0).light == light


@pytest.mark.parametrize("shape", [(480, 640), (480, 640, 4), (3,)])
def test_what_is_no_rgb_picture_is_refused(tracker: Tracker, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"expected shape \(h, w, 3\), got"):
        tracker.look(np.zeros(shape, np.uint8), 0.0)


@pytest.mark.parametrize("size", [(1, 1), (2, 900), (31, 7)])
def test_a_tiny_picture_is_survived(tracker: Tracker, size: tuple[int, int]) -> None:
    tracker.reset()
    assert not tracker.look(np.zeros((*size, 3), np.uint8), 0.0).pose.found


def test_the_anchors_are_as_many_as_the_detector_has_boxes() -> None:
    points = anchors()
    assert points.shape == (2254, 2)
    assert np.allclose(points[:2], 0.5 / 28)
    assert np.allclose(points[-1], 6.5 / 7)


def test_overlapping_finds_become_one_and_separate_ones_stay() -> None:
    def box(x: float) -> list[list[float]]:
        return [[x, 0.5], [0.2, 0.6], *[[x, 0.5]] * 4]

    shapes = np.array([box(0.20), box(0.24), box(0.80)], np.float32)
    merged = merge(np.array([0.9, 0.6, 0.7], np.float32), shapes)
    assert [round(score, 2) for score, _ in merged] == [0.9, 0.7]
    assert merged[0][1][0, 0] == pytest.approx((0.9 * 0.20 + 0.6 * 0.24) / 1.5)
    assert merged[1][1][0, 0] == pytest.approx(0.80)


def test_a_region_stands_upright_with_the_body() -> None:
    upright = region_of(np.array((100, 200), np.float32), np.array((100, 100), np.float32))
    assert upright == Region(100, 200, 250, 0)
    lying = region_of(np.array((100, 200), np.float32), np.array((200, 200), np.float32))
    assert lying.angle_rad == pytest.approx(np.pi / 2)
    # The crop's top middle is where the body's head end is.
    assert lying.to_picture(np.array([[0.5, 0.0]], np.float32))[0] == pytest.approx((225, 200))


def test_a_point_moves_to_the_heat_around_it_and_stays_where_there_is_none() -> None:
    heat = np.full((64, 64, 2), -20, np.float32)
    heat[20, 31, 0] = 10
    points = np.array([[30.5 / 64, 21.5 / 64], [0.9, 0.1]], np.float32)
    refine(points, heat)
    assert points[0] == pytest.approx((31 / 64, 20 / 64))
    assert points[1] == pytest.approx((0.9, 0.1))
    outside = np.array([[1.2, 0.5]], np.float32)
    refine(outside, np.full((64, 64, 1), 10, np.float32))
    assert outside[0] == pytest.approx((1.2, 0.5)), "a point outside the crop is left alone"


def test_the_surest_and_the_least_sure_points_have_a_visibility_too() -> None:
    logits = np.array([-1e4, -200, 0, 200, 1e4], np.float32)
    assert sigmoid(logits) == pytest.approx([0, 0, 0.5, 1, 1])
    assert sigmoid(np.array([1.5], np.float32)) == pytest.approx(1 / (1 + np.exp(-1.5)))
