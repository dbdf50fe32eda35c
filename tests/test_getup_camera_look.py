"""The camera's look: what its numbers say of the person, and the process that looks."""

from __future__ import annotations

import json
import select
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loosen.body.pose import Landmark, Look, Pose
from loosen.cli.camera_look import summarise
from loosen.getup.camera_look import CameraLook, LookSummary, judge

SEAT = LookSummary(40, 40, head_y=0.35, shoulders_y=0.62, shoulders_w=0.40)


@pytest.mark.parametrize(
    ("now", "sight"),
    [
        (LookSummary(40, 40, 0.36, 0.63, 0.41), "sitting"),
        (LookSummary(40, 40, 0.30, 0.58, 0.38), "sitting"),  # stretched
        (LookSummary(40, 40, 0.50, 0.75, 0.55), "unknown"),  # bent forward
        (LookSummary(40, 40, -0.15, 0.12, 0.42), "standing"),  # the head out of the picture
        (LookSummary(40, 40, 0.02, 0.30, 0.40), "standing"),
        (LookSummary(40, 40, 0.20, 0.42, 0.24), "unknown"),  # gone back, half up
        (LookSummary(40, 2), "empty"),
        (LookSummary(40, 15, 0.35, 0.62, 0.4), "unknown"),
        (LookSummary(0, 0), "unknown"),
        (LookSummary(40, 0, bright=False), "unknown"),
    ],
)
def test_07_standing_is_head_and_shoulders_risen_against_the_shoulders_width(now: LookSummary, sight: str) -> None:
    assert judge(SEAT, now) == sight


def test_07_without_having_seen_him_sit_nothing_is_claimed() -> None:
    assert judge(None, LookSummary(40, 40, -0.1, 0.1, 0.4)) == "unknown"
    assert judge(None, LookSummary(40, 0)) == "empty"


def test_what_the_eye_saw_is_summed_up_in_shares_of_the_height() -> None:
    landmarks = np.full((33, 4), 0.5, np.float32)
    landmarks[Landmark.NOSE, 1] = 0.25
    landmarks[Landmark.LEFT_SHOULDER, :2], landmarks[Landmark.RIGHT_SHOULDER, :2] = (0.6, 0.5), (0.4, 0.5)
    seen = Look(Pose(0.0, landmarks, np.zeros((33, 3), np.float32), (640, 480)))
    nobody = Look(Pose.lost(0.1, (640, 480)))
    glimpse = summarise([seen, seen, nobody])
    assert (glimpse.pictures, glimpse.found, glimpse.bright) == (3, 2, True)
    assert glimpse.shoulders_w == pytest.approx(0.2 * 640 / 480)
    assert glimpse.head_y == pytest.approx(0.25)
    dark = Look(Pose.lost(0.1, (640, 480)), light="dark")
    assert not summarise([dark, dark]).bright


def printing(tmp_path: Path, text: str, wait_s: float = 0.0) -> CameraLook:
    script = tmp_path / "look.py"
    script.write_text(f"import time\ntime.sleep({wait_s})\nprint({text!r})\n")
    return CameraLook((sys.executable, str(script)))


def result_of(look: CameraLook, glance: Any) -> Any:
    look.start(glance, 0.0)
    number = look.fileno()
    assert number is not None
    select.select([number], [], [], 10)
    return look.seen(1.0, ready=True)


def test_07_the_look_is_a_process_of_its_own_that_tells_numbers_only(tmp_path: Path) -> None:
    look = printing(tmp_path, json.dumps(SEAT._asdict()))
    assert result_of(look, "seat") == ("seat", "sitting")
    look._command = printing(tmp_path, json.dumps(LookSummary(40, 40, -0.1, 0.15, 0.4)._asdict()))._command
    assert result_of(look, "up") == ("up", "standing")
    look._command = printing(tmp_path, "a traceback")._command
    assert result_of(look, "up") == ("up", "unknown")


def test_10_the_look_is_ended_at_once_and_not_waited_for(tmp_path: Path) -> None:
    look = printing(tmp_path, "{}", wait_s=60)
    look.start("up", 0.0)
    process = look._process
    assert process is not None
    look.stop()
    assert process.returncode == -signal.SIGKILL  # not waited for: it would look for a minute
    assert look.seen(99.0, ready=True) is None


def test_a_look_that_hangs_is_given_up(tmp_path: Path) -> None:
    look = printing(tmp_path, "{}", wait_s=60)
    look.start("up", 0.0)
    assert look.seen(5.0, ready=False) is None
    assert look.seen(60.0, ready=False) == ("up", "unknown")
    assert look.fileno() is None
