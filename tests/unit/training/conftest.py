"""Training rows made from generated reviews."""

from __future__ import annotations

import numpy as np
import pytest

from pricing.data.cleaning import clean
from pricing.data.records import records_of
from pricing.estimators.known_names import display_names
from pricing.synthetic import reviews
from pricing.training.design_matrix import Rows, rows_of
from pricing.wine.schema import CATEGORY_FIELDS
from pricing.wine.tokens import Reading, read

COUNT = 240


@pytest.fixture(scope="session")
def every_reading() -> list[Reading]:
    return [read(wine) for wine in records_of(_wines())]


@pytest.fixture(scope="session")
def readings(every_reading: list[Reading]) -> list[Reading]:
    return every_reading


@pytest.fixture(scope="session")
def target() -> np.ndarray:
    return np.log(_wines()["price"].to_numpy())


@pytest.fixture(scope="session")
def names() -> dict[str, tuple[str, ...]]:
    return {field: display_names(_wines(), field) for field in CATEGORY_FIELDS}


@pytest.fixture
def rows(readings: list[Reading], target: np.ndarray, names: dict[str, tuple[str, ...]]) -> Rows:
    return rows_of(readings, target.copy(), names, np.random.default_rng(0), min_count=3)


def _wines():
    return clean(reviews.sample(train_rows=COUNT, test_rows=1).train)[0].reset_index(drop=True)
