from __future__ import annotations

import math
import time

import msgspec
import pandas as pd
import pytest

from pricing.data.records import records_of
from pricing.scoring.scorer import TRANSLATED_ERROR, Scorer
from pricing.wine.languages import lexicon as lexicons
from pricing.wine.languages import recognition, spelling
from pricing.wine.request import Wine
from pricing.wine.tokens import Reading

NOTE = "Ripe black cherry and plum with firm tannins, a note of vanilla and a long finish of spice."


def warnings_of(scorer: Scorer, **changes: object) -> dict[str, str]:
    fields = {"country": "France", "province": "Bordeaux", "millesime": "2012", "description": NOTE} | changes
    return {each.code: each.message for each in scorer.score(Wine(**fields)).warnings}  # type: ignore[arg-type]


def test_a_model_is_loaded_with_all_that_its_first_request_needs(scorer: Scorer) -> None:
    """Neither a lexicon nor an index of names is made while somebody waits."""
    unread, other = (
        Wine(country="France", province="Bordeaux", millesime="2012", description=note, winery=winery)
        for note, winery in (("Robe rubis, tanins souples.", "Nobody's House"), (NOTE, "Nobody Else's"))
    )
    scorer.score(other)
    tables = [lexicons.lexicon, lexicons.english_words, recognition._weights, spelling.forms_by_size]
    before = [table.cache_info().misses for table in tables]
    scorer.score(unread)
    assert [table.cache_info().misses for table in tables] == before


def test_an_ordinary_wine_has_no_warning(scorer: Scorer) -> None:
    assert warnings_of(scorer) == {}


def test_a_misspelt_name_is_read_as_what_is_meant(scorer: Scorer) -> None:
    wine = Wine(country="France", province="Bordeaux", millesime="2012", description=NOTE)
    estimate = scorer.score(msgspec.structs.replace(wine, province="Bordeux"))
    (warning,) = estimate.warnings
    assert (warning.code, warning.field, warning.given, warning.used) == (
        "read_as",
        "province",
        "Bordeux",
        "Bordeaux",
    )
    assert estimate.price == scorer.score(wine).price


def test_an_unheard_winery_moves_no_price_and_suggests_no_other_house(scorer: Scorer) -> None:
    wine = Wine(country="France", province="Bordeaux", millesime="2012", description=NOTE)
    unknown = scorer.score(msgspec.structs.replace(wine, winery="Zzyzx 4711"))
    assert unknown.price == scorer.score(wine).price
    (warning,) = unknown.warnings
    assert warning.code == "unknown_winery"
    assert "Zzyzx 4711" in warning.message
    assert warning.suggestion is None


@pytest.mark.parametrize("field", ["province", "variety", "winery", "region"])
def test_every_category_is_checked(scorer: Scorer, field: str) -> None:
    assert f"unknown_{field}" in warnings_of(scorer, **{field: "Qqqqq"})


def test_a_country_that_is_not_known_is_that_of_its_province(scorer: Scorer) -> None:
    assert warnings_of(scorer, country="Qqqqq") == {"read_as": "The country “Qqqqq” was read as France."}
    assert "unknown_country" in warnings_of(scorer, country="Qqqqq", province="Qqqqq")


def test_case_and_accents_make_no_name_unknown(scorer: Scorer) -> None:
    assert warnings_of(scorer, country=" FRANCE ", province="bórdeaux") == {}


def test_a_french_note_is_read_as_what_it_says(scorer: Scorer) -> None:
    note = "Cerise noire mûre et prune, tanins fermes, une note de vanille, longue finale épicée."
    wine = Wine(country="France", province="Bordeaux", millesime="2012", description=NOTE)
    estimate = scorer.score(msgspec.structs.replace(wine, description=note))
    assert estimate.language == "fr"
    assert estimate.warnings == ()
    assert estimate.price == pytest.approx(scorer.score(wine).price, rel=0.15)


def test_what_a_lexicon_reads_is_less_sure_than_the_same_words_in_english(scorer: Scorer) -> None:
    def asked(note: str) -> Wine:
        return Wine(country="France", province="Bordeaux", millesime="2012", description=note)

    french = asked("Nez de cerise noire et de cuir, tanins soyeux, longue finale.")
    english = asked(" ".join(scorer.read(french).words))
    read, written = scorer.score(french), scorer.score(english)
    assert (read.language, written.language) == ("fr", "en")
    assert read.price == pytest.approx(written.price)
    assert read.expected_error == pytest.approx(TRANSLATED_ERROR * written.expected_error)
    assert read.high / read.low == pytest.approx((written.high / written.low) ** TRANSLATED_ERROR)


@pytest.mark.parametrize("note", ["xqzt wwvk zzkk qqrt", "Hyvä viini, kirsikkaa ja vadelmaa", "桜の香り"])
def test_a_note_in_an_unknown_language_prices_as_no_note(scorer: Scorer, note: str) -> None:
    wine = Wine(country="France", province="Bordeaux", millesime="2012", description="")
    assert "no_note" in warnings_of(scorer, description="")
    assert "unknown_language" in warnings_of(scorer, description=note)
    assert scorer.score(msgspec.structs.replace(wine, description=note)).price == scorer.score(wine).price


@pytest.mark.parametrize("note", ["Nice.", "Blah blah round wobble gizmo cherry the blah wobble"])
def test_a_note_that_says_little_is_doubted(scorer: Scorer, note: str) -> None:
    assert "few_known_words" in warnings_of(scorer, description=note)


