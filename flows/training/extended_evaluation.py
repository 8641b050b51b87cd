"""What more fits tell: how the error falls with more wines, and how it stands for producers never seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from flows.data.datasets import PreparedWines
from flows.training.added_value import rmse_by_view
from flows.training.estimators import EstimatorConfig, log_price
from pricing.data.split import split_by_winery
from pricing.evaluation.metrics import Metrics, measure

CURVE_SHARES: Final = (0.1, 0.25, 0.5)
UNSEEN_SHARE: Final = 0.2
NOISE_FITS: Final = 3


def learning_curve(
    train: pd.DataFrame,
    test: pd.DataFrame,
    config: EstimatorConfig,
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
        error = config.fit(part, seed=seed).predict(test) - price_level - log_price(test)
        curve[len(part)] = float(np.sqrt((error**2).mean()))
    return curve


def unseen_wineries(train: pd.DataFrame, config: EstimatorConfig, *, seed: int) -> Metrics:
    """Quality on producers that the fit has not seen: a fifth of the training wines, by winery."""
    seen, unseen = split_by_winery(train, test_share=UNSEEN_SHARE, seed=seed)
    estimates = config.fit(seen, seed=seed).estimate(unseen)
    return measure(log_price(unseen), estimates, seed=seed)


def training_noise(wines: PreparedWines, config: EstimatorConfig, *, seed: int) -> dict[str, list[float]]:
    """RMSE of log price under every view of fits that differ by their seed alone, as the gate wants it."""
    fits = [
        rmse_by_view(config.fit(wines.train, seed=seed + 1 + number), wines) for number in range(NOISE_FITS)
    ]
    return {name: [each[name] for each in fits] for name in fits[0]}
