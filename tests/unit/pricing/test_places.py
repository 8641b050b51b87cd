from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployments.ci import country_names
from pricing.wine.places.hierarchy import Hierarchy
from pricing.wine.places.name_reader import NameReader, ReadNames
from pricing.wine.places.reading import ReadAs, Unread
from pricing.wine.places.tables import countries, places
from pricing.wine.text import fold

WINES = (
    "US|California|Cabernet Sauvignon|Robert Mondavi|Napa Valley",
    "US|California|Pinot Noir|Stag's Leap Wine Cellars|Russian River Valley",
    "US|California|Zinfandel|Michael Mondavi Family Estate|Lodi",
    "US|Washington|Riesling|Chateau Ste. Michelle|Columbia Valley (WA)",
    "US|Oregon|Pinot Gris|Adelsheim|Willamette Valley",
    "France|Bordeaux|Bordeaux-style Red Blend|Château Margaux|Margaux",
    "France|Bordeaux|Merlot|Château Pavie|Saint-Émilion",
    "France|Burgundy|Chardonnay|Louis Latour|Chablis",
    "France|Loire Valley|Sauvignon Blanc|Henri Bourgeois|Sancerre",
    "France|Rhône Valley|Syrah|E. Guigal|Châteauneuf-du-Pape",
    "France|Rhône Valley|Grenache|M. Chapoutier|Côtes du Rhône",
    "France|Alsace|Pinot Gris|Trimbach|Alsace",
    "Italy|Tuscany|Sangiovese|Marchesi Antinori|Chianti Classico",
    "Italy|Tuscany|Red Blend|Tenuta San Guido|Toscana",
    "Italy|Piedmont|Nebbiolo|Gaja|Barolo",
    "Italy|Northeastern Italy|Pinot Grigio|Alois Lageder|Alto Adige",
    "Italy|Southern Italy|Primitivo|Tormaresca|Puglia",
    "Spain|Northern Spain|Tempranillo|Marqués de Riscal|Rioja",
    "Spain|Catalonia|Garnacha|Familia Torres|Priorat",
    "Spain|Andalucia|Palomino|Lustau|Jerez",
    "Germany|Rheinhessen|Riesling|Wittmann|",
    "Germany|Mosel|Riesling|Dr. Loosen|",
    "Argentina|Mendoza Province|Malbec|Catena|Mendoza",
    "New Zealand|Marlborough|Sauvignon Blanc|Cloudy Bay|",
    "South Africa|Stellenbosch|Chenin Blanc|Kanonkop|",
    "Australia|South Australia|Shiraz|Penfolds|Barossa Valley",
    "Greece|Crete|Red Blend|Lyrarakis|",
    "Israel|Galilee|Cabernet Sauvignon|Yarden|",
    "England|England|Sparkling Blend|Nyetimber|",
    "Portugal|Douro|Portuguese Red|Quinta do Crasto|",
)
REPEATED = 6
"""Enough wines of a country for a grape's name to be that country's own."""


def _reader() -> NameReader:
    columns = list(zip(*(wine.split("|") for wine in WINES), strict=True))
    names = {
        field: tuple(dict.fromkeys(name for name in column if name))
        for field, column in zip(("country", "province", "variety", "winery", "region"), columns, strict=True)
    }
    codes = [
        [known.index(name) if name else -1 for name in column]
        for known, column in zip(names.values(), columns, strict=True)
    ]
    return NameReader(names, Hierarchy.of(np.repeat(np.array(codes).T, REPEATED, axis=0)))


READER = _reader()


def read(country: str, province: str, variety: str = "", winery: str = "", region: str = "") -> ReadNames:
    return READER.read(country, province, variety, winery, region)


