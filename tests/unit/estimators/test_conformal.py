from __future__ import annotations

import math
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from pricing.data.records import records_of
from pricing.errors import DataError, InvalidParameter
from pricing.estimators import baseline as baseline_module
from pricing.estimators.baseline import baseline
from pricing.estimators.conformal import ConformalRegressor
from pricing.evaluation.behaviour import SPELLINGS, invariance
from pricing.evaluation.slices import FIELD_SETS, with_fields
from pricing.evaluation.views import cut_notes
from pricing.wine.request import Wine
from pricing.wine.schema import CATEGORY_FIELDS
from tests.unit.estimators.team_models import boosted

Wines = tuple[pd.DataFrame, pd.DataFrame]


def test_the_baseline_fits_on_one_page() -> None:
    assert len(Path(baseline_module.__file__).read_text("utf-8").splitlines()) <= 100


@pytest.mark.parametrize("fields", FIELD_SETS)
@pytest.mark.parametrize("words", [1000, 12, 0])
def test_intervals_hold_their_share_however_little_is_told(
    wines: Wines, fitted: ConformalRegressor, fields: str, words: int
) -> None:
    test = wines[1].assign(description=cut_notes(wines[1]["description"], words))
    actual = np.log(test["price"].to_numpy())
    estimates = fitted.estimate(with_fields(test, FIELD_SETS[fields]))
    held = ((estimates["low"] <= actual) & (actual <= estimates["high"])).mean()
    assert 0.68 < held < 0.92
    assert np.sqrt(((estimates["log_price"] - actual) ** 2).mean()) < actual.std()


def test_more_said_is_a_narrower_interval(wines: Wines, fitted: ConformalRegressor) -> None:
    widths = [
        (estimates["high"] - estimates["low"]).mean()
        for estimates in (fitted.estimate(with_fields(wines[1], fields)) for fields in FIELD_SETS.values())
    ]
    assert widths[0] > widths[-1]


def test_records_and_frames_agree(wines: Wines, fitted: ConformalRegressor) -> None:
    estimates = fitted.estimate(wines[1])
    records = fitted.scorer().score_batch(records_of(wines[1]))
    for name in ("log_price", "expected_error"):
        assert np.abs(estimates[name].to_numpy() - [getattr(r, name) for r in records]).max() < 1e-9
    for name in ("low", "high"):
        assert np.abs(estimates[name].to_numpy() - np.log([getattr(r, name) for r in records])).max() < 1e-9


@pytest.mark.parametrize("name", SPELLINGS)
def test_spelling_changes_nothing(wines: Wines, fitted: ConformalRegressor, name: str) -> None:
    check = invariance(fitted.scorer(), records_of(wines[1].head(20)), name, SPELLINGS[name])
    assert check.outcome == "passed", check.message


def test_it_explains_and_warns_as_wine_does(wines: Wines, fitted: ConformalRegressor) -> None:
    scorer = fitted.scorer()
    wine = records_of(wines[1].head(1))[0]
    explanation = scorer.explain(wine)
    product = explanation.base_price * math.prod(factor.factor for factor in explanation.factors)
    assert product == pytest.approx(scorer.score(wine).price, rel=1e-6)
    assert set(scorer.categories) == set(CATEGORY_FIELDS)
    odd = Wine(country="Atlantis", description="", province="Nowhere", millesime="NV")
    codes = {warning.code for warning in scorer.score(odd).warnings}
    assert {"unknown_country", "unknown_province", "no_vintage", "no_note"} <= codes


@pytest.mark.parametrize(
    ("note", "code"),
    [
        ("cherry " * 40, "repeated_words"),
        ("<b>ripe</b> cherry and plum", "markup_in_note"),
        ("my parents bought this bottle on holiday", "few_known_words"),
    ],
)
def test_a_note_that_is_doubted_is_warned_about_and_narrows_nothing(
    fitted: ConformalRegressor, note: str, code: str
) -> None:
    asked = Wine(country="US", description=note, province="California", millesime="2012")
    scorer = fitted.scorer()
    doubted, bare = scorer.score_batch([asked, msgspec.structs.replace(asked, description="")])
    assert code in {warning.code for warning in doubted.warnings}
    assert math.log(doubted.high / doubted.price) >= math.log(bare.high / bare.price) - 1e-9
    assert math.log(doubted.low / doubted.price) <= math.log(bare.low / bare.price) + 1e-9


def test_a_wine_and_its_masked_copy_are_never_in_different_folds(wines: Wines) -> None:
    """A regressor that learns by heart would else be given its own answer, and trust itself."""
    from sklearn.compose import ColumnTransformer  # noqa: PLC0415
    from sklearn.neighbors import KNeighborsRegressor  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415

    numbers = ColumnTransformer([("numbers", "passthrough", ["millesime"])])
    wines_ = wines[0].head(300).assign(millesime=[str(1950 + i % 80) for i in range(300)])
    target = np.random.default_rng(0).normal(3, 0.5, 300)
    model = ConformalRegressor(make_pipeline(numbers, KNeighborsRegressor(1))).fit(wines_, target)
    estimates = model.estimate(wines_)
    assert (estimates["high"] - estimates["low"]).mean() > 1.2, "noise cannot be known"


@pytest.mark.parametrize("settings", [{"coverage": 80}, {"folds": 1}, {"random_state": "x"}])
def test_parameters_are_checked(wines: Wines, settings: dict[str, object]) -> None:
    with pytest.raises(InvalidParameter, match=next(iter(settings))):
        clone(baseline()).set_params(**settings).fit(wines[0], np.log(wines[0]["price"]))


def test_prices_in_place_of_logarithms_are_refused(wines: Wines) -> None:
    with pytest.raises(DataError, match=r"np\.log"):
        baseline().fit(wines[0], wines[0]["price"])


def test_equal_seeds_give_equal_models(wines: Wines) -> None:
    train = wines[0].head(300)
    fits = [
        ConformalRegressor(boosted(random_state=1), random_state=5).fit(train, np.log(train["price"]))
        for _ in range(2)
    ]
    assert (fits[0].predict(wines[1]) == fits[1].predict(wines[1])).all()


def test_no_wines_are_no_prices(wines: Wines, fitted: ConformalRegressor) -> None:
    assert fitted.predict(wines[1].head(0)).shape == (0,)
    assert fitted.estimate(wines[1].head(0)).shape == (0, 4)
