"""The words and names that training knows, and a wine as the list of those it holds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pricing.reading import Reading, optional_terms, pairs_of, place_terms

MINIMUM_COUNT: Final = {"c": 3, "p": 3, "y": 5, "v": 3, "a": 5, "r": 2, "b": 3, "e": 3, "d": 3, "s": 1}
"""Rows that must hold a term of each kind; kinds as the second letter that `pricing.reading` gives."""

PAIR: Final = 2.4
"""A pair of words must be in this many times as many wines as a word."""

NEEDS: Final = {"v": (0,), "a": (0,), "r": (2,), "b": (0, 2), "e": (3,), "d": (3,), "s": (4,)}
"""Optional fields (positions in OPTIONAL_FIELDS) without which a kind of term cannot be."""

SHORTEST: Final = 4
"""Known terms below which a description's weights stop growing."""


class TermIndex:
    """Term → column. Terms of the required fields come first: columns 0 to `required` - 1."""

    def __init__(self, terms: Sequence[str], required: int) -> None:
        self.terms = tuple(terms)
        self.required = required
        self.column = {term: number for number, term in enumerate(terms)}

    @classmethod
    def learn(cls, readings: Iterable[Reading], minimum: int) -> Self:
        """Keep the terms that enough of the wines hold: `minimum` of them for a word."""
        required: Counter[str] = Counter()
        optional: Counter[str] = Counter()
        for reading in readings:
            required.update(set(reading.words))
            required.update(set(pairs_of(reading.words)))
            required.update(place_terms(reading))
            optional.update(set(optional_terms(reading)))
        first = sorted(term for term, count in required.items() if count >= _minimum(term, minimum))
        then = sorted(term for term, count in optional.items() if count >= _minimum(term, minimum))
        return cls([*first, *then], len(first))

    def place_columns(self, reading: Reading) -> list[int]:
        """Columns of the known country, province and vintage."""
        return self._known(place_terms(reading))

    def text_columns(self, words: list[str]) -> tuple[list[int], int]:
        """Columns of the known words and pairs, each once, and how many of them are words."""
        single = self._known(dict.fromkeys(words))
        return single + self._known(dict.fromkeys(pairs_of(words))), len(single)

    def optional_columns(self, reading: Reading) -> list[int]:
        """Columns of the known terms of the optional fields."""
        return self._known(optional_terms(reading))

    def _known(self, terms: Iterable[str]) -> list[int]:
        return [column for column in map(self.column.get, terms) if column is not None]

    def matrix(self, readings: Sequence[Reading]) -> sparse.csr_matrix:
        """One row per wine (n, terms): 1 for a name, `text_weight` for a word."""
        columns: list[int] = []
        values: list[float] = []
        ends = [0]
        for reading in readings:
            text, _ = self.text_columns(reading.words)
            names = self.place_columns(reading) + self.optional_columns(reading)
            columns += text + names
            values += [text_weight(len(text))] * len(text) + [1.0] * len(names)
            ends.append(len(columns))
        return sparse.csr_matrix(
            (np.array(values), np.array(columns, dtype=np.int32), np.array(ends)),
            shape=(len(readings), len(self.terms)),
        )

    def kinds(self) -> npt.NDArray[np.str_]:
        """Kind of each column: "w" a word, "b2" a pair of words, else the letter of `pricing.reading`."""
        return np.array([_kind(term) for term in self.terms])


def text_weight(known: int) -> float:
    """Weight of each of the `known` terms of a description: long ones do not count for more."""
    return 1.0 / math.sqrt(max(known, SHORTEST))


def keep_given(
    matrix: sparse.csr_matrix, kinds: npt.NDArray[np.str_], given: npt.NDArray[np.bool_]
) -> sparse.csr_matrix:
    """The matrix without terms of optional fields that are not `given` (n, 5)."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    keep = np.ones(matrix.nnz, dtype=bool)
    for kind, needs in NEEDS.items():
        of_kind = (kinds == kind)[matrix.indices]
        for field in needs:
            keep[of_kind] &= given[rows[of_kind], field]
    kept = matrix.copy()
    kept.data = np.where(keep, kept.data, 0.0)
    kept.eliminate_zeros()
    return kept


def _kind(term: str) -> str:
    if term[0] == "0" and len(term) > 1 and term[1].isalpha():
        return term[1]
    return "w2" if " " in term else "w"


def _minimum(term: str, word: int) -> float:
    kind = _kind(term)
    return word if kind == "w" else PAIR * word if kind == "w2" else MINIMUM_COUNT[kind]
