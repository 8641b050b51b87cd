"""The files of names, as a person corrects them.

`countries.tsv` is made from Unicode's CLDR (`python -m deployments.ci.country_names`), the others by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

LANGUAGES: Final = ("en", "fr", "it", "es", "de")

_TAG: Final = 3
"""Length of what marks a name with its language: "fr:"."""


class Place(NamedTuple):
    """A province or appellation: its country's code, its usual English name, the province in which it lies
    ("" for a province), its other names, and its names by language.
    """

    country: str
    name: str
    within: str
    others: tuple[str, ...]
    local: dict[str, str]


class Variety(NamedTuple):
    """A kind of wine that is no grape: its name in reviews, its names by language, its other names."""

    name: str
    local: dict[str, str]
    others: tuple[str, ...]


@cache
def countries() -> dict[str, dict[str, str]]:
    """ISO 3166 code → language → name; "local" is the country's own name for itself."""
    header, *rows = _rows("countries.tsv")
    return {row[0]: dict(zip(header[1:], row[1:], strict=True)) for row in rows}


@cache
def country_aliases() -> dict[str, tuple[str, ...]]:
    """ISO 3166 code → abbreviations and further names."""
    return {code: _listed(names, ",") for code, _, names in list(_rows("country-names.tsv"))[1:]}


@cache
def countries_in_reviews() -> dict[str, str]:
    """ISO 3166 code → the name that reviews have for a country, where it is not CLDR's English one."""
    return {code: name for code, name, _ in list(_rows("country-names.tsv"))[1:] if name}


@cache
def places() -> tuple[Place, ...]:
    return tuple(_place(*row) for row in list(_rows("places.tsv", 4))[1:])


@cache
def grapes() -> tuple[tuple[str, ...], ...]:
    """Names of one grape each, the most usual first."""
    return tuple(_listed(row[0], ";") for row in list(_rows("grapes.tsv"))[1:])


@cache
def varieties() -> tuple[Variety, ...]:
    rows = list(_rows("varieties.tsv", 6))
    return tuple(
        Variety(row[0], dict(zip(rows[0][1:5], row[1:5], strict=True)), _listed(row[5], ";"))
        for row in rows[1:]
    )


def _place(country: str, name: str, within: str, names: str) -> Place:
    given = _listed(names, ";")
    local = {each[:2]: each[_TAG:] for each in given if each[2:_TAG] == ":"}
    others = tuple(each for each in given if each[2:_TAG] != ":")
    return Place(country, name, within, (*local.values(), *others), local)


def _listed(names: str, separator: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(separator) if name.strip())


def _rows(name: str, width: int = 0) -> Iterator[list[str]]:
    text = (files("pricing.wine.places") / "data" / name).read_text(encoding="utf-8")
    for line in text.splitlines():
        row = line.split("\t")
        yield row + [""] * (width - len(row))
