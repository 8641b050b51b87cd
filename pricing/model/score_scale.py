"""More points never make a wine cheaper: how prices at fixed scores become one that only rises.

The base learners and the producer's other wines price a wine at each of `SCORES`, whatever its own. At a
score counts the highest price up to there (the least function above them that never falls); between two
of `SCORES` it is interpolated. What it rises or falls from the price at `REFERENCE` is shrunk to the share
`KEPT`, for the trees that follow may add to the rise, and take nothing from it: of their other inputs none
changes with the points (docs/decisions/0107-points-never-lower-the-price.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import numpy as np

from pricing.arrays import Floats

SCORES: Final = (80.0, 84.0, 88.0, 92.0, 96.0, 100.0)
REFERENCE: Final = 2
"""Place among `SCORES` of the score at which the trees see linear model, networks and producer."""

KEPT: Final = 0.7
STEP: Final = SCORES[1] - SCORES[0]

NO_NUMBERS: Final = (0.0, 0.0, 0.0)


def points_numbers(points: float | None) -> tuple[float, float, float]:
    """Points about 88 in units of three, whether provided, and the part above 91."""
    if points is None:
        return NO_NUMBERS
    scaled = (points - 88.0) / 3.0
    return scaled, 1.0, max(scaled - 1.0, 0.0)


NUMBERS: Final = np.array([points_numbers(score) for score in SCORES])
"""What linear models and networks see of each score (SCORES, 3): the last of their numbers."""


def interpolated(prices: Floats, points: Floats) -> Floats:
    """Log price (n,) at each wine's `points` (n,) from those at all SCORES (n, SCORES)."""
    places = np.clip((points - SCORES[0]) / STEP, 0.0, len(SCORES) - 1.0)
    first = np.minimum(places.astype(np.int64), len(SCORES) - 2)
    rows = np.arange(len(prices))
    low, high = prices[rows, first], prices[rows, first + 1]
    between: Floats = low + (places - first) * (high - low)
    return between


def rising(prices: Floats, points: Floats) -> Floats:
    """What the trees of n wines start from (n,): never less for more points. Shapes as in `interpolated`."""
    highest = np.maximum.accumulate(prices, axis=1)
    at_reference = highest[:, REFERENCE]
    kept: Floats = at_reference + KEPT * (interpolated(highest, points) - at_reference)
    return kept


def rising_one(prices: Sequence[float], points: float) -> float:
    """`rising` of one wine."""
    highest = list(accumulate(prices, max))
    place = min(max((points - SCORES[0]) / STEP, 0.0), len(SCORES) - 1.0)
    first = min(int(place), len(SCORES) - 2)
    low, at_reference = highest[first], highest[REFERENCE]
    between = low + (place - first) * (highest[first + 1] - low)
    return at_reference + KEPT * (between - at_reference)
