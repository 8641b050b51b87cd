"""Whether errors have grown: one-sided, because a model that got better needs no retraining."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from pricing.arrays import Floats


@dataclass(frozen=True, slots=True)
class Change:
    """A change with the standard error of its estimate, both in the unit of `effect`."""

    effect: float
    error: float
    p_value: float

    @property
    def interval(self) -> tuple[float, float]:
        return self.effect - 1.96 * self.error, self.effect + 1.96 * self.error

    def chance_above(self, threshold: float) -> float:
        """Chance that the true change is larger than `threshold`."""
        return float(stats.norm.sf((threshold - self.effect) / max(self.error, 1e-12)))


def rmse(errors: Floats) -> float:
    return float(np.sqrt(np.mean(np.square(errors))))


def rmse_growth(reference: Floats, window: Floats) -> Change:
    """Relative growth of the RMSE from one sample of errors to another: 0.1 is 10 % worse.

    The p-value is one-sided (H0: not grown). Its spread is the delta method's on the log of the ratio of
    mean squares, which agrees with resampling from some fifty rows on.
    """
    growth = rmse(window) / max(rmse(reference), 1e-12) - 1
    spread = float(np.hypot(_log_rmse_error(reference), _log_rmse_error(window)))
    p_value = float(stats.norm.sf(np.log1p(growth) / max(spread, 1e-12)))
    return Change(effect=growth, error=(1 + growth) * spread, p_value=p_value)


def level_change(reference: Floats, window: Floats) -> Change:
    """Change of the typical residual (median, log USD), as an absolute size: either direction is worse.

    The p-value is two-sided. The median's error is that of normal data, from the quartiles.
    """
    shift = float(np.median(window) - np.median(reference))
    spread = float(np.hypot(_median_error(reference), _median_error(window)))
    p_value = float(2 * stats.norm.sf(abs(shift) / max(spread, 1e-12)))
    return Change(effect=abs(shift), error=spread, p_value=p_value)


def _log_rmse_error(errors: Floats) -> float:
    squares = np.square(errors)
    return float(np.std(squares) / (2 * max(float(np.mean(squares)), 1e-12) * np.sqrt(len(squares))))


def _median_error(values: Floats) -> float:
    low, high = np.quantile(values, [0.25, 0.75])
    return float(1.2533 * (high - low) / 1.349 / np.sqrt(len(values)))
