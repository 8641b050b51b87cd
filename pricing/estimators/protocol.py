"""What the system asks of an estimator: to be trained, judged and served."""

from __future__ import annotations

from typing import Protocol, Self, runtime_checkable

import numpy.typing as npt
import pandas as pd

from pricing.arrays import Floats
from pricing.scoring.record_scorer import RecordScorer


@runtime_checkable
class PriceEstimator(Protocol):
    """An estimator of log prices (natural log USD) from frames in `pricing.wine.schema.FIELDS`.

    Optional columns may be missing, values of them too. `coverage` is that of its intervals.
    """

    coverage: float
    schema_version_: int

    def fit(self, wines: pd.DataFrame, log_price: npt.ArrayLike) -> Self: ...

    def predict(self, wines: pd.DataFrame) -> Floats:
        """Log price (n,)."""

    def estimate(self, wines: pd.DataFrame, coverage: float | None = None) -> pd.DataFrame:
        """`log_price`, `low`, `high` and `expected_error`, index as given."""

    def scorer(self, coverage: float | None = None) -> RecordScorer:
        """The record path of the fitted estimator."""
