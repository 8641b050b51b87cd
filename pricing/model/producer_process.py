"""What a producer's other wines tell: a Gaussian process within each winery.

The base is a linear model that does not know the producer; the process predicts what it leaves,
from the same producer's wines: most from those of like variety, region, vintage, score and base
price. A wine is never compared with itself, so training sees what scoring will see. The kernel's
figures were found by leave-one-out error on the training rows of the 130k table.

The base price is that at the score of reference (`score_scale`). Likeness of scores adds to all other
likeness, so what it tells is the same for every wine of a producer: a curve along the points.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pricing.arrays import Codes, Floats
from pricing.model import score_scale
from pricing.wine.tokens import Reading

MOST: Final = 300
"""Wines of one producer that are remembered; beyond that, more tell nothing new."""

MINIMUM: Final = 1
YEARS: Final = 3.0
POINTS: Final = 3.8
SPREAD: Final = 0.5
SCORES: Final = np.array(score_scale.SCORES)


COLUMNS: Final = 5
"""Of a wine as the kernel sees it: codes of variety, region, designation (-1: not provided, which is alike
too: a producer's wines without a region mostly share their place), then vintage and base log price above the
mean, in the kernel's units.
"""

CODES: Final = 3
VARIETY_COLUMN, YEAR_COLUMN, BASE_COLUMN = 0, 3, 4

APART: Final = 30.0
"""Scale of a code: exp(-30²) is zero, so that one formula tells equal codes and near measures."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """Variances (log USD squared) of what two wines of a producer share, and of the rest (`noise`).

    `scales` and `shares` are the same figures as vectors over the columns of a wine. `points` counts for two
    wines of like scores besides.
    """

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
    scales: Floats = field(init=False)
    shares: Floats = field(init=False)

    def __post_init__(self) -> None:
        likeness = np.sqrt(0.5) * np.array([1.0, 1.0 / self.base_width])
        object.__setattr__(self, "scales", np.concatenate([np.full(CODES, APART), likeness]))
        shares = [self.variety, self.region, self.designation, self.year, self.near_base]
        object.__setattr__(self, "shares", np.array(shares))


WITHOUT_POINTS: Final = Kernel(0.0485, 0.0076, 0.010, 0.0095, 0.0032, 0.025, 0.01, 0.5, 0.0, 0.0, 0.06)
WITH_POINTS: Final = Kernel(0.0255, 0.0032, 0.004, 0.0149, 0.0061, 0.025, 0.019, 0.95, 0.0157, 0.012, 0.0383)


KERNELS: Final = (WITHOUT_POINTS, WITH_POINTS)


def designation_code(designation: str) -> int:
    """A number for a folded designation, exact in single precision; -1 for none."""
    return zlib.crc32(designation.encode()) >> 8 if designation else -1


def query_of(
    reading: Reading, codes: Sequence[int], usual: int, base: float, mean: float
) -> tuple[float, ...]:
    """A wine as the kernel sees it. `usual` stands for a missing vintage; `base` and `mean` are log USD."""
    year = usual if reading.year is None else reading.year
    return codes[2], codes[4], designation_code(reading.designation), year / YEARS, (base - mean) / SPREAD


def measured(base: Floats, mean: float) -> Floats:
    """Base log price in the kernel's units."""
    return (base - mean) / SPREAD


def kernel(of: Kernel, left: Floats, right: Floats) -> Floats:
    """Covariance between wines of one producer, (..., COLUMNS) each, broadcast against each other."""
    shared = _likeness(of, left, right)
    shared += of.producer
    shared += of.base * (left[..., BASE_COLUMN] * right[..., BASE_COLUMN])
    return shared


def _likeness(of: Kernel, left: Floats, right: Floats) -> Floats:
    """The part of `kernel` that tells near wines from far ones."""
    gap = left - right
    gap *= of.scales
    gap *= gap
    alike = np.exp(np.negative(gap, out=gap), out=gap)
    shared: Floats = alike @ of.shares
    shared += of.variety_year * (alike[..., YEAR_COLUMN] * alike[..., VARIETY_COLUMN])
    return shared


def alike_in_points(left: Floats, right: Floats) -> Floats:
    """Of scores (0: not provided), broadcast against each other: 1 for the same."""
    gap = (left - right) / POINTS
    alike: Floats = np.exp(-0.5 * gap * gap)
    return alike


def members(winery: Codes) -> dict[int, npt.NDArray[np.intp]]:
    """Rows of each producer, at most `MOST`, in their order."""
    order = np.argsort(winery, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(winery[order]) != 0])
    groups = np.split(order, starts[1:])
    return {int(winery[rows[0]]): rows[:MOST] for rows in groups if len(rows) and winery[rows[0]] >= 0}


