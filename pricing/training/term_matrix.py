"""The terms of many wines as a sparse matrix, for training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pricing.model.vocabulary import TermIndex, text_weight
from pricing.wine.tokens import Reading

NEEDS: Final = {"v": (0,), "a": (0,), "r": (2,), "b": (0, 2), "e": (3,), "d": (3,), "s": (4,)}
"""Optional fields (positions in OPTIONAL_FIELDS) without which a kind of term cannot be."""


def matrix_of(index: TermIndex, readings: Sequence[Reading]) -> sparse.csr_matrix:
    """One row per wine (n, terms): 1 for a name, `text_weight` for a word."""
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for reading in readings:
        text, known, _ = index.text_columns(reading.words)
        names = index.place_columns(reading) + index.optional_columns(reading)
        columns += text + names
        values += [text_weight(known)] * len(text) + [1.0] * len(names)
        ends.append(len(columns))
    known_terms = sparse.csr_matrix(
        (np.array(values), np.array(columns, dtype=np.int32) % (len(index.terms) + 1), np.array(ends)),
        shape=(len(readings), len(index.terms) + 1),
    )
    return known_terms[:, : len(index.terms)]


def keep_given(
    matrix: sparse.csr_matrix, kinds: npt.NDArray[np.str_], provided: npt.NDArray[np.bool_]
) -> sparse.csr_matrix:
    """The matrix without terms of optional fields that are not `provided` (n, 5)."""
    needed = np.full((2, len(kinds)), -1)
    for kind, needs in NEEDS.items():
        for place, field in enumerate(needs):
            needed[place, kinds == kind] = field
    kept_fields = np.append(provided, np.ones((len(provided), 1), dtype=bool), axis=1)
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    kept = matrix.copy()
    for need in needed:
        kept.data *= kept_fields[rows, need[matrix.indices]]
    kept.eliminate_zeros()
    return kept
