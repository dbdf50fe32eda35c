"""Somebody else walks past behind: the coach stays with the one who began."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from people import ROUTINE

from loosen.camera.blazepose.tracker import Tracker
from loosen.camera.formats.video import open_clip
from loosen.coach.counting.coach import Coach

FIXTURES = Path(__file__).parent / "fixtures"
REACH = "reach-for-the-sky"
Rgb = NDArray[np.uint8]


@cache
def clip(name: str) -> list[tuple[float, Rgb]]:
    return list(open_clip(FIXTURES / f"{name}.mp4"))


@cache
def room() -> NDArray[np.float64]:
    """The room without anybody: the two clips' people stand differently."""
    return np.asarray(np.median([picture for name in ("reach", "arch") for _, picture in clip(name)[::10]], axis=0))


@cache
def passer_by() -> tuple[Rgb, NDArray[np.bool_]]:
    """The person of the other clip, cut out of its room: picture and where he is."""
    person = clip("arch")[0][1]
    apart = (np.abs(person - room()).sum(axis=2) > 60).astype(np.uint8)
    whole = cv2.morphologyEx(apart, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)) > 0
    columns = np.flatnonzero(whole.sum(axis=0) > 20)
    cut = slice(int(columns[0]), int(columns[-1]) + 1)
    return person[:, cut], whole[:, cut]


def with_passer_by(picture: Rgb, share: float) -> Rgb:
    """Return the picture with him behind whoever is there, `share` of the way across."""
    person, where = passer_by()
    out = picture.copy()
    left = round(-person.shape[1] + share * (picture.shape[1] + person.shape[1]))
    begin, end = max(0, -left), min(person.shape[1], picture.shape[1] - left)
    if begin < end:
        out[:, left + begin : left + end][where[:, begin:end]] = person[:, begin:end][where[:, begin:end]]
    in_front = np.abs(picture - room()).sum(axis=2) > 40
    out[in_front] = picture[in_front]
    return out


@pytest.mark.slow
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("from_s", [1.0, 4.0])
def test_somebody_who_walks_past_behind_changes_no_count(from_s: float, *, backwards: bool) -> None:
    tracker, coach = Tracker(), Coach(ROUTINE, REACH)
    for t_s, picture in clip("reach"):
        share = min(max((t_s - from_s) / 3.0, 0.0), 1.0)
        seen = picture if share in (0.0, 1.0) else with_passer_by(picture, 1 - share if backwards else share)
        coach.see(tracker.look(seen, t_s).pose)
    coach.finish()
    report = coach.report("passing")
    assert [rep.verdict for rep in report.reps] == ["full"]
    assert report.frames_with_pose == report.frames