def test_vintages_are_checked(scorer: Scorer) -> None:
    assert "1921" in warnings_of(scorer, millesime=1921)["vintage_out_of_range"]
    assert "no_vintage" in warnings_of(scorer, millesime="NV")


def test_a_flood_of_unknown_names_stays_bounded(scorer: Scorer) -> None:
    began = time.perf_counter()
    for number in range(5000):
        warnings_of(scorer, winery=f"Chateau Number {number} of the flood")
    assert time.perf_counter() - began < 20
    assert len(scorer._names._memory) <= 4096


def test_factors_multiply_to_the_price(scorer: Scorer, wines: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    for wine in records_of(wines[1].head(40)):
        explanation = scorer.explain(wine)
        product = explanation.base_price * math.prod(factor.factor for factor in explanation.factors)
        assert product == pytest.approx(scorer.score(wine).price, rel=1e-9)


def test_every_explanation_starts_from_the_same_typical_wine(
    scorer: Scorer, wines: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    bases = {round(scorer.explain(wine).base_price, 9) for wine in records_of(wines[1].head(20))}
    assert len(bases) == 1
    low, high = wines[0]["price"].quantile([0.2, 0.8])
    assert low < bases.pop() < high


def test_the_words_of_a_note_are_named_as_the_note_says_them(scorer: Scorer) -> None:
    note = "Cerise noire mûre et prune, tanins fermes, une note de vanille. Longue finale épicée."
    wine = Wine(country="France", province="Bordeaux", millesime="2012", description=note)
    words = {
        factor.term: factor.given for factor in scorer.explain(wine).factors if factor.field == "description"
    }
    assert words.pop("other words") is None
    assert words
    assert all(given and given in note.lower() for given in words.values())
    english = msgspec.structs.replace(wine, description=NOTE)
    assert {factor.given for factor in scorer.explain(english).factors} == {None}


def test_a_name_that_is_not_known_names_no_factor(scorer: Scorer) -> None:
    wine = Wine(country="France", province="Qqqqq", millesime=2012, description=NOTE, winery="Zzyzx 4711")
    factors = scorer.explain(wine).factors
    assert not [factor for factor in factors if "Qqqqq" in factor.term or "Zzyzx" in factor.term]
    assert ("province", "") in {(factor.field, factor.term) for factor in factors}


def test_a_known_name_of_another_country_is_no_question_about_itself(scorer: Scorer) -> None:
    (warning,) = scorer.score(
        Wine(country="Italy", province="Bordeaux", millesime=2012, description=NOTE)
    ).warnings
    assert (warning.code, warning.suggestion) == ("unknown_province", None)


def test_factors_name_what_the_client_wrote(scorer: Scorer) -> None:
    wine = Wine(country="France", province="Bordeaux", millesime=2012, description=NOTE, points=96)
    told = {(factor.field, factor.term) for factor in scorer.explain(wine).factors}
    assert {("country", "France"), ("points", "96 points"), ("millesime", "2012")} <= told
    assert any(field == "description" and term in NOTE.lower() for field, term in told)


@pytest.mark.parametrize("field", ["region", "variety", "winery"])
def test_a_name_that_stands_in_another_field_is_named_as_it_was_given(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    read = Scorer.read

    def implied(self: Scorer, wine: Wine) -> Reading:
        return read(self, wine)._replace(**{field: "medoc"})

    monkeypatch.setattr(Scorer, "read", implied)
    wine = Wine(country="France", province=" Médoc", millesime=2012, description=NOTE)
    told = {factor.field: factor.term for factor in scorer.explain(wine).factors}
    assert told[field] == "Médoc"
    assert "None" not in told.values()


def test_a_high_score_is_a_factor_above_one(scorer: Scorer) -> None:
    high, low = (
        Wine(country="France", province="Bordeaux", millesime=2012, description=NOTE, points=points)
        for points in (97, 81)
    )
    factors = [
        next(f.factor for f in scorer.explain(wine).factors if f.field == "points") for wine in (high, low)
    ]
    assert factors[0] > 1 > factors[1]


def test_known_names_are_offered_most_frequent_first(
    scorer: Scorer, wines: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    assert scorer.categories["country"][0] == wines[0]["country"].value_counts().index[0]
    assert set(scorer.categories) == {"country", "province", "variety", "winery", "region"}


@pytest.mark.parametrize("note", ["", "\U0001f377", "Ένα κόκκινο κρασί με αρώματα κερασιού"])
def test_without_a_note_nothing_is_explained_by_it(scorer: Scorer, note: str) -> None:
    wine = Wine(country="France", province="Bordeaux", millesime=2012, description=note)
    assert "description" not in {factor.field for factor in scorer.explain(wine).factors}


def test_the_factors_of_a_note_are_together_what_the_note_tells(scorer: Scorer) -> None:
    place = {field: getattr(scorer.typical, field) for field in ("country", "province")}
    said = Wine(**place, millesime=scorer.typical.year or "", description="Concentrated, firm tannins.")
    factors = scorer.explain(said).factors
    told = math.prod(factor.factor for factor in factors if factor.field == "description")
    bare = Wine(**place, millesime=scorer.typical.year or "", description="")
    assert told == pytest.approx(scorer.score(said).price / scorer.score(bare).price, rel=1e-9)
