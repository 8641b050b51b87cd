"""`make bench-model` takes parts out by patching them: one that moved would be measured as worth nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.ablation import PARTS, errors_of
from pricing import clean
from pricing.synthetic import reviews


@pytest.fixture(scope="module")
def split() -> tuple[pd.DataFrame, pd.DataFrame]:
    sample = reviews.sample(train_rows=400, test_rows=60)
    return clean(sample.train)[0], clean(sample.test)[0]


def test_a_model_without_a_part_prices_otherwise(split: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    train, test = split
    errors = {part: errors_of(part, train, {"test": test}, 2)["test"] for part in PARTS}
    assert all(np.isfinite(each).all() for each in errors.values())
    for part in PARTS[:-1]:
        assert not np.allclose(errors[part], errors["wine"], atol=0.01), part
