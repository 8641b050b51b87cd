"""All names of a request, read as names that training knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pricing.wine.places.grape_reader import GrapeReader
from pricing.wine.places.hierarchy import Hierarchy
from pricing.wine.places.place_reader import PlaceReader
from pricing.wine.places.reading import Fact, facts_of
from pricing.wine.places.winery_reader import WineryReader


class ReadNames(NamedTuple):
    """Names that training knows, "" for what is not known or not given, and what was read how."""

    country: str
    province: str
    variety: str
    winery: str
    region: str
    facts: tuple[Fact, ...]


class NameReader:
    """Reads names of places, grapes and wineries. `names`: field → known names, most frequent first."""

    def __init__(self, names: Mapping[str, Sequence[str]], hierarchy: Hierarchy) -> None:
        self._places = PlaceReader(names, hierarchy)
        self._grapes = GrapeReader(names, hierarchy)
        self._wineries = WineryReader(names, hierarchy)

    def read(self, country: str, province: str, variety: str, winery: str, region: str) -> ReadNames:
        """Read the names of one wine, as they were written; "" is "not given"."""
        place = self._places.read(country, province, region)
        facts = place.facts
        grape = house = ""
        if variety:
            used = self._grapes.read(variety, place.country)
            grape = used or ""
            facts += facts_of("variety", variety, used)
        if winery:
            used = self._wineries.read(winery, place.country, place.province)
            house = used or ""
            facts += facts_of("winery", winery, used)
        return ReadNames(place.country, place.province, grape, house, place.region, facts)
