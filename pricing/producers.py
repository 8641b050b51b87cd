"""What a producer's other wines tell: a Gaussian process within each winery.

The base is a linear model that does not know the producer; the process predicts what it leaves,
from the same producer's wines: most from those of like variety, region, vintage, score and base
price. A wine is never compared with itself, so training sees what scoring will see. The kernel's
figures were found by leave-one-out error on the training rows of the 130k table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

MOST: Final = 300
"""Wines of one producer that are remembered; beyond that, more tell nothing new."""

MINIMUM: Final = 1
YEARS: Final = 3.0
POINTS: Final = 3.8
SPREAD: Final = 0.5

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Scalar = TypeVar("Scalar", float, Floats)


@dataclass(frozen=True, slots=True)
class Kernel:
    """Variances (log USD squared) of what two wines of a producer share, and of the rest (`noise`)."""

    producer: float
    variety: float
    region: float
    year: float
    variety_year: float
    base: float
    near_base: float
    base_width: float
    points: float
    designation: float
    noise: float


WITHOUT_POINTS: Final = Kernel(0.0485, 0.0076, 0.010, 0.0095, 0.0032, 0.025, 0.01, 0.5, 0.0, 0.0, 0.06)
WITH_POINTS: Final = Kernel(0.0255, 0.0032, 0.004, 0.0149, 0.0061, 0.025, 0.019, 0.95, 0.0157, 0.012, 0.0383)


KERNELS: Final = (WITHOUT_POINTS, WITH_POINTS)
_WIDTHS: Final = [np.array([[1.0], [1.0], [1.0 / of.base_width]]) for of in KERNELS]
_SAME: Final = [np.array([of.variety, of.region, of.designation]) for of in KERNELS]
_NEAR: Final = [np.array([of.year, of.points, of.near_base]) for of in KERNELS]


@dataclass(frozen=True, slots=True)
class Cellar:
    """Wines as the kernel sees them: codes (3, n) of variety, region, designation (-1: not given,
    which is alike too: a producer's wines without a region mostly share their place),
    and measures (3, n): vintage, points and base log price, in the kernel's units.
    """

    codes: Codes
    measures: Floats

    def take(self, rows: npt.NDArray[np.intp] | slice) -> Cellar:
        return Cellar(self.codes[:, rows], self.measures[:, rows])


def measure(year: Scalar, points: Scalar, base: Scalar, mean: float) -> tuple[Scalar, Scalar, Scalar]:
    """Vintage, points (0 where not given) and base log price in the kernel's units."""
    return year / YEARS, points / POINTS, (base - mean) / SPREAD


def kernel(of: Kernel, left: Cellar, right: Cellar) -> Floats:
    """Covariance (n, m) between wines of one producer."""
    same = left.codes[:, :, None] == right.codes[:, None, :]
    scale = np.array([1.0, 1.0, 1.0 / of.base_width])[:, None, None]
    gap = (left.measures[:, :, None] - right.measures[:, None, :]) * scale
    near = np.exp(-0.5 * gap * gap)
    total: Floats = of.producer + of.region * same[1] + of.designation * same[2]
    total += (of.variety + of.variety_year * near[0]) * same[0]
    total += of.year * near[0] + of.points * near[1] + of.near_base * near[2]
    total += of.base * left.measures[2][:, None] * right.measures[2][None, :]
    return total


def members(winery: Codes) -> dict[int, npt.NDArray[np.intp]]:
    """Rows of each producer, at most `MOST`, in their order."""
    order = np.argsort(winery, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(winery[order]) != 0])
    groups = np.split(order, starts[1:])
    return {int(winery[rows[0]]): rows[:MOST] for rows in groups if len(rows) and winery[rows[0]] >= 0}


def leave_one_out(
    of: Kernel,
    known: Cellar,
    residual: Floats,
    groups: Mapping[int, npt.NDArray[np.intp]],
    asked: Cellar,
) -> tuple[Floats, Floats]:
    """Premium and support (n,) of each row, as `asked`, from its producer's other `known` rows.

    `asked` are the same rows with fields hidden. The weights without row i are
    `a - K⁻¹[:, i] a[i] / K⁻¹[i, i]` (Rasmussen and Williams, Gaussian Processes, 5.4.2).
    """
    premium, support = np.zeros(len(residual)), np.zeros(len(residual))
    for rows in groups.values():
        if len(rows) > MINIMUM:
            own = known.take(rows)
            inverse = np.linalg.inv(kernel(of, own, own) + of.noise * np.eye(len(rows)))
            weights = inverse @ residual[rows]
            without = weights[:, None] - inverse * (weights / np.diag(inverse))[None, :]
            shared = kernel(of, asked.take(rows), own)
            np.fill_diagonal(shared, 0.0)
            premium[rows] = np.einsum("ij,ji->i", shared, without)
            support[rows] = shared.sum(axis=1)
    return premium, support


@dataclass(frozen=True, slots=True)
class Producers:
    """Every producer's remembered wines with their weights, one after the other.

    `starts` (producers + 1,) bounds the wines of a producer's code; `weights` (2, n): without and
    with points; the measures' base differs between the two.
    """

    starts: Codes
    codes: Codes
    measures: Floats
    weights: Floats

    def premium(
        self,
        winery: int,
        codes: tuple[int, int, int],
        measures: tuple[float, float, float],
        *,
        with_points: bool,
    ) -> tuple[float, float]:
        """Premium (log USD) and support of one wine; zeros for a producer without wines.

        The same sum as `kernel`, written for one wine with few array operations.
        """
        start, end = int(self.starts[winery]), int(self.starts[winery + 1])
        if start == end:
            return 0.0, 0.0
        of, variant = (WITH_POINTS, 1) if with_points else (WITHOUT_POINTS, 0)
        known = self.measures[variant, :, start:end]
        gap = (known - np.array(measures)[:, None]) * _WIDTHS[variant]
        near = np.exp(-0.5 * gap * gap)
        same = self.codes[:, start:end] == np.array(codes)[:, None]
        shared = _SAME[variant] @ same + _NEAR[variant] @ near + of.variety_year * (near[0] * same[0])
        shared += of.producer + (of.base * measures[2]) * known[2]
        return float(shared @ self.weights[variant, start:end]), float(shared.sum())


def remember(
    known: tuple[Cellar, Cellar],
    residuals: tuple[Floats, Floats],
    groups: Mapping[int, npt.NDArray[np.intp]],
    producers: int,
) -> Producers:
    """Solve every producer's process, without and with points, for scoring."""
    sizes = np.array([len(groups.get(code, ())) for code in range(producers)], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    order = np.concatenate(
        [np.zeros(0, np.intp), *(groups[code] for code in range(producers) if sizes[code])]
    )
    weights = np.zeros((2, len(order)))
    for variant, (of, wines, residual) in enumerate(zip(KERNELS, known, residuals, strict=True)):
        for start, end in pairwise(starts.tolist()):
            if end > start:
                rows = order[start:end]
                own = wines.take(rows)
                noisy = kernel(of, own, own) + of.noise * np.eye(len(rows))
                weights[variant, start:end] = np.linalg.solve(noisy, residual[rows])
    return Producers(
        starts=starts,
        codes=known[0].codes[:, order],
        measures=np.stack([wines.measures[:, order] for wines in known]),
        weights=weights,
    )
