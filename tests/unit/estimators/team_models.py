"""Factories as a team might write them."""

from __future__ import annotations

from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, TargetEncoder

NAMES = ["country", "province", "variety", "winery", "region"]


def boosted(*, random_state: int) -> Pipeline:
    folds = KFold(3, shuffle=True, random_state=random_state)
    columns = ColumnTransformer(
        [
            ("names", TargetEncoder(target_type="continuous", cv=folds), NAMES),
            ("numbers", "passthrough", ["millesime", "points"]),
        ]
    )
    return make_pipeline(columns, HistGradientBoostingRegressor(max_iter=40, random_state=random_state))


def _own_code(frame: Any) -> Any:
    return frame[NAMES]


def with_own_code(*, random_state: int) -> Pipeline:
    return make_pipeline(
        FunctionTransformer(_own_code),
        OneHotEncoder(handle_unknown="ignore"),
        Ridge(random_state=random_state),
    )


def in_dollars(*, random_state: int) -> DummyRegressor:
    return DummyRegressor(strategy="constant", constant=25_000.0)


def not_a_regressor(*, random_state: int) -> object:
    return object()


A_NUMBER = 7
