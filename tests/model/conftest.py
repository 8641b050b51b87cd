"""The candidate under test: that in CANDIDATE_FOLDER, else a small one fitted here on synthetic reviews."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pricing.data.cleaning import clean
from pricing.estimator import WinePriceRegressor
from pricing.storage import skops_file
from pricing.synthetic import reviews
from pricing.wine.schema import FIELDS, PRICE
from tests.model.candidate import Candidate


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    given = os.environ.get("CANDIDATE_FOLDER")
    return Path(given) if given else _fitted_here(tmp_path_factory.mktemp("candidate"))


@pytest.fixture(scope="session")
def candidate(folder: Path) -> Candidate:
    file = folder / skops_file.FILE_NAME
    started = time.perf_counter()
    estimator = skops_file.load(file)
    seconds = time.perf_counter() - started
    data = json.loads((folder / "card.json").read_text())["data"]
    return Candidate(
        file=file,
        estimator=estimator,
        scorer=estimator.scorer(),
        holdout=pd.read_parquet(folder / "holdout.parquet"),
        price_range=(data["min_price"], data["max_price"]),
        level=data.get("price_level", 0.0),
        load_seconds=seconds,
    )


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Notes what a test measured, for the report of the promotion."""
    return lambda text: record_property("figures", text)


def _fitted_here(folder: Path) -> Path:
    made = reviews.sample(train_rows=2500, test_rows=400)
    train, test = clean(made.train)[0], clean(made.test)[0]
    estimator = WinePriceRegressor().fit(train, np.log(train[PRICE]))
    skops_file.save(estimator, folder / skops_file.FILE_NAME)
    test[[*FIELDS, PRICE]].to_parquet(folder / "holdout.parquet")
    prices = train[PRICE]
    card: dict[str, Any] = {"data": {"min_price": float(prices.min()), "max_price": float(prices.max())}}
    (folder / "card.json").write_text(json.dumps(card))
    return folder
