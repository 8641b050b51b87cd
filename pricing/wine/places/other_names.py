"""All names that a known name goes by, for completion."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

from pricing.wine.places.countries import code_of
from pricing.wine.places.keys import key
from pricing.wine.places.tables import countries, country_aliases, grapes, places, varieties


def other_names(field: str, name: str) -> tuple[str, ...]:
    """Further names of a country, province, region or variety in any language; none for other fields."""
    if field == "country":
        code = code_of(name)
        shown = countries().get(code, {}).values()
        return (*filter(None, shown), *country_aliases().get(code, ())) if code else ()
    if field in ("province", "region"):
        return _of_places().get(key(name), ())
    return _of_varieties().get(key(name), ()) if field == "variety" else ()


@cache
def _of_places() -> Mapping[str, tuple[str, ...]]:
    return _gathered((place.name, *place.others) for place in places())


@cache
def _of_varieties() -> Mapping[str, tuple[str, ...]]:
    blends = ((each.name, *each.local.values(), *each.others) for each in varieties())
    return _gathered([*blends, *grapes()])


def _gathered(groups: Iterable[tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Key of each name of a group → all names of its groups."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for names in groups:
        for name in names:
            found[key(name)].update(dict.fromkeys(names))
    return {name: tuple(names) for name, names in found.items()}
