"""What the elaborate estimator adds to the baseline, on the same wines."""

from __future__ import annotations

import time
from typing import Any, Final

import numpy as np
import pandas as pd

from flows.data.datasets import PreparedWines
from flows.training.estimators import EstimatorConfig, log_price
from pricing.estimators.names import BASELINE
from pricing.estimators.protocol import PriceEstimator
from pricing.evaluation.views import VIEWS

LARGEST_SHARE: Final = 0.2
"""The baseline is fitted where that takes at most this share of the model's own time."""

TRIAL_SHARE: Final = 0.125
TRIAL_LEAST: Final = 300


def added_to_baseline(
    model: PriceEstimator, wines: PreparedWines, *, seconds: float, seed: int
) -> dict[str, Any]:
    """RMSE of log price of the baseline and of the model under every view; or why it was not fitted.

    `seconds` is what the model's own fit took.
    """
    forecast = _forecast(wines.train, seed)
    if forecast > LARGEST_SHARE * seconds:
        return {
            "not_fitted": f"The baseline was not fitted: about {forecast:.1f} s, more than a fifth of the "
            f"model's {seconds:.1f} s."
        }
    started = time.perf_counter()
    baseline = EstimatorConfig(BASELINE).fit(wines.train, seed=seed)
    spent = time.perf_counter() - started
    return {"fit_seconds": spent, "views": _views(baseline, model, wines)}


def _forecast(train: pd.DataFrame, seed: int) -> float:
    """Seconds that a fit on all wines will take, from one on some of them."""
    rows = min(len(train), max(TRIAL_LEAST, int(TRIAL_SHARE * len(train))))
    started = time.perf_counter()
    EstimatorConfig(BASELINE).fit(train.sample(rows, random_state=seed), seed=seed)
    return (time.perf_counter() - started) * len(train) / rows


def _views(
    baseline: PriceEstimator, model: PriceEstimator, wines: PreparedWines
) -> dict[str, dict[str, float]]:
    actual = log_price(wines.test) + wines.price_level
    figures = {}
    for view in VIEWS:
        asked = view.of(wines.test)
        plain, ours = (_rmse(each.predict(asked) - actual) for each in (baseline, model))
        figures[view.name] = {"baseline": plain, "model": ours, "added": 1 - ours / plain}
    return figures


def rmse_by_view(model: PriceEstimator, wines: PreparedWines) -> dict[str, float]:
    """RMSE of log price on the test wines under every view."""
    actual = log_price(wines.test) + wines.price_level
    return {view.name: _rmse(model.predict(view.of(wines.test)) - actual) for view in VIEWS}


def _rmse(error: np.ndarray) -> float:
    return float(np.sqrt((error**2).mean()))
