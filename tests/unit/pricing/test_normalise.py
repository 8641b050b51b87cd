from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.wine.missing import text_of
from pricing.wine.points import NotPoints, points_of
from pricing.wine.text import fold, words_of
from pricing.wine.years import NotAYear, vintage, vintage_of_title, year_of


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("  Rhône   Valley ", "rhone valley"),
        ("CÔTES DU RHÔNE", "cotes du rhone"),
        ("Gewu\u0308rztraminer", "gewurztraminer"),
        ("Grüner Veltliner", "gruner veltliner"),
        ("Weinviertel, Straße", "weinviertel, strasse"),
        ("Łódź Œnologue", "lodz oenologue"),
        ("Château d\u2019Yquem", "chateau d'yquem"),
        ("Ξινόμαυρο", "ξινομαυρο"),
        ("", ""),
    ],
)
def test_case_accents_and_space_are_folded(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_words_are_runs_of_letters_and_runs_of_digits(text: str) -> None:
    assert words_of(text) == re.findall(r"[a-z]+|\d+", fold(text))


@given(st.lists(st.sampled_from("aBcÉüßñŒø\u2019 7.-Ξж"), max_size=40).map("".join))
def test_folding_does_not_depend_on_how_letters_are_composed(text: str) -> None:
    assert fold(text) == fold(unicodedata.normalize("NFD", text)) == fold(fold(text))


def test_words_keep_numbers_and_drop_the_rest() -> None:
    assert words_of("Drink 2018\u20132025: it's Rhône-style!") == [
        "drink", "2018", "2025", "it", "s", "rhone", "style",
    ]  # fmt: skip
    assert words_of("90pts: 60% Merlot, x2 \u201cold vines\u201d") == [
        "90", "pts", "60", "merlot", "x", "2", "old", "vines",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("Domaine Serene 2014 Coeur Blanc (Willamette Valley)", 2014),
        ("Bodega 1895 2009 Reserva (Rioja)", 2009),
        ("Ferrari 1994 Giulio 2012 Brut", 2012),
        ("Quinta do Vallado NV 30 Years Old Tawny", None),
        ("Casa 1821 Prosecco", None),
        ("Lot 120115 Red", None),
    ],
)
def test_the_vintage_is_the_largest_plausible_year(title: str, year: int | None) -> None:
    assert vintage_of_title(title) == year


@pytest.mark.parametrize(
    ("given", "year"),
    [
        ("2015", 2015), (" 2015 ", 2015), (2015, 2015), (2015.0, 2015), ("2015.0", 2015), ("2015,0", 2015),
        ("2,015", 2015), ("2.015E+03", 2015), (Decimal("2015.00"), 2015), (date(2015, 1, 1), 2015),
        ("2015-01-01 00:00:00", 2015), ("1/1/2015", 2015),
    ],
)  # fmt: skip
def test_a_year_is_understood_in_any_form(given: str | float, year: int) -> None:
    assert year_of(given) == year


@pytest.mark.parametrize(
    "given",
    [
        "NV",
        "",
        None,
        "n.v.",
        "unknown",
        float("nan"),
        "99",
        1500,
        "20,15",
        2015.5,
        float("inf"),
        True,
        "1001",
    ],
)
def test_what_is_no_year_is_no_vintage(given: str | float | None) -> None:
    assert year_of(given) is None


@pytest.mark.parametrize(
    "given",
    [
        "NV",
        "n.v.",
        "N/V",
        "Non-Vintage",
        "non vintage",
        "NM",
        "SA",
        "s.a.",
        "Sans année",
        "1001",
        1001,
        1001.0,
    ],
)
def test_words_for_no_vintage_are_one(given: str | float) -> None:
    assert vintage(given) == "NV"


@pytest.mark.parametrize(
    "given", [None, "", " ", float("nan"), "nan", "NULL", "N/A", "\\N", "None", "-", "--", "<NA>"]
)
def test_words_for_nothing_are_one(given: str | float | None) -> None:
    assert vintage(given) == ""
    assert text_of(given) is None
    assert points_of(given) is None


@pytest.mark.parametrize("given", ["soon", 1899, "2040", 2015.5, "15", "2015-06-01"])
def test_what_is_no_year_is_refused(given: str | float) -> None:
    with pytest.raises(NotAYear):
        vintage(given)


@pytest.mark.parametrize(
    ("given", "points"),
    [
        (92, 92),
        ("92", 92),
        ("92.0", 92),
        ("92,5", 92.5),
        ("92/100", 92),
        ("92 pts", 92),
        ("92+", 92),
        ("(92-94)", 93),
    ],
)
def test_points_are_read_as_people_write_them(given: object, points: float) -> None:
    assert points_of(given) == points


@pytest.mark.parametrize("given", ["18/20", "high", "inf"])
def test_what_is_no_score_is_refused(given: str) -> None:
    with pytest.raises(NotPoints):
        points_of(given)
