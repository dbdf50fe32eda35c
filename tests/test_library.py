"""`import loosen`: what a notebook gets."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from clip_makers import write_clip
from people import IDS, ROUTINE, filmed, good, watched

import loosen
from loosen.body.pose import Pose
from loosen.camera.formats.track_file import write_track
from loosen.camera.formats.video import open_clip
from loosen.coach.counting.rep import MEASURES
from loosen.errors import InputError, MissingPart, RecordingError, RoutineError

ROOT = Path(__file__).parent.parent
ARCH, REACH, *_ = IDS


def test_the_public_names_are_these_and_their_types_are_for_others_too() -> None:
    assert resources.files("loosen").joinpath("py.typed").is_file()
    assert loosen.__all__ == [
        "Coach", "Measure", "Pose", "Rep", "Report", "Tracker", "read_routine", "to_dataframe", "watch",
    ]  # fmt: skip
    assert all(getattr(loosen, name) is not None for name in loosen.__all__)
    assert set(loosen.__all__) <= set(dir(loosen))
    with pytest.raises(AttributeError, match="no attribute 'dance'"):
        _ = loosen.dance  # type: ignore[attr-defined]


def test_importing_it_costs_next_to_nothing() -> None:
    """It is the processor's time that is counted: what else the machine does is not ours."""
    code = "import time; before_s = time.process_time(); import loosen; print(time.process_time() - before_s)"
    costs = [subprocess.run([sys.executable, "-c", code], check=True, capture_output=True) for _ in range(3)]
    assert min(float(done.stdout) for done in costs) < 0.1


@pytest.mark.slow
def test_the_example_in_the_docs_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "library.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 1
    assert len([line for line in blocks[0].splitlines() if line]) <= 10
    monkeypatch.chdir(ROOT)
    exec(blocks[0], {})
    assert "reach-for-the-sky" in capsys.readouterr().out
    assert all(f"`{name}" in page for name in loosen.__all__)


def test_poses_a_track_of_them_and_a_live_coach_give_the_same_report(tmp_path: Path) -> None:
    poses = filmed(REACH, good(REACH, 2))
    write_track(tmp_path / "track.npz", poses, {})
    report = loosen.watch(iter(poses), REACH, name="a recording")
    assert report == watched(poses, REACH) == loosen.watch(tmp_path / "track.npz", REACH, name="a recording")
    assert (report.counted, [rep.verdict for rep in report.reps]) == (2, ["full", "full"])
    assert loosen.watch(str(tmp_path / "track.npz")).input == str(tmp_path / "track.npz")
    assert loosen.watch(poses).input == "frames"


def test_pictures_are_watched_as_the_clip_they_come_from(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", [n / 30 for n in range(6)])
    assert loosen.watch(open_clip(clip), name="clip") == loosen.watch(clip, name="clip")


def test_the_poses_may_be_kept_and_progress_is_told() -> None:
    poses, kept, told = filmed(REACH, good(REACH)), list[Pose](), list[float]()
    loosen.watch(poses, poses=kept, progress=told.append)
    assert kept == list(poses)
    assert told == [0.0] * len(poses)


def test_what_cannot_be_watched_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such file"):
        loosen.watch(tmp_path / "gone.mp4")
    with pytest.raises(InputError, match=r"a folder. Name the recordings in it"):
        loosen.watch(tmp_path)
    with pytest.raises(InputError, match="no exercise 'dance'"):
        loosen.watch([], "dance")


def test_a_routine_is_the_built_in_one_or_a_checked_file(tmp_path: Path) -> None:
    assert loosen.read_routine() == ROUTINE
    (tmp_path / "bad.toml").write_text("format = 2\n")
    with pytest.raises(RoutineError, match=r"bad\.toml"):
        loosen.read_routine(str(tmp_path / "bad.toml"))


def test_a_data_frame_has_a_row_for_each_repetition_and_every_field(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for pandas makes a list of the rows."""
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=list, __spec__="there"))
    rows: list[dict[str, Any]] = loosen.to_dataframe(
        *[watched(filmed(one, good(one, 4)), one) for one in (ARCH, REACH)]
    )
    assert [(row["exercise"], row["number"]) for row in rows] == [(e, n) for e in (ARCH, REACH) for n in (1, 2, 3, 4)]
    fields = {one.name for one in msgspec.structs.fields(loosen.Rep)}
    fields -= {"measures", "signal", "set_number", "set_side"}
    assert all(set(row) >= fields | set(MEASURES) for row in rows)
    assert {tuple(row) for row in rows} == {tuple(rows[0])}
    assert (rows[0]["range_unit"], math.isnan(rows[0]["range_left"])) == ("deg", True)
    assert rows[4]["range_left"] == pytest.approx(172, abs=6)
    assert rows[3]["unlike_own"] > 0


def test_without_pandas_and_polars_a_data_frame_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingPart, match="needs pandas or polars"):
        loosen.to_dataframe()
