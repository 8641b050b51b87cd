"""Conformal intervals whose width follows the expected error (Lei et al. 2018, Papadopoulos 2008)."""

from __future__ import annotations

from typing import Final

import numpy as np

from pricing.arrays import Codes, Floats
from pricing.model.experts import CALIBRATION_GROUPS, NOTE_GROUPS

SMALLEST_ERROR: Final = 0.02
"""Floor of the expected absolute error of log price: no wine is priced within 2 %."""

STEPS: Final = np.linspace(0.0, 1.0, 401)
FEWEST: Final = 60
"""A group with fewer calibration rows takes the figures of all rows."""

FEWEST_OF_COUNTRY: Final = 400
"""A country with fewer calibration rows in a group takes the group's figures: 400 rows put the share
that an interval holds within 2 points.
"""


def conformity_quantiles(residual: Floats, expected_error: Floats, groups: Codes, countries: Codes) -> Floats:
    """Quantiles of residual / expected error per group and country (Mondrian: Vovk 2005, 4.5), from rows
    no fit has seen.

    Shape (CALIBRATION_GROUPS, large countries + 1, 401). `countries` holds codes, -1 where not known;
    large ones have small codes, and the last place is for all others. A group of too few rows takes the
    figures of all that are provided the same fields, these those of all rows.
    """
    ratio = residual / expected_error
    sizes = np.bincount(countries[countries >= 0], minlength=1)
    large = int(np.flatnonzero(np.r_[True, sizes >= FEWEST_OF_COUNTRY])[-1])
    everything = _quantiles(ratio)
    table = np.empty((CALIBRATION_GROUPS, large + 1, len(STEPS)))
    for group in range(CALIBRATION_GROUPS):
        own, alike = groups == group, groups // NOTE_GROUPS == group // NOTE_GROUPS
        if own.sum() < FEWEST:
            own = alike
        table[group] = whole = _quantiles(ratio[own]) if own.sum() >= FEWEST else everything
        for country in range(large):
            rows = own & (countries == country)
            table[group, country] = _quantiles(ratio[rows]) if rows.sum() >= FEWEST_OF_COUNTRY else whole
    return table.astype(np.float64)


def bounds(table: Floats, coverage: float) -> list[list[tuple[float, float]]]:
    """Per group and country the factors (low, high) on the expected error for an interval of `coverage`.

    Half of what is left out lies below and half above; the factors never leave out the price itself.
    """
    tail = (1.0 - coverage) / 2.0
    return [
        [
            (min(0.0, float(np.interp(tail, STEPS, row))), max(0.0, float(np.interp(1.0 - tail, STEPS, row))))
            for row in group
        ]
        for group in table
    ]


def _quantiles(ratio: Floats) -> Floats:
    """Quantiles at STEPS as split conformal prediction takes them: of n figures the one that stands at
    (n + 1) times the step (Lei et al. 2018), between two of them by interpolation.
    """
    quantiles: Floats = np.quantile(ratio, STEPS, method="weibull")
    return quantiles