class Observed(NamedTuple):
    """n wines as the kernel sees them (n, COLUMNS), their points (0: not provided) and what the base leaves
    of their log prices (n,).
    """

    wines: Floats
    points: Floats
    residual: Floats


class LeftOut(NamedTuple):
    """Premium and support of n wines (n,), and what scores would add to the premium (n, SCORES)."""

    premium: Floats
    support: Floats
    curve: Floats


def leave_one_out(
    of: Kernel, known: Observed, groups: Mapping[int, npt.NDArray[np.intp]], query: Floats
) -> LeftOut:
    """Premium, support and curve of each row, as `query`, given its producer's other `known` rows.

    `query` (n, COLUMNS) are the same rows with fields hidden. The weights without row i are
    `a - K⁻¹[:, i] a[i] / K⁻¹[i, i]` (Rasmussen and Williams, Gaussian Processes, 5.4.2).
    """
    premium, support = np.zeros(len(query)), np.zeros(len(query))
    curve = np.zeros((len(query), len(SCORES)))
    for rows in _of_one_size(groups):
        count = rows.shape[1]
        if count > MINIMUM:
            own = known.wines[rows]
            inverse = np.linalg.inv(_covariance(of, own, known.points[rows]))
            weights = (inverse @ known.residual[rows][..., None])[..., 0]
            diagonal = np.arange(count)
            without = weights / inverse[:, diagonal, diagonal]
            shared = kernel(of, query[rows][:, :, None], own[:, None])
            shared[:, diagonal, diagonal] = 0.0
            premium[rows] = (shared @ weights[..., None])[..., 0]
            premium[rows] -= np.einsum("gij,gji->gi", shared, inverse) * without
            support[rows] = shared.sum(axis=2)
            if of.points:
                alike = of.points * alike_in_points(known.points[rows][:, None], SCORES[:, None])
                curve[rows] = (alike @ weights[..., None]).transpose(0, 2, 1)
                curve[rows] -= (alike @ inverse).transpose(0, 2, 1) * without[..., None]
    return LeftOut(premium, support, curve)


def _of_one_size(groups: Mapping[int, npt.NDArray[np.intp]]) -> Iterator[npt.NDArray[np.intp]]:
    """Rows (g, n) of g producers with n wines each: one operation serves them all."""
    sizes: dict[int, list[npt.NDArray[np.intp]]] = {}
    for rows in groups.values():
        sizes.setdefault(len(rows), []).append(rows)
    return map(np.stack, sizes.values())


def _covariance(of: Kernel, wines: Floats, points: Floats) -> Floats:
    """Of each producer's wines (g, n, COLUMNS) and points (g, n) as observed, with noise (g, n, n)."""
    noisy: Floats = kernel(of, wines[:, :, None], wines[:, None]) + of.noise * np.eye(wines.shape[1])
    if of.points:
        noisy += of.points * alike_in_points(points[:, :, None], points[:, None])
    return noisy


