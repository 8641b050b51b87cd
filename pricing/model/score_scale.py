"""More points never make a wine cheaper: how far points move a price from that at a score of reference.

Linear model, networks and the producer's other wines price a wine with points as if it had the score of
reference, and tell apart what each of `SCORES` adds: the former two by slopes that are never negative, the
last by the producer's wines of like scores. Of the sum counts the highest up to a score (the least function
above it that never falls), interpolated between two of `SCORES`. The share `KEPT` of its rise is used, for
the trees may add to it, and take nothing from it (docs/decisions/0107-points-never-lower-the-price.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from pricing.arrays import Floats

STEP: Final = 4.0
SCORES: Final = (80.0, 84.0, 88.0, 92.0, 96.0, 100.0)
REFERENCE: Final = 2
"""Place among `SCORES` of the score of reference."""

KEPT: Final = 0.7
"""Share of the rise that the trees start from."""

SLOPES: Final = len(SCORES) - 1
"""A price has one of its own from each of `SCORES` to the next: log price for the step."""


def steps_of(points: float | None) -> tuple[float, ...]:
    """Share of each step that lies between the score of reference and these points, negative below it
    (SLOPES): what the slopes of a price are multiplied by. Zeros where no points are provided.
    """
    if points is None:
        return (0.0,) * SLOPES
    shares = (min(max((points - score) / STEP, 0.0), 1.0) for score in SCORES[:-1])
    return tuple(share - (step < REFERENCE) for step, share in enumerate(shares))


STEPS: Final = np.array([steps_of(score) for score in SCORES]).T
"""The same for all scores, (SLOPES, SCORES)."""


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
    place = min(max((points - SCORES[0]) / STEP, 0.0), len(SCORES) - 1.0)
    first = min(int(place), len(SCORES) - 2)
    low, at_reference = max(prices[: first + 1]), max(prices[: REFERENCE + 1])
    between = low + (place - first) * max(prices[first + 1] - low, 0.0)
    return at_reference + KEPT * (between - at_reference)
