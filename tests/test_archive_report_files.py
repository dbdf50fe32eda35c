"""The report reads an archive wherever it lies, however the folders above it are called and old its parts are."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from archive_support import Clinic

from loosen.archive.report.report import read_report
from loosen.archive.tables import Tables
from loosen.errors import ArchiveError


def clinic(out: Path) -> Path:
    one = Clinic(out)
    one.add("/c/p1/a.mp4", "2026-01-05", ("full", 20.0), ("shallow", 12.0, "knees-bend"), ("partial", 9.0))
    one.add("/c/p2/b.mp4", "2026-01-07", ("rushed", 21.0), broken_at_s=3.0)
    return out


@pytest.mark.parametrize(
    "above", ["verdict=full", "unit=physio", "exercise=1", "day=monday", "person=anna", "counted=no", "address=1"]
)
def test_what_the_folders_above_an_archive_are_called_changes_nothing(tmp_path: Path, above: str) -> None:
    plain = read_report(str(clinic(tmp_path / "out")), path_pattern="{person}/*")
    assert read_report(str(clinic(tmp_path / above / "out")), path_pattern="{person}/*") == plain


@pytest.mark.parametrize(
    ("name", "alike"), [("clinic [2026]", "clinic 2"), ("c*", "cx"), ("why?", "whys"), ("[ab]c", "ac"), ("it's", "its")]
)
def test_a_folder_above_may_be_called_like_a_pattern(tmp_path: Path, name: str, alike: str) -> None:
    """And a copy that lies where such a pattern would fit is not taken with it."""
    plain = read_report(str(clinic(tmp_path / "out")), path_pattern="{person}/*")
    shutil.copytree(tmp_path / "out", tmp_path / alike / "out")
    (tmp_path / name).mkdir()
    out = (tmp_path / "out").rename(tmp_path / name / "out")
    assert read_report(str(out), path_pattern="{person}/*") == plain
    (out / "reps" / "engine=e").mkdir()
    (out / "reps" / "engine=e" / ".part-1.parquet.part").write_bytes(b"half")
    with Tables(str(out), "e").writing():  # what a killed run left is found there too
        assert not list(out.rglob(".part-*"))
    [damaged, *_] = (out / "reps").rglob("part-*")
    damaged.write_bytes(b"no table")
    with pytest.raises(ArchiveError, match=damaged.name):
        read_report(str(out), path_pattern="{person}/*")


@pytest.mark.parametrize("parts", [1, 2])
def test_a_part_that_was_written_before_a_field_was_added_is_read(tmp_path: Path, parts: int) -> None:
    out = clinic(tmp_path / "out")
    [one, *others] = sorted((out / "reps").glob("*/*.parquet"))
    for path in [one, *others][:parts]:
        reps = pq.ParquetFile(path).read()
        measures = [{"range": {"value": row["range"]["value"], "unit": "deg"}} for row in reps["measures"].to_pylist()]
        pq.write_table(reps.drop_columns(["measures", "side"]).append_column("measures", pa.array(measures)), path)
        of_recordings = out / "recordings" / path.relative_to(out / "reps")
        recordings = pq.ParquetFile(of_recordings).read()
        pq.write_table(recordings.drop_columns(["broken_at_s", "attempts"]), of_recordings)
    seen = read_report(str(out), path_pattern="{person}/*")
    assert [one.range_mean for one in seen.movements] == [16.0, 21.0]
    assert [one.range_plus_minus is None for one in seen.movements] == [True, parts == 2]
    assert seen.broken == 2 - parts
