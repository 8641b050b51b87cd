"""A wine as the model reads it: folded names, words, vintage. Training and scoring read alike."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from pricing.wine.languages.note import read_content
from pricing.wine.languages.recognition import ENGLISH
from pricing.wine.missing import is_missing
from pricing.wine.odd_notes import LONGEST, oddity_of
from pricing.wine.places.name_reader import NameReader
from pricing.wine.places.reading import Fact
from pricing.wine.request import Wine
from pricing.wine.text import fold, words_of
from pricing.wine.years import year_of

REMEMBERED: Final = 8192
"""Names whose folded form is kept: most requests name the same places."""


class Reading(NamedTuple):
    """The fields of one wine, folded; "" and None are "not given".

    `words` are the note's content words in English, whatever `language` it was read in (as in
    `ReadNote`); of the `n_words` words that were written, `n_understood` were understood. `facts` says which
    names were read as others, and which mean nothing to the model and are "not given" for that. `oddity`
    is what makes the note none as people write them (`odd_notes`).
    """

    country: str
    province: str
    variety: str
    winery: str
    region: str
    designation: str
    words: list[str]
    year: int | None
    points: float | None
    language: str = ENGLISH
    n_words: int = 0
    n_understood: int = 0
    facts: tuple[Fact, ...] = ()
    oddity: str = ""


@lru_cache(maxsize=REMEMBERED)
def _name(text: str) -> str:
    """A folded name; "" for a word that means "no value" ("nan", "NULL")."""
    return "" if is_missing(text) else fold(text)


def read(wine: Wine, names: NameReader | None = None) -> Reading:
    """Fold every field of `wine` and read its note. `names` reads its names as those that training knows;
    without it they are taken as they are, as the training rows' own are.
    """
    note, words = read_content(wine.description)
    given = (wine.country, wine.province, wine.variety or "", wine.winery or "", wine.region or "")
    facts: tuple[Fact, ...] = ()
    if names is None:
        country, province, variety, winery, region = map(_name, given)
    else:
        country, province, variety, winery, region, facts = names.read(*given)
    return Reading(
        country,
        province,
        variety,
        winery,
        region,
        _name(wine.designation) if wine.designation else "",
        words[:LONGEST],
        year_of(wine.millesime),
        wine.points,
        note.language,
        note.n_words,
        note.n_known,
        facts,
        oddity_of(wine.description, words),
    )


def pairs_of(words: list[str]) -> list[str]:
    """Pairs of neighbouring words."""
    return list(map(" ".join, pairwise(words)))


def place_terms(country: str, province: str, year: int | None) -> tuple[str, str, str, str, str]:
    """Terms of the other required fields: country, province, vintage, and the vintage in each place.

    The leading digit keeps them apart from words.
    """
    return f"0c{country}", f"0p{province}", f"0y{year}", f"0t{country}|{year}", f"0u{province}|{year}"


def optional_terms(reading: Reading) -> list[str]:
    """Terms of the optional fields that are given; the producer is not among them."""
    return [
        *name_terms(reading.variety, reading.province, reading.region),
        *designation_terms(reading.designation),
    ]


def name_terms(variety: str, province: str, region: str) -> list[str]:
    """Terms of a variety and a region, the variety in its province and in the region too."""
    terms = [f"0v{variety}", f"0a{variety}|{province}"] if variety else []
    if region:
        terms.append(f"0r{region}")
        if variety:
            terms.append(f"0b{variety}|{region}")
    return terms


def designation_terms(designation: str) -> list[str]:
    """Terms of a designation and of its words, each once."""
    if not designation:
        return []
    return [f"0e{designation}", *(f"0d{word}" for word in dict.fromkeys(words_of(designation)))]


def hide(reading: Reading, given: tuple[bool, bool, bool, bool, bool]) -> Reading:
    """The reading with only those optional fields that are `given`, in the order of OPTIONAL_FIELDS."""
    return reading._replace(
        variety=reading.variety if given[0] else "",
        winery=reading.winery if given[1] else "",
        region=reading.region if given[2] else "",
        designation=reading.designation if given[3] else "",
        points=reading.points if given[4] else None,
    )
