"""The linear model of each head, and what it says of wines it never saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pricing.arrays import Floats
from pricing.model.crossed_terms import CrossedTerms
from pricing.model.experts import Head
from pricing.model.vocabulary import NOTE_KINDS
from pricing.training import ridge
from pricing.training.crosses import Crosses
from pricing.training.design_matrix import HeldOut, Inputs, Rows
from pricing.training.masks import stacked

CUT_WEIGHT: Final = (0.5, 0.4)
"""Weight of all cut copies of a wine together, with few rows and with many; the whole one has 1. For MIXED,
whose copies hold both, all together have 2.
"""


BESIDE_CROSSES: Final = 0.8
"""Scale of words that are crossed with places too, which take over a part of what they tell."""


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Coefficients of terms (t,), numbers (m,), steps of the points (SLOPES,), which are never negative, and
    crosses; intercept.
    """

    terms: Floats
    numbers: Floats
    slopes: Floats
    crosses: Floats
    intercept: float


@dataclass(frozen=True, slots=True)
class LinearTask:
    """The copies of all rows as one head's linear models see them; the trees see the first of them."""

    rows: Rows
    head: Head
    copies: Sequence[Inputs]
    crosses: Crosses | None

    @property
    def stacked(self) -> Sequence[Inputs]:
        return self.copies[: stacked(self.head, many=self.rows.many)]

    def fit(self, fold: int, alpha: float) -> LinearModel:
        """From the rows outside `fold`, all copies together."""
        rest = np.flatnonzero(self.rows.folds != fold)
        inputs = sparse.vstack([self._matrix(copy, rest) for copy in self.copies], format="csr")
        weights = np.repeat(copy_weights(self.head, len(self.copies), many=self.rows.many), len(rest))
        target = np.tile(self.rows.target[rest], len(self.copies))
        coefficients, intercept = ridge.fit_ridge(inputs, target, weights, alpha)
        widths = [part.shape[1] for part in self.copies[0][:3]]
        terms, numbers, slopes, crosses = np.split(coefficients, np.cumsum(widths))
        return LinearModel(terms * self._scale(), numbers, np.maximum(slopes, 0.0), crosses, intercept)

    def held_out(self, models: Mapping[int, LinearModel]) -> list[HeldOut]:
        """Of each stacked copy by the models (by fold) that never saw the row."""
        held_out = [HeldOut.empty(len(self.rows.target)) for _ in self.stacked]
        for fold in range(int(self.rows.folds.max()) + 1):
            own, model = np.flatnonzero(self.rows.folds == fold), models[fold]
            for (price, slopes), copy in zip(held_out, self.stacked, strict=True):
                price[own] = copy.terms[own] @ model.terms + copy.numbers[own] @ model.numbers
                price[own] += model.intercept
                if self.crosses is not None:
                    price[own] += self.crosses.matrix(copy.terms[own], own) @ model.crosses
                slopes[own] = model.slopes
        return held_out

    def crossed(self, model: LinearModel) -> CrossedTerms:
        """The crosses of a model, for scoring."""
        if self.crosses is None:
            raise ValueError(f"the linear model of {self.head.name} has no crosses")
        return self.crosses.learned(model.crosses, len(self.rows.index.terms))

    def _matrix(self, copy: Inputs, rows: npt.NDArray[np.intp]) -> sparse.csr_matrix:
        terms = copy.terms[rows]
        values = terms.data * self._scale()[terms.indices]
        parts = [
            sparse.csr_matrix((values, terms.indices, terms.indptr), shape=terms.shape),
            copy.numbers[rows].astype(np.float64),
            copy.steps[rows].astype(np.float64),
        ]
        if self.crosses is not None:
            parts.append(self.crosses.matrix(terms, rows))
        return sparse.hstack(parts, format="csr")

    def _scale(self) -> Floats:
        kinds = self.rows.source.terms.kinds[: self.copies[0].terms.shape[1]]
        scale = ridge.column_scale(kinds)
        if self.crosses is not None:
            scale[np.isin(kinds, NOTE_KINDS)] *= BESIDE_CROSSES
        return scale


def copy_weights(head: Head, count: int, *, many: bool) -> list[float]:
    """Weight of each of a wine's copies in the head's linear models and trees."""
    if head is Head.MIXED:
        return [2.0 / count] * count
    return [1.0] + [CUT_WEIGHT[many] / (count - 1)] * (count - 1)
