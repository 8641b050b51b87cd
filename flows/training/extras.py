"""What more fits tell: how the error falls with more wines, and how it stands for producers never seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from pricing.data.split import split_by_winery
from pricing.estimator import WinePriceRegressor
from pricing.evaluation.metrics import Metrics, measure
from pricing.wine.schema import PRICE

CURVE_SHARES: Final = (0.1, 0.25, 0.5)
UNSEEN_SHARE: Final = 0.2


def fit(wines: pd.DataFrame, params: Mapping[str, Any], *, seed: int) -> WinePriceRegressor:
    """An estimator fitted on cleaned wines with `price` (USD)."""
    estimator = WinePriceRegressor(random_state=seed, **params)
    return estimator.fit(wines, log_price(wines))


def log_price(wines: pd.DataFrame) -> np.ndarray:
    """Natural log USD, (n,)."""
    prices: np.ndarray = wines[PRICE].to_numpy(dtype="float64")
    return np.asarray(np.log(prices))


def learning_curve(
    train: pd.DataFrame,
    test: pd.DataFrame,
    params: Mapping[str, Any],
    *,
    seed: int,
    price_level: float = 0.0,
    shares: Sequence[float] = CURVE_SHARES,
) -> dict[int, float]:
    """RMSE of log price on `test` after fits on growing parts of `train`, by number of training wines.

    Prices of `train` lie `price_level` (log) above those of `test`.
    """
    order = np.random.default_rng(seed).permutation(len(train))
    curve = {}
    for share in shares:
        part = train.iloc[np.sort(order[: int(share * len(train))])]
        error = fit(part, params, seed=seed).predict(test) - price_level - log_price(test)
        curve[len(part)] = float(np.sqrt((error**2).mean()))
    return curve


def unseen_wineries(train: pd.DataFrame, params: Mapping[str, Any], *, seed: int) -> Metrics:
    """Quality on producers that the fit has not seen: a fifth of the training wines, by winery."""
    seen, unseen = split_by_winery(train, test_share=UNSEEN_SHARE, seed=seed)
    estimates = fit(seen, params, seed=seed).estimate(unseen)
    return measure(log_price(unseen), estimates, seed=seed)
