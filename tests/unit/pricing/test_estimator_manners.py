"""The estimator as scikit-learn's users know estimators: parameters, attributes, threads, bad input."""

from __future__ import annotations

import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_regressor
from sklearn.exceptions import NotFittedError
from sklearn.utils import estimator_checks, get_tags
from sklearn.utils.estimator_checks import check_estimator

from pricing.errors import DataError, InvalidParameter
from pricing.estimator import WinePriceRegressor
from pricing.scoring import scorer_cache
from pricing.wine.schema import FIELDS

Wines = tuple[pd.DataFrame, pd.DataFrame]

QUICK = {"rounds": 5, "n_jobs": 1}

CHECKS = (
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_get_params_invariance",
    "check_set_params",
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
    "check_mixin_order",
)
"""The checks of scikit-learn that need no data; docs/estimators.md says why the others do not apply."""


@pytest.fixture(scope="module")
def few(wines: Wines) -> tuple[pd.DataFrame, np.ndarray]:
    part = wines[0].head(120)
    return part, np.log(part["price"].to_numpy())


@pytest.mark.parametrize("name", CHECKS)
def test_the_checks_of_scikit_learn_that_need_no_data(name: str) -> None:
    getattr(estimator_checks, name)("WinePriceRegressor", WinePriceRegressor())


def test_scikit_learn_sees_that_it_takes_frames_not_arrays() -> None:
    tags = get_tags(WinePriceRegressor())
    assert (tags.input_tags.two_d_array, tags.input_tags.string, tags.input_tags.allow_nan) == (
        False,
        True,
        True,
    )
    assert is_regressor(WinePriceRegressor())
    with pytest.warns(Warning, match="requires input"):
        check_estimator(WinePriceRegressor())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("coverage", 80), ("coverage", 0), ("coverage", 1.0), ("coverage", float("nan")), ("coverage", "0.8"),
        ("rounds", 0), ("rounds", 2.5), ("rounds", True), ("alpha", 0), ("alpha", -1.0), ("alpha", None),
        ("min_count", 0), ("learning_rate", 0.0), ("learning_rate", 1.5), ("n_jobs", 0), ("n_jobs", "all"),
        ("random_state", "seed"), ("random_state", -1),
    ],
)  # fmt: skip
def test_parameters_out_of_range_are_refused_by_name(
    few: tuple[pd.DataFrame, np.ndarray], name: str, value: object
) -> None:
    with pytest.raises(InvalidParameter, match=f"^{name} is"):
        WinePriceRegressor(**{**QUICK, name: value}).fit(*few)


@pytest.mark.parametrize(
    "settings",
    [{"random_state": None}, {"random_state": np.random.RandomState(3)}, {"n_jobs": -1}, {"n_jobs": None},
     {"random_state": np.int64(4)}],
)  # fmt: skip
def test_what_scikit_learn_allows_is_allowed(
    few: tuple[pd.DataFrame, np.ndarray], settings: dict[str, object]
) -> None:
    model = WinePriceRegressor(**{**QUICK, **settings}).fit(*few)
    assert np.isfinite(model.predict(few[0].head(3))).all()


def test_equal_random_states_give_equal_models(few: tuple[pd.DataFrame, np.ndarray]) -> None:
    models = [
        WinePriceRegressor(**QUICK, random_state=np.random.RandomState(7)).fit(*few).predict(few[0])
        for _ in range(2)
    ]
    assert (models[0] == models[1]).all()


def test_a_fit_names_its_columns(wines: Wines, estimator: WinePriceRegressor) -> None:
    assert list(estimator.feature_names_in_) == list(FIELDS)
    assert estimator.n_features_in_ == len(FIELDS)
    with pytest.raises(NotFittedError):
        WinePriceRegressor().predict(wines[1])


@pytest.mark.parametrize("kind", ["prices", "shop prices", "dear wines", "a text", "infinite", "too short"])
def test_a_target_that_is_no_log_price_is_refused(few: tuple[pd.DataFrame, np.ndarray], kind: str) -> None:
    wines, log_price = few
    targets = {
        "prices": np.exp(log_price).round(),
        "shop prices": np.exp(log_price) - 0.01,
        "dear wines": 9 + log_price,
        "a text": ["dear"] * len(wines),
        "infinite": np.where(np.arange(len(wines)) == 3, np.inf, log_price),
        "too short": log_price[:-1],
    }
    with pytest.raises(DataError, match=r"np\.log\(price|one finite log price"):
        WinePriceRegressor(**QUICK).fit(wines, targets[kind])


def test_a_column_vector_is_a_target(few: tuple[pd.DataFrame, np.ndarray]) -> None:
    flat = WinePriceRegressor(**QUICK).fit(*few).predict(few[0])
    column = WinePriceRegressor(**QUICK).fit(few[0], few[1].reshape(-1, 1)).predict(few[0])
    assert (flat == column).all()


