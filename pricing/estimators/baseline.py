"""The baseline: a linear model on words and names, what a team would write in an afternoon.

Every model card says what the elaborate estimator adds to it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, SplineTransformer

from pricing.estimators.asked_frame import TEXTS
from pricing.estimators.conformal import ConformalRegressor

ALPHA: Final = 1.5
FEWEST: Final = 3
"""Wines that must hold a word or name for it to count."""

NUMBERS: Final = ("millesime", "points")


def linear_pipeline() -> Pipeline:
    """Ridge on TF-IDF words of the note, names one by one, and splines of vintage and score."""
    numbers = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        SplineTransformer(n_knots=5, degree=2, knots="quantile", extrapolation="linear"),
    )
    columns = ColumnTransformer(
        [
            ("names", OneHotEncoder(handle_unknown="ignore", min_frequency=FEWEST), list(TEXTS)),
            ("note", _words(), "description"),
            ("numbers", numbers, list(NUMBERS)),
        ]
    )
    return make_pipeline(columns, Ridge(alpha=ALPHA, solver="sparse_cg", tol=1e-3))


def baseline(
    *, random_state: int | np.random.RandomState | None = 0, coverage: float = 0.8
) -> ConformalRegressor:
    """The baseline with its intervals, not yet fitted."""
    return ConformalRegressor(linear_pipeline(), coverage=coverage, random_state=random_state)


def _words() -> TfidfVectorizer:
    """Words as the system has read them: folded, parted by spaces."""
    return TfidfVectorizer(token_pattern=r"\S+", lowercase=False, sublinear_tf=True)  # noqa: S106
