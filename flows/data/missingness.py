"""What clients tell and what they leave out, and reference rows that are told as little.

What a model says and how far it errs depends on how much it is told: only like compares with like.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from pricing.arrays import Bools, Codes, Floats
from pricing.wine.schema import OPTIONAL_FIELDS

_BITS: Final = 1 << np.arange(len(OPTIONAL_FIELDS))
_PATTERNS: Final = np.arange(1 << len(OPTIONAL_FIELDS))
_ROUNDS: Final = 300


def masked_like(wines: pd.DataFrame, window: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """`wines` with the optional fields hidden as the clients of `window` hide them.

    A field that a wine lacks and a field that a client leaves out look the same in a request. Wines keep
    what they lack of themselves (some countries' wines have no region), so only the clients' part is hidden.
    """
    if wines.empty or window.empty:
        return wines.copy()
    own = told_patterns(wines)
    habits = _habits(own, told_patterns(window))
    told = own & rng.choice(_PATTERNS, size=len(wines), p=habits)
    masked = wines.copy()
    for name, bit in zip(OPTIONAL_FIELDS, _BITS, strict=True):
        if name in masked:
            masked[name] = masked[name].where((told & bit) > 0, None)
    return masked


def told_patterns(wines: pd.DataFrame) -> Codes:
    """For each row, the set of optional fields that it gives, one bit each (n,)."""
    fields = np.stack([given(wines, name) for name in OPTIONAL_FIELDS], axis=1)
    patterns: Codes = fields @ _BITS
    return patterns


def given(window: pd.DataFrame, name: str) -> Bools:
    """Rows that have a value of a field; blanks count as missing, a missing column as all missing."""
    if name not in window:
        return np.zeros(len(window), dtype=bool)
    column = window[name]
    filled = column.notna().to_numpy(dtype=bool)
    if column.dtype.kind in "fiu":
        return filled
    return filled & (column.astype("object") != "").to_numpy(dtype=bool)


def _habits(own: Codes, told: Codes) -> Floats:
    """Share of clients with each habit (set of fields that they give where the wine has them).

    Maximum likelihood by expectation and maximisation: a request tells what the wine has (distributed as in
    `own`) *and* the client's habit gives.
    """
    has, says = _shares(own), _shares(told)
    # tells[habit, pattern]: chance that a client of this habit sends this pattern.
    tells = np.zeros((len(_PATTERNS), len(_PATTERNS)))
    for pattern in np.flatnonzero(has):
        tells[_PATTERNS, _PATTERNS & pattern] += has[pattern]
    habits: Floats = np.full(len(_PATTERNS), 1 / len(_PATTERNS))
    for _ in range(_ROUNDS):
        expected = habits @ tells
        possible = expected > 0
        ratio = np.where(possible, says / np.where(possible, expected, 1.0), 0.0)
        explained = habits * (tells @ ratio)
        if not explained.sum() > 0:  # the window tells what these wines never have: nothing to hide
            break
        habits = explained / explained.sum()
    return habits


def _shares(patterns: Codes) -> Floats:
    counts = np.bincount(patterns, minlength=len(_PATTERNS)).astype(np.float64)
    shares: Floats = counts / counts.sum()
    return shares
