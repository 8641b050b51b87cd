"""The search for better hyper-parameters."""

from __future__ import annotations

from typing import Any

import pandas as pd
from mlflow.entities import Run

from flows.datasets import Dataset
from flows.settings import FlowSettings
from flows.training.request import TrainRequest


def tuned(
    settings: FlowSettings,
    run: Run,
    dataset: Dataset,
    wines: pd.DataFrame,
    request: TrainRequest,
) -> dict[str, Any]:
    raise NotImplementedError
