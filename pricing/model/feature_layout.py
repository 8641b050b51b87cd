"""What the trees see of a wine: the columns that training and scoring fill alike."""

from __future__ import annotations

from typing import Final, TypeVar

from pricing.arrays import Floats
from pricing.model.target_encoding import WIDTH

LINEAR, NETWORKS, PREMIUM, SUPPORT, YEAR, WORDS, KNOWN, POINTS, START = range(9)
"""The wine's own: log price by the linear model and by the networks, premium and support of its
producer (NaN where none is provided), vintage, known words of the note, its known terms; points, and the
log price that the trees start from (both NaN without points). All others are as if a wine with points had
those of reference (`score_scale`).
"""

OWN: Final = 9
DENSE: Final = OWN + WIDTH
"""Inputs before the watched words: the wine's own, then the statistics of its groups."""

NETWORKS_SHARE: Final = 0.65
"""Of the log price that the trees start from; the rest is linear."""

Price = TypeVar("Price", float, Floats)


def start_of(linear: Price, networks: Price) -> Price:
    """Log price of one wine or of many that the trees start from, without the producer."""
    return NETWORKS_SHARE * networks + (1.0 - NETWORKS_SHARE) * linear
