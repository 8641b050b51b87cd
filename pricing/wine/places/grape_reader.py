"""A variety by any of its names, in the direction of the one that training knows for the country."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import permutations
from typing import Final

from pricing.wine.places.hierarchy import Hierarchy
from pricing.wine.places.keys import key, parts
from pricing.wine.places.spelling import NearNames
from pricing.wine.places.tables import grapes, varieties
from pricing.wine.text import fold

BORNE_OUT: Final = 5
"""Wines of a country that make a name one of that country's own."""

JOINED: Final = 3
"""Grapes of a blend that are put together in any order."""


class GrapeReader:
    """Reads varieties by the names that training knows, most frequent first."""

    def __init__(self, names: Mapping[str, Sequence[str]], hierarchy: Hierarchy) -> None:
        self._exact = {fold(name): name for name in names["variety"]}
        self._known = {key(name): name for name in reversed(names["variety"])}
        self._counts: Counter[tuple[str, str]] = Counter()
        self._totals: Counter[str] = Counter()
        for country, variety, count in hierarchy.varieties.tolist():
            if variety >= 0:
                self._totals[names["variety"][variety]] += count
                if country >= 0:
                    self._counts[names["country"][country], names["variety"][variety]] += count
        self._near = NearNames({*self._known, *_synonyms()})

    def read(self, variety: str, country: str) -> str | None:
        """The known name of a variety in a country; None for one that training does not know."""
        exact = self._exact.get(fold(variety))
        used = self._likeliest(exact, key(variety), country)
        if used:
            return used
        found = [self._likeliest(None, key(part), country) for part in _grapes_of(variety)]
        known = [name for name in found if name]
        if known:
            return self._blend(known) or known[0]
        near = self._near.find(key(variety))
        return self._likeliest(None, near, country) if near else None

    def _likeliest(self, exact: str | None, name: str, country: str) -> str | None:
        """The name itself where wines of the country bear it, else the synonym that most of them bear."""
        given = exact or self._known.get(name)
        if given and (not country or self._counts[country, given] >= BORNE_OUT):
            return given
        others = [self._known[each] for each in _synonyms().get(name, ()) if each in self._known]
        return max(
            [*([given] if given else []), *others],
            key=lambda each: (self._counts[country, each], each == given, self._totals[each]),
            default=None,
        )

    def _blend(self, grapes_: Sequence[str]) -> str | None:
        for order in permutations(dict.fromkeys(grapes_[:JOINED])):
            joined = self._known.get(key("-".join(order)))
            if joined and len(order) > 1:
                return joined
        return None


def _grapes_of(variety: str) -> Iterator[str]:
    """The grapes of a blend: "60% Merlot, 40% Cabernet Franc", "Merlot/Malbec", "Syrah und Grenache"."""
    text = "".join(" " if letter.isdigit() or letter == "%" else letter for letter in variety)
    for word in (" & ", " + ", " und ", " et ", " and ", " e ", " y ", " con ", " with ", " mit ", "-"):
        text = text.replace(word, ",")
    yield from parts(text) or ([text] if text != variety else [])


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    """Key of a name → keys of all names of the same grape or kind of wine, the most usual first."""
    found: dict[str, tuple[str, ...]] = {}
    groups = [*grapes(), *((each.name, *each.local.values(), *each.others) for each in varieties())]
    for names in groups:
        keys = tuple(dict.fromkeys(map(key, names)))
        for name in keys:
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), *keys)))
    return found
