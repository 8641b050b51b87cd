"""What a word is worth in one country or province beyond what it is worth everywhere.

Linear weights alone. Like the vectors of `embedding_bag` they are whole multiples of `STEP`, so that
their sums are exact in any order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from pricing.arrays import Codes, Floats
from pricing.model.embedding_bag import LARGEST, STEP
from pricing.model.ragged import Ragged

CROSSED_FIELDS: Final = (0, 1)
"""Positions in CATEGORY_FIELDS of the fields that are crossed with words: country and province."""


@dataclass(frozen=True, slots=True)
class CrossedTerms:
    """Weights of words (columns `words` (w,) of the vocabulary of `terms` columns) in places.

    `places` (2,): how many of the most frequent countries and provinces have weights; their codes are
    the smallest. `keys` (m,) are place number times w plus word number, `steps` (m,) the weights in units of
    `STEP`. Provinces are numbered after countries.
    """

    words: Codes
    terms: int
    places: tuple[int, ...]
    keys: Codes
    steps: npt.NDArray[np.int16]
    _table: npt.NDArray[np.float32] = field(init=False)
    _word: npt.NDArray[np.intp] = field(init=False)

    def __post_init__(self) -> None:
        rows, width = sum(self.places) + 1, len(self.words) + 1  # the last of each: nothing
        table = np.zeros((rows, width), dtype=np.float32)
        if len(self.words):
            table[np.divmod(self.keys, len(self.words))] = self.steps * np.float32(STEP)
        word = np.full(self.terms + 1, width - 1, dtype=np.intp)
        word[self.words] = np.arange(width - 1)
        object.__setattr__(self, "_table", table)
        object.__setattr__(self, "_word", word)

    def sum(self, text: Codes, codes: Sequence[int]) -> float:
        """Sum of the weights of one note's columns in the places of its `codes`."""
        words = self._word.take(text)
        start, total = 0, 0.0
        for position, count in zip(CROSSED_FIELDS, self.places, strict=True):
            code = codes[position]
            if 0 <= code < count:
                total += float(np.add.reduce(self._table[start + code].take(words)))
            start += count
        return total

    def sums(self, texts: Ragged, codes: Codes) -> Floats:
        """The same for n notes and codes (n, 5)."""
        words, owners = self._word[texts.flat], texts.owners
        total = np.zeros(len(codes))
        for place in place_numbers(codes, self.places).T:
            total += np.bincount(owners, self._table[place[owners], words], len(codes))
        return total


def place_numbers(codes: Codes, places: Sequence[int]) -> Codes:
    """Number of the place of each row in each crossed field (n, 2); the last number is for none."""
    starts = np.concatenate([[0], np.cumsum(places)])
    columns = codes[:, list(CROSSED_FIELDS)]
    known = (columns >= 0) & (columns < np.array(places))
    numbers: Codes = np.where(known, columns + starts[:-1], starts[-1])
    return numbers


def steps_of(weights: Floats) -> npt.NDArray[np.int16]:
    """Weights rounded to whole steps."""
    return np.clip(np.rint(weights / STEP), -LARGEST, LARGEST).astype(np.int16)
