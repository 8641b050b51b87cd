"""Known names in the language of a reader."""

from __future__ import annotations

from functools import cache

from pricing.wine.places.tables import countries, countries_in_reviews, places, varieties

Names = dict[str, str]


def local_name(field: str, name: str, language: str) -> str:
    """A name that the model knows, as readers of the language know it; itself where that is no other."""
    return local_names(language).get(field, {}).get(name, name)


@cache
def local_names(language: str) -> dict[str, Names]:
    """Field → the model's name → the name in one of the languages, where it is another one."""
    names = {
        "country": _countries(language),
        "province": {
            place.name: place.local[language]
            for place in places()
            if language in place.local and not place.within
        },
        "variety": {each.name: each.local[language] for each in varieties() if language in each.local},
    }
    return {
        field: {name: local for name, local in found.items() if local != name}
        for field, found in names.items()
    }


def _countries(language: str) -> Names:
    in_reviews = countries_in_reviews()
    found = {in_reviews.get(code, shown["en"]): shown[language] for code, shown in countries().items()}
    parts_of_countries = (
        place for place in places() if language in place.local and in_reviews.get(place.country) == place.name
    )
    return found | {place.name: place.local[language] for place in parts_of_countries}
