"""Reference notes cut to the lengths in which clients write theirs.

Reviews have 40 words and a shop's line has 12: that is how clients write, and no drift. A note of which a
client writes the first words shows in a request as one of `min(its length, what the client writes)` words.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from flows.data.clients import client_shares, shares_of
from pricing.arrays import Codes, Floats

LONGEST: Final = 150
"""Words at which lengths are all one: no review has more."""

WHOLE: Final = 0.9
"""Share of clients that are taken to write whole notes until a window speaks against it."""

DESCRIPTION: Final = "description"


def cut_like(wines: pd.DataFrame, window: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """`wines` with notes cut to the lengths that `window`'s clients write; longer notes than the wines' own
    are not made.
    """
    if wines.empty or window.empty or DESCRIPTION not in wines:
        return wines
    own = note_lengths(wines)
    limits = rng.choice(LONGEST + 1, size=len(wines), p=_client_limits(own, note_lengths(window)))
    cut = limits < own
    notes = wines[DESCRIPTION].astype("object").to_numpy(copy=True)
    notes[cut] = [_opening(note, limit) for note, limit in zip(notes[cut], limits[cut], strict=True)]
    return wines.assign(**{DESCRIPTION: notes})


def note_lengths(wines: pd.DataFrame) -> Codes:
    """Words of each note (n,), `LONGEST` at most; 0 where there is none."""
    if DESCRIPTION not in wines:
        return np.zeros(len(wines), dtype=np.int64)
    words = [len(note.split()) if isinstance(note, str) else 0 for note in wines[DESCRIPTION]]
    return np.minimum(np.array(words, dtype=np.int64), LONGEST)


def _opening(note: str, words: int) -> str:
    return " ".join(note.split()[:words])


def _client_limits(own: Codes, of_window: Codes) -> Floats:
    """Share of clients (LONGEST + 1,) by the words that they write at most; LONGEST for whole notes.

    Shares that stand for less than one request of the window are chance.
    """
    has, observed = shares_of(own, LONGEST + 1), shares_of(of_window, LONGEST + 1)
    lengths = np.arange(LONGEST + 1)
    sends = np.zeros((LONGEST + 1, LONGEST + 1))
    for length in np.flatnonzero(has):
        sends[lengths, np.minimum(lengths, length)] += has[length]
    before = np.full(LONGEST + 1, (1 - WHOLE) / LONGEST)
    before[LONGEST] = WHOLE
    shares = client_shares(sends, observed, before)
    shares[:LONGEST][shares[:LONGEST] * len(of_window) < 1] = 0.0
    shares[LONGEST] = max(0.0, 1.0 - shares[:LONGEST].sum())
    shares /= shares.sum()
    return shares
