"""How much a fitted model leans on each field: what telling it wrongly costs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pricing.evaluation.metrics import Estimator
from pricing.wine.schema import FIELDS, PRICE


def importance(estimator: Estimator, wines: pd.DataFrame, *, seed: int = 0) -> dict[str, float]:
    """Permutation importance per field on held-out `wines` (`FIELDS` and `price`), largest first.

    The figure is by how much the RMSE of log price grows when the field's values are shuffled among
    the rows (Breiman 2001, Random Forests, section 10).
    """
    actual = np.log(wines[PRICE].to_numpy(dtype="float64"))
    rng = np.random.default_rng(seed)

    def rmse(frame: pd.DataFrame) -> float:
        error = estimator.estimate(frame)["log_price"].to_numpy(dtype="float64") - actual
        return float(np.sqrt((error**2).mean()))

    base = rmse(wines)
    growth = {}
    for field in FIELDS:
        if field in wines.columns:
            order = rng.permutation(len(wines))
            growth[field] = rmse(wines.assign(**{field: wines[field].to_numpy()[order]})) - base
    return dict(sorted(growth.items(), key=lambda item: -item[1]))
