"""The provinces and appellations of one country by any of their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, NamedTuple

from pricing.wine.places.keys import core, key
from pricing.wine.places.spelling import NearNames
from pricing.wine.places.tables import Place, places
from pricing.wine.text import fold

SHORTEST_CONTAINED: Final = 5
"""A shorter name says nothing when it is a part of another one."""

MOST_WORDS: Final = 12
"""Words of a long name in which a place is looked for."""


class Found(NamedTuple):
    """A province and, where the name was that of an appellation, its region ("" otherwise)."""

    province: str
    region: str


class CountryPlaces:
    """Finds a place of one country among those that training knows.

    `provinces`: their names. `regions`: region → the province in which training saw it most often.
    """

    def __init__(self, code: str, provinces: Iterable[str], regions: Mapping[str, str]) -> None:
        self._exact = {fold(name): Found(name, "") for name in provinces}
        self._regions = {fold(name): Found(province, name) for name, province in regions.items()}
        self._region_keys = {key(found.region): found for found in reversed(self._regions.values())}
        listed = _places_of(code)
        self._keys = {
            **self._region_keys,
            **self._listed(place for place in listed if not place.within),
            **{key(found.province): found for found in reversed(self._exact.values())},
        }
        for name, found in self._listed(place for place in listed if place.within).items():
            self._keys.setdefault(name, found)
        self._cores = _unambiguous(self._keys)
        self._near = NearNames(self._keys)

    def province(self, name: str) -> Found | None:
        """The place of a name that stands where the province is asked for."""
        return self._exact.get(fold(name)) or self._keys.get(key(name)) or self._cores.get(core(name))

    def region(self, name: str) -> Found | None:
        """The place of a name that stands where the appellation is asked for."""
        return self._regions.get(fold(name)) or self._region_keys.get(key(name)) or self.province(name)

    def named(self, name: str) -> Found | None:
        """The place that training knows by this very name."""
        return self._exact.get(fold(name)) or self._regions.get(fold(name))

    def guess(self, name: str) -> Found | None:
        """The place of a misspelled name, the only one that begins with it ("Nuits"), or the longest one that
        it contains ("Barolo Cannubi").
        """
        wanted = key(name)
        near = self._near.find(wanted)
        return self._keys[near] if near else self._begun(wanted) or self._contained(wanted.split())

    def _begun(self, name: str) -> Found | None:
        if len(name) < SHORTEST_CONTAINED:
            return None
        begun = {found for other, found in self._keys.items() if other.startswith(f"{name} ")}
        provinces = {found.province for found in begun}
        if len(begun) == 1 or not begun:
            return next(iter(begun), None)
        return Found(provinces.pop(), "") if len(provinces) == 1 else None

    def _contained(self, words: list[str]) -> Found | None:
        words = words[:MOST_WORDS]
        for size in range(len(words) - 1, 0, -1):
            for start in range(len(words) - size + 1):
                name = " ".join(words[start : start + size])
                if len(name) >= SHORTEST_CONTAINED and name in self._keys:
                    return self._keys[name]
        return None

    def _listed(self, listed: Iterable[Place]) -> dict[str, Found]:
        """Keys of the tables' places that training knows."""
        found: dict[str, Found] = {}
        for place in listed:
            known = self._of(place)
            if known:
                for name in (place.name, *place.others):
                    found.setdefault(key(name), known)
        return found

    def _of(self, place: Place) -> Found | None:
        """What training knows a place of the tables as."""
        names = [fold(name) for name in (place.name, *place.others)]
        if not place.within:
            return next((self._exact[name] for name in names if name in self._exact), None)
        region = next((self._regions[name] for name in names if name in self._regions), None)
        return region or self._exact.get(fold(place.within))


def _unambiguous(keys: Mapping[str, Found]) -> dict[str, Found]:
    """Cores that only one place has, or several of one province: these are read as the province."""
    found: dict[str, Found | None] = {}
    for name, place in keys.items():
        short = core(name)
        if not short:
            continue
        other = found.get(short, place)
        if other is not None and other != place:
            same = other.province == place.province
            found[short] = Found(place.province, "") if same else None
        else:
            found[short] = other
    return {short: place for short, place in found.items() if place}


@cache
def _by_country() -> dict[str, list[Place]]:
    table: dict[str, list[Place]] = {}
    for place in places():
        table.setdefault(place.country, []).append(place)
    return table


def _places_of(code: str) -> list[Place]:
    return _by_country().get(code, [])
