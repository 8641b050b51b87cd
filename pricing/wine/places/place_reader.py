"""Country, province and region of a request, read as the places that training knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pricing.wine.places.countries import CountryReader, code_of
from pricing.wine.places.country_places import CountryPlaces, Found
from pricing.wine.places.hierarchy import Hierarchy
from pricing.wine.places.keys import key, parts
from pricing.wine.places.reading import Fact, facts_of


class ReadPlace(NamedTuple):
    """Names that training knows, "" for what is not known or not given, and what was read how."""

    country: str
    province: str
    region: str
    facts: tuple[Fact, ...]


class PlaceReader:
    """Reads places by the names of `names` (field → known names, most frequent first) and the hierarchy in
    which training saw them.
    """

    def __init__(self, names: Mapping[str, Sequence[str]], hierarchy: Hierarchy) -> None:
        self._countries = CountryReader(names["country"])
        self._places = _places_by_country(names, hierarchy)

    def read(self, country: str, province: str, region: str) -> ReadPlace:
        """Read the names of one place, as they were written; "" is "not given"."""
        used, place = self._country(country, province)
        facts = list(facts_of("country", country, used))
        if used is None:
            return ReadPlace("", "", "", (*facts, *self._unread(province, region)))
        found = place or self._in(used, province)
        if found is None and self._means(province, used):
            found, province = Found("", ""), ""
        if province:
            facts += facts_of("province", province, found.province if found else None)
        found = found or Found("", "")
        if region:
            return self._with_region(used, found, region, facts)
        if found.region and province:
            facts += [fact for fact in facts_of("region", province, found.region) if fact.field]
        return ReadPlace(used, found.province, found.region, tuple(facts))

    def _with_region(self, country: str, found: Found, region: str, facts: list[Fact]) -> ReadPlace:
        places = self._places[country]
        read = next(filter(None, map(places.region, [region, *parts(region)])), None) or places.guess(region)
        if read is None:
            return ReadPlace(
                country, found.province, found.region, (*facts, *facts_of("region", region, None))
            )
        used = read.region or read.province
        province = found.province or read.province
        if not read.region and key(region) != key(read.province):
            return ReadPlace(country, province, found.region, (*facts, *facts_of("region", region, used)))
        return ReadPlace(country, province, used, (*facts, *facts_of("region", region, used)))

    def _country(self, country: str, province: str) -> tuple[str | None, Found | None]:
        """The known country; and the place, where the two fields are swapped or one holds both."""
        for name in [country, *parts(country)]:
            used = self._countries.read(name)
            if used:
                return used, None
        for name in [province, *parts(province)]:
            swapped = self._countries.read(name)
            if swapped:
                place = self._in(swapped, country)
                if place:
                    return swapped, place
        guess = self._countries.guess(country)
        if guess:
            return guess, None
        for name in (province, country):
            anywhere = self._anywhere(name)
            if anywhere:
                return anywhere
        return None, None

    def _in(self, country: str, name: str) -> Found | None:
        """The place of a province's name in a country; the most precise one where several are given."""
        places = self._places[country]
        whole = places.province(name)
        if whole:
            return whole
        given = [part for part in parts(name) if self._countries.read(part) != country]
        found = [place for place in map(places.province, given) if place]
        if found:
            provinces = Counter(place.province for place in found)
            province = provinces.most_common(1)[0][0]
            region = next(
                (place.region for place in found if place.region and place.province == province), ""
            )
            return Found(province, region)
        return next(filter(None, map(places.guess, given or [name])), None)

    def _anywhere(self, name: str) -> tuple[str, Found] | None:
        """The only place of this name in any country."""
        for find in (CountryPlaces.named, CountryPlaces.province):
            found = [(country, find(places, name)) for country, places in self._places.items()]
            known = [(country, place) for country, place in found if place]
            if known:
                return known[0] if len(known) == 1 else None
        return None

    def _means(self, name: str, country: str) -> bool:
        return self._countries.read(name) == country

    @staticmethod
    def _unread(province: str, region: str) -> Iterator[Fact]:
        for field, name in (("province", province), ("region", region)):
            if name:
                yield from facts_of(field, name, None)


def _places_by_country(names: Mapping[str, Sequence[str]], hierarchy: Hierarchy) -> dict[str, CountryPlaces]:
    provinces: dict[str, Counter[str]] = {name: Counter() for name in names["country"]}
    regions: dict[str, dict[str, Counter[str]]] = {name: {} for name in names["country"]}
    for country, province, region, count in hierarchy.places.tolist():
        if country < 0 or province < 0:
            continue
        within = names["country"][country]
        provinces[within][names["province"][province]] += count
        if region >= 0:
            seen = regions[within].setdefault(names["region"][region], Counter())
            seen[names["province"][province]] += count
    return {
        country: CountryPlaces(
            code_of(country),
            [name for name, _ in provinces[country].most_common()],
            {region: seen.most_common(1)[0][0] for region, seen in regions[country].items()},
        )
        for country in names["country"]
    }
