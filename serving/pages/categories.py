"""The names that a model knows, for completion while somebody types."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from heapq import nsmallest
from typing import Final

from pricing.wine.text import fold

LISTED_AT_MOST: Final = 2_000
"""A field with more names than this is listed by its most frequent ones and searched for the others."""

SUGGESTIONS: Final = 12
_WORD_START: Final = re.compile(r"(?<![^\W_])[^\W_]")


class CategoryIndex:
    """Finds names by the beginning of any of their words, the most frequent first.

    `categories`: field → names by falling frequency. A search touches only the names that match.
    """

    def __init__(self, categories: Mapping[str, Sequence[str]]) -> None:
        self._names = {field: tuple(names) for field, names in categories.items()}
        self._words: dict[str, list[tuple[str, int]]] = {}

    def listing(self) -> dict[str, dict[str, object]]:
        """Field → its names, and whether these are all of them."""
        return {
            field: {"names": names[:LISTED_AT_MOST], "complete": len(names) <= LISTED_AT_MOST}
            for field, names in self._names.items()
        }

    def search(self, field: str, prefix: str, limit: int = SUGGESTIONS) -> list[str]:
        """At most `limit` names of `field` that have a word starting with `prefix`. Raises KeyError."""
        names = self._names[field]
        if not (start := fold(prefix)):
            return list(names[:limit])
        words = self._words_of(field)
        first, last = bisect_left(words, (start, 0)), bisect_left(words, (start + "\U0010ffff", 0))
        ranks = {rank for _, rank in words[first:last]}
        return [names[rank] for rank in nsmallest(limit, ranks)]

    def _words_of(self, field: str) -> list[tuple[str, int]]:
        if field not in self._words:
            self._words[field] = sorted(
                (tail, rank) for rank, name in enumerate(self._names[field]) for tail in _tails(fold(name))
            )
        return self._words[field]


def _tails(folded: str) -> Iterator[str]:
    """The name from each of its words on: `chateau latour`, `latour`."""
    for word in _WORD_START.finditer(folded):
        yield folded[word.start() :]
