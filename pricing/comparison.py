"""Champion against challenger on the same held-out rows, to see that the challenger is not worse.

The test is one of non-inferiority: the rows are resampled in pairs, and the challenger passes when the
upper end of the one-sided confidence interval of its relative RMSE lies below a margin. So a model
retrained on the same data passes, and one that is worse by more than the margin does not; too few
held-out rows to tell is a rejection, not a pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pricing.evaluation import resampled_means
from pricing.slices import Slice

Array = npt.NDArray[np.float64]

_RESAMPLES: Final = 2000


@dataclass(frozen=True, slots=True)
class Margins:
    """How much worse a challenger may be. Shares of the champion's RMSE of log price.

    `overall` is the non-inferiority margin at `confidence`; `slice_` is what no slice of `slice_rows` or
    more may exceed, as measured and beyond what resampling explains.
    """

    overall: float = 0.02
    slice_: float = 0.05
    slice_rows: int = 50
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
    if overall.high > margins.overall:
        yield f"not surely as good as production, margin {margins.overall:.0%}: {overall}"
    for part in slices:
        if part.relative > margins.slice_ and part.low > 0:
            yield f"worse than production in a slice, margin {margins.slice_:.0%}: {part}"
