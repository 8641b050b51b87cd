"""The words and names that training knows, and a wine as the list of those it holds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, repeat
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from pricing.arrays import Codes
from pricing.model.ragged import Ragged, ends_of
from pricing.wine.tokens import Reading, designation_terms, name_terms, optional_terms, pairs_of, place_terms

MINIMUM_COUNT: Final = {
    "c": 3,
    "p": 3,
    "y": 5,
    "t": 50,
    "u": 50,
    "v": 3,
    "a": 5,
    "r": 2,
    "b": 3,
    "e": 3,
    "d": 3,
}
"""Rows that must hold a term of each kind; kinds as the second letter that `pricing.wine.tokens` gives."""

NOTE_KINDS: Final = ("w", "w2")
"""Kinds of the terms of a note: words, and two words in a row."""

PAIR: Final = 2.4
"""A pair of words must be in this many times as many wines as a word."""

UNKNOWN: Final = -1

REMEMBERED: Final = 8192
"""Names whose columns are kept: many wines share a variety and a region, or a designation."""

SHORTEST: Final = 4
"""Known terms below which a description's weights stop growing."""


class TermIndex:
    """Term → column. Terms of the required fields come first: columns 0 to `required` - 1. A term that
    is not known has the column UNKNOWN: the last place of arrays that keep one for it.
    """

    def __init__(self, terms: Sequence[str], required: int) -> None:
        self.terms = tuple(terms)
        self.required = required
        self._names: dict[str, int] = {}
        self._words: dict[str, int] = {}
        self._second: dict[str, dict[str, int]] = {}
        for number, term in enumerate(terms):
            kind = _kind(term)
            if kind == "w":
                self._words[term] = number
            elif kind == "w2":
                first, second = term.split(" ")
                self._second.setdefault(first, {})[second] = number
            else:
                self._names[term] = number
        pairs = [
            (self._words[first] * len(self.terms) + self._words[second], number)
            for first, seconds in self._second.items()
            for second, number in seconds.items()
        ]
        # apart, for searchsorted copies keys that do not lie side by side
        self._pair_keys, self._pair_numbers = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2).T.copy()
        self._is_word = np.zeros(len(self.terms), dtype=bool)
        self._is_word[list(self._words.values())] = True
        none: dict[str, int] = {}
        self._looked_up = {
            word: (column, self._second.get(word, none)) for word, column in self._words.items()
        }
        self._else = repeat(UNKNOWN)
        self._nothing = repeat((UNKNOWN, none))
        remember = lru_cache(maxsize=REMEMBERED)
        self.name_columns = remember(lambda *names: self._columns(name_terms(*names)))
        """Columns of a variety, province and region: the variety, also in the others, and the region."""
        self.designation_columns = remember(lambda text: self._columns(designation_terms(text)))
        """Columns of a designation and its words."""

    @classmethod
    def learn(cls, readings: Iterable[Reading], minimum: int) -> Self:
        """Keep the terms that enough of the wines hold: `minimum` of them for a word."""
        required: Counter[str] = Counter()
        optional: Counter[str] = Counter()
        for reading in readings:
            required.update(set(reading.words))
            required.update(set(pairs_of(reading.words)))
            required.update(place_terms(reading.country, reading.province, reading.year))
            optional.update(set(optional_terms(reading)))
        first = sorted(term for term, count in required.items() if count >= _minimum(term, minimum))
        then = sorted(term for term, count in optional.items() if count >= _minimum(term, minimum))
        return cls([*first, *then], len(first))

    def place_columns(self, country: str, province: str, year: int | None) -> list[int]:
        """Columns of the country, the province, the vintage and the vintage in each of these."""
        return list(map(self._names.get, place_terms(country, province, year), self._else))

    def text_columns(self, words: list[str]) -> tuple[list[int], int, int]:
        """Columns of the known words and pairs, each once; their number; how many of them are words."""
        found = list(map(self._looked_up.get, words, self._nothing))
        known = dict.fromkeys([column for column, _ in found])
        pairs = dict.fromkeys(
            [seconds.get(word, UNKNOWN) for (_, seconds), word in zip(found, words[1:], strict=False)]
        )
        known.pop(UNKNOWN, None)
        pairs.pop(UNKNOWN, None)
        return [*known, *pairs], len(known) + len(pairs), len(known)

    def text_positions(self, words: list[str]) -> dict[int, int]:
        """Columns of the known words and pairs, with one more than the place of each one's last word,
        where it stands first.
        """
        positions: dict[int, int] = {}
        before: dict[str, int] = {}
        for place, word in enumerate(words, 1):
            for column in (self._words.get(word, UNKNOWN), before.get(word, UNKNOWN)):
                positions.setdefault(column, place)
            before = self._second.get(word, {})
        positions.pop(UNKNOWN, None)
        return positions

    def columns_of_texts(self, texts: Sequence[list[str]]) -> tuple[Ragged, list[int]]:
        """The same for n texts at once: columns of what each holds, and how many of them are words.

        A pair's words are known, being at least as frequent.
        """
        ends = ends_of([len(words) for words in texts])
        found = map(self._words.get, chain.from_iterable(texts), self._else)
        words = Ragged(np.fromiter(found, np.int64, int(ends[-1])), ends)
        owners, size = words.owners, len(self.terms)
        first, second = words.flat[:-1], words.flat[1:]
        beside = (first != UNKNOWN) & (second != UNKNOWN) & (owners[:-1] == owners[1:])
        pairs, owners_of_pairs = (
            self._pair_columns(first[beside] * size + second[beside]),
            owners[:-1][beside],
        )
        columns, owners = np.concatenate([words.flat, pairs]), np.concatenate([owners, owners_of_pairs])
        known = columns != UNKNOWN
        every = np.sort(owners[known] * size + columns[known])
        once = every[np.diff(every, prepend=UNKNOWN) != 0]  # np.unique hashes first: six times as long
        owners, columns = np.divmod(once, size)
        sizes = np.bincount(owners, minlength=len(texts))
        known_words = np.bincount(owners[self._is_word[columns]], minlength=len(texts))
        return Ragged(columns, ends_of(sizes)), known_words.tolist()

    def _pair_columns(self, keys: Codes) -> Codes:
        """Columns of pairs of words by their key (m,), UNKNOWN for those that are not known."""
        if not len(self._pair_keys):
            return np.full(len(keys), UNKNOWN)
        place = np.minimum(np.searchsorted(self._pair_keys, keys), len(self._pair_keys) - 1)
        return np.where(self._pair_keys[place] == keys, self._pair_numbers[place], UNKNOWN)

    def optional_columns(self, reading: Reading) -> list[int]:
        """Columns of the terms of the optional fields."""
        names = self.name_columns(reading.variety, reading.province, reading.region)
        return [*names, *self.designation_columns(reading.designation)]

    def _columns(self, terms: Iterable[str]) -> tuple[int, ...]:
        return tuple(map(self._names.get, terms, self._else))

    def kinds(self) -> npt.NDArray[np.str_]:
        """Kind of each column: "w" a word, "b2" a pair of words, else the letter of `pricing.wine.tokens`."""
        return np.array([_kind(term) for term in self.terms])


def text_weight(known: int) -> float:
    """Weight of each of the `known` terms of a description: long ones do not count for more."""
    return 1.0 / math.sqrt(max(known, SHORTEST))


def _kind(term: str) -> str:
    if term[0] == "0" and len(term) > 1 and term[1].isalpha():
        return term[1]
    return "w2" if " " in term else "w"


def _minimum(term: str, word: int) -> float:
    kind = _kind(term)
    return word if kind == "w" else PAIR * word if kind == "w2" else MINIMUM_COUNT[kind]
