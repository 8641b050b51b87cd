"""The RMSE to be expected where no price is known, from the model's own expected errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from pricing.arrays import Floats


@dataclass(frozen=True, slots=True)
class ErrorCalibration:
    """Turns expected absolute errors (of log price) into root mean square ones.

    `scale` makes the estimate equal the realised RMSE on the holdout.
    """

    scale: float

    @classmethod
    def fit(cls, holdout: pd.DataFrame) -> Self:
        """From scored rows with `expected_error` and `residual` (log USD)."""
        expected = np.square(holdout["expected_error"].to_numpy(dtype=float)).mean()
        realised = np.square(holdout["residual"].to_numpy(dtype=float)).mean()
        return cls(scale=float(np.sqrt(realised / max(float(expected), 1e-12))))

    def errors(self, scored: pd.DataFrame) -> Floats:
        """Expected errors (n,) on the scale on which their RMS estimates the RMSE."""
        return self.scale * scored["expected_error"].to_numpy(dtype=float)

    def rmse(self, scored: pd.DataFrame) -> float:
        """Estimated RMSE of log price over scored rows."""
        return float(np.sqrt(np.mean(np.square(self.errors(scored)))))
