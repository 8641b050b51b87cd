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
from pricing.training import ridge
from pricing.training.crosses import Crosses
from pricing.training.design_matrix import Inputs, Rows

COPY_WEIGHTS: Final = {Head.REQUIRED: (1.0, 0.5), Head.NAMES: (1.0, 0.5), Head.FULL: (1.0, 0.5)}
"""Weights of the copies with whole and with cut notes; for MIXED, whose copies hold both, one each."""


BESIDE_CROSSES: Final = 0.8
"""Scale of words that are crossed with places too, which take over a part of what they tell."""


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Coefficients of terms (t,), numbers (m,) and crosses, and intercept."""

    terms: Floats
    numbers: Floats
    crosses: Floats
    intercept: float


@dataclass(frozen=True, slots=True)
class LinearTask:
    """The copies of all rows as one head's linear models see them."""

    rows: Rows
    head: Head
    copies: Sequence[Inputs]
    crosses: Crosses | None

    def fit(self, fold: int, alpha: float) -> LinearModel:
        """From the rows outside `fold`, all copies together."""
        rest = np.flatnonzero(self.rows.folds != fold)
        inputs = sparse.vstack([self._matrix(copy, rest) for copy in self.copies], format="csr")
        weights = np.repeat(COPY_WEIGHTS.get(self.head, (1.0,) * len(self.copies)), len(rest))
        target = np.tile(self.rows.target[rest], len(self.copies))
        coefficients, intercept = ridge.fit_ridge(inputs, target, weights, alpha)
        width = self.copies[0].terms.shape[1]
        numbers = width + self.copies[0].numbers.shape[1]
        terms = coefficients[:width] * self._scale()
        return LinearModel(terms, coefficients[width:numbers], coefficients[numbers:], intercept)

    def held_out(self, models: Mapping[int, LinearModel]) -> list[Floats]:
        """Log price (n,) of each copy by the models (by fold) that never saw the row."""
        prices = [np.zeros(len(self.rows.target)) for _ in self.copies]
        for fold in range(int(self.rows.folds.max()) + 1):
            own, model = np.flatnonzero(self.rows.folds == fold), models[fold]
            for price, copy in zip(prices, self.copies, strict=True):
                price[own] = copy.terms[own] @ model.terms + copy.numbers[own] @ model.numbers
                price[own] += model.intercept
                if self.crosses is not None:
                    price[own] += self.crosses.matrix(copy.terms[own], own) @ model.crosses
        return prices

    def crossed(self, model: LinearModel) -> CrossedTerms:
        """The crosses of a model, for scoring."""
        if self.crosses is None:
            raise ValueError(f"the linear model of {self.head.name} has no crosses")
        return self.crosses.learned(model.crosses, len(self.rows.index.terms))

    def _matrix(self, copy: Inputs, rows: npt.NDArray[np.intp]) -> sparse.csr_matrix:
        terms = copy.terms[rows]
        parts = [
            terms.astype(np.float64) @ sparse.diags(self._scale()),
            copy.numbers[rows].astype(np.float64),
        ]
        if self.crosses is not None:
            parts.append(self.crosses.matrix(terms, rows))
        return sparse.hstack(parts, format="csr")

    def _scale(self) -> Floats:
        kinds = self.rows.source.terms.kinds[: self.copies[0].terms.shape[1]]
        scale = ridge.column_scale(kinds)
        if self.crosses is not None:
            scale[np.isin(kinds, ["w", "w2"])] *= BESIDE_CROSSES
        return scale
