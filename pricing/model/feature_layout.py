"""What the trees see of a wine: the columns that training and scoring fill alike."""

from __future__ import annotations

from typing import Final

from pricing.model.target_encoding import WIDTH

LINEAR, NETWORKS, PREMIUM, SUPPORT, YEAR, WORDS, KNOWN, POINTS = range(8)
"""The wine's own: log price by the linear model and by the networks, premium and support of its
producer (NaN where none is provided), vintage, known words of the note, its known terms, points.
"""

OWN: Final = 8
DENSE: Final = OWN + WIDTH
"""Inputs before the watched words: the wine's own, then the statistics of its groups."""

NETWORKS_SHARE: Final = (0.65, 0.5, 0.5, 0.5)
"""Per head: the networks' share in the log price that the trees start from; the rest is linear."""
