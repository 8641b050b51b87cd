"""Missingness patterns of clients, and reference rows masked by the same patterns.

With fewer fields and shorter notes, predictions shift and errors grow, so the reference is masked like the
window.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from flows.data.clients import client_shares, shares_of
from flows.data.note_lengths import cut_like
from pricing.arrays import Bools, Codes, Floats
from pricing.wine.schema import OPTIONAL_FIELDS

_BITS: Final = 1 << np.arange(len(OPTIONAL_FIELDS))
_PATTERNS: Final = np.arange(1 << len(OPTIONAL_FIELDS))


def masked_like(wines: pd.DataFrame, window: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """`wines` with the optional fields masked by the missingness patterns of `window`'s clients, and notes
    cut to the lengths that these write.

    A field that a wine lacks and a field that a client leaves out look the same in a request. Wines keep
    what they lack of themselves (some countries' wines have no region), so only the clients' part is masked.
    """
    if wines.empty or window.empty:
        return wines.copy()
    own = provided_patterns(wines)
    patterns = _client_patterns(own, provided_patterns(window))
    kept = own & rng.choice(_PATTERNS, size=len(wines), p=patterns)
    masked = cut_like(wines, window, rng).copy()
    for name, bit in zip(OPTIONAL_FIELDS, _BITS, strict=True):
        if name in masked:
            masked[name] = masked[name].where((kept & bit) > 0, None)
    return masked


def provided_patterns(wines: pd.DataFrame) -> Codes:
    """For each row, the set of optional fields that it provides, one bit each (n,)."""
    fields = np.stack([provided(wines, name) for name in OPTIONAL_FIELDS], axis=1)
    patterns: Codes = fields @ _BITS
    return patterns


def provided(window: pd.DataFrame, name: str) -> Bools:
    """Rows that have a value of a field; blanks count as missing, a missing column as all missing."""
    if name not in window:
        return np.zeros(len(window), dtype=bool)
    column = window[name]
    filled = column.notna().to_numpy(dtype=bool)
    if column.dtype.kind in "fiu":
        return filled
    return filled & (column.astype("object") != "").to_numpy(dtype=bool)


def _client_patterns(own: Codes, provided_by_window: Codes) -> Floats:
    """Share of clients by pattern (the set of fields that they provide where the wine has them).

    A request provides what the wine has (distributed as in `own`) *and* the client's pattern provides.
    """
    has, observed = (shares_of(codes, len(_PATTERNS)) for codes in (own, provided_by_window))
    # sends[pattern, request]: chance that a client with this pattern sends such a request.
    sends = np.zeros((len(_PATTERNS), len(_PATTERNS)))
    for pattern in np.flatnonzero(has):
        sends[_PATTERNS, _PATTERNS & pattern] += has[pattern]
    return client_shares(sends, observed)