@pytest.mark.parametrize("column", ["country", "province", "variety", "winery", "region", "designation"])
@pytest.mark.parametrize("content", ["", None, 7])
def test_a_column_without_names_or_with_numbers_still_fits(
    few: tuple[pd.DataFrame, np.ndarray], column: str, content: object
) -> None:
    wines = few[0].assign(**{column: content})
    model = WinePriceRegressor(**QUICK).fit(wines, few[1])
    assert np.isfinite(model.estimate(wines.head(6)).to_numpy()).all()


def test_rows_that_repeat_are_named_as_the_reason(few: tuple[pd.DataFrame, np.ndarray]) -> None:
    rows = few[0].iloc[[0] * 20]
    with pytest.raises(DataError, match="only 1 differ"):
        WinePriceRegressor(**QUICK).fit(rows, np.full(20, 3.0))


def test_one_price_for_all_is_the_prediction(few: tuple[pd.DataFrame, np.ndarray]) -> None:
    model = WinePriceRegressor(**QUICK).fit(few[0], np.full(len(few[0]), 3.0))
    assert np.allclose(model.predict(few[0]), 3.0, atol=0.05)


@pytest.mark.parametrize("wines", [np.zeros((30, 4)), [[1, 2]], "wine"])
def test_anything_but_a_frame_is_refused(wines: object) -> None:
    with pytest.raises(DataError, match="pandas DataFrame"):
        WinePriceRegressor().fit(wines, np.full(30, 3.0))  # type: ignore[arg-type]


def test_predicting_leaves_the_estimator_as_it_was(wines: Wines, estimator: WinePriceRegressor) -> None:
    before = dict(vars(estimator))
    estimator.predict(wines[1].head(3))
    assert vars(estimator).keys() == before.keys()
    assert all(vars(estimator)[name] is value for name, value in before.items())


def test_a_pickle_and_a_clone_predict_alike(wines: Wines, estimator: WinePriceRegressor) -> None:
    expected = estimator.predict(wines[1])
    assert (pickle.loads(pickle.dumps(estimator)).predict(wines[1]) == expected).all()  # noqa: S301
    with pytest.raises(NotFittedError):
        clone(estimator).predict(wines[1])


def test_a_refit_is_seen_at_once(few: tuple[pd.DataFrame, np.ndarray]) -> None:
    model = WinePriceRegressor(**QUICK).fit(*few)
    before = model.predict(few[0])
    model.fit(few[0], few[1] + 1.0)
    assert (model.predict(few[0]) - before).mean() == pytest.approx(1.0, abs=0.1)


def test_many_threads_get_their_own_wines_prices(wines: Wines, estimator: WinePriceRegressor) -> None:
    expected = estimator.estimate(wines[1])
    parts = [wines[1].iloc[start : start + 1 + start % 7] for start in range(300)]
    with ThreadPoolExecutor(8) as pool:
        estimates = list(pool.map(estimator.estimate, parts * 2))
    for part, estimate in zip(parts * 2, estimates, strict=True):
        pd.testing.assert_frame_equal(estimate, expected.loc[part.index], rtol=0, atol=1e-9)


def test_a_fitted_estimator_makes_one_scorer(wines: Wines, estimator: WinePriceRegressor) -> None:
    copy = clone(estimator)
    copy.state_, copy.schema_version_ = estimator.state_, estimator.schema_version_
    with mock.patch.object(scorer_cache, "Scorer", wraps=scorer_cache.Scorer) as made:
        for coverage in (None, 0.5, 0.9):
            copy.predict(wines[1].head(1))
            copy.estimate(wines[1].head(9), coverage=coverage)
    assert made.call_count == 1


def test_coverage_shares_one_scorer(wines: Wines, estimator: WinePriceRegressor) -> None:
    wide, narrow = estimator.scorer(0.95), estimator.scorer(0.5)
    assert (wide.coverage, narrow.coverage, estimator.scorer().coverage) == (0.95, 0.5, 0.8)
    assert wide._features is narrow._features


@pytest.mark.parametrize("coverage", [0, 1, 80, "0.8", float("nan")])
def test_a_coverage_asked_for_is_checked(
    wines: Wines, estimator: WinePriceRegressor, coverage: object
) -> None:
    with pytest.raises(InvalidParameter, match="coverage"):
        estimator.estimate(wines[1].head(2), coverage=coverage)  # type: ignore[arg-type]


def test_the_public_names_come_on_first_use() -> None:
    program = (
        "import sys, pricing; from pricing import Wine, Estimate\n"
        "assert not {'pandas', 'sklearn', 'skops'} & set(sys.modules), 'imported too early'\n"
        "from pricing import WinePriceRegressor, clean, load, save\n"
        "assert set(pricing.__all__) <= set(dir(pricing))\n"
        "try: pricing.nothing\n"
        "except AttributeError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "no attribute 'nothing'" in done.stdout
