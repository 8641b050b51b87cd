"""Ridge regression on the terms of a wine, and its cross-fitted predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import Ridge

SCALE: Final = {"w": 1.2, "w2": 0.54, "p": 0.6, "v": 0.6, "r": 1.6, "e": 1.6, "d": 1.6}
"""How easily a kind of term may move the price; found on folds of the training rows."""

Floats = npt.NDArray[np.float64]


def with_numbers(
    matrix: sparse.csr_matrix, numbers: Floats, kinds: npt.NDArray[np.str_]
) -> sparse.csr_matrix:
    """Scaled terms and the numbers (n, 6) side by side."""
    scale = sparse.diags(column_scale(kinds))
    return sparse.hstack([matrix @ scale, sparse.csr_matrix(numbers)], format="csr")


def column_scale(kinds: npt.NDArray[np.str_]) -> Floats:
    """Scale of each column (terms,)."""
    return np.array([SCALE.get(kind, 1.0) for kind in kinds.tolist()])


def fit_ridge(inputs: sparse.csr_matrix, target: Floats, alpha: float) -> tuple[Floats, float]:
    """Weights (columns,) and intercept."""
    model = Ridge(alpha=alpha, solver="lsqr", tol=3e-4).fit(inputs, target)
    return np.asarray(model.coef_, dtype=np.float64), float(model.intercept_)


def cross_fit(
    inputs: Sequence[sparse.csr_matrix], target: Floats, folds: npt.NDArray[np.int64], alpha: float
) -> tuple[list[Floats], Floats, float]:
    """Predictions of each copy of the rows by a fit that never saw the row; then weights of all rows.

    `inputs` are copies of the same rows with other fields hidden; a row's copies share its fold.
    """
    held_out = [np.zeros(len(target)) for _ in inputs]
    for fold in np.unique(folds):
        rest, own = folds != fold, folds == fold
        stacked = sparse.vstack([copy[rest] for copy in inputs], format="csr")
        weights, intercept = fit_ridge(stacked, np.tile(target[rest], len(inputs)), alpha)
        for predictions, copy in zip(held_out, inputs, strict=True):
            predictions[own] = copy[own] @ weights + intercept
    weights, intercept = fit_ridge(sparse.vstack(inputs, format="csr"), np.tile(target, len(inputs)), alpha)
    return held_out, weights, intercept
