"""Lists of different length as two arrays, so that many wines' terms are handled at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple, Self

import numpy as np

from pricing.arrays import Ints


class Ragged(NamedTuple):
    """The lists one after the other (m,), and where each begins and ends (n + 1,)."""

    flat: Ints
    ends: Ints

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> Self:
        ends = ends_of([len(each) for each in lists])
        return cls(np.fromiter(chain.from_iterable(lists), np.int64, int(ends[-1])), ends)

    @property
    def sizes(self) -> Ints:
        """Length of each list (n,)."""
        return np.diff(self.ends)

    @property
    def owners(self) -> Ints:
        """Which list each number belongs to (m,)."""
        return np.repeat(np.arange(len(self.ends) - 1), self.sizes)

    def take(self, rows: Ints) -> Ragged:
        """Some of the lists, in their order; `rows` ascending."""
        if len(rows) == len(self.ends) - 1:
            return self
        kept = np.zeros(len(self.ends) - 1, dtype=bool)
        kept[rows] = True
        return Ragged(self.flat[kept[self.owners]], ends_of(self.sizes[rows]))

    def followed_by(self, other: Ragged) -> Ragged:
        """These lists and then the others."""
        ends = np.concatenate([self.ends, other.ends[1:] + self.ends[-1]])
        return Ragged(np.concatenate([self.flat, other.flat]), ends)


def ends_of(sizes: Sequence[int] | Ints) -> Ints:
    """Bounds (n + 1,) of lists of these lengths (n,)."""
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
