"""One vector per known term, and their sums over the terms of a wine.

The figures are whole multiples of `STEP`, so that sums of hundreds of them are exact in single
precision: they do not depend on order, on memory or on how many wines are summed at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pricing.arrays import Codes, Floats
from pricing.model.ragged import Ragged
from pricing.model.vocabulary import UNKNOWN

STEP: Final = 2.0**-12
LARGEST: Final = 2**15 - 1

Steps = npt.NDArray[np.int16]


class TermVectors:
    """Vectors (terms, width); `steps` holds them in units of `STEP`, for a saved model.

    Columns are those of `TermIndex`; the vector of an unknown term is zero.
    """

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self.width = steps.shape[1]
        nothing = np.zeros((1, self.width), dtype=np.int16)
        self._table = np.concatenate([steps, nothing]).astype(np.float32) * np.float32(STEP)

    @classmethod
    def of(cls, vectors: npt.NDArray[np.floating]) -> Self:
        """Round `vectors` (terms, width) to whole steps; beyond ±8 they are cut."""
        return cls(np.clip(np.rint(vectors / STEP), -LARGEST, LARGEST).astype(np.int16))

    def sum(self, columns: Sequence[int] | Codes) -> Floats:
        """Sum of the vectors of one wine's terms (width,)."""
        total: Floats = np.add.reduce(self._table.take(columns, axis=0), axis=0).astype(np.float64)
        return total

    def sums(self, columns: Ragged) -> Floats:
        """Sum of the vectors of each wine's terms (n, width)."""
        every = np.where(columns.flat == UNKNOWN, len(self.steps), columns.flat)
        shape = (len(columns.ends) - 1, len(self._table))
        ones = np.ones(len(every), np.float32)
        summed = sparse.csr_array((ones, every, columns.ends), shape=shape) @ self._table
        return np.asarray(summed, dtype=np.float64)
