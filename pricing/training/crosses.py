"""Crosses of words with places: columns of the linear model of the required fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pricing.arrays import Codes, Floats
from pricing.model.crossed_terms import CROSSED_FIELDS, CrossedTerms, place_numbers, steps_of
from pricing.training.design_matrix import Rows
from pricing.training.masks import Mask, whole_notes

FEWEST_OF_PLACE: Final = 150
"""Wines of a place whose words have weights of their own."""

FEWEST_OF_CROSS: Final = 8
"""Wines of a place that must hold a word."""

SCALE: Final = 0.7
"""How easily a cross may move the price; found on folds of the training rows."""


@dataclass(frozen=True, slots=True)
class Crosses:
    """The crosses that are kept: `keys` (m,), sorted, as in `CrossedTerms`; `of_row` (n, 2) are the
    numbers of each row's places, `word` (t,) those of the columns that are words, else -1.
    """

    words: Codes
    places: tuple[int, ...]
    of_row: Codes
    word: Codes
    keys: Codes

    def matrix(self, terms: sparse.csr_matrix, rows: npt.NDArray[np.intp]) -> sparse.csr_matrix:
        """Scaled values of the crosses (r, m) from the `terms` (r, t) of some of the rows."""
        owners, keys, values = _keys(terms, self.word, self.of_row[rows], len(self.words))
        place = np.minimum(np.searchsorted(self.keys, keys), max(len(self.keys) - 1, 0))
        known = self.keys[place] == keys if len(self.keys) else np.zeros(len(keys), dtype=bool)
        shape = (terms.shape[0], len(self.keys))
        entries = values[known].astype(np.float64) * SCALE
        return sparse.csr_matrix((entries, (owners[known], place[known])), shape=shape)

    def learned(self, coefficients: Floats, terms: int) -> CrossedTerms:
        """For scoring, from coefficients (m,) of the columns of `matrix`."""
        return CrossedTerms(self.words, terms, self.places, self.keys, steps_of(coefficients * SCALE))


def crosses_of(rows: Rows) -> Crosses:
    """The crosses that enough wines hold."""
    kinds = rows.source.terms.kinds
    words = np.flatnonzero(kinds == "w").astype(np.int64)
    word = np.full(len(kinds), -1, dtype=np.int64)
    word[words] = np.arange(len(words))
    places = tuple(_large(rows.codes[:, field]) for field in CROSSED_FIELDS)
    of_row = place_numbers(rows.codes, places)
    everything = Mask(np.zeros_like(rows.present), whole_notes(rows.words))
    _, keys, _ = _keys(rows.source.terms.masked(everything)[0], word, of_row, len(words))
    found, counts = np.unique(keys, return_counts=True)
    kept = (counts >= FEWEST_OF_CROSS) & (found < sum(places) * len(words))
    return Crosses(words, places, of_row, word, found[kept])


def _large(codes: Codes) -> int:
    """How many leading codes belong to places of `FEWEST_OF_PLACE` wines."""
    counts = np.bincount(codes[codes >= 0], minlength=1)
    return int(np.flatnonzero(np.r_[True, counts >= FEWEST_OF_PLACE])[-1])


def _keys(
    terms: sparse.csr_matrix, word: Codes, of_row: Codes, words: int
) -> tuple[Codes, Codes, npt.NDArray[np.float32]]:
    """Row, key and value of every word of the `terms` in each of its row's places."""
    number = word[terms.indices]
    is_word = number >= 0
    owners = np.repeat(np.arange(terms.shape[0]), np.diff(terms.indptr))[is_word]
    number, values = number[is_word], terms.data[is_word]
    keys = [places[owners] * words + number for places in of_row.T]
    return np.tile(owners, len(keys)), np.concatenate(keys), np.tile(values, len(keys))
