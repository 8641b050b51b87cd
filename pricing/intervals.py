"""Conformal intervals whose width follows the expected error (Lei et al. 2018, Papadopoulos 2008)."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SMALLEST_ERROR: Final = 0.02
"""Floor of the expected absolute error of log price: no wine is priced within 2 %."""

STEPS: Final = np.linspace(0.0, 1.0, 401)
FEWEST: Final = 60
"""A cell with fewer calibration rows takes the figures of all rows."""


def scores_of(residual: Floats, expected_error: Floats, cells: npt.NDArray[np.int64], count: int) -> Floats:
    """Quantiles (count, 401) of residual / expected error per cell, from rows no fit has seen."""
    ratio = residual / expected_error
    everything = _quantiles(ratio)
    table = [
        _quantiles(ratio[cells == cell]) if (cells == cell).sum() >= FEWEST else everything
        for cell in range(count)
    ]
    return np.array(table)


def bounds(table: Floats, coverage: float) -> list[tuple[float, float]]:
    """Per cell the factors (low, high) on the expected error for an interval of `coverage`.

    Half of what is left out lies below and half above; the factors never leave out the price itself.
    """
    tail = (1.0 - coverage) / 2.0
    return [
        (min(0.0, float(np.interp(tail, STEPS, row))), max(0.0, float(np.interp(1.0 - tail, STEPS, row))))
        for row in table
    ]


def _quantiles(ratio: Floats) -> Floats:
    """Quantiles at STEPS, moved outwards by the (n + 1) / n of split conformal prediction."""
    outward = 0.5 + (STEPS - 0.5) * (1.0 + 1.0 / max(len(ratio), 1))
    return np.quantile(ratio, np.clip(outward, 0.0, 1.0))
