"""A note may be whole, a few words or none; what is no tasting note never narrows an interval."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from pricing.data.records import records_of
from pricing.estimator import WinePriceRegressor
from pricing.scoring.scorer import Scorer
from pricing.wine.estimate import Estimate
from pricing.wine.request import Wine
from pricing.wine.schema import REQUIRED_FIELDS

Wines = tuple[pd.DataFrame, pd.DataFrame]

PLACE = {"country": "France", "province": "Bordeaux", "millesime": "2012"}
NOTE = "Ripe black cherry and plum with firm tannins, a note of vanilla and a long finish of spice."
ODD = {
    "long_note": " ".join(f"plum {number} cherry" for number in range(2_500))[:10_000],
    "repeated_words": "concentrated " * 700,
    "markup_in_note": f"<div class='note'><p>{NOTE}</p></div>",
    "few_known_words": "ripe plum and xqzt wwvk zzkk",
}
SAID_NOTHING = ["", "   ", "🍷🍇✨", "https://shop.example/wines/4711?utm=x", "Κρασί με άρωμα κερασιού"]


def priced(scorer: Scorer, note: str) -> Estimate:
    return scorer.score(Wine(description=note, **PLACE))


def first_words(wines: pd.DataFrame, count: int) -> pd.DataFrame:
    asked = wines[list(REQUIRED_FIELDS)]
    return asked.assign(description=asked["description"].map(lambda note: " ".join(note.split()[:count])))


def test_the_more_is_said_the_smaller_the_error(wines: Wines, estimator: WinePriceRegressor) -> None:
    actual = np.log(wines[1]["price"].to_numpy())
    errors = [
        np.sqrt(np.mean((estimator.predict(first_words(wines[1], count)) - actual) ** 2))
        for count in (100, 12, 0)
    ]
    assert errors == sorted(errors)


@pytest.mark.parametrize("count", [0, 3, 6, 12])
def test_a_short_note_is_priced_without_bias_and_covered(
    wines: Wines, estimator: WinePriceRegressor, count: int
) -> None:
    actual = np.log(wines[1]["price"].to_numpy())
    told = estimator.estimate(first_words(wines[1], count))
    assert abs((told["log_price"].to_numpy() - actual).mean()) < 0.06
    assert 0.72 < ((told["low"].to_numpy() <= actual) & (actual <= told["high"].to_numpy())).mean() < 0.88


def test_whole_sentences_and_catchwords_read_alike(scorer: Scorer) -> None:
    said = priced(scorer, "This is a wine with ripe plum and with firm tannins.")
    assert said.log_price == priced(scorer, "ripe plum firm tannins").log_price


@pytest.mark.parametrize("code", ODD)
def test_an_odd_note_is_doubted_and_never_narrows_the_interval(scorer: Scorer, code: str) -> None:
    odd, bare = priced(scorer, ODD[code]), priced(scorer, "")
    assert code in {warning.code for warning in odd.warnings}
    assert odd.high / odd.low >= bare.high / bare.low * (1 - 1e-12)


@pytest.mark.parametrize("note", SAID_NOTHING)
def test_a_note_that_says_nothing_is_priced_as_none(scorer: Scorer, note: str) -> None:
    said, bare = priced(scorer, note), priced(scorer, "")
    assert (said.price, said.low, said.high) == (bare.price, bare.low, bare.high)
    assert {warning.code for warning in said.warnings} & {"no_note", "unknown_language"}


@pytest.mark.parametrize("note", [*ODD.values(), *SAID_NOTHING, NOTE * 100, "cherry " * 1_400])
def test_no_note_carries_a_price_beyond_reach(scorer: Scorer, wines: Wines, note: str) -> None:
    lowest, highest = wines[0]["price"].min(), wines[0]["price"].max()
    price = priced(scorer, note[:10_000]).price
    assert math.isfinite(price)
    assert lowest / 2 <= price <= highest * 2


def test_odd_notes_are_priced_alike_one_by_one_and_together(scorer: Scorer, wines: Wines) -> None:
    asked = [Wine(description=note, **PLACE) for note in (*ODD.values(), *SAID_NOTHING)]
    asked += records_of(first_words(wines[1].head(40), 2))
    for one, batch in zip([scorer.score(wine) for wine in asked], scorer.score_batch(asked), strict=True):
        assert [one.log_price, one.low, one.high] == pytest.approx(
            [batch.log_price, batch.low, batch.high], rel=1e-9
        )
        assert one.warnings == batch.warnings
