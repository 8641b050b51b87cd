"""Ridge regression on the terms of a wine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import Ridge

from pricing.training.mlp import Inputs

SCALE: Final = {"w": 1.2, "w2": 0.54, "p": 0.6, "v": 0.6, "r": 1.6, "e": 1.6, "d": 1.6}
"""How easily a kind of term may move the price; found on folds of the training rows."""

Floats = npt.NDArray[np.float64]


def stacked(parts: Sequence[Inputs], kinds: npt.NDArray[np.str_]) -> sparse.csr_matrix:
    """Scaled terms and the numbers (n, 6) side by side, part after part."""
    scale = sparse.diags(column_scale(kinds))
    rows = [
        sparse.hstack([matrix.astype(np.float64) @ scale, numbers.astype(np.float64)], format="csr")
        for matrix, numbers in parts
    ]
    return rows[0] if len(rows) == 1 else sparse.vstack(rows, format="csr")


def column_scale(kinds: npt.NDArray[np.str_]) -> Floats:
    """Scale of each column (terms,)."""
    return np.array([SCALE.get(kind, 1.0) for kind in kinds.tolist()])


def fit_ridge(inputs: sparse.csr_matrix, target: Floats, alpha: float) -> tuple[Floats, float]:
    """Weights (columns,) and intercept."""
    model = Ridge(alpha=alpha, solver="lsqr", tol=3e-4).fit(inputs, target)
    return np.asarray(model.coef_, dtype=np.float64), float(model.intercept_)
