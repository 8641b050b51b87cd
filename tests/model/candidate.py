"""What the suite looks at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pricing.estimators.protocol import PriceEstimator
from pricing.scoring.record_scorer import RecordScorer
from pricing.wine.schema import PRICE


@dataclass(frozen=True)
class Candidate:
    """What the suite looks at. `level` is the log of the candidate's prices over those of the reviews."""

    file: Path
    estimator: PriceEstimator
    scorer: RecordScorer
    holdout: pd.DataFrame
    price_range: tuple[float, float]
    level: float
    load_seconds: float

    @property
    def log_price(self) -> np.ndarray:
        return np.log(self.holdout[PRICE].to_numpy(dtype="float64")) + self.level
