from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from pricing.data.records import records_of
from pricing.errors import DataError
from pricing.estimator import WinePriceRegressor
from pricing.scoring.scorer import Scorer
from pricing.wine.schema import OPTIONAL_FIELDS, REQUIRED_FIELDS

Wines = tuple[pd.DataFrame, pd.DataFrame]


def hidden_at_random(wines: pd.DataFrame, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    hidden = wines.copy()
    for name in OPTIONAL_FIELDS:
        hidden[name] = hidden[name].where(rng.random(len(wines)) < rng.random(), None)
    return hidden


def test_record_and_frame_agree_whatever_is_missing(
    wines: Wines, estimator: WinePriceRegressor, scorer: Scorer
) -> None:
    asked = pd.concat([hidden_at_random(part, seed) for seed, part in enumerate((*wines, *wines))])
    told = estimator.estimate(asked)
    single = [scorer.score(wine) for wine in records_of(asked)]
    assert len(asked) > 3000
    for column in ("log_price", "expected_error"):
        figures = np.array([getattr(each, column) for each in single])
        assert np.abs(figures - told[column].to_numpy()).max() < 1e-9
    for column in ("low", "high"):
        figures = np.log([getattr(each, column) for each in single])
        assert np.abs(figures - told[column].to_numpy()).max() < 1e-9


def test_a_batch_does_not_depend_on_its_company(wines: Wines, scorer: Scorer) -> None:
    asked = records_of(hidden_at_random(wines[1], 5))
    together = [each.log_price for each in scorer.score_batch(asked)]
    apart = [each.log_price for part in (asked[:7], asked[7:]) for each in scorer.score_batch(part)]
    assert together == apart


def test_the_four_required_columns_are_enough(wines: Wines, estimator: WinePriceRegressor) -> None:
    assert np.isfinite(estimator.predict(wines[1][list(REQUIRED_FIELDS)])).all()


def test_case_accents_and_space_change_nothing(wines: Wines, estimator: WinePriceRegressor) -> None:
    plain = wines[1].head(200)
    names = ["country", "province", "description", "variety", "winery", "region", "designation"]
    dressed = plain.assign(**{name: "  " + plain[name].str.upper() + " " for name in names})
    assert (estimator.predict(dressed) == estimator.predict(plain)).all()


def test_every_way_of_not_telling_is_alike(wines: Wines, estimator: WinePriceRegressor) -> None:
    bare = wines[1].head(50)[list(REQUIRED_FIELDS)]
    expected = estimator.predict(bare)
    for absent in (None, "", np.nan, pd.NA):
        told = bare.assign(**dict.fromkeys(OPTIONAL_FIELDS[:4], absent), points=np.nan)
        assert (estimator.predict(told) == expected).all()


def test_each_field_told_makes_the_price_better(wines: Wines, estimator: WinePriceRegressor) -> None:
    actual = np.log(wines[1]["price"].to_numpy())
    fields = (
        REQUIRED_FIELDS,
        [*REQUIRED_FIELDS, "variety", "region", "winery"],
        [*REQUIRED_FIELDS, *OPTIONAL_FIELDS],
    )
    errors = [np.sqrt(np.mean((estimator.predict(wines[1][list(names)]) - actual) ** 2)) for names in fields]
    assert errors[0] > errors[1] > errors[2]
    assert errors[0] < 0.8 * actual.std()


def test_the_interval_holds_its_share_and_narrows(wines: Wines, estimator: WinePriceRegressor) -> None:
    actual = np.log(wines[1]["price"].to_numpy())
    bare, full = (estimator.estimate(wines[1][[*REQUIRED_FIELDS, *more]]) for more in ((), OPTIONAL_FIELDS))
    for told in (bare, full):
        inside = (told["low"].to_numpy() <= actual) & (actual <= told["high"].to_numpy())
        assert 0.72 < inside.mean() < 0.88
    assert (full["high"] - full["low"]).mean() < (bare["high"] - bare["low"]).mean()


def test_more_coverage_is_a_wider_interval(wines: Wines, estimator: WinePriceRegressor) -> None:
    narrow, wide = (estimator.estimate(wines[1].head(50), coverage=share) for share in (0.5, 0.95))
    assert ((wide["high"] - wide["low"]) > (narrow["high"] - narrow["low"])).all()
    assert (narrow["low"] <= narrow["log_price"]).all()


def test_training_twice_gives_the_same_model(wines: Wines) -> None:
    train, test = wines[0].head(400), wines[1].head(100)
    settings = {"rounds": 30, "random_state": 4}
    one = WinePriceRegressor(**settings, n_jobs=1).fit(train, np.log(train["price"]))
    two = clone(WinePriceRegressor(**settings, n_jobs=2)).fit(train, np.log(train["price"]))
    assert (one.predict(test) == two.predict(test)).all()


def test_a_poor_frame_still_gives_a_model() -> None:
    poor = pd.DataFrame(
        {
            "country": ["France"] * 60,
            "description": [""] * 60,
            "province": ["Bordeaux"] * 60,
            "millesime": ["2012"] * 60,
        }
    )
    prices = np.random.default_rng(0).normal(3.0, 0.5, 60)
    told = WinePriceRegressor(rounds=10).fit(poor, prices).estimate(poor.head(1))
    assert abs(told["log_price"].iloc[0] - prices.mean()) < 0.2
    assert told["low"].iloc[0] < told["high"].iloc[0]


@pytest.mark.parametrize("rows", [0, 5])
def test_too_few_wines_are_refused(wines: Wines, rows: int) -> None:
    part = wines[0].head(rows)
    with pytest.raises(DataError, match="at least 20"):
        WinePriceRegressor().fit(part, np.log(part["price"]))


def test_missing_required_columns_are_named(wines: Wines, estimator: WinePriceRegressor) -> None:
    with pytest.raises(DataError, match="province"):
        estimator.predict(wines[1].drop(columns="province"))
