"""All names of a request, read as names that training knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from pricing.wine.missing import is_missing
from pricing.wine.places.grape_reader import GrapeReader
from pricing.wine.places.hierarchy import Hierarchy
from pricing.wine.places.place_reader import PlaceReader, ReadPlace
from pricing.wine.places.reading import Fact, Unread, facts_of
from pricing.wine.places.winery_reader import WineryReader
from pricing.wine.text import fold

REMEMBERED: Final = 8192


class ReadNames(NamedTuple):
    """Names that training knows, folded, "" for what is not known or not given, and what was read how."""

    country: str
    province: str
    variety: str
    winery: str
    region: str
    facts: tuple[Fact, ...]


class NameReader:
    """Reads names of places, grapes and wineries. `names`: field → known names, most frequent first.

    What was read of a place, a grape or a winery is kept: most requests name the same ones.
    """

    def __init__(self, names: Mapping[str, Sequence[str]], hierarchy: Hierarchy) -> None:
        self._places = PlaceReader(names, hierarchy)
        self._grapes = GrapeReader(names, hierarchy)
        self._wineries = WineryReader(names, hierarchy)
        self._place = lru_cache(maxsize=REMEMBERED)(self._read_place)
        self._variety = lru_cache(maxsize=REMEMBERED)(self._read_variety)
        self._winery = lru_cache(maxsize=REMEMBERED)(self._read_winery)

    def read(self, country: str, province: str, variety: str, winery: str, region: str) -> ReadNames:
        """Read the names of one wine, as they were written; "" and words such as "NULL" are "not given"."""
        place, (country, province, region) = self._place(country, province, region)
        facts = place.facts
        if variety:
            variety, found = self._variety(variety, place.country)
            facts += found
        if winery:
            winery, found = self._winery(winery, place.country, place.province)
            facts += found
        return ReadNames(country, province, variety, winery, region, facts)

    def _read_place(self, country: str, province: str, region: str) -> tuple[ReadPlace, list[str]]:
        """The place by its known names, and the folded names of country, province and region."""
        place = self._places.read(_given(country), _given(province), _given(region))
        return place, list(map(fold, place[:3]))

    def _read_variety(self, variety: str, country: str) -> tuple[str, tuple[Fact, ...]]:
        if is_missing(variety):
            return "", ()
        used = self._grapes.read(variety, country)
        return fold(used or ""), facts_of("variety", variety, used)

    def _read_winery(self, winery: str, country: str, province: str) -> tuple[str, tuple[Fact, ...]]:
        if is_missing(winery):
            return "", ()
        used = self._wineries.read(winery, country, province)
        if used is None:
            return "", (Unread("winery", winery, self._wineries.namesake(winery, country) or ""),)
        return fold(used), facts_of("winery", winery, used)


def _given(name: str) -> str:
    return "" if is_missing(name) else name
