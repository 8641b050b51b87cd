"""Completion finds what somebody means after a few letters."""

from __future__ import annotations

import numpy as np
import pytest

from pricing.wine.places.hierarchy import Hierarchy
from serving.pages.categories import LISTED_AT_MOST, CategoryIndex
from serving.payloads.schemas import CategoryNames

WINERIES = ("Louis Latour", "Château Margaux", "Château Latour", "Cloudy Bay", "Latour-Giraud", "d'Arenberg")


@pytest.fixture
def index() -> CategoryIndex:
    return CategoryIndex({"winery": WINERIES, "country": ()})


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("chateau", ["Château Margaux", "Château Latour"]),
        ("  CHÂTEAU  l", ["Château Latour"]),
        ("latour", ["Louis Latour", "Château Latour", "Latour-Giraud"]),
        ("aren", ["d'Arenberg"]),
        ("giraud", ["Latour-Giraud"]),
        ("atour", []),
        ("", list(WINERIES)),
    ],
)
def test_any_word_may_be_begun(index: CategoryIndex, typed: str, found: list[str]) -> None:
    assert index.search("winery", typed) == found


def test_the_most_frequent_come_first_and_not_all(index: CategoryIndex) -> None:
    assert index.search("winery", "l", limit=2) == ["Louis Latour", "Château Latour"]


def test_a_field_without_names_finds_nothing(index: CategoryIndex) -> None:
    assert index.search("country", "fr") == []


def test_long_lists_are_listed_by_their_most_frequent_names() -> None:
    names = tuple(f"Estate {number}" for number in range(LISTED_AT_MOST + 1))
    listing = CategoryIndex({"winery": names, "country": ("France",)}).listing()
    assert listing["country"] == CategoryNames(("France",), complete=True)
    assert listing["winery"] == CategoryNames(names[:-1], complete=False)


HOUSES = (
    "Muga", "Bodegas Muriel", "Château Margaux", "Domaine Margot", "Margerum", "Domaine Leflaive", "Chehalem",
    "Dr. Loosen", "Cave des Producteurs de Vouvray",
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ch. marg", ["Château Margaux"]),
        ("Ch Margaux", ["Château Margaux"]),
        ("dom. lef", ["Domaine Leflaive"]),
        ("bodegas mu", ["Bodegas Muriel"]),
        ("bodegas mug", ["Muga"]),
        ("Bod. Mug", ["Muga"]),
        ("weingut mug", ["Muga"]),
        ("weingut loo", ["Dr. Loosen"]),
        ("clos de vou", []),
        ("ch", ["Château Margaux", "Chehalem"]),
        ("château leflaive", []),
    ],
)
def test_houses_are_found_by_what_they_call_themselves_in_short(typed: str, found: list[str]) -> None:
    assert CategoryIndex({"winery": HOUSES, "country": ()}).search("winery", typed) == found


def test_names_of_a_country_come_by_its_own_wines() -> None:
    names = {"country": ("US", "France"), "variety": ("Zinfandel", "Syrah", "Gamay")}
    together = Hierarchy(
        places=np.empty((0, 4), dtype=np.int64),
        varieties=np.array([[0, 0, 90], [1, 0, 1], [1, 1, 20], [1, 2, 40]]),
        wineries=np.empty((0, 4), dtype=np.int64),
    )
    found = CategoryIndex(names, together).search("variety", "", country="France")
    assert found == ["Gamay", "Syrah", "Zinfandel"]


PLACES = {
    "country": ("US", "France", "Italy", "England"),
    "province": ("California", "Bordeaux", "Burgundy", "Tuscany"),
    "region": ("Napa Valley", "Saint-Émilion", "Nuits-St.-Georges", "Chianti Classico"),
    "variety": ("Red Blend", "Syrah"),
}
TOGETHER = Hierarchy(
    places=np.array([[0, 0, 0, 99], [2, 0, 0, 1], [1, 1, 1, 5], [1, 2, 2, 5], [2, 3, 3, 5]]),
    varieties=np.array([[0, 0, 9], [1, 1, 4]]),
    wineries=np.empty((0, 4), dtype=np.int64),
)


@pytest.mark.parametrize(
    ("field", "typed", "country", "found"),
    [
        ("country", "usa", "", ["US"]),
        ("country", "united st", "", ["US"]),
        ("country", "états", "", ["US"]),
        ("country", "uk", "", ["England"]),
        ("country", "angl", "", ["England"]),
        ("province", "bourg", "", ["Burgundy"]),
        ("province", "tosc", "", ["Tuscany"]),
        ("region", "st em", "", ["Saint-Émilion"]),
        ("region", "saint-em", "", ["Saint-Émilion"]),
        ("region", "nuits st", "", ["Nuits-St.-Georges"]),
        ("region", "nuits-saint-georges", "", ["Nuits-St.-Georges"]),
        ("variety", "shir", "", ["Syrah"]),
        ("province", "", "France", ["Bordeaux", "Burgundy"]),
        ("region", "", "Frankreich", ["Saint-Émilion", "Nuits-St.-Georges"]),
        ("province", "cali", "France", ["California"]),
        ("province", "", "England", []),
        ("province", "Tusc", "England", ["Tuscany"]),
        ("region", "", "Italy", ["Chianti Classico"]),  # one of a hundred wines of Napa is no Italian place
        ("province", "", "Atlantis", ["California", "Bordeaux", "Burgundy", "Tuscany"]),
    ],
)
def test_names_are_found_as_people_write_them_and_in_their_country(
    field: str, typed: str, country: str, found: list[str]
) -> None:
    assert CategoryIndex(PLACES, TOGETHER).search(field, typed, country=country) == found
