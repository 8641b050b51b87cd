from __future__ import annotations

import pytest

from pricing.wine.text import fold, vintage_of_title, words_of, year_of


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


def test_words_keep_numbers_and_drop_the_rest() -> None:
    assert words_of("Drink 2018\u20132025: it's Rhône-style!") == [
        "drink", "2018", "2025", "it", "s", "rhone", "style",
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


@pytest.mark.parametrize(("given", "year"), [("2015", 2015), (" 2015 ", 2015), (2015, 2015), (2015.0, 2015)])
def test_a_year_is_understood_in_any_form(given: str | float, year: int) -> None:
    assert year_of(given) == year


@pytest.mark.parametrize("given", ["NV", "", None, "n.v.", "unknown", float("nan"), "99", 1500])
def test_what_is_no_year_is_no_vintage(given: str | float | None) -> None:
    assert year_of(given) is None
