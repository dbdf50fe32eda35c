"""95% intervals of shares and means, of repetitions that are alike within a recording, or within a person.

The intraclass correlation is the analysis of variance's estimate (Donner 1986, International Statistical Review 54),
groups nested in blocks; n alike observations are worth n / (1 + (m - 1) icc) independent ones, m the mean size of a
group weighted by size (Kish 1965, Survey Sampling). That number goes into Wilson's interval of a share (Wilson 1927; so
Dean and Pagano 2015, Journal of Survey Statistics and Methodology 3) and into the standard error of a mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Z95 = 1.96


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many, and how many independent ones these are worth (None: as many)."""

    k: int
    n: int
    worth: float | None = None

    @property
    def value(self) -> float:
        """The share itself, 0..1; NaN of nothing."""
        return self.k / self.n if self.n else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end, 0..1."""
        if not self.n:
            return math.nan, math.nan
        p, n, z2 = self.value, self.n if self.worth is None else self.worth, Z95 * Z95
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = Z95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        return max(middle - half, 0.0), min(middle + half, 1.0)


def plus_minus(error: float, variance: float, worth: float) -> float:
    """Return the ± of a mean of measures of that `variance`, worth so many independent ones.

    It joins in quadrature 1.96 standard errors and the measures' own ± `error`, which does not average away
    (docs/measuring.md).
    """
    return math.hypot(error, Z95 * math.sqrt(variance / worth))


@dataclass(frozen=True, slots=True)
class Groups:
    """Observations in groups, groups in blocks. `n`, `groups`, `blocks`: how many there are.

    `sizes`: over all blocks, the sum of its groups' squared sizes divided by its own size. `squares`: the sum of all
    observations squared; `of_groups`, `of_blocks`: the sums of each one's squared total divided by its size.
    """

    n: float
    groups: int
    blocks: int
    sizes: float
    squares: float
    of_groups: float
    of_blocks: float

    @property
    def variance(self) -> float:
        """The variance of an observation within its block: between groups, and within them."""
        between, within = self._parts
        return between + within

    @property
    def icc(self) -> float:
        """The intraclass correlation, 0..1; 0 where nothing tells: no block has two groups, or no group two."""
        between, within = self._parts
        return between / (between + within) if between else 0.0

    @property
    def _parts(self) -> tuple[float, float]:
        between_df, within_df = self.groups - self.blocks, self.n - self.groups
        between = max(self.of_groups - self.of_blocks, 0.0) / between_df if between_df > 0 else 0.0
        if within_df <= 0:
            return 0.0, between
        within = max(self.squares - self.of_groups, 0.0) / within_df
        size = (self.n - self.sizes) / between_df if between_df > 0 else 1.0
        return max(between - within, 0.0) / size, within


def worth(n: int, sizes_squared: float, icc: float) -> float:
    """Return how many independent ones `n` are worth; `sizes_squared`: the sum of their groups' squared sizes."""
    return n / (1 + (sizes_squared / n - 1) * icc) if n else 0.0
