"""Files of known programs, read as they are."""

from __future__ import annotations

import pytest

from pricing.data.cleaning import clean
from pricing.data.layouts import split_place
from pricing.data.reviews_file import read_reviews

CELLARTRACKER = (
    '"iWine","Type","Vintage","Wine","Locale","Country","Region","SubRegion","Appellation","Producer","Varietal",'
    '"Designation","Price","Rating","TastingNotes"\r\n'
    '"1","Red","2015","Château Test","France, Bordeaux","France","Bordeaux","Médoc","Unknown","Château Test",'
    '"Red Bordeaux Blend","Unknown","1,250.00","95","Ripe and firm."\r\n'
    '"2","White","1001","Test Brut","France, Champagne","France","Champagne","Unknown","Champagne","Test",'
    '"Champagne Blend","Brut","45.00","91","Brioche and lime."\r\n'
)
WINE_ENTHUSIAST_2022 = (
    ",wine,winery,category,designation,varietal,appellation,alcohol,price,rating,reviewer,review\n"
    '0,Test 2018 Merlot (Napa Valley),Test,Red,Reserve,Merlot,"Napa Valley, Napa, California, US",14.5%,$25,'
    "92,Someone,Plum and cedar.\n"
    '1,Test 2019 Riesling (Mosel),Test,White,,Riesling,"Mosel, Germany",11%,$18,90,Someone,Slate and lime.\n'
)


def test_cellartrackers_export_is_read_as_it_is() -> None:
    reviews, report = read_reviews(CELLARTRACKER.encode("cp1252"), name="notes.csv")
    wines, cleaned = clean(reviews)
    fields = ["country", "province", "region", "winery", "millesime", "price", "points"]
    expected = ["France", "Bordeaux", "Médoc", "Château Test", "2015", 1250.0, 95.0]
    assert wines.iloc[0][fields].tolist() == expected
    assert cleaned.counts["no_vintage"] == 1
    assert "CellarTracker" in report.dialect


def test_the_layout_of_2022_is_read_as_it_is() -> None:
    wines, _ = clean(read_reviews(WINE_ENTHUSIAST_2022.encode(), name="wine.csv")[0])
    assert wines[["country", "province", "region", "millesime", "variety", "price"]].values.tolist() == [
        ["US", "California", "Napa Valley", "2018", "Merlot", 25.0],
        ["Germany", "Mosel", None, "2019", "Riesling", 18.0],
    ]
    assert wines["description"].tolist() == ["Plum and cedar.", "Slate and lime."]


@pytest.mark.parametrize(
    ("place", "parts"),
    [
        ("Napa Valley, Napa, California, US", ("US", "California", "Napa Valley")),
        ("Bordeaux, France", ("France", "Bordeaux", "")),
        ("France", ("France", "", "")),
        ("", ("", "", "")),
    ],
)
def test_a_place_in_one_column_is_taken_apart(place: str, parts: tuple[str, str, str]) -> None:
    assert split_place(place) == parts
