"""The drift monitor of the original system, as it computes. By hand: `python -m` with a file.

It knows nothing of this project: pandas, MLflow and the names that were there before. It loads the version in
production, cleans the file with code of its own, and compares the RMSE of the log price with the reference
in the run that trained the version. DRIFT_THRESHOLD (0.10) is the relative difference that is drift.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from typing import Any

import mlflow
import numpy as np
import pandas as pd

NAME = "WinePriceRegressorPipeline"
COLUMNS = ["country", "description", "province", "millesime"]
RARE = 10


@dataclass(frozen=True)
class Outcome:
    """`reference` and `rmse` of log price; `drift` when they differ by more than the threshold."""

    reference: float
    rmse: float
    drift: bool


def cleaned(path: str) -> pd.DataFrame:
    """Rows with price, country and vintage; the vintage is the largest plausible year of the title."""
    wines = pd.read_csv(path)
    years = wines["title"].fillna("").map(lambda title: [int(year) for year in re.findall(r"\d{4}", title)])
    wines["millesime"] = years.map(lambda found: max((y for y in found if 1900 < y < 2025), default=None))
    wines = wines.dropna(subset=["price", "country", "millesime"])
    wines = wines[~((wines["millesime"] < 1950) & (wines["price"] < 100))]
    wines["millesime"] = wines["millesime"].astype(int).astype(str)
    rare = wines["country"].map(wines["country"].value_counts()) < RARE
    wines["country"] = wines["country"].where(~rare, "Other")
    wines[COLUMNS] = wines[COLUMNS].fillna("").astype("object")
    return wines


def monitor(path: str, threshold: float | None = None) -> Outcome:
    limit = float(os.environ.get("DRIFT_THRESHOLD", "0.10")) if threshold is None else threshold
    client = mlflow.MlflowClient()
    version = client.get_model_version_by_alias(NAME, "production")
    reference = client.get_run(version.run_id).data.metrics["test_rmse_log_scale"]
    model: Any = mlflow.sklearn.load_model(f"models:/{NAME}@production")
    wines = cleaned(path)
    error = model.predict(wines[COLUMNS]) - np.log(wines["price"])
    rmse = float(np.sqrt((error**2).mean()))
    return Outcome(reference, rmse, abs(rmse - reference) / reference > limit)


if __name__ == "__main__":
    sys.stdout.write(f"{monitor(sys.argv[1])}\n")
