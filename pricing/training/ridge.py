"""Ridge regression on the terms of a wine."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import Ridge

from pricing.arrays import Floats

SCALE: Final = {"w": 1.2, "w2": 0.54, "p": 0.6, "v": 0.6, "r": 1.6, "e": 1.6, "d": 1.6}
"""How easily a kind of term may move the price; found on folds of the training rows."""


def column_scale(kinds: npt.NDArray[np.str_]) -> Floats:
    """Scale of each column (terms,)."""
    return np.array([SCALE.get(kind, 1.0) for kind in kinds.tolist()])


def fit_ridge(
    inputs: sparse.csr_matrix, target: Floats, weights: Floats, alpha: float
) -> tuple[Floats, float]:
    """Coefficients (columns,) and intercept, from rows of `weights` (n,)."""
    model = Ridge(alpha=alpha, solver="lsqr", tol=3e-4).fit(inputs, target, sample_weight=weights)
    return np.asarray(model.coef_, dtype=np.float64), float(model.intercept_)
