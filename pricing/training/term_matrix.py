"""The terms of many wines as a sparse matrix, for training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple, Self

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


class Entries(NamedTuple):
    """Of each entry of a term matrix: its row, before which word of the note it begins, whether it is a name,
    or a single word of the note; and of the names the optional fields that they need, (2, names).
    """

    owners: npt.NDArray[np.int32]
    begins: npt.NDArray[np.int32]
    is_name: npt.NDArray[np.bool_]
    is_word: npt.NDArray[np.bool_]
    needed: npt.NDArray[np.int8]


class Masked(NamedTuple):
    """What a mask leaves of n wines: their terms (n, t), and of the note how many terms and, of these, how
    many single words (n,).
    """

    terms: sparse.csr_matrix
    known: Codes
    words: Codes


@dataclass(frozen=True)
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

    def lengths(self) -> tuple[Codes, Codes]:
        """How many terms each whole note holds, and how many of them are single words (n,)."""
        entries, size = self._entries, self.positions.shape[0]
        terms = np.bincount(entries.owners[~entries.is_name], minlength=size)
        return terms, np.bincount(entries.owners[entries.is_word], minlength=size)

    def masked(self, mask: Mask) -> Masked:
        """The terms that are provided: 1 for a name, the text's weight for a term of the note."""
        matrix, notes, size = self.positions, mask.notes, len(mask.fields)
        owners, begins, is_name, is_word, needed = self._entries
        kept = (begins >= notes.first[owners]) & (matrix.data <= notes.end[owners])
        always = np.append(mask.fields, np.ones((size, 1), dtype=bool), axis=1)
        names = owners[is_name]
        kept[is_name] = always[names, needed[0]] & always[names, needed[1]]
        owners, is_name = owners[kept], is_name[kept]
        known = np.bincount(owners[~is_name], minlength=size)
        weight = (1.0 / np.sqrt(np.maximum(known, SHORTEST))).astype(np.float32)
        ends = np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=size))])
        data = np.where(is_name, np.float32(1.0), weight[owners])
        terms = sparse.csr_matrix((data, matrix.indices[kept], ends), shape=matrix.shape)
        return Masked(terms, known, np.bincount(owners[is_word[kept]], minlength=size))

    @cached_property
    def _entries(self) -> Entries:
        """What no mask changes."""
        matrix = self.positions
        is_name = matrix.data == NAME
        length = np.where(self.kinds == "w2", 2, 1).astype(np.int32)
        needed = np.full((2, len(self.kinds)), -1, dtype=np.int8)
        for kind, needs in NEEDS.items():
            for place, field in enumerate(needs):
                needed[place, self.kinds == kind] = field
        return Entries(
            owners=np.repeat(np.arange(matrix.shape[0], dtype=np.int32), np.diff(matrix.indptr)),
            begins=matrix.data - length[matrix.indices],
            is_name=is_name,
            is_word=(self.kinds == "w")[matrix.indices],
            needed=needed[:, matrix.indices[is_name]],
        )
