"""The terms of many wines as a sparse matrix, for training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pricing.arrays import Codes
from pricing.model.vocabulary import SHORTEST, UNKNOWN, TermIndex
from pricing.training.masks import Mask
from pricing.wine.tokens import Reading

NEEDS: Final = {"v": (0,), "a": (0,), "r": (2,), "b": (0, 2), "e": (3,), "d": (3,)}
"""Optional fields (positions in OPTIONAL_FIELDS) without which a kind of term cannot be."""

NAME: Final = -1
"""Stands for the position of a term that is not in the note."""


@dataclass(frozen=True, slots=True)
class TermMatrix:
    """Which terms n wines hold, and where: `positions` (n, t) holds NAME for a name, and for a term of
    the note one more than the place of its last word. `kinds` (t,) as `TermIndex.kinds`.
    """

    positions: sparse.csr_matrix
    kinds: npt.NDArray[np.str_]

    @classmethod
    def of(cls, index: TermIndex, readings: Sequence[Reading]) -> Self:
        columns: list[int] = []
        positions: list[int] = []
        ends = [0]
        for reading in readings:
            text = index.text_positions(reading.words)
            names = [
                *index.place_columns(reading.country, reading.province, reading.year),
                *index.optional_columns(reading),
            ]
            known = [column for column in names if column != UNKNOWN]
            columns += [*text, *known]
            positions += [*text.values(), *[NAME] * len(known)]
            ends.append(len(columns))
        matrix = sparse.csr_matrix(
            (np.array(positions, dtype=np.int32), np.array(columns, dtype=np.int32), np.array(ends)),
            shape=(len(readings), len(index.terms)),
        )
        return cls(matrix, index.kinds())

    def rows(self, chosen: npt.NDArray[np.intp], width: int) -> Self:
        """Some of the wines, and their first `width` terms."""
        return type(self)(self.positions[chosen][:, :width], self.kinds[:width])

    def masked(self, mask: Mask) -> tuple[sparse.csr_matrix, Codes]:
        """Terms (n, t) that are provided: 1 for a name, the text's weight for a term of the note; and
        how many terms of the note that are (n,).
        """
        matrix, size = self.positions, self.positions.shape[0]
        owners = np.repeat(np.arange(size), np.diff(matrix.indptr))
        position, is_name = matrix.data, matrix.data == NAME
        begins = position - np.where(self.kinds[matrix.indices] == "w2", 2, 1)
        in_note = (begins >= mask.notes.first[owners]) & (position <= mask.notes.end[owners])
        kept = np.where(is_name, self._of_given_fields(owners, mask), in_note)
        owners, columns, is_name = owners[kept], matrix.indices[kept], is_name[kept]
        known = np.bincount(owners[~is_name], minlength=size)
        weight = 1.0 / np.sqrt(np.maximum(known, SHORTEST))
        ends = np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=size))])
        data = np.where(is_name, 1.0, weight[owners]).astype(np.float32)
        return sparse.csr_matrix((data, columns, ends), shape=matrix.shape), known

    def _of_given_fields(self, owners: Codes, mask: Mask) -> npt.NDArray[np.bool_]:
        """Whether the fields that each term needs are provided."""
        needed = np.full((2, len(self.kinds)), -1)
        for kind, needs in NEEDS.items():
            for place, field in enumerate(needs):
                needed[place, self.kinds == kind] = field
        always = np.append(mask.fields, np.ones((len(mask.fields), 1), dtype=bool), axis=1)
        first, second = (always[owners, need[self.positions.indices]] for need in needed)
        return np.asarray(first & second)
