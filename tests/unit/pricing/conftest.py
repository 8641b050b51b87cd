"""One model, fitted once on generated reviews, for all tests of pricing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pricing.data.cleaning import clean
from pricing.estimator import WinePriceRegressor
from pricing.scoring.scorer import Scorer
from pricing.synthetic import reviews


@pytest.fixture(scope="session")
def wines() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cleaned training and test wines."""
    made = reviews.sample(train_rows=1200, test_rows=600)
    return clean(made.train)[0], clean(made.test)[0]


@pytest.fixture(scope="session")
def estimator(wines: tuple[pd.DataFrame, pd.DataFrame]) -> WinePriceRegressor:
    train, _ = wines
    return WinePriceRegressor(rounds=80).fit(train, np.log(train["price"]))


@pytest.fixture(scope="session")
def scorer(estimator: WinePriceRegressor) -> Scorer:
    return estimator.scorer()