def folded(names: str) -> tuple[str, ...]:
    return tuple(map(fold, names.split("|")))


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("USA|California", "US|California|"),
        ("United States|California", "US|California|"),
        ("États-Unis|Californie", "US|California|"),
        ("EE.UU.|Washington State", "US|Washington|"),
        ("Vereinigte Staaten|Kalifornien", "US|California|"),
        ("U.S.A.|CA", "US|California|"),
        ("us|Wash.", "US|Washington|"),
        ("USA|Napa Valley", "US|California|Napa Valley"),
        ("USA|Napa Valley, CA", "US|California|Napa Valley"),
        ("France|Bourgogne", "France|Burgundy|"),
        ("Frankreich|Burgund", "France|Burgundy|"),
        ("Francia|Borgogna", "France|Burgundy|"),
        ("FRA|Elsass", "France|Alsace|"),
        ("France|Vallée du Rhône", "France|Rhône Valley|"),
        ("France|St. Emilion", "France|Bordeaux|Saint-Émilion"),
        ("France|Saint Emilion Grand Cru", "France|Bordeaux|Saint-Émilion"),
        ("France|Bordeaux, Saint-Émilion", "France|Bordeaux|Saint-Émilion"),
        ("France|Chateauneuf-du-Pape", "France|Rhône Valley|Châteauneuf-du-Pape"),
        ("France|Sancerre", "France|Loire Valley|Sancerre"),
        ("Italien|Toskana", "Italy|Tuscany|"),
        ("Italia|Toscana", "Italy|Tuscany|"),
        ("Italie|Piémont", "Italy|Piedmont|"),
        ("Italia|Barolo", "Italy|Piedmont|Barolo"),
        ("Italien|Südtirol", "Italy|Northeastern Italy|Alto Adige"),
        ("Italien|Apulien", "Italy|Southern Italy|Puglia"),
        ("Spain|Rioja", "Spain|Northern Spain|Rioja"),
        ("España|Cataluña", "Spain|Catalonia|"),
        ("Espagne|Xérès", "Spain|Andalucia|Jerez"),
        ("Allemagne|Hesse rhénane", "Germany|Rheinhessen|"),
        ("Germania|Mosella", "Germany|Mosel|"),
        ("Argentinien|Mendoza", "Argentina|Mendoza Province|"),
        ("NZ|Marlborough", "New Zealand|Marlborough|"),
        ("Südafrika|Stellenbosch", "South Africa|Stellenbosch|"),
        ("Grèce|Crète", "Greece|Crete|"),
        ("Israël|Galilée", "Israel|Galilee|"),
        ("Royaume-Uni|Angleterre", "England|England|"),
        ("California|USA", "US|California|"),
        ("Farnce|Bordeuax", "France|Bordeaux|"),
        ("Italia|Barolo Cannubi", "Italy|Piedmont|Barolo"),
        ("USA|Russian", "US|California|Russian River Valley"),
        ("Austrailia|Barossa Valley", "Australia|South Australia|Barossa Valley"),
    ],
)
def test_a_place_is_read_by_any_of_its_names(given: str, meant: str) -> None:
    found = read(*given.split("|"))
    assert (found.country, found.province, found.region) == folded(meant)


@pytest.mark.parametrize("wine", WINES)
def test_names_that_training_knows_stay_as_they_are(wine: str) -> None:
    for change in (str, str.upper, str.lower):
        assert READER.read(*map(change, wine.split("|"))) == (*folded(wine), ())


@pytest.mark.parametrize(
    ("country", "given", "meant"),
    [
        ("Spain", "Grenache", "Garnacha"),
        ("France", "Garnacha", "Grenache"),
        ("France", "Shiraz", "Syrah"),
        ("Australia", "Syrah", "Shiraz"),
        ("Italy", "Grauburgunder", "Pinot Grigio"),
        ("France", "Pinot Grigio", "Pinot Gris"),
        ("US", "Spätburgunder", "Pinot Noir"),
        ("US", "Cab Sauv", "Cabernet Sauvignon"),
        ("Spain", "Tinto Fino", "Tempranillo"),
        ("South Africa", "Steen", "Chenin Blanc"),
        ("France", "Assemblage bordelais", "Bordeaux-style Red Blend"),
        ("Italy", "Vino rosso", "Red Blend"),
        ("France", "Chardonay", "Chardonnay"),
        ("Argentina", "90% Malbec, 10% Cabernet Sauvignon", "Malbec"),
    ],
)
def test_a_grape_is_read_in_the_direction_of_the_countrys_name(country: str, given: str, meant: str) -> None:
    found = read(country, "", variety=given)
    assert found.variety == fold(meant)
    assert ReadAs("variety", given, meant) in found.facts


