"""Completion finds what somebody means after a few letters."""

from __future__ import annotations

import pytest

from serving.pages.categories import LISTED_AT_MOST, CategoryIndex

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
    assert listing["country"] == {"names": ("France",), "complete": True}
    assert listing["winery"] == {"names": names[:-1], "complete": False}
