"""One baseline, fitted once on generated reviews."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pricing.data.cleaning import clean
from pricing.estimators.baseline import baseline
from pricing.estimators.conformal import ConformalRegressor
from pricing.synthetic import reviews


@pytest.fixture(scope="session")
def wines() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cleaned training and test wines."""
    made = reviews.sample(train_rows=1200, test_rows=600)
    return clean(made.train)[0], clean(made.test)[0]


@pytest.fixture(scope="session")
def fitted(wines: tuple[pd.DataFrame, pd.DataFrame]) -> ConformalRegressor:
    return baseline().fit(wines[0], np.log(wines[0]["price"]))