@pytest.mark.parametrize(
    ("place", "given", "meant"),
    [
        ("Italy|Tuscany", "Antinori", "Marchesi Antinori"),
        ("France|Bordeaux", "Ch. Margaux", "Château Margaux"),
        ("France|Rhône Valley", "Guigal", "E. Guigal"),
        ("France|Rhône Valley", "Chapoutier", "M. Chapoutier"),
        ("France|Alsace", "Trimbach & Fils", "Trimbach"),
        ("US|California", "Robert Mondavi Winery", "Robert Mondavi"),
        ("Germany|Mosel", "Weingut Dr. Loosen", "Dr. Loosen"),
        ("Spain|Catalonia", "Torres", "Familia Torres"),
        ("Australia|South Australia", "Penfold", "Penfolds"),
        ("Spain|Northern Spain", "Marques de Riscall", "Marqués de Riscal"),
    ],
)
def test_a_winery_is_read_by_its_short_forms(place: str, given: str, meant: str) -> None:
    assert read(*place.split("|"), winery=given).winery == fold(meant)


@pytest.mark.parametrize(
    ("place", "given"),
    [
        ("France|Bordeaux", "Château Latour"),
        ("France|Bordeaux", "Latour"),
        ("US|California", "Mondavi"),
        ("Italy|Tuscany", "Tenuta San Leonardo"),
        ("France|Bordeaux", "Domaine Margaux"),
        ("France|Burgundy", "Domaine Zzyzx"),
    ],
)
def test_another_house_is_never_meant(place: str, given: str) -> None:
    found = read(*place.split("|"), winery=given)
    assert found.winery == ""
    assert found.facts == (Unread("winery", given),)


@pytest.mark.parametrize(
    ("place", "given", "asked"),
    [
        ("Spain|Catalonia", "Bodegas Marqués de Riscal", "Marqués de Riscal"),
        ("Germany|Rheinhessen", "Weingut Dr. Loosen", "Dr. Loosen"),
        ("France|Bordeaux", "Chateu Margaux", "Château Margaux"),
        ("France|Alsace", "Ch. Margaux", "Château Margaux"),
        ("Italy|Piedmont", "Cantina Tormaresca", "Tormaresca"),
        ("France|Bordeaux", "Maison Louis Latour", "Louis Latour"),
    ],
)
def test_a_house_of_the_same_words_elsewhere_in_the_country_is_asked_about_and_not_read(
    place: str, given: str, asked: str
) -> None:
    found = read(*place.split("|"), winery=given)
    assert found.winery == ""
    assert found.facts == (Unread("winery", given, asked),)


@pytest.mark.parametrize(
    ("place", "given"),
    [
        ("Italy|Tuscany", "Bodegas Marqués de Riscal"),  # another country
        ("France|Bordeaux", "Château Louis Latour de Rien"),
        ("France|Alsace", "Domaine Margaux"),  # another kind of house
        ("France|Bordeaux", "Château"),
        ("France|Bordeaux", "Chateu"),
    ],
)
def test_no_other_house_is_asked_about(place: str, given: str) -> None:
    assert read(*place.split("|"), winery=given).facts == (Unread("winery", given),)


def test_what_is_not_known_is_not_given() -> None:
    found = read("Wakanda", "Birnin Zana", region="Mount Bashenga")
    assert found[:5] == ("", "", "", "", "")
    assert [(type(fact), fact.field) for fact in found.facts] == [
        (Unread, "country"),
        (Unread, "province"),
        (Unread, "region"),
    ]


def test_spellings_of_one_name_are_no_other_name() -> None:
    assert read("france", "bordeaux", region="SAINT EMILION").facts == ()
    assert read("France", "Bordeaux", region="St.-Émilion").facts == ()


def test_an_appellation_given_as_the_province_does_not_replace_one_that_is_given() -> None:
    found = read("France", "Bordeaux", region="Margaux AOC")
    assert (found.province, found.region) == ("bordeaux", "margaux")


def test_the_table_of_countries_is_that_of_cldr() -> None:
    assert country_names.TABLE.read_text(encoding="utf-8") == country_names.table()
    assert countries()["ES"]["de"] == "Spanien"


def test_every_place_of_the_tables_lies_in_a_country_and_in_a_listed_province() -> None:
    listed = {(place.country, place.name) for place in places()}
    for place in places():
        assert place.country in countries()
        assert not place.within or (place.country, place.within) in listed


@given(st.lists(st.text(max_size=200), min_size=5, max_size=5))
def test_any_names_are_read(names: list[str]) -> None:
    found = READER.read(*names)
    known = {name for wine in WINES for name in folded(wine)}
    assert set(found[:5]) <= known | {""}


@pytest.mark.timeout(20)
def test_no_names_take_long() -> None:
    for number in range(500):
        long = ", ".join(f"x{number} y{letter} zz" for letter in "abcdefghijklmnopqrst")
        read(long, long, long, long, long)
