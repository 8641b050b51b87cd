"""A small model on disk and catalogues to price with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import numpy as np
import pandas as pd
import pytest

from pricing.data.cleaning import clean
from pricing.estimator import WinePriceRegressor
from pricing.storage import skops_file
from pricing.synthetic.reviews import reviews
from tests.integration.s3 import aws_server, lead_to


@pytest.fixture(scope="session")
def wines() -> pd.DataFrame:
    return reviews(1_500, seed=11)


@pytest.fixture(scope="session")
def saved_model(wines: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    cleaned = clean(wines)[0].head(400)
    model = WinePriceRegressor().fit(cleaned, np.log(cleaned["price"].to_numpy()))
    path = tmp_path_factory.mktemp("model") / skops_file.FILE_NAME
    skops_file.save(model, path)
    return path


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """`s3://…` of an empty bucket on a local S3 server."""
    with aws_server() as environment:
        lead_to(environment, monkeypatch)
        boto3.client("s3").create_bucket(Bucket="catalogues")
        yield "s3://catalogues"
