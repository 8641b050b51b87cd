"""How good it must be at the least, whatever production is like."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pricing.evaluation import limits
from pricing.evaluation.metrics import measure
from tests.model.candidate import Candidate


def test_it_explains_prices_it_has_not_seen(candidate: Candidate, figures: Callable[[str], None]) -> None:
    metrics = measure(candidate.log_price, candidate.estimator.estimate(candidate.holdout))
    text = (
        f"R² {metrics.r2:.3f} (at least {limits.LEAST_R2}), RMSE of log price {metrics.rmse_log:.4f}, "
        f"half within {metrics.median_ape:z.0%}"
    )
    figures(text)
    assert metrics.r2 >= limits.LEAST_R2, text


def test_its_intervals_hold_what_they_say(candidate: Candidate, figures: Callable[[str], None]) -> None:
    nominal = candidate.scorer.coverage
    metrics = measure(candidate.log_price, candidate.estimator.estimate(candidate.holdout))
    chance = 3 * np.sqrt(nominal * (1 - nominal) / metrics.rows)
    allowed = limits.COVERAGE_TOLERANCE + float(chance)
    text = f"coverage {metrics.coverage:z.1%}, built for {nominal:z.0%} (allowed ±{allowed:z.1%})"
    figures(text)
    assert abs(metrics.coverage - nominal) <= allowed, text
