"""Which kinds of clients explain a window of requests."""

from __future__ import annotations

from typing import Final

import numpy as np

from pricing.arrays import Codes, Floats

_ROUNDS: Final = 300


def client_shares(sends: Floats, observed: Floats, before: Floats | None = None) -> Floats:
    """Shares of kinds of clients (k,) under which what was `observed` (m, shares of requests) is most likely.

    `sends` (k, m) is the chance that a client of a kind sends such a request. By expectation and
    maximisation, from the shares `before` (k,): equal ones unless given.
    """
    shares: Floats = np.full(len(sends), 1 / len(sends)) if before is None else before
    for _ in range(_ROUNDS):
        expected = shares @ sends
        possible = expected > 0
        ratio = np.where(possible, observed / np.where(possible, expected, 1.0), 0.0)
        explained = shares * (sends @ ratio)
        if not explained.sum() > 0:  # the window shows what no client could send: there is nothing to learn
            break
        shares = explained / explained.sum()
    return shares


def shares_of(codes: Codes, kinds: int) -> Floats:
    """Share of each kind 0 to `kinds` - 1 among `codes` (n,)."""
    counts = np.bincount(codes, minlength=kinds).astype(np.float64)
    shares: Floats = counts / counts.sum()
    return shares
