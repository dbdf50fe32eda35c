"""A clinic's intervals hold the truth as often as they say, though repetitions of one recording are alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from archive_support import Clinic
from hypothesis import given
from hypothesis import strategies as st

from loosen.archive.report.confidence_intervals import Groups, Share, plus_minus, worth
from loosen.archive.report.report import read_report

Blocks = Sequence[Sequence[Sequence[float]]]  # of groups of observations


def groups_of(blocks: Blocks) -> Groups:
    """The same sums as the tables' query makes, the plain way."""
    every = [group for block in blocks for group in block]
    sizes = [sum(map(len, block)) for block in blocks]
    return Groups(
        n=sum(sizes),
        groups=len(every),
        blocks=len(blocks),
        sizes=sum(sum(len(group) ** 2 for group in block) / size for block, size in zip(blocks, sizes, strict=True)),
        squares=sum(value * value for group in every for value in group),
        of_groups=sum(sum(group) ** 2 / len(group) for group in every),
        of_blocks=sum(sum(map(sum, block)) ** 2 / size for block, size in zip(blocks, sizes, strict=True)),
    )


def test_observations_that_are_not_alike_are_worth_their_number_and_copies_of_each_other_one() -> None:
    unlike = np.random.default_rng(1).normal(size=(50, 4, 5)).tolist()
    assert groups_of(unlike).icc < 0.05
    assert worth(20, 4 * 25, 0.0) == 20
    copies = [[[value] * 5 for value in (1.0, 2.0, 4.0)], [[value] * 5 for value in (0.0, 7.0)]]
    assert groups_of(copies).icc == pytest.approx(1.0)
    assert worth(15, 3 * 25, 1.0) == pytest.approx(3.0)


@pytest.mark.parametrize("icc", [0.1, 0.3, 0.6])
def test_likeness_is_found_again_also_in_groups_of_many_sizes(icc: float) -> None:
    rng = np.random.default_rng(2)
    blocks = []
    for _ in range(400):
        means = rng.normal(rng.normal(0, 3), math.sqrt(icc), size=rng.integers(1, 6))
        blocks.append([rng.normal(mean, math.sqrt(1 - icc), rng.integers(1, 9)).tolist() for mean in means])
    assert groups_of(blocks).icc == pytest.approx(icc, abs=0.05)


@pytest.mark.parametrize("blocks", [[[[1.0, 2.0]]], [[[1.0]], [[3.0]]], [[[1.0], [2.0]]], [[[2.0, 2.0], [2.0]]]])
def test_where_nothing_tells_they_are_taken_as_independent(blocks: Blocks) -> None:
    assert groups_of(blocks).icc == 0.0


def test_a_share_and_a_mean_hold_the_truth_as_often_as_they_say() -> None:
    """Five recordings of ten repetitions, each recording's own chance of "full" (or range) about the person's."""
    rng, inside, naive, mean_inside, n_weeks = np.random.default_rng(3), 0, 0, 0, 600
    chances = rng.beta(0.7 * 3, 0.3 * 3, size=(n_weeks, 5))
    full = (rng.random((n_weeks, 5, 10)) < chances[:, :, None]).astype(float)
    reach = rng.normal(rng.normal(20, 2, size=(n_weeks, 5, 1)), 1.5, size=(n_weeks, 5, 10))
    of_full, of_reach = groups_of(full.tolist()).icc, groups_of(reach.tolist())
    for week in range(n_weeks):
        k = int(full[week].sum())
        low, high = Share(k, 50, worth(50, 5 * 100, of_full)).interval
        inside += low <= 0.7 <= high
        low, high = Share(k, 50, 50).interval
        naive += low <= 0.7 <= high
        error = plus_minus(0.0, of_reach.variance, worth(50, 500, of_reach.icc))
        mean_inside += abs(reach[week].mean() - 20) <= error
    assert naive / n_weeks < 0.80  # what taking them as independent came to
    assert inside / n_weeks > 0.92
    assert 0.92 < mean_inside / n_weeks < 0.98


