"""The names that a model knows, for completion while somebody types."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from typing import Final

from pricing.arrays import Codes
from pricing.wine.places.countries import CountryReader
from pricing.wine.places.hierarchy import Hierarchy
from pricing.wine.places.keys import key
from pricing.wine.places.other_names import other_names
from pricing.wine.places.winery_reader import TYPES, distinctive, spelled_out, types
from pricing.wine.text import fold
from serving.payloads.schemas import CategoryNames

LISTED_AT_MOST: Final = 2_000
"""A field with more names than this is listed by its most frequent ones and searched for the others."""

SUGGESTIONS: Final = 12
SLIPS: Final = 0.01
"""Of a place's wines: with no more than this share in a country it is not offered there."""

_WORD: Final = re.compile(r"[^\W_]+")
_LAST: Final = "\U0010ffff"


class CategoryIndex:
    """Finds names by the beginning of any of their words, the most frequent first.

    `categories`: field → names by falling frequency. `hierarchy`: which of them stood together, by their
    positions; without it no country is looked at. Hyphens, dots, accents and *saint* in any form make no
    difference, and a name is found by its names in other languages too.
    """

    def __init__(self, categories: Mapping[str, Sequence[str]], hierarchy: Hierarchy | None = None) -> None:
        self._names = {field: tuple(names) for field, names in categories.items()}
        self._words: dict[str, list[tuple[str, int]]] = {}
        self._hierarchy = hierarchy
        self._countries = CountryReader(self._names.get("country", ()))

    def listing(self) -> dict[str, CategoryNames]:
        """Field → its names, and whether these are all of them."""
        return {
            field: CategoryNames(names[:LISTED_AT_MOST], complete=len(names) <= LISTED_AT_MOST)
            for field, names in self._names.items()
        }

    def search(self, field: str, prefix: str, *, country: str = "", limit: int = SUGGESTIONS) -> list[str]:
        """At most `limit` names of `field` with a word that starts with `prefix`. Raises KeyError.

        Where the country is known, its names alone, those with most of its wines first; names of others are
        found only by what was typed, and where it has none like it.
        """
        names = self._names[field]
        ranks = self._matching(field, prefix)
        near = self._within(field, country)
        if near is not None and (not prefix.strip() or not near.keys().isdisjoint(ranks)):
            inside = near.keys() & set(ranks)
            return [names[rank] for rank in nsmallest(limit, inside, key=lambda rank: (-near[rank], rank))]
        return [names[rank] for rank in nsmallest(limit, ranks)]

    def _matching(self, field: str, prefix: str) -> Iterable[int]:
        starts = _starts(prefix)
        if not starts:
            return range(len(self._names[field]))
        return self._houses(prefix, starts) if field == "winery" else self._beginning(field, starts)

    def _beginning(self, field: str, starts: Iterable[str]) -> set[int]:
        words = self._words_of(field)
        return {
            rank
            for start in starts
            for _, rank in words[bisect_left(words, (start, 0)) : bisect_left(words, (start + _LAST, 0))]
        }

    def _houses(self, prefix: str, starts: Iterable[str]) -> set[int]:
        """Wineries by what they call themselves, in full or in short ("ch. marg"); where there are none,
        those of the name alone: "bodegas mug" for Muga.
        """
        kind, _, rest = _plain(prefix).partition(" ")
        kind = spelled_out(kind)
        if not rest or kind not in TYPES:
            return self._beginning("winery", starts)
        found = self._beginning("winery", {*starts, *_starts(f"{kind} {rest}")})
        names = self._names["winery"]
        return found or {
            rank for rank in self._beginning("winery", _starts(rest)) if _is_name_alone(names[rank], rest)
        }

    def _within(self, field: str, country: str) -> dict[int, int] | None:
        """Ranks of the names that stood with a country in training → in how many of its wines; None where it
        says nothing. Places with next to all of their wines elsewhere are slips of the data.
        """
        known = self._countries.read(country) if country and field != "country" else None
        if known is None or self._hierarchy is None:
            return None
        code = self._names["country"].index(known)
        rows, column = {
            "province": (self._hierarchy.places, (0, 1)),
            "region": (self._hierarchy.places, (0, 2)),
            "variety": (self._hierarchy.varieties, (0, 1)),
            "winery": (self._hierarchy.wineries, (1, 0)),
        }[field]
        within, of = column
        here, everywhere = _counted(rows[rows[:, within] == code], of), _counted(rows, of)
        slips = SLIPS if field in ("province", "region") else 0.0
        return {rank: wines for rank, wines in here.items() if wines > slips * everywhere[rank]}

    def _words_of(self, field: str) -> list[tuple[str, int]]:
        if field not in self._words:
            self._words[field] = sorted(
                {
                    (tail, rank)
                    for rank, name in enumerate(self._names[field])
                    for known_as in (name, *other_names(field, name))
                    for tail in _tails(known_as)
                }
            )
        return self._words[field]


def _is_name_alone(winery: str, start: str) -> bool:
    """Whether a house calls itself nothing, and `start` begins its name, not a later word of a longer one."""
    begins = key(winery).startswith(key(start)) or len(distinctive(winery)) <= len(start.split())
    return begins and not types(winery)


def _counted(rows: Codes, column: int) -> Counter[int]:
    """Rank in a column → wines, of rows whose last column counts them."""
    found: Counter[int] = Counter()
    for rank, wines in rows[:, [column, -1]].tolist():
        if rank >= 0:
            found[rank] += wines
    return found


def _starts(prefix: str) -> set[str]:
    """What a name may start with. The key counts unless it leaves out a word: the last is half a word yet."""
    plain, short = _plain(prefix), key(prefix)
    return {plain, short} - {""} if plain.count(" ") == short.count(" ") else {plain}


def _plain(name: str) -> str:
    return " ".join(_WORD.findall(fold(name)))


def _tails(name: str) -> Iterator[str]:
    """The name from each of its words on: `chateau latour`, `latour`; and its key the same way."""
    for form in (_plain(name), key(name)):
        for word in _WORD.finditer(form):
            yield form[word.start() :]