@dataclass(frozen=True, slots=True)
class Producers:
    """Every producer's remembered wines with their weights, one after the other.

    `starts` (producers + 1,) bounds the wines of a producer's code. `wines` (2, n, COLUMNS) and `weights`
    (2, n): without and with points, between which the base differs. `points` (n,), 0 where not provided.
    `curves` (producers + 1, SCORES): what each score adds to the premium; the last, zeros, is of producers
    that are not known.
    """

    starts: Codes
    wines: Floats
    points: Floats
    weights: Floats
    curves: Floats = field(init=False)
    _starts: list[int] = field(init=False)
    _sums: tuple[list[list[float]], ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_starts", self.starts.tolist())  # indexing a list is faster
        weights = WITH_POINTS.points * self.weights[1]
        added = alike_in_points(self.points[:, None], SCORES) * weights[:, None]
        curves = np.append(self._of_each(added), np.zeros((1, len(SCORES))), axis=0)
        object.__setattr__(self, "curves", curves)
        object.__setattr__(self, "_sums", tuple(map(self._sums_of, self.wines, self.weights)))

    def _sums_of(self, wines: Floats, weights: Floats) -> list[list[float]]:
        """Of each producer's wines: sums of weights, weights times base prices, ones, and base prices."""
        base = wines[:, BASE_COLUMN]
        values = np.stack([weights, weights * base, np.ones(len(base)), base], axis=1)
        sums: list[list[float]] = self._of_each(values).tolist()
        return sums

    def _of_each(self, values: Floats) -> Floats:
        """Sums (producers, m) of each producer's values (n, m)."""
        until = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
        sums: Floats = np.diff(until[self.starts], axis=0)
        return sums

    def premium(self, producer: int, query: Floats, *, with_points: bool) -> tuple[float, float]:
        """Premium (log USD) and support of one wine (COLUMNS,); zeros for a producer without wines.

        `producer` is its code, -1 when not known.
        """
        if producer < 0:
            return 0.0, 0.0
        start, end = self._starts[producer], self._starts[producer + 1]
        variant = int(with_points)
        of = KERNELS[variant]
        alike = _likeness(of, query, self.wines[variant, start:end])
        weights, weighted, wines, base = self._sums[variant][producer]
        all_share, slope = of.producer, of.base * query.item(BASE_COLUMN)  # the rest of the kernel, summed
        premium = float(alike @ self.weights[variant, start:end]) + all_share * weights + slope * weighted
        return premium, float(alike.sum()) + all_share * wines + slope * base

    def premiums(self, producers: Codes, query: Floats, *, with_points: bool) -> tuple[Floats, Floats]:
        """The same for many wines, `query` (n, COLUMNS), of `producers` (n,)."""
        start = np.where(producers >= 0, self.starts[producers], 0)
        count = np.where(producers >= 0, self.starts[producers + 1], 0) - start
        owner = np.repeat(np.arange(len(producers)), count)
        known = np.arange(len(owner)) + (start + count - np.cumsum(count))[owner]
        variant, wines = int(with_points), len(producers)
        shared = kernel(KERNELS[variant], query[owner], self.wines[variant][known])
        premium = np.bincount(owner, shared * self.weights[variant][known], wines)
        return premium.astype(np.float64), np.bincount(owner, shared, wines).astype(np.float64)


def remember(
    known: tuple[Observed, Observed], groups: Mapping[int, npt.NDArray[np.intp]], producers: int
) -> Producers:
    """Solve every producer's process, without and with points, for scoring."""
    sizes = np.array([len(groups.get(code, ())) for code in range(producers)], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    order = np.concatenate(
        [np.zeros(0, np.intp), *(groups[code] for code in range(producers) if sizes[code])]
    )
    weights = np.zeros((2, len(known[0].residual)))
    for rows in _of_one_size(groups):
        for own, of, seen in zip(weights, KERNELS, known, strict=True):
            covariance = _covariance(of, seen.wines[rows], seen.points[rows])
            own[rows] = np.linalg.solve(covariance, seen.residual[rows][..., None])[..., 0]
    wines = np.stack([each.wines[order] for each in known])
    return Producers(starts, wines, known[1].points[order], weights[:, order])
