"""Splits that keep one wine, and reviews that repeat each other, on one side."""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Final

import numpy as np
import pandas as pd

from pricing.arrays import Ints
from pricing.errors import DataError
from pricing.wine.text import fold, words_of

LONG_TEXT: Final = 12
"""From this many different words on, two reviews with the same words are one review."""

SHINGLE: Final = 5
"""Reviews are compared by their runs of this many words in a row."""

COPIED: Final = 0.5
"""Two reviews that share at least this part of the shorter one's runs are near-duplicates."""

MINIMUM_COPIED: Final = 3
"""Fewer common runs than this are chance."""

SHOWN: Final = 5
"""Rows that a message names."""

COMMON: Final = 6
"""A run of words in more reviews than this is a figure of speech and finds no pairs."""


def wine_key(wine: Sequence[str | None]) -> str:
    """Identity of a wine from (winery, millesime, designation, variety, region): one bottle, one key."""
    return "|".join(fold(part or "") for part in wine)


def groups_of(wines: pd.DataFrame) -> Ints:
    """Group number per row (n,): equal for rows of one wine and for near-duplicate reviews.

    `wines` has the columns of `pricing.data.cleaning.clean`; rows linked through a third share a group.
    """
    links = _Links(len(wines))
    links.join_equal(_wine_keys(wines))
    _join_reviews(links, wines)
    return links.roots()


def split_by_wine(wines: pd.DataFrame, *, test_share: float, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Train and test rows; a wine and all near-duplicates of its reviews stand on one side."""
    return _split(wines, groups_of(wines), test_share=test_share, seed=seed)


def split_by_winery(
    wines: pd.DataFrame, *, test_share: float, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Train and test rows without a common producer. A row without a winery is its own producer."""
    names = [
        fold(name) if isinstance(name, str) and name else f"\0{row}"
        for row, name in enumerate(wines["winery"].tolist())
    ]
    links = _Links(len(wines))
    links.join_equal(names)
    return _split(wines, links.roots(), test_share=test_share, seed=seed)


def check_disjoint(train: pd.DataFrame, test: pd.DataFrame) -> None:
    """Raise DataError, naming rows, when a wine or a near-duplicate review stands on both sides."""
    shared = overlap(train, test)
    if shared:
        pairs = ", ".join(f"train {a!r} / test {b!r}" for a, b in shared[:SHOWN])
        raise DataError(
            f"{len(shared)} test rows repeat wines or reviews of the training rows ({pairs}"
            f"{', …' if len(shared) > SHOWN else ''}): a score on them would flatter the model. "
            "Split with pricing.data.split.split_by_wine, or drop the rows from one side."
        )


def overlap(train: pd.DataFrame, test: pd.DataFrame) -> list[tuple[Hashable, Hashable]]:
    """(train label, test label) for each test row that shares its wine or its review with training.

    Without a designation, wines of one producer, vintage, variety and region can be several: they
    count as one when price and points are equal too.
    """
    both = pd.concat([train, test])
    links = _Links(len(both))
    links.join_equal(_bottle_keys(both))
    _join_reviews(links, both)
    groups = links.roots()
    first = dict(zip(reversed(groups[: len(train)].tolist()), reversed(train.index.tolist()), strict=True))
    rows = zip(groups[len(train) :].tolist(), test.index.tolist(), strict=True)
    return [(first[group], label) for group, label in rows if group in first]


def _split(
    wines: pd.DataFrame, groups: Ints, *, test_share: float, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    if not 0 < test_share < 1:
        raise DataError(f"test_share is {test_share}; give a share between 0 and 1, such as 0.1.")
    numbers, sizes = np.unique(groups, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(numbers))
    chosen = numbers[order[np.cumsum(sizes[order]) <= test_share * len(wines)]]
    held_out = np.isin(groups, chosen)
    return wines[~held_out], wines[held_out]


def _wine_keys(wines: pd.DataFrame) -> list[str | None]:
    columns = [_strings(wines, name) for name in ("winery", "millesime", "designation", "variety", "region")]
    return [wine_key(wine) if wine[0] else None for wine in zip(*columns, strict=True)]


def _bottle_keys(wines: pd.DataFrame) -> list[str | None]:
    """Like `_wine_keys`, separated by price and points where there is no designation."""
    labels = [
        wines[name].tolist() if name in wines.columns else [None] * len(wines) for name in ("price", "points")
    ]
    rows = zip(_wine_keys(wines), _strings(wines, "designation"), *labels, strict=True)
    return [key if key is None or name else f"{key}|{price}|{points}" for key, name, price, points in rows]


def _join_reviews(links: _Links, wines: pd.DataFrame) -> None:
    links.join_equal(_text_keys(wines))
    links.join_similar(_shingles(wines))


def _text_keys(wines: pd.DataFrame) -> list[str | None]:
    """The set of words of a long description: the same words in another order are the same review."""
    keys: list[str | None] = []
    for text in _strings(wines, "description"):
        words = sorted(set(words_of(text or "")))
        keys.append(_digest(" ".join(words)) if len(words) >= LONG_TEXT else None)
    return keys


def _shingles(wines: pd.DataFrame) -> list[set[str]]:
    texts = (words_of(text or "") for text in _strings(wines, "description"))
    return [{" ".join(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)} for words in texts]


def _strings(wines: pd.DataFrame, name: str) -> list[str | None]:
    if name not in wines.columns:
        return [None] * len(wines)
    return [value if isinstance(value, str) and value else None for value in wines[name].tolist()]


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


class _Links:
    """Disjoint sets of rows."""

    def __init__(self, rows: int) -> None:
        self._parent = list(range(rows))

    def join_equal(self, keys: Iterable[str | None]) -> None:
        """Join rows with equal keys; None joins nothing."""
        seen: dict[str, int] = {}
        for row, key in enumerate(keys):
            if key is not None:
                self._join(seen.setdefault(key, row), row)

    def join_similar(self, marks: Sequence[set[str]]) -> None:
        """Join rows that share at least the part `COPIED` of the marks of the one with fewer."""
        holders: defaultdict[str, list[int]] = defaultdict(list)
        for row, own in enumerate(marks):
            for mark in own:
                holders[mark].append(row)
        pairs = {
            pair
            for rows in holders.values()
            if 1 < len(rows) <= COMMON
            for pair in itertools.combinations(rows, 2)
        }
        for first, second in pairs:
            a, b = marks[first], marks[second]
            if len(a & b) >= max(MINIMUM_COPIED, COPIED * min(len(a), len(b))):
                self._join(first, second)

    def roots(self) -> Ints:
        return np.array([self._find(row) for row in range(len(self._parent))], dtype=np.int64)

    def _find(self, row: int) -> int:
        while self._parent[row] != row:
            self._parent[row] = self._parent[self._parent[row]]
            row = self._parent[row]
        return row

    def _join(self, first: int, second: int) -> None:
        a, b = self._find(first), self._find(second)
        if a != b:
            self._parent[max(a, b)] = min(a, b)
