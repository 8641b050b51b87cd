"""The level of prices: how far today's lie above those of the reviews, as trusted feedback shows it.

Prices of all wines rise together. A model trained on reviews and a little feedback would learn that
slowly and in patches; so the level is estimated by itself, robustly and within bounds, and training
rows are brought to it before the fit (a hedonic price index, as for houses).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from flows.data.reference import Model
from pricing.arrays import Floats, Ints
from pricing.wine.schema import PRICE

_PERIOD: Final = pd.Timedelta(days=30)
_ENOUGH: Final = 50
_LARGEST: Final = 0.7
_LARGEST_STEP: Final = 0.15


@dataclass(frozen=True, slots=True)
class PriceLevel:
    """Log of prices over the reviews': `today`, and `rows` (n,) at the time of each feedback row."""

    today: float
    rows: Floats

    @property
    def change(self) -> float:
        """Today's prices against the reviews', as a share: 0.06 is 6 % dearer."""
        return float(np.expm1(self.today))


def price_level(
    feedback: pd.DataFrame, *, now: pd.Timestamp, levels: Mapping[str, float], production: float
) -> PriceLevel:
    """The level in trusted feedback (`residual`, `model_version`, `received_at`), by periods of 30 days.

    `levels` are those of the model versions that answered, `production` that of the version in production.
    Where feedback is too thin to say, the production's level stays; one training moves it by 15 % at most.
    """
    answered = feedback["model_version"].astype("object").map(levels).fillna(0.0).to_numpy(dtype=float)
    over_reviews: Floats = feedback["residual"].to_numpy(dtype=np.float64) + answered
    age = now - pd.to_datetime(feedback["received_at"], utc=True)
    period = np.maximum((age / _PERIOD).to_numpy(dtype=float), 0).astype(np.int64)
    today, by_period = _levels(over_reviews, period, production)
    rows = np.array([by_period[each] for each in period], dtype=float)
    return PriceLevel(today=today, rows=rows)


def at_todays_level(feedback: pd.DataFrame, level: PriceLevel) -> pd.DataFrame:
    """Feedback wines (FIELDS and `price`) with prices as they would be today."""
    return feedback.assign(**{PRICE: feedback[PRICE] * np.exp(level.today - level.rows)})


class NetOfLevel:
    """A model that answers at the level of its reviews, on which models are compared net of their levels."""

    def __init__(self, model: Model, level: float) -> None:
        self._model = model
        self._level = level

    def predict(self, wines: pd.DataFrame) -> Floats:
        return self.estimate(wines)["log_price"].to_numpy(dtype=float)

    def estimate(self, wines: pd.DataFrame, coverage: float | None = None) -> pd.DataFrame:
        scored = self._model.estimate(wines, coverage)
        columns = ["log_price", "low", "high"]
        return scored.assign(**{name: scored[name] - self._level for name in columns})


def _levels(over_reviews: Floats, period: Ints, production: float) -> tuple[float, dict[int, float]]:
    """Today's level, and that of each period; a thin period has the level of the next newer one."""
    level, newest = production, None
    found: dict[int, float] = {}
    for each in sorted(set(period.tolist())):
        members = over_reviews[period == each]
        if len(members) >= _ENOUGH:
            level = float(np.median(members))
            newest = level if newest is None else newest
        found[each] = level
    return _bounded(production if newest is None else newest, production), found


def _bounded(level: float, production: float) -> float:
    step = float(np.clip(level - production, -_LARGEST_STEP, _LARGEST_STEP))
    return float(np.clip(production + step, -_LARGEST, _LARGEST))
