"""Champion against challenger on the same held-out rows, to see that the challenger is not worse.

The rows are resampled in pairs. The challenger is rejected when its RMSE is worse beyond what chance
explains (one-sided), or worse by more than a margin as measured. So a model retrained on the same data
passes, whatever its seed, and one that has really become worse does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pricing.evaluation.metrics import resampled_means
from pricing.evaluation.slices import Slice

Array = npt.NDArray[np.float64]

_RESAMPLES: Final = 2000


@dataclass(frozen=True, slots=True)
class Margins:
    """How much worse a challenger may be. Shares of the champion's RMSE of log price.

    `overall` is the margin as measured, `negligible` what does not count even if it is beyond chance,
    `confidence` that of the one-sided bounds, `least_rows` the fewest
    rows that a comparison can rest on; `slice_` is what no slice of `slice_rows` or more may exceed, as
    measured and beyond what resampling explains.
    """

    overall: float = 0.02
    slice_: float = 0.05
    slice_rows: int = 50
    least_rows: int = 100
    negligible: float = 0.005
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Difference:
    """Relative difference of RMSE of log price over `rows` rows: above 0 the challenger is worse.

    `low` and `high` are the one-sided confidence bounds.
    """

    group: str
    rows: int
    champion_rmse: float
    challenger_rmse: float
    relative: float
    low: float
    high: float

    def __str__(self) -> str:
        return (
            f"{self.group} ({self.rows:,} rows): RMSE {self.challenger_rmse:.4f} against "
            f"{self.champion_rmse:.4f} in production, {self.relative:+.1%} "
            f"(one-sided bounds {self.low:+.1%}, {self.high:+.1%})"
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verdict: passes when `reasons` is empty."""

    overall: Difference
    slices: tuple[Difference, ...]
    reasons: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.reasons


def compare(
    champion_error: Array,
    challenger_error: Array,
    slices: Iterable[Slice],
    *,
    margins: Margins | None = None,
    seed: int = 0,
) -> Comparison:
    """Compare the errors (n,) in natural log USD of two models on the same rows, in the same order."""
    margins = margins or Margins()
    squared = np.column_stack([champion_error, challenger_error]) ** 2
    rng = np.random.default_rng(seed)
    overall = _difference("all rows", squared, margins, rng)
    parts = tuple(
        _difference(f"{part.name}: {part.group}", squared[part.mask], margins, rng)
        for part in slices
        if part.mask.sum() >= margins.slice_rows
    )
    return Comparison(overall, parts, tuple(_reasons(overall, parts, margins)))


def _difference(group: str, squared: Array, margins: Margins, rng: np.random.Generator) -> Difference:
    champion, challenger = np.sqrt(squared.mean(axis=0))
    means = np.sqrt(resampled_means(squared, rng=rng, resamples=_RESAMPLES))
    ratios = means[:, 1] / np.maximum(means[:, 0], 1e-12) - 1
    low, high = np.quantile(ratios, [1 - margins.confidence, margins.confidence])
    return Difference(
        group=group,
        rows=len(squared),
        champion_rmse=float(champion),
        challenger_rmse=float(challenger),
        relative=float(challenger / max(champion, 1e-12) - 1),
        low=float(low),
        high=float(high),
    )


def _reasons(overall: Difference, slices: tuple[Difference, ...], margins: Margins) -> Iterable[str]:
    if overall.rows < margins.least_rows:
        yield f"too few held-out wines to compare on: {overall.rows}, at least {margins.least_rows} needed"
    if overall.relative > margins.overall:
        yield f"worse than production by more than {margins.overall:.0%}: {overall}"
    elif overall.low > 0 and overall.relative > margins.negligible:
        yield f"worse than production beyond chance: {overall}"
    for part in slices:
        if part.relative > margins.slice_ and part.low > 0:
            yield f"worse than production in a slice, margin {margins.slice_:.0%}: {part}"