@pytest.mark.parametrize("persons", [2, 4])
def test_the_tables_give_the_same_sums(tmp_path: Path, persons: int) -> None:
    """Random weeks, six or twelve, through Parquet and DuckDB, against the plain way; of six the persons tell."""
    rng, clinic = np.random.default_rng(4), Clinic(tmp_path / "out")
    weeks: dict[tuple[str, str], list[list[tuple[str, float | None]]]] = {}
    for n in range(12 * persons):
        person, day = f"p{n % persons}", ("2026-01-05", "2026-01-13", "2026-01-20")[n // persons % 3]
        about, chances = rng.normal(20, 4), rng.dirichlet([0.5, 0.5, 0.5])
        reps = list[tuple[str, float | None]]()
        for _ in range(rng.integers(1, 7)):
            verdict = str(rng.choice(["full", "rushed", "partial"], p=chances))
            reps.append((verdict, None if rng.random() < 0.2 else float(rng.normal(about, 2))))
        clinic.add(f"/c/{person}/{n}.mp4", day, *reps)
        weeks.setdefault((person, day), []).append(reps)
    counted = [
        [kept for reps in week if (kept := [rep for rep in reps if rep[0] != "partial"])] for week in weeks.values()
    ]
    full = [[[float(verdict == "full") for verdict, _ in reps] for reps in week] for week in counted]
    reach = [[seen for reps in week if (seen := [value for _, value in reps if value is not None])] for week in counted]

    def blocks(of_weeks: Blocks) -> Blocks:
        if persons == 4:
            return of_weeks
        of_persons: dict[str, list[Sequence[float]]] = {}
        for (person, _), week in zip(weeks, of_weeks, strict=True):
            of_persons.setdefault(person, []).extend(week)
        return list(of_persons.values())

    of_full, of_reach = groups_of(blocks(full)).icc, groups_of(blocks(reach))
    assert min(of_full, of_reach.icc) > 0  # else this shows little
    found = {
        (one.person, str(one.week)): one
        for one in read_report(str(tmp_path / "out"), path_pattern="{person}/*").movements
    }
    mondays = {"2026-01-05": "2026-01-05", "2026-01-13": "2026-01-12", "2026-01-20": "2026-01-19"}
    for (person, day), flags, values in zip(weeks, full, reach, strict=True):
        one = found[person, mondays[day]]
        n, m = sum(map(len, flags)), sum(map(len, values))
        assert one.full.k == sum(map(sum, flags))
        assert one.full.worth == pytest.approx(worth(n, sum(len(group) ** 2 for group in flags), of_full))
        likewise = worth(m, sum(len(group) ** 2 for group in values), of_reach.icc)
        assert one.range_mean == pytest.approx(sum(map(sum, values)) / m)
        assert one.range_plus_minus == pytest.approx(plus_minus(3.0, of_reach.variance, likewise))


def test_over_everybody_a_person_counts_for_little_more_than_one(tmp_path: Path) -> None:
    """Eight people, each always the same: eight hundred repetitions say no more than eight people do."""
    clinic = Clinic(tmp_path / "out")
    for n in range(8):
        reps = [("full" if n % 2 else "rushed", 20.0)] * 10
        for day in range(10):
            clinic.add(f"/c/p{n}/{day}.mp4", f"2026-01-{5 + day:02d}", *reps)
    by_person = read_report(str(tmp_path / "out"), path_pattern="{person}/*")
    assert {name: (share.k, round(share.worth, 6)) for _, name, share in by_person.verdicts} == {
        "full": (400, 8.0), "rushed": (400, 8.0),
    }  # fmt: skip
    # Persons not told apart: then the recordings are what is alike.
    unknown = read_report(str(tmp_path / "out"))
    assert {round(share.worth, 6) for _, _, share in unknown.verdicts} == {80.0}


def test_over_few_people_what_makes_the_recordings_alike_counts_too(tmp_path: Path) -> None:
    """Two people, twenty recordings each, of which each is all full or not at all: two people cannot tell it."""
    clinic, out = Clinic(tmp_path / "out"), str(tmp_path / "out")
    for n in range(40):
        reps = [("full" if n % 4 < 2 else "rushed", 20.0)] * 10
        clinic.add(f"/c/p{n % 2}/{n}.mp4", f"2026-01-{1 + n // 2:02d}", *reps)
    worths = {round(share.worth, 6) for _, _, share in read_report(out, path_pattern="{person}/*").verdicts}
    assert worths == {40.0}


def test_weeks_of_one_recording_each_are_judged_by_what_their_persons_do(tmp_path: Path) -> None:
    """One recording a week: how alike its repetitions are shows over the person's weeks only."""
    clinic, out = Clinic(tmp_path / "out"), str(tmp_path / "out")
    for person in range(3):
        for week in range(6):
            start, verdict = 10.0 + 5 * (week % 3), "full" if week % 2 else "rushed"
            reps = [(verdict, start + n % 2) for n in range(10)]
            clinic.add(f"/c/p{person}/{week}", str(date(2026, 1, 5) + timedelta(7 * week)), *reps)
    blocks = [[[10.0 + 5 * (week % 3) + n % 2 for n in range(10)] for week in range(6)]] * 3
    of_range = groups_of(blocks)
    for one in read_report(out, path_pattern="{person}/*").movements:
        assert one.full.worth == pytest.approx(1.0)  # all alike, so each week is worth one
        expected = plus_minus(3.0, of_range.variance, worth(10, 100, of_range.icc))
        assert one.range_plus_minus == pytest.approx(expected)


@given(st.integers(0, 500), st.integers(1, 500))
def test_wilsons_interval_holds_the_share_and_stays_within_0_and_1(k: int, n: int) -> None:
    share = Share(min(k, n), n, n)
    low, high = share.interval
    assert 0 <= low <= share.value + 1e-12
    assert share.value - 1e-12 <= high <= 1
