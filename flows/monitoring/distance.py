"""How far two samples lie apart, how sure that is, and how likely by chance.

Both distances are in the same unit, the *effect size*: the share of one sample's rows that would have
to change for the two to look alike. Samples are binned first, so that everything after it works on
counts and costs the same for 500 rows and for 50,000.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from pricing.arrays import Floats, Ints

_BINS: Final = 200
_RESAMPLES: Final = 200
_EXPECTED: Final = 5.0
"""Categories with a smaller expected count are pooled: below it χ² is not to be trusted (Cochran 1954)."""


@dataclass(frozen=True, slots=True)
class Distance:
    """`effect` is an effect size, 0 to 1; `draws` is its bootstrap distribution; `p_value` is unadjusted."""

    effect: float
    draws: Floats
    p_value: float

    @property
    def interval(self) -> tuple[float, float]:
        low, high = np.quantile(self.draws, [0.025, 0.975])
        return float(max(low, 0.0)), float(min(max(high, 0.0), 1.0))

    def chance_above(self, threshold: float) -> float:
        """Share of the bootstrap distribution at or above an effect size."""
        return float(np.mean(self.draws >= threshold))


def ordered_distance(reference: Floats, window: Floats, rng: np.random.Generator) -> Distance:
    """Kolmogorov-Smirnov's D between two samples of numbers, (n,) and (m,), without NaN.

    D is taken at up to 200 quantiles, which can only lower it; with ties its asymptotic
    p-value is conservative.
    """
    edges = np.unique(np.quantile(np.concatenate([reference, window]), np.linspace(0, 1, _BINS + 1)))
    before, after = _binned(reference, edges), _binned(window, edges)
    effect = float(_largest_gap(before, after))
    n, m = len(reference), len(window)
    p_value = float(stats.kstwobign.sf(effect * np.sqrt(n * m / (n + m))))
    draws = _largest_gap(_resampled(before, rng), _resampled(after, rng))
    return Distance(effect=effect, draws=2 * effect - draws, p_value=p_value)


def unordered_distance(
    reference: Sequence[Hashable], window: Sequence[Hashable], rng: np.random.Generator
) -> Distance:
    """Total variation between two samples of names, less what chance alone gives samples of these sizes.

    The p-value is that of χ² on the contingency table, rare names pooled.
    """
    before, after = _pooled(*_tallied(reference, window))
    if len(before) < 2:  # noqa: PLR2004 - one category cannot move
        return Distance(effect=0.0, draws=np.zeros(_RESAMPLES), p_value=1.0)
    chance = float(np.mean(_half_difference(*_drawn_alike(before, after, rng))))
    effect = max(float(_half_difference(before, after)) - chance, 0.0)
    draws = _half_difference(_resampled(before, rng), _resampled(after, rng))
    p_value = float(stats.chi2_contingency(np.stack([before, after]), correction=False).pvalue)
    return Distance(effect=effect, draws=effect + (draws.mean() - draws), p_value=p_value)


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted so that the whole family keeps its level (Holm 1979)."""
    order = np.argsort(p_values)
    steps = (len(p_values) - np.arange(len(p_values))) * np.asarray(p_values, dtype=float)[order]
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0) if len(steps) else steps
    return [float(value) for value in adjusted]


def _binned(values: Floats, edges: Floats) -> Ints:
    return np.bincount(np.searchsorted(edges, values), minlength=len(edges)).astype(np.int64)


def _largest_gap(before: Ints, after: Ints) -> Floats:
    gaps: Floats = np.abs(np.cumsum(_shares(before) - _shares(after), axis=-1)).max(axis=-1)
    return gaps


def _half_difference(before: Ints, after: Ints) -> Floats:
    halves: Floats = np.abs(_shares(before) - _shares(after)).sum(axis=-1) / 2
    return halves


def _shares(counts: Ints) -> Floats:
    shares: Floats = counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1)
    return shares


def _resampled(counts: Ints, rng: np.random.Generator) -> Ints:
    return rng.multinomial(int(counts.sum()), counts / counts.sum(), size=_RESAMPLES)


def _drawn_alike(before: Ints, after: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Pairs of samples of the given sizes from the two pooled: what nothing having moved looks like."""
    pooled = before + after
    drawn = rng.multivariate_hypergeometric(pooled, int(after.sum()), size=_RESAMPLES)
    return pooled - drawn, drawn


def _tallied(reference: Sequence[Hashable], window: Sequence[Hashable]) -> tuple[Ints, Ints]:
    names = {name: number for number, name in enumerate(dict.fromkeys([*reference, *window]))}
    before = np.bincount([names[name] for name in reference], minlength=len(names))
    after = np.bincount([names[name] for name in window], minlength=len(names))
    return before.astype(np.int64), after.astype(np.int64)


def _pooled(before: Ints, after: Ints) -> tuple[Ints, Ints]:
    total = before + after
    smaller = min(before.sum(), after.sum())
    rare = total * smaller / total.sum() < _EXPECTED
    if rare.any():
        before = np.append(before[~rare], before[rare].sum())
        after = np.append(after[~rare], after[rare].sum())
    kept = before + after > 0
    return before[kept], after[kept]
