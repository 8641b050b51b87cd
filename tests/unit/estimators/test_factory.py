from __future__ import annotations

import pandas as pd
import pytest

from pricing.errors import InvalidParameter
from pricing.estimator import WinePriceRegressor
from pricing.estimators.conformal import ConformalRegressor
from pricing.estimators.factory import make_estimator
from pricing.evaluation.contract import EstimatorRefused, check_contract

MODELS = "tests.unit.estimators.team_models"


def test_estimators_by_name() -> None:
    assert isinstance(make_estimator("wine", seed=3, params={"rounds": 7}), WinePriceRegressor)
    assert isinstance(make_estimator("baseline", seed=3), ConformalRegressor)
    for path in (f"{MODELS}:boosted", f"{MODELS}.boosted"):
        made = make_estimator(path, seed=3)
        assert isinstance(made, ConformalRegressor)
        assert made.regressor[-1].random_state == 3


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("merlot", "no estimator 'merlot'"), ("", "no estimator"),
        ("no.such.module:made", "cannot be imported"),
        (f"{MODELS}:nothing", "cannot be imported"), (f"{MODELS}:A_NUMBER", "a int, not a function"),
        (f"{MODELS}:not_a_regressor", "no scikit-learn regressor"),
    ],
)  # fmt: skip
def test_what_is_no_estimator_is_refused_with_what_to_do(name: str, said: str) -> None:
    with pytest.raises(InvalidParameter, match=said):
        make_estimator(name, seed=0)


def test_hyper_parameters_belong_to_wine() -> None:
    with pytest.raises(InvalidParameter, match="wine"):
        make_estimator("baseline", seed=0, params={"rounds": 7})


@pytest.mark.parametrize("name", ["baseline", f"{MODELS}:boosted"])
def test_ours_and_a_teams_estimator_keep_the_contract(
    wines: tuple[pd.DataFrame, pd.DataFrame], name: str
) -> None:
    check_contract(name, make_estimator(name, seed=0), wines[0])


@pytest.mark.parametrize(
    ("name", "said"), [("with_own_code", "none of scikit-learn's classes"), ("in_dollars", "lie below 15")]
)
def test_a_broken_contract_is_found_before_the_training(
    wines: tuple[pd.DataFrame, pd.DataFrame], name: str, said: str
) -> None:
    with pytest.raises(EstimatorRefused, match=said):
        check_contract(name, make_estimator(f"{MODELS}:{name}", seed=0), wines[0])
