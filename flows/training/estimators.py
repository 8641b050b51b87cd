"""The estimator of a run: made by name, fitted, and tried before hours are spent on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from pricing.estimators.factory import make_estimator
from pricing.estimators.names import BASELINE, WINE
from pricing.estimators.protocol import PriceEstimator
from pricing.evaluation.contract import check_contract
from pricing.wine.schema import PRICE


@dataclass(frozen=True, slots=True)
class EstimatorConfig:
    """`name` as in `pricing.estimators.factory`; `params` are hyper-parameters of `wine`."""

    name: str = WINE
    params: Mapping[str, Any] = field(default_factory=dict)

    def fit(self, wines: pd.DataFrame, *, seed: int) -> PriceEstimator:
        """An estimator fitted on cleaned wines with `price` (USD)."""
        return make_estimator(self.name, seed=seed, params=self.params).fit(wines, log_price(wines))

    def check(self, wines: pd.DataFrame, *, seed: int) -> None:
        """Try a team's estimator on a few wines. Raises InvalidParameter or EstimatorRefused."""
        if self.name not in (WINE, BASELINE):
            check_contract(self.name, make_estimator(self.name, seed=seed), wines, seed=seed)


def log_price(wines: pd.DataFrame) -> np.ndarray:
    """Natural log USD, (n,)."""
    prices: np.ndarray = wines[PRICE].to_numpy(dtype="float64")
    return np.asarray(np.log(prices))
