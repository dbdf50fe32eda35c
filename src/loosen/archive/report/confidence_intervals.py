"""95% intervals of shares and means, for repetitions that are alike within a recording or within a person.

The intraclass correlation is estimated by analysis of variance (Donner 1986, International Statistical Review 54), with
groups nested in blocks. n alike observations are worth n / (1 + (m - 1) icc) independent ones, where m is the mean size
of a group weighted by size (Kish 1965, Survey Sampling). That number is used in Wilson's interval of a share (Wilson
1927; as in Dean and Pagano 2015, Journal of Survey Statistics and Methodology 3) and in the standard error of a mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Z95 = 1.96


@dataclass(frozen=True, slots=True)
class Share:
    """`k` of `n`; `worth`: how many independent observations the n are worth."""

    k: int
    n: int
    worth: float

    @property
    def value(self) -> float:
        """The share itself, 0..1; NaN when n is 0."""
        return self.k / self.n if self.n else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Its lower and upper end, 0..1."""
        if not self.n:
            return math.nan, math.nan
        p, n, z2 = self.value, self.worth, Z95 * Z95
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = Z95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        return max(middle - half, 0.0), min(middle + half, 1.0)


def plus_minus(error: float, variance: float, worth: float) -> float:
    """Return the ± of a mean of measures with this `variance` that are `worth` so many independent ones.

    1.96 standard errors are added in quadrature to the measures' own ± `error`, which does not average away
    (docs/measuring.md).
    """
    return math.hypot(error, Z95 * math.sqrt(variance / worth))


@dataclass(frozen=True, slots=True)
class Groups:
    """Sums over observations in groups, groups in blocks. `n`, `groups`, `blocks`: how many there are.

    `sizes`: the sum over blocks of the groups' squared sizes by the block's size. `squares`: the sum of the squared
    observations. `of_groups`, `of_blocks`: the sums of each group's (block's) squared total by its size.
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
        """The intraclass correlation, 0..1; 0 where no block has two groups, or no group two observations."""
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
    """Return how many independent observations `n` are worth; `sizes_squared`: the sum of the groups' squared sizes."""
    return n / (1 + (sizes_squared / n - 1) * icc) if n else 0.0
