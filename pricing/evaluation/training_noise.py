"""How much a model's error changes when it is merely trained again: what no candidate may be blamed for.

A fit draws at random (folds, masks, initial weights), so two fits on the same wines differ. The share by
which the RMSE of log price differs from fit to fit (its standard deviation over seeds) is known in advance
from `benchmarks/gate.md`, and better where a training has measured it by further fits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from pricing.evaluation.slices import FIELD_SETS
from pricing.evaluation.views import View
from pricing.wine.schema import REQUIRED_FIELDS

PRIOR_ROWS: Final = 8_000
PRIOR: Final = 0.0125
PRIOR_REQUIRED: Final = 0.005
"""Of the estimator `wine` fitted on `PRIOR_ROWS` wines, asked with optional fields and with the required ones
alone. How much of the note is given hardly changes it.
"""

LEAST, MOST = 0.002, 0.015

PRIOR_FITS: Final = 6
"""What is known in advance counts like a measurement over this many fits."""


@dataclass(frozen=True, slots=True)
class TrainingNoise:
    """Noise of a model fitted on `rows` wines.

    `measured` holds, per name of a view, the RMSEs of fits that differ by their seed alone.
    """

    rows: int
    measured: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def of(self, view: View) -> float:
        """Standard deviation of the RMSE under `view` over fits, as a share of it."""
        prior = PRIOR_REQUIRED if FIELD_SETS[view.field_set] == REQUIRED_FIELDS else PRIOR
        prior = float(np.clip(prior * np.sqrt(PRIOR_ROWS / max(self.rows, 1)), LEAST, MOST))
        fits = np.asarray(self.measured.get(view.name, ()), dtype=np.float64)
        if len(fits) < 2:  # noqa: PLR2004 - one fit does not vary
            return prior
        squares = float(((fits / fits.mean() - 1) ** 2).sum())
        freedom = len(fits) - 1
        return float(np.sqrt((PRIOR_FITS * prior**2 + squares) / (PRIOR_FITS + freedom)))
